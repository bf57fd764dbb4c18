"""Evidence is attached and taken off; what contradicts an entry puts it in doubt, and what speaks of danger contests it at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from knowledge import activity, clock, entries
from knowledge.customers.interactions import InteractionRow
from knowledge.customers.topmost import topmost
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.evidence.pieces import Evidence, EvidenceRow, by_id, by_uid, entry_of, joined, speaker, v
from knowledge.evidence.results import ResultRow
from knowledge.feedback import FeedbackRow, alarms
from knowledge.feedback.voices import UNKNOWN, voice
from knowledge.people import Act, Viewer, require
from knowledge.words import Kind, Stance, Status

HEAVIEST = 3


@dataclass(frozen=True, slots=True)
class Document:
    """Something outside: what it is called, where it is, and what it says."""

    title: str
    url: str
    excerpt: str = ""


Target = FeedbackRow | InteractionRow | EntryRow | ResultRow | Document
"""What evidence is taken from."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The words that matter, exactly as they stand; all of them where none are named. `start` tells apart what stands there twice."""

    words: str | None = None
    start: int | None = None


def attach(
    session: Session,
    viewer: Viewer,
    entry: EntryRow,
    target: Target,
    stance: Stance,
    *,
    quote: str | None = None,
    start: int | None = None,
    weight: int = 1,
) -> EvidenceRow:
    """Attach to an entry what speaks for or against it. Attaching the same twice changes stance and weight. What contradicts the entry
    puts it in doubt [E3], and what speaks of danger contests it at once [F5].

    Refuses NOT_ALLOWED, and INVALID with what is wrong: a quote that does not stand there word for word [N2], an entry that cites itself.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="attach evidence")
    if not viewer.may(Act.FEEDBACK_READ):
        raise NotAllowed("Evidence is attached by those who may read feedback.", "feedback")
    refuse(_faults(entry, target, weight))
    place = _place(target, Quote(quote, start))
    piece = _stored(session, entry, place)
    before = piece.stance if piece is not None else None
    anonymous = isinstance(target, FeedbackRow) and target.anonymous
    actor = None if anonymous else viewer.id  # whoever wrote down what is anonymous stays unnamed
    if piece is None:
        piece = Evidence(entry_id=entry.id, stance=stance, author_id=actor, created_at=clock.now(), **place)
        session.add(piece)
    piece.stance, piece.weight = stance, weight
    session.flush()  # the answer is read back
    if before is not stance:
        about = piece.uid if isinstance(target, Document) else target.uid
        moved = {str(about): (before, stance)}
        activity.record(session, actor, "evidence.attached", "Entry", entry.uid, revision=entry.revision, moved=moved)
        _weigh_in(session, piece, target, actor)
    row = by_id(session, viewer, piece.id)
    assert row is not None
    return row


def _faults(entry: EntryRow, target: Target, weight: int) -> Iterable[Problem]:
    if entry.status is Status.ARCHIVED:
        yield Problem("entry", "This entry is archived.")
    if not 1 <= weight <= HEAVIEST:
        yield Problem("weight", f"Evidence weighs 1 to {HEAVIEST}.")
    if isinstance(target, EntryRow) and target.id == entry.id:
        yield Problem("cites", "An entry is no evidence of itself.")
    elif isinstance(target, EntryRow) and target.status is Status.ARCHIVED:
        yield Problem("cites", "What is cited is not archived.")
    if isinstance(target, Document):
        yield from _document_faults(target)


def _document_faults(document: Document) -> Iterable[Problem]:
    if not 1 <= len(document.title.strip()) <= 200:
        yield Problem("document.title", "Say what it is called, in 1 to 200 characters.")
    address = urlsplit(document.url.strip()) if document.url.isprintable() else None
    if address is None or address.scheme not in ("http", "https") or not address.netloc or len(document.url) > 500:
        yield Problem(
            "document.url", "Give its address on the web, beginning with https://, in at most 500 characters."
        )
    if len(document.excerpt.strip()) > 1_000:
        yield Problem("document.excerpt", "What it says has at most 1,000 characters here.")


def _place(target: Target, quote: Quote) -> dict[str, Any]:
    """The columns that say what a piece is taken from, and which words of it."""
    if isinstance(target, Document):
        said = target.excerpt.strip()
        return {"document_title": " ".join(target.title.split()), "document_url": target.url.strip(), "excerpt": said}
    if isinstance(target, ResultRow):
        return {"result_id": target.id}
    if isinstance(target, EntryRow):
        start, end = offsets(target.body, quote) if (quote.words or "").strip() else (0, 0)
        cited = {"cited_id": target.id, "cited_revision_id": target.revision_id}
        return {**cited, "quote_start": start, "quote_end": end}
    if isinstance(target, InteractionRow):
        if not target.note:
            raise Invalid("Nothing was noted of this meeting.", "interaction")
        start, end = offsets(target.note, quote)
        return {"interaction_id": target.id, "quote_start": start, "quote_end": end}
    start, end = offsets(target.verbatim, quote)
    return {"feedback_id": target.id, "quote_start": start, "quote_end": end}


def offsets(text: str, quote: Quote) -> tuple[int, int]:
    """Where a quote begins and ends in the words it is from, counted in characters; refuses INVALID one that is not there [N2]."""
    wanted = (quote.words or "").strip()
    if not wanted:
        return 0, len(text)
    start = text.find(wanted) if quote.start is None else quote.start
    if start < 0 or text[start : start + len(wanted)] != wanted:
        raise Invalid("The quote is not in what was said, word for word.", "quote")
    return start, start + len(wanted)


_ONCE = ("cited_id", "result_id", "document_url")
"""What is cited once, whatever is quoted of it."""


def _stored(session: Session, entry: EntryRow, place: dict[str, Any]) -> Evidence | None:
    named = next((name for name in _ONCE if name in place), None)
    names = [named] if named is not None else list(place)
    same: list[ColumnElement[bool]] = [v[name] == place[name] for name in names]
    known = session.connection().execute(select(v.id).where(v.entry_id == entry.id, *same)).scalar()
    return session.get(Evidence, known) if known is not None else None


def _weigh_in(session: Session, piece: Evidence, target: Target, actor: int | None) -> None:
    """What a new stance of a customer does to the entry."""
    if isinstance(target, FeedbackRow) and piece.stance is not Stance.SUPPORTS and alarms.alarms(session, target):
        _contest(session, piece.entry_id)
    elif isinstance(target, FeedbackRow | InteractionRow) and piece.stance is Stance.CONTRADICTS:
        _doubt(session, piece, actor)


def _doubt(session: Session, piece: Evidence, actor: int | None) -> None:
    """Let an entry be doubted by what contradicts it, if that is a voice that has not contradicted it before [E3]."""
    entry = session.get_one(
        entries.Entry, piece.entry_id, with_for_update=True
    )  # of two at once the second sees the first
    top, whose = topmost(), speaker()
    against = select(v.id, voice(whose, top)).select_from(joined().outerjoin(top, top.c.id == whose))
    heard = (v.feedback_id.is_not(None)) | (v.interaction_id.is_not(None))
    rows = session.connection().execute(
        against.where(v.entry_id == piece.entry_id, v.stance == Stance.CONTRADICTS, heard)
    )
    voices = {row[0]: row[1] for row in rows}
    mine = voices.pop(piece.id, UNKNOWN)
    known = set(voices.values())
    if mine not in known:
        entries.freshness.doubt(session, entry, actor, voices=len(known) + 1)


def _contest(session: Session, entry_id: int) -> None:
    """Put an entry in doubt at the first word of danger, without waiting for a second voice [F5]; nobody in particular did it."""
    entry = session.get_one(entries.Entry, entry_id, with_for_update=True)
    entries.freshness.contest(session, entry, None, why="A customer reports a danger.")


def contest(session: Session, item: FeedbackRow) -> None:
    """Put in doubt what an item speaks against or is context of, now that it is known to speak of danger [F5]."""
    against = select(v.entry_id).where(v.feedback_id == item.id, v.stance != Stance.SUPPORTS).distinct()
    for entry_id in session.connection().execute(against.order_by(v.entry_id)).scalars().all():
        _contest(session, entry_id)


def may_detach(item: EvidenceRow, viewer: Viewer) -> bool:
    """Whether the viewer may take it off: whoever attached it, and those who may edit the entry."""
    entry = entry_of(item, viewer)
    own = item.author_id is not None and item.author_id == viewer.id and viewer.may(Act.ENTRIES_WRITE)
    return own or (entry is not None and entries.may_edit(viewer, entry))


def detach(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take a piece of evidence off its entry: whoever attached it, or may edit the entry. Refuses NOT_FOUND, NOT_ALLOWED,
    and INVALID where a published insight would be left without any [N1].
    """
    row = by_uid(session, viewer, uid)
    entry = entry_of(row, viewer) if row is not None else None
    if row is None or entry is None:
        raise NotFound("There is no such evidence.", "id")
    if not may_detach(row, viewer):
        raise NotAllowed("Evidence is taken off by whoever attached it or may edit the entry.", "id")
    session.get_one(entries.Entry, entry.id, with_for_update=True)  # of two who take off at once the second waits
    left = select(func.count()).where(v.entry_id == entry.id)
    last = session.connection().execute(left).scalar_one() == 1
    if entry.kind is Kind.INSIGHT and entry.status is Status.PUBLISHED and last:
        raise Invalid("A published insight keeps at least one piece of evidence: archive it instead.", "id")
    from knowledge.vision import placing  # what a vision rests on is evidence, so it imports this package

    placing.forget(session, row.id)
    session.delete(session.get_one(Evidence, row.id))
    moved = {str(row.uid): (row.stance, None)}
    activity.record(session, viewer.id, "evidence.detached", "Entry", entry.uid, revision=entry.revision, moved=moved)
    return entry
