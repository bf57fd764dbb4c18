from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, entries, jobs
from knowledge.activity import Activity
from knowledge.database import Database, Page, table_of
from knowledge.entries import EntryRow, approving, links, listing, publishing, scheduling, writing
from knowledge.entries.acts import EntryAct, allowed
from knowledge.errors import Conflict, Invalid, NotAllowed, Refusal
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Audience, Kind, LinkKind, RevisionState, Role, Status
from server.worker import HANDLERS
from tests.factories import a_draft, a_group, a_viewer, an_entry, titles

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3)


def again(session: Session, viewer: Viewer, entry: EntryRow) -> EntryRow:
    seen = entries.by_uid(session, viewer, entry.uid)
    assert seen is not None
    return seen


def verbs(session: Session, entry: EntryRow) -> list[str]:
    table = table_of(Activity).c
    session.flush()
    return list(
        session.connection().execute(select(table.verb).where(table.uid == entry.uid).order_by(table.id)).scalars()
    )


def stewards(session: Session, count: int) -> list[Viewer]:
    return [a_viewer(session, role=Role.STEWARD) for _ in range(count)]


def waiting(session: Session, author: Viewer, *, audience: Audience = Audience.CUSTOMERS) -> EntryRow:
    draft = a_draft(session, author, audience=audience)
    return publishing.submit(session, author, draft.uid)


@pytest.mark.parametrize("audience", [Audience.EMPLOYEES, Audience.CUSTOMERS, Audience.PUBLIC])
def test_without_a_rule_only_what_leaves_the_company_needs_approval(session: Session, audience: Audience) -> None:
    ines = a_viewer(session)
    draft = a_draft(session, ines, audience=audience)
    offered = allowed(draft, ines)

    leaves = audience is not Audience.EMPLOYEES
    assert (EntryAct.SUBMIT in offered, EntryAct.PUBLISH in offered) == (leaves, not leaves)
    assert (EntryAct.SCHEDULE in offered) == (not leaves)
    if leaves:
        with pytest.raises(NotAllowed):
            publishing.publish(session, ines, draft.uid)
    else:
        assert publishing.publish(session, ines, draft.uid).status is Status.PUBLISHED


def test_rule_that_is_off_lets_the_author_publish_for_customers(session: Session) -> None:
    ines = a_viewer(session)
    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=Kind.STORY, needed=0)
    story = a_draft(session, ines, kind=Kind.STORY, audience=Audience.CUSTOMERS)
    guide = a_draft(session, ines, kind=Kind.GUIDE, audience=Audience.CUSTOMERS)

    assert publishing.publish(session, ines, story.uid).status is Status.PUBLISHED
    with pytest.raises(NotAllowed):
        publishing.publish(session, ines, guide.uid)


def test_rule_of_one_holds_for_colleagues_too(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    approving.set_rule(session, OPERATOR, Audience.EMPLOYEES, kind=None, needed=1)
    draft = a_draft(session, ines)

    with pytest.raises(NotAllowed):
        publishing.publish(session, ines, draft.uid)
    publishing.submit(session, ines, draft.uid)

    assert publishing.approve(session, jonas, draft.uid).status is Status.PUBLISHED


def test_e2_quorum_takes_as_many_distinct_people_other_than_the_author(session: Session) -> None:
    anna, berta, carl, dora = stewards(session, 4)
    approving.set_rule(session, OPERATOR, Audience.PUBLIC, kind=None, needed=3)
    entry = waiting(session, anna, audience=Audience.PUBLIC)

    with pytest.raises(NotAllowed):
        publishing.approve(session, anna, entry.uid)
    first = publishing.approve(session, berta, entry.uid)
    with pytest.raises(Invalid, match="already"):
        publishing.approve(session, berta, entry.uid)
    with pytest.raises(NotAllowed, match="takes 3 approvals and has 1"):
        publishing.publish(session, carl, entry.uid)
    second = publishing.approve(session, carl, entry.uid)
    standing = approving.standing_of(second)
    third = publishing.approve(session, dora, entry.uid)

    assert [each.status for each in (first, second, third)] == [Status.IN_REVIEW, Status.IN_REVIEW, Status.PUBLISHED]
    assert (standing.needed, standing.by) == (3, (berta.id, carl.id))
    assert verbs(session, entry)[1:] == ["entry.submitted", "entry.approved", "entry.approved", "entry.published"]


def test_approvals_are_forgotten_when_a_newer_revision_is_submitted(session: Session) -> None:
    ines, (jonas, karl) = a_viewer(session), stewards(session, 2)
    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=2)
    entry = waiting(session, ines)
    publishing.approve(session, jonas, entry.uid)

    writing.update(session, ines, entry.uid, 1, {"body": "Newer."})
    publishing.submit(session, ines, entry.uid)

    assert approving.standing_of(again(session, ines, entry)).by == ()
    assert publishing.approve(session, karl, entry.uid).status is Status.IN_REVIEW
    assert publishing.approve(session, jonas, entry.uid).status is Status.PUBLISHED


