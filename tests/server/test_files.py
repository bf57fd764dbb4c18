import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from knowledge import clock, people
from knowledge.attachments import AttachmentRow
from knowledge.database import Database
from knowledge.entries import EntryRow
from knowledge.people import Act, Person, Viewer
from knowledge.people.tokens import ApiToken
from knowledge.words import Audience, Kind
from server.settings import Settings
from tests.factories import a_draft, a_file, a_picture, an_entry
from tests.knowledge.hostile_files import REFUSED
from tests.server.clients import Client, Server

PICTURE = a_picture()
TEXT = b"0123456789" * 1000


def eva(session: Session) -> Viewer:
    person = people.by_email(session, "eva@example.org")
    assert person is not None
    return people.viewer_for(person)


def an_entry_of_evas(server: Server, **changes: Any) -> EntryRow:
    changes = {"kind": Kind.GUIDE, "slug": "a-guide", "title": "A guide", **changes}
    return server.database.write(lambda session: an_entry(session, eva(session), **changes))


def attached(server: Server, entry: EntryRow, name: str, data: bytes) -> AttachmentRow:
    return server.database.write(lambda session: a_file(session, eva(session), entry, name=name, data=data))


def signed_in(server: Server, name: str = "eva") -> Client:
    client = server.client()
    client.sign_in(f"{name}@example.org")
    return client


def put(client: Client, data: Any, **asked: str) -> httpx.Response:
    return client.portal.call(partial(client.http.put, "/attachments", params=asked, content=data))


def sent(client: Client, name: str, data: bytes, **fields: str) -> httpx.Response:
    return client.post("/entries/a-guide/attachments", data=fields, files={"file": (name, data)})


def test_a_program_attaches_and_gets_back_the_very_bytes(server_on_both: Server) -> None:
    entry = an_entry_of_evas(server_on_both)
    program = server_on_both.client(
        authorization=f"Bearer {server_on_both.token('eva@example.org', Act.ENTRIES_READ, Act.ENTRIES_WRITE)}"
    )

    made = put(program, PICTURE, entry=entry.slug, name="my plan.png", alt="The plan")
    told = made.json()["attachment"]
    answer = program.get(told["url"])

    assert made.status_code == 201
    assert (told["name"], told["mediaType"], told["size"]) == ("my-plan.png", "image/png", len(PICTURE))
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert program.get(f"/entries/{entry.slug}/files/my-plan.png").content == PICTURE
    assert put(program, TEXT, entry=entry.slug, name="my-plan.png").status_code == 422
    assert put(program, TEXT, entry="nothing", name="a.txt").status_code == 404


def test_a_picture_is_shown_and_anything_else_is_a_download(server: Server) -> None:
    entry = an_entry_of_evas(server)
    files = {
        "plan.png": PICTURE,
        "été.txt": b"<html><script>alert(1)</script>",
        "a.svg": b"<svg onload='alert(1)'/>",
        "a.pdf": b"%PDF-1.7\n",
    }
    rows = [attached(server, entry, name, data) for name, data in files.items()]
    client = signed_in(server)

    answers = {row.name: client.get(row.url).headers for row in rows}

    ways = {name: headers["content-disposition"].partition(";")[0] for name, headers in answers.items()}
    assert ways == {"plan.png": "inline", "été.txt": "attachment", "a.svg": "attachment", "a.pdf": "attachment"}
    assert answers["été.txt"]["content-disposition"] == (
        "attachment; filename=\"_t_.txt\"; filename*=UTF-8''%C3%A9t%C3%A9.txt"
    )
    assert {name: headers["content-type"].partition(";")[0] for name, headers in answers.items()} == {
        "plan.png": "image/png", "été.txt": "text/plain", "a.svg": "image/svg+xml", "a.pdf": "application/pdf",
    }  # fmt: skip
    for row in rows:
        headers = answers[row.name]
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "private, no-cache"
        assert headers["etag"] == f'"{row.sha256}"'


@pytest.mark.parametrize("ends", ["account", "token"])
def test_whoever_may_no_more_while_the_bytes_come_attaches_nothing(ends: str, server: Server) -> None:
    entry = an_entry_of_evas(server)
    secret = server.token("eva@example.org", Act.ENTRIES_READ, Act.ENTRIES_WRITE)
    program = server.client(authorization=f"Bearer {secret}")

    def end(session: Session) -> None:
        row = session.get_one(Person, eva(session).id) if ends == "account" else session.exec(select(ApiToken)).one()
        setattr(row, "disabled_at" if isinstance(row, Person) else "revoked_at", clock.now())

    async def pieces() -> AsyncIterator[bytes]:
        yield b"A line"
        server.database.write(end)
        yield b" more.\n"

    assert put(program, pieces(), entry=entry.slug, name="a.txt").status_code == 401
    assert signed_in(server, "leo").get(f"/entries/{entry.slug}/files/a.txt").status_code == 404


