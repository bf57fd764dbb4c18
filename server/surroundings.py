"""What an installation stands on: Python, the folder, the proxy before it, and the mail server; each finding with its remedy."""

import os
import platform
import pwd
import shutil
import smtplib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server import installation, mail
from server.settings import Settings

ROOM = 200 << 20
"""Bytes below which a disk is as good as full."""
LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Where `mend` says something, it wants attention."""

    name: str
    says: str
    mend: str = ""


def python() -> Finding:
    """Which Python this is; older ones than the product runs on are turned away before anything is loaded."""
    return Finding("python", platform.python_version())


def address(settings: Settings) -> Iterator[Finding]:
    """Whether people come in by a way on which passwords are safe."""
    if settings.host in LOCAL or settings.is_secure:
        yield Finding("address", settings.base_url or f"http://{settings.host}:{settings.port}")
    else:
        mend = "Put a proxy with TLS before it, and set LOYALTY_BASE_URL to its https address."
        yield Finding("address", "Others can reach it, and passwords travel in the open.", mend)
    if settings.demo and (settings.host not in LOCAL or settings.base_url):
        yield Finding("demo", "Anybody who reaches it may sign in as anyone.", "Unset LOYALTY_DEMO.")
    yield from _proxy(settings)


def _proxy(settings: Settings) -> Iterator[Finding]:
    base, trusted = urlsplit(settings.base_url), settings.trusted_proxies
    if settings.base_url and (base.scheme not in ("http", "https") or not base.hostname):
        mend = "Write LOYALTY_BASE_URL as people type it, with https:// before the name."
        yield Finding("base address", f"{settings.base_url} is no address of a page.", mend)
    elif settings.base_url and base.path.strip("/"):
        mend = "Give the product a name of its own, such as https://commons.example.org; it answers at the top."
        yield Finding("base address", f"{settings.base_url} has a path.", mend)
    elif trusted and not settings.base_url:
        mend = "Set LOYALTY_BASE_URL to the address that people type: letters and feeds begin their links with it."
        yield Finding("proxy", f"{trusted} is trusted, and nothing says what people type.", mend)
    elif settings.is_secure and not trusted:
        mend = "Set LOYALTY_TRUSTED_PROXIES to the address of the proxy: everybody seems to come from there, and shares its limits."
        yield Finding("proxy", "TLS ends before this program, at a proxy that is not trusted.", mend)
    if "*" in trusted:
        yield Finding("proxy", "Whoever comes may say where from.", "Name the proxies in LOYALTY_TRUSTED_PROXIES.")


def folder(settings: Settings) -> Iterator[Finding]:
    """Whether the data folder is for nobody else's eyes, can be written, and has room."""
    path = settings.data
    if not path.exists():
        beside = next(each for each in path.absolute().parents if each.exists())
        if not os.access(beside, os.W_OK):
            mend = f"Make it for whoever runs the server: install -d -m 700 -o USER {path}"
            yield Finding("folder", f"{path} is not there, and cannot be made by {_name(os.geteuid())}.", mend)
        return
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    yield Finding("folder", f"{path} has mode {mode:04o}", f"Run: chmod 700 {path}" if mode & 0o077 else "")
    yield from _owner(path, found.st_uid)
    free = shutil.disk_usage(path).free
    mend = "Make room: what is full refuses every write, and the index stays behind." if free < ROOM else ""
    yield Finding("disk", f"{free >> 20:,} MB free", mend)


def _owner(path: Path, owner: int) -> Iterator[Finding]:
    me = os.geteuid()
    closed = (
        [each for each in (path, *sorted(path.iterdir())) if not os.access(each, os.W_OK)] if _opens(path) else [path]
    )
    if closed:
        mend = f"Run as root: chown -R {_name(me)} {path}, or run this as {_name(closed[0].lstat().st_uid)}."
        yield Finding("writing", f"{_name(me)} may not write {closed[0]}.", mend)
    elif me != owner:
        mend = f"Run it as {_name(owner)}: what {_name(me)} writes there, the server cannot read."
        yield Finding("owner", f"{path} belongs to {_name(owner)}, and you are {_name(me)}.", mend)


def _opens(path: Path) -> bool:
    return os.access(path, os.R_OK | os.X_OK)


def _name(id: int) -> str:
    try:
        return pwd.getpwuid(id).pw_name
    except KeyError:
        return str(id)


def post(settings: Settings) -> Iterator[Finding]:
    """Whether letters would go; the mail server is greeted and signed in to, and sent nothing."""
    if not settings.smtp_url:
        return
    if not settings.mail_from:
        yield Finding("mail", "Letters have no sender, and none goes.", "Set LOYALTY_MAIL_FROM.")
        return
    try:
        mail.greet(settings)
    except (OSError, smtplib.SMTPException) as failure:
        yield Finding("mail", *_refusal(failure, settings))
    else:
        yield Finding("mail", f"{urlsplit(settings.smtp_url).hostname} takes letters")
    if not settings.base_url:
        mend = "Set LOYALTY_BASE_URL: no survey and no digest is sent until it is known how links begin."
        yield Finding("letters", "Only answers are sent.", mend)


def _refusal(failure: Exception, settings: Settings) -> tuple[str, str]:
    host = urlsplit(settings.smtp_url).hostname
    match failure:
        case smtplib.SMTPAuthenticationError():
            return f"{host} does not know this name and password.", "Set the right ones in LOYALTY_SMTP_URL."
        case smtplib.SMTPNotSupportedError():
            return f"{host}: {failure}", "Use smtps://, or a port that offers STARTTLS, such as 587."
        case smtplib.SMTPException():
            return f"{host}: {type(failure).__name__}", "Look in the log of the mail server for what it refuses."
    says = f"{host} does not answer: {getattr(failure, 'strerror', None) or type(failure).__name__}"
    return says, "Check host and port in LOYALTY_SMTP_URL, and whether a firewall is in between."


def missing_data(settings: Settings) -> Finding:
    """What to do where nothing has been begun yet."""
    return Finding("data", installation.nothing(settings), "Run: loyalty init")
