"""Letters by SMTP: written when they go, sent between two transactions, and noted."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

from knowledge import clock
from knowledge.community import letters
from knowledge.database import Database
from knowledge.loop import mailing
from knowledge.surveys import links
from knowledge.surveys import mailing as asking
from server import digests
from server.secrets import secret_of
from server.settings import Settings

log = structlog.get_logger()

PATIENCE = 20.0
HURRY = 5.0
BOXES: tuple[Any, ...] = (mailing, asking, letters)
"""Where letters wait, by the same functions in each: those that tell of answers, those that ask, and digests."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Post:
    """Sends letters through the mail server that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = urlsplit(settings.smtp_url)

    def __call__(self, database: Database) -> int:
        """Send what is due; returns how many letters the mail server took."""
        letters = [(box, letter) for box in self._boxes(database) for letter in database.write(box.taken)]
        if not letters:
            return 0
        took = 0
        try:
            with self._connected() as server:
                while letters:
                    took += self._sent(database, server, *letters[0])
                    letters.pop(0)
        except (OSError, smtplib.SMTPException) as failure:  # what has gone out by then stays sent
            log.warning("the mail server cannot be reached", failure=type(failure).__name__)
            self._note(database, [(letter, box.put_off, failure) for box, letter in letters])
        return took

    def _boxes(self, database: Database) -> list[Any]:
        """Where a letter's time has come. The others than those of answers wait until it is known how links begin."""
        with database.reading() as session:
            return [box for box in BOXES if box.waits(session) and (box is mailing or self._settings.base_url)]

    def _sent(self, database: Database, server: smtplib.SMTP, box: Any, letter: Any) -> bool:
        if not database.write(lambda session: box.still(session, letter)):
            return False
        try:
            server.send_message(self.written(letter))
        except (
            ValueError,
            smtplib.SMTPNotSupportedError,
        ) as failure:  # an address to which nothing can be sent from here
            self._note(database, [(letter, box.give_up, failure)])
            return False
        except smtplib.SMTPResponseException as failure:
            for_good = 500 <= failure.smtp_code < 600
            self._note(database, [(letter, box.give_up if for_good else box.put_off, failure)])
            return False
        except smtplib.SMTPRecipientsRefused as failure:
            codes = [code for code, _ in failure.recipients.values()]
            for_good = all(500 <= code < 600 for code in codes)
            self._note(database, [(letter, box.give_up if for_good else box.put_off, failure)])
            return False
        database.write(lambda session: box.sent(session, [letter.uid]))
        return True

    @staticmethod
    def _note(database: Database, what: list[tuple[Any, Callable[..., None], Exception]]) -> None:
        for letter, note, failure in what:
            code = getattr(failure, "smtp_code", "")
            reason = f"{type(failure).__name__} {code}".strip()  # never its text, which may name the address
            database.write(lambda session, letter=letter, note=note, reason=reason: note(session, letter.uid, reason))  # type: ignore[misc]

    @contextmanager
    def _connected(self, patience: float = PATIENCE) -> Iterator[smtplib.SMTP]:
        url = self._url
        host = url.hostname or "localhost"
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=patience, context=context)
        else:
            server = smtplib.SMTP(host, url.port or 25, timeout=patience)
        try:
            server.ehlo()
            if url.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif url.username and url.scheme == "smtp" and host not in HERE:
                raise smtplib.SMTPNotSupportedError("The password would go unencrypted.")
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def written(self, letter: mailing.Letter | asking.Letter | letters.Letter) -> EmailMessage:
        """The letter as it goes; its Message-ID is that of what it tells of, however often it is sent."""
        settings = self._settings
        name, address = parseaddr(settings.mail_from)
        subject, said = self._said(letter)
        message = EmailMessage()
        message["From"] = formataddr((name or _line(settings.name), address))
        message["To"] = formataddr((_line(letter.name), letter.to))
        message["Subject"] = subject
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{letter.uid}@{address.rpartition('@')[2] or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        if isinstance(letter, letters.Letter):
            leave = digests.leaving(letter, self._base, secret_of(settings))
            message["List-Unsubscribe"] = f"<{leave}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(f"Dear {letter.name},\n\n{said}\n\n{settings.name}\n")
        return message

    @property
    def _base(self) -> str:
        return self._settings.base_url.rstrip("/")

    def _said(self, letter: mailing.Letter | asking.Letter | letters.Letter) -> tuple[str, str]:
        match letter:
            case mailing.Letter():
                return self._told(letter)
            case asking.Letter():
                return self._asked(letter)
        subject, said = digests.written(letter, self._base, secret_of(self._settings))
        return f"{_line(self._settings.name)}: {subject}", said

    def _told(self, letter: mailing.Letter) -> tuple[str, str]:
        base = self._base
        where = f"\n\nTo reply: {base}/portal" if base else ""
        subject = f"What we say to what you told us: {_line(letter.heard)[:60]}"
        return subject, f"We heard: {letter.heard}\n\n{letter.decided}{where}"

    def _asked(self, letter: asking.Letter) -> tuple[str, str]:
        """What is asked and why, the link, and how to be asked no more."""
        base = self._base
        token = links.written(secret_of(self._settings), links.Opens.INVITATION, letter.uid)
        why = f"{letter.intro}\n\n" if letter.intro else ""
        leave = f"If you would rather not be asked: {base}/portal/data"
        said = f"{letter.title}\n\n{why}To answer, without signing in: {base}/s/{token}\n\n{leave}"
        return _line(letter.title)[:100], said


def greet(settings: Settings) -> None:
    """Greet the mail server and sign in, and send nothing; raises what a letter would fail of, after five seconds where nobody answers."""
    with Post(settings)._connected(HURRY) as server:
        server.noop()


def _line(text: str) -> str:
    """Without line ends, which would begin another header."""
    return " ".join(text.split())
