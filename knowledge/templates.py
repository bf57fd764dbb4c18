"""Templates: what each kind of entry asks of those who write one, as we ship it or as the curators here put it."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import UniqueConstraint, delete, select
from sqlmodel import Field, Session

import knowledge
from knowledge import activity, clock
from knowledge.database import Row, Table, added, columns_of, moment, read, table_of, word
from knowledge.entries.kinds import DETAILS
from knowledge.errors import Problem, refuse
from knowledge.people import Act, PersonRow, Viewer, by_ids, require
from knowledge.words import Kind

LONGEST = 1_500
_SHARED = ("title", "summary", "body")
_CAMEL = MappingProxyType({"changes_from": "changesFrom", "changes_to": "changesTo"})
_FACTS = frozenset({"horizon", "changes_from", "changes_to"})
"""What may be empty and is told in words all the same."""


class Template(Table, table=True):
    """A kind whose template the curators put in words of their own."""

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("kind"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    kind: Kind = word(Kind)
    intro: str = ""
    changed_by_id: int | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime = moment()


class TemplatePart(Table, table=True):
    """What such a template says to one field."""

    __tablename__ = "template_part"

    template_id: int = Field(foreign_key="template.id", primary_key=True)
    field: str = Field(primary_key=True, max_length=60)
    text: str = ""


class _PartRow(Row):
    kind: Kind
    field: str
    text: str | None
    intro: str
    changed_by_id: int | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked beside one field of an entry's input."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The template of a kind; `changed_at` is None as long as it is the shipped one."""

    kind: Kind
    intro: str
    parts: tuple[Part, ...]
    changed_at: datetime | None = None
    changed_by: PersonRow | None = None


_t = table_of(Template).c
_p = table_of(TemplatePart).c


def fields_of(kind: Kind) -> tuple[str, ...]:
    """The fields that a kind is written in, as the API's inputs name them."""
    detail = DETAILS.get(kind)
    texts = [name for name, empty in detail.fields.items() if empty == "" or name in _FACTS] if detail else []
    own = [f"{detail.name}.{_CAMEL.get(name, name)}" for name in texts] if detail else []
    return (*_SHARED[:2], *own, _SHARED[2])


@cache
def shipped(kind: Kind) -> Asked:
    """The template as it comes with the product."""
    path = Path(knowledge.__file__).parent / "library" / "templates" / f"{kind.lower()}.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    parts = tuple(Part(field, content["parts"].get(field, "").strip()) for field in fields_of(kind))
    return Asked(kind, content["intro"], parts)


def of_kind(session: Session, viewer: Viewer, kind: Kind) -> Asked:
    """The template of a kind: the curators' for those who write, ours for all others."""
    return _found(session, viewer, (kind,))[kind]


def every(session: Session, viewer: Viewer) -> list[Asked]:
    """The templates of all kinds, in their order."""
    return list(_found(session, viewer, tuple(Kind)).values())


def save(session: Session, viewer: Viewer, kind: Kind, intro: str | None, parts: Sequence[Part]) -> Asked:
    """Put a kind's template in other words; what is omitted stays. Refuses NOT_ALLOWED, and INVALID with everything that is wrong."""
    require(viewer, Act.ENTRIES_CURATE, doing="change templates")
    refuse(_faults(kind, intro, parts))
    before = of_kind(session, viewer, kind)
    texts = {part.field: part.text for part in before.parts} | {part.field: part.text.strip() for part in parts}
    said = before.intro if intro is None else intro.strip()
    if (said, texts) == (before.intro, {part.field: part.text for part in before.parts}):
        return before
    template = _kept(session, viewer, kind)
    template.intro, template.changed_by_id, template.changed_at = said, viewer.id, clock.now()
    session.connection().execute(delete(table_of(TemplatePart)).where(_p.template_id == template.id))
    session.add_all(TemplatePart(template_id=template.id or 0, field=field, text=text) for field, text in texts.items())
    moved = {part.field: (part.text, texts[part.field]) for part in before.parts if part.text != texts[part.field]}
    activity.record(session, viewer.id, "template.changed", "Template", template.uid, moved=moved)
    session.flush()  # the answer is read back
    return of_kind(session, viewer, kind)


def reset(session: Session, viewer: Viewer, kind: Kind) -> Asked:
    """Back to the template that comes with the product. Refuses NOT_ALLOWED."""
    require(viewer, Act.ENTRIES_CURATE, doing="change templates")
    template = session.get(Template, _id(session, kind) or 0, with_for_update=True)
    if template is not None:
        session.connection().execute(delete(table_of(TemplatePart)).where(_p.template_id == template.id))
        session.delete(template)
        activity.record(session, viewer.id, "template.reset", "Template", template.uid, deleted=True)
        session.flush()
    return shipped(kind)


def _kept(session: Session, viewer: Viewer, kind: Kind) -> Template:
    """The row of a kind's own template, made where there is none; whoever comes second waits and has the same."""
    added(session, Template, uid=clock.uid(), kind=kind, intro="", changed_by_id=viewer.id, changed_at=clock.now())
    return session.get_one(Template, _id(session, kind), with_for_update=True)


def _id(session: Session, kind: Kind) -> int | None:
    return session.connection().execute(select(_t.id).where(_t.kind == kind)).scalar()


def _faults(kind: Kind, intro: str | None, parts: Sequence[Part]) -> Iterable[Problem]:
    known = fields_of(kind)
    if len(intro or "") > LONGEST:
        yield Problem("intro", f"This has at most {LONGEST} characters.")
    for number, part in enumerate(parts):
        if part.field not in known:
            yield Problem(f"parts.{number}.field", f"{part.field} is no field of this kind; it has {', '.join(known)}.")
        elif len(part.text) > LONGEST:
            yield Problem(f"parts.{number}.text", f"What is asked for {part.field} has at most {LONGEST} characters.")


def _found(session: Session, viewer: Viewer, kinds: Sequence[Kind]) -> Mapping[Kind, Asked]:
    if not viewer.may(Act.ENTRIES_WRITE):
        return {kind: shipped(kind) for kind in kinds}
    statement = (
        select(*columns_of(Template), _p.field, _p.text)
        .join_from(table_of(Template), table_of(TemplatePart), _p.template_id == _t.id, isouter=True)
        .where(_t.kind.in_(kinds))
    )
    rows: dict[Kind, list[_PartRow]] = {}
    for row in read(session, _PartRow, statement):
        rows.setdefault(row.kind, []).append(row)
    people = by_ids(session, {row.changed_by_id for each in rows.values() for row in each[:1]})
    return {kind: _asked(kind, rows[kind], people) if kind in rows else shipped(kind) for kind in kinds}


def _asked(kind: Kind, rows: Sequence[_PartRow], people: Mapping[int | None, PersonRow]) -> Asked:
    texts = {row.field: row.text or "" for row in rows}
    parts = tuple(Part(field, texts.get(field, "")) for field in fields_of(kind))
    first = rows[0]
    return Asked(kind, first.intro, parts, first.changed_at, people.get(first.changed_by_id))
