"""The index beside a plain Whoosh and beside answers worked out document by document, on generated documents."""

from collections import Counter
from collections.abc import Generator, Iterator
from datetime import timedelta
from math import log
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from whoosh import scoring
from whoosh.fields import FieldType, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.formats import Positions
from whoosh.query.compound import Or
from whoosh.query.terms import Term

from knowledge.search import analysis, fields
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Facet, Filters, Reach
from knowledge.search.matching import Matching
from knowledge.search.query import Field, read
from knowledge.search.scoring import K1, B, emphasis
from knowledge.words import Audience, Kind, Stage
from tests.knowledge.search import naive
from tests.knowledge.search.conftest import EVERYTHING
from tests.knowledge.search.naive import Naive, Row

COMMITS = 16


class Shelf:
    """An index that is written to at random, and every revision that it was ever given."""

    def __init__(self, path: Path, chance: Random, *, english: bool = False) -> None:
        self.index = EmbeddedIndex(path)
        self.chance = chance
        self.english = english
        self.given: dict[tuple[UUID, int], Document] = {}
        self.revisions = Counter[int]()

    def write(self, most: int) -> None:
        """New entries, new revisions of old ones, and some that go."""
        uids = self.chance.sample(range(120), self.chance.randint(1, most))
        gone = [UUID(int=uid) for uid in self.chance.sample(sorted(self.revisions), min(3, len(self.revisions)))]
        fresh = []
        for uid in uids:
            self.revisions[uid] += 1
            fresh.append(naive.documents(self.chance, uid, self.revisions[uid], english=self.english))
        self.given |= {(document.uid, document.revision): document for document in fresh}
        self.index.apply(fresh, set(gone) - {document.uid for document in fresh}, "1")

    def rows(self) -> list[Row]:
        """What is in the segments, in order."""
        snapshot = self.index._newest()
        keys = ((snapshot.uid(number), int(snapshot.revisions[number])) for number in range(snapshot.size))
        return [Row(self.given[key], bool(live)) for key, live in zip(keys, snapshot.live, strict=True)]


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Random:
    return Random(request.node.name)


def _no_analyzer(*_: Any, **__: Any) -> Any:
    raise NotImplementedError


class Words(FieldType):
    """Terms with their positions, as Whoosh keeps them."""

    def __init__(self) -> None:
        super().__init__(Positions(), _no_analyzer, scorable=True)  # type: ignore[arg-type]

    def index(self, value: dict[str, list[int]], **_: Any) -> Generator[tuple[bytes, int, float, bytes], Any, None]:
        for term, places in value.items():
            yield term.encode(), len(places), float(len(places)), Positions().encode(places)


class Weighting(scoring.BM25F):
    """Whoosh's BM25F with Lucene's idf."""

    def idf(self, searcher: Any, fieldname: str, text: str) -> float:
        found = searcher.reader().doc_frequency(fieldname, text)
        return log(1 + (searcher.doc_count_all() - found + 0.5) / (found + 0.5))


def whooshs_scores(rows: list[Row], query: str) -> dict[UUID, float]:
    index = RamStorage().create_index(Schema(text=Words()))  # type: ignore[no-untyped-call]
    writer = index.writer()
    for row in rows:
        writer.add_document(text=row.said[fields.TEXT])
    writer.commit()
    writer = index.writer()
    for number, row in enumerate(rows):
        if not row.is_live:
            writer.delete_document(number)
    writer.commit(merge=False)
    said = Counter(term for token in analysis.tokens(query) for term in analysis.terms(token.text, "en"))
    terms = [Term("text", term.encode(), boost=emphasis(times)) for term, times in said.items()]
    with index.searcher(weighting=Weighting(B=B, K1=K1)) as searcher:
        return {rows[hit.docnum].document.uid: hit.score for hit in searcher.search(Or(terms), limit=None)}


def test_scores_are_whooshs_own_after_updates_deletions_and_merges(tmp_path: Path, chance: Random) -> None:
    shelf = Shelf(tmp_path, chance, english=True)
    for _ in range(COMMITS):
        shelf.write(8)
    rows = shelf.rows()
    words = [word for word in naive.ENGLISH if not analysis.is_stopped(word, "en")]

    for _ in range(20):
        query = " ".join(chance.choices(words, k=chance.randint(1, 6)))
        found = {hit.uid: hit.score for hit in shelf.index.search(query, EVERYTHING, count=1_000).hits}

        assert found == pytest.approx(whooshs_scores(rows, query), abs=1e-6), query
    assert any(not row.is_live for row in rows)
    assert len(shelf.index._newest().parts) > 1


QUERIES = (
    "customer refund",
    "customers customers price",
    "Kunden Gebühr gebuhr price",
    "fidélité préférée réclamation",
    "prefere -refund",
    "苦情 価格",
    "客",
    "+客",
    "返 -顧",
    "title:満",
    '"loyal customer"',
    '"of the customer"',
    '"refund refund refund"',
    '"préféré répondre"',
    '"返答します"',
    "refund* late",
    "ref* custom*",
    "Bes*",
    "title:refund",
    "title:cust*",
    'title:"loyal refund"',
    "refund AND late",
    "+price -tag:calls",
    'tag:"money back" customer',
    "tag:größe",
    "kind:story kind:guide price",
    "author:ann -author:bo",
    "after:2026-01-05 refund",
    "before:2026-01-03",
    "the and of",
    "nothing here",
    "",
)