def test_approvals_are_forgotten_when_changes_are_asked_for(session: Session) -> None:
    ines, (jonas, karl) = a_viewer(session), stewards(session, 2)
    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=2)
    entry = waiting(session, ines)
    publishing.approve(session, jonas, entry.uid)

    back = publishing.request_changes(session, karl, entry.uid, "For whom?")
    publishing.submit(session, ines, entry.uid)

    assert again(session, karl, back).status is Status.IN_REVIEW
    assert approving.standing_of(again(session, ines, entry)).by == ()


@pytest.mark.parametrize("audience", [Audience.EMPLOYEES, Audience.CUSTOMERS])
def test_what_a_reviewer_asked_for_is_never_shown_as_what_changed(session: Session, audience: Audience) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    draft = a_draft(session, ines, audience=audience, note="Shorter.")
    publishing.submit(session, ines, draft.uid)
    asked = publishing.request_changes(session, jonas, draft.uid, "Who says so? Legal must not see this.")

    if audience is Audience.EMPLOYEES:
        published = publishing.publish(session, ines, draft.uid)
    else:
        publishing.submit(session, ines, draft.uid)
        published = publishing.approve(session, jonas, draft.uid)

    assert (asked.note, published.note) == ("Who says so? Legal must not see this.", "Shorter.")


def test_who_gave_something_back_still_sees_what_they_said(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    entry = waiting(session, ines)

    publishing.request_changes(session, jonas, entry.uid, "For whom?")

    latest = listing.latest_of(again(session, jonas, entry), jonas)
    assert latest is not None
    assert latest.note == "For whom?"
    writing.update(session, ines, entry.uid, 1, {"body": "For cafés."})
    assert entries.by_uid(session, jonas, entry.uid) is None


def test_lowering_a_rule_lets_the_next_approval_decide(session: Session) -> None:
    ines, (jonas, karl) = a_viewer(session), stewards(session, 2)
    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=4)
    entry = waiting(session, ines)
    publishing.approve(session, jonas, entry.uid)

    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=None)

    assert publishing.approve(session, karl, entry.uid).status is Status.PUBLISHED


def test_rules_are_set_by_administrators_within_bounds_and_go_back_to_usual(session: Session) -> None:
    tomas = a_viewer(session, role=Role.ADMIN)

    with pytest.raises(NotAllowed):
        approving.set_rule(session, a_viewer(session, role=Role.LEADER), Audience.PUBLIC, kind=None, needed=0)
    with pytest.raises(Invalid):
        approving.set_rule(session, tomas, Audience.PUBLIC, kind=None, needed=6)
    approving.set_rule(session, tomas, Audience.PUBLIC, kind=Kind.VISION, needed=2)
    approving.set_rule(session, tomas, Audience.PUBLIC, kind=Kind.VISION, needed=3)
    own = [rule for rule in approving.rules(session) if rule.is_own]
    back = approving.set_rule(session, tomas, Audience.PUBLIC, kind=Kind.VISION, needed=None)

    assert own == [approving.Rule(Kind.VISION, Audience.PUBLIC, 3, True)]
    assert back == approving.Rule(None, Audience.PUBLIC, 1, False)
    assert [(rule.audience, rule.needed) for rule in approving.rules(session)] == list(approving.USUALLY.items())


