"""Letters that tell of answers, over a real mail server."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update
from sqlmodel import Session

from knowledge import clock, surveys
from knowledge.contacts import Contact
from knowledge.customers import Customer, CustomerRow, Reference, merging
from knowledge.database import Database, table_of
from knowledge.loop import answering, mailing
from knowledge.loop.answering import Subject
from knowledge.loop.responses import Delivery
from knowledge.people import OPERATOR, Viewer
from knowledge.privacy import consents, erasing
from knowledge.surveys.response import Invitation
from knowledge.words import ConsentPurpose, Decision, FeedbackKind, LoopKind, MailState
from server import installation, working
from server.mail import Post
from server.secrets import secret_of
from server.settings import Settings
from tests.factories import a_customer, a_survey, a_viewer, a_wave, agreed, some_feedback
from tests.smtp import Mailbox, mail_server


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def sender(box: Mailbox, folder: Path) -> Post:
    url = f"smtp://127.0.0.1:{box.port}"
    return Post(Settings(data=folder, smtp_url=url, mail_from="care@example.org", base_url="https://care.example.org"))


def answered(session: Session, *, kind: FeedbackKind = FeedbackKind.QUESTION) -> CustomerRow:
    ines, pot = a_viewer(session), a_customer(session, name="The Copper Pot", email="pot@example.org")
    consents.say(session, OPERATOR, pot, ConsentPurpose.CONTACT, True)
    item = some_feedback(session, ines, customer=pot, kind=kind)
    said: answering.Said = {"heard": "The valve\r\nBcc: all@example.org", "decision": Decision.DONE, "why": "It moved."}
    loop = LoopKind.INNER if kind is FeedbackKind.QUESTION else LoopKind.OUTER
    draft = answering.draft(session, ines, Subject([item]), {**said, "loop": loop})
    answering.publish(session, ines, draft.uid, Contact(mails=True))
    return pot


def states(database: Database) -> list[tuple[Any, ...]]:
    table = table_of(Delivery).c
    with database.reading() as session:
        return [tuple(row) for row in session.connection().execute(select(table.mail, table.mail_tries))]


def test_a_letter_goes_out_once_and_says_what_was_decided(database: Database, box: Mailbox, tmp_path: Path) -> None:
    database.write(answered)
    post = sender(box, tmp_path)

    took = [post(database), post(database)]

    (letter,) = box.letters
    with database.reading() as session:
        uid: UUID = session.connection().execute(select(table_of(Delivery).c.uid)).scalar_one()
    assert (took, states(database)) == ([1, 0], [(MailState.SENT, 1)])
    assert (letter["To"], letter["Message-ID"]) == ("The Copper Pot <pot@example.org>", f"<{uid}@example.org>")
    assert letter["Bcc"] is None
    assert "It is done. It moved." in letter.get_content()
    assert "https://care.example.org/portal" in letter.get_content()


def test_what_could_not_be_sent_is_tried_later_and_given_up_where_it_never_can_be(
    sqlite: Database, box: Mailbox, tmp_path: Path
) -> None:
    sqlite.write(answered)
    post, now = sender(box, tmp_path), clock.now()
    box.replies = [b"451 busy", b"550 nobody of that name"]

    post(sqlite)
    first = states(sqlite)
    post(sqlite)
    assert (first, states(sqlite)) == ([(MailState.QUEUED, 1)], first)  # not before its time
    with clock.held(now + timedelta(hours=1)):
        post(sqlite)
    with clock.held(now + timedelta(days=9)):
        post(sqlite)

    assert (states(sqlite), box.letters) == ([(MailState.FAILED, 2)], [])


def test_without_a_mail_server_it_is_tried_eight_times(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(answered)
    with mail_server() as gone:
        post = sender(gone, tmp_path)

    for number in range(10):
        with clock.held(clock.now() + timedelta(days=3 * number)):
            post(sqlite)

    assert states(sqlite) == [(MailState.FAILED, 8)]


def test_whoever_dies_while_sending_sends_it_again_under_the_same_number(
    sqlite: Database, box: Mailbox, tmp_path: Path
) -> None:
    sqlite.write(answered)
    post, now = sender(box, tmp_path), clock.now()
    (lost,) = sqlite.write(mailing.taken)  # sent perhaps, and never noted

    assert post(sqlite) == 0
    with clock.held(now + timedelta(hours=1)):
        post(sqlite)

    assert [letter["Message-ID"] for letter in box.letters] == [f"<{lost.uid}@example.org>"]


def test_who_is_not_to_be_written_to_any_more_gets_no_letter(sqlite: Database, box: Mailbox, tmp_path: Path) -> None:
    def withdraw(session: Session) -> None:
        pot = answered(session, kind=FeedbackKind.LIKE)  # unasked, so that it takes a yes
        consents.say(session, OPERATOR, pot, ConsentPurpose.CONTACT, False)
        merged = answered(session)
        merging.merge(session, OPERATOR, Reference(uid=merged.uid), Reference(uid=a_customer(session).uid))

    sqlite.write(withdraw)

    assert sender(box, tmp_path)(sqlite) == 0
    assert (states(sqlite), box.letters) == ([(MailState.DROPPED, 0)] * 2, [])


def test_what_has_gone_out_stays_sent_when_the_mail_server_hangs_up_after_it(
    sqlite: Database, box: Mailbox, tmp_path: Path
) -> None:
    sqlite.write(answered)
    sqlite.write(answered)
    box.replies = [b"250 well", b""]

    took = sender(box, tmp_path)(sqlite)

    assert (took, len(box.letters)) == (1, 1)
    assert states(sqlite) == [(MailState.SENT, 1), (MailState.QUEUED, 1)]


@pytest.mark.parametrize("address", ["jörg@example.org", "a b\nbcc:@example.org"])
def test_an_address_that_no_mail_server_takes_holds_up_nobody_else(
    sqlite: Database, box: Mailbox, tmp_path: Path, address: str
) -> None:
    customer = table_of(Customer)

    def spoil(session: Session) -> None:
        session.connection().execute(
            update(customer).where(customer.c.id == answered(session).id).values(email=address)
        )

    sqlite.write(spoil)
    sqlite.write(answered)

    assert sender(box, tmp_path)(sqlite) == 1
    assert states(sqlite) == [(MailState.FAILED, 1), (MailState.SENT, 1)]


def test_g3_who_is_erased_while_letters_go_out_gets_none(sqlite: Database, box: Mailbox, tmp_path: Path) -> None:
    sqlite.write(answered)
    second = sqlite.write(answered)
    box.meanwhile = lambda: sqlite.write(lambda session: erasing.erase(session, OPERATOR, second))

    assert sender(box, tmp_path)(sqlite) == 1
    assert (states(sqlite), len(box.letters)) == ([(MailState.SENT, 1), (MailState.DROPPED, 1)], 1)


def test_a_letter_whose_turn_took_too_long_is_left_to_whoever_takes_it_next(sqlite: Database) -> None:
    sqlite.write(answered)
    now = clock.now()
    (slow,) = sqlite.write(mailing.taken)

    with clock.held(now + timedelta(minutes=11)):
        (again,) = sqlite.write(mailing.taken)
        may_go = sqlite.write(lambda session: mailing.still(session, again))
    with clock.held(now + timedelta(hours=1)):
        too_late = sqlite.write(lambda session: mailing.still(session, slow))

    assert (again, may_go, too_late) == (slow, True, False)


@pytest.mark.parametrize("wrong", [{"smtp_url": "http://x"}, {"smtp_url": "smtp://"}, {"mail_from": "nobody"}])
def test_a_mail_server_or_sender_that_is_none_is_refused_by_name(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]
    assert not Settings(smtp_url="smtp://localhost").mails


def test_whoever_is_asked_in_a_survey_gets_its_link_until_they_would_rather_not(
    sqlite: Database, box: Mailbox, tmp_path: Path
) -> None:
    def ask(session: Session) -> CustomerRow:
        pot, away = a_customer(session, name="Pot", email="pot@example.org"), a_customer(session, email="a@example.org")
        agreed(session, pot, away)
        wave = a_wave(session, a_survey(session, title="Would you\r\nrecommend us?"))
        surveys.invite(session, OPERATOR, wave.uid, contact=Contact(mails=True))
        consents.say(session, OPERATOR, away, ConsentPurpose.SURVEY, False)
        return pot

    sqlite.write(ask)
    post = sender(box, tmp_path)

    took = [post(sqlite), post(sqlite)]

    (letter,) = box.letters
    token = letter.get_content().partition("https://care.example.org/s/")[2].split()[0]
    with sqlite.reading() as session:
        form = surveys.form(session, Viewer(), secret_of(post._settings), token)
        states = session.connection().execute(select(table_of(Invitation).c.mail)).scalars().all()
    assert (took, letter["To"], letter["Subject"]) == ([1, 0], "Pot <pot@example.org>", "Would you recommend us?")
    assert (form.survey.title, form.is_known, set(states)) == (
        "Would you recommend us?",
        True,
        {MailState.SENT, MailState.DROPPED},
    )


def test_a_worker_by_itself_sends_letters_too(box: Mailbox, tmp_path: Path) -> None:
    url, came = f"smtp://127.0.0.1:{box.port}", threading.Event()
    box.meanwhile = came.set
    settings = Settings(data=tmp_path / "data", smtp_url=url, mail_from="care@example.org")
    database = installation.found(settings)
    database.write(answered)
    database.close()

    with installation.opened(settings) as home:
        busy = working.over(home)
        busy.start()
        arrived = came.wait(20)
        busy.stop()

    assert arrived
    assert [letter["To"] for letter in box.letters] == ["The Copper Pot <pot@example.org>"]
