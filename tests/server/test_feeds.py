"""Feeds as a reader gets them: valid, for whom they are, known again, and silent about the key."""

from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from sqlmodel import Session

from knowledge import clock, entries, people, series
from knowledge.community import follows
from knowledge.database import Database
from knowledge.entries import EntryRow, listing, publishing, tags
from knowledge.people import OPERATOR, Act, Viewer, tokens, viewer_for
from knowledge.words import Audience, Kind
from tests.factories import a_group, a_viewer, an_entry
from tests.server.clients import Client, Server

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HOSTILE = 'A <b>title</b> & "quotes" ]]> &amp; \x01\x0c\ufffe 𝔘'


def parsed(answer: httpx.Response) -> ElementTree.Element:
    """The feed; whatever RFC 4287 requires of it and of every entry is there."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    feed = ElementTree.fromstring(answer.content)  # our own
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iterfind(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
        assert datetime.fromisoformat(text_of(element, "updated")).tzinfo is not None
        links = [(link.get("rel"), link.get("type")) for link in element.iterfind(f"{ATOM}link")]
        assert len(links) == len(set(links))  # at most one of a relation and a type
        assert ("alternate", "text/html") in links
    assert feed.findall(f"{ATOM}author/{ATOM}name")  # of every entry that names none
    for entry in feed.iterfind(f"{ATOM}entry"):
        assert text_of(entry, "id").startswith("urn:uuid:")
        assert entry.find(f"{ATOM}content") is not None
        assert entry.find(f"{ATOM}content").get("type") == "html"  # type: ignore[union-attr]
    return feed


def text_of(element: ElementTree.Element, name: str) -> str:
    return element.findtext(ATOM + name) or ""


def link(feed: ElementTree.Element, rel: str) -> str:
    found = [each.get("href", "") for each in feed.iterfind(f"{ATOM}link") if each.get("rel") == rel]
    return found[0] if found else ""


def titles(feed: ElementTree.Element) -> list[str]:
    return sorted(text_of(entry, "title") for entry in feed.iterfind(f"{ATOM}entry"))


def eva(session: Session) -> Viewer:
    row = people.by_email(session, "eva@example.org")
    assert row is not None
    return viewer_for(row)


def populate(session: Session) -> dict[str, EntryRow]:
    author = eva(session)
    group = a_group(session)
    mate = a_viewer(session, group=group)

    def made(name: str, audience: Audience, **more: Any) -> EntryRow:
        kind = more.pop("kind", Kind.STORY)
        return an_entry(
            session, more.pop("by", author), kind=kind, title=name, audience=audience, tags=["valve"], **more
        )

    return {
        "public": made("public", Audience.PUBLIC, summary="S & <s>", body="# Head\n\nBody *text*.", language="de"),
        "employees": made("employees", Audience.EMPLOYEES, kind=Kind.BEST_PRACTICE),
        "customers": made("customers", Audience.CUSTOMERS),
        "group": made("group", Audience.GROUP, by=mate, audience_groups=[group.uid]),
        "hostile": made(HOSTILE, Audience.EMPLOYEES, kind=Kind.GUIDE, body="<script>alert(1)</script> & ]]>"),
    }


def a_key(database: Database, *scopes: Act) -> str:
    return database.write(lambda session: tokens.create(session, eva(session), "reader", scopes or [Act.FEEDS_READ])[0])


@pytest.fixture
def public(serve: Any) -> Server:
    server: Server = serve(anonymous=True, base_url="https://commons.example.org")
    server.database.write(populate)
    return server


@pytest.fixture
def closed(serve: Any) -> Server:
    server: Server = serve()
    server.database.write(populate)
    return server


EVERYTHING = "/feeds/everything.atom"


def test_a_feed_is_whole_and_names_itself_and_its_page(public: Server) -> None:
    feed = parsed(public.client().get(EVERYTHING))

    assert text_of(feed, "id") == link(feed, "self") == f"https://commons.example.org{EVERYTHING}"
    assert link(feed, "alternate") == "https://commons.example.org/"
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert link(entry, "alternate") == "https://commons.example.org/entries/public"
    assert text_of(entry, "summary") == "S & <s>"
    assert "<em>text</em>" in text_of(entry, "content")
    assert entry.get(LANG) == "de"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Eva"
    assert text_of(feed, "updated") == text_of(entry, "updated")


def test_an_entry_keeps_its_id_from_feed_to_feed(public: Server) -> None:
    ids = {
        text_of(entry, "id")
        for path in (EVERYTHING, "/feeds/tags/valve.atom", "/feeds/kinds/story.atom")
        for entry in parsed(public.client().get(path)).iterfind(f"{ATOM}entry")
    }

    assert len(ids) == 1


def indexed(server: Server) -> None:
    """Wait until the index has what was written: whoever changes something may ask for that."""
    program = server.client(authorization=f"Bearer {server.token('leo@example.org', Act.PROFILE_WRITE)}")
    rename = 'mutation { updateProfile(input: {name: "Leo"}) { errors { code } } }'
    assert program.ask(rename, loyalty_await_index="true").json()["data"]["updateProfile"]["errors"] == []


def test_strangers_get_what_is_public(public: Server) -> None:
    indexed(public)
    client = public.client()

    for path in (EVERYTHING, "/feeds/tags/valve.atom", "/feeds/kinds/story.atom", "/feeds/search.atom?q=public"):
        assert titles(parsed(client.get(path))) == ["public"]


def test_a_closed_house_wants_a_key_and_sends_no_reader_to_a_form(closed: Server) -> None:
    answers = [
        closed.client().get(path)
        for path in (EVERYTHING, "/feeds/tags/valve.atom", "/feeds/kinds/story.atom", "/feeds/search.atom?q=x")
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert not [answer for answer in answers if "<feed" in answer.text or "og:" in answer.text]


def test_a_key_shows_what_its_person_sees_wherever_the_reader_is(closed: Server) -> None:
    key = a_key(closed.database)
    client = closed.client()
    client.get("/healthz")

    everything = parsed(client.get(f"{EVERYTHING}?key={key}"))
    practices = parsed(client.get(f"/feeds/kinds/best_practice.atom?key={key}"))

    assert "group" not in titles(everything)
    assert {"public", "employees", "customers"} < set(titles(everything))
    assert len(titles(everything)) == 4
    assert titles(practices) == ["employees"]


def test_hostile_titles_and_characters_that_xml_cannot_say_are_no_markup(closed: Server) -> None:
    key = a_key(closed.database)

    feed = parsed(closed.client().get(f"/feeds/kinds/guide.atom?key={key}"))

    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert text_of(entry, "title").startswith('A <b>title</b> & "quotes" ]]> &amp;')
    assert text_of(entry, "title").endswith("𝔘")
    assert list(entry.find(f"{ATOM}title")) == []  # type: ignore[arg-type]
    assert "<script" not in text_of(entry, "content")


def test_a_key_that_is_wrong_revoked_or_may_do_more_opens_nothing(closed: Server) -> None:
    client, key = closed.client(), a_key(closed.database)
    wide = a_key(closed.database, Act.ENTRIES_READ, Act.FEEDS_READ)

    def revoke(session: Session) -> None:
        viewer = eva(session)
        tokens.revoke(session, viewer, tokens.mine(session, viewer)[-1].uid)

    before = client.get(f"{EVERYTHING}?key={key}").status_code
    closed.database.write(revoke)

    assert before == 200
    for wrong in (key, wide, "loyalty_no", "x" * 5_000):
        assert client.get(f"{EVERYTHING}?key={wrong}").status_code == 401


def test_a_key_opens_feeds_and_nothing_else(closed: Server) -> None:
    key = a_key(closed.database)
    bearer = closed.client(authorization=f"Bearer {key}")

    asked = bearer.ask("{ viewer { email } }")
    page = closed.client().get(f"/me?key={key}")

    assert asked.status_code == 401
    assert page.status_code == 303


def test_whoever_is_signed_in_reads_feeds_as_themselves(closed: Server) -> None:
    client = closed.client()
    client.sign_in("leo@example.org")

    assert "employees" in titles(parsed(client.get(EVERYTHING)))


def test_a_feed_that_is_known_is_not_sent_again(public: Server) -> None:
    client = public.client()
    first = client.get(EVERYTHING)
    etag, changed = first.headers["etag"], first.headers["last-modified"]

    def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(EVERYTHING, headers=named).status_code

    assert (
        status(if_none_match=etag) == status(if_none_match=f'"x", {etag}') == status(if_modified_since=changed) == 304
    )
    assert status(if_none_match='"x"', if_modified_since=changed) == 200
    assert client.get(EVERYTHING, headers={"if-none-match": etag}).content == b""
    with clock.held(clock.now() + timedelta(seconds=2)):  # a date in a header knows no less than seconds
        public.database.write(lambda session: an_entry(session, eva(session), title="New", audience=Audience.PUBLIC))
    assert status(if_none_match=etag) == status(if_modified_since=changed) == 200


def test_what_is_withdrawn_is_gone_from_every_feed_at_once(public: Server) -> None:
    client = public.client()
    etag = client.get(EVERYTHING).headers["etag"]

    def withdraw(session: Session) -> None:
        row = next(row for row in rows(session) if row.title == "public")
        publishing.archive(session, OPERATOR, row.uid)

    public.database.write(withdraw)

    assert titles(parsed(client.get(EVERYTHING, headers={"if-none-match": etag}))) == []
    assert titles(parsed(client.get("/feeds/kinds/story.atom"))) == []
    assert client.get("/feeds/tags/valve.atom").status_code == 404


def rows(session: Session) -> list[EntryRow]:
    return listing.all_of_them(session, 0, 100)


def test_long_feeds_go_on_page_by_page_and_each_entry_comes_once(public: Server) -> None:
    def fill(session: Session) -> None:
        for number in range(45):
            an_entry(session, eva(session), title=f"Entry {number}", audience=Audience.PUBLIC, kind=Kind.IDEA)

    public.database.write(fill)
    client = public.client()
    seen: list[str] = []
    address, pages = "/feeds/kinds/idea.atom", 0

    while address:
        feed = parsed(client.get(address))
        assert (link(feed, "first") != "") == (pages > 0)
        seen += [text_of(entry, "id") for entry in feed.iterfind(f"{ATOM}entry")]
        address, pages = link(feed, "next").removeprefix("https://commons.example.org"), pages + 1

    assert pages == 3
    assert len(seen) == len(set(seen)) == 45


@pytest.mark.parametrize(
    "path", ["/feeds/tags/none.atom", "/feeds/kinds/none.atom", "/feeds/search.atom", "/feeds/none.atom"]
)
def test_a_feed_of_nothing_is_not_found(public: Server, path: str) -> None:
    assert public.client().get(path).status_code == 404


def test_a_cursor_that_leads_nowhere_leads_to_the_beginning(public: Server) -> None:
    assert titles(parsed(public.client().get(f"{EVERYTHING}?after=nonsense"))) == ["public"]


def test_no_log_line_holds_a_key_or_the_token_of_a_link(
    closed: Server, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    key = a_key(closed.database)
    caplog.set_level("DEBUG")
    client = closed.client()

    for path in (f"{EVERYTHING}?key={key}", f"/feeds/tags/none.atom?key={key}", "/shared/averysecrettoken"):
        client.get(path)
    client.get("/letters/averysecrettoken")
    asked = client.get("/s/averysecrettoken")

    said = capfd.readouterr()
    ours = (record.getMessage() for record in caplog.records if record.name != "httpx")  # that is the reader's own log
    logged = "".join([said.out, said.err, *ours])
    assert key not in logged
    assert "averysecrettoken" not in logged
    assert asked.status_code == 200  # whoever has a link to a survey comes in, however closed the house is


def test_pages_tell_of_their_feeds(public: Server) -> None:
    client = public.client()
    client.sign_in("eva@example.org")
    told = {"/": EVERYTHING, "/tags/valve": "/feeds/tags/valve.atom", "/practices": "/feeds/kinds/best_practice.atom"}
    told["/search?q=public&kind=story"] = "/feeds/search.atom?q=public&amp;kind=story"

    for page, feed in told.items():
        assert f'<link rel="alternate" type="application/atom+xml" href="{feed}"' in client.get(page).text


def made_on_the_page(client: Client) -> str:
    page = client.post("/me/feeds", data={"name": "Feed reader", "scopes": "FEEDS_READ"})
    assert page.headers["cache-control"] == "no-store"
    return page.text.split("everything.atom?key=")[1].split('"')[0]


def test_a_feed_address_is_made_on_ones_own_page_shown_once_and_revoked_there(public: Server) -> None:
    client = public.client("https://commons.example.org")
    client.sign_in("eva@example.org")

    key = made_on_the_page(client)

    assert "employees" in titles(parsed(public.client().get(f"{EVERYTHING}?key={key}")))
    again = client.get("/me").text
    assert key not in again
    id = again.split('action="/me/tokens/revoke"><input type="hidden" name="id" value="')[1].split('"')[0]
    client.post("/me/tokens/revoke", data={"id": id})
    assert public.client().get(f"{EVERYTHING}?key={key}").status_code == 401


def test_following_is_not_what_makes_a_feed(closed: Server) -> None:
    key = a_key(closed.database)

    def follow(session: Session) -> None:
        tag = tags.by_slug(session, eva(session), "valve")
        assert tag is not None
        follows.follow(session, eva(session), tag)

    closed.database.write(follow)

    assert len(titles(parsed(closed.client().get(f"/feeds/tags/valve.atom?key={key}")))) == 4


def test_a_series_has_a_feed_of_what_is_published_in_it(public: Server) -> None:
    def tell(session: Session) -> None:
        author = eva(session)
        begun = series.create(session, author, {"title": "First steps"})
        for name in ("public", "employees"):
            entry = entries.by_slug(session, author, name)
            assert entry is not None
            series.add(session, author, begun.uid, entry)

    public.database.write(tell)

    feed = parsed(public.client().get("/feeds/series/first-steps.atom"))

    assert link(feed, "alternate") == "https://commons.example.org/series/first-steps"
    assert titles(feed) == ["public"]
    assert public.client().get("/feeds/series/nothing.atom").status_code == 404