def test_rule_that_was_set_twice_at_once_is_one_again_when_it_is_set(session: Session) -> None:
    for needed in (2, 3):
        session.add(approving.ApprovalRule(audience=Audience.CUSTOMERS, needed=needed))
    session.flush()

    back = approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=None)

    assert back == approving.Rule(None, Audience.CUSTOMERS, 1, False)


def test_a_curator_does_not_publish_a_draft_that_nobody_submitted(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    entry = an_entry(session, ines, audience=Audience.CUSTOMERS, title="Out")
    writing.update(session, ines, entry.uid, 1, {"title": "Half a thought"})

    with pytest.raises(Invalid, match="working on a newer draft"):
        publishing.publish(session, jonas, entry.uid)

    assert EntryAct.PUBLISH not in allowed(again(session, jonas, entry), jonas)
    assert again(session, jonas, entry).title == "Out"


def test_what_waits_is_not_submitted_twice(session: Session) -> None:
    ines = a_viewer(session)
    entry = waiting(session, ines)

    with pytest.raises(Invalid, match="waiting for review already"):
        publishing.submit(session, ines, entry.uid)


def test_approval_of_another_revision_than_was_read_conflicts_and_counts_for_nothing(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    entry = waiting(session, ines)
    writing.update(session, ines, entry.uid, 1, {"body": "Swapped."})
    publishing.submit(session, ines, entry.uid)

    with pytest.raises(Conflict):
        publishing.approve(session, jonas, entry.uid, number=1)

    assert approving.standing_of(again(session, ines, entry)).by == ()


# Scheduling


def status_of(database: Database, entry: EntryRow, viewer: Viewer = OPERATOR) -> Status | None:
    with database.reading() as session:
        seen = entries.by_uid(session, viewer, entry.uid)
        return seen.status if seen else None


def test_scheduled_entry_is_published_when_its_time_has_come_and_only_once(database: Database) -> None:
    with clock.held(NOON):
        ines, reader = (database.write(a_viewer) for _ in range(2))
        draft = database.write(lambda session: a_draft(session, ines))
        scheduled = database.write(lambda session: scheduling.schedule(session, ines, draft.uid, LATER))
        jobs.run_due(database, HANDLERS)
    assert scheduled.status is Status.SCHEDULED
    assert status_of(database, draft, reader) is None

    with clock.held(LATER - timedelta(seconds=1)):
        jobs.run_due(database, HANDLERS)
        assert status_of(database, draft) is Status.SCHEDULED
    with clock.held(LATER):
        jobs.run_due(database, HANDLERS)
        with database.reading() as session:
            latest = again(session, OPERATOR, draft).latest_revision_id
            revision = session.get_one(entries.Revision, latest).uid
        database.write(lambda session: scheduling.publish_due(session, revision))

    assert status_of(database, draft, reader) is Status.PUBLISHED
    with database.reading() as session:
        assert again(session, reader, draft).published_at == LATER
        assert verbs(session, draft).count("entry.published") == 1


def test_e1_published_revision_stays_readable_while_a_newer_one_is_scheduled(database: Database) -> None:
    with clock.held(NOON):
        ines, reader = (database.write(a_viewer) for _ in range(2))
        entry = database.write(lambda session: an_entry(session, ines, title="Before"))
        database.write(lambda session: writing.update(session, ines, entry.uid, 1, {"title": "After"}))
        database.write(lambda session: scheduling.schedule(session, ines, entry.uid, LATER))
        with database.reading() as session:
            before = again(session, reader, entry)
    with clock.held(LATER):
        jobs.run_due(database, HANDLERS)
        with database.reading() as session:
            after = again(session, reader, entry)

    assert (before.title, before.status) == ("Before", Status.PUBLISHED)
    assert (after.title, after.revision) == ("After", 2)


def test_an_edit_takes_an_entry_off_the_schedule(database: Database) -> None:
    with clock.held(NOON):
        ines = database.write(a_viewer)
        draft = database.write(lambda session: a_draft(session, ines))
        database.write(lambda session: scheduling.schedule(session, ines, draft.uid, LATER))
        database.write(lambda session: writing.update(session, ines, draft.uid, 1, {"body": "Not yet."}))
    with clock.held(LATER):
        jobs.run_due(database, HANDLERS)

    assert status_of(database, draft) is Status.DRAFT


def test_author_takes_an_entry_off_the_schedule_and_has_a_draft_again(database: Database) -> None:
    with clock.held(NOON):
        ines = database.write(a_viewer)
        draft = database.write(lambda session: a_draft(session, ines))
        database.write(lambda session: scheduling.schedule(session, ines, draft.uid, LATER))
        off = database.write(lambda session: scheduling.unschedule(session, ines, draft.uid))
        with pytest.raises(Invalid, match="Nothing of this is scheduled"):
            database.write(lambda session: scheduling.unschedule(session, ines, draft.uid))
    with clock.held(LATER):
        jobs.run_due(database, HANDLERS)

    assert off.status is Status.DRAFT
    assert status_of(database, draft) is Status.DRAFT


def test_a_curator_gives_what_was_scheduled_back_into_review(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    with clock.held(NOON):
        draft = a_draft(session, ines)
        scheduling.schedule(session, ines, draft.uid, LATER)

        back = scheduling.unschedule(session, jonas, draft.uid)

    assert (back.status, again(session, jonas, draft).status) == (Status.IN_REVIEW, Status.IN_REVIEW)


def test_moving_the_moment_moves_the_publication(database: Database) -> None:
    with clock.held(NOON):
        ines = database.write(a_viewer)
        draft = database.write(lambda session: a_draft(session, ines))
        for at in (LATER, LATER + timedelta(days=2)):
            database.write(lambda session, at=at: scheduling.schedule(session, ines, draft.uid, at))  # type: ignore[misc]
    states = []
    for days in (3, 5):
        with clock.held(NOON + timedelta(days=days)):
            jobs.run_due(database, HANDLERS)
            states.append(status_of(database, draft))

    assert states == [Status.SCHEDULED, Status.PUBLISHED]


def test_wished_moment_holds_once_the_last_approval_is_given(session: Session) -> None:
    ines, (jonas, karl) = a_viewer(session), stewards(session, 2)
    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=2)
    with clock.held(NOON):
        draft = a_draft(session, ines, audience=Audience.CUSTOMERS)
        publishing.submit(session, ines, draft.uid, at=LATER)
        first = publishing.approve(session, jonas, draft.uid)
        second = publishing.approve(session, karl, draft.uid)

    latest = listing.latest_of(second, ines)
    assert (first.status, second.status) == (Status.IN_REVIEW, Status.SCHEDULED)
    assert latest is not None
    assert latest.scheduled_for == LATER


def test_wished_moment_that_is_over_is_now(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    with clock.held(NOON):
        draft = a_draft(session, ines, audience=Audience.CUSTOMERS)
        publishing.submit(session, ines, draft.uid, at=LATER)

    with clock.held(LATER + timedelta(days=1)):
        assert publishing.approve(session, jonas, draft.uid).status is Status.PUBLISHED


def test_e2_who_may_not_publish_may_not_schedule(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    with clock.held(NOON):
        entry = waiting(session, ines)

        with pytest.raises(NotAllowed):
            scheduling.schedule(session, ines, entry.uid, LATER)
        assert scheduling.schedule(session, jonas, entry.uid, LATER).status is Status.SCHEDULED

    assert EntryAct.SCHEDULE not in allowed(entry, ines)


@pytest.mark.parametrize("at", [NOON, NOON - timedelta(days=1), NOON + timedelta(days=900)])
def test_moments_that_make_no_sense_are_refused(session: Session, at: datetime) -> None:
    ines = a_viewer(session)
    with clock.held(NOON):
        draft = a_draft(session, ines)

        with pytest.raises(Refusal) as caught:
            scheduling.schedule(session, ines, draft.uid, at)

    assert [problem.field for problem in caught.value.problems] == ["at"]


def test_archiving_takes_off_the_schedule(database: Database) -> None:
    with clock.held(NOON):
        ines = database.write(a_viewer)
        draft = database.write(lambda session: a_draft(session, ines))
        database.write(lambda session: scheduling.schedule(session, ines, draft.uid, LATER))
        database.write(lambda session: publishing.archive(session, ines, draft.uid))
    with clock.held(LATER):
        jobs.run_due(database, HANDLERS)

    assert status_of(database, draft) is Status.ARCHIVED


def test_insight_that_lost_its_evidence_goes_back_instead_of_out(database: Database) -> None:
    from knowledge import evidence
    from knowledge.words import Stance
    from tests.factories import some_feedback

    def scheduled(session: Session) -> tuple[Viewer, EntryRow]:
        ines = a_viewer(session)
        draft = a_draft(session, ines, kind=Kind.INSIGHT)
        piece = evidence.attach(session, ines, draft, some_feedback(session, ines), Stance.SUPPORTS)
        scheduling.schedule(session, ines, draft.uid, LATER)
        evidence.detach(session, ines, piece.uid)
        return ines, draft

    with clock.held(NOON):
        ines, draft = database.write(scheduled)
    with clock.held(LATER):
        jobs.run_due(database, HANDLERS)
        with database.reading() as session:
            latest = listing.latest_of(again(session, ines, draft), ines)

    assert latest is not None
    assert latest.state is RevisionState.CHANGES_REQUESTED
    assert "evidence" in latest.note


# Taken out, and brought back


def test_obsolete_entry_leads_to_what_takes_its_place(session: Session) -> None:
    ines, reader = a_viewer(session), a_viewer(session)
    old, new = an_entry(session, ines, title="Old"), an_entry(session, ines, title="New")

    gone = publishing.obsolete(session, ines, old.uid, new, note=" It is shorter. ")

    assert (gone.status, gone.successor_id, gone.successor_note) == (Status.OBSOLETE, new.id, "It is shorter.")
    assert [(kind, row.title) for kind, row in links.links_of(again(session, reader, new), reader)] == [
        (LinkKind.SUPERSEDES, "Old")
    ]
    assert titles(listing.listing(session, reader, Page()).rows) == ["New"]
    assert entries.by_uid(session, reader, old.uid) is not None


def test_publishing_again_brings_back_what_was_archived_or_superseded(session: Session) -> None:
    ines = a_viewer(session)
    old, new, other = (an_entry(session, ines) for _ in range(3))
    publishing.obsolete(session, ines, old.uid, new)
    publishing.archive(session, ines, other.uid)

    back = [publishing.publish(session, ines, each.uid) for each in (old, other)]

    assert [(each.status, each.successor_id) for each in back] == [(Status.PUBLISHED, None)] * 2
    assert links.links_of(again(session, ines, new), ines) == []


def test_e2_bringing_back_what_left_the_company_needs_other_eyes_again(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    entry = an_entry(session, ines, audience=Audience.PUBLIC)
    publishing.archive(session, jonas, entry.uid)

    with pytest.raises(NotAllowed):
        publishing.publish(session, ines, entry.uid)
    assert EntryAct.PUBLISH not in allowed(again(session, ines, entry), ines)
    assert EntryAct.PUBLISH in allowed(again(session, jonas, entry), jonas)

    assert publishing.publish(session, jonas, entry.uid).status is Status.PUBLISHED


def test_succession_that_makes_no_sense_is_refused(session: Session) -> None:
    ines = a_viewer(session)
    entry, draft = an_entry(session, ines), a_draft(session, ines)

    found = []
    for uid, successor in ((entry.uid, entry), (entry.uid, draft), (draft.uid, entry)):
        with pytest.raises(Refusal) as caught:
            publishing.obsolete(session, ines, uid, successor)
        found.append([problem.field for problem in caught.value.problems])
    with pytest.raises(NotAllowed):
        publishing.obsolete(session, a_viewer(session), entry.uid, an_entry(session, ines))

    assert found == [["successor"], ["successor"], ["id"]]


def test_a_draft_that_is_archived_stays_its_authors_alone(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    draft, submitted, out = a_draft(session, ines), waiting(session, ines), an_entry(session, ines)

    for entry in (draft, submitted, out):
        publishing.archive(session, ines, entry.uid)
    session.flush()

    seen = {
        each.name: [entries.by_uid(session, each, entry.uid) is not None for entry in (draft, submitted, out)]
        for each in (ines, jonas)
    }
    assert seen == {ines.name: [True, True, True], jonas.name: [False, True, True]}


def test_of_two_that_take_each_others_place_at_once_the_second_is_refused(database: Database) -> None:
    ines = database.write(a_viewer)
    one, two = (database.write(lambda session: an_entry(session, ines)) for _ in range(2))
    together = Barrier(2)

    def work(pair: tuple[EntryRow, EntryRow]) -> str:
        together.wait(10)
        try:
            return database.write(lambda session: publishing.obsolete(session, ines, pair[0].uid, pair[1])).status
        except Invalid as refusal:
            return refusal.problems[0].field

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(work, [(one, two), (two, one)]))

    assert answers in (["OBSOLETE", "successor"], ["OBSOLETE", "id"])
    with database.reading() as session:
        assert sorted(again(session, ines, each).status for each in (one, two)) == [Status.OBSOLETE, Status.PUBLISHED]


def test_archiving_ends_the_wait_for_review_and_twice_is_once(session: Session) -> None:
    ines, (jonas,) = a_viewer(session), stewards(session, 1)
    entry = waiting(session, ines)
    publishing.archive(session, ines, entry.uid)

    publishing.archive(session, ines, entry.uid)

    with pytest.raises(Invalid, match="not waiting for review"):
        publishing.approve(session, jonas, entry.uid)
    assert verbs(session, entry).count("entry.archived") == 1


def test_archiving_again_takes_off_the_schedule_what_was_put_on_it_since(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    writing.update(session, ines, entry.uid, 1, {"body": "Newer."})
    publishing.archive(session, ines, entry.uid)
    with clock.held(NOON):
        scheduling.schedule(session, ines, entry.uid, LATER)
        offered = allowed(again(session, ines, entry), ines)

        publishing.archive(session, ines, entry.uid)

    latest = listing.latest_of(again(session, ines, entry), ines)
    assert EntryAct.UNSCHEDULE in offered
    assert latest is not None
    assert (latest.state, latest.scheduled_for) == (RevisionState.DRAFT, None)


def test_group_of_another_audience_sees_no_more_of_what_is_scheduled_for_it(session: Session) -> None:
    group = a_group(session)
    ines, (jonas,) = a_viewer(session, group=group), stewards(session, 1)
    mate = a_viewer(session, group=group, role=Role.STEWARD)
    with clock.held(NOON):
        draft = a_draft(session, ines, audience=Audience.GROUP, audience_groups=[group.uid])
        scheduling.schedule(session, ines, draft.uid, LATER)

    assert entries.by_uid(session, jonas, draft.uid) is None
    assert entries.by_uid(session, mate, draft.uid) is not None
