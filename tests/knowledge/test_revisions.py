"""Earlier revisions: restored and never rewritten, merged with what somebody saved meanwhile, found again under a name."""

import pytest
from sqlmodel import Session

from knowledge import entries
from knowledge.database import Page
from knowledge.entries import listing, publishing, restoring, revisions, snapshots, tags, writing
from knowledge.errors import Code, Invalid, NotAllowed, NotFound, Refusal
from knowledge.people import OPERATOR, Viewer
from knowledge.practices import PracticeRow
from knowledge.words import Audience, Change, Kind, RevisionState, Role
from tests.factories import a_draft, a_group, a_viewer, an_entry


def merge_of(
    session: Session, viewer: Viewer, entry: entries.EntryRow, base: int, **changes: object
) -> writing.Overtaken:
    with pytest.raises(writing.Overtaken) as caught:
        writing.update(session, viewer, entry.uid, base, changes)  # type: ignore[arg-type]
    return caught.value


def merged(conflict: writing.Overtaken) -> dict[str, str]:
    assert conflict.merge is not None
    return {field.name: field.merged for field in conflict.merge.fields}


def test_e4_a_conflict_carries_the_newer_revision_and_the_two_put_together(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, ines, title="Ring first", tags=["phone"], detail={"do": "1. Ring.\n2. Wait.\n3. Drive."})
    writing.update(
        session,
        ines,
        entry.uid,
        1,
        {"tags": ["phone", "visits"], "detail": {"do": "1. Ring.\n2. Wait.\n3. Drive there."}},
    )
    publishing.publish(session, ines, entry.uid)

    conflict = merge_of(
        session,
        jonas,
        entry,
        1,
        title="Ring before you drive",
        tags=[],
        detail={"do": "1. Ring twice.\n2. Wait.\n3. Drive."},
    )

    assert isinstance(conflict.current, entries.RevisionRow)
    assert conflict.current.number == 2
    assert merged(conflict) == {
        "title": "Ring before you drive",
        "tags": "visits",
        "practice.do": "1. Ring twice.\n2. Wait.\n3. Drive there.",
    }
    assert conflict.merge is not None
    assert conflict.merge.clean


def test_e4_what_was_merged_is_saved_over_the_newer_revision(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines, body="One.\n\nTwo.")
    writing.update(session, ines, entry.uid, 1, {"body": "One.\n\nTwo and more."})
    conflict = merge_of(session, ines, entry, 1, body="One and more.\n\nTwo.")

    saved = writing.update(session, ines, entry.uid, 2, {"body": merged(conflict)["body"]})

    latest = listing.latest_of(saved, ines)
    assert latest is not None
    assert (latest.number, latest.body) == (3, "One and more.\n\nTwo and more.")


def test_e4_merging_meets_a_conflict_again_when_somebody_saves_again(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines, body="One.\n\nTwo.\n\nThree.")
    writing.update(session, ines, entry.uid, 1, {"body": "One.\n\nTwo.\n\nThree, hers."})
    mine = merged(merge_of(session, ines, entry, 1, body="One, mine.\n\nTwo.\n\nThree."))["body"]
    writing.update(session, ines, entry.uid, 2, {"body": "One.\n\nTwo, too.\n\nThree, hers."})

    again = merge_of(session, ines, entry, 2, body=mine)

    assert merged(again) == {"body": "One, mine.\n\nTwo, too.\n\nThree, hers."}
    assert again.merge is not None
    assert again.merge.clean


def test_a_conflict_with_a_draft_that_is_somebody_elses_tells_nothing_of_it(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, ines, body="One.")
    writing.update(session, ines, entry.uid, 1, {"body": "A secret."})

    conflict = merge_of(session, jonas, entry, 1, body="Mine.")

    assert (conflict.current, conflict.merge) == (None, None)


