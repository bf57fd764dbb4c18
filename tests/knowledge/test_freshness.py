from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from knowledge import clock, customers, entries, evidence, jobs
from knowledge.activity import Activity, ActivityValue
from knowledge.database import Database, table_of
from knowledge.entries import EntryRow, freshness, publishing, writing
from knowledge.entries.freshness import Keeping
from knowledge.errors import Code, Conflict, Invalid, NotAllowed, Refusal, TooLarge
from knowledge.people import OPERATOR, Viewer
from knowledge.search import documents
from knowledge.words import Audience, Freshness, Kind, Role, Stance
from server.worker import HANDLERS
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_draft, a_group, a_viewer, an_entry, some_feedback

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def again(session: Session, entry: EntryRow) -> EntryRow:
    seen = entries.by_uid(session, OPERATOR, entry.uid)
    assert seen is not None
    return seen


def verbs(session: Session, entry: EntryRow) -> list[str]:
    table = table_of(Activity).c
    session.flush()
    return list(
        session.connection().execute(select(table.verb).where(table.uid == entry.uid).order_by(table.id)).scalars()
    )


def against(
    session: Session, viewer: Viewer, entry: EntryRow, customer: customers.CustomerRow | None = None
) -> evidence.EvidenceRow:
    """Somebody says that it does not hold; without a customer, somebody anonymous."""
    said = some_feedback(session, viewer, customer=customer, anonymous=customer is None)
    return evidence.attach(session, viewer, entry, said, Stance.CONTRADICTS)


def test_e3_first_voice_against_asks_the_owner_and_the_second_contests(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session)
    entry = an_entry(session, ines)
    zimt, luna = a_customer(session), a_customer(session)

    against(session, jonas, entry, zimt)
    first = again(session, entry)
    against(session, jonas, entry, zimt)
    same = again(session, entry)
    against(session, jonas, entry, luna)
    second = again(session, entry)

    assert [each.freshness for each in (first, same, second)] == [
        Freshness.UNVERIFIED,
        Freshness.UNVERIFIED,
        Freshness.CONTESTED,
    ]
    assert (second.contested_by_id, second.contested_why) == (jonas.id, "2 customers say otherwise.")
    assert second.contested_at is not None
    assert verbs(session, entry).count("entry.doubted") == 1
    assert verbs(session, entry)[-1] == "entry.contested"


def test_e3_all_that_is_anonymous_is_one_voice(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)

    for _ in range(3):
        against(session, ines, entry)
    alone = again(session, entry).freshness
    against(session, ines, entry, a_customer(session))

    assert (alone, again(session, entry).freshness) == (Freshness.UNVERIFIED, Freshness.CONTESTED)


def test_e3_whoever_wrote_down_what_is_anonymous_stays_unnamed(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)

    against(session, ines, entry, a_customer(session))
    against(session, ines, entry)

    assert (again(session, entry).freshness, again(session, entry).contested_by_id) == (Freshness.CONTESTED, None)


