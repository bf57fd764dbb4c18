from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import clock, customers, entries, evidence, feedback
from knowledge.customers import Reference
from knowledge.database import Database, Page
from knowledge.entries import EntryRow, detail_of, links, listing, publishing, tags, writing
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.initiatives import InitiativeRow, progress
from knowledge.people import OPERATOR, by_email
from knowledge.practices import PracticeRow
from knowledge.transfer import import_path, sources
from knowledge.words import Audience, GroupKind, Health, InitiativeStatus, Kind, Role, Stage, Stance, Status
from tests.factories import a_draft, a_viewer, an_entry, some_feedback
from tests.knowledge.transfer.files import a_file, an_entry_line, counts, some_lines

PRACTICE = """---
kind: best_practice
slug: replace-first
title: "Third failure: replace first"
summary: Replace within a day.
tags: [Refunds, angry customer]
audience: customers
status: published
source: Starter
licence: CC BY 4.0
functions: [support, service]
stages: [repeat]
principles: [6, 8]
author: ines@example.com
published_at: 2026-01-10
---
What this is about.

## Problem

It fails again.

## Do

1. Replace it, see [[call-back]].
"""

PERSON = {"type": "person", "email": "ines@example.com", "name": "Ines", "role": "employee", "group": "Support"}
GROUP = {"type": "group", "name": "Support", "kind": "support"}
CUSTOMER = {"type": "customer", "source": "crm", "external_id": "7", "name": "The Copper Pot", "stage": "repeat"}
FEEDBACK: dict[str, Any] = {
    "type": "feedback",
    "source": "crm",
    "external_id": "f-1",
    "verbatim": "The valve is out of reach, and hot.",
    "channel": "phone",
    "kind": "complaint",
    "customer": {"source": "crm", "external_id": "7"},
    "reporter": "ines@example.com",
    "occurred_at": "2026-02-01T08:00:00+01:00",
}
INSIGHT = an_entry_line("valve", kind="insight", insight={"claim": "Nobody reaches the valve."})
EVIDENCE = {
    "type": "evidence",
    "entry": "valve",
    "feedback": {"source": "crm", "external_id": "f-1"},
    "stance": "supports",
    "quote": "out of reach",
}
INITIATIVE = an_entry_line(
    "to-the-front",
    kind="initiative",
    owner="ines@example.com",
    initiative={
        "kind": "changing",
        "status": "launched",
        "planned_completion": "2026-12-01",
        "from": "At the rear",
        "to": "In front",
    },
)
PROGRESS = {
    "type": "progress",
    "source": "pm",
    "external_id": "p-1",
    "initiative": "to-the-front",
    "health": "at_risk",
    "percent": 0,
    "summary": "The seal leaks.",
    "author": "ines@example.com",
    "at": "2026-03-01",
}
LINK = {"type": "link", "from": "valve", "to": "to-the-front", "kind": "supports"}
EVERYTHING = (LINK, PROGRESS, EVIDENCE, INITIATIVE, INSIGHT, FEEDBACK, PERSON, CUSTOMER, GROUP)


def stored(session: Session, slug: str) -> EntryRow:
    row = entries.by_slug(session, OPERATOR, slug)
    assert row is not None
    return row


def test_a_comma_separates_tags_within_a_list_too(sqlite: Database, tmp_path: Path) -> None:
    some_lines(tmp_path / "in" / "entries.jsonl", an_entry_line("one", tags=["angry customer, refunds", "calls"]))

    first, again = (import_path(sqlite, OPERATOR, tmp_path / "in") for _ in range(2))

    assert (first.created, first.problems, again.unchanged) == (1, (), 1)
    with sqlite.reading() as session:
        assert [tag.name for tag in tags.of_entry(stored(session, "one"))] == ["angry customer", "calls", "refunds"]


