from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import Session

from knowledge import evidence
from knowledge.database import Database
from knowledge.entries import Entry, publishing, revisions, writing
from knowledge.entries.links import SlugRedirect
from knowledge.errors import Refusal
from knowledge.initiatives.planning import InitiativeBacking
from knowledge.people import Viewer
from knowledge.vision import assumptions, commitments, lacking, placing, reading
from knowledge.vision.answers import Answer
from knowledge.vision.questions import GuidingQuestion, Step, install
from knowledge.words import (
    AnswerKind,
    AssumptionState,
    Audience,
    CommitmentState,
    Freshness,
    Kind,
    Role,
    Stance,
    Status,
    VisionStep,
)
from tests.factories import a_customer, a_draft, a_group, a_viewer, an_entry, some_feedback


def ask_of_a_vision(session: Session, *keys: str) -> None:
    asked = [
        GuidingQuestion(step_id=1, place=place, key=key, text=key, answer=AnswerKind.TEXT)
        for place, key in enumerate(keys)
    ]
    install(session, [(Step(id=1, key=VisionStep.CAPABILITIES, title="Abilities", why=""), asked)])


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


def test_v1_publishing_needs_what_and_why_and_what_is_not_answered_is_shown_as_a_gap(session: Session) -> None:
    leader = a_viewer(session, role=Role.LEADER)
    bare = a_draft(session, leader, kind=Kind.VISION, detail={"what": " ", "why": ""})

    with pytest.raises(Refusal) as refused:
        publishing.publish(session, leader, bare.uid)
    ask_of_a_vision(session, "asked-0", "asked-1", "asked-2")
    said = {"answers.asked-0": Answer("So."), "answers.asked-1": Answer(not_yet=True)}
    vision = an_entry(session, leader, kind=Kind.VISION, detail=said)
    gaps = " ".join(lacking.gaps(vision, leader))

    assert {each.field for each in refused.value.problems} >= {"vision.what", "vision.why"}
    assert "2 guiding questions are not answered yet." in gaps
    assert "No assumption is written down" in gaps
    assert lacking.gaps(vision, Viewer()) == ()


def test_v2_the_customers_view_is_not_published_before_a_customer_was_heard_on_it(session: Session) -> None:
    leader = a_viewer(session, role=Role.LEADER)
    seen = {"answers.why-they-return": Answer("They ring once.", customers_view=True)}
    ask_of_a_vision(session, "why-they-return")
    draft = a_draft(session, leader, kind=Kind.VISION, detail={"what": "Help.", "why": "Theirs.", **seen})
    said = some_feedback(session, leader, customer=a_customer(session))

    with pytest.raises(Refusal) as refused:
        publishing.publish(session, leader, draft.uid)
    piece = evidence.attach(session, leader, draft, said, Stance.SUPPORTS)
    with pytest.raises(Refusal):  # of the vision as a whole, and of no answer
        publishing.publish(session, leader, draft.uid)
    placing.place(session, leader, draft, piece, assumption=None, question="why-they-return")

    assert [each.field for each in refused.value.problems] == ["vision.answers.why-they-return"]
    assert publishing.publish(session, leader, draft.uid).status is Status.PUBLISHED


@pytest.mark.parametrize("audience", [Audience.EMPLOYEES, Audience.GROUP])
def test_v3_refuting_an_assumption_contests_the_vision_and_its_initiatives(
    session: Session, audience: Audience
) -> None:
    group = a_group(session)
    leader = a_viewer(session, role=Role.LEADER, group=group)
    initiative, pointed, renamed, other = (an_entry(session, leader, kind=Kind.INITIATIVE) for _ in range(4))
    session.add(SlugRedirect(slug="as-it-was", entry_id=renamed.id))
    said = {"answers.why": Answer(links=(pointed.slug,)), "answers.how": Answer(links=("as-it-was",))}
    groups = (group.uid,) if audience is Audience.GROUP else ()
    vision = an_entry(session, leader, kind=Kind.VISION, detail=said, audience=audience, audience_groups=groups)
    session.add(InitiativeBacking(entry_id=initiative.id, vision_id=vision.id))
    taken = assumptions.add(session, leader, vision, {"statement": "Cafés own their machines."})

    assumptions.assess(session, leader, taken.uid, AssumptionState.REFUTED, found="Half of them rent.")

    named = (vision, initiative, pointed, renamed, other)
    fresh = [session.get_one(Entry, row.id) for row in named]
    assert [each.freshness is Freshness.CONTESTED for each in fresh] == [True, True, True, True, False]
    told = ["Cafés own their machines." in (each.contested_why or "") for each in fresh[:4]]
    assert told == [True, *[audience is Audience.EMPLOYEES] * 3]  # who reads an initiative may not read every vision
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


def test_v4_a_double_click_commits_one_stakeholder_and_no_second(database: Database) -> None:
    leader = database.write(lambda session: a_viewer(session, role=Role.LEADER))
    vision = database.write(lambda session: an_entry(session, leader, kind=Kind.VISION))
    together = Barrier(2)

    def click(_: int) -> None:
        def given(session: Session) -> None:
            here = reading.current(session, leader) or vision
            commitments.give(session, leader, here, CommitmentState.COMMITTED)

        together.wait(10)
        database.write(given)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(click, range(2)))

    with database.reading() as session:
        stakes = commitments.stakeholders_of(reading.current(session, leader) or vision, leader)
        assert [len(commitments.commitments_of(each)) for each in stakes] == [2]
