from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from knowledge.database import Database, table_of
from knowledge.entries import Entry, EntryRow, publishing, seen_by, writing
from knowledge.entries.writing import Changes
from knowledge.people import Act, Viewer, groups
from knowledge.search import documents, following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.following import Difference, difference, follow, head, reconcile, reindex
from knowledge.search.index import Facet, Reach
from knowledge.words import Audience, GroupKind, Kind, Role, Stage
from tests.factories import a_draft, a_group, a_viewer, some_feedback
from tests.knowledge.search.conftest import EVERYTHING


@pytest.fixture
def ann(database: Database) -> Viewer:
    return database.write(lambda session: a_viewer(session, name="Ann Lee", group=a_group(session)))


def published(database: Database, viewer: Viewer, title: str, **changes: Any) -> EntryRow:
    def publish(session: Session) -> EntryRow:
        draft = a_draft(session, viewer, **{"kind": Kind.GUIDE, "title": title, **changes})
        if draft.audience not in publishing.NEEDS_APPROVAL:
            return publishing.publish(session, viewer, draft.uid)
        publishing.submit(session, viewer, draft.uid)
        return publishing.approve(session, a_viewer(session, role=Role.STEWARD), draft.uid)

    return database.write(publish)


def total(index: EmbeddedIndex, query: str, reach: Reach = EVERYTHING) -> int:
    return index.search(query, reach).total


def test_what_is_published_is_found_with_all_it_says(database: Database, index: EmbeddedIndex, ann: Viewer) -> None:
    published(
        database,
        ann,
        "Replace first",
        kind=Kind.BEST_PRACTICE,
        summary="Ask later",
        body="Some **bold** words",
        tags=["Fast refunds"],
        functions=[GroupKind.SUPPORT],
        stages=[Stage.CLIENT],
        detail={"problem": "It broke", "do": "Send another", "avoid": "Arguing"},
    )

    follow(database, index)

    for query in (
        "replace",
        "later",
        "bold",
        "broke",
        "another",
        "arguing",
        "refund",
        'tag:"fast refunds"',
        "author:lee",
    ):
        assert total(index, query) == 1, query
    facets = index.search("", EVERYTHING).facets
    assert facets[Facet.FUNCTION] == (("SUPPORT", 1),)
    assert facets[Facet.STAGE] == (("CLIENT", 1),)
    assert facets[Facet.TAG] == (("fast-refunds", 1),)


def test_drafts_are_not_found(database: Database, index: EmbeddedIndex, ann: Viewer) -> None:
    database.write(lambda session: a_draft(session, ann, title="Half a thought"))

    follow(database, index)

    assert index.known() == {}


def test_the_published_revision_is_found_while_a_newer_one_is_written(
    database: Database, index: EmbeddedIndex, ann: Viewer
) -> None:
    entry = published(database, ann, "Old words")
    database.write(lambda session: writing.update(session, ann, entry.uid, 1, Changes(title="Fresh words")))

    follow(database, index)

    assert (total(index, "old"), total(index, "fresh")) == (1, 0)
    assert index.known() == {entry.uid: 1}


def test_following_takes_up_where_it_left(database: Database, index: EmbeddedIndex, ann: Viewer) -> None:
    kept, dropped = (published(database, ann, title) for title in ("Kept", "Dropped"))
    follow(database, index)
    database.write(lambda session: publishing.archive(session, ann, dropped.uid))
    published(database, ann, "Added")

    written = follow(database, index)

    assert written == 2
    assert kept.uid in index.known()
    assert (total(index, "kept"), total(index, "dropped"), total(index, "added")) == (1, 0, 1)
    assert follow(database, index) == 0


