"""What one revision of a vision answers to the guiding questions; a question without a row is "not yet" [V1]."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Field, Session

from knowledge.database import Row, Table, columns_of, formed, table_of
from knowledge.detail import Facet, Parts
from knowledge.errors import Problem
from knowledge.words import FieldShape

LONGEST = 4_000
MOST_LINKS = 10
DEGREES = range(1, 8)


class VisionAnswer(Table, table=True):
    """An answer in one revision: words, a degree from 1 to 7, links, or an explicit "not yet" with what it waits for.

    `customers_view` says that it tells how customers see it, which needs evidence from customers [V2].
    """

    __tablename__ = "vision_answer"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    question: str = Field(primary_key=True, max_length=80)
    text: str = Field(default="", max_length=LONGEST)
    text_html: str = ""
    degree: int | None = None
    not_yet: bool = False
    customers_view: bool = False


class VisionAnswerLink(Table, table=True):
    """An entry to which an answer points, a practice, an insight, an initiative; it finds it when it is read, as a mention does."""

    __tablename__ = "vision_answer_link"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    question: str = Field(primary_key=True, max_length=80)
    slug: str = Field(primary_key=True, max_length=120, index=True)


class AnswerRow(Row):
    """An answer as it is read; the entry that it is of, and its revision."""

    entry_id: int
    revision_id: int
    question: str
    text: str
    text_html: str
    degree: int | None
    not_yet: bool
    customers_view: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as somebody writes it; `links` are slugs, each once and in their order."""

    text: str = ""
    degree: int | None = None
    not_yet: bool = False
    customers_view: bool = False
    links: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all: then there is no row of it."""
        return self == Answer()

    def stripped(self) -> "Answer | None":
        """The same without what surrounds the words, or None where nothing is left."""
        text = self.text.replace("\r\n", "\n").strip("\n")
        links = tuple(sorted(dict.fromkeys(slug for each in self.links if (slug := each.strip()))))
        kept = Answer(text if text.strip() else "", self.degree, self.not_yet, self.customers_view, links)
        return None if kept.is_empty else kept


PREFIX = "answers."
_a, _l = table_of(VisionAnswer).c, table_of(VisionAnswerLink).c


def answered(values: Mapping[str, Any]) -> Mapping[str, Answer]:
    """The answers among the values of a vision, by the key of their question."""
    found = {name.removeprefix(PREFIX): value for name, value in values.items() if name.startswith(PREFIX)}
    return {question: value for question, value in found.items() if value is not None}


def faults(values: Mapping[str, Any]) -> Iterable[Problem]:
    """What is wrong with answers, each at the field of its own."""
    for question, answer in answered(values).items():
        field = f"vision.{PREFIX}{question}"
        if not 1 <= len(question) <= 80:
            yield Problem("vision.answers", "A question is named by its key, of at most 80 characters.")
        if len(answer.text) > LONGEST:
            yield Problem(field, f"An answer has at most {LONGEST:,} characters.")
        if answer.degree is not None and answer.degree not in DEGREES:
            yield Problem(field, "A degree is from 1, not at all, to 7, entirely.")
        if len(answer.links) > MOST_LINKS:
            yield Problem(field, f"An answer points to at most {MOST_LINKS} entries.")
        if any(len(slug) > 120 for slug in answer.links):
            yield Problem(field, "An entry is named by its slug, of at most 120 characters.")


def _stored(session: Session, revisions: Collection[int]) -> Mapping[int, Mapping[str, Answer]]:
    if not revisions:
        return {}
    both = (_l.revision_id == _a.revision_id) & (_l.question == _a.question)
    own = select(*columns_of(VisionAnswer), _l.slug).outerjoin_from(
        table_of(VisionAnswer), table_of(VisionAnswerLink), both
    )
    own = own.where(_a.revision_id.in_(revisions)).order_by(_a.question, _l.slug)
    found: dict[int, dict[str, Answer]] = {}
    for row in session.connection().execute(own):
        known = found.setdefault(row.revision_id, {})
        before = known.get(PREFIX + row.question)
        links = (*(before.links if before is not None else ()), *([row.slug] if row.slug is not None else []))
        known[PREFIX + row.question] = Answer(row.text, row.degree, row.not_yet, row.customers_view, links)
    return found


def _rows(
    revision_id: int, parts: Mapping[str, Any], html: Mapping[str, str]
) -> Iterable[tuple[type[Table], dict[str, Any]]]:
    for name, answer in parts.items():
        key = {"revision_id": revision_id, "question": name.removeprefix(PREFIX)}
        own = {field: getattr(answer, field) for field in ("text", "degree", "not_yet", "customers_view")}
        yield VisionAnswer, {**key, **own, "text_html": html.get(name, "")}
        for slug in answer.links:
            yield VisionAnswerLink, {**key, "slug": slug}


def _told(name: str, answer: Answer) -> Iterable[tuple[Facet, Any]]:
    """What an answer says, each thing as a field of its own; what it does not say is no field."""
    question = name.removeprefix(PREFIX)
    label = question.replace("-", " ").capitalize()
    if answer.text:
        yield Facet(f"answers.{question}", label, FieldShape.TEXT), answer.text
    if answer.degree is not None:
        yield Facet(f"degree.{question}", f"{label}: degree, 1 to 7", FieldShape.CHOICE), answer.degree
    if answer.links:
        yield Facet(f"links.{question}", f"{label}: points to", FieldShape.LIST), answer.links
    if answer.not_yet:
        yield Facet(f"notYet.{question}", f"{label}: not yet", FieldShape.CHOICE), "not yet"
    if answer.customers_view:
        yield Facet(f"customersView.{question}", f"{label}: as customers see it", FieldShape.CHOICE), "customers' view"


def _read(value: Any) -> Answer | None:
    """An answer out of an exported one; raises `ValueError` where it is none."""
    if value is None:
        return None
    if isinstance(value, str):
        return Answer(value).stripped()
    if not isinstance(value, Mapping) or set(value) - {"text", "degree", "not_yet", "customers_view", "links"}:
        raise ValueError
    links = value.get("links") or []
    links = links.split(",") if isinstance(links, str) else links
    degree = value.get("degree")
    return Answer(
        str(value.get("text") or ""),
        None if degree is None else int(degree),
        str(value.get("not_yet", "")).lower() == "true",
        str(value.get("customers_view", "")).lower() == "true",
        tuple(str(each) for each in links),
    ).stripped()


def _spelt(answer: Answer) -> Any:
    """An answer as an export writes it: words alone as a text, and otherwise what it says by name."""
    said = {"text": answer.text, "degree": answer.degree, "links": ", ".join(answer.links)}
    said |= {"not_yet": answer.not_yet, "customers_view": answer.customers_view}
    kept = {name: value for name, value in said.items() if value not in (None, "", False)}
    return answer.text if set(kept) == {"text"} else kept


PARTS = Parts(
    "answers",
    tables=(VisionAnswer, VisionAnswerLink),
    stored=_stored,
    rows=_rows,
    source=lambda answer: answer.text,
    mentions=lambda answer: answer.links,
    told=_told,
    read=_read,
    spelt=_spelt,
)


def of_revisions(session: Session, shown: Mapping[int, int]) -> list[AnswerRow]:
    """The answers of these revisions, given as revision -> entry, in the order of their questions' keys."""
    if not shown:
        return []
    key = _a.revision_id
    statement = select(*columns_of(VisionAnswer)).where(key.in_(shown)).order_by(key, _a.question)
    rows = session.connection().execute(statement).mappings().all()
    return formed(
        session,
        AnswerRow,
        [{"id": number, "entry_id": shown[row["revision_id"]], **row} for number, row in enumerate(rows)],
    )