def reaches(chance: Random) -> Iterator[Reach]:
    yield EVERYTHING
    yield Reach()
    for _ in range(2):
        audiences = frozenset(chance.sample(list(Audience), 2))
        yield Reach(audiences, frozenset({chance.randrange(4)}), chance.choice([None, 0, 4, 99]))


def filters(chance: Random) -> Iterator[Filters]:
    yield Filters()
    yield Filters(
        kinds=frozenset(chance.sample([Kind.STORY, Kind.GUIDE, Kind.BEST_PRACTICE], 2)),
        stages=frozenset(chance.sample(list(Stage), 4)),
    )
    yield Filters(
        languages=frozenset({"en", "de"}),
        tags=frozenset({"refunds", "calls", "none"}),
        updated_after=naive.START + timedelta(days=2),
        updated_before=naive.START + timedelta(days=7),
    )


def test_hits_totals_and_facets_are_those_of_every_document_looked_at(tmp_path: Path, chance: Random) -> None:
    shelf = Shelf(tmp_path, chance)
    for round in range(3):
        for _ in range((1, COMMITS, 2)[round]):
            shelf.write(10)
        rows = shelf.rows()
        whole = Naive(rows)

        for query in QUERIES:
            compare(shelf, whole, query, EVERYTHING, Filters())
            compare(shelf, whole, query, chance.choice(list(reaches(chance))), chance.choice(list(filters(chance))))


def compare(shelf: Shelf, whole: Naive, query: str, reach: Reach, narrowed: Filters) -> None:
    hits = shelf.index.search(query, reach, narrowed, count=1_000)
    expected = answer(whole, shelf, query, reach, narrowed)

    assert [hit.uid for hit in hits.hits] == [row.document.uid for row, _ in expected], (query, reach, narrowed)
    assert [hit.score for hit in hits.hits] == pytest.approx([score for _, score in expected]), query
    assert hits.total == len(expected)
    for facet in Facet:
        counts = Counter(value for row, _ in expected for value in row.values(facet))
        assert dict(hits.facets[facet]) == counts, (query, facet)
    page = shelf.index.search(query, reach, narrowed, start=3, count=4)
    assert page.hits == hits.hits[3:7]


def answer(whole: Naive, shelf: Shelf, query: str, reach: Reach, narrowed: Filters) -> list[tuple[Row, float]]:
    """The rows found with their scores, in order."""
    plan = Matching(shelf.index._newest().seen(reach), read(query)).plan
    whole.languages = whole.spoken(reach)
    found = []
    for row in whole.rows:
        kinds = [clause for clause in plan.every if clause.field is Field.KIND]
        if not row.is_live or not whole.reached(row, reach) or not whole.passes(row, narrowed):
            continue
        score = sum(whole.score(row, wanted) for wanted in plan.scored.values())
        if plan.scored and not score:
            continue
        if kinds and not any(whole.holds(row, clause) for clause in kinds):
            continue
        if not all(whole.holds(row, clause) for clause in plan.every if clause not in kinds):
            continue
        if not any(whole.holds(row, clause) for clause in plan.none):
            found.append((row, score))
    return sorted(found, key=_ranked)


def _ranked(each: tuple[Row, float]) -> tuple[float, bool, float, UUID]:
    row, score = each
    document = row.document
    return -round(score, 6), document.kind is not Kind.BEST_PRACTICE, -document.updated_at.timestamp(), document.uid


def test_one_segment_answers_as_many_do(tmp_path: Path, chance: Random) -> None:
    shelf = Shelf(tmp_path / "many", chance)
    for _ in range(5):
        shelf.write(15)
    whole = EmbeddedIndex(tmp_path / "one")
    whole.replace((row.document for row in shelf.rows() if row.is_live), "1")

    for query in QUERIES:
        one, many = (each.search(query, EVERYTHING, count=1_000) for each in (whole, shelf.index))

        assert one.total == many.total, query
        assert {hit.uid for hit in one.hits} == {hit.uid for hit in many.hits}, query
        assert dict(one.facets) == dict(many.facets), query
    for start in ("r", "cust", "loyal c", "顧", "größ", "too", "money"):
        assert whole.suggest(start, EVERYTHING) == shelf.index.suggest(start, EVERYTHING), start
    assert whole.known() == shelf.index.known()


def test_several_processes_build_what_one_builds(
    tmp_path: Path, chance: Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.search.filling.BATCH", 20)
    given = [naive.documents(chance, number, 1) for number in range(50)]
    one, many = EmbeddedIndex(tmp_path / "one"), EmbeddedIndex(tmp_path / "many", processes=2)

    for index in (one, many):
        index.replace(given, "7")

    assert len(many._newest().parts) == 3
    assert many.cursor() == "7"
    for query in QUERIES:
        first, second = (each.search(query, EVERYTHING, count=100) for each in (one, many))
        assert first.hits == second.hits, query
