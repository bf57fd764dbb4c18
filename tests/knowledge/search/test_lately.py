from knowledge.search.lately import SHARE, Lately


def counted(characters: int) -> tuple[Lately[int | None], list[str]]:
    read: list[str] = []

    def work(text: str) -> int | None:
        read.append(text)
        return len(text) or None

    return Lately(work, characters), read


def test_a_text_is_read_once_whatever_comes_of_it() -> None:
    lately, read = counted(1_000)

    assert [lately(text) for text in ("one", "", "one", "")] == [3, None, 3, None]
    assert read == ["one", ""]


def test_what_was_asked_for_since_stays_and_the_rest_makes_room() -> None:
    lately, read = counted(20 * SHARE)
    texts = [f"{number:020}" for number in range(20)]

    lately("asked")
    for text in texts:
        lately(text)
        lately("asked")
    read.clear()
    for text in ("asked", texts[-1], texts[0]):
        lately(text)

    assert read == [texts[0]]


def test_it_never_holds_more_than_it_may() -> None:
    lately, _ = counted(1_000)

    for number in range(500):
        lately(f"{number:030}")

    assert sum(map(len, {**lately._young, **lately._old})) <= 1_000


def test_one_long_text_drives_out_no_others() -> None:
    lately, read = counted(100)
    short, long = "short", "long" * 50

    for _ in range(2):
        lately(short)
        lately(long)

    assert read == [short, long, long]
