"""Share links and the cards of messengers: what somebody outside is shown, and what not."""

import re
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import attachments, entries, evidence
from knowledge.attachments import AttachmentRow
from knowledge.community import shares
from knowledge.entries import EntryRow, publishing
from knowledge.people import OPERATOR
from knowledge.words import Audience, Kind, Stance
from tests.factories import a_customer, a_draft, a_file, a_picture, some_feedback
from tests.factories import an_entry as written
from tests.server.clients import Server
from tests.server.test_feeds import eva


def an_entry(session: Session, audience: Audience = Audience.CUSTOMERS, **more: Any) -> EntryRow:
    more = {"title": "Call & <b>back</b>", "summary": "The same day.", **more}
    return written(session, eva(session), audience=audience, **more)


def a_link(server: Server, entry: EntryRow) -> str:
    return server.database.write(lambda session: "/shared/" + shares.create(session, eva(session), entry)[0])


def supported(session: Session, entry: EntryRow) -> None:
    item = some_feedback(
        session, eva(session), verbatim="The words of a customer.", customer=a_customer(session, name="Copper Pot")
    )
    evidence.attach(session, eva(session), entry, item, Stance.SUPPORTS)


@pytest.mark.parametrize("anonymous", [True, False])
def test_whoever_holds_the_link_reads_the_words_and_nobodys_name(serve: Any, anonymous: bool) -> None:
    server: Server = serve(anonymous=anonymous, base_url="https://commons.example.org")
    entry = server.database.write(an_entry)
    server.database.write(lambda session: supported(session, entry))
    path = a_link(server, entry)

    page = server.client().get(path)

    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in page.text
    assert "Call &amp; &lt;b&gt;back&lt;/b&gt;" in page.text
    assert "The machine fails again." in page.text
    for hidden in ("Eva", "eva@", "Copper Pot", "words of a customer", "/entries/new", "Sign in"):
        assert hidden not in page.text


def test_a_link_that_has_ended_shows_nothing_of_what_it_showed(server: Server) -> None:
    entry = server.database.write(an_entry)
    path = a_link(server, entry)
    client = server.client()
    assert client.get(path).status_code == 200

    server.database.write(lambda session: publishing.archive(session, OPERATOR, entry.uid))
    page = client.get(path)

    assert page.status_code == 404
    assert "og:" not in page.text
    assert "Call" not in page.text


def card(html: str) -> dict[str, str]:
    parts = html.split('<meta property="og:')[1:]
    return {part.split('"')[0]: part.split('content="')[1].split('"')[0] for part in parts}


def test_public_pages_carry_a_card_and_others_none(serve: Any) -> None:
    server: Server = serve(anonymous=True, base_url="https://commons.example.org")
    pages = {}
    for audience in (Audience.PUBLIC, Audience.CUSTOMERS, Audience.EMPLOYEES):
        made = partial(an_entry, audience=audience, slug=audience.lower(), kind=Kind.STORY)
        entry = server.database.write(made)
        leo = server.client("https://commons.example.org")
        leo.sign_in("leo@example.org")
        pages[audience] = (server.client().get(entry.url), leo.get(entry.url))

    stranger, inside = pages[Audience.PUBLIC]
    assert (
        card(stranger.text)
        == card(inside.text)
        == {
            "type": "article",
            "site_name": "Loyalty Commons",
            "title": "Call &amp; &lt;b&gt;back&lt;/b&gt;",
            "description": "The same day.",
            "url": "https://commons.example.org/entries/public",
        }
    )
    for audience in (Audience.CUSTOMERS, Audience.EMPLOYEES):
        stranger, inside = pages[audience]
        assert stranger.status_code == 404
        assert inside.status_code == 200
        assert card(inside.text) == {}
        assert "Call" not in stranger.text


def test_a_draft_of_what_is_public_and_a_closed_house_show_no_card(server: Server) -> None:
    entry = server.database.write(lambda session: an_entry(session, Audience.PUBLIC))

    page = server.client().get(entry.url)

    assert page.status_code == 303
    assert "Call" not in page.headers["location"] + page.text


def test_a_shared_page_carries_a_card_with_its_own_address(server: Server) -> None:
    path = a_link(server, server.database.write(an_entry))

    found = card(server.client().get(path).text)

    assert found["url"].endswith(path)
    assert found["title"] == "Call &amp; &lt;b&gt;back&lt;/b&gt;"


def test_a_link_is_made_on_the_entrys_page_and_ended_there(server: Server) -> None:
    entry = server.database.write(an_entry)
    client = server.client()
    client.sign_in("eva@example.org")

    made = client.post(f"{entry.url}/share", data={"entry.slug": entry.slug, "expiresAt": ""})
    path = "/shared/" + made.text.split("/shared/")[1].split('"')[0]
    shown = server.client().get(path).status_code
    page = client.get(entry.url).text
    id = page.split("/share/revoke")[1].split('name="id" value="')[1].split('"')[0]
    ended = client.post(f"{entry.url}/share/revoke", data={"id": id})

    assert made.status_code == shown == 200
    assert made.headers["cache-control"] == "no-store"
    assert path not in page
    assert ended.status_code == 303
    assert server.client().get(path).status_code == 404