def test_a_practice_arrives_with_all_that_its_file_says(sqlite: Database, tmp_path: Path) -> None:
    some_lines(tmp_path / "in" / "people.jsonl", PERSON, GROUP)
    a_file(tmp_path / "in" / "practices" / "replace-first.md", PRACTICE)

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert (report.created, report.problems, report.warnings) == (3, (), ())
    with sqlite.reading() as session:
        row = stored(session, "replace-first")
        ines = by_email(session, "ines@example.com")
        assert ines is not None
        assert (row.kind, row.status, row.audience) == (Kind.BEST_PRACTICE, Status.PUBLISHED, Audience.CUSTOMERS)
        assert (row.title, row.body, row.source) == ("Third failure: replace first", "What this is about.", "Starter")
        assert (row.author_id, row.owner_id, row.licence) == (ines.id, ines.id, "CC BY 4.0")
        assert row.published_at == datetime(2026, 1, 10, tzinfo=UTC)
        assert [tag.name for tag in tags.of_entry(row)] == ["angry customer", "refunds"]
        assert set(listing.functions_of(row)) == {GroupKind.SERVICE, GroupKind.SUPPORT}
        assert (listing.stages_of(row), listing.principle_numbers(row)) == ([Stage.REPEAT], [6, 8])
        practice = detail_of(row, PracticeRow)
        assert (practice.problem, practice.say) == ("It fails again.", "")
        assert 'href="/entries/call-back"' in practice.do_html


def test_rows_find_what_comes_after_them(database: Database, tmp_path: Path) -> None:
    path = some_lines(tmp_path / "all.jsonl", *EVERYTHING)

    report = import_path(database, OPERATOR, path)

    assert (report.created, report.problems, report.warnings) == (9, (), ())
    with database.reading() as session:
        insight, initiative = stored(session, "valve"), stored(session, "to-the-front")
        assert (insight.status, initiative.status) == (Status.PUBLISHED, Status.PUBLISHED)
        assert [item.quote for item in evidence.of_entry(insight, OPERATOR)] == ["out of reach"]
        assert [linked.slug for _, linked in links.links_of(insight, OPERATOR)] == ["to-the-front"]
        update = progress.latest(initiative, OPERATOR)
        assert update is not None
        assert (update.health, update.percent, update.created_at) == (
            Health.AT_RISK,
            0,
            datetime(2026, 3, 1, tzinfo=UTC),
        )
        assert detail_of(initiative, InitiativeRow).status is InitiativeStatus.LAUNCHED
        said = feedback.listing(session, OPERATOR, Page()).rows[0]
        reporter, speaker = feedback.reporter_of(said), feedback.customer_of(said, OPERATOR)
        assert reporter is not None
        assert speaker is not None
        assert (reporter.name, speaker.name, speaker.stage) == ("Ines", "The Copper Pot", Stage.REPEAT)


def test_importing_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    some_lines(tmp_path / "in" / "all.jsonl", *EVERYTHING)
    a_file(tmp_path / "in" / "replace-first.md", PRACTICE)
    a_file(tmp_path / "in" / "README.md", "# Read me\n\nFirst.")
    import_path(database, OPERATOR, tmp_path / "in")
    before = counts(database)

    report = import_path(database, OPERATOR, tmp_path / "in")

    assert (report.created, report.updated, report.unchanged, report.refused) == (0, 0, 11, 0)
    assert counts(database) == before


def test_what_changed_is_a_new_revision_and_the_rest_is_left(sqlite: Database, tmp_path: Path) -> None:
    path = some_lines(tmp_path / "all.jsonl", *EVERYTHING)
    import_path(sqlite, OPERATOR, path)

    changed = [
        {"type": "entry", "slug": "valve", "title": "The valve"},
        {"type": "group", "name": "Support", "kind": "service"},
        {"type": "person", "email": "INES@example.com", "role": "steward"},
        {"type": "customer", "source": "crm", "external_id": "7", "name": "Copper Pot"},
        {**FEEDBACK, "severity": "high"},
        {**EVIDENCE, "stance": "context"},
    ]
    report = import_path(sqlite, OPERATOR, some_lines(path, *changed))

    assert (report.created, report.updated, report.unchanged, report.problems) == (0, 6, 0, ())
    with sqlite.reading() as session:
        row = stored(session, "valve")
        assert (row.title, row.revision, row.status) == ("The valve", 2, Status.PUBLISHED)
        ines = by_email(session, "ines@example.com")
        assert ines is not None
        assert (ines.name, ines.role) == ("Ines", Role.STEWARD)


