from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, entries, evidence
from knowledge.community import centre, follows, notifications
from knowledge.database import Page, table_of
from knowledge.entries import EntryRow, publishing, writing
from knowledge.errors import NotAllowed, Refusal
from knowledge.estimates import Grade
from knowledge.evidence.results import SurveyResult
from knowledge.initiatives import (
    InitiativeRow,
    cadence,
    capacity,
    issues,
    life,
    milestones,
    planning,
    priority,
    progress,
)
from knowledge.initiatives.planning import Plan
from knowledge.initiatives.priority import CARRIES, InitiativeSort, Wanted
from knowledge.jobs import Job
from knowledge.people import Viewer
from knowledge.surveys import reading
from knowledge.words import (
    Audience,
    Basis,
    Contribution,
    Health,
    InitiativeKind,
    InitiativeStatus,
    IssueState,
    Kind,
    Reason,
    Role,
    Severity,
    Stance,
    VisionStep,
)
from tests.factories import a_customer, a_draft, a_group, a_survey, a_viewer, an_entry, some_feedback

S = InitiativeStatus
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEIGHED: dict[str, Any] = {"reach": 100, "impact": 2, "effort": 4.0, "planned_completion": date(2027, 1, 1)}

pytestmark = pytest.mark.parametrize(
    "engine", ["sqlite"]
)  # none of this is said to one engine otherwise than to another


@pytest.fixture
def margit(session: Session) -> Viewer:
    return a_viewer(session, role=Role.LEADER, name="Margit")


def begun(session: Session, viewer: Viewer, status: InitiativeStatus = S.PLANNED, **changes: Any) -> EntryRow:
    detail = {**WEIGHED, "status": status, **changes.pop("detail", {})}
    return an_entry(session, viewer, kind=Kind.INITIATIVE, detail=detail, **changes)


def facts(session: Session, viewer: Viewer, initiative: EntryRow) -> InitiativeRow:
    row = entries.by_uid(session, viewer, initiative.uid)
    assert row is not None
    return entries.detail_of(row, InitiativeRow)