def test_a_form_with_an_unknown_token_is_told_to_sign_in(server: Server) -> None:
    an_entry_of_evas(server)

    answer = sent(server.client(authorization="Bearer nonsense"), "a.txt", b"A line.")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/")


def test_what_is_known_is_not_sent_again_and_a_part_is_sent_alone(server_on_both: Server) -> None:
    row = attached(server_on_both, an_entry_of_evas(server_on_both), "a.txt", TEXT)
    client = signed_in(server_on_both)
    get = partial(client.get, row.url)

    assert get(headers={"if-none-match": f'"x", "{row.sha256}"'}).status_code == 304
    parts = {
        each: get(headers={"range": f"bytes={each}", "accept-encoding": "gzip"})
        for each in ("0-3", "9998-", "-2", "5-99999")
    }
    assert [each.content for each in parts.values()] == [b"0123", b"89", b"89", TEXT[5:]]
    assert {each.status_code for each in parts.values()} == {206}
    assert parts["0-3"].headers["content-range"] == "bytes 0-3/10000"
    assert get(headers={"range": "bytes=10000-"}).status_code == 416
    for whole in ("bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=a-b", f"bytes=0-{'9' * 5000}"):
        assert get(headers={"range": whole}).status_code == 200
    assert get(headers={"range": "bytes=0-3", "if-range": '"another"'}).content == TEXT
    head = client.portal.call(partial(client.http.head, row.url))
    assert (head.content, head.headers["content-length"]) == (b"", "10000")


def test_files_are_seen_by_those_who_see_the_entry(serve: Callable[..., Server]) -> None:
    server = serve(anonymous=True)
    draft = server.database.write(lambda session: a_draft(session, eva(session), slug="draft"))
    public = server.database.write(
        lambda session: a_draft(session, eva(session), kind=Kind.GUIDE, audience=Audience.PUBLIC, slug="public")
    )
    rows = [attached(server, entry, "a.txt", TEXT) for entry in (draft, public)]
    server.database.write(lambda session: publish(session, public))
    late = attached(server, public, "late.txt", TEXT + b"late")
    readers = {
        "eva": signed_in(server),
        "leo": signed_in(server, "leo"),
        "stranger": server.client(),
        "unknown": server.client(authorization="Bearer loyalty_nothing"),
        "narrow": server.client(authorization=f"Bearer {server.token('eva@example.org', Act.FEEDBACK_READ)}"),
    }

    found = {
        name: [client.get(row.url).status_code for row in (*rows, late)]
        + [client.get(f"/entries/{slug}/files/a.txt").status_code for slug in ("draft", "public")]
        for name, client in readers.items()
    }

    assert found == {
        "eva": [200, 200, 200, 200, 200],
        "leo": [404, 200, 200, 404, 200],
        "stranger": [404, 200, 404, 404, 200],
        "unknown": [401] * 5,
        "narrow": [404] * 5,
    }
    for address in ("/attachments/x/a.txt", f"/attachments/{draft.uid}/a.txt", "/entries/none/files/a.txt"):
        assert readers["eva"].get(address).status_code == 404


def publish(session: Session, entry: EntryRow) -> EntryRow:
    from knowledge.entries import publishing
    from knowledge.people import OPERATOR

    return publishing.publish(session, OPERATOR, entry.uid)


def test_a_form_attaches_and_keeps_every_word_that_was_typed(server: Server) -> None:
    an_entry_of_evas(server)
    client = signed_in(server)
    typed = {
        "baseRevision": "1",
        "id": "x",
        "title": "A title <half> typed",
        "body": "Words\r\nand more",
        "tags": "a, b",
    }

    answer = sent(client, "plan.png", PICTURE, **typed, alt="")
    again = sent(client, "plan.png", PICTURE, **typed, alt="")
    alone = sent(client, "other.png", a_picture(9, 9))

    assert (answer.status_code, again.status_code, alone.status_code) == (200, 200, 303)
    assert 'value="A title &lt;half&gt; typed"' in answer.text
    assert re.search(r">\s*Words\nand more</textarea>", answer.text.replace("\r\n", "\n"))
    assert "![what it shows](attachment:plan.png)" in answer.text
    assert "please say so" in answer.text
    assert len(re.findall(r'name="remove"', again.text)) == 1
    assert alone.headers["location"] == "/entries/a-guide/edit?done=attached-file#files"
    assert client.get("/entries/a-guide/attachments").headers["location"] == "/entries/a-guide/edit#files"


