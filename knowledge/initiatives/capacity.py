"""How much of each group's time the initiatives take together; over 100 % somebody has promised too much [P5]."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session

from knowledge.database import columns_of, read, table_of
from knowledge.entries import Entry
from knowledge.entries.entry import shown_revision, visible_to
from knowledge.initiatives.facts import Initiative
from knowledge.initiatives.planning import InitiativeCapacity
from knowledge.people import FunctionalGroup, GroupRow, Viewer
from knowledge.words import InitiativeStatus, Status

FULL = 100


class LoadRow(GroupRow):
    """A group with what is asked of it, in percent: by what is launched, and by what is planned besides."""

    running: int
    planned: int
    initiatives: int

    @property
    def is_over(self) -> bool:
        """Whether what is launched asks for more than there is."""
        return self.running > FULL

    @property
    def would_be_over(self) -> bool:
        """Whether it does once what is planned is launched as well."""
        return self.running + self.planned > FULL


@dataclass(frozen=True, slots=True)
class Warned:
    """A group that is asked for more than it has."""

    group: LoadRow

    @property
    def message(self) -> str:
        """That, in words."""
        load = self.group
        if load.is_over:
            return f"{load.name} is asked for {load.running} % of its time by what is launched."
        total = load.running + load.planned
        return f"{load.name} would be asked for {total} % of its time once all that is planned is launched."


_k, _g = table_of(InitiativeCapacity).c, table_of(FunctionalGroup).c
_e, _i = table_of(Entry).c, table_of(Initiative).c
_COUNTED = (InitiativeStatus.LAUNCHED, InitiativeStatus.PLANNED)


def loads(session: Session, viewer: Viewer) -> Sequence[LoadRow]:
    """What is asked of each group by the published initiatives that the viewer may see, the most asked first; for colleagues."""
    if not viewer.is_inside:
        return ()

    def asked(status: InitiativeStatus) -> ColumnElement[int]:
        return func.sum(case((_i.status == status, _k.percent), else_=0))

    running, planned = asked(InitiativeStatus.LAUNCHED), asked(InitiativeStatus.PLANNED)
    columns = columns_of(FunctionalGroup, "id", *GroupRow.__annotations__)
    counted = select(
        *columns,
        running.label("running"),
        planned.label("planned"),
        func.count().label("initiatives"),
    )
    joined = counted.join_from(table_of(InitiativeCapacity), table_of(FunctionalGroup), _g.id == _k.group_id)
    joined = joined.join(table_of(Entry), _e.id == _k.entry_id)
    joined = joined.join(table_of(Initiative), _i.revision_id == shown_revision())
    mine = joined.where(visible_to(viewer), _e.status == Status.PUBLISHED, _i.status.in_(_COUNTED))
    return read(session, LoadRow, mine.group_by(*columns).order_by(running.desc(), _g.name))


def warnings(session: Session, viewer: Viewer, groups: Iterable[int]) -> Sequence[Warned]:
    """Which of these groups are asked for more than they have [P5]."""
    wanted = set(groups)
    return [
        Warned(each) for each in loads(session, viewer) if each.id in wanted and (each.is_over or each.would_be_over)
    ]
