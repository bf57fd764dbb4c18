from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from knowledge import entries, series
from knowledge.database import Database, Page
from knowledge.entries import EntryRow, publishing
from knowledge.errors import Invalid, NotAllowed, NotFound, Refusal
from knowledge.people import Viewer
from knowledge.series import SeriesRow
from knowledge.words import Audience, Role
from tests.factories import a_draft, a_group, a_viewer, an_entry


def told(session: Session, viewer: Viewer, row: SeriesRow) -> list[str]:
    found = series.by_uid(session, viewer, row.uid)
    assert found is not None
    chapters = series.chapters_of(found, viewer)
    assert [chapter.position for chapter in chapters] == list(range(1, len(chapters) + 1))
    return [chapter.entry.title for chapter in chapters]


def a_series(session: Session, viewer: Viewer, *rows: EntryRow, **wanted: Any) -> SeriesRow:
    row = series.create(session, viewer, {"title": "A series", **wanted})  # type: ignore[typeddict-item]
    for entry in rows:
        row = series.add(session, viewer, row.uid, entry)
    return row


def some_entries(session: Session, viewer: Viewer, *names: str) -> list[EntryRow]:
    return [an_entry(session, viewer, title=name) for name in names]


def test_chapters_come_in_the_order_in_which_they_are_put(session: Session) -> None:
    ines = a_viewer(session)
    a, b, c = some_entries(session, ines, "a", "b", "c")
    row = a_series(session, ines, a, b)

    series.add(session, ines, row.uid, c, position=1)
    series.move(session, ines, row.uid, a, 3)
    series.remove(session, ines, row.uid, b)

    assert told(session, ines, row) == ["c", "a"]


def test_chapter_twice_or_beyond_the_places_is_refused(session: Session) -> None:
    ines = a_viewer(session)
    a, b = some_entries(session, ines, "a", "b")
    row = a_series(session, ines, a)

    for entry, position in ((a, None), (b, 3), (b, 0)):
        with pytest.raises(Invalid):
            series.add(session, ines, row.uid, entry, position=position)
    with pytest.raises(Invalid):
        series.move(session, ines, row.uid, a, 2)
    with pytest.raises(NotFound):
        series.move(session, ines, row.uid, b, 1)
    with pytest.raises(NotFound):
        series.remove(session, ines, row.uid, b)

    assert told(session, ines, row) == ["a"]


def test_series_is_changed_by_who_keeps_it_and_by_curators(session: Session) -> None:
    ines, other, jonas = a_viewer(session), a_viewer(session), a_viewer(session, role=Role.STEWARD)
    (a,) = some_entries(session, ines, "a")
    row = a_series(session, ines, a)

    for viewer in (other, a_viewer(session, role=Role.CUSTOMER), Viewer()):
        with pytest.raises((NotAllowed, NotFound)):
            series.update(session, viewer, row.uid, {"title": "Mine"})
        with pytest.raises((NotAllowed, NotFound)):
            series.remove(session, viewer, row.uid, a)
    changed = series.update(session, jonas, row.uid, {"title": "Ours", "description": None, "owner": other.uid})

    assert (changed.title, changed.description, changed.owner_id) == ("Ours", "", other.id)
    with pytest.raises(NotAllowed):
        series.update(session, ines, row.uid, {"title": "Mine again"})


def test_customers_begin_no_series(session: Session) -> None:
    for viewer in (a_viewer(session, role=Role.CUSTOMER), Viewer()):
        with pytest.raises(NotAllowed):
            series.create(session, viewer, {"title": "Mine"})


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "x", "slug": "No slug"}, "slug"),
        ({"title": "x", "slug": "taken"}, "slug"),
        ({"title": "x", "description": "x" * 1001}, "description"),
    ],
)
def test_series_out_of_bounds_is_refused_at_its_field(session: Session, wanted: Any, field: str) -> None:
    ines = a_viewer(session)
    a_series(session, ines, slug="taken")

    with pytest.raises(Refusal) as refused:
        series.create(session, ines, wanted)

    assert [problem.field for problem in refused.value.problems] == [field]


def test_former_slug_of_a_series_finds_it_and_is_not_given_away(session: Session) -> None:
    ines = a_viewer(session)
    row = a_series(session, ines, slug="before")

    series.update(session, ines, row.uid, {"slug": "after"})

    found = series.by_slug(session, ines, "before")
    assert found is not None
    assert (found.uid, found.slug) == (row.uid, "after")
    with pytest.raises(Invalid):
        series.create(session, ines, {"title": "x", "slug": "before"})
    assert series.update(session, ines, row.uid, {"slug": "before"}).slug == "before"


