"""How the sample's company planned its two initiatives, and what stood in the way of one of them."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, people
from knowledge.database import table_of
from knowledge.entries import EntryRow, by_slug
from knowledge.initiatives import issues, measures, milestones, planning
from knowledge.initiatives.planning import Plan, Served
from knowledge.people import OPERATOR, FunctionalGroup, Viewer, viewer_for
from knowledge.surveys.survey import Survey, SurveyQuestion
from knowledge.words import Severity, VisionStep

VALVE, LOAN = "valve-to-the-front", "loan-machine-in-every-depot"
VISION = "coffee-when-the-doors-open"

S = VisionStep
SERVED: Mapping[str, Sequence[tuple[VisionStep, str]]] = {
    VALVE: ((S.SCOPE_OF_SERVICES, ""), (S.FLAWLESS_EXECUTION, "")),
    LOAN: ((S.CAPABILITIES, ""), (S.FLAWLESS_EXECUTION, "")),
}
TAKEN: Mapping[str, Mapping[str, int]] = {
    VALVE: {"Engineering": 50, "Field Service": 30, "Depots": 25},
    LOAN: {"Depots": 40, "Field Service": 75, "Finance": 10},
}
"""In percent of what each group has for initiatives; together they ask too much of Field Service."""

MILESTONES: Mapping[str, Sequence[tuple[str, date, date | None]]] = {
    VALVE: (
        ("The drawing is settled", date(2026, 9, 25), date(2026, 9, 23)),
        ("Forty kits in the depots", date(2026, 10, 16), date(2026, 10, 16)),
        ("The new seal has passed eight weeks on the bench", date(2027, 1, 8), None),
        ("Every machine of those who raised it has its kit", date(2027, 2, 26), None),
    ),
    LOAN: (
        ("Finance decides on the ten machines", date(2026, 12, 4), None),
        ("Four tested machines each in North and East", date(2027, 3, 31), None),
    ),
}


def plan(session: Session) -> None:
    """Plan them as Margit does; nothing where she or an initiative is not there, or where that has been done."""
    activity.hush(session)
    margit, tomas = (people.by_email(session, f"{name}@example.com") for name in ("margit", "tomas"))
    if margit is None:
        return
    viewer = viewer_for(margit)
    for slug in (VALVE, LOAN):
        initiative = by_slug(session, viewer, slug)
        if initiative is not None and planning.backing_of(initiative) is None:
            _plan(session, viewer, initiative, sponsor=tomas)
            if slug == VALVE:
                _meet_trouble(session, viewer, initiative)


def _plan(session: Session, viewer: Viewer, initiative: EntryRow, *, sponsor: people.PersonRow | None) -> None:
    group = table_of(FunctionalGroup).c
    named = session.connection().execute(select(group.name, group.uid).where(group.name.in_(TAKEN[initiative.slug])))
    uids = {row[0]: row[1] for row in named}
    taken = {uids[name]: percent for name, percent in TAKEN[initiative.slug].items() if name in uids}
    served = [Served(step=step, question=question) for step, question in SERVED[initiative.slug]]
    planned = Plan(vision=by_slug(session, OPERATOR, VISION), steps=served, capacity=taken)
    if sponsor is not None:
        planned["sponsor"] = sponsor.uid
    planning.plan(session, viewer, initiative, planned)
    for title, due, done_on in MILESTONES[initiative.slug]:
        made = milestones.add(session, viewer, initiative, title, due)
        if done_on is not None:
            milestones.reach(session, viewer, made.uid, on=done_on)


def _meet_trouble(session: Session, viewer: Viewer, initiative: EntryRow) -> None:
    issues.ask_for_help(
        session,
        viewer,
        initiative,
        "Three seals leak, and the bench has room for one agent at a time",
        Severity.HIGH,
        wanted="A second bench until January, or somebody who knows which of the agents swell rubber.",
        due=date(2026, 12, 11),
    )
    milestones.change_scope(
        session,
        viewer,
        initiative,
        "A kit for every machine in use",
        "A kit for the machines of those who raised it; the others get it with their yearly visit",
        "Two visits to the same kitchen within a month help nobody, and the seal has to be right first.",
    )
    question, survey = table_of(SurveyQuestion).c, table_of(Survey).c
    asked = select(question.uid).join(table_of(Survey), survey.id == question.survey_id)
    content = asked.where(question.key == "satisfied", survey.sample).order_by(question.id).limit(1)
    uid = session.connection().execute(content).scalar()
    if uid is not None:
        measures.measure_by(session, viewer, initiative, [uid])
