"""The home page: what waits for each role, what is new to them, and what they find where there is nothing yet."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session
from starlette.requests import Request

from frontend.asking import Answer, document
from frontend.pages import Site
from knowledge import clock
from knowledge.community import flags, notices
from knowledge.database import Database
from knowledge.entries import publishing
from knowledge.feedback import triaging
from knowledge.home import arriving
from knowledge.people import Viewer, visits
from knowledge.words import Audience, FlagReason, InitiativeStatus, Kind, Role
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_draft, a_viewer, an_entry, some_feedback
from tests.frontend.conftest import Browser, Elements

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
PIN = """mutation ($text: String!, $slug: String, $until: Date) { pinNotice(input: { text: $text, entry: { slug: $slug },
  until: $until }) { notice { id text author { name } } errors { field code } } }"""
HANGS = "{ home { notice { id text mayTakeDown author { name } entry { title } } } }"


def everybody(session: Session) -> dict[str, Viewer]:
    roles = {role.lower(): a_viewer(session, role=role) for role in Role if role is not Role.CUSTOMER}
    return {
        **roles,
        "customer": a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session)),
        "stranger": Viewer(),
    }


def opened(ask: Ask, viewer: Viewer) -> Browser:
    """The pages of this database as the viewer sees them."""

    async def execute(source: str, variables: Mapping[str, object], request: Request) -> Answer:
        answer = ask(source, viewer, **variables)
        return Answer(answer.data, [dict(error) for error in answer.errors])

    return Browser(execute, Site(anonymous=True))


@ON_ONE_ENGINE
def test_nobody_finds_an_empty_page_where_nothing_has_been_written(database: Database, ask: Ask) -> None:
    who = database.write(everybody)

    pages = {name: opened(ask, viewer).get("/").text for name, viewer in who.items()}

    nexts = {"customer": "/tell", "stranger": "/login"}
    for name, html in pages.items():
        links = [each.get("href") for each in Elements(html).of("a")]
        assert '<div class="empty">' in html, name
        assert nexts.get(name, "/entries/new") in links, name
        assert "Pin a notice" in html if name in ("leader", "admin") else "Pin a notice" not in html


def a_busy_place(session: Session) -> dict[str, Viewer]:
    who = everybody(session)
    employee, steward, leader = who["employee"], who["steward"], who["leader"]
    an_entry(session, leader, kind=Kind.VISION, title="Coffee")
    draft = a_draft(session, employee, title="To approve", audience=Audience.PUBLIC)
    publishing.submit(session, employee, draft.uid)
    flags.flag(session, who["customer"], an_entry(session, employee, audience=Audience.PUBLIC), FlagReason.WRONG)
    item = some_feedback(session, employee, customer=a_customer(session))
    triaging.assign(session, steward, item.uid, person=steward.uid)
    for _ in range(10):
        an_entry(session, leader, kind=Kind.INITIATIVE)
    for days in (20, 40):
        launched_on = clock.now().date() - timedelta(days=days)
        facts = {
            "status": InitiativeStatus.LAUNCHED,
            "launched_on": launched_on,
            "planned_completion": clock.now().date(),
        }
        weighed = {"reach": 100, "impact": 3, "effort": 2.0}
        an_entry(
            session, leader, kind=Kind.INITIATIVE, title=f"{days} days", owner=leader.uid, detail={**facts, **weighed}
        )
    return who


def test_each_finds_what_waits_for_them_and_nothing_of_others(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    who = database.write(a_busy_place)
    statements.clear()

    asked: dict[str, int] = {}
    found: dict[str, Any] = {}
    for name, viewer in who.items():
        found[name] = ask.data(document("home/home"), viewer)["home"]
        asked[name] = len(statements)
        statements.clear()

    waits = {name: {each["kind"]: each["count"] for each in home["waiting"]} for name, home in found.items()}
    assert waits["employee"] == {"FLAGS": 1, "MEANING": 1, "DRAFTS": 1}
    assert waits["steward"] == {"FEEDBACK": 1, "APPROVALS": 1, "FLAGS": 1, "MEANING": 1}
    assert waits["leader"] == {"APPROVALS": 1, "FLAGS": 1, "MEANING": 1, "STALE_INITIATIVES": 1}
    assert waits["admin"] == {"APPROVALS": 1, "FLAGS": 1, "MEANING": 1}
    assert (waits["customer"], waits["stranger"]) == ({}, {})
    assert found["leader"]["waiting"][-1]["entry"]["title"] == "40 days"
    entries = {each["kind"]: each["entry"] for each in found["steward"]["waiting"]}
    assert entries["APPROVALS"]["title"] == "To approve"
    assert entries["FEEDBACK"] is None
    assert [len(found[name]["initiatives"]) for name in ("employee", "customer")] == [4, 0]
    assert (found["employee"]["vision"]["title"], found["customer"]["vision"]) == ("Coffee", None)
    assert max(asked.values()) <= 10, asked


def test_what_is_new_is_new_since_the_visit_before_this_one(session: Session) -> None:
    person = a_viewer(session)
    assert person.id is not None

    def since(moment: datetime, note: Callable[..., None] | None = visits.seen) -> datetime | None:
        with clock.held(moment):
            if note is not None:
                note(session, person.id)
            session.flush()
            return arriving.home(session, person).since

    first = since(MONDAY)
    lunch = since(MONDAY + timedelta(hours=3))
    evening = since(MONDAY + timedelta(hours=8), note=None)  # what is read first is noted later
    noted = since(MONDAY + timedelta(hours=8))
    later = since(MONDAY + timedelta(hours=8, minutes=20))

    assert (first, lunch) == (None, None)
    assert evening == noted == later == MONDAY + timedelta(hours=3)


@pytest.fixture
def leader(database: Database) -> Viewer:
    return database.write(lambda session: a_viewer(session, role=Role.LEADER, name="Margit"))


@ON_ONE_ENGINE
def test_a_leader_pins_one_notice_for_colleagues_and_takes_it_down(
    database: Database, ask: Ask, leader: Viewer
) -> None:
    who = database.write(everybody)
    entry = database.write(lambda session: an_entry(session, leader, title="The kit"))
    today = clock.now().date()

    past = ask.data(PIN, leader, text=" ", slug=entry.slug, until=str(today - timedelta(days=1)))["pinNotice"]
    first = ask.data(PIN, leader, text="The valve moves.", slug=entry.slug, until=str(today))["pinNotice"]
    ask.data(PIN, leader, text="It moved.", slug=entry.slug)
    refused = [ask.data(PIN, who[name], text="Mine.", slug=entry.slug)["pinNotice"] for name in ("steward", "employee")]
    seen = {name: ask.data(HANGS, viewer)["home"]["notice"] for name, viewer in who.items()}
    down = "mutation ($id: ID!) { takeDownNotice(input: { id: $id }) { takenDownId errors { code } } }"
    gone = [ask.data(down, leader, id=first["notice"]["id"]), ask.data(down, leader, id=seen["leader"]["id"])]

    assert [each["field"] for each in past["errors"]] == ["text", "until"]
    assert first["notice"]["author"] == {"name": "Margit"}
    assert [each["errors"][0]["code"] for each in refused] == ["NOT_ALLOWED"] * 2
    assert {name: each and each["text"] for name, each in seen.items()} == {
        **dict.fromkeys(("employee", "steward", "leader", "admin"), "It moved."),
        **dict.fromkeys(("customer", "stranger")),
    }
    assert (seen["employee"]["mayTakeDown"], seen["leader"]["mayTakeDown"]) == (False, True)
    assert seen["employee"]["entry"] == {"title": "The kit"}
    assert [each["takeDownNotice"]["errors"] for each in gone] == [[{"code": "NOT_FOUND"}], []]
    assert ask.data(HANGS, leader)["home"]["notice"] is None


def test_a_notice_hangs_until_its_last_day_is_over(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    with clock.held(MONDAY):
        notices.pin(session, margit, "Today.", until=MONDAY.date())

    with clock.held(MONDAY + timedelta(hours=15)):
        assert notices.pinned(session, margit) is not None
    with clock.held(MONDAY + timedelta(hours=16)):
        assert notices.pinned(session, margit) is None