def test_each_reader_sees_their_chapters_without_gaps_and_a_series_without_any_not_at_all(session: Session) -> None:
    group = a_group(session)
    author = a_viewer(session, group=group)
    rows = {
        "draft": a_draft(session, author, title="draft"),
        "public": an_entry(session, author, title="public", audience=Audience.PUBLIC),
        "group": an_entry(session, author, title="group", audience=Audience.GROUP, audience_groups=[group.uid]),
        "customers": an_entry(session, author, title="customers", audience=Audience.CUSTOMERS),
        "inside": an_entry(session, author, title="inside"),
        "archived": an_entry(session, author, title="archived"),
    }
    open_, closed = a_series(session, author, *rows.values()), a_series(session, author, rows["group"], rows["draft"])
    publishing.archive(session, author, rows["archived"].uid)
    viewers = {
        "author": author,
        "mate": a_viewer(session, group=group),
        "colleague": a_viewer(session),
        "steward": a_viewer(session, role=Role.STEWARD),
        "customer": a_viewer(session, role=Role.CUSTOMER),
        "stranger": Viewer(),
    }

    seen = {name: told(session, viewer, open_) for name, viewer in viewers.items()}
    lists = {name: len(series.listing(session, viewer, Page()).rows) for name, viewer in viewers.items()}

    assert seen == {
        "author": ["draft", "public", "group", "customers", "inside", "archived"],
        "mate": ["public", "group", "customers", "inside"],
        "colleague": ["public", "customers", "inside"],
        "steward": ["public", "customers", "inside", "archived"],
        "customer": ["public", "customers"],
        "stranger": ["public"],
    }
    assert lists == {"author": 2, "mate": 2, "colleague": 1, "steward": 2, "customer": 1, "stranger": 1}
    assert series.by_slug(session, viewers["colleague"], closed.slug) is None

    def place(viewer: Viewer, title: str) -> tuple[int, int, str | None, str | None]:
        entry = entries.by_uid(session, viewer, rows[title].uid)
        assert entry is not None
        (found,) = [each for each in series.places_of(entry, viewer) if each.series.uid == open_.uid]
        before, after = (each.title if each else None for each in (found.previous, found.next))
        return found.position, found.count, before, after

    assert place(viewers["colleague"], "customers") == (2, 3, "public", "inside")
    assert place(viewers["mate"], "customers") == (3, 4, "group", "inside")
    assert place(viewers["customer"], "customers") == (2, 2, "public", None)
    assert place(viewers["stranger"], "public") == (1, 1, None, None)


def test_chapter_is_moved_among_those_that_the_curator_sees(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    a, b = some_entries(session, ines, "a", "b")
    hidden = a_draft(session, ines, title="hidden")
    row = a_series(session, ines, a, hidden, b)

    series.move(session, jonas, row.uid, b, 1)
    assert told(session, jonas, row) == ["b", "a"]
    assert told(session, ines, row) == ["b", "a", "hidden"]
    series.move(session, jonas, row.uid, b, 2)

    assert told(session, jonas, row) == ["a", "b"]
    assert told(session, ines, row) == ["a", "hidden", "b"]


def test_places_of_a_list_are_one_statement(session: Session, statements: list[str]) -> None:
    ines = a_viewer(session)
    rows = some_entries(session, ines, *"abcdef")
    for chapters in (rows[:4], rows[2:], rows):
        a_series(session, ines, *chapters)
    found = entries.by_uids(session, ines, [row.uid for row in rows])
    statements.clear()

    places = [series.places_of(row, ines) for row in found]

    assert [len(each) for each in places] == [2, 2, 3, 3, 2, 2]
    assert len(statements) == 1


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "move", "remove"]), st.integers(0, 6), st.integers(1, 8)), max_size=14
)


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_series_is_in_the_order_of_a_plain_list(sqlite: Database, steps: list[Step]) -> None:
    with Session(sqlite.engine, expire_on_commit=False) as session:
        ines = a_viewer(session)
        rows = some_entries(session, ines, *"abcdefg")
        row, plain = a_series(session, ines), list[str]()
        for act, which, position in steps:
            entry = rows[which]
            try:
                _done(session, ines, row, act, entry, position)
            except Refusal:
                assert _is_impossible(plain, act, entry.title, position)
                continue
            assert not _is_impossible(plain, act, entry.title, position)
            if entry.title in plain:
                plain.remove(entry.title)
            if act != "remove":
                plain.insert(position - 1, entry.title)
            assert told(session, ines, row) == plain
        session.rollback()


def _done(session: Session, viewer: Viewer, row: SeriesRow, act: str, entry: EntryRow, position: int) -> None:
    if act == "add":
        series.add(session, viewer, row.uid, entry, position=position)
    elif act == "move":
        series.move(session, viewer, row.uid, entry, position)
    else:
        series.remove(session, viewer, row.uid, entry)


def _is_impossible(plain: list[str], act: str, title: str, position: int) -> bool:
    if act == "add":
        return title in plain or position > len(plain) + 1
    return title not in plain or (act == "move" and position > len(plain))