def test_a_bad_row_is_reported_with_its_place_and_stops_no_other(sqlite: Database, tmp_path: Path) -> None:
    some_lines(
        tmp_path / "in" / "rows.jsonl",
        an_entry_line("good"),
        an_entry_line("Bad Slug", summary="x" * 161, principles=[13]),
        an_entry_line("no-kind", kind="poem"),
        {"type": "evidence", "entry": "missing", "feedback": {"source": "a", "external_id": "b"}, "stance": "supports"},
        {"type": "song"},
        {**FEEDBACK, "verbatim": 5, "channel": None, "customer": "crm 7"},
        {"type": "link", "from": "good", "to": "good", "kind": "related"},
        an_entry_line("good"),
        an_entry_line("unborn", kind="insight", insight={"claim": "?"}),
    )
    with (tmp_path / "in" / "rows.jsonl").open("ab") as stream:
        stream.write(b"not json\n\n[1]\n")
    a_file(tmp_path / "in" / "bad.md", "---\ntitle: Bad\nkind: guide\nstatus: soon\n---\nBody")
    a_file(tmp_path / "in" / "broken.md", "---\ntitle: [Bad\n---\nBody")
    a_file(tmp_path / "in" / "long.md", "# Long\n\n" + "x" * 30_000)

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    places = {(found.file, found.line, found.field) for found in report.problems}
    assert places == {
        ("rows.jsonl", 2, "slug"),
        ("rows.jsonl", 2, "summary"),
        ("rows.jsonl", 2, "principles"),
        ("rows.jsonl", 3, "kind"),
        ("rows.jsonl", 4, "entry"),
        ("rows.jsonl", 5, ""),
        ("rows.jsonl", 6, "channel"),
        ("rows.jsonl", 6, "customer"),
        ("rows.jsonl", 7, "to"),
        ("rows.jsonl", 8, "slug"),
        ("rows.jsonl", 9, "evidence"),
        ("rows.jsonl", 10, ""),
        ("rows.jsonl", 12, ""),
        ("bad.md", 4, "status"),
        ("broken.md", 3, ""),
        ("long.md", 1, "body"),
    }
    assert all(found.message for found in report.problems)
    assert str(report.problems[0]).startswith(("rows.jsonl:", "bad.md:", "broken.md:"))
    assert (report.created, report.refused) == (2, 13)


def test_strict_is_all_or_nothing(database: Database, tmp_path: Path) -> None:
    before = counts(database)
    path = some_lines(tmp_path / "rows.jsonl", *EVERYTHING, an_entry_line("bad", principles=[13]))

    refused = import_path(database, OPERATOR, path, strict=True)

    assert (refused.created, refused.refused) == (0, 1)
    assert counts(database) == before

    accepted = import_path(database, OPERATOR, some_lines(path, *EVERYTHING), strict=True)

    assert (accepted.created, accepted.problems) == (9, ())


def test_dry_run_writes_nothing_and_says_what_would_come_of_it(database: Database, tmp_path: Path) -> None:
    before = counts(database)
    path = some_lines(tmp_path / "rows.jsonl", *EVERYTHING, an_entry_line("bad", principles=[13]))

    report = import_path(database, OPERATOR, path, dry_run=True)

    assert (report.created, report.refused) == (9, 1)
    assert counts(database) == before


def test_markdown_without_front_matter_is_a_guide_for_employees(sqlite: Database, tmp_path: Path) -> None:
    a_file(
        tmp_path / "in" / "some_package" / "README.md", "# [![Badge](b.svg)](x) The `fine` **package**\n\nIt works.\n"
    )
    a_file(tmp_path / "in" / "other" / "CHANGES.md", "Some words first.\n\nChange log\n==========\n\n- none\n")
    a_file(tmp_path / "in" / "other" / "how-to_do.markdown", "Only text.\n")
    a_file(tmp_path / "in" / ".git" / "hidden.md", "# Hidden\n")
    (tmp_path / "in" / "linked.md").symlink_to(tmp_path / "in" / "other" / "CHANGES.md")

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert (report.created, report.problems) == (3, ())
    with sqlite.reading() as session:
        readme = stored(session, "some-package-readme")
        assert (readme.title, readme.body) == ("The fine package", "It works.")
        assert (readme.kind, readme.audience, readme.status) == (Kind.GUIDE, Audience.EMPLOYEES, Status.PUBLISHED)
        assert stored(session, "other-changes").title == "Change log"
        assert stored(session, "other-changes").body.startswith("Some words first.")
        assert stored(session, "other-how-to-do").title == "how to do"


def test_a_path_that_is_too_long_for_a_slug_still_has_one(sqlite: Database, tmp_path: Path) -> None:
    folder = tmp_path / "in" / ("a" * 80) / ("b" * 80)
    a_file(folder / "one.md", "# One")
    a_file(folder / "two.md", "# Two")

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert (report.created, report.problems) == (2, ())