def test_a_form_describes_and_takes_off_and_keeps_every_word(server: Server) -> None:
    entry = an_entry_of_evas(server)
    attached(server, entry, "plan.png", PICTURE)
    client = signed_in(server)
    id = re.findall(r'name="remove" value="([^"]+)"', client.get("/entries/a-guide/edit").text)[0]
    typed = {"baseRevision": "1", "title": "Half typed"}

    described = client.post("/entries/a-guide/attachments", data={**typed, "describe": id, f"alt-{id}": "The plan"})
    blank = client.post("/entries/a-guide/attachments", data={**typed, "describe": id, f"alt-{id}": " "})
    removed = client.post("/entries/a-guide/attachments", data={**typed, "remove": id})
    nothing = client.post("/entries/a-guide/attachments", data=typed)

    assert [each.status_code for each in (described, blank, removed, nothing)] == [200, 422, 200, 422]
    assert "![The plan](attachment:plan.png)" in described.text
    assert "Say what the picture shows" in blank.text
    assert "attachment:plan.png" not in removed.text
    assert "Choose a file first." in nothing.text
    assert all('value="Half typed"' in each.text for each in (described, blank, removed, nothing))


def test_hostile_files_are_refused_in_words_and_leave_nothing(server: Server) -> None:
    an_entry_of_evas(server)
    client = signed_in(server)

    answers = {what: sent(client, *named, baseRevision="1", title="Half typed") for what, named in REFUSED.items()}

    telling = ('value="Half typed"', 'id="update-file-wrong1"')
    silent = {what for what, each in answers.items() if any(said not in each.text for said in telling)}
    assert (silent, {each.status_code for each in answers.values()}) == (set(), {422})
    assert [path for path in (server.settings.data / "attachments").rglob("*") if path.is_file()] == []


def test_files_are_not_taken_from_elsewhere_nor_from_those_who_may_not(server: Server) -> None:
    an_entry_of_evas(server)
    ada = signed_in(server)
    narrow = server.client(authorization=f"Bearer {server.token('eva@example.org', Act.ENTRIES_READ)}")

    across = ada.portal.call(
        partial(
            ada.http.post,
            "/entries/a-guide/attachments",
            files={"file": ("a.txt", TEXT)},
            headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        )
    )

    assert across.status_code == 403
    assert put(narrow, TEXT, entry="a-guide", name="a.txt").status_code == 403
    assert put(server.client(), TEXT, entry="a-guide", name="a.txt").status_code == 404
    assert put(server.client(authorization="Bearer x"), TEXT, entry="a-guide", name="a.txt").status_code == 401
    assert sent(server.client(), "a.txt", TEXT).headers["location"].startswith("/login")


def test_a_body_that_is_too_large_is_turned_away_whatever_it_says(serve: Callable[..., Server]) -> None:
    server = serve(file_bytes=5_000, form_bytes=2_000)
    an_entry_of_evas(server)
    client = signed_in(server)

    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 1000

    said = client.portal.call(
        partial(
            client.http.put,
            "/attachments",
            params={"entry": "a-guide", "name": "a.txt"},
            content=b"x",
            headers={"content-length": str(4 << 30)},
        )
    )
    unsaid = put(client, endless(), entry="a-guide", name="a.txt")
    slightly = put(client, b"x" * 5_001, entry="a-guide", name="a.txt")
    form = sent(client, "a.txt", b"x" * 10_000)
    elsewhere = client.post("/entries/a-guide/edit", data={"body": "x" * 3_000})

    assert [each.status_code for each in (said, unsaid, slightly, form, elsewhere)] == [413] * 5
    assert put(client, b"x" * 5_000, entry="a-guide", name="a.txt").status_code == 201


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the parser of forms leaves its file to the collector
def test_a_disk_without_room_refuses_and_the_words_are_kept(server: Server) -> None:
    from tests.knowledge.test_attachments import files_may_not_grow

    an_entry_of_evas(server)
    client = signed_in(server)

    with files_may_not_grow(1_040_000):  # a little less than what a form keeps in memory
        refused = put(client, b"x" * (2 << 20), entry="a-guide", name="a.txt")
        kept = sent(client, "a.txt", b"x" * 1_048_000, baseRevision="1", title="Half typed")
        larger = sent(client, "a.txt", b"x" * (2 << 20), baseRevision="1", title="Half typed")
        page = client.get("/entries/a-guide")

    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "30"
    assert (kept.status_code, larger.status_code, page.status_code) == (422, 503, 200)
    assert 'value="Half typed"' in kept.text
    assert put(client, b"x" * (2 << 20), entry="a-guide", name="a.txt").status_code == 201


def test_all_documents_of_attachments_stay_in_the_folder_of_the_database(server: Server) -> None:
    row = attached(server, an_entry_of_evas(server), "a.txt", TEXT)

    path = server.settings.data / "attachments" / row.sha256[:2] / row.sha256

    assert path.read_bytes() == TEXT
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert isinstance(server.database, Database)
    assert Settings(data=server.settings.data).file_bytes == 10 << 20
