"""The digest: a letter of what happened to what somebody follows, once, over a real mail server, and only to who wants it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, jobs, people
from knowledge.community import appreciations, centre, digests, follows, leaving, letters, speaking
from knowledge.community.appreciations import Thanked
from knowledge.community.digests import Digest, DigestChoice
from knowledge.customers import CustomerRow
from knowledge.database import Database, table_of
from knowledge.entries import EntryRow, publishing, writing
from knowledge.people import OPERATOR, Person, Viewer
from knowledge.privacy import erasing
from knowledge.words import Audience, CultureValue, DigestPace, MailState, Role
from server.mail import Post
from server.secrets import secret_of
from server.settings import Settings
from server.worker import handlers
from tests.factories import a_customer, a_viewer, an_entry
from tests.server.clients import Server
from tests.smtp import Mailbox, mail_server

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
BASE = "https://commons.example.org"


@dataclass
class Office:
    """A database, a mail server, and what goes on beside the requests, at any hour."""

    database: Database
    box: Mailbox
    settings: Settings

    def goes_on(self, at: datetime) -> list[EmailMessage]:
        """What arrives when the worker runs at that hour: all that is due by then is told, made and sent."""
        before = len(self.box.letters)
        with clock.held(at):
            self.database.write(lambda session: jobs.later(session, "digests.make"))
            for _ in range(3):
                jobs.run_due(self.database, handlers(self.settings.contact))
            Post(self.settings)(self.database)
        return self.box.letters[before:]

    def does(self, at: datetime, work: Any, *details: Any, **more: Any) -> Any:
        with clock.held(at):
            return self.database.write(lambda session: work(session, *details, **more))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def an_office(database: Database, box: Mailbox, folder: Path) -> Office:
    url = f"smtp://127.0.0.1:{box.port}"
    said = {"smtp_url": url, "mail_from": "care@example.org", "base_url": BASE, "digest_hour": 7}
    return Office(database, box, Settings(data=folder, **said))  # type: ignore[arg-type]


def a_reader(session: Session, entry: EntryRow, pace: DigestPace = DigestPace.DAILY, **who: Any) -> Viewer:
    reader = a_viewer(session, **who)
    follows.follow(session, reader, entry)
    digests.choose(session, reader, pace)
    return reader


def states(database: Database) -> list[MailState]:
    with database.reading() as session:
        return list(
            session.connection().execute(select(table_of(Digest).c.mail).order_by(table_of(Digest).c.id)).scalars()
        )


def test_a_digest_tells_once_what_happened_and_who_wants_none_gets_none(
    database: Database, box: Mailbox, tmp_path: Path
) -> None:
    office = an_office(database, box, tmp_path)

    def begin(session: Session) -> tuple[EntryRow, Viewer, Viewer]:
        author = a_viewer(session, name="Jonas")
        entry = an_entry(session, author, title="Valve to the front")
        reader, silent = a_reader(session, entry, name="Ines\r\nBcc: all@example.org"), a_viewer(session)
        follows.follow(session, silent, entry)
        return entry, author, reader

    entry, author, reader = office.does(MONDAY, begin)
    assert office.goes_on(MONDAY + timedelta(minutes=5)) == []
    for words in ("Where is it?", "I have found it."):
        office.does(MONDAY + timedelta(hours=1), speaking.comment, author, entry, body=words)
    said = {"text": "For asking.", "value": CultureValue.UNLEASHED_CREATIVITY}
    office.does(MONDAY + timedelta(hours=2), appreciations.thank, author, Thanked(person=reader.uid), **said)

    assert office.goes_on(MONDAY + timedelta(hours=21)) == []  # six in the morning
    (letter,) = office.goes_on(MONDAY + timedelta(hours=22, minutes=2))
    again = [office.goes_on(MONDAY + timedelta(hours=hours)) for hours in (23, 30, 47, 500)]

    text = letter.get_content()
    assert reader.uid is not None
    token = leaving.written(secret_of(office.settings), reader.uid)
    assert again == [[], [], [], []]
    assert letter["Subject"] == "Loyalty Commons: 2 things happened"
    assert (letter["Bcc"], letter["List-Unsubscribe-Post"]) == (None, "List-Unsubscribe=One-Click")
    assert letter["List-Unsubscribe"] == f"<{BASE}/letters/{token}>"
    for part in (
        f"Valve to the front\nJonas commented, 2 times in all.\n{BASE}/entries/{entry.slug}",
        f"“For asking.”\nJonas thanked you.\n{BASE}/culture",
        "since Monday, 2 March",
        f"To have no more of these letters: {BASE}/letters/{token}",
    ):
        assert part in text.replace("\r\n", "\n")


def test_no_letter_goes_to_who_said_no_left_was_erased_has_read_it_or_may_not_see_it(
    sqlite: Database, box: Mailbox, tmp_path: Path
) -> None:
    office = an_office(sqlite, box, tmp_path)

    def begin(session: Session) -> tuple[EntryRow, Viewer, dict[str, Viewer], CustomerRow]:
        author, pot = a_viewer(session), a_customer(session, email="pot@example.org")
        entry = an_entry(session, author, audience=Audience.CUSTOMERS)
        names = ("said no", "left", "read", "weekly", "stays")
        readers = {name: a_reader(session, entry) for name in names}
        digests.choose(session, readers["weekly"], DigestPace.WEEKLY)
        for name in ("erased", "customer"):
            whose = pot if name == "erased" else a_customer(session)
            readers[name] = a_reader(session, entry, role=Role.CUSTOMER, customer=whose)
        return entry, author, readers, pot

    def meanwhile(session: Session, readers: dict[str, Viewer], pot: CustomerRow) -> None:
        digests.choose(session, readers["said no"], DigestPace.NEVER)
        session.get_one(Person, readers["left"].id).disabled_at = clock.now()
        centre.mark_all(session, readers["read"])
        erasing.erase(session, OPERATOR, pot)

    tuesday = MONDAY + timedelta(days=1)
    entry, author, readers, pot = office.does(MONDAY, begin)
    office.goes_on(MONDAY + timedelta(minutes=5))
    office.does(MONDAY + timedelta(hours=1), speaking.comment, author, entry, body="Here it is.")
    office.goes_on(MONDAY + timedelta(hours=2))  # it is told
    with clock.held(tuesday):
        office.database.write(lambda session: digests.make(session, hour=7))  # and before they go:
    office.does(tuesday, meanwhile, readers, pot)
    office.does(tuesday, lambda session: publishing_for_colleagues(session, author, entry))

    took = office.goes_on(tuesday + timedelta(minutes=1))

    later = office.goes_on(MONDAY + timedelta(days=7))

    assert set(states(sqlite)) == {MailState.SENT, MailState.DROPPED}
    assert [addressed(sqlite, letter) for letter in took] == [readers["stays"].id]
    weekly = [letter for letter in later if addressed(sqlite, letter) == readers["weekly"].id]
    assert [letter["List-Unsubscribe"] is not None for letter in weekly] == [True]
    assert {addressed(sqlite, letter) for letter in later} <= {readers[name].id for name in ("weekly", "stays", "read")}


def addressed(database: Database, letter: EmailMessage) -> int | None:
    with database.reading() as session:
        person = people.by_email(session, letter["To"].addresses[0].addr_spec)
    return person.id if person else None


def publishing_for_colleagues(session: Session, author: Viewer, entry: EntryRow) -> None:
    writing.update(session, author, entry.uid, entry.revision, {"audience": Audience.EMPLOYEES})
    publishing.publish(session, author, entry.uid)


def test_a_letter_whose_sender_died_goes_again_under_its_number_and_what_is_rejected_is_given_up(
    sqlite: Database, box: Mailbox, tmp_path: Path
) -> None:
    office = an_office(sqlite, box, tmp_path)

    def begin(session: Session) -> tuple[EntryRow, Viewer]:
        author = a_viewer(session)
        entry = an_entry(session, author)
        a_reader(session, entry)
        return entry, author

    entry, author = office.does(MONDAY, begin)
    office.goes_on(MONDAY + timedelta(minutes=5))
    office.does(MONDAY + timedelta(hours=1), speaking.comment, author, entry, body="Here it is.")
    office.goes_on(MONDAY + timedelta(hours=2))
    tuesday = MONDAY + timedelta(days=1)
    office.does(tuesday, lambda session: digests.make(session, hour=7))
    (lost,) = office.does(tuesday, letters.taken)  # sent perhaps, and never noted

    assert office.goes_on(tuesday + timedelta(minutes=1)) == []
    (letter,) = office.goes_on(tuesday + timedelta(hours=1))
    assert letter["Message-ID"] == f"<{lost.uid}@example.org>"

    office.does(tuesday + timedelta(hours=2), speaking.comment, author, entry, body="And here.")
    box.replies = [b"451 busy", b"550 nobody of that name"]
    for hours in (24, 25, 26):
        assert office.goes_on(tuesday + timedelta(hours=hours)) == []
    assert states(sqlite) == [MailState.SENT, MailState.FAILED]
    with clock.held(tuesday + timedelta(days=200)):
        sqlite.write(digests.tidy)
    assert states(sqlite) == []


@pytest.mark.parametrize("missing", ["smtp_url", "base_url"])
def test_where_no_letters_go_none_are_made(sqlite: Database, box: Mailbox, tmp_path: Path, missing: str) -> None:
    office = an_office(sqlite, box, tmp_path)
    office.settings = office.settings.model_copy(update={missing: ""})

    office.does(MONDAY, lambda session: a_reader(session, an_entry(session, a_viewer(session))))
    office.goes_on(MONDAY + timedelta(days=2))

    with sqlite.reading() as session:
        assert session.connection().execute(select(table_of(DigestChoice).c.next_at)).scalars().all() == [None]
    assert states(sqlite) == []


def test_a_link_in_a_letter_ends_them_without_signing_in(serve: Any) -> None:
    server: Server = serve(anonymous=False)
    secret, client = secret_of(server.settings), server.client()

    def choose(session: Session) -> Viewer:
        reader = a_viewer(session)
        digests.choose(session, reader, DigestPace.WEEKLY)
        return reader

    def pace() -> DigestPace:
        with server.database.reading() as session:
            choice = digests.choice_of(session, reader.id)
        assert choice is not None
        return choice.pace

    reader = server.database.write(choose)
    assert reader.uid is not None
    path = f"/letters/{leaving.written(secret, reader.uid)}"

    page = client.get(path)
    assert (page.status_code, "each Monday" in page.text, pace()) == (200, True, DigestPace.WEEKLY)
    assert reader.name not in page.text
    pressed = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert (pressed.status_code, pace()) == (200, DigestPace.NEVER)
    assert "You get no more of these letters" in pressed.text
    assert client.post(path).status_code == 200
    forged = path[:-2] + ("AA" if not path.endswith("AA") else "BB")
    assert [client.post(forged).status_code, client.get("/letters/nothing").status_code] == [404, 200]
