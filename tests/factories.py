"""Builds the world of a test: only the fact under test is spelled out."""

import struct
import zlib
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from itertools import count
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import Session

from knowledge import attachments, clock, customers, feedback, people, surveys
from knowledge.attachments import AttachmentRow, Content
from knowledge.community import notifications
from knowledge.customers import CustomerRow, Reference, interactions, touchpoints
from knowledge.customers.interactions import InteractionRow
from knowledge.customers.touchpoints import TouchpointRow
from knowledge.database import table_of
from knowledge.entries import EntryRow, publishing, writing
from knowledge.entries.writing import Changes
from knowledge.feedback import FeedbackRow
from knowledge.ladder import offerings, telling
from knowledge.ladder.offerings import OfferingReference, OfferingRow
from knowledge.ladder.transactions import Told
from knowledge.people import OPERATOR, FunctionalGroup, Viewer, viewer_for
from knowledge.privacy import consents
from knowledge.surveys import SurveyRow, WaveRow, links
from knowledge.surveys.response import Invitation
from knowledge.words import (
    Channel,
    ConsentPurpose,
    GroupKind,
    InvitationKind,
    Kind,
    Phase,
    Role,
    SurveyMetric,
    TransactionKind,
)

_number = count(1)

DETAILS: dict[Kind, dict[str, Any]] = {
    Kind.BEST_PRACTICE: {"problem": "The machine fails again.", "do": "1. Replace it."},
    Kind.INSIGHT: {"claim": "Valves that are hard to reach are descaled late."},
    Kind.VISION: {"statement": "Coffee every morning.", "what": "No café waits.", "why": "Coffee is their living."},
    Kind.PRINCIPLE: {"number": 1},
}


def a_group(session: Session, *, kind: GroupKind = GroupKind.SUPPORT) -> FunctionalGroup:
    return people.add_group(session, OPERATOR, f"Group {next(_number)}", kind)


def a_viewer(
    session: Session,
    *,
    role: Role = Role.EMPLOYEE,
    group: FunctionalGroup | None = None,
    customer: CustomerRow | None = None,
    name: str = "",
    password: str | None = None,
) -> Viewer:
    number = next(_number)
    person = people.add(
        session,
        OPERATOR,
        f"person{number}@example.com",
        name or f"Person {number}",
        role,
        group_id=group.id if group else None,
        customer_id=customer.id if customer else None,
        password=password,
    )
    assert person.id is not None
    return viewer_for(people.by_ids(session, [person.id])[person.id])


def a_draft(session: Session, viewer: Viewer, *, kind: Kind = Kind.BEST_PRACTICE, **changes: Any) -> EntryRow:
    changes.setdefault("title", f"Title {next(_number)}")
    if kind in DETAILS:
        changes["detail"] = {**DETAILS[kind], **changes.get("detail", {})}
    return writing.create(session, viewer, kind, cast(Changes, changes))


def an_entry(session: Session, viewer: Viewer, *, kind: Kind = Kind.BEST_PRACTICE, **changes: Any) -> EntryRow:
    """A published entry; what its audience would have somebody approve is approved."""
    draft = a_draft(session, viewer, kind=kind, **changes)
    return publishing.publish(session, OPERATOR, draft.uid)


def a_customer(session: Session, *, name: str = "", **changes: Any) -> CustomerRow:
    return customers.create(session, OPERATOR, {"name": name or f"Customer {next(_number)}", **changes})  # type: ignore[typeddict-item]


def some_feedback(
    session: Session,
    viewer: Viewer,
    *,
    verbatim: str = "The valve is hard to reach.",
    channel: Channel = Channel.PHONE,
    customer: CustomerRow | None = None,
    **said: Any,
) -> FeedbackRow:
    if customer is not None:
        said["customer"] = customers.Reference(uid=customer.uid)
    return feedback.record(session, viewer, {"verbatim": verbatim, "channel": channel, **said})  # type: ignore[typeddict-item]


def told(session: Session, entry: EntryRow, verb: str = "entry.verified", *, by: Viewer | None = None) -> None:
    """Somebody did something to an entry, and those whom it concerns are told."""
    actor = by.id if by else "-"
    notifications.notify(session, f"{verb} Entry {entry.uid} {actor} {clock.now().isoformat()}")


def some_bytes(session: Session, data: bytes) -> Content:
    """Bytes that have arrived and wait to be attached; what nobody takes is swept away with the test's folder."""
    incoming = attachments.store_of(session).incoming(len(data))
    incoming.write(data)
    return incoming.finish()


