"""Every verb done by a page, by a program with a token, and by the command line: all leave the same."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from sqlmodel import Session

from knowledge import customers
from knowledge.database import Database
from knowledge.people import OPERATOR, tokens
from knowledge.words import Kind, Stage
from server.app import application
from server.settings import Settings
from tests.commands import loyalty
from tests.factories import an_entry
from tests.server.clients import Client, Server
from tests.server.conftest import a_program, populate

LEO = "leo@example.org"

LINKING = "See [[one-complaint-or-many]]."
WANTED = "machine fails refund"
DO = "1. Replace it.\n2. Ring after two weeks."
PRACTICE = {"problem": "The machine fails a *third* time.", "do": DO, "say": '> "This is the third time."'}
VISION = {"statement": "Coffee every morning.", "what": "No café waits.", "why": "Coffee is their living."}
SAID = "The valve is out of reach."
LEO_HIMSELF = {"name": "Leo"}
PUBLISHED = {
    "status": "PUBLISHED",
    "audience": "EMPLOYEES",
    "language": "en",
    "freshness": "UNVERIFIED",
    "source": None,
    "sample": False,
    "author": LEO_HIMSELF,
    "owner": LEO_HIMSELF,
    "revision": 1,
    "revisions": {"nodes": [{"number": 1, "state": "PUBLISHED", "author": LEO_HIMSELF}]},
}
"""What every way leaves alike when Leo publishes something."""
NEWS = {"health": "AT_RISK", "percent": 40, "summary": "Three seals leak.", "next": "Cut one open."}

ENTRY = """query ($slug: String!) { entry(slug: $slug) {
  kind slug title status audience language freshness revision body source sample
  tags { name } author { name } owner { name } functions stages links { kind entry { slug } }
  revisions { nodes { number state author { name } } }
  ... on BestPractice { problem problemHtml do doHtml say sayHtml when avoid measure }
  ... on Vision { statement horizon what whatHtml why whyHtml version }
} }"""
HEARD = """{ feedback { totalCount nodes {
  verbatim channel kind status anonymous customer { name stage } reporter { name }
  evidence { stance quote channel entry { slug } }
} } }"""
PROGRESS = """{ entry(slug: "valve-to-the-front") { ... on Initiative {
  health latestProgress { summary }
  progress { totalCount nodes { health percent summary next author { name } } }
} } }"""
FOUND = "query ($query: String!) { search(query: $query) { totalCount edges { node { ... on Entry { slug } } } } }"


class House:
    """A small company, the three ways in, and what is there afterwards, as Leo sees it."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.browser: Client = server.client()
        self.program: Client = a_program(server)
        assert self.browser.sign_in(LEO).status_code == 303

    def send(self, path: str, **fields: Any) -> None:
        """Send a form, as a browser does without scripts."""
        answer = self.browser.post(path, data={name.replace("__", "."): value for name, value in fields.items()})
        assert answer.status_code == 303, unescape(re.sub(r"<[^>]+>", " ", answer.text))

    def ask(self, document: str, **variables: Any) -> Any:
        """Ask by token; a mutation must be accepted."""
        answer = self.program.ask(document, variables, loyalty_await_index="true").json()
        assert "errors" not in answer, answer
        assert not any(payload.get("errors") for payload in answer["data"].values() if isinstance(payload, dict))
        return answer["data"]

    def command(self, *arguments: str | Path, says: str = "") -> str:
        """What `loyalty` prints when it is run over this house."""
        settings = self.server.settings
        ran = loyalty(*arguments, says=says, database_url=settings.database_url, data=settings.data)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def bring_in(self, name: str, text: str) -> None:
        """Import one file by the command line."""
        (self.folder / name).write_text(text, encoding="utf-8")
        self.command("import", self.folder / name)

    def query(self, document: str, **variables: str) -> Any:
        """Ask by the command line, as Leo."""
        given = [part for name, value in variables.items() for part in ("--var", f"{name}={value}")]
        return json.loads(self.command("query", "-", "--person", LEO, *given, says=document))["data"]


Way = Callable[[House], Any]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    populate(database)
    database.write(furnish)
    settings = Settings(data=tmp_path, database_url=database.url.render_as_string(hide_password=False))
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        app = application(settings)
        stack.enter_context(portal.wrap_async_context_manager(app.router.lifespan_context(app)))
        yield House(Server(app, settings, portal, database, stack), tmp_path)


def furnish(session: Session) -> None:
    customers.create(
        session, OPERATOR, {"name": "Café Zimt", "source": "crm", "external_id": "7", "stage": Stage.CLIENT}
    )
    leo = tokens.owner(session, LEO)
    assert leo is not None
    an_entry(session, leo, title="One complaint or many", slug="one-complaint-or-many", body="Ask the others first.")
    an_entry(session, leo, kind=Kind.INITIATIVE, title="Valve to the front", slug="valve-to-the-front")


