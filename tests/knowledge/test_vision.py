from knowledge.entries import revisions, writing
from knowledge.entries.entry import parts_of
from knowledge.vision import assumptions, reading
from knowledge.vision.answers import Answer
from knowledge.words import AssumptionState, Freshness, Kind, Role
from tests.factories import a_viewer, an_entry


def test_answers_belong_to_the_revision(session):
    leader = a_viewer(session, role=Role.LEADER)
    practice = an_entry(session, leader)
    vision = an_entry(
        session,
        leader,
        kind=Kind.VISION,
        detail={
            "answers.needs-we-meet": Answer("Help at once.\n\nAlways."),
            "answers.good-work-is-seen": Answer(degree=5, links=(practice.slug,)),
        },
    )

    written = writing.update(session, leader, vision.uid, 1, {"detail": {"answers.needs-we-meet": Answer("Help.")}})
    found = {answer.question: answer for answer in reading.answers_of(vision)}
    after = revisions.difference_of_entry(written, leader, 1, 2)

    assert {key: (answer.text, answer.degree) for key, answer in found.items()} == {
        "needs-we-meet": ("Help at once.\n\nAlways.", None),
        "good-work-is-seen": ("", 5),
    }
    assert [row.slug for row in reading.links_of(found["good-work-is-seen"], leader)] == [practice.slug]
    assert [each.field for each in after.fields] == ["vision.answers.needs-we-meet"]
    latest = writing.latest_revision(session, session.get_one(writing.Entry, vision.id))
    assert revisions.as_written(latest)["detail"]["answers.good-work-is-seen"].degree == 5
    assert parts_of(vision)["answers.needs-we-meet"].text == "Help at once.\n\nAlways."


def test_v3_refuting_an_assumption_contests_the_vision(session):
    leader = a_viewer(session, role=Role.LEADER)
    vision = an_entry(session, leader, kind=Kind.VISION)
    taken = assumptions.add(session, leader, vision, {"statement": "Cafés own their machines."})

    assumptions.assess(session, leader, taken.uid, AssumptionState.REFUTED, found="Half of them rent.")

    now = reading.current(session, leader)
    assert now.freshness is Freshness.CONTESTED
    assert "Cafés own their machines." in now.contested_why
    assert [row.state for row in assumptions.of_vision(now, leader)] == [AssumptionState.REFUTED]