def test_more_than_a_batch_is_followed_whole(
    database: Database, index: EmbeddedIndex, ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    monkeypatch.setattr(following, "CHANGES", 7)
    follow(database, index)

    for number in range(9):
        published(database, ann, f"Note {number}", body="price")

    assert follow(database, index) >= 9
    assert total(index, "price") == 9


def test_an_index_that_is_behind_by_half_of_all_entries_is_built_anew(
    database: Database, index: EmbeddedIndex, ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "CHANGES", 3)
    monkeypatch.setattr(following, "BULK", 4)
    heard: list[tuple[int, int]] = []
    follow(database, index)
    for number in range(6):
        published(database, ann, f"Note {number}", body="price")

    assert follow(database, index, lambda done, every: heard.append((done, every))) == 6
    assert heard == [(6, 6)]
    assert total(index, "price") == 6
    assert follow(database, index) == 0


def test_a_torn_index_is_refilled(database: Database, tmp_path: Path, ann: Viewer) -> None:
    published(database, ann, "Kept")
    index = EmbeddedIndex(tmp_path / "index")
    follow(database, index)
    index.close()
    next((tmp_path / "index").glob("*/*.nps")).unlink()
    index = EmbeddedIndex(tmp_path / "index")

    follow(database, index)

    assert index.trouble
    assert total(index, "kept") == 1
    index.close()


def test_reconciling_repairs_every_difference(database: Database, index: EmbeddedIndex, ann: Viewer) -> None:
    missing, outdated, surplus = (published(database, ann, title) for title in ("Missing", "Outdated", "Surplus"))
    follow(database, index)
    index.apply((), [missing.uid], index.cursor())

    def behind_the_logs_back(session: Session) -> None:
        entry = table_of(Entry)
        writing.update(session, ann, outdated.uid, 1, Changes(title="Renewed"))
        publishing.publish(session, ann, outdated.uid)
        session.connection().execute(update(entry).where(entry.c.uid == surplus.uid).values(status="ARCHIVED"))

    database.write(behind_the_logs_back)
    unrepaired = difference(database, index)
    with database.reading() as session:
        index.apply([], [], head(session))

    repaired = reconcile(database, index)

    assert repaired == unrepaired
    assert repaired == Difference(frozenset({missing.uid}), frozenset({outdated.uid}), frozenset({surplus.uid}))
    assert not difference(database, index)
    assert (total(index, "missing"), total(index, "renewed"), total(index, "surplus")) == (1, 1, 0)


def test_reindexing_tells_how_far_it_is(database: Database, index: EmbeddedIndex, ann: Viewer) -> None:
    for number in range(3):
        published(database, ann, f"Note {number}")
    heard = []

    count = reindex(database, index, lambda done, every: heard.append((done, every)))

    assert (count, heard) == (3, [(3, 3)])
    assert not difference(database, index)
    assert follow(database, index) == 0


def test_an_index_that_follows_nothing_yet_has_a_cursor(database: Database, index: EmbeddedIndex) -> None:
    follow(database, index)

    assert index.cursor()
    assert follow(database, index) == 0


def test_reach_is_what_the_rows_show(database: Database, index: EmbeddedIndex, ann: Viewer) -> None:
    bo = database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    cy = database.write(lambda session: a_viewer(session, role=Role.CUSTOMER))
    di = database.write(lambda session: a_viewer(session, group=a_group(session, kind=GroupKind.SALES)))
    with database.reading() as session:
        group = groups(session, di)[-1].uid
    for audience in Audience:
        published(database, ann, f"For {audience}", audience=audience, audience_groups=[group])
    follow(database, index)
    viewers = [
        ann,
        bo,
        cy,
        di,
        Viewer(),
        Viewer(reads_public=False),
        replace(di, scopes=frozenset({Act.FEEDBACK_READ})),
    ]

    for viewer in viewers:
        with database.reading() as session:
            rows = {row.uid for row in session.connection().execute(seen_by(viewer))}

        assert {hit.uid for hit in index.search("", documents.reach_of(viewer)).hits} == rows


def test_what_is_no_entry_costs_one_look_at_the_log(
    database: Database, index: EmbeddedIndex, ann: Viewer, statements: list[str]
) -> None:
    published(database, ann, "Replace first")
    follow(database, index)
    database.write(lambda session: some_feedback(session, ann))
    statements.clear()

    follow(database, index)

    assert len(statements) == 1
    with database.reading() as session:
        assert index.cursor() == head(session)
