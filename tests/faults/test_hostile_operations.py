"""Whatever is asked, it costs less than a second, and is answered or refused in words."""

from collections.abc import Callable, Iterator
from functools import partial
from time import process_time

import markdown
import pytest
from sqlmodel import Session

from knowledge import evidence
from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.words import Role, Stance
from schema.documents import Unacceptable
from tests.asking import Ask
from tests.factories import a_customer, a_viewer, an_entry, some_feedback
from tests.faults import hostile_operations
from tests.faults.hostile_operations import OPENING, Attack

SECONDS = 1.0


def a_world(session: Session) -> Viewer:
    viewer = a_viewer(session, role=Role.LEADER)
    for number in range(40):
        entry = an_entry(session, viewer, title=f"Written as number {number}", tags=[f"tag {number % 5}", "all"])
        item = some_feedback(session, viewer, customer=a_customer(session))
        evidence.attach(session, viewer, entry, item, Stance.SUPPORTS)
    return viewer


def wrong(work: Callable[[], object]) -> str:
    """What is wrong with the way an operation was met; nothing if it was refused in words or answered, and in time."""
    began, found = process_time(), ""
    try:
        work()
    except Unacceptable as refused:
        found = "" if refused.errors[0]["message"] else "no words"
    except Exception as escaped:
        found = repr(escaped).splitlines()[0][:200]
    taken = process_time() - began
    return found or (f"{taken:.2f} s" if taken > SECONDS else "")


@pytest.mark.parametrize("attacks", ["documents", "texts", "values"])
def test_whatever_is_asked_is_answered_or_refused_within_a_second_of_cpu(
    database: Database, ask: Ask, attacks: str
) -> None:
    viewer = database.write(a_world)
    ask.follow()
    attempts: Callable[[], Iterator[tuple[str, Attack]]] = getattr(hostile_operations, attacks)

    found = {name: wrong(partial(ask, source, viewer, **variables)) for name, (source, variables) in attempts()}

    assert len(found) > 20
    assert "\n".join(f"{name}: {what}" for name, what in found.items() if what) == ""


def test_brackets_that_nobody_counted_are_found_out() -> None:
    assert wrong(partial(markdown.markdown, OPENING[:4_000])).endswith(" s")