def refused(caught: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [problem.field for problem in caught.value.problems]


def heard(session: Session, viewer: Viewer) -> list[Reason]:
    session.flush()
    waiting = table_of(Job).c
    for row in session.connection().execute(select(waiting.subject).where(waiting.kind == "notify")).all():
        notifications.notify(session, row.subject)
    session.connection().execute(table_of(Job).delete().where(waiting.kind == "notify"))
    rows = centre.listing(session, viewer, Page(first=50)).rows
    return [row.reason for row in rows if row.reason not in (Reason.PUBLISHED, Reason.NEW)]


def test_p1_launching_needs_an_owner_a_priority_and_the_day_by_which_it_is_done(
    session: Session, margit: Viewer
) -> None:
    bare = an_entry(session, margit, kind=Kind.INITIATIVE, detail={"status": S.PLANNED})

    with pytest.raises(Refusal) as caught:
        life.move(session, margit, bare, S.LAUNCHED)

    missing = ["planned_completion", "reach", "impact", "effort"]
    assert refused(caught) == [f"initiative.{each}" for each in missing]
    moved = life.move(session, margit, begun(session, margit), S.LAUNCHED, on=date(2026, 3, 1))
    assert facts(session, margit, moved).launched_on == date(2026, 3, 1)


def test_p2_the_honest_colour_costs_nothing_and_offers_to_ask_for_help(session: Session, margit: Viewer) -> None:
    owner, sponsor, follower = (a_viewer(session) for _ in range(3))
    initiative = begun(session, margit, S.LAUNCHED, owner=owner.uid)
    planning.plan(session, margit, initiative, Plan(sponsor=sponsor.uid))
    follows.follow(session, follower, initiative)
    heard(session, owner)

    posted = progress.post(session, owner, initiative, Health.AT_RISK, "Three seals leak.")
    raised = issues.ask_for_help(session, follower, initiative, "Three seals leak", Severity.HIGH, wanted="A bench.")

    assert progress.calls_for_help(posted.health)
    assert raised.update_id == posted.id
    assert [heard(session, each)[0] for each in (owner, sponsor, margit)] == [Reason.HELP_WANTED] * 3
    taken = issues.take_on(session, sponsor, raised.uid)
    assert (taken.state, taken.owner_id) == (IssueState.MITIGATING, sponsor.id)
    assert [each.uid for each in issues.waiting_for(session, sponsor)] == [raised.uid]
    with pytest.raises(NotAllowed):
        issues.settle(session, a_viewer(session), raised.uid, IssueState.RESOLVED, outcome="Another seal.")
    issues.settle(session, sponsor, raised.uid, IssueState.RESOLVED, outcome="Another seal.")
    assert heard(session, follower)[:1] == [Reason.HELP_GIVEN]
    assert issues.waiting_for(session, sponsor) == []
    assert issues.reopen(session, margit, raised.uid).state is IssueState.OPEN


def test_p3_silence_beyond_the_cadence_is_stale_and_told_to_the_owner_once(session: Session, margit: Viewer) -> None:
    with clock.held(NOON):
        detail = {"launched_on": NOON.date(), "cadence_days": 10}
        initiative = begun(session, margit, S.LAUNCHED, detail=detail)
        begun(session, margit, S.PLANNED)
        heard(session, margit)
    for days, stale, told in ((9, False, 0), (11, True, 1), (12, True, 0)):
        with clock.held(NOON + timedelta(days=days)):
            row = entries.by_uid(session, margit, initiative.uid)
            assert row is not None
            assert (cadence.is_stale(row), cadence.watch(session)) == (stale, told)
    with clock.held(NOON + timedelta(days=12)):
        assert [each.uid for each in cadence.silent(session, margit)] == [initiative.uid]
        assert heard(session, margit) == [Reason.SILENT]
        progress.post(session, margit, initiative, Health.ON_TRACK, "It goes on.")
        assert cadence.silent(session, margit) == []
    with clock.held(NOON + timedelta(days=23)):
        assert cadence.watch(session) == 1


def test_p4_a_change_of_scope_says_from_what_to_what_and_why_and_stays(session: Session, margit: Viewer) -> None:
    initiative = begun(session, margit, detail={"kind": InitiativeKind.NEW})

    with pytest.raises(Refusal) as caught:
        milestones.change_scope(session, margit, initiative, " ", "A kit for some", "")
    for what in ("A kit for some", "A kit for those who asked"):
        milestones.change_scope(session, margit, initiative, "A kit for all", what, "One visit is enough.")

    assert refused(caught) == ["from", "why"]
    told = milestones.scope_of(initiative, margit)
    assert [each.changes_to for each in told] == ["A kit for those who asked", "A kit for some"]


def test_p5_a_group_that_is_asked_for_more_than_it_has_is_warned_of(session: Session, margit: Viewer) -> None:
    depots, sales = a_group(session), a_group(session)
    first, second = begun(session, margit, S.LAUNCHED), begun(session, margit)
    planning.plan(session, margit, first, Plan(capacity={depots.uid: 70, sales.uid: 100}))

    planning.plan(session, margit, second, Plan(capacity={depots.uid: 40}))

    warned = capacity.warnings(session, margit, [depots.id or 0, sales.id or 0])
    assert [(each.group.name, each.group.running, each.group.planned) for each in warned] == [(depots.name, 70, 40)]
    life.move(session, margit, second, S.LAUNCHED)
    (over,) = capacity.warnings(session, margit, [depots.id or 0])
    assert (over.group.is_over, over.message) == (
        True,
        f"{depots.name} is asked for 110 % of its time by what is launched.",
    )
    assert capacity.loads(session, a_viewer(session, role=Role.CUSTOMER)) == ()


def test_p6_what_adds_no_value_is_found(session: Session, margit: Viewer) -> None:
    begun(session, margit, detail={"contribution": Contribution.ADDS_VALUE})
    idle = begun(session, margit, detail={"contribution": Contribution.NEITHER})

    wanted = Wanted(contributions=(Contribution.NEITHER,))
    assert [row.uid for row in priority.listing(session, margit, Page(), wanted=wanted).rows] == [idle.uid]


def test_confidence_is_never_more_than_the_evidence_allows(session: Session, margit: Viewer) -> None:
    guessed, heard_of, figured = (begun(session, margit) for _ in range(3))
    for _ in range(6):
        said = some_feedback(session, margit, customer=a_customer(session))
        evidence.attach(session, margit, heard_of, said, Stance.SUPPORTS)
    question = a_survey(session)
    kept = SurveyResult(
        question_id=reading.questions_of(question)[0].id,
        n=900,
        value=40.0,
        basis=Basis.RANDOM,
        grade=Grade.A,
        taken_at=NOON,
    )
    session.add(kept)
    session.flush()
    from_figure = table_of(evidence.Evidence)
    session.connection().execute(
        from_figure.insert().values(
            uid=clock.uid(), entry_id=figured.id, result_id=kept.id, stance=Stance.SUPPORTS, quote_start=0, quote_end=0,
            weight=1, created_at=NOON,
        )
    )  # fmt: skip

    found = priority.listing(session, margit, Page(), sort=InitiativeSort.PRIORITY_DESC).rows

    assert [row.uid for row in found] == [figured.uid, heard_of.uid, guessed.uid]
    told = [priority.priority_of(row, margit) for row in found]
    assert [each.grade for each in told if each] == [Grade.A, Grade.C, None]
    assert [each.score for each in told if each] == [100 * 2 / 4 * CARRIES[grade] for grade in (Grade.A, Grade.C, None)]
    assert len(priority.listing(session, margit, Page(), wanted=Wanted(least=20.0)).rows) == 2
    assert priority.priority_of(found[0], a_viewer(session, role=Role.CUSTOMER)) is None


def test_what_counts_against_it_takes_the_confidence_away(session: Session, margit: Viewer) -> None:
    initiative = begun(session, margit)
    for number in range(10):
        said = some_feedback(session, margit, customer=a_customer(session))
        stance = Stance.SUPPORTS if number < 5 else Stance.CONTRADICTS
        evidence.attach(session, margit, initiative, said, stance)

    row = entries.by_uid(session, margit, initiative.uid)
    assert row is not None
    weighed = priority.priority_of(row, margit)
    assert weighed is not None
    assert (weighed.grade, weighed.confidence) == (None, 0.2)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(some.tuples(some.sampled_from(S), some.booleans()), max_size=6))
