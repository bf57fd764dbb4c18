"""Builds the world of a test: only the fact under test is spelled out."""

import struct
import zlib
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from itertools import count
from typing import Any, cast

from sqlalchemy import func
from sqlmodel import Session, select

from knowledge import attachments, clock, customers, feedback, people
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
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyOption, SurveyQuestion, Wave
from knowledge.words import (
    Anonymity,
    Channel,
    GroupKind,
    InvitationKind,
    Kind,
    Phase,
    Role,
    Stage,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
    SurveyState,
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


def a_survey(
    session: Session,
    *questions: SurveyMetric,
    audience: SurveyAudience = SurveyAudience.EXTERNAL,
    purpose: SurveyPurpose = SurveyPurpose.RELATIONAL,
    anonymity: Anonymity = Anonymity.IDENTIFIED,
    options: Sequence[str] = (),
    **details: Any,
) -> Survey:
    """An open survey with one question for each metric; those of choices have the options."""
    now = clock.now()
    details = {"title": f"Survey {next(_number)}", "created_at": now, "updated_at": now, **details}
    survey = Survey(
        audience=audience, purpose=purpose, anonymity=anonymity, state=SurveyState.OPEN, **details
    )
    session.add(survey)
    session.flush()
    for place, metric in enumerate(questions or (SurveyMetric.RECOMMENDATION_0_10,), start=1):
        question = SurveyQuestion(survey_id=survey.id, position=place, metric=metric, text=f"Question {place}?", key=metric.lower())
        session.add(question)
        session.flush()
        if metric in (SurveyMetric.SINGLE, SurveyMetric.MULTI):
            session.add_all(
                SurveyOption(question_id=question.id, position=at, label=label) for at, label in enumerate(options, 1)
            )
    session.flush()
    return survey


def a_wave_of_answers(
    session: Session,
    survey: Survey,
    *answers: Sequence[int | None],
    kind: InvitationKind = InvitationKind.CENSUS,
    by: Sequence[CustomerRow | None] = (),
    silent: int | None = None,
    days_ago: int = 30,
    lasts: int | None = 14,
    stages: Sequence[Stage | None] = (),
    groups: Sequence[int | None] = (),
    population: int | None = None,
) -> Wave:
    """A wave in which each response gives one answer to each question, straight into the tables; of choices, the places of one.

    `answers` has a sequence for each question in its order. `by` says who answered. Where `silent` says how many did not, all of them were asked by name.
    """
    opened = clock.now() - timedelta(days=days_ago)
    number = session.scalar(select(func.count()).where(table_of(Wave).c.survey_id == survey.id)) or 0
    wave = Wave(
        survey_id=survey.id, number=number + 1, kind=kind, opens_at=opened, created_at=opened, population=population,
        closes_at=None if lasts is None else opened + timedelta(days=lasts),
    )  # fmt: skip
    session.add(wave)
    session.flush()
    questions = list(session.scalars(select(SurveyQuestion).where(table_of(SurveyQuestion).c.survey_id == survey.id)))
    size = max(map(len, answers))
    responses = []
    for place in range(size):
        who = by[place] if place < len(by) else None
        responses.append(
            SurveyResponse(
                wave_id=wave.id, customer_id=who.id if who else None,
                stage=stages[place] if place < len(stages) else who.stage if who else None,
                group_id=groups[place] if place < len(groups) else None,
                answered_at=opened + timedelta(days=1), changed_at=opened + timedelta(days=1),
            )
        )  # fmt: skip
    session.add_all(responses)
    session.flush()
    for question, given in zip(sorted(questions, key=lambda each: each.position), answers, strict=True):
        pairs = zip(responses, given, strict=False)
        _answered(session, question, [(response.id or 0, number) for response, number in pairs if number is not None])
    if silent is not None:
        asked = [by[place] if place < len(by) else None for place in range(size)] + [None] * silent
        session.add_all(
            Invitation(
                wave_id=wave.id, customer_id=(who or a_customer(session)).id, kind=kind, answered=place < size, created_at=opened
            )
            for place, who in enumerate(asked)
        )  # fmt: skip
    session.flush()
    return wave


def _answered(session: Session, question: SurveyQuestion, given: Sequence[tuple[int, int]]) -> None:
    choosing = question.metric in (SurveyMetric.SINGLE, SurveyMetric.MULTI)
    answers = [
        SurveyAnswer(response_id=response, question_id=question.id, number=None if choosing else number)
        for response, number in given
    ]
    session.add_all(answers)
    session.flush()
    if choosing:
        mine = table_of(SurveyOption).c
        options = dict(session.connection().execute(select(mine.position, mine.id).where(mine.question_id == question.id)).all())
        session.add_all(
            SurveyChoice(answer_id=answer.id, option_id=options[number])
            for answer, (_, number) in zip(answers, given, strict=True)
        )