def test_what_is_wrong_with_a_link_is_said_at_its_field(server: Server) -> None:
    entry = server.database.write(an_entry)
    client = server.client()
    client.sign_in("eva@example.org")

    page = client.post(f"{entry.url}/share", data={"entry.slug": entry.slug, "expiresAt": "2001-01-01"})

    assert page.status_code == 422
    assert "This moment has passed." in page.text


TEXT = '![The plan](attachment:plan.png)\n\n[Read it](attachment:plan.txt) `<img src="/attachments/`'


def a_link_with_files(server: Server) -> tuple[EntryRow, str, list[str]]:
    """A shared entry, the address of its link, and those of the files on the page that its holder reads."""

    def written_with_files(session: Session) -> EntryRow:
        draft = a_draft(session, eva(session), kind=Kind.GUIDE, audience=Audience.PUBLIC, body=TEXT, slug="a-plan")
        a_file(session, eva(session), draft, name="plan.png", data=a_picture())
        a_file(session, eva(session), draft, name="plan.txt")
        return publishing.publish(session, OPERATOR, draft.uid)

    entry = server.database.write(written_with_files)
    path = a_link(server, entry)
    page = server.client().get(path).text
    return entry, path, re.findall(rf'<(?:img|a)[^>]* (?:src|href)="({path}/[^"]*)"', page)


def test_whoever_holds_the_link_sees_the_pictures_and_opens_the_files(server: Server) -> None:
    _, path, files = a_link_with_files(server)

    answers = [server.client().get(file) for file in files]

    assert [file.removeprefix(path) for file in files] == [
        "/entries/a-plan/files/plan.png",
        "/entries/a-plan/files/plan.txt",
    ]
    assert [answer.content for answer in answers] == [a_picture(), b"A line.\n"]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert server.client().get(files[0].removeprefix(path)).status_code == 404


def test_a_link_leads_to_no_other_file(server: Server) -> None:
    entry, path, _ = a_link_with_files(server)

    def add(session: Session) -> tuple[AttachmentRow, ...]:
        other = an_entry(session, Audience.PUBLIC, slug="another")
        return a_file(session, eva(session), entry, name="new.txt"), a_file(session, eva(session), other, name="o.txt")

    hidden = [row.url for row in server.database.write(add)]
    hidden += ["/entries/a-plan/files/new.txt", "/entries/another/files/o.txt", "/entries/a-plan/files/o.txt"]

    assert {server.client().get(path + file).status_code for file in hidden} == {404}


def test_a_file_is_found_by_its_own_address_too_and_no_longer_once_the_link_has_ended(server: Server) -> None:
    entry, path, files = a_link_with_files(server)
    client = server.client()
    with server.database.reading() as session:
        own = attachments.of_entry(entries.by_ids(session, OPERATOR, [entry.id])[entry.id], OPERATOR)
        files += [path + row.url for row in own]
    before = {client.get(file).status_code for file in files}

    server.database.write(lambda session: publishing.archive(session, OPERATOR, entry.uid))

    assert before == {200}
    assert {client.get(file).status_code for file in files} == {404}


def test_whoever_holds_the_link_sees_the_pictures_and_follows_only_what_is_open_to_them(serve: Any) -> None:
    server: Server = serve(anonymous=True)
    write = server.database.write
    text = "![A valve](attachment:valve.png)\n\nSee [[inside]] and [[outside]]."
    draft = write(lambda session: a_draft(session, eva(session), audience=Audience.PUBLIC, slug="shared", body=text))
    write(lambda session: an_entry(session, Audience.EMPLOYEES, slug="inside", title="Inside the house"))
    write(lambda session: an_entry(session, Audience.PUBLIC, slug="outside", title="Outside it"))
    write(lambda session: a_file(session, eva(session), draft, name="valve.png", data=a_picture()))
    entry = write(lambda session: publishing.publish(session, OPERATOR, draft.uid))
    write(lambda session: a_file(session, eva(session), entry, name="later.txt"))
    path, client = a_link(server, entry), server.client()

    page = client.get(path).text
    picture = client.get(f"{path}/entries/shared/files/valve.png")

    assert f'src="{path}/entries/shared/files/valve.png"' in page
    assert (picture.status_code, picture.content) == (200, a_picture())
    assert client.get(f"{path}/entries/shared/files/later.txt").status_code == 404  # approved with no revision yet
    assert client.get("/shared/guessed/entries/shared/files/valve.png").status_code == 404
    assert "See inside and <a" in page
    assert ">Outside it</a>" in page
    write(lambda session: publishing.archive(session, OPERATOR, entry.uid))
    assert client.get(f"{path}/entries/shared/files/valve.png").status_code == 404
