"""Every setting, each a row with its default and its help; nobody else reads the environment."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.contacts import Contact
from knowledge.search.signals import listed

PREFIX = "LOYALTY_"


def _row(default: Any, help: str, **bounds: Any) -> Any:
    return Field(default, description=help, **bounds)


class Settings(BaseSettings):
    """The rows. Each is also an environment variable: LOYALTY_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    # Where things are.
    data: Path = _row(Path("data"), "The folder that holds the database and the search index")
    database_url: str = _row(
        "", "Another database, such as postgresql://user@host/name; empty is SQLite in the data folder"
    )
    host: str = _row("127.0.0.1", "The address to listen at")
    port: int = _row(8000, "The port to listen at; 0 takes a free one", ge=0, le=65535)
    workers: int = _row(1, "How many processes answer requests", ge=1, le=64)
    index_processes: int = _row(
        0, "How many processes build a new search index; 0 is one for each core, four at most", ge=0, le=64
    )
    base_url: str = _row(
        "", "The address that people type, such as https://commons.example.org; https makes cookies secure"
    )
    trusted_proxies: str = _row("", "Addresses of proxies whose X-Forwarded headers are believed, separated by commas")

    # Who may do what.
    name: str = _row("Loyalty Commons", "What the installation calls itself")
    anonymous: bool = _row(False, "Whether strangers may read what is public")
    tell: bool = _row(False, "Whether strangers may tell the company something at /tell, unnamed")
    demo: bool = _row(False, "Whether anybody may sign in as a sample person with one click")

    secret: str = _row(
        "",
        "What counts searches without naming anybody; several nodes share one. Empty keeps one in the data folder",
        repr=False,
    )
    # Searching.
    signals: str = _row(
        "verified,proven,expired,contested,obsolete",
        "What beside the text moves a hit a little up or down; `none` leaves it to the text",
    )
    # Searching by meaning.
    semantic: bool = _row(False, "Whether entries are found by meaning too; needs the extra `semantic`")
    semantic_model: str = _row("", "Another copy of the model, or another model; empty is that of the extra")
    semantic_sha256: str = _row("", "The SHA-256 that another model has to have; empty is that of the extra's")
    semantic_vocabulary: str = _row(
        "", "The vocabulary of another model: its vocab.txt or tokenizer.json; empty is that of the extra's model"
    )

    # Reaching customers.
    smtp_url: str = _row(
        "",
        "The mail server that tells customers of answers: smtp://user:password@host:587 or smtps://host; empty sends no letters",
        repr=False,
    )
    mail_from: str = _row("", "The sender of letters, such as Care <care@example.org>; needed for letters")
    contacts_most: int = _row(3, "How often one customer is turned to unasked, before one more is warned of", ge=1)
    contacts_days: int = _row(30, "In so many days", ge=1, le=3_650)
    digest_hour: int = _row(
        6, "The hour of the day, in UTC, at which digests are sent to those who want them", ge=0, le=23
    )

    # What is written to the log.
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _row("INFO", "The least severity that is logged")
    log_format: Literal["json", "console"] = _row("json", "How a line of the log looks")

    timings: bool = _row(
        False, "Whether every answer says in Server-Timing how long it took and how many statements it cost"
    )
    metrics: bool = _row(False, "Whether /metrics tells figures to a collector; needs the extra `metrics`")
    metrics_token: str = _row("", "What a collector has to send as its bearer token; empty asks for none", repr=False)

    # How answers are made.
    plans: bool = _row(True, "Whether queries run by plans, breadth first; without, one value after the other")

    # Bounds on one request.
    body_bytes: int = _row(262_144, "The largest body of a GraphQL request", ge=1_024)
    form_bytes: int = _row(2_097_152, "The largest body of any other request", ge=1_024)
    body_seconds: float = _row(20.0, "How long a body may take to arrive", gt=0)
    operation_seconds: float = _row(10.0, "How long an operation may take before it is answered 503", gt=0)
    queue: int = _row(1_000, "How many writes may wait before more are answered 503", ge=1)
    slow_cost: int = _row(1_000, "The cost from which a query runs in the slow lane", ge=1)
    cache_bytes: int = _row(
        67_108_864, "How many bytes of answers each process remembers for those who ask again; 0 remembers none", ge=0
    )
    keep_alive_seconds: int = _row(15, "How long an idle connection is kept open, and a head may take to arrive", ge=1)

    # Bounds on what is attached to entries.
    file_bytes: int = _row(10_485_760, "The largest file that may be attached", ge=1_024)
    entry_files_bytes: int = _row(104_857_600, "The most that the files of one entry may have together", ge=1_024)
    all_files_bytes: int = _row(5_368_709_120, "The most that all files may have together", ge=1_024)
    pixels: int = _row(50_000_000, "The most pixels that a picture may have", ge=1)
    file_seconds: float = _row(120.0, "How long a file may take to arrive", gt=0)
    uploads: int = _row(4, "How many files may arrive at once", ge=1)

    # Bounds on one operation.
    characters: int = _row(20_000, "The longest document", ge=1)
    tokens: int = _row(1_000, "The most lexical tokens in a document", ge=1)
    depth: int = _row(20, "The deepest nesting of fields", ge=1)
    aliases: int = _row(15, "The most aliases in an operation", ge=0)
    directives: int = _row(20, "The most directives in an operation", ge=0)
    root_fields: int = _row(20, "The most fields at the root of an operation", ge=1)
    fields: int = _row(2_000, "The most fields after fragments are expanded", ge=1)
    inputs: int = _row(250, "The most items in a list that is sent", ge=1)
    cost_anonymous: int = _row(1_000, "The most that one operation of a stranger may cost", ge=1)
    cost_signed_in: int = _row(5_000, "The most that one operation of someone signed in may cost", ge=1)
    cost_token: int = _row(20_000, "The most that one operation by token may cost", ge=1)
    refill: int = _row(50, "How much of the cost is given back each second", ge=1)

    # Bounds on what is heard as it happens.
    listeners: int = _row(1_000, "How many may listen at once to one process, by WebSocket and by events", ge=1)
    listeners_each: int = _row(20, "How many connections one person, token or address may listen by", ge=1)
    subscriptions: int = _row(20, "How many subscriptions one WebSocket may have", ge=1)
    init_seconds: float = _row(10.0, "How long a WebSocket may take to say who it is", gt=0)
    beat_seconds: float = _row(15.0, "How often who listens is looked at again, and quiet connections are kept", gt=0)

    @field_validator("signals")
    @classmethod
    def _are_signals(cls, text: str) -> str:
        listed(text)  # raises ValueError with what is wrong
        return text

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        if url and url.partition(":")[0].partition("+")[0] not in ("postgresql", "sqlite"):
            raise ValueError("Write it as postgresql://user:password@host/name.")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
            raise ValueError("Write it as smtp://host:port or smtps://host:port.")
        return url

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        if sender and "@" not in parseaddr(sender)[1]:
            raise ValueError("Write an address, such as Care <care@example.org>.")
        return sender

    @property
    def mails(self) -> bool:
        """Whether letters are sent."""
        return bool(self.smtp_url and self.mail_from)

    @property
    def contact(self) -> Contact:
        """How customers may be reached here."""
        digests = self.mails and bool(self.base_url)
        return Contact(self.mails, self.contacts_most, self.contacts_days, digests, self.digest_hour)

    @property
    def address(self) -> str:
        """Where the rows are: what was set, or the SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data / 'loyalty.db'}"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the installation by https whatever the last hop uses."""
        return self.base_url.startswith("https://")

    @classmethod
    def given(cls, **values: Any) -> Self:
        """The settings of the environment, with those replaced that are not None."""
        return cls(**{name: value for name, value in values.items() if value is not None})

    def hand_down(self) -> None:
        """Put these settings into the environment, for the processes that this one starts."""
        for name, value in self.model_dump().items():
            os.environ[PREFIX + name.upper()] = str(value)


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as the documentation lists it."""

    variable: str
    default: str
    help: str


def rows() -> Iterator[Row]:
    """Every setting in the order of the table."""
    for name, field in Settings.model_fields.items():
        yield Row(PREFIX + name.upper(), str(field.default), str(field.description))


def faults(invalid: ValidationError) -> str:
    """What is wrong with the settings, a line each, without the values: one of them may hold a password."""
    return "\n".join(f"{PREFIX}{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in invalid.errors())
