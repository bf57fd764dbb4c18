import csv
import json
import tempfile
from math import log
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import relevance
from tests.bench.relevance import Collection, known_items, ndcg, recall

IDS = [f"d{number}" for number in range(15)]
GRADES = st.dictionaries(st.sampled_from(IDS), st.integers(1, 4), min_size=1)


def gain_again(ranked: list[str], grades: dict[str, int], depth: int) -> float:
    """The same figure written from its definition once more: from the end to the front, in natural logarithms."""
    total = best = 0.0
    for rank in range(depth, 0, -1):
        discount = log(2) / log(1 + rank)
        if rank <= len(ranked):
            total += grades.get(ranked[rank - 1], 0) * discount
        if rank <= len(grades):
            best += sorted(grades.values())[-rank] * discount
    return total / best


@given(st.permutations(IDS), st.integers(0, 15), GRADES, st.integers(1, 12))
def test_two_implementations_of_ndcg_agree(ranked: list[str], length: int, grades: dict[str, int], depth: int) -> None:
    assert ndcg(ranked[:length], grades, depth) == pytest.approx(gain_again(ranked[:length], grades, depth))


def test_ndcg_of_an_example_worked_by_hand() -> None:
    # DCG = 3 + 2/log2(3) + 0 + 1/log2(5); ideal = 3 + 2/log2(3) + 1/log2(4).
    figure = ndcg(["a", "b", "x", "c"], {"a": 3, "b": 2, "c": 1}, 10)

    assert figure == pytest.approx((3 + 1.26186 + 0.43068) / (3 + 1.26186 + 0.5), abs=1e-5)


def test_the_best_order_is_one_and_recall_counts_shares() -> None:
    assert ndcg(["a", "b"], {"a": 2, "b": 1}, 10) == 1
    assert recall(["a", "x"], {"a": 2, "b": 1}, 100) == 0.5


def test_a_collection_is_measured_with_and_without_meaning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    rows = [
        ("1", "Refund angry customers quickly", "Money goes back at once."),
        ("2", "Parking behind the house", "Visitors leave cars there."),
        ("3", "Late parcels and what to say", "A client who waits is furious."),
    ]
    with (folder / "corpus.jsonl").open("w") as corpus:
        for id, title, text in rows:
            print(json.dumps({"id": id, "title": title, "text": text}), file=corpus)
    (folder / "queries.jsonl").write_text(json.dumps({"id": "q", "text": "delivery delayed, buyer upset, what to do"}))
    with (folder / "qrels.tsv").open("w", newline="") as judged:
        csv.writer(judged, delimiter="\t").writerows([("query", "document", "grade"), ("q", "3", "1"), ("q", "2", "0")])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    relevance.main(folder, is_semantic=True)

    said = capsys.readouterr().out
    assert "words: nDCG@10" in said
    assert "with meaning: nDCG@10 1.000, recall@100 1.000, 1 queries" in said
    assert "three words of a title find it among ten: 1.000 of 3" in said


def test_known_items_are_the_same_every_time(tmp_path: Path) -> None:
    titles = (json.dumps({"id": n, "title": f"Loyal customers buy more, part {n}"}) for n in range(20))
    (tmp_path / "corpus.jsonl").write_text("\n".join(titles))
    collection = Collection(tmp_path)

    assert known_items(collection) == known_items(collection)
    assert all(len(query.split()) == 3 for query, _ in known_items(collection))


def test_a_collection_need_not_be_tidy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus: list[dict[str, object]] = [
        {"_id": "a/1 ä", "text": "Geld\tzurück_für *alle* <b>Kunden</b>\u2028# 1. Gebühren"},
        {"_id": "a/1 ä", "title": "Noch einmal", "text": "zurück"},
        {"_id": 2, "title": "", "text": ""},
        {"_id": "3", "title": None, "text": "Parkplatz " * 15_000},
        {"_id": "4", "title": "Ein sehr langer Titel " * 30, "text": "Zustellung"},
    ]
    questions = ["Gebuehr", "parkplätze", "Zustellungen", "nie beurteilt"]
    rows = [{"_id": number, "text": text} for number, text in enumerate(questions)]
    (tmp_path / "corpus.jsonl").write_text("\n\n".join(map(json.dumps, corpus)), "utf-8-sig")
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "qrels.tsv").write_text("0\ta/1 ä\t2\r\n1\t3\n2\t0\t4\t1\n3\tgone\t1\n\n")

    relevance.main(tmp_path, is_semantic=False, language="de")

    said = capsys.readouterr().out
    assert "4 documents imported" in said
    assert "0 refused" in said
    assert "words: nDCG@10 1.000, recall@100 1.000, 3 queries" in said
