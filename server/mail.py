"""Letters by SMTP: written when they go, sent between two transactions, and noted."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from urllib.parse import unquote, urlsplit

import structlog

from knowledge import clock
from knowledge.database import Database
from knowledge.loop import mailing
from knowledge.loop.mailing import Letter
from server.settings import Settings

log = structlog.get_logger()

PATIENCE = 20.0
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Post:
    """Sends letters through the mail server that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = urlsplit(settings.smtp_url)

    def __call__(self, database: Database) -> int:
        """Send what is due; returns how many letters the mail server took."""
        letters: list[Letter] = database.write(mailing.taken) if self._is_due(database) else []
        if not letters:
            return 0
        took = 0
        try:
            with self._connected() as server:
                while letters:
                    took += self._sent(database, server, letters[0])
                    letters.pop(0)
        except (OSError, smtplib.SMTPException) as failure:  # what has gone out by then stays sent
            log.warning("the mail server cannot be reached", failure=type(failure).__name__)
            self._note(database, [(letter, mailing.put_off, failure) for letter in letters])
        return took

    @staticmethod
    def _is_due(database: Database) -> bool:
        with database.reading() as session:
            return mailing.waits(session)

    def _sent(self, database: Database, server: smtplib.SMTP, letter: Letter) -> bool:
        if not database.write(lambda session: mailing.still(session, letter)):
            return False
        try:
            server.send_message(self.written(letter))
        except (
            ValueError,
            smtplib.SMTPNotSupportedError,
        ) as failure:  # an address to which nothing can be sent from here
            self._note(database, [(letter, mailing.give_up, failure)])
            return False
        except smtplib.SMTPResponseException as failure:
            for_good = 500 <= failure.smtp_code < 600
            self._note(database, [(letter, mailing.give_up if for_good else mailing.put_off, failure)])
            return False
        except smtplib.SMTPRecipientsRefused as failure:
            codes = [code for code, _ in failure.recipients.values()]
            for_good = all(500 <= code < 600 for code in codes)
            self._note(database, [(letter, mailing.give_up if for_good else mailing.put_off, failure)])
            return False
        database.write(lambda session: mailing.sent(session, [letter.uid]))
        return True

    @staticmethod
    def _note(database: Database, what: list[tuple[Letter, Callable[..., None], Exception]]) -> None:
        for letter, note, failure in what:
            code = getattr(failure, "smtp_code", "")
            reason = f"{type(failure).__name__} {code}".strip()  # never its text, which may name the address
            database.write(lambda session, letter=letter, note=note, reason=reason: note(session, letter.uid, reason))  # type: ignore[misc]

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        url = self._url
        host = url.hostname or "localhost"
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, url.port or 25, timeout=PATIENCE)
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

    def written(self, letter: Letter) -> EmailMessage:
        """The letter as it goes; its Message-ID is the delivery's own, however often it is sent."""
        settings = self._settings
        name, address = parseaddr(settings.mail_from)
        message = EmailMessage()
        message["From"] = formataddr((name or _line(settings.name), address))
        message["To"] = formataddr((_line(letter.name), letter.to))
        message["Subject"] = f"What we say to what you told us: {_line(letter.heard)[:60]}"
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{letter.uid}@{address.rpartition('@')[2] or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        where = f"\n\nTo reply: {settings.base_url.rstrip('/')}/portal" if settings.base_url else ""
        message.set_content(
            f"Dear {letter.name},\n\nWe heard: {letter.heard}\n\n{letter.decided}{where}\n\n{settings.name}\n"
        )
        return message


def _line(text: str) -> str:
    """Without line ends, which would begin another header."""
    return " ".join(text.split())
