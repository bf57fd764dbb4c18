"""Whatever is asked, it costs less than a second, and is answered or refused in words."""

from collections.abc import Callable, Iterator
from time import process_time

import pytest
from sqlmodel import Session

from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.words import Role, Stance
from knowledge import evidence
from schema.execution import Unacceptable
from tests.asking import Ask, Bug
from tests.factories import a_customer, a_viewer, an_entry, some_feedback
from tests.faults import hostile_operations
from tests.faults.hostile_operations import Attack

SECONDS = 1.0


def a_world(session: Session) -> Viewer:
    viewer = a_viewer(session, role=Role.LEADER)
    for number in range(40):
        entry = an_entry(session, viewer, title=f"Written as number {number}", tags=[f"tag {number % 5}", "all"])
        item = some_feedback(session, viewer, customer=a_customer(session))
        evidence.attach(session, viewer, entry, item, Stance.SUPPORTS)
    return viewer


def wrong(ask: Ask, viewer: Viewer, source: str, variables: object) -> str:
    """What is wrong with the way an operation was met; nothing if it was refused or answered in time."""
    began, found = process_time(), ""
    try:
        ask(source, viewer, **variables)  # type: ignore[arg-type]
    except Unacceptable as refused:
        found = "" if refused.errors[0]["message"] else "no words"
    except Bug as bug:
        found = f"a bug: {bug!r}".splitlines()[0][:200]
    except Exception as escaped:
        found = f"escaped: {escaped!r}".splitlines()[0][:200]
    taken = process_time() - began
    return found or (f"{taken:.2f} s" if taken > SECONDS else "")


@pytest.mark.parametrize("attacks", ["documents", "texts", "values"])
def test_whatever_is_asked_is_answered_or_refused_within_a_second_of_cpu(
    database: Database, ask: Ask, attacks: str
) -> None:
    viewer = database.write(a_world)
    ask.follow()
    attempts: Callable[[], Iterator[tuple[str, Attack]]] = getattr(hostile_operations, attacks)

    found = {name: wrong(ask, viewer, source, variables) for name, (source, variables) in attempts()}

    assert len(found) > 20
    assert "\n".join(f"{name}: {what}" for name, what in found.items() if what) == ""
