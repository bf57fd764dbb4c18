from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from knowledge.meaning import chunks
from knowledge.meaning.chunks import Chunks, Encoded, keys

CHANCE = np.random.default_rng(7)


def encoded(number: int, *, revision: int = 1, passages: int = 2) -> Encoded:
    vectors = CHANCE.normal(size=(passages, 64)).astype(np.float32)
    return Encoded(UUID(int=number), revision, list(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)))


def known(*entries: Encoded) -> chunks.Keys:
    return keys(
        *(np.array(each, np.uint64) for each in zip(*((0, e.uid.int, e.revision) for e in entries), strict=True))
    )


def held(store: Chunks) -> list[int]:
    """The numbers of the entries whose passages are there."""
    return sorted({int.from_bytes(bytes(key).ljust(24, b"\0")[8:16]) for chunk in store.all() for key in chunk.keys})


def test_vectors_come_back_nearly_as_they_were(tmp_path: Path) -> None:
    entry = encoded(1, passages=5)
    Chunks(tmp_path).add([entry])

    (chunk,) = Chunks(tmp_path).all()

    assert chunk.rows * chunk.scales[:, None] == pytest.approx(np.stack(entry.vectors), abs=0.003)
    assert (chunk.keys == known(entry)).all()


def test_another_reader_sees_what_is_added_at_once(tmp_path: Path) -> None:
    writer, reader = Chunks(tmp_path), Chunks(tmp_path)
    counts = []

    for number in range(1, 6):
        writer.add([encoded(number)])
        reader._seen = (0, reader._seen[1])  # as if the file system's clock had moved on
        counts.append(len(reader.all()))

    assert counts == [1, 2, 3, 4, 5]
    assert reader.all() is reader.all()


def test_nothing_to_add_writes_nothing(tmp_path: Path) -> None:
    Chunks(tmp_path).add([])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 10, 100])
def test_a_torn_file_is_left_out_and_makes_place(tmp_path: Path, size: int) -> None:
    store = Chunks(tmp_path)
    store.add([encoded(1)])
    store.add([encoded(2)])
    first = min(tmp_path.glob("*.vectors"))
    first.write_bytes(first.read_bytes()[:size])

    assert held(Chunks(tmp_path)) == [2]
    assert len(list(tmp_path.glob("*.vectors"))) == 1


def test_a_foreign_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "notes.vectors").write_text("hello")

    assert Chunks(tmp_path).all() == ()


def test_many_small_files_become_one_without_what_is_gone(tmp_path: Path) -> None:
    store = Chunks(tmp_path)
    entries = [encoded(number) for number in range(1, chunks.MOST_ALIKE + 3)]
    for entry in entries:
        store.add([entry])
    reader = Chunks(tmp_path)
    before = reader.all()

    assert store.is_crowded()
    store.tidy(known(*entries[1:]))

    assert not store.is_crowded()
    assert len(store.all()) == 1
    assert held(store) == [entry.uid.int for entry in entries[1:]]
    assert before[0].rows.shape == (2, 64)  # who has it open may go on reading


def test_a_file_of_which_half_is_gone_is_written_anew(tmp_path: Path) -> None:
    store = Chunks(tmp_path)
    entries = [encoded(1), encoded(1, revision=2), encoded(2), encoded(3)]
    store.add(entries)

    store.tidy(known(*entries[:3]))
    assert held(store) == [1, 2, 3]

    store.tidy(known(entries[1], entries[3]))
    assert held(store) == [1, 3]
    assert sum(chunk.size for chunk in store.all()) == 4

    store.tidy(keys(*np.empty((3, 0), np.uint64)))
    assert store.all() == ()
