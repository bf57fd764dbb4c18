"""Rules of segments: a tree of predicates, kept as rows, bounded, and turned into one condition of the database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, false, not_, or_, select, true
from sqlmodel import Field, Session

from knowledge.customers.characteristics import Characteristic, CharacteristicValue, Value
from knowledge.customers.customer import Customer, key_of, restricted
from knowledge.database import Row, Table, columns_of, read, table_of, word
from knowledge.errors import Problem
from knowledge.people import FunctionalGroup
from knowledge.words import CustomerKind, CustomerRelation, Predicate, SegmentMethod, Stage, ValueKind

DEEPEST = 5
LARGEST = 50
TREES = frozenset({Predicate.ALL, Predicate.ANY, Predicate.NONE})
WORDS: Mapping[Predicate, type[CustomerRelation | CustomerKind | Stage]] = {
    Predicate.RELATION: CustomerRelation,
    Predicate.KIND: CustomerKind,
    Predicate.STAGE: Stage,
}
DAYS = frozenset({Predicate.JOINED_FROM, Predicate.JOINED_BEFORE})
COMPARED = frozenset({Predicate.CHARACTERISTIC_IS, Predicate.CHARACTERISTIC_AT_LEAST, Predicate.CHARACTERISTIC_AT_MOST})
OF_CHARACTERISTICS = COMPARED | {Predicate.CHARACTERISTIC_KNOWN}


class SegmentNode(Table, table=True):
    """One node of a segment's rule; which of its values are given follows from what it asks."""

    __tablename__ = "segment_node"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(unique=True)
    segment_id: int = Field(foreign_key="segment.id", index=True)
    parent_id: int | None = Field(default=None, foreign_key="segment_node.id", index=True)
    place: int
    predicate: Predicate = word(Predicate)
    relation: CustomerRelation | None = word(CustomerRelation, None)
    kind: CustomerKind | None = word(CustomerKind, None)
    stage: Stage | None = word(Stage, None)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id")
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    characteristic_id: int | None = Field(default=None, foreign_key="characteristic.id", index=True)
    other_id: int | None = Field(default=None, foreign_key="segment.id")
    text: str | None = Field(default=None, max_length=200)
    number: float | None = None
    day: date | None = None
    flag: bool | None = None


