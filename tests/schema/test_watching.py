"""What of a change whoever watches is told, and what of it is among colleagues alone."""

from datetime import UTC, datetime

from sqlmodel import Session

from knowledge.changes import ChangeRow
from knowledge.database import formed
from knowledge.words import Role
from schema.watching import SOURCES, Watch
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_viewer, some_feedback


@ON_ONE_ENGINE
def test_a_customer_hears_that_their_words_were_answered_and_not_how_they_are_sorted(session: Session) -> None:
    pot = a_customer(session)
    ines, rosa = a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=pot)
    said = some_feedback(session, ines, customer=pot)
    verbs = ("feedback.triaged", "feedback.assigned", "feedback.themed", "feedback.answered")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    moved = {"type": "Feedback", "uid": said.uid, "xid": 0, "revision": 0, "deleted": False}
    rows = formed(
        session,
        ChangeRow,
        [{**moved, "id": n, "verb": verb, "at": at.replace(day=n)} for n, verb in enumerate(verbs, 1)],
    )

    told = {
        viewer: [
            event.at.day
            for event in Watch(SOURCES["nodeChanged"], {said.uid: "Feedback"}, None).events(session, viewer, rows)
        ]
        for viewer in (ines, rosa)
    }

    assert told == {ines: [1, 2, 3, 4], rosa: [4]}
