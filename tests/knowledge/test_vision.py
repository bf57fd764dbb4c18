from sqlmodel import Session

from knowledge.entries import Entry, publishing, revisions, writing
from knowledge.initiatives.planning import InitiativeBacking
from knowledge.vision import assumptions, commitments, reading
from knowledge.vision.answers import Answer
from knowledge.words import AssumptionState, CommitmentState, Freshness, Kind, Role
from tests.factories import a_viewer, an_entry


def test_answers_belong_to_the_revision_and_are_fields_of_their_own(session: Session) -> None:
    leader = a_viewer(session, role=Role.LEADER)
    practice = an_entry(session, leader)
    said = {
        "answers.needs-we-meet": Answer("Help at once.\n\nAlways."),
        "answers.good-work-is-seen": Answer(degree=5, links=(practice.slug,)),
    }
    vision = an_entry(session, leader, kind=Kind.VISION, detail=said)

    mended = {"answers.needs-we-meet": Answer("Help."), "answers.good-work-is-seen": None}
    writing.update(session, leader, vision.uid, 1, {"detail": mended})
    found = {answer.question: answer for answer in reading.answers_of(vision)}
    after = revisions.difference_of_entry(vision, leader, 1, 2)
    latest = writing.latest_revision(session, session.get_one(Entry, vision.id))

    assert {key: (answer.text, answer.degree) for key, answer in found.items()} == {
        "needs-we-meet": ("Help at once.\n\nAlways.", None),
        "good-work-is-seen": ("", 5),
    }
    assert [row.slug for row in reading.links_of(found["good-work-is-seen"], leader)] == [practice.slug]
    assert after is not None
    assert [each.field for each in after.fields] == [
        "vision.answers.needs-we-meet",
        "vision.degree.good-work-is-seen",
        "vision.links.good-work-is-seen",
    ]
    kept = revisions.as_written(latest)["detail"]
    assert kept["answers.needs-we-meet"] == Answer("Help.")
    assert "answers.good-work-is-seen" not in kept


def test_v3_refuting_an_assumption_contests_the_vision_and_its_initiatives(session: Session) -> None:
    leader = a_viewer(session, role=Role.LEADER)
    vision = an_entry(session, leader, kind=Kind.VISION)
    initiative, other = (an_entry(session, leader, kind=Kind.INITIATIVE) for _ in range(2))
    session.add(InitiativeBacking(entry_id=initiative.id, vision_id=vision.id))
    taken = assumptions.add(session, leader, vision, {"statement": "Cafés own their machines."})

    assumptions.assess(session, leader, taken.uid, AssumptionState.REFUTED, found="Half of them rent.")

    fresh = {row.id: session.get_one(Entry, row.id) for row in (vision, initiative, other)}
    assert [fresh[row.id].freshness is Freshness.CONTESTED for row in (vision, initiative, other)] == [
        True,
        True,
        False,
    ]
    assert "Cafés own their machines." in (fresh[initiative.id].contested_why or "")
    assert [row.state for row in assumptions.of_vision(vision, leader)] == [AssumptionState.REFUTED]


def test_v4_a_commitment_stays_given_to_the_version_it_was_given_to(session: Session) -> None:
    leader, ines = a_viewer(session, role=Role.LEADER), a_viewer(session)
    first = an_entry(session, leader, kind=Kind.VISION)
    commitments.add(session, leader, first, person=ines.uid, key=True)
    commitments.give(session, ines, first, CommitmentState.COMMITTED, statement="Every Monday.")
    before = commitments.coverage(reading.current(session, ines) or first, ines)
    writing.update(session, leader, first.uid, 1, {"detail": {"statement": "Tea."}})

    second = publishing.publish(session, leader, first.uid)
    between = commitments.coverage(second, ines)
    commitments.give(session, ines, second, CommitmentState.SUPPORTS, statement="And Tuesdays.", version=2)

    now = reading.current(session, ines)
    assert now is not None
    (stake,) = commitments.stakeholders_of(now, ines)
    given = [(row.version, row.state, row.statement) for row in commitments.commitments_of(stake)]
    assert given == [(2, "SUPPORTS", "And Tuesdays."), (1, "COMMITTED", "Every Monday.")]
    assert (before.value, between.value, commitments.coverage(now, ines).value) == (1.0, 0.0, 1.0)