class NodeRow(Row):
    """A node as it is read."""

    uid: UUID
    segment_id: int
    parent_id: int | None
    place: int
    predicate: Predicate
    relation: CustomerRelation | None
    kind: CustomerKind | None
    stage: Stage | None
    group_id: int | None
    customer_id: int | None
    characteristic_id: int | None
    other_id: int | None
    text: str | None
    number: float | None
    day: date | None
    flag: bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A node as somebody writes it: what it asks, and of what."""

    predicate: Predicate
    below: tuple["Node", ...] = ()
    relation: CustomerRelation | None = None
    kind: CustomerKind | None = None
    stage: Stage | None = None
    group: UUID | None = None
    parent: UUID | None = None
    characteristic: UUID | None = None
    segment: UUID | None = None
    value: Value | None = None
    day: date | None = None


GIVEN: Mapping[Predicate, tuple[str, ...]] = {
    **dict.fromkeys(TREES, ("below",)),
    Predicate.RELATION: ("relation",),
    Predicate.KIND: ("kind",),
    Predicate.STAGE: ("stage",),
    Predicate.GROUP: ("group",),
    Predicate.PARENT: ("parent",),
    Predicate.JOINED_FROM: ("day",),
    Predicate.JOINED_BEFORE: ("day",),
    Predicate.CHARACTERISTIC_KNOWN: ("characteristic",),
    **dict.fromkeys(COMPARED, ("characteristic", "value")),
    Predicate.SEGMENT: ("segment",),
}
"""What each predicate needs, and nothing else of it may be said."""
_SAYS = ("below", "relation", "kind", "stage", "group", "parent", "characteristic", "segment", "value", "day")

_c, _v, _n = table_of(Customer).c, table_of(CharacteristicValue).c, table_of(SegmentNode).c


def walked(node: Node, path: str = "rule", depth: int = 1) -> Iterator[tuple[Node, str, int]]:
    """Every node from the root down, with where it stands; no deeper than one level too deep."""
    yield node, path, depth
    if depth <= DEEPEST:
        for place, each in enumerate(node.below):
            yield from walked(each, f"{path}.of[{place}]", depth + 1)


def faults(session: Session, root: Node) -> Iterable[Problem]:
    """All that is wrong with a rule."""
    nodes = list(walked(root))
    if max(depth for _, _, depth in nodes) > DEEPEST:
        yield Problem("rule", f"A rule is at most {DEEPEST} levels deep.")
    elif len(nodes) > LARGEST:
        yield Problem("rule", f"A rule has at most {LARGEST} nodes.")
    else:
        for node, path, _ in nodes:
            yield from _node_faults(session, node, path)


def _node_faults(session: Session, node: Node, path: str) -> Iterable[Problem]:
    said = {name for name in _SAYS if getattr(node, name) not in (None, ())}
    if said != set(GIVEN[node.predicate]):
        wanted = " and ".join(name if name != "below" else "of" for name in GIVEN[node.predicate])
        yield Problem(path, f"{node.predicate} takes {wanted}, and nothing else.")
        return
    named = ((FunctionalGroup, "group"), (Customer, "parent"), (Characteristic, "characteristic"))
    for table, name in named:
        if getattr(node, name) is not None and key_of(session, table, getattr(node, name)) is None:
            yield Problem(path, f"There is no such {name}.")
            return
    if node.segment is not None:
        yield from _segment_faults(session, node.segment, path)
    if node.characteristic is not None:
        yield from _value_faults(session, node, path)


def _segment_faults(session: Session, uid: UUID, path: str) -> Iterable[Problem]:
    segment = SegmentNode.metadata.tables["segment"].c
    method = session.connection().execute(select(segment.method).where(segment.uid == uid)).scalar()
    if method is not SegmentMethod.MANUAL:
        yield Problem(path, "A rule asks for segments whose members are named one by one.")


def _value_faults(session: Session, node: Node, path: str) -> Iterable[Problem]:
    table = table_of(Characteristic).c
    kind, personal = (
        session.connection().execute(select(table.kind, table.personal).where(table.uid == node.characteristic)).one()
    )
    if personal:
        yield Problem(path, "What is personal sorts nobody into a segment: being in it would tell.")
    if node.value is not None and node.value.of(kind) is None:
        yield Problem(path, f"Its values are {kind.lower()}.")
    if node.predicate not in (Predicate.CHARACTERISTIC_IS, Predicate.CHARACTERISTIC_KNOWN) and kind is ValueKind.FLAG:
        yield Problem(path, "Yes and no have no more and less.")


def write(session: Session, segment_id: int, root: Node, uids: Iterator[UUID]) -> None:
    """Keep a rule in place of the one there is. What is wrong with it was refused before."""
    table = table_of(SegmentNode)
    session.connection().execute(delete(table).where(_n.segment_id == segment_id))
    _write(session, segment_id, None, 0, root, uids)


def _write(
    session: Session, segment_id: int, parent_id: int | None, place: int, node: Node, uids: Iterator[UUID]
) -> None:
    value = node.value or Value()
    stored = SegmentNode(
        uid=next(uids),
        segment_id=segment_id,
        parent_id=parent_id,
        place=place,
        predicate=node.predicate,
        relation=node.relation,
        kind=node.kind,
        stage=node.stage,
        group_id=key_of(session, FunctionalGroup, node.group),
        customer_id=key_of(session, Customer, node.parent),
        characteristic_id=key_of(session, Characteristic, node.characteristic),
        other_id=_segment_key(session, node.segment),
        text=value.text.strip() if value.text is not None else None,
        number=value.number,
        day=node.day or value.day,
        flag=value.flag,
    )
    session.add(stored)
    session.flush()  # the nodes below point to it
    for number, each in enumerate(node.below):
        _write(session, segment_id, stored.id, number, each, uids)


def _segment_key(session: Session, uid: UUID | None) -> int | None:
    segment = SegmentNode.metadata.tables["segment"].c
    found: int | None = (
        session.connection().execute(select(segment.id).where(segment.uid == uid)).scalar() if uid else None
    )
    return found


def nodes_of(session: Session, segment_ids: Sequence[int]) -> list[NodeRow]:
    """The nodes of some segments' rules, those above before those below."""
    wanted = select(*columns_of(SegmentNode)).where(_n.segment_id.in_(segment_ids)).order_by(_n.id)
    return read(session, NodeRow, wanted)


def condition(nodes: Sequence[NodeRow]) -> ColumnElement[bool]:
    """Which customers fit a rule; nobody fits a segment that has none."""
    below: dict[int | None, list[NodeRow]] = {}
    for node in nodes:
        below.setdefault(node.parent_id, []).append(node)
    roots = below.get(None, [])
    return _asked(roots[0], below) if roots else false()


def _asked(node: NodeRow, below: Mapping[int | None, Sequence[NodeRow]]) -> ColumnElement[bool]:
    children = [_asked(each, below) for each in sorted(below.get(node.id, ()), key=lambda each: each.place)]
    match node.predicate:
        case Predicate.ALL:
            return and_(true(), *children)
        case Predicate.ANY:
            return or_(false(), *children)
        case Predicate.NONE:
            return not_(or_(false(), *children))
    return _leaf(node)