def test_unknown_fields_are_reported_with_their_values(sqlite: Database, tmp_path: Path) -> None:
    path = a_file(
        tmp_path / "one.md", "---\ntitle: One\nlayout: post\nvision: {why: not}\nauthor: who@example.com\n---\nText"
    )

    report = import_path(sqlite, OPERATOR, path)

    assert report.created == 1
    assert [(found.line, found.field) for found in report.warnings] == [(3, "layout"), (4, "vision"), (5, "author")]
    assert "post" in report.warnings[0].message


def test_damaged_text_is_repaired_and_reported(sqlite: Database, tmp_path: Path) -> None:
    a_file(tmp_path / "in" / "a.md", "# Zoë’s “café”\n\nText".encode("mac_roman"))
    a_file(tmp_path / "in" / "b.md", "# Zoë’s “café”\n\nText".encode("cp1252"))
    a_file(
        tmp_path / "in" / "c.jsonl",
        '{"type": "entry", "kind": "guide", "slug": "c", "title": "Zoë’s “café”"}'.encode("cp1252"),
    )

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert (report.created, len(report.warnings)) == (3, 3)
    with sqlite.reading() as session:
        assert {stored(session, slug).title for slug in ("a", "b", "c")} == {"Zoë’s “café”"}


def test_states_that_a_file_names_are_reached(sqlite: Database, tmp_path: Path) -> None:
    path = some_lines(
        tmp_path / "rows.jsonl",
        *(
            an_entry_line(status.replace("_", "-"), status=status)
            for status in ("draft", "in_review", "changes_requested")
        ),
        an_entry_line("archived", status="archived", published_at="2026-01-01T00:00:00Z"),
        an_entry_line("verified", verified_until="2027-01-01T00:00:00Z"),
    )

    report = import_path(sqlite, OPERATOR, path)

    assert (report.created, report.problems) == (5, ())
    with sqlite.reading() as session:
        for status in (Status.DRAFT, Status.IN_REVIEW, Status.CHANGES_REQUESTED, Status.ARCHIVED):
            assert stored(session, status.lower().replace("_", "-")).status is status
        assert stored(session, "verified").verified_until == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_pending_draft_of_a_colleague_is_left_alone(sqlite: Database, tmp_path: Path) -> None:
    path = some_lines(tmp_path / "all.jsonl", *EVERYTHING)
    import_path(sqlite, OPERATOR, path)

    def revise(session: Session) -> None:
        row = by_email(session, "ines@example.com")
        assert row is not None
        writing.update(session, OPERATOR, stored(session, "valve").uid, 1, {"title": "Not ready yet"})

    sqlite.write(revise)
    report = import_path(sqlite, OPERATOR, path)

    assert (report.unchanged, report.updated) == (9, 0)
    with sqlite.reading() as session:
        assert stored(session, "valve").title == "Valve"


def test_an_import_takes_nothing_back(sqlite: Database, tmp_path: Path) -> None:
    path = some_lines(tmp_path / "all.jsonl", *EVERYTHING)
    import_path(sqlite, OPERATOR, path)

    rows = [
        {**INSIGHT, "status": "draft"},
        {"type": "entry", "slug": "to-the-front", "kind": "story"},
        {**FEEDBACK, "verbatim": "Something else."},
        {**PROGRESS, "health": "on_track"},
        {**CUSTOMER, "stage": "advocate"},
    ]
    report = import_path(sqlite, OPERATOR, some_lines(path, *rows))

    assert {(found.line, found.field) for found in report.problems} == {
        (1, "status"),
        (2, "kind"),
        (3, "verbatim"),
        (4, "external_id"),
    }
    assert [found.field for found in report.warnings] == ["stage"]
    assert report.unchanged == 1


def test_customers_know_their_parents_wherever_those_stand(sqlite: Database, tmp_path: Path) -> None:
    child = {**CUSTOMER, "external_id": "8", "name": "Bar", "parent": {"source": "crm", "external_id": "7"}}
    orphan = {**child, "external_id": "9", "parent": {"source": "crm", "external_id": "none"}}

    report = import_path(sqlite, OPERATOR, some_lines(tmp_path / "rows.jsonl", child, orphan, CUSTOMER))

    assert [(found.line, found.field) for found in report.problems] == [(2, "parent")]
    with sqlite.reading() as session:
        row = customers.find(session, OPERATOR, Reference(source="crm", external_id="8"))
        assert row is not None
        parent = customers.parent_of(row, OPERATOR)
        assert parent is not None
        assert parent.name == "The Copper Pot"


