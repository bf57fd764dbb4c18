"""Many items from another system at once: what is new is recorded, what is known is brought up to date, each by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlmodel import Session

from knowledge.errors import Invalid, Problem, Refusal, TooLarge, refuse
from knowledge.feedback import triaging
from knowledge.feedback.items import Feedback, FeedbackRow, attributes_of, by_uid
from knowledge.feedback.receiving import Said, known, label_faults, record
from knowledge.feedback.triaging import Triage
from knowledge.people import Act, Viewer, require
from knowledge.words import FeedbackKind

MOST = 250
LABELS = ("kind", "severity", "sentiment", "sentiment_source", "aspect", "audience")


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of one row: the item, and whether it is new; or why it was refused."""

    item: FeedbackRow | None = None
    is_new: bool = False
    problems: tuple[Problem, ...] = ()


def upsert(session: Session, viewer: Viewer, rows: Sequence[Said]) -> list[Kept]:
    """Record or bring up to date up to 250 items, matched by source and external id; twice is the same as once.

    A row that is refused leaves nothing behind and stops no other. Refuses TOO_LARGE, and NOT_ALLOWED as a whole.
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="record feedback")
    if len(rows) > MOST:
        raise TooLarge(f"At most {MOST} at a time.", "rows")
    return [_kept(session, viewer, row) for row in rows]


def _kept(session: Session, viewer: Viewer, said: Said) -> Kept:
    try:
        with session.begin_nested():
            source, external_id = said.get("source"), said.get("external_id")
            if not source or not external_id:
                raise Invalid("Say what the source is and what it calls this.", "externalId")
            uid = known(session, source, external_id)
            row = by_uid(session, viewer, uid) if uid is not None else None
            if row is None:
                return Kept(record(session, viewer, said), True)
            return Kept(_brought(session, viewer, row, said))
    except Refusal as refusal:
        return Kept(problems=refusal.problems)


def _brought(session: Session, viewer: Viewer, row: FeedbackRow, said: Said) -> FeedbackRow:
    """An item with the labels that its system gives it now; what it does not say stays."""
    refuse(_faults(row, said))
    wanted: dict[str, Any] = {name: said[name] for name in LABELS if name in said}  # type: ignore[literal-required]
    if "sentiment" in wanted and wanted["sentiment"] is row.sentiment:
        wanted.pop("sentiment"), wanted.pop("sentiment_source", None)
    same = all(getattr(row, name) == value for name, value in wanted.items())
    attributes = set(said["attributes"]) if "attributes" in said else set(attributes_of(row))
    if same and attributes == set(attributes_of(row)):
        return row
    item = session.get_one(Feedback, row.id, with_for_update=True)
    labels = {**wanted, "attributes": sorted(attributes), "status": row.status}
    return triaging.relabel(session, viewer, row, item, cast(Triage, labels))


def _faults(row: FeedbackRow, said: Said) -> Iterable[Problem]:
    if said["verbatim"].strip() != row.verbatim:
        yield Problem("verbatim", "What a customer said is never changed.")
    if row.anonymous and said.get("customer"):
        yield Problem("customer", "Anonymous feedback stays as it is.")
    if row.kind is FeedbackKind.COMPLAINT and said.get("kind", row.kind) is not FeedbackKind.COMPLAINT:
        yield Problem("kind", "A complaint has a reference, and stays a complaint.")
    yield from label_faults(said)
