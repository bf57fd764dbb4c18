from collections.abc import Iterator
from itertools import product
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlmodel import Session
from structlog.testing import capture_logs

from knowledge.database import Database
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Reach
from server import indexing
from server.indexing import Keeper, Stopped
from tests.factories import a_viewer, an_entry

EVERYTHING = Reach(everything=True)
FILES = 4
HARMS = ("cut", "emptied", "flipped", "lost")


def publish(database: Database, *titles: str) -> None:
    def write(session: Session) -> None:
        viewer = a_viewer(session)
        for title in titles:
            an_entry(session, viewer, title=title, tags=["steady"])

    database.write(write)


def total(index: EmbeddedIndex) -> int:
    return index.search("steady", EVERYTHING).total


def files(folder: Path) -> list[Path]:
    """Which folder is in use, a segment, the table of contents and its stamp."""
    current = folder / "current"
    return [current, *sorted((folder / current.read_text()).iterdir())]


def harm(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "lost":
        path.unlink()
    elif how == "flipped":
        data[len(data) // 2] ^= 0x44
        with path.open("r+b") as file:  # the same file, as a disk that forgets changes it
            file.write(data)
    else:
        with path.open("r+b") as file:
            file.truncate(0 if how == "emptied" else len(data) // 2)


@pytest.fixture
def shelf(sqlite: Database, tmp_path: Path) -> Iterator[EmbeddedIndex]:
    index = EmbeddedIndex(tmp_path / "index")
    publish(sqlite, "One", "Two")
    following.follow(sqlite, index)
    publish(sqlite, "Three")
    following.follow(sqlite, index)
    yield index
    index.close()


def a_keeper(database: Database, index: EmbeddedIndex) -> Keeper:
    return Keeper(database, index, lambda: False)


def test_whatever_file_is_torn_while_it_runs_the_index_answers_and_mends_itself(
    sqlite: Database, shelf: EmbeddedIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "VERIFIED_EVERY", -1)
    keeper = a_keeper(sqlite, shelf)
    keeper.keep()

    for place, how in product(range(FILES), HARMS):
        path = files(tmp_path / "index")[place]
        harm(path, how)
        with capture_logs() as logged:
            meanwhile = total(shelf)
            keeper.keep()

        assert meanwhile in (0, 3), (path.name, how)
        assert [each["log_level"] for each in logged if "given up" in each["event"]] == ["warning"], (path.name, how)
        assert (total(shelf), bool(following.difference(sqlite, shelf))) == (3, False), (path.name, how)


def test_whatever_file_is_torn_the_next_start_mends_it(sqlite: Database, shelf: EmbeddedIndex, tmp_path: Path) -> None:
    for place, how in product(range(FILES), HARMS):
        path = files(tmp_path / "index")[place]
        harm(path, how)
        opened = EmbeddedIndex(tmp_path / "index")
        a_keeper(sqlite, opened).keep()

        assert opened.trouble, (path.name, how)
        assert (total(opened), bool(following.difference(sqlite, opened))) == (3, False), (path.name, how)
        opened.close()


def test_a_new_index_takes_over_while_others_search_and_write(sqlite: Database, shelf: EmbeddedIndex) -> None:
    stopping, wrong = Event(), list[BaseException]()
    keeper = a_keeper(sqlite, shelf)

    def until_stopped(work: object) -> None:
        try:
            while not stopping.is_set():
                assert callable(work)
                work()
        except BaseException as failure:
            wrong.append(failure)

    def search() -> None:
        assert total(shelf) >= 3

    others = [Thread(target=until_stopped, args=(work,)) for work in (keeper.keep, search)]
    for each in others:
        each.start()
    for number in range(6):
        publish(sqlite, f"While it was built {number}")
        following.reindex(sqlite, shelf)
    stopping.set()
    for each in others:
        each.join()
    keeper.keep()

    assert wrong == []
    assert total(shelf) == 9
    assert not following.difference(sqlite, shelf)


def test_what_follows_the_old_index_is_not_written_into_the_new_one(sqlite: Database, shelf: EmbeddedIndex) -> None:
    before = shelf.cursor()
    publish(sqlite, "Followed by the old index alone")
    following.follow(sqlite, shelf)
    late = shelf.cursor()
    shelf.replace((), before)

    was_written = shelf.apply((), (), f"{late}0", since=late)

    assert (was_written, shelf.cursor()) == (False, before)


def test_how_far_a_new_index_is_is_logged_and_read_by_others(
    sqlite: Database, shelf: EmbeddedIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "TELLING", 3)
    monkeypatch.setattr(following, "BATCH", 1)
    monkeypatch.setattr("knowledge.search.embedded.TOLD_EVERY", 1)
    shelf.replace((), "")
    other, seen = EmbeddedIndex(tmp_path / "index"), list[object]()

    with capture_logs() as logged:
        Keeper(sqlite, shelf, lambda: seen.append(other.building()) or False).keep()  # type: ignore[func-returns-value]

    assert seen == [(0, 3), (1, 3), (2, 3)]
    assert other.building() is None
    assert [each["percent"] for each in logged if "percent" in each] == [30, 60, 100]
    other.close()


def test_a_process_that_ends_breaks_a_new_index_off_and_leaves_nothing_of_it(
    sqlite: Database, shelf: EmbeddedIndex, tmp_path: Path
) -> None:
    shelf.replace((), "")

    with pytest.raises(Stopped):
        Keeper(sqlite, shelf, lambda: True).keep()

    assert len([each for each in (tmp_path / "index").iterdir() if each.is_dir()]) == 1
    a_keeper(sqlite, shelf).keep()
    assert total(shelf) == 3


def test_what_a_killed_process_left_of_a_new_index_is_gone_at_the_next_start(
    shelf: EmbeddedIndex, tmp_path: Path
) -> None:
    left = tmp_path / "index" / "99"
    left.mkdir()
    (left / "half.nps").write_bytes(b"half")

    again = EmbeddedIndex(tmp_path / "index")

    assert not left.exists()
    assert (again.trouble, total(again)) == ("", 3)
    again.close()
