import pytest
from sqlmodel import Session

from knowledge import entries
from knowledge.database import Page
from knowledge.entries import publishing
from knowledge.errors import NotAllowed, Refusal
from knowledge.initiatives import priority, progress
from knowledge.initiatives.priority import Wanted
from knowledge.words import Health, InitiativeKind, InitiativeStatus, Kind, Role
from tests.factories import a_draft, a_viewer, an_entry


def test_p1_launched_initiative_has_a_priority_and_says_when_it_is_to_be_complete(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    draft = a_draft(session, margit, kind=Kind.INITIATIVE, detail={"status": InitiativeStatus.LAUNCHED})

    with pytest.raises(Refusal) as caught:
        publishing.publish(session, margit, draft.uid)

    missing = ["planned_completion", "reach", "impact", "effort"]
    assert [problem.field for problem in caught.value.problems] == [f"initiative.{each}" for each in missing]


@pytest.mark.parametrize("health", list(Health))
def test_p2_honest_colour_is_published_at_once(session: Session, health: Health) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    initiative = an_entry(session, margit, kind=Kind.INITIATIVE)

    progress.post(session, margit, initiative, health, "Where it stands.")

    seen = entries.by_uid(session, a_viewer(session), initiative.uid)
    assert seen is not None
    latest = progress.latest(seen, margit)
    assert latest is not None
    assert latest.health is health


def test_p4_changing_initiative_says_from_what_to_what(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    draft = a_draft(session, margit, kind=Kind.INITIATIVE, detail={"kind": InitiativeKind.CHANGING})

    with pytest.raises(Refusal):
        publishing.publish(session, margit, draft.uid)


def test_owner_posts_progress_and_other_employees_do_not(session: Session) -> None:
    margit, owner = a_viewer(session, role=Role.LEADER), a_viewer(session)
    initiative = an_entry(session, margit, kind=Kind.INITIATIVE, owner=owner.uid)

    posted = progress.post(session, owner, initiative, Health.ON_TRACK, "Started.", percent=10)

    assert posted.percent == 10
    with pytest.raises(NotAllowed):
        progress.post(session, a_viewer(session), initiative, Health.ON_TRACK, "Me too.")


def test_everything_wrong_with_an_update_is_said_at_once(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    story = an_entry(session, margit, kind=Kind.STORY)

    with pytest.raises(Refusal) as caught:
        progress.post(session, margit, story, Health.ON_TRACK, " ", percent=101)

    assert [problem.field for problem in caught.value.problems] == ["initiative", "summary", "percent"]


def test_initiatives_are_listed_by_kind_and_state(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    for kind in (InitiativeKind.NEW, InitiativeKind.UNDERWAY):
        an_entry(session, margit, kind=Kind.INITIATIVE, title=kind.value, detail={"kind": kind})

    found = priority.listing(session, margit, Page(), wanted=Wanted(kinds=(InitiativeKind.UNDERWAY,)))

    assert [row.title for row in found.rows] == ["UNDERWAY"]
