import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, select
from sqlmodel import Session

from knowledge import clock, jobs
from knowledge.customers import Customer, StageTransition
from knowledge.database import Database, table_of
from knowledge.jobs import Job
from knowledge.words import CustomerKind, CustomerRelation, CustomerStatus, Stage, StageSource, TransitionCause
from server.worker import HANDLERS
from tests.factories import a_customer, bought
from tests.server.clients import Server

STAGES = list(Stage)


def a_town(session: Session) -> None:
    """Two thousand customers who have moved once since they came."""
    now = clock.now()
    alike = {"kind": CustomerKind.ORGANISATION, "stage_source": StageSource.DERIVED, "status": CustomerStatus.ACTIVE}
    people = [
        {
            "uid": clock.uid(),
            "name": f"{'Hotel' if n % 3 else 'Café'} {clock.uid().hex[-10:]}",
            "relation": CustomerRelation.INTERNAL if n % 10 == 0 else CustomerRelation.EXTERNAL,
            "stage": STAGES[n % 8],
            **alike,
            "sample": False,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
        for n in range(2000)
    ]
    session.connection().execute(insert(table_of(Customer)), people)
    ids = session.connection().execute(select(table_of(Customer).c.id).order_by(table_of(Customer).c.id)).scalars()
    moves = [
        {
            "customer_id": id,
            "from_stage": STAGES[(n + 1) % 8] if step else None,
            "to_stage": STAGES[(n + 1 - step) % 8],
            "at": now - timedelta(days=n % 80 + 10 * (1 - step)),
            "passing": False,
            "cause": TransitionCause.RULE,
        }
        for n, id in enumerate(ids)
        for step in (0, 1)
    ]
    session.connection().execute(insert(table_of(StageTransition)), moves)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "FROM sign_in" not in statement and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append(statement)

    event.listen(database.reader, "before_cursor_execute", note)
    yield sent
    event.remove(database.reader, "before_cursor_execute", note)


def test_the_ladder_of_two_thousand_is_light_and_takes_eight_statements(server: Server) -> None:
    server.database.write(a_town)
    client = server.client()
    client.sign_in("eva@example.org")
    client.get("/customers?name=hotel")

    with counted(server.database) as statements:
        page = client.get("/customers")
    onwards = re.search(r'href="(/customers\?after=[^"]+)" rel="next"', page.text)
    move = re.search(r'href="(/customers\?move=[^"]+)#move-reason"', page.text)
    assert onwards
    assert move
    following, opened = (client.get(found[1].replace("&amp;", "&")) for found in (onwards, move))

    assert page.text.count("<tr") == 1 + 50 + 1 + 5
    assert len(gzip.compress(page.content)) <= 30_000
    assert len(gzip.compress(opened.content)) <= 30_000
    assert len(statements) <= 8, statements
    assert 'name="reason"' in opened.text
    names = [set(re.findall(r'scope="row"><a[^>]+>((?:Hotel|Café) [^<]+)', each.text)) for each in (page, following)]
    assert [len(each) for each in names] == [50, 50]
    assert not names[0] & names[1]


def test_a_tick_is_moved_without_javascript_and_the_filters_stay(server: Server) -> None:
    def make(session: Session) -> None:
        customer = a_customer(session, name="Café Zimt")
        bought(session, customer, days_ago=(3, 4))
        a_customer(session, name="Depot", relation=CustomerRelation.INTERNAL)

    server.database.write(make)
    client = server.client()
    client.sign_in("eva@example.org")
    page = client.get("/customers?relation=external")
    assert "Depot" not in page.text
    id = re.search(r"move=([\w-]+)&amp;to=CLIENT", page.text)
    assert id
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    form = {"customer.id": id[1], "believed": "REPEAT", "to": "ADVOCATE", "reason": "", "reviewOn": day}

    refused = client.post("/ladder/move?relation=external", data=form)
    moved = client.post("/ladder/move?relation=external", data={**form, "to": "CLIENT", "reason": "All they can use."})
    shown = client.get(moved.headers["location"])
    again = client.post("/ladder/move", data={**form, "to": "INACTIVE", "reason": "They left."})
    kept = client.post("/ladder/keep", data={"customer.id": id[1], "reviewOn": day})
    why = client.get(f"/customers?move={id[1]}")

    assert refused.status_code == 422
    assert "Café Zimt is a repeat customer; from there one moves to client or inactive." in refused.text
    assert "Say why in 3 to 300 characters." in refused.text
    assert moved.headers["location"] == "/customers?done=moved&relation=external"
    assert "Café Zimt: Clients, by hand" in shown.text
    assert again.status_code == 422
    assert "has moved since" in again.text
    assert kept.headers["location"] == "/customers?done=kept"
    assert "All they can use." in why.text
    assert "2 purchases, last dealings on" in why.text


def test_an_empty_ladder_says_what_it_is_for_and_takes_the_first(server: Server) -> None:
    client = server.client()
    client.sign_in("eva@example.org")

    empty = client.get("/customers")
    added = client.post("/ladder/add", data={"name": "The Copper Pot", "relation": "EXTERNAL", "stage": "REPEAT"})
    shown = client.get(added.headers["location"])

    assert "Nobody is on the ladder yet." in empty.text
    assert "The Copper Pot: Repeat" in shown.text


def test_each_day_those_who_went_quiet_are_looked_at(server: Server) -> None:
    def make(session: Session) -> int:
        customer = a_customer(session)
        bought(session, customer, days_ago=(365,))
        return customer.id

    id = server.database.write(make)
    tomorrow = clock.now() + timedelta(days=1, minutes=1)

    with clock.held(tomorrow):
        server.database.write(lambda session: jobs.later(session, "ladder.settle"))
        jobs.run_due(server.database, HANDLERS)

    with server.database.reading() as session:
        row, job = table_of(Customer).c, table_of(Job).c
        assert session.connection().execute(select(row.stage).where(row.id == id)).scalar() is Stage.INACTIVE
        waiting = session.connection().execute(select(job.due_at).where(job.kind == "ladder.settle")).scalars().all()
        assert max(waiting) > tomorrow
