"""Who is told of what, once; and who hears nothing of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlmodel import Session

from knowledge import activity, clock, evidence, jobs, people
from knowledge.activity import TOLD
from knowledge.community import centre, follows, notifications
from knowledge.community.follows import Follow, Search
from knowledge.community.notifications import Notification
from knowledge.community.readers import may_see
from knowledge.community.recipes import RECIPES
from knowledge.database import Database, Page, table_of
from knowledge.entries import EntryRow, by_uid, freshness, publishing, tags, writing
from knowledge.entries.entry import Entry
from knowledge.errors import NotFound
from knowledge.jobs import Job
from knowledge.people import OPERATOR, Person, Viewer, person_by_uid, viewer_for
from knowledge.words import Audience, FollowState, FollowTarget, Kind, Reason, Role, Stance, Status
from server.worker import HANDLERS
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_draft, a_group, a_viewer, an_entry, some_feedback, told
from tests.schema.test_visibility import a_world

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


def heard(session: Session, viewer: Viewer) -> list[tuple[Reason, int]]:
    session.flush()
    return [(row.reason, row.count) for row in centre.listing(session, viewer, Page(first=100)).rows]


def hears(database: Database, viewer: Viewer) -> list[tuple[Reason, int]]:
    jobs.run_due(database, HANDLERS)
    with database.reading() as session:
        assert centre.unread_count(session, viewer) == len(heard(session, viewer))
        return heard(session, viewer)


def test_every_recipe_is_of_a_verb_that_is_told() -> None:
    assert set(RECIPES) <= TOLD


def test_an_act_and_the_job_that_tells_of_it_are_written_together(database: Database) -> None:
    author = database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, author))

    with database.reading() as session:
        subject = select(table_of(Job).c.subject).where(table_of(Job).c.kind == "notify")
        verbs = [each.split(" ")[:4] for each in session.connection().execute(subject).scalars()]

    assert ["entry.created", "Entry", str(entry.uid), str(author.id)] in verbs
    assert max(map(len, activity.TOLD)) + len(str(entry.uid)) + 80 <= 200  # a subject fits its column


def test_an_import_tells_nobody(stocked: Database) -> None:
    with stocked.reading() as session:
        assert (
            not session.connection().execute(select(table_of(Job).c.id).where(table_of(Job).c.kind == "notify")).all()
        )


def submitted(session: Session, author: Viewer, kind: Kind = Kind.STORY) -> EntryRow:
    draft = a_draft(session, author, kind=kind, audience=Audience.PUBLIC)
    return publishing.submit(session, author, draft.uid)


def test_those_who_approve_hear_what_waits_and_its_author_does_not(database: Database) -> None:
    author, steward = (database.write(lambda session: a_viewer(session, role=Role.STEWARD)) for _ in range(2))
    colleague = database.write(a_viewer)

    database.write(lambda session: submitted(session, author))

    assert hears(database, steward) == [(Reason.REVIEW_WANTED, 1)]
    assert hears(database, author) == []
    assert hears(database, colleague) == []


def test_the_author_hears_what_came_of_it(database: Database) -> None:
    author = database.write(a_viewer)
    steward = database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    entry = database.write(lambda session: submitted(session, author))

    database.write(lambda session: publishing.request_changes(session, steward, entry.uid, "Say it plainer."))
    asked = hears(database, author)
    database.write(lambda session: publishing.submit(session, author, entry.uid))
    database.write(lambda session: publishing.approve(session, steward, entry.uid))

    assert asked == [(Reason.CHANGES_REQUESTED, 1)]
    assert hears(database, author) == [(Reason.PUBLISHED, 1), (Reason.CHANGES_REQUESTED, 1)]


def follow_tag(session: Session, viewer: Viewer) -> None:
    an_entry(session, a_viewer(session), tags=["valve"])
    tag = tags.by_slug(session, viewer, "valve")
    assert tag is not None
    follows.follow(session, viewer, tag)


def follow_author(session: Session, viewer: Viewer, author: Viewer) -> None:
    assert author.uid is not None
    person = person_by_uid(session, viewer, author.uid)
    assert person is not None
    follows.follow(session, viewer, person)


def follow_group(session: Session, viewer: Viewer, author: Viewer) -> None:
    group = people.groups_by_ids(session, [author.group_id])[author.group_id]
    follows.follow(session, viewer, group)


WAYS: dict[FollowTarget, Callable[[Session, Viewer, Viewer], Any]] = {
    FollowTarget.TAG: lambda session, viewer, _: follow_tag(session, viewer),
    FollowTarget.KIND: lambda session, viewer, _: follows.follow(session, viewer, Kind.STORY),
    FollowTarget.PERSON: follow_author,
    FollowTarget.GROUP: follow_group,
    FollowTarget.SEARCH: lambda session, viewer, _: follows.follow(
        session, viewer, Search("leaking valves -espresso", {"kinds": ["STORY"], "tags": ["valve"]})
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_followers_hear_of_what_is_new_once_and_not_of_its_later_versions(
    database: Database, way: FollowTarget
) -> None:
    reader = database.write(a_viewer)
    author = database.write(lambda session: a_viewer(session, group=a_group(session)))
    database.write(lambda session: WAYS[way](session, reader, author))

    story: dict[str, Any] = {"kind": Kind.STORY, "tags": ["valve"], "body": "It leaked at the valve again."}
    entry = database.write(lambda session: an_entry(session, author, **story))
    first = hears(database, reader)
    database.write(lambda session: writing.update(session, author, entry.uid, 1, {"body": "It leaked at the valves."}))
    database.write(lambda session: publishing.publish(session, author, entry.uid))

    assert first == [(Reason.NEW, 1)]
    assert hears(database, reader) == [(Reason.NEW, 1)]


@pytest.mark.parametrize(
    ("query", "is_told"),
    [
        ("leaking", True),
        ("leak valve", True),
        ("leak refund", False),
        ('"at the valve"', True),
        ('"the leaking valve"', False),
        ("leak -valve", False),
        ("title:valve", False),
        ("title:title", True),
        ("kind:story", True),
        ("kind:guide", False),
        ("tag:valve", True),
        ("tag:refund", False),
        ("val*", True),
        ("author:nobody", False),
        ("after:2020", True),
        ("before:2020", False),
        ("the", True),
    ],
)
def test_a_search_that_is_followed_wants_every_word(sqlite: Database, query: str, is_told: bool) -> None:
    reader, author = sqlite.write(a_viewer), sqlite.write(a_viewer)
    sqlite.write(lambda session: follows.follow(session, reader, Search(query)))

    sqlite.write(
        lambda session: an_entry(
            session, author, kind=Kind.STORY, title="The title", tags=["valve"], body="It leaked at the valve again."
        )
    )

    assert hears(sqlite, reader) == ([(Reason.NEW, 1)] if is_told else [])


def test_nobody_hears_of_what_they_did(database: Database) -> None:
    steward = database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    entry = database.write(lambda session: an_entry(session, steward))

    database.write(lambda session: freshness.verify(session, steward, entry.uid))

    assert hears(database, steward) == [(Reason.PUBLISHED, 1)]  # the operator of these tests published it


def test_whoever_is_concerned_in_several_ways_hears_once(session: Session) -> None:
    owner = a_viewer(session)
    entry = an_entry(session, owner)
    follows.follow(session, owner, entry)

    told(session, entry, "entry.contested")

    assert heard(session, owner) == [(Reason.CONTESTED, 1)]


def test_running_the_job_twice_tells_nobody_twice(session: Session) -> None:
    owner = a_viewer(session)
    entry = an_entry(session, owner)
    subject = f"entry.verified Entry {entry.uid} - {NOON.isoformat()}"

    notifications.notify(session, subject)
    centre.mark_all(session, owner)
    notifications.notify(session, subject)

    assert heard(session, owner) == [(Reason.VERIFIED, 1)]
    assert centre.unread_count(session, owner) == 0


def test_several_of_one_sort_are_one_until_they_are_read(session: Session) -> None:
    owner, ines, jonas = (a_viewer(session, name=name) for name in ("Owner", "Ines", "Jonas"))
    entry = an_entry(session, owner)
    for by in (jonas, ines, ines):
        told(session, entry, "use.recorded", by=by)
    before = centre.listing(session, owner, Page()).rows

    centre.mark(session, owner, [before[0].uid])
    told(session, entry, "use.recorded", by=jonas)

    after = centre.listing(session, owner, Page()).rows
    assert [(row.count, row.actors, row.actor_id) for row in before] == [(3, 2, ines.id)]
    assert [(row.count, row.seen) for row in after] == [(1, False), (3, True)]


def test_reading_what_was_shown_leaves_what_came_since_unread(session: Session) -> None:
    owner = a_viewer(session)
    entry = an_entry(session, owner)
    told(session, entry)
    shown = centre.listing(session, owner, Page()).rows[0]
    told(session, entry)
    told(session, entry, "entry.contested")

    centre.mark_all(session, owner, up_to=shown.uid)

    assert heard(session, owner) == [(Reason.CONTESTED, 1), (Reason.VERIFIED, 1), (Reason.VERIFIED, 1)]
    assert centre.unread_count(session, owner) == 2


def test_nobody_marks_what_another_is_told(session: Session) -> None:
    owner, other = a_viewer(session), a_viewer(session)
    told(session, an_entry(session, owner))
    row = centre.listing(session, owner, Page()).rows[0]

    with pytest.raises(NotFound):
        centre.mark(session, other, [row.uid])
    with pytest.raises(NotFound):
        centre.mark_all(session, other, up_to=row.uid)

    assert centre.by_uid(session, other, row.uid) is None
    assert centre.unread_count(session, owner) == 1


def test_what_is_switched_off_is_not_told_but_what_else_it_is_still_is(session: Session) -> None:
    reader, author = a_viewer(session), a_viewer(session)
    entry = an_entry(session, author, kind=Kind.STORY)
    follows.follow(session, reader, entry)
    follows.follow(session, reader, Kind.STORY)
    centre.choose(session, reader, frozenset(Reason) - {Reason.PUBLISHED, Reason.VERIFIED})

    told(session, entry, "entry.published")
    told(session, entry, "entry.verified")

    assert heard(session, reader) == [(Reason.NEW, 1)]
    assert centre.unwanted(session, reader) == {Reason.PUBLISHED, Reason.VERIFIED}


def test_whoever_muted_an_entry_hears_nothing_even_of_their_own(session: Session) -> None:
    owner = a_viewer(session)
    entry = an_entry(session, owner)

    follows.mute(session, owner, entry)
    told(session, entry, "entry.contested")
    muted = heard(session, owner)
    follows.follow(session, owner, entry)
    told(session, entry, "entry.contested")

    assert muted == []
    assert heard(session, owner) == [(Reason.CONTESTED, 1)]


def test_customers_are_told_what_they_may_know(session: Session) -> None:
    customer, author = a_viewer(session, role=Role.CUSTOMER), a_viewer(session)
    entry = an_entry(session, author, audience=Audience.PUBLIC)
    follows.follow(session, customer, entry)

    for verb in RECIPES:
        told(session, entry, verb)

    named = {reason for reason, _ in heard(session, customer)}
    assert named == {Reason.PUBLISHED, Reason.VERIFIED, Reason.CONTESTED, Reason.OBSOLETED, Reason.ARCHIVED}


def test_evidence_reaches_those_who_keep_the_entry(database: Database) -> None:
    author, other = database.write(a_viewer), database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, author, kind=Kind.STORY))

    database.write(
        lambda session: evidence.attach(session, other, entry, some_feedback(session, other), Stance.SUPPORTS)
    )

    assert (Reason.EVIDENCE, 1) in hears(database, author)


def test_those_who_are_named_hear_of_it_and_nobody_else(database: Database) -> None:
    author, named, other = (database.write(a_viewer) for _ in range(3))
    entry = database.write(lambda session: a_shown(session, author, [named, other]))

    def mention(session: Session) -> None:
        moved = {"person": (None, str(named.uid))}
        activity.record(session, author.id, "mention.made", "Entry", entry.uid, moved=moved)

    database.write(mention)

    assert (Reason.MENTION, 1) in hears(database, named)
    assert all(reason is not Reason.MENTION for reason, _ in hears(database, other))


def a_shown(session: Session, author: Viewer, followers: Sequence[Viewer]) -> EntryRow:
    entry = an_entry(session, author, kind=Kind.STORY)
    for each in followers:
        follows.follow(session, each, entry)
    return entry


def test_mentioning_somebody_shows_them_nothing_that_they_may_not_see(session: Session) -> None:
    author, named = a_viewer(session), a_viewer(session)
    draft = a_draft(session, author)
    activity.record(session, author.id, "mention.made", "Entry", draft.uid, moved={"person": (None, str(named.uid))})
    session.flush()
    for subject in session.connection().execute(select(table_of(Job).c.subject)).scalars().all():
        notifications.notify(session, subject)

    assert heard(session, named) == []


def unpublished(session: Session, entry: EntryRow, **values: Any) -> None:
    stored = session.get_one(Entry, entry.id)
    for name, value in values.items():
        setattr(stored, name, value)
    session.flush()


GONE: dict[str, dict[str, Any]] = {
    "draft": {"status": Status.DRAFT},
    "group": {"audience": Audience.GROUP},
    "archived": {"status": Status.ARCHIVED},
    "in review": {"status": Status.IN_REVIEW},
}


@pytest.mark.parametrize("gone", GONE)
def test_what_may_not_be_seen_any_more_is_neither_shown_nor_counted(session: Session, gone: str) -> None:
    author, reader = a_viewer(session), a_viewer(session)
    entry = a_shown(session, author, [reader])
    for reason in Reason:
        tell(session, reader, entry, reason)
    before = centre.unread_count(session, reader)
    rows = centre.listing(session, reader, Page(first=100)).rows

    unpublished(session, entry, **GONE[gone])

    assert before == len(rows) == len(Reason)
    assert heard(session, reader) == []
    assert centre.unread_count(session, reader) == 0
    assert [centre.by_uid(session, reader, row.uid) for row in rows] == [None] * len(rows)
    assert [centre.entry_of(row, reader) for row in rows] == [None] * len(rows)


def tell(session: Session, viewer: Viewer, entry: EntryRow, reason: Reason) -> None:
    values = {"uid": clock.uid(), "person_id": viewer.id, "event": clock.uid(), "reason": reason, "entry_id": entry.id}
    about = {"about_type": "Entry", "about_uid": entry.uid, "at": NOON}
    session.connection().execute(insert(table_of(Notification)).values(values | about))


ON_ENTRIES = [verb for verb in RECIPES if not verb.startswith(("comment.", "suggestion.", "flag."))]


@pytest.mark.parametrize(
    "verb", [verb for verb in ON_ENTRIES if verb not in ("entry.submitted", "mention.made", "gap.answered")]
)
def test_every_verb_reaches_those_it_concerns_and_never_a_stranger_to_the_entry(sqlite: Database, verb: str) -> None:
    with Session(sqlite.engine) as session:
        author, reader = a_viewer(session), a_viewer(session)
        entry = a_shown(session, author, [reader])
        unpublished(session, entry, status=Status.DRAFT)

        told(session, entry, verb)

        others = (Reason.ANSWERED, Reason.ASKED, Reason.ACCEPTED)  # whom nobody asked or answered
        concerned = [each.reason for each in RECIPES[verb].told if each.reason not in others]
        assert [reason for reason, _ in heard(session, author)] == concerned[:1]
        assert heard(session, reader) == []


def test_what_happened_before_one_followed_is_not_told(session: Session) -> None:
    author, reader = a_viewer(session), a_viewer(session)
    entry = an_entry(session, author)
    subject = f"entry.verified Entry {entry.uid} - {clock.now().isoformat()}"
    follows.follow(session, reader, entry)

    notifications.notify(session, subject)

    assert heard(session, reader) == []


def test_whoever_has_become_a_customer_reads_no_more_what_colleagues_hear(session: Session) -> None:
    author, other = a_viewer(session), a_viewer(session)
    entry = an_entry(session, author, audience=Audience.PUBLIC)
    for verb in ("entry.verified", "evidence.attached", "use.recorded"):
        told(session, entry, verb, by=other)

    customer = replace(author, role=Role.CUSTOMER)

    assert heard(session, customer) == [(Reason.VERIFIED, 1)]
    assert centre.unread_count(session, customer) == 1


@pytest.mark.parametrize("gone", GONE)
def test_nobody_is_told_of_what_they_may_not_see_when_it_happens(session: Session, gone: str) -> None:
    author, reader = a_viewer(session), a_viewer(session)
    entry = a_shown(session, author, [reader])
    unpublished(session, entry, **GONE[gone])

    told(session, entry, "entry.verified")

    table = table_of(Notification).c
    people = session.connection().execute(select(table.person_id)).scalars().all()
    assert people == [author.id]


def test_those_who_may_see_an_entry_are_those_whom_visible_to_lets_see_it(database: Database) -> None:
    world = database.write(a_world)
    persons = table_of(Person).c

    def readers(session: Session, entry: EntryRow) -> set[int]:
        found = select(persons.id).join(table_of(Entry), table_of(Entry).c.id == entry.id).where(may_see())
        return set(session.connection().execute(found).scalars())

    with database.reading() as session:
        everyone = people.by_ids(session, session.connection().execute(select(persons.id)).scalars().all())
        viewers = [viewer_for(person) for person in everyone.values()]
        seen = {
            name: {viewer.id for viewer in viewers if by_uid(session, viewer, row.uid) is not None}
            for name, row in world.entries.items()
        }

        assert {name: readers(session, row) for name, row in world.entries.items()} == seen


def five_thousand(session: Session) -> EntryRow:
    entry = an_entry(session, a_viewer(session))
    person = {"role": Role.EMPLOYEE, "created_at": NOON, "updated_at": NOON, "version": 1, "sample": False}
    session.connection().execute(
        insert(table_of(Person)),
        [{**person, "uid": clock.uid(), "name": "F", "email": f"f{n}@example.com"} for n in range(5_000)],
    )
    everyone = select(table_of(Person).c.id).where(table_of(Person).c.name == "F")
    rows = [
        {"uid": clock.uid(), "person_id": id, "target": FollowTarget.ENTRY, "state": FollowState.FOLLOWING,
         "entry_id": entry.id, "created_at": NOON}
        for id in session.connection().execute(everyone).scalars()
    ]  # fmt: skip
    session.connection().execute(insert(table_of(Follow)), rows)
    return entry


@ON_ONE_ENGINE
def test_five_thousand_followers_are_told_in_two_statements(database: Database, statements: list[str]) -> None:
    entry = database.write(five_thousand)
    statements.clear()

    database.write(lambda session: told(session, entry))
    database.write(lambda session: told(session, entry))

    assert len(statements) == 4
    with database.reading() as session:
        assert len(session.connection().execute(select(table_of(Notification).c.uid)).scalars().all()) == 10_002


@ON_ONE_ENGINE
def test_what_is_unread_is_counted_in_one_statement(database: Database, statements: list[str]) -> None:
    owner = database.write(a_viewer)
    for _ in range(3):
        database.write(lambda session: told(session, an_entry(session, owner)))
    statements.clear()

    with database.reading() as session:
        counts = [centre.unread_count(session, viewer) for viewer in (owner, Viewer())]

    assert counts == [3, 0]
    assert len(statements) == 1


def test_what_was_read_is_tidied_after_ninety_days_and_the_rest_after_a_year(session: Session) -> None:
    owner = a_viewer(session)
    with clock.held(NOON):
        told(session, an_entry(session, owner))
        centre.mark_all(session, owner)
        told(session, an_entry(session, owner), "entry.contested")

    kept = []
    for days in (89, 91, 364, 366):
        with clock.held(NOON + timedelta(days=days)):
            notifications.tidy(session)
            kept.append(len(heard(session, owner)))

    assert kept == [2, 1, 1, 0]


def test_an_entry_that_is_gone_by_then_is_told_to_nobody(session: Session) -> None:
    notifications.notify(session, f"entry.verified Entry {clock.uid()} - {NOON.isoformat()}")

    assert session.connection().execute(select(table_of(Notification).c.id)).all() == []


def test_disabled_people_are_told_nothing(session: Session) -> None:
    owner = a_viewer(session)
    entry = an_entry(session, owner)
    session.get_one(Person, owner.id).disabled_at = NOON
    session.flush()

    told(session, entry)

    assert heard(session, owner) == []


def test_the_operator_is_no_person(session: Session) -> None:
    told(session, an_entry(session, a_viewer(session)))

    assert centre.unread_count(session, OPERATOR) == 0
    assert heard(session, OPERATOR) == []