def _leaf(node: NodeRow) -> ColumnElement[bool]:
    """A leaf is true or false of everyone: nothing that is not known makes it neither."""
    if node.predicate in OF_CHARACTERISTICS:
        return _valued(node)
    if node.predicate is Predicate.SEGMENT:
        member = SegmentNode.metadata.tables["segment_membership"].c
        now = (member.segment_id == node.other_id) & member.until.is_(None)
        return exists().where(member.customer_id == _c.id, now)
    if node.predicate in DAYS:
        since = _c.joined_on >= node.day if node.predicate is Predicate.JOINED_FROM else _c.joined_on < node.day
        return and_(_c.joined_on.is_not(None), since)
    column, wanted = {
        Predicate.RELATION: (_c.relation, node.relation),
        Predicate.KIND: (_c.kind, node.kind),
        Predicate.STAGE: (_c.stage, node.stage),
        Predicate.GROUP: (_c.group_id, node.group_id),
        Predicate.PARENT: (_c.parent_id, node.customer_id),
    }[node.predicate]
    return and_(column.is_not(None), column == wanted)


def _valued(node: NodeRow) -> ColumnElement[bool]:
    mine = (_v.customer_id == _c.id) & (_v.characteristic_id == node.characteristic_id)
    for column, value in ((_v.text, node.text), (_v.number, node.number), (_v.day, node.day), (_v.flag, node.flag)):
        if value is not None and node.predicate is Predicate.CHARACTERISTIC_IS:
            mine &= column == value
        elif value is not None and node.predicate is Predicate.CHARACTERISTIC_AT_LEAST:
            mine &= column >= value
        elif value is not None and node.predicate is Predicate.CHARACTERISTIC_AT_MOST:
            mine &= column <= value
    return exists().where(mine)


def ordered(nodes: Sequence[NodeRow]) -> Iterator[tuple[NodeRow, int]]:
    """The nodes of some rules, each before those below it, with how deep it stands."""
    below: dict[int | None, list[NodeRow]] = {}
    for node in sorted(nodes, key=lambda each: each.place):
        below.setdefault(node.parent_id, []).append(node)

    def walk(parent: int | None, depth: int) -> Iterator[tuple[NodeRow, int]]:
        for node in below.get(parent, ()):
            yield node, depth
            yield from walk(node.id, depth + 1)

    return walk(None, 1)


Names = Mapping[tuple[str, int], str]
"""What is called how, by the column that points to it and its key."""
_NAMED = {
    "group_id": "functional_group",
    "customer_id": "customer",
    "characteristic_id": "characteristic",
    "other_id": "segment",
}


def names_of(session: Session, nodes: Sequence[NodeRow]) -> Names:
    """The names of what some nodes point to, one statement for each sort of thing that there is."""
    found: dict[tuple[str, int], str] = {}
    for column, name in _NAMED.items():
        ids = {id for node in nodes if (id := getattr(node, column)) is not None}
        table = SegmentNode.metadata.tables[name].c
        wanted = select(table.id, table.name).where(table.id.in_(ids))
        if column == "customer_id":
            wanted = wanted.where(table.id.not_in(restricted()))
        rows = session.connection().execute(wanted) if ids else ()
        found |= {(column, row.id): row.name for row in rows}
    return found


def in_words(node: NodeRow, names: Names) -> str:
    """What a node asks, as people say it."""
    called = next((names[column, id] for column in _NAMED if (id := getattr(node, column)) is not None), "")
    said = next((each for each in (node.text, node.number, node.day, node.flag) if each is not None), "")
    value = {True: "yes", False: "no"}.get(said, str(said)) if isinstance(said, bool) else str(said).removesuffix(".0")
    chosen = str(node.relation or node.kind or node.stage or "").lower().replace("_", " ")
    return {
        Predicate.ALL: "all of these hold",
        Predicate.ANY: "at least one of these holds",
        Predicate.NONE: "none of these holds",
        Predicate.RELATION: f"they are {'outside' if chosen == 'external' else 'inside'} the company",
        Predicate.KIND: f"they are {'a person' if chosen == 'person' else 'an organisation'}",
        Predicate.STAGE: f"their rung is {chosen}",
        Predicate.GROUP: f"they are {called}",
        Predicate.PARENT: f"they belong to {called}",
        Predicate.JOINED_FROM: f"customers since {value} or later",
        Predicate.JOINED_BEFORE: f"customers since before {value}",
        Predicate.CHARACTERISTIC_KNOWN: f"{called} is known",
        Predicate.CHARACTERISTIC_IS: f"{called} is {value}",
        Predicate.CHARACTERISTIC_AT_LEAST: f"{called} is {value} or more",
        Predicate.CHARACTERISTIC_AT_MOST: f"{called} is {value} or less",
        Predicate.SEGMENT: f"they are in {called}",
    }[node.predicate]