def test_its_life_is_made_of_legal_moves_whichever_way_they_are_tried(
    session: Session, margit: Viewer, steps: list[tuple[InitiativeStatus, bool]]
) -> None:
    initiative = begun(session, margit, S.PROPOSED)
    for wanted, by_writing in steps:
        row = entries.by_uid(session, margit, initiative.uid)
        assert row is not None
        before = entries.detail_of(row, InitiativeRow).status
        savepoint = session.begin_nested()
        try:
            if by_writing:
                changes: writing.Changes = {"detail": {"status": wanted}}
                saved = writing.update(session, margit, row.uid, row.revision, changes)
                publishing.publish(session, margit, saved.uid)
            else:
                life.move(session, margit, row, wanted, why="So it was decided.")
            savepoint.commit()
        except Refusal:
            savepoint.rollback()
            session.expire_all()
            assert wanted not in life.MOVES[before]
            continue
        after = facts(session, margit, initiative)
        assert after.status is wanted
        assert wanted in life.MOVES[before] or (by_writing and wanted is before)
        if not by_writing:
            assert after.launched_on is not None or wanted is not S.LAUNCHED
            assert (after.completed_on is not None) is (wanted is S.COMPLETED) or wanted not in (
                S.LAUNCHED,
                S.COMPLETED,
            )


def test_holding_and_cancelling_say_why_and_followers_hear_of_it(session: Session, margit: Viewer) -> None:
    follower = a_viewer(session)
    initiative = begun(session, margit, S.LAUNCHED)
    follows.follow(session, follower, initiative)
    heard(session, follower)

    with pytest.raises(Refusal) as caught:
        life.move(session, margit, initiative, S.ON_HOLD)
    life.move(session, margit, initiative, S.ON_HOLD, why="The seal first.")

    assert refused(caught) == ["why"]
    assert heard(session, follower) == [Reason.MOVED]
    with pytest.raises(NotAllowed):
        life.move(session, follower, initiative, S.CANCELLED, why="I would.")


