"""The starter library that every installation begins with, and the sample that a demonstration shows."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

import knowledge
from knowledge import clock, people, series, vision, year
from knowledge.community import beginning
from knowledge.community import sample as conversation
from knowledge.customers import sample as customers_sample
from knowledge.customers import touchpoints
from knowledge.database import Database, table_of
from knowledge.entries import Revision, by_slug, curating, tags
from knowledge.evidence import sample as resting
from knowledge.evidence import tried
from knowledge.feedback import crowd
from knowledge.feedback import sample as hearing
from knowledge.home import sample as arriving
from knowledge.initiatives import sample as undertaking
from knowledge.ladder import sample as climbing
from knowledge.listening import sample as looking
from knowledge.loop import sample as answering
from knowledge.people import OPERATOR
from knowledge.surveys import past
from knowledge.surveys import sample as asking
from knowledge.transfer import keeping
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.entries import Incoming
from knowledge.transfer.importing import ENTRIES, PASSES, keep_entry, run
from knowledge.transfer.report import Outcome, Report
from knowledge.transfer.sources import Material
from knowledge.transfer.voices import FEEDBACK
from knowledge.vision import sample as envisioning
from knowledge.vision.questions import GuidingQuestion, Step, questions_of
from knowledge.words import AnswerKind, Status, VisionStep

FOLDER = Path(knowledge.__file__).parent / "library"
SHIPPED = ("principles", "practices", "guides")
_WRITTEN = datetime(2026, 11, 15, tzinfo=UTC)
"""Two days after the last words of the sample's file."""

_WITHOUT_FLAG = ("evidence", "progress", "link", "draft", "redirect", "applicability")


@dataclass(frozen=True)
class _Known(keeping.Known):
    """What is known of a batch of the library's entries, and which of them people have made their own."""

    touched: frozenset[int]


def install_library(database: Database) -> Report:
    """Bring in what the library has and the store has not, and what it has in a former version of ours. Running it again changes
    nothing; an entry that somebody edited, archived or wrote under such a slug stays as it is.
    """
    database.write(_install_steps)
    database.write(touchpoints.install)
    reports = [run(database, OPERATOR, Material(FOLDER / name), (_LIBRARY,)) for name in SHIPPED]
    return sum(reports[1:], reports[0])


def _known(session: Session, rows: Sequence[Incoming]) -> _Known:
    known = keeping.known(session, rows)
    there = known.entries.values()
    revision = table_of(Revision).c
    written = revision.entry_id.in_([entry.id for entry in there]) & revision.author_id.is_not(None)
    touched = {row.entry_id for row in session.connection().execute(select(revision.entry_id).where(written))}
    touched |= {entry.id for entry in there if entry.author_id is not None or entry.status is not Status.PUBLISHED}
    return _Known(known.entries, known.persons, known.groups, known.former, frozenset(touched))


def _keep(batch: Batch, row: Incoming) -> Outcome:
    entry = batch.known.entries.get(row.slug)
    if row.slug in batch.known.former or (entry is not None and entry.id in batch.known.touched):
        return Outcome.UNCHANGED
    return keep_entry(batch, row)


_LIBRARY = replace(ENTRIES, known=_known, keep=_keep)


def _install_steps(session: Session) -> None:
    wanted = list(_steps())
    stored = [
        (step.key, step.title, step.why, [_spelt(each) for each in questions_of(step)])
        for step in vision.steps(session)
    ]
    if stored != [(step.key, step.title, step.why, [_spelt(each) for each in questions]) for step, questions in wanted]:
        vision.install(session, wanted)


def _spelt(question: Any) -> tuple[Any, ...]:
    return tuple(getattr(question, name) for name in ("place", "key", "text", "answer", "help"))


