"""A session that ends while somebody writes takes none of their words with it."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from knowledge import people
from knowledge.people import Viewer
from tests.factories import a_draft
from tests.server.clients import PASSWORD, Client, Server

EVA = "eva@example.org"
WORDS = 'Nine "years"\r\n\r\n<of> it — and more & more'
FORM = {"kind": "STORY", "title": "Kettle", "body": WORDS, "stages": ["", "CLIENT", "REPEAT"], "publish": "yes"}


class Form(HTMLParser):
    """The fields of the form of a page that is sent to an address."""

    def __init__(self, html: str, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.area = action, False, ""
        self.fields: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("action") == self.action
        elif self.inside and tag == "textarea":
            self.area = given["name"]
            self.fields.append((self.area, ""))
        elif self.inside and tag == "input" and given.get("type") == "hidden":
            self.fields.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self.area:
            name, before = self.fields[-1]
            self.fields[-1] = (name, before + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            name, text = self.fields[-1]
            self.fields[-1] = (name, text.removeprefix("\n"))
            self.area = ""


def sent(fields: list[tuple[str, str]], **more: str) -> dict[str, Any]:
    together: dict[str, Any] = {}
    for name, value in [*fields, *more.items()]:
        together.setdefault(name, []).append(value)
    return together


def forgotten(client: Client) -> Client:
    client.http.cookies.clear()
    return client


def signed_in_again(client: Client, page: httpx.Response) -> httpx.Response:
    fields = sent(Form(page.text, "/login").fields, email=EVA, password=PASSWORD)
    return client.post("/login", data=fields)


@pytest.mark.parametrize("anonymous", [False, True])
def test_whoever_was_signed_out_while_writing_signs_in_and_goes_on(
    anonymous: bool, serve: Callable[..., Server]
) -> None:
    client = serve(anonymous=anonymous).client()
    client.sign_in(EVA)

    asked = forgotten(client).post("/entries/new?kind=story", data=FORM)
    held = signed_in_again(client, asked)
    fields = Form(held.text, "/entries/new?kind=story").fields
    shown = client.post("/entries/new?kind=story", data=sent(fields, resume="yes"))
    saved = client.post("/entries/new?kind=story", data=sent(fields))

    assert (asked.status_code, held.status_code, shown.status_code, saved.status_code) == (403, 200, 200, 303)
    assert fields == [
        (name, text) for name, texts in FORM.items() for text in ([texts] if isinstance(texts, str) else texts)
    ]
    assert "Kettle" in shown.text
    written = client.ask('{ entry(slug: "kettle") { status body stages } }').json()["data"]["entry"]
    assert written == {"status": "PUBLISHED", "body": WORDS.replace("\r\n", "\n"), "stages": ["REPEAT", "CLIENT"]}


def test_nothing_is_saved_by_signing_in(client: Client) -> None:
    signed_in_again(client, client.post("/entries/new", data=FORM))

    assert client.ask('{ viewer { role } entry(slug: "kettle") { id } }').json()["data"]["entry"] is None


def test_a_wrong_password_loses_no_word(client: Client) -> None:
    asked = client.post("/entries/new", data=FORM)

    again = client.post("/login", data=sent(Form(asked.text, "/login").fields, email=EVA, password="wrong, this one"))
    held = signed_in_again(client, again)

    assert again.status_code == 422
    assert ("body", WORDS) in Form(held.text, "/entries/new").fields


def test_the_page_with_the_words_is_not_stored(client: Client) -> None:
    asked = client.post("/entries/new", data=FORM)
    held = signed_in_again(client, asked)

    assert [page.headers["cache-control"] for page in (asked, held)] == ["no-store", "no-store"]


@pytest.mark.parametrize("kept", ['["https://elsewhere.test/", []]', "not ours", '["//elsewhere.test", [["a", "b"]]]'])
def test_words_that_would_go_elsewhere_are_left_out(kept: str, client: Client) -> None:
    answer = client.sign_in(EVA, kept=kept, next="/practices")

    assert (answer.status_code, answer.headers["location"]) == (303, "/practices")


@pytest.mark.parametrize("files", [{"file": ("a.txt", b"A line.")}, None], ids=["a file comes", "a file goes"])
def test_whoever_was_signed_out_before_a_file_came_or_went_loses_no_word(files: Any, server: Server) -> None:
    server.database.write(lambda session: a_draft(session, _eva(session), slug="kettle"))
    client = server.client()
    client.sign_in(EVA)
    fields = {"baseRevision": "1", "body": WORDS, "alt": "", **({} if files else {"remove": "x"})}

    asked = forgotten(client).post("/entries/kettle/attachments", data=fields, files=files)
    held = signed_in_again(client, asked)

    kept = Form(held.text, "/entries/kettle/edit").fields
    assert kept == [("baseRevision", "1"), ("body", WORDS)]
    assert "Nine" in client.post("/entries/kettle/edit", data=sent(kept, resume="yes")).text


def _eva(session: Session) -> Viewer:
    person = people.by_email(session, EVA)
    assert person is not None
    return people.viewer_for(person)