def test_a_base_that_one_may_not_read_any_more_is_replaced_by_an_earlier_one(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, ines, body="One.\n\nTwo.")
    writing.update(session, ines, entry.uid, 1, {"body": "One, submitted.\n\nTwo."})
    publishing.submit(session, ines, entry.uid)
    writing.update(session, ines, entry.uid, 2, {"body": "One, again.\n\nTwo."})
    publishing.submit(session, ines, entry.uid)

    conflict = merge_of(session, jonas, entry, 2, body="One.\n\nTwo, mine.")

    assert merged(conflict) == {"body": "One, again.\n\nTwo, mine."}


def test_e5_restoring_makes_a_new_revision_and_rewrites_none(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(
        session, ines, title="First", body="Once.", tags=["old"], summary="Short.", detail={"say": "Sorry."}
    )
    writing.update(
        session,
        ines,
        entry.uid,
        1,
        {"title": "Second", "body": "", "tags": ["new"], "summary": None, "detail": {"say": "No."}},
    )

    restored = restoring.restore(session, ines, entry.uid, 1, 2)

    latest = listing.latest_of(restored, ines)
    assert latest is not None
    assert (latest.number, latest.title, latest.body, latest.summary) == (3, "First", "Once.", "Short.")
    assert latest.note == "Restored revision 1."
    assert [tag.name for tag in tags.of_revision(latest)] == ["old"]
    part = entries.revision_detail(latest, PracticeRow)
    assert part is not None
    assert (part.say, part.say_html) == ("Sorry.", "<p>Sorry.</p>")
    kept = listing.revisions_of(restored, ines, Page()).rows
    assert [(row.number, row.title) for row in kept] == [(3, "First"), (2, "Second"), (1, "First")]


def test_e5_a_restored_revision_is_for_those_it_was_for(session: Session) -> None:
    group = a_group(session)
    ines = a_viewer(session, group=group)
    entry = an_entry(session, ines, audience=Audience.GROUP, audience_groups=[group.uid])
    writing.update(session, ines, entry.uid, 1, {"audience": Audience.EMPLOYEES})

    restored = restoring.restore(session, ines, entry.uid, 1, 2, note="It was for us alone.")

    latest = listing.latest_of(restored, ines)
    assert latest is not None
    assert (latest.audience, latest.note) == (Audience.GROUP, "It was for us alone.")
    assert [row.uid for row in listing.revision_groups(latest)] == [group.uid]


def test_restoring_over_a_revision_that_one_has_not_seen_conflicts(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    for number in (1, 2):
        writing.update(session, ines, entry.uid, number, {"body": f"{number}."})

    with pytest.raises(writing.Overtaken):
        restoring.restore(session, ines, entry.uid, 1, 2)
    with pytest.raises(Invalid):
        restoring.restore(session, ines, entry.uid, 3, 3)


def test_only_its_keepers_restore_and_only_what_they_may_read(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, ines)
    writing.update(session, ines, entry.uid, 1, {"body": "A draft."})
    writing.update(session, ines, entry.uid, 2, {"body": "Out."})
    publishing.publish(session, ines, entry.uid)

    with pytest.raises(NotAllowed):
        restoring.restore(session, a_viewer(session), entry.uid, 1, 3)
    with pytest.raises(NotFound):
        restoring.restore(session, jonas, entry.uid, 2, 3)
    assert restoring.restore(session, jonas, entry.uid, 1, 3).revision == 3


def test_without_a_former_revision_named_what_is_published_is_compared_or_else_the_one_before(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines, body="1.")
    for number in (1, 2, 3):
        writing.update(session, ines, entry.uid, number, {"body": f"{number + 1}."})
    publishing.publish(session, ines, entry.uid)
    writing.update(session, ines, entry.uid, 4, {"body": "5."})
    row = writing.update(session, ines, entry.uid, 5, {"body": "6."})

    found = {after: revisions.difference_of_entry(row, ines, None, after) for after in (1, 3, 4, 6)}

    assert {after: each and each.before and each.before.number for after, each in found.items()} == {
        1: None,
        3: 2,
        4: 3,
        6: 4,
    }
    last = found[6]
    assert last is not None
    assert [(part.kind, part.text) for part in last.fields[0].parts] == [
        (Change.REMOVED, "4"), (Change.ADDED, "6"), (Change.SAME, "."),
    ]  # fmt: skip


def test_every_field_is_compared_and_no_other_is_told(session: Session) -> None:
    group = a_group(session)
    ines = a_viewer(session)
    entry = a_draft(session, ines, title="Before", tags=["one"], detail={"do": "Ring."})
    changed: writing.Changes = {
        "title": "After", "summary": "Short.", "body": "Text.", "language": "de", "tags": ["two"], "source": "Us",
        "licence": "CC0", "audience": Audience.GROUP, "audience_groups": [group.uid], "detail": {"do": "Write."},
    }  # fmt: skip
    row = writing.update(session, ines, entry.uid, 1, changed)

    difference = revisions.difference_of_entry(row, ines, 1, 2)

    assert difference is not None
    assert [field.field for field in difference.fields] == [
        "title", "practice.do", "body", "tags", "summary", "source", "licence", "audience", "audience_groups", "language",
    ]  # fmt: skip
    assert difference.fields[8].parts[0].text == group.name


def test_the_kth_published_revision_is_version_k(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    vision = an_entry(session, margit, kind=Kind.VISION)
    for number in (1, 2, 3):
        row = writing.update(session, margit, vision.uid, number, {"body": f"{number}"})
        if number != 2:
            row = publishing.publish(session, margit, vision.uid)

    found = listing.revisions_of(row, margit, Page()).rows

    assert [(each.number, each.version, each.state) for each in found] == [
        (4, 3, RevisionState.PUBLISHED),
        (3, 0, RevisionState.DRAFT),
        (2, 2, RevisionState.SUPERSEDED),
        (1, 1, RevisionState.SUPERSEDED),
    ]


def test_a_revision_of_a_vision_is_found_again_by_its_name(session: Session) -> None:
    margit, reader = a_viewer(session, role=Role.LEADER), a_viewer(session)
    vision = an_entry(session, margit, kind=Kind.VISION, body="Once.")
    named = snapshots.name(session, margit, vision.uid, 1, called=" As  agreed ", note="With the council.")
    writing.update(session, margit, vision.uid, 1, {"body": "Later."})
    row = writing.update(session, margit, vision.uid, 2, {"body": "Latest."})
    snapshots.name(session, margit, vision.uid, 2, called="In between")

    seen = snapshots.of_entry(row, margit)
    difference = snapshots.difference(row, margit, "as agreed", "3")

    assert (named.name, named.number, named.version) == ("As agreed", 1, 1)
    assert [each.name for each in seen] == ["In between", "As agreed"]
    assert difference is not None
    assert difference.before is not None
    assert (difference.before.number, difference.after.number) == (1, 3)
    assert snapshots.difference(row, margit, "As disagreed", "3") is None
    as_read = entries.by_uid(session, reader, vision.uid)
    assert as_read is not None
    assert [each.name for each in snapshots.of_entry(as_read, reader)] == ["As agreed"]
    assert snapshots.difference(as_read, reader, "As agreed", "In between") is None


def test_a_name_is_one_visions_own_and_not_a_number(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    vision, other = (an_entry(session, margit, kind=Kind.VISION) for _ in range(2))
    snapshots.name(session, margit, vision.uid, 1, called="As agreed")

    for called in ("AS AGREED", "", "12", "x" * 81):
        with pytest.raises(Refusal) as caught:
            snapshots.name(session, margit, vision.uid, 1, called=called)
        assert [(problem.field, problem.code) for problem in caught.value.problems] == [("name", Code.INVALID)]
    assert snapshots.name(session, margit, other.uid, 1, called="As agreed").number == 1


def test_only_visions_have_snapshots_and_only_their_keepers_name_them(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    vision = an_entry(session, margit, kind=Kind.VISION)

    with pytest.raises(NotAllowed):
        snapshots.name(session, a_viewer(session), vision.uid, 1, called="Mine")
    with pytest.raises(Invalid):
        snapshots.name(session, margit, an_entry(session, margit).uid, 1, called="Mine")
    with pytest.raises(NotFound):
        snapshots.name(session, OPERATOR, vision.uid, 7, called="Mine")