def test_a_slug_that_was_renamed_is_not_taken_over(sqlite: Database, tmp_path: Path) -> None:
    def rename(session: Session) -> None:
        row = an_entry(session, OPERATOR, slug="before")
        writing.update(session, OPERATOR, row.uid, 1, {"slug": "after"})

    sqlite.write(rename)
    report = import_path(sqlite, OPERATOR, some_lines(tmp_path / "rows.jsonl", an_entry_line("before")))

    assert [found.field for found in report.problems] == ["slug"]


def test_only_administrators_import(sqlite: Database, tmp_path: Path) -> None:
    leader = sqlite.write(lambda session: a_viewer(session, role=Role.LEADER))

    with pytest.raises(NotAllowed):
        import_path(sqlite, leader, tmp_path)


def test_an_administrator_does_not_approve_what_they_wrote(sqlite: Database, tmp_path: Path) -> None:
    admin = sqlite.write(lambda session: a_viewer(session, role=Role.ADMIN))
    path = some_lines(
        tmp_path / "rows.jsonl",
        an_entry_line("out", audience="public"),
        an_entry_line("in"),
        an_entry_line("draft", status="draft"),
    )

    report = import_path(sqlite, admin, path)

    assert [(found.line, found.field) for found in report.problems] == [(1, "audience")]
    assert report.created == 2


def test_only_what_can_be_read_is_imported(sqlite: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        import_path(sqlite, OPERATOR, tmp_path / "nothing")
    with pytest.raises(Invalid):
        import_path(sqlite, OPERATOR, a_file(tmp_path / "table.csv", "a,b"))


def test_lines_and_files_that_are_too_long_are_refused_unread(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LARGEST", 1024 * 1024)
    long = '{"type": "entry", "title": "' + "x" * (3 * 1024 * 1024) + '"}\n'
    a_file(tmp_path / "in" / "rows.jsonl", long + '{"type": "group", "name": "Support"}\n')
    a_file(tmp_path / "in" / "large.md", "x" * (1024 * 1024 + 1))

    report = import_path(sqlite, OPERATOR, tmp_path / "in")

    assert {(found.file, found.line) for found in report.problems} == {("rows.jsonl", 1), ("large.md", 1)}
    assert report.created == 1


def test_fifty_new_entries_take_few_statements(database: Database, tmp_path: Path, statements: list[str]) -> None:
    path = some_lines(
        tmp_path / "rows.jsonl",
        *(an_entry_line(f"e-{n}", tags=[f"t{n % 7}", "all"], functions=["support"], body="[[e-1]]") for n in range(50)),
    )
    statements.clear()

    with clock.held(datetime(2026, 1, 1, tzinfo=UTC)):  # a slow machine would make two batches of it
        import_path(database, OPERATOR, path)

    assert len(statements) <= 36


def test_progress_is_told(sqlite: Database, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = some_lines(tmp_path / "rows.jsonl", *(an_entry_line(f"e-{n}") for n in range(120)))

    import_path(sqlite, OPERATOR, path, progress=lambda done, total: told.append((done, total)))

    assert told[-1] == (120, 120)
    assert len(told) >= 3


def test_published_entries_follow_the_change_log(sqlite: Database, tmp_path: Path) -> None:
    from knowledge import changes

    import_path(sqlite, OPERATOR, some_lines(tmp_path / "rows.jsonl", an_entry_line("one"), an_entry_line("two")))

    with sqlite.reading() as session:
        moved = {change.uid for change in changes.since(session, "", types=("Entry",))}
        assert moved == {stored(session, "one").uid, stored(session, "two").uid}


@pytest.mark.parametrize("kind", [Kind.GUIDE, Kind.INSIGHT])
def test_an_import_of_facts_publishes_no_draft(sqlite: Database, tmp_path: Path, kind: Kind) -> None:
    def write(session: Session) -> None:
        row = a_draft(session, OPERATOR, kind=kind, slug="one", title="Out")
        evidence.attach(session, OPERATOR, row, some_feedback(session, OPERATOR), Stance.SUPPORTS)
        publishing.publish(session, OPERATOR, row.uid)
        writing.update(session, OPERATOR, row.uid, 1, {"title": "Not out"})

    sqlite.write(write)
    line = {"type": "entry", "slug": "one", "title": "Out", "status": "published", "created_at": "2025-01-01"}

    report = import_path(sqlite, OPERATOR, some_lines(tmp_path / "in.jsonl", line))

    assert (report.updated, report.problems) == (1, ())
    with sqlite.reading() as session:
        entry = entries.by_slug(session, OPERATOR, "one")
        assert entry is not None
        assert (entry.title, entry.created_at.year) == ("Out", 2025)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"type": "draft", "kind": "guide", "slug": "nowhere", "title": "X"}, "slug"),
        ({"type": "draft", "kind": "guide", "slug": "unfinished", "title": "X"}, "slug"),
        ({"type": "draft", "kind": "story", "slug": "out", "title": "X"}, "kind"),
        ({"type": "draft", "kind": "guide", "slug": "out", "title": "X", "status": "published"}, "status"),
        ({"type": "redirect", "from": "was", "to": "nowhere"}, "to"),
        ({"type": "redirect", "from": "unfinished", "to": "out"}, "from"),
        ({"type": "redirect", "from": "Not a slug", "to": "out"}, "from"),
    ],
)
def test_a_draft_or_a_former_slug_that_fits_nothing_is_refused(
    sqlite: Database, tmp_path: Path, line: dict[str, Any], field: str
) -> None:
    sqlite.write(lambda session: an_entry(session, OPERATOR, kind=Kind.GUIDE, slug="out"))
    sqlite.write(lambda session: a_draft(session, OPERATOR, kind=Kind.GUIDE, slug="unfinished"))

    report = import_path(sqlite, OPERATOR, some_lines(tmp_path / "in.jsonl", line))

    assert [problem.field for problem in report.problems] == [field]