def test_customers_read_the_updates_that_are_for_them_and_no_others(session: Session, margit: Viewer) -> None:
    rosa = a_viewer(session, role=Role.CUSTOMER)
    initiative = begun(session, margit, S.LAUNCHED, audience=Audience.CUSTOMERS)
    inside = begun(session, margit, S.LAUNCHED)
    follows.follow(session, rosa, initiative)
    heard(session, rosa)

    progress.post(session, margit, initiative, Health.OFF_TRACK, "The supplier is gone.")
    assert heard(session, rosa) == []
    progress.post(session, margit, initiative, Health.AT_RISK, "Four weeks later.", audience=Audience.CUSTOMERS)
    with pytest.raises(Refusal) as caught:
        progress.post(session, margit, initiative, Health.ON_TRACK, "For all.", audience=Audience.PUBLIC)
    with pytest.raises(Refusal):
        progress.post(session, margit, inside, Health.ON_TRACK, "For them.", audience=Audience.CUSTOMERS)

    assert refused(caught) == ["audience"]
    assert heard(session, rosa) == [Reason.PROGRESS]
    seen = entries.by_uid(session, rosa, initiative.uid)
    assert seen is not None
    assert [each.summary for each in progress.log(seen, rosa, Page()).rows] == ["Four weeks later."]
    assert planning.capacity_of(seen, rosa) == ()
    assert issues.issues_of(seen, rosa) == ()
    assert milestones.milestones_of(seen, rosa) == ()


def test_a_plan_names_vision_steps_and_sponsor_and_what_is_left_out_stays(session: Session, margit: Viewer) -> None:
    aim = an_entry(session, margit, kind=Kind.VISION)
    initiative, draft = begun(session, margit), a_draft(session, margit, kind=Kind.INITIATIVE)
    for each in (initiative, draft):
        served = [{"step": VisionStep.CAPABILITIES, "question": ""}]
        planning.plan(session, margit, each, Plan(sponsor=margit.uid, vision=aim, steps=served))  # type: ignore[typeddict-item]

    planned = planning.plan(session, margit, initiative, Plan(sponsor=None))

    backing = planning.backing_of(planned)
    assert backing is not None
    assert (backing.sponsor_id, backing.vision_id) == (None, aim.id)
    assert [each.step for each in planning.steps_of(planned)] == [VisionStep.CAPABILITIES]
    served = [{"step": VisionStep.CAPABILITIES, "question": "no-such"}]
    wrong = Plan(vision=initiative, steps=served, sponsor=clock.uid())  # type: ignore[typeddict-item]
    with pytest.raises(Refusal) as caught:
        planning.plan(session, margit, initiative, wrong)
    assert refused(caught) == ["sponsor", "vision", "steps"]


def test_a_milestone_is_set_moved_reached_and_dropped_by_those_who_carry_it(session: Session, margit: Viewer) -> None:
    initiative = begun(session, margit)
    with clock.held(NOON):
        made = milestones.add(session, margit, initiative, " The drawing  is settled ", date(2026, 3, 1))

        assert (made.title, milestones.is_missed(made)) == ("The drawing is settled", True)
        moved = milestones.change(session, margit, made.uid, version=1, due=date(2026, 4, 1))
        assert (moved.due, moved.version) == (date(2026, 4, 1), 2)
        with pytest.raises(Refusal):
            milestones.change(session, margit, made.uid, version=1, title="Otherwise")
        with pytest.raises(NotAllowed):
            milestones.reach(session, a_viewer(session), made.uid)
        assert milestones.reach(session, margit, made.uid).done_on == NOON.date()
        assert milestones.reopen(session, margit, made.uid).done_on is None
    milestones.drop(session, margit, made.uid)
    assert milestones.by_uid(session, margit, made.uid) is None