def a_file(
    session: Session, viewer: Viewer, entry: EntryRow, *, name: str = "", data: bytes = b"A line.\n", **more: Any
) -> AttachmentRow:
    """An attachment; a file of text unless the bytes are something else."""
    name = name or f"file-{next(_number)}.txt"
    what = attachments.recognise(BytesIO(data), name, pixels=50_000_000)
    return attachments.attach(session, viewer, entry, some_bytes(session, data), name=name, what=what, **more)


def a_picture(width: int = 4, height: int = 3) -> bytes:
    """The bytes of a whole PNG; the pixels are as many as a small one has, whatever its header says."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x0a\x65\x5e" * min(width, 100) for _ in range(min(height, 100)))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def a_touchpoint(session: Session, *, name: str = "", phase: Phase = Phase.SUPPORT) -> TouchpointRow:
    return touchpoints.create(session, OPERATOR, {"name": name or f"Touchpoint {next(_number)}", "phase": phase})


def an_interaction(
    session: Session, viewer: Viewer, customer: CustomerRow, *, at: TouchpointRow | None = None, **met: Any
) -> InteractionRow:
    return interactions.log(session, viewer, customer, at or a_touchpoint(session), cast(interactions.Met, met))


def titles(rows: Sequence[EntryRow]) -> list[str]:
    return [row.title for row in rows]


# The ladder.


def an_offering(session: Session, *, name: str = "", **changes: Any) -> OfferingRow:
    return offerings.create(session, OPERATOR, {"name": name or f"Offering {next(_number)}", **changes})  # type: ignore[typeddict-item]


def bought(
    session: Session,
    customer: CustomerRow,
    *,
    days_ago: Sequence[int] = (0,),
    offering: OfferingRow | None = None,
    kind: TransactionKind = TransactionKind.PURCHASE,
    key: str = "",
) -> None:
    """Somebody bought something so many days ago, once for each; the customer moves along with it."""
    whose, what = Reference(uid=customer.uid), OfferingReference(uid=offering.uid) if offering else None
    source = ("crm", key) if key else (None, None)
    days = [clock.now() - timedelta(days=each) for each in days_ago]
    answers = telling.dealings(session, OPERATOR, [Told(whose, kind, day, what, *source) for day in days])
    assert not any(each.problems for each in answers)


# Surveys.

STRANGER = Viewer()
SECRET = b""  # what the contexts of tests sign with


def a_survey(session: Session, *questions: surveys.Asked, viewer: Viewer = OPERATOR, **said: Any) -> SurveyRow:
    """An open survey; of one question of recommendation unless it asks something else."""
    asked = questions or ({"metric": SurveyMetric.RECOMMENDATION_0_10, "text": "Would you recommend us?"},)
    drawn = {"title": f"Survey {next(_number)}", "questions": asked, **said}
    return surveys.open(session, viewer, surveys.create(session, viewer, cast(surveys.Said, drawn)).uid)


def agreed(session: Session, *those: CustomerRow, to: ConsentPurpose = ConsentPurpose.SURVEY) -> None:
    for customer in those:
        consents.say(session, OPERATOR, customer, to, True)


def a_wave(
    session: Session, survey: SurveyRow, *, kind: InvitationKind = InvitationKind.CENSUS, **opened: Any
) -> WaveRow:
    return surveys.open_wave(session, OPERATOR, survey.uid, cast(surveys.Opened, {"kind": kind, **opened}))


def a_link(
    session: Session, wave: WaveRow, *, customer: CustomerRow | None = None, person: Viewer | None = None
) -> str:
    """The token by which somebody who was asked in a wave answers; without anybody that of its open link."""
    table = table_of(Invitation).c
    whose = (table.customer_id == (customer.id if customer else None)) & (
        table.person_id == (person.id if person else None)
    )
    uid = session.connection().execute(select(table.uid).where(table.wave_id == wave.id, whose)).scalar_one()
    return links.written(SECRET, links.Opens.INVITATION, uid)


def a_response(
    session: Session, token: str, *values: int | str | tuple[int, ...] | None, viewer: Viewer = STRANGER
) -> Any:
    """An answer to the questions of a survey in their order: numbers, words or choices; None passes one over."""
    opened = surveys.form(session, viewer, SECRET, token)
    given = [
        surveys.Given(
            question.uid,
            value if isinstance(value, int) else None,
            value if isinstance(value, str) else None,
            value if isinstance(value, tuple) else (),
        )
        for question, value in zip(surveys.questions_of(opened.survey), values, strict=False)
    ]
    return surveys.answer(session, viewer, SECRET, token, given)
