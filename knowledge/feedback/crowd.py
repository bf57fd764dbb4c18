"""The many customers of the sample: 180 of them are heard in a quarter, so that its figures are those of a company at work.

One grand hotel writes most, and many others write once; what follows from that is what the page of themes is there to show.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select
from sqlmodel import Session

import knowledge
from knowledge import clock
from knowledge.customers import Customer, recording
from knowledge.customers.recording import New
from knowledge.database import table_of
from knowledge.feedback import receiving, themes
from knowledge.feedback.items import Feedback
from knowledge.feedback.receiving import Heard, Speaker
from knowledge.feedback.themes import FeedbackTheme
from knowledge.people import OPERATOR, Person
from knowledge.privacy.consents import Consent
from knowledge.words import Channel, ConsentPurpose, FeedbackKind, FeedbackStatus, Stage, TransitionCause

SOURCE = "sample crowd"
KINDS = {"-": FeedbackKind.DISLIKE, "+": FeedbackKind.PRAISE, "=": FeedbackKind.LIKE}
CHANNELS = (Channel.CUSTOMER_SURVEY, Channel.PHONE, Channel.EMAIL, Channel.FOLLOW_UP, Channel.CUSTOMER_CONTACT)
STAGES = (Stage.REPEAT, Stage.CLIENT, Stage.FIRST_TIME, Stage.REPEAT, Stage.CLIENT, Stage.REPEAT, Stage.ADVOCATE)
LOUD = "Grand Hotel Miramont"
VALVE = "Reaching the descaling valve"
FIRST = "f-019"
"""What the hotel wrote first of the app, and what all its later words repeat."""

_c = table_of(Customer).c


@dataclass(frozen=True, slots=True)
class Line:
    """Who said what of which theme, in which language."""

    who: str
    kind: FeedbackKind
    words: str
    language: str
    theme: str


def lines() -> Sequence[Line]:
    """Everything that the crowd says."""
    path = Path(knowledge.__file__).parent / "library" / "crowd.toml"
    found = []
    for each in tomllib.loads(path.read_text(encoding="utf-8"))["theme"]:
        for language in ("en", "de", "es"):
            for line in each.get(language, ()):
                who, said = line.split(": ", 1)
                found.append(Line(who, KINDS[said[0]], said[2:], language, each.get("name", "")))
    return found


def come(session: Session) -> None:
    """Have those who are not known yet become customers, most of whom may be asked; nothing where they have."""
    there = select(_c.id).where(_c.sample, _c.source == SOURCE).limit(1)
    if not _keys(session) or session.connection().execute(there).first() is not None:
        return
    known = _keys(session)
    with clock.held(clock.now() - timedelta(days=200)):
        rows = [
            New({"name": name, "stage": stage, "source": SOURCE, "external_id": f"{place:03}"}, sample=True)
            for place, (name, stage) in enumerate(newcomers(), 1)
            if name not in known
        ]
        ids = recording.write_each(session, OPERATOR, rows, cause=TransitionCause.IMPORT)
        _consent(session, [id for place, id in enumerate(ids) if place % 9], ConsentPurpose.SURVEY)


def newcomers() -> Sequence[tuple[str, Stage]]:
    """Those of whom the sample knows nothing else, in the order in which they speak, and where each stands."""
    path = Path(knowledge.__file__).parent / "library" / "sample" / "customers.jsonl"
    known = {json.loads(line)["name"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}
    names = [name for name in dict.fromkeys(line.who for line in lines()) if name not in known]
    return [(name, STAGES[place % len(STAGES)]) for place, name in enumerate(names, 1)]


def _keys(session: Session) -> Mapping[str, int]:
    """The sample's customers by name."""
    return {row.name: row.id for row in session.connection().execute(select(_c.name, _c.id).where(_c.sample))}


def _consent(session: Session, ids: Sequence[int], purpose: ConsentPurpose) -> None:
    said = {"purpose": purpose, "given": True, "at": clock.now()}
    rows = [{"uid": clock.uid(), "customer_id": id, **said} for id in ids]
    session.connection().execute(insert(table_of(Consent)), rows)


def speak(session: Session) -> None:
    """Have them speak, once they are there."""
    f = table_of(Feedback).c
    first = session.connection().execute(select(f.id).where(f.sample, f.external_id == FIRST)).scalar()
    spoken = session.connection().execute(select(f.id).where(f.sample, f.source == SOURCE).limit(1)).first()
    keys = _keys(session)
    if first is not None and spoken is None and all(line.who in keys for line in lines()):
        _speak(session, lines(), keys, first)


def _speak(session: Session, said: Sequence[Line], keys: Mapping[str, int], first: int) -> None:
    heard = [_heard(line, place, keys[line.who], first) for place, line in enumerate(said, 1)]
    items = receiving.keep_each(session, heard)
    named = {themes.key_of(line.theme): line.theme for line in said if line.theme}
    begun = themes.begun(session, OPERATOR, named)
    now = clock.now()
    rows = [
        {"feedback_id": id, "theme_id": begun[themes.key_of(line.theme)], "at": now}
        for id, line in zip(items, said, strict=True)
        if line.theme
    ]
    session.connection().execute(insert(table_of(FeedbackTheme)), rows)
    _agree(session, begun[themes.key_of(VALVE)])


def _agree(session: Session, theme_id: int) -> None:
    """Those who speak of the valve want to hear what becomes of it; whoever signs in here says so themselves."""
    f, h, p = table_of(Feedback).c, table_of(FeedbackTheme).c, table_of(Person).c
    signing = select(p.customer_id).where(p.customer_id.is_not(None))
    spoke = select(f.customer_id).join(table_of(FeedbackTheme), h.feedback_id == f.id).distinct()
    spoke = spoke.where(h.theme_id == theme_id, f.customer_id.not_in(signing))
    with clock.held(clock.now() - timedelta(days=60)):
        _consent(session, session.connection().execute(spoke).scalars().all(), ConsentPurpose.CONTACT)


def _heard(line: Line, place: int, customer_id: int, first: int) -> Heard:
    channel = Channel.EMAIL if line.who == LOUD else CHANNELS[place % len(CHANNELS)]
    said: receiving.Said = {
        "verbatim": line.words,
        "channel": channel,
        "kind": line.kind,
        "language": line.language,
        "source": SOURCE,
        "external_id": f"{place:03}",
    }
    status = FeedbackStatus.TRIAGED if line.theme else FeedbackStatus.NEW
    repeats = {"duplicate_of_id": first if line.who == LOUD else None}
    return Heard(said, Speaker(customer_id), True, _day(line, place), status, repeats)


def _day(line: Line, place: int) -> datetime:
    """Some time of the last eleven weeks, by day; the hotel before somebody of ours found what it was."""
    days = 34 + place * 37 % 38 if line.who == LOUD else 3 + place * 37 % 77
    return clock.now() - timedelta(days=days, hours=place * 5 % 11)