def front_matter(body: str, **fields: Any) -> str:
    """A Markdown file as the import reads it; JSON is YAML, too."""
    return "---\n" + "".join(f"{name}: {json.dumps(value)}\n" for name, value in fields.items()) + f"---\n{body}\n"


def lines(*rows: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def write_by_page(house: House) -> None:
    parts = {f"practice.{name}": text for name, text in PRACTICE.items()}
    whom = {"functions": ["SUPPORT", "SERVICE"], "stages": ["CLIENT"]}
    house.send(
        "/entries/new",
        kind="BEST_PRACTICE",
        title="Replace first",
        body=LINKING,
        tags="refund",
        publish="yes",
        **parts,
        **whom,
    )


def write_by_program(house: House) -> None:
    mutation = "mutation ($input: CreateEntryInput!) { createEntry(input: $input) { errors { message } } }"
    words = {"title": "Replace first", "body": LINKING, "practice": PRACTICE, "tags": ["refund"]}
    whom = {"functions": ["SUPPORT", "SERVICE"], "stages": ["CLIENT"]}
    house.ask(mutation, input={"kind": "BEST_PRACTICE", "publish": True, **words, **whom})


def write_by_command(house: House) -> None:
    parts = "\n\n".join(f"## {name.capitalize()}\n\n{text}" for name, text in PRACTICE.items())
    what = {"kind": "best_practice", "title": "Replace first", "slug": "replace-first", "tags": ["refund"]}
    whom = {"functions": ["support", "service"], "stages": ["client"]}
    text = front_matter(f"{LINKING}\n\n{parts}", **what, **whom, author=LEO, owner=LEO, status="published")
    house.bring_in("replace-first.md", text)


def hear_by_page(house: House) -> None:
    about = {"entry__slug": "one-complaint-or-many", "stance": "SUPPORTS"}
    house.send("/voices", verbatim=SAID, channel="PHONE", customerName="Café Zimt", **about)


def hear_by_program(house: House) -> None:
    mutation = "mutation ($input: CreateFeedbackInput!) { createFeedback(input: $input) { errors { message } } }"
    said = {"verbatim": SAID, "channel": "PHONE", "customer": {"external": {"source": "crm", "externalId": "7"}}}
    house.ask(mutation, input={**said, "entry": {"slug": "one-complaint-or-many"}, "stance": "SUPPORTS"})


def hear_by_command(house: House) -> None:
    itself = {"source": "crm", "external_id": "call-1"}
    said = {"verbatim": SAID, "channel": "phone", "customer": {"source": "crm", "external_id": "7"}, "reporter": LEO}
    proof = {"entry": "one-complaint-or-many", "stance": "supports", "quote": SAID, "feedback": itself}
    house.bring_in("said.jsonl", lines({"type": "feedback", **itself, **said}, {"type": "evidence", **proof}))


def envision_by_page(house: House) -> None:
    parts = {f"vision.{name}": text for name, text in VISION.items()}
    house.send("/entries/new", kind="VISION", title="Every morning", publish="yes", **parts)


def envision_by_program(house: House) -> None:
    mutation = "mutation ($input: CreateEntryInput!) { createEntry(input: $input) { errors { message } } }"
    house.ask(mutation, input={"kind": "VISION", "title": "Every morning", "vision": VISION, "publish": True})


def envision_by_command(house: House) -> None:
    what = {"kind": "vision", "title": "Every morning", "slug": "every-morning", "vision": VISION}
    house.bring_in("vision.md", front_matter("", **what, author=LEO, owner=LEO, status="published"))


def report_by_page(house: House) -> None:
    initiative = house.ask('{ entry(slug: "valve-to-the-front") { id } }')["entry"]["id"]
    house.send("/entries/valve-to-the-front/progress", initiative__id=initiative, **NEWS)


def report_by_program(house: House) -> None:
    mutation = "mutation ($input: PostProgressInput!) { postProgress(input: $input) { errors { message } } }"
    house.ask(mutation, input={"initiative": {"slug": "valve-to-the-front"}, **NEWS})


def report_by_command(house: House) -> None:
    row = {"type": "progress", "source": "plan", "external_id": "1", "initiative": "valve-to-the-front", **NEWS}
    house.bring_in("progress.jsonl", lines({**row, "author": LEO, "at": "2026-11-04T08:15:00Z"}))


def search_by_page(house: House) -> list[str]:
    return re.findall(r'<h2><a href="/entries/([^"]+)"', house.browser.get("/search", params={"q": WANTED}).text)


def search_by_program(house: House) -> list[str]:
    return slugs(house.ask(FOUND, query=WANTED))


def search_by_command(house: House) -> list[str]:
    return slugs(house.query(FOUND, query=WANTED))


def slugs(answer: Any) -> list[str]:
    return [edge["node"]["slug"] for edge in answer["search"]["edges"]]


def read_by_page(house: House) -> str:
    page = house.browser.get("/entries/replace-first").text
    section = re.search(r'<section class="part do" id="do"><h2>Do</h2>(.*?)</section>', page, re.DOTALL)
    return section[1] if section else page


def read_by_program(house: House) -> str:
    return str(house.ask(ENTRY, slug="replace-first")["entry"]["doHtml"])


def read_by_command(house: House) -> str:
    return str(house.query(ENTRY, slug="replace-first")["entry"]["doHtml"])


def three(page: Way, program: Way, command: Way) -> list[Any]:
    """The ways as parameters; each command is a process of its own, and slow."""
    return [
        pytest.param(page, id="page"),
        pytest.param(program, id="program"),
        pytest.param(command, id="command", marks=pytest.mark.slow),
    ]


@pytest.mark.parametrize("write", three(write_by_page, write_by_program, write_by_command))
def test_a_practice_is_written_and_published(house: House, write: Way) -> None:
    write(house)

    entry = house.ask(ENTRY, slug="replace-first")["entry"]
    html = {name: entry.pop(name) for name in ("problemHtml", "doHtml", "sayHtml")}
    assert "<em>third</em>" in html["problemHtml"]
    assert "<li>Ring after two weeks.</li>" in html["doHtml"]
    assert "<blockquote>" in html["sayHtml"]
    assert entry == {
        **PUBLISHED,
        **PRACTICE,
        **dict.fromkeys(("when", "avoid", "measure"), ""),
        "kind": "BEST_PRACTICE",
        "slug": "replace-first",
        "title": "Replace first",
        "body": LINKING,
        "tags": [{"name": "refund"}],
        "functions": ["SERVICE", "SUPPORT"],
        "stages": ["CLIENT"],
        "links": [{"kind": "RELATED", "entry": {"slug": "one-complaint-or-many"}}],
    }


@pytest.mark.parametrize("hear", three(hear_by_page, hear_by_program, hear_by_command))
def test_what_a_customer_said_is_recorded_as_evidence(house: House, hear: Way) -> None:
    hear(house)

    heard = house.ask(HEARD)["feedback"]
    assert heard["totalCount"] == 1
    assert heard["nodes"][0] == {
        "verbatim": SAID,
        "channel": "PHONE",
        "kind": None,
        "status": "NEW",
        "anonymous": False,
        "customer": {"name": "Café Zimt", "stage": "CLIENT"},
        "reporter": LEO_HIMSELF,
        "evidence": [
            {"stance": "SUPPORTS", "quote": SAID, "channel": "PHONE", "entry": {"slug": "one-complaint-or-many"}}
        ],
    }


@pytest.mark.parametrize("envision", three(envision_by_page, envision_by_program, envision_by_command))
def test_a_vision_is_published(house: House, envision: Way) -> None:
    envision(house)

    entry = house.ask(ENTRY, slug="every-morning")["entry"]
    assert "No café waits." in entry.pop("whatHtml")
    assert "Coffee is their living." in entry.pop("whyHtml")
    assert entry == {
        **PUBLISHED,
        **VISION,
        "tags": [],
        "functions": [],
        "stages": [],
        "links": [],
        "kind": "VISION",
        "slug": "every-morning",
        "title": "Every morning",
        "body": "",
        "horizon": None,
        "version": 1,
    }


@pytest.mark.parametrize("report", three(report_by_page, report_by_program, report_by_command))
def test_progress_is_posted(house: House, report: Way) -> None:
    report(house)

    assert house.ask(PROGRESS)["entry"] == {
        "health": "AT_RISK",
        "latestProgress": {"summary": NEWS["summary"]},
        "progress": {"totalCount": 1, "nodes": [{**NEWS, "author": LEO_HIMSELF}]},
    }


@pytest.mark.parametrize("search", three(search_by_page, search_by_program, search_by_command))
def test_what_was_written_is_found(house: House, search: Way) -> None:
    write_by_page(house)

    found = search(house)

    assert found[0] == "replace-first"
    assert found == search_by_program(house)


@pytest.mark.parametrize("read", three(read_by_page, read_by_program, read_by_command))
def test_what_was_written_is_read(house: House, read: Way) -> None:
    write_by_page(house)

    shown = read(house)

    assert "<li>Replace it.</li>" in shown
    assert "<li>Ring after two weeks.</li>" in shown