def test_an_entry_may_not_be_owned_by_a_customer(sqlite: Database, tmp_path: Path) -> None:
    customer = {"type": "person", "email": "pot@example.com", "name": "Pot", "role": "customer"}
    line = an_entry_line("one", owner="pot@example.com")

    report = import_path(sqlite, OPERATOR, some_lines(tmp_path / "in.jsonl", customer, line))

    assert [problem.field for problem in report.problems] == ["owner"]


@pytest.mark.parametrize("status", ["published", "in_review"])
def test_a_customer_owns_what_they_wrote(sqlite: Database, tmp_path: Path, status: str) -> None:
    customer = {"type": "person", "email": "pot@example.com", "name": "Pot", "role": "customer"}
    line = an_entry_line("one", owner="pot@example.com", author="pot@example.com", status=status)

    report = import_path(sqlite, OPERATOR, some_lines(tmp_path / "in.jsonl", customer, line))

    assert report.problems == ()
    with sqlite.reading() as session:
        pot, entry = by_email(session, "pot@example.com"), entries.by_slug(session, OPERATOR, "one")
        assert pot is not None
        assert entry is not None
        assert (entry.author_id, entry.owner_id) == (pot.id, pot.id)


def test_what_is_too_long_for_its_column_is_reported_by_row(sqlite: Database, tmp_path: Path) -> None:
    lines = (
        an_entry_line("one", language="en" + "-abcdefgh" * 2),
        {**CUSTOMER, "source": "s" * 400},
        {**FEEDBACK, "customer": None, "external_id": "x" * 400},
        an_entry_line("new"),
        an_entry_line("fine"),
    )

    report = import_path(sqlite, OPERATOR, some_lines(tmp_path / "in.jsonl", *lines))

    assert sorted(problem.line for problem in report.problems) == [1, 2, 3, 4]
    assert report.created == 1


@pytest.mark.parametrize("strict", [False, True])
def test_a_row_that_comes_again_is_compared_with_what_the_first_brought(
    database: Database, tmp_path: Path, strict: bool
) -> None:
    of = {"source": "crm", "external_id": "1"}
    rows = [
        {"type": "group", "name": "Support", "kind": "service"},
        {"type": "customer", **of, "name": "Café Zimt"},
        {"type": "person", "email": "ines@example.com", "name": "Ines"},
        {"type": "feedback", **of, "verbatim": "It leaks.", "channel": "phone"},
        an_entry_line("call-back", kind="initiative", owner="ines@example.com", author="ines@example.com"),
        {"type": "progress", **of, "initiative": "call-back", "health": "on_track", "summary": "Begun."},
        {"type": "redirect", "from": "ring-back", "to": "call-back"},
    ]
    again = [row for row in rows if row["type"] != "entry"]

    report = import_path(
        database, OPERATOR, some_lines(tmp_path / "in.jsonl", *rows, *again, {**rows[1], "name": "Zimt"}), strict=strict
    )

    assert report.problems == ()
    assert (report.created, report.updated, report.unchanged) == (len(rows), 1, len(again))