def test_e3_support_and_context_contest_nothing_until_they_turn_against(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    said = [some_feedback(session, ines, customer=a_customer(session)) for _ in range(3)]
    for item, stance in zip(said, (Stance.SUPPORTS, Stance.CONTEXT, Stance.SUPPORTS), strict=True):
        evidence.attach(session, ines, entry, item, stance)
    before = again(session, entry).freshness

    for item in said[:2]:
        evidence.attach(session, ines, entry, item, Stance.CONTRADICTS)

    assert (before, again(session, entry).freshness) == (Freshness.UNVERIFIED, Freshness.CONTESTED)


def test_e3_detaching_does_not_take_a_doubt_back_and_verifying_does(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    pieces = [against(session, ines, entry, a_customer(session)) for _ in range(2)]

    for piece in pieces:
        evidence.detach(session, ines, piece.uid)
    still = again(session, entry).freshness
    cleared = freshness.verify(session, ines, entry.uid, note="Both used the former model.")

    assert still is Freshness.CONTESTED
    assert cleared.freshness is Freshness.VERIFIED
    assert (cleared.contested_at, cleared.contested_by_id, cleared.contested_why) == (None, None, None)
    values = table_of(ActivityValue).c
    said = session.connection().execute(select(values.after).where(values.field == "note")).scalars().all()
    assert "Both used the former model." in said


def test_e3_what_is_not_published_is_not_doubted(session: Session) -> None:
    ines = a_viewer(session)
    draft = a_draft(session, ines)

    for _ in range(2):
        against(session, ines, draft, a_customer(session))

    assert again(session, draft).freshness is Freshness.UNVERIFIED


def test_e3_another_voice_after_a_verification_contests_again(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    for _ in range(2):
        against(session, ines, entry, a_customer(session))
    freshness.verify(session, ines, entry.uid)

    against(session, ines, entry, a_customer(session))

    assert again(session, entry).contested_why == "3 customers say otherwise."


def test_harm_contests_at_once_and_the_first_reason_stays(session: Session) -> None:
    ines = a_viewer(session)
    row = an_entry(session, ines)
    entry = session.get_one(entries.Entry, row.id)

    for why in ("An outcome record says that it harmed.", "Another says so."):
        freshness.contest(session, entry, ines.id, why=why)

    session.flush()
    assert again(session, row).contested_why == "An outcome record says that it harmed."
    assert verbs(session, row).count("entry.contested") == 1


def test_a_new_revision_does_not_sweep_a_doubt_away(session: Session) -> None:
    ines = a_viewer(session)
    row = an_entry(session, ines)
    freshness.contest(session, session.get_one(entries.Entry, row.id), None, why="It harmed.")

    writing.update(session, ines, row.uid, 1, {"body": "One comma more."})

    assert publishing.publish(session, ines, row.uid).freshness is Freshness.CONTESTED


# Who verifies, and how often


def keeping(session: Session, viewer: Viewer, entry: EntryRow, **said: object) -> EntryRow:
    return freshness.set_verifier(session, viewer, entry.uid, Keeping(**said))  # type: ignore[typeddict-item]


def test_members_of_the_verifying_group_vouch_and_nobody_else_beside_owner_and_curators(session: Session) -> None:
    group = a_group(session)
    ines, colleague, mate = a_viewer(session), a_viewer(session), a_viewer(session, group=group)
    entry = keeping(session, ines, an_entry(session, ines), group=group.uid)

    with pytest.raises(NotAllowed):
        freshness.verify(session, colleague, entry.uid)
    verified = freshness.verify(session, mate, entry.uid)

    assert (verified.freshness, verified.verified_by_id) == (Freshness.VERIFIED, mate.id)
    assert [freshness.may_verify(viewer, entry) for viewer in (ines, mate, colleague, Viewer())] == [
        True,
        True,
        False,
        False,
    ]


def test_a_person_takes_the_place_of_a_group_and_the_other_way_round(session: Session) -> None:
    group, ines = a_group(session), a_viewer(session)
    jonas, karl = a_viewer(session), a_viewer(session)
    entry = an_entry(session, ines)

    person = keeping(session, ines, entry, person=jonas.uid)
    freshness.verify(session, jonas, entry.uid)
    with_group = keeping(session, ines, entry, group=group.uid)
    nobody = keeping(session, ines, entry, group=None)

    assert (person.verifier_person_id, person.verifier_group_id) == (jonas.id, None)
    assert (with_group.verifier_person_id, with_group.verifier_group_id) == (None, group.id)
    assert (nobody.verifier_person_id, nobody.verifier_group_id) == (None, None)
    with pytest.raises(NotAllowed):
        keeping(session, karl, entry, person=karl.uid)


def test_verifier_that_makes_no_sense_is_refused_all_at_once(session: Session) -> None:
    ines, rosa = a_viewer(session), a_viewer(session, role=Role.CUSTOMER)
    mine, theirs = a_group(session), a_group(session)
    entry = an_entry(session, ines, audience=Audience.GROUP, audience_groups=[mine.uid])
    outsider = a_viewer(session, group=theirs)

    found = []
    for said in (
        {"person": rosa.uid, "days": 6},
        {"person": outsider.uid},
        {"group": theirs.uid, "days": 731},
        {"person": ines.uid, "group": mine.uid},
    ):
        with pytest.raises(Refusal) as caught:
            keeping(session, ines, entry, **said)
        found.append([problem.field for problem in caught.value.problems])

    assert found == [["person", "days"], ["person"], ["group", "days"], ["group"]]


@pytest.mark.parametrize(("kind", "days"), [(Kind.BEST_PRACTICE, 90), (Kind.VISION, 365), (Kind.PRINCIPLE, 365)])
def test_a_verification_holds_as_usual_for_its_kind_or_as_was_set(session: Session, kind: Kind, days: int) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    entry = an_entry(session, margit, kind=kind)

    with clock.held(NOON):
        usual = freshness.verify(session, margit, entry.uid)
        keeping(session, margit, entry, days=30)
        own = freshness.verify(session, margit, entry.uid)
        keeping(session, margit, entry, days=None)
        back = freshness.verify(session, margit, entry.uid)

    assert [each.verified_until for each in (usual, own, back)] == [NOON + timedelta(days=n) for n in (days, 30, days)]


@pytest.mark.parametrize(("days", "due"), [(90, 83), (30, 23), (7, 3.5)])
def test_it_is_due_a_week_before_it_expires_and_both_are_on_record(database: Database, days: int, due: float) -> None:
    def verified(session: Session) -> EntryRow:
        ines = a_viewer(session)
        entry = keeping(session, ines, an_entry(session, ines), days=days)
        return freshness.verify(session, ines, entry.uid)

    with clock.held(NOON):
        entry = database.write(verified)
    states = []
    for after in (due - 0.1, due, days - 0.1, days, days + 1):
        with clock.held(NOON + timedelta(days=after)):
            jobs.run_due(database, HANDLERS)
            with database.reading() as session:
                states.append(again(session, entry).freshness)

    assert states == [Freshness.VERIFIED, Freshness.DUE, Freshness.DUE, Freshness.EXPIRED, Freshness.EXPIRED]
    with database.reading() as session:
        assert verbs(session, entry)[-2:] == ["entry.due", "entry.expired"]


def test_only_what_is_published_lapses_and_what_is_published_again_catches_up(database: Database) -> None:
    def verified(session: Session) -> EntryRow:
        ines = a_viewer(session)
        entry = freshness.verify(session, ines, an_entry(session, ines).uid)
        return publishing.archive(session, ines, entry.uid)

    with clock.held(NOON):
        entry = database.write(verified)
    states = []
    with clock.held(NOON + timedelta(days=100)):
        for act in (lambda _: None, lambda session: publishing.publish(session, OPERATOR, entry.uid)):
            database.write(act)
            jobs.run_due(database, HANDLERS)
            with database.reading() as session:
                states.append(again(session, entry).freshness)

    assert states == [Freshness.VERIFIED, Freshness.EXPIRED]


def test_what_is_searched_knows_how_fresh_it_is(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    freshness.contest(session, session.get_one(entries.Entry, entry.id), None, why="It harmed.")
    session.flush()

    assert [each.freshness for each in documents.by_uids(session, [entry.uid])] == [Freshness.CONTESTED]


# Many at once


def test_many_are_verified_at_once_and_each_answers_for_itself(session: Session) -> None:
    ines, other = a_viewer(session), a_viewer(session)
    good, theirs, draft = an_entry(session, ines), an_entry(session, other), a_draft(session, ines)
    doubted, hidden = an_entry(session, ines), a_draft(session, other)
    freshness.contest(session, session.get_one(entries.Entry, doubted.id), None, why="It harmed.")
    session.flush()

    found = freshness.verify_all(session, ines, [each.uid for each in (good, theirs, draft, doubted, hidden, good)])

    assert [each.problem.code if each.problem else None for each in found] == [
        None,
        Code.NOT_ALLOWED,
        Code.INVALID,
        Code.INVALID,
        Code.NOT_FOUND,
        None,
    ]
    assert [each.entry.freshness if each.entry else None for each in found] == [
        Freshness.VERIFIED,
        *[None] * 4,
        Freshness.VERIFIED,
    ]
    assert verbs(session, good).count("entry.verified") == 1
    assert again(session, doubted).freshness is Freshness.CONTESTED


def test_more_than_a_hundred_at_once_are_refused(session: Session) -> None:
    with pytest.raises(TooLarge):
        freshness.verify_all(session, a_viewer(session), [clock.uid() for _ in range(101)])


@ON_ONE_ENGINE
def test_a_hundred_cost_no_more_statements_than_ten(database: Database, statements: list[str]) -> None:
    jonas = database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    ines = database.write(a_viewer)
    uids = database.write(lambda session: [an_entry(session, ines).uid for _ in range(110)])
    costs = []

    for some in (uids[:10], uids[10:]):
        statements.clear()
        database.write(lambda session, some=some: freshness.verify_all(session, jonas, some))  # type: ignore[misc]
        costs.append(len(statements))

    assert costs[0] == costs[1] <= 10


def test_a_note_is_bounded(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)

    with pytest.raises(Invalid):
        freshness.verify(session, ines, entry.uid, note="x" * 301)


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"])
def test_nobody_vouches_for_a_revision_that_came_out_while_they_waited(database: Database) -> None:
    ines = database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, ines))
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    with Session(database.engine) as session:
        writing.update(session, ines, entry.uid, 1, {"body": "Newer."})
        publishing.publish(session, ines, entry.uid)
        alone = database.submit(lambda other: freshness.verify(other, ines, entry.uid))
        in_bulk = database.submit(lambda other: freshness.verify_all(other, ines, [entry.uid]))
        while not (alone.done() and in_bulk.done()) and session.connection().execute(waiting).scalar() != 2:
            pass  # both have read the entry as it was, and wait for this transaction
        session.commit()

    with pytest.raises(Conflict):
        alone.result()
    problem = in_bulk.result()[0].problem
    assert problem is not None
    assert problem.code is Code.CONFLICT
    with database.reading() as session:
        assert again(session, entry).freshness is Freshness.UNVERIFIED