def _steps() -> Iterator[tuple[Step, list[GuidingQuestion]]]:
    content = tomllib.loads((FOLDER / "vision_steps.toml").read_text(encoding="utf-8"))
    for number, step in enumerate(content["step"], 1):
        questions = [
            GuidingQuestion(
                step_id=number,
                place=place,
                key=each["key"],
                text=each["text"],
                answer=AnswerKind(each["answer"]),
                help=each.get("help", ""),
            )
            for place, each in enumerate(step["question"], 1)
        ]
        yield Step(id=number, key=VisionStep(step["key"]), title=step["title"], why=step["why"]), questions


def install_sample(database: Database) -> Report:
    """Bring in what is missing of the sample: an invented firm with people who cannot sign in, all of it flagged."""
    report = run(database, OPERATOR, Material(FOLDER / "sample"), [_flagged(handler) for handler in PASSES])
    database.write(_tell_sample)
    database.write(beginning.begin)
    database.write(conversation.converse)
    database.write(looking.search)
    database.write(climbing.climb)
    database.write(crowd.come)
    database.write(customers_sample.meet)  # its segments choose once, from where everybody stands by then
    database.write(hearing.see_to)
    database.write(crowd.speak)
    database.write(resting.rest)
    database.write(tried.use)
    database.write(answering.answer)
    database.write(asking.ask)
    database.write(undertaking.plan)
    database.write(past.remember)
    database.write(envisioning.stand_behind)
    database.write(arriving.look_in)
    return report


def install_year(database: Database) -> Report:
    """Bring in the year that the sample's firm had before its last quarter, as far as it is missing; a demonstration shows it."""
    with clock.held(clock.now() - year.EARLIEST):
        report = run(database, OPERATOR, Material(FOLDER / "year"), [_flagged(handler) for handler in PASSES])
    database.write(year.live)
    return report


def _tell_sample(session: Session) -> None:
    """The series of the sample, and what its tags mean, as far as nobody has said it yet."""
    content = tomllib.loads((FOLDER / "sample.toml").read_text(encoding="utf-8"))
    for each in content["tag"]:
        tag = tags.by_name(session, OPERATOR, each["name"])
        if tag is not None and not tag.description and not tags.synonyms_of(tag):
            said: curating.Wanted = {"description": each["description"], "synonyms": each["synonyms"]}
            curating.update_tag(session, OPERATOR, tag.uid, said)
    for each in content["series"]:
        chapters = [row for slug in each["chapters"] if (row := by_slug(session, OPERATOR, slug))]
        if chapters and series.by_slug(session, OPERATOR, each["slug"]) is None:
            owner = people.by_email(session, each["owner"])
            wanted: series.Wanted = {name: each[name] for name in ("slug", "title", "description")}  # type: ignore[assignment]
            made = series.create(session, OPERATOR, {**wanted, "owner": owner.uid if owner else None})
            for row in chapters:
                series.add(session, OPERATOR, made.uid, row)


def _flagged(handler: Handler) -> Handler:
    if handler.type in _WITHOUT_FLAG:
        return handler
    if handler is FEEDBACK:
        late = clock.now() - _WRITTEN
        return replace(handler, read=lambda row: _lately(handler.read(row), late), keep=_keep_unheard)
    keep = _keep_missing if handler is ENTRIES else handler.keep
    return replace(handler, read=lambda row: replace(handler.read(row), sample=True), keep=keep)


def _lately(record: Any, late: timedelta) -> Any:
    """What customers said, moved by whole weeks to the last quarter before now, so that its figures are those of this quarter."""
    values = dict(record.values)
    if values.get("occurred_at") is not None:
        values["occurred_at"] += timedelta(weeks=late // timedelta(weeks=1))
    return replace(record, sample=True, values=values)


def _keep_unheard(batch: Batch, record: Any) -> Outcome | None:
    if record.key in batch.known.feedback:
        return Outcome.UNCHANGED
    return FEEDBACK.keep(batch, record)


def _keep_missing(batch: Batch, row: Incoming) -> Outcome:
    if row.slug in batch.known.entries:
        return Outcome.UNCHANGED
    return keep_entry(batch, row)
