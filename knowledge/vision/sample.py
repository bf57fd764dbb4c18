"""What stands behind the vision of the sample: beliefs that were tested, people who said where they stand, and a second version."""

from sqlalchemy import select
from sqlmodel import Session

from knowledge import people
from knowledge.database import table_of
from knowledge.entries import by_slug, publishing, writing
from knowledge.entries.entry import EntryRow
from knowledge.evidence.pieces import of_entry
from knowledge.people import OPERATOR, FunctionalGroup, Viewer, viewer_for
from knowledge.vision import assumptions, commitments, communications, meanings, placing
from knowledge.vision.answers import Answer
from knowledge.vision.assumptions import Assumption, Wanted
from knowledge.vision.commitments import Stakeholder
from knowledge.vision.communications import Communication, Told
from knowledge.vision.meanings import PersonalMeaning
from knowledge.vision.public_part import VisionPart
from knowledge.words import AssumptionDomain, AssumptionState, Audience, CommitmentState, Stance, VisionStep

SLUG, PART = "coffee-when-the-doors-open", "coffee-when-your-doors-open"


def stand_behind(session: Session) -> None:
    """Tell the story behind the vision once, as far as its people and the vision are there."""
    vision, part = (by_slug(session, OPERATOR, slug) for slug in (SLUG, PART))
    who = _people(session)
    if vision is None or not vision.sample or len(who) < 4 or assumptions.of_vision(vision, OPERATOR):
        return
    if part is not None:
        session.add(VisionPart(part_id=part.id, entry_id=vision.id))
    margit, jonas, ines, tomas = who
    _first(session, vision, margit, jonas, ines, tomas)
    second = _again(session, vision, margit)
    commitments.give(
        session, ines, second, CommitmentState.COMMITTED, statement="Still mine, with customers in it now."
    )
    meanings.say(session, margit, second, "No meeting of mine before nine: that hour belongs to the counter.")
    meanings.say_for_group(session, ines, second, "We know the history before the second sentence.")
    _believe(session, second, margit, jonas)
    session.flush()  # what was written is flagged by its table
    for table in (Assumption, Stakeholder, PersonalMeaning, Communication):
        flagged = table_of(table)
        session.connection().execute(flagged.update().where(flagged.c.entry_id == vision.id).values(sample=True))


def _people(session: Session) -> list[Viewer]:
    names = ("margit", "jonas", "ines", "tomas")
    found = [people.by_email(session, f"{name}@example.com") for name in names]
    return [viewer_for(row) for row in found if row is not None]


def _first(session: Session, vision: EntryRow, margit: Viewer, jonas: Viewer, ines: Viewer, tomas: Viewer) -> None:
    """Who was asked for their support, and what they gave to the first version."""
    group = table_of(FunctionalGroup).c
    depots = session.connection().execute(select(group.uid).where(group.name == "Depots")).scalar()
    for viewer in (jonas, ines):
        commitments.add(session, margit, vision, person=viewer.uid, key=True)
    if depots is not None:
        row = commitments.add(session, margit, vision, group=depots, key=True)
        said = "If the loan machines really come."
        commitments.record(session, margit, row.uid, CommitmentState.UNDERSTANDS, statement=said)
    commitments.add(session, margit, vision, name="The council of eleven cafés")
    commitments.give(session, ines, vision, CommitmentState.COMMITTED, statement="I ring back before I am rung.")
    commitments.give(
        session, jonas, vision, CommitmentState.SUPPORTS, statement="The valve first, the drink menu later."
    )
    commitments.give(session, tomas, vision, CommitmentState.AWARE)
    told = Told("The council of eleven cafés", "Over coffee, at the Blue Door", Audience.CUSTOMERS)
    communications.record(session, margit, vision, told)
    heard = "Planning asked what happens to the fourth drink. It waits."
    communications.record(
        session, margit, vision, Told("Planning and Finance", "In the Monday round", came_of_it=heard)
    )


def _again(session: Session, vision: EntryRow, margit: Viewer) -> EntryRow:
    """The second version says how customers see it, on the word of one."""
    said = next((each for each in of_entry(vision, margit) if each.stance is Stance.SUPPORTS), None)
    if said is not None:
        placing.place(session, margit, vision, said, assumption=None, question="why-they-return")
    text = (
        "Because nobody asked them to prove anything when the machine failed for the third time. Silence would end it."
    )
    seen = Answer(text, customers_view=said is not None, links=("replace-first",))
    note = "Why they return is told as customers see it, with one of them behind it."
    changes: writing.Changes = {"detail": {"answers.why-they-return": seen}, "note": note}
    writing.update(session, margit, vision.uid, vision.revision, changes)
    return publishing.publish(session, margit, vision.uid)


def _believe(session: Session, vision: EntryRow, margit: Viewer, jonas: Viewer) -> None:
    """Four beliefs: one that holds, one that is being tested, one that nobody has tested, and one that was wrong."""
    believed: tuple[tuple[Wanted, AssumptionState, str], ...] = (
        (
            {
                "statement": "Owners descale more often once they can reach the valve.",
                "domain": AssumptionDomain.CUSTOMERS,
                "test": "Descaling dates of the forty fitted kits against forty without, for three months. Wrong if they do not differ.",
                "step": VisionStep.CAPABILITIES,
                "owner": jonas.uid,
            },
            AssumptionState.TESTING,
            "",
        ),
        (
            {
                "statement": "A tested replacement the next morning keeps customers after a third failure.",
                "domain": AssumptionDomain.CUSTOMERS,
                "test": "Who of those with a third failure buys again within a year.",
                "step": VisionStep.SCOPE_OF_SERVICES,
                "owner": margit.uid,
            },
            AssumptionState.SUPPORTED,
            "It helped six of seven. The one harmed got a machine that nobody had tested. With first-time customers it is untried.",
        ),
        (
            {
                "statement": "Cafés go on owning machines rather than renting them.",
                "domain": AssumptionDomain.COMPETITION,
                "test": "",
            },
            AssumptionState.UNTESTED,
            "",
        ),
        (
            {
                "statement": "Every depot can store a loan machine without building anything.",
                "domain": AssumptionDomain.SUPPLY,
                "test": "Measure the three depots.",
                "step": VisionStep.CAPABILITIES,
                "owner": margit.uid,
            },
            AssumptionState.REFUTED,
            "Depot East has no dry room. It rents one from next month, and the plan costs more than it said.",
        ),
    )
    for wanted, state, found in believed:
        row = assumptions.add(session, margit, vision, wanted)
        if state is not AssumptionState.UNTESTED:
            assumptions.assess(session, margit, row.uid, state, found=found)
