"""Runs an operation by its plan and by the stock executor, and keeps all that can be told of either."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import Session, select

from knowledge.customers import Customer
from knowledge.database import Database, table_of
from knowledge.entries.entry import Entry
from knowledge.people import Viewer, viewer_for
from knowledge.people.persons import Person, by_ids
from knowledge.search.index import Index
from knowledge.words import Role
from schema import execution
from schema.context import Context, Counts
from schema.limits import Limits
from schema.nodes import id_of

GENEROUS = Limits(100_000, 20_000, 40, 500, 500, 100, 50_000, cost=10**12)
"""So that what is generated is hardly ever refused before it runs."""

IDENTIFIED = {
    "entry": "Entry",
    "tag": "Tag",
    "person": "Person",
    "functional_group": "FunctionalGroup",
    "customer": "Customer",
    "feedback": "Feedback",
    "evidence": "Evidence",
    "comment": "Comment",
    "survey": "Survey",
    "survey_question": "SurveyQuestion",
    "wave": "Wave",
    "loop_response": "LoopResponse",
    "theme": "Theme",
    "segment": "Segment",
    "touchpoint": "Touchpoint",
    "offering": "Offering",
    "interaction": "Interaction",
    "milestone": "Milestone",
    "assumption": "Assumption",
    "delivery": "Delivery",
    "complaint_case": "ComplaintCase",
    "series": "Series",
    "use": "Use",
    "follow": "Follow",
}
"""The GraphQL type by which the rows of each table are known."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run: the bytes of the answer, what else it left behind, and how it was run."""

    told: bytes
    heard: list[Any]
    looked: dict[Any, Any]
    counts: Counts
    errors: int
    bug: str

    @property
    def is_planned(self) -> bool:
        """Whether the plan answered."""
        return self.counts == Counts(planned=1)


@dataclass(frozen=True)
class World:
    """A database that is only read, who reads it, and what can be named in it."""

    database: Database
    index: Index
    viewers: Mapping[str, Viewer]
    ids: Mapping[str, list[str]]
    slugs: Mapping[str, list[str]]
    texts: tuple[str, ...] = ("coffee machine", "why do customers leave", "the", "", "valve", "2026")
    secret: bytes = field(default=b"secret", repr=False)

    def run(
        self, source: str, viewer: Viewer, variables: Mapping[str, Any], *, plans: bool, trusted: bool = False
    ) -> Outcome:
        """One run with a session of its own. Raises `Unacceptable` for what would be refused before it runs."""
        operation = execution.prepare(source, variables=variables, viewer=viewer, limits=GENEROUS, trusted=trusted)
        with self.database.reading() as session:
            context = Context(session, viewer, self.index, "request", secret=self.secret, plans=plans)
            answer = execution.run(operation, context, variables)
        told = orjson.dumps([answer.data, answer.errors, answer.extensions], default=repr)
        return Outcome(
            told, context.heard, context.looked, context.counts, len(answer.errors), type(answer.bug).__name__
        )


def populated(database: Database, index: Index) -> World:
    """The world over a database with the sample in it."""
    with database.reading() as session:
        viewers = {role.value: _somebody(session, role) for role in Role}
        ids = {name: _ids(session, table, name) for table, name in IDENTIFIED.items()}
        ids["SurveyScores"] = ids["Survey"]
        slugs = {table: _column(session, table, "slug") for table in ("entry", "tag", "series")}
    return World(database, index, {**viewers, "NOBODY": Viewer()}, ids, slugs)


def _somebody(session: Session, role: Role) -> Viewer:
    connection = session.connection()
    found = connection.execute(select(table_of(Person).c.id).where(table_of(Person).c.role == role.value)).scalar()
    customer = connection.execute(select(table_of(Customer).c.id)).scalar() if role is Role.CUSTOMER else None
    if found is None:
        return Viewer(name="Somebody", role=role, customer_id=customer)
    return viewer_for(by_ids(session, [found])[found])


def _ids(session: Session, table: str, name: str) -> list[str]:
    return [id_of(name, UUID(str(uid))) for uid in _column(session, table, "uid")]


def _column(session: Session, table: str, column: str) -> list[Any]:
    known = table_of(Entry).metadata.tables[table]
    # The first and the last, so that what was made late is among them.
    values = [*session.connection().execute(select(known.c[column]).order_by(known.c.id)).scalars()]
    return [*values[:25], *values[-10:]]
