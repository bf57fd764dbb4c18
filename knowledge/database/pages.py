"""Keyset pages: stable while rows are added, and each row comes exactly once."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session

from knowledge.database.rows import Row, carried, read
from knowledge.errors import Invalid

R = TypeVar("R", bound=Row)

LARGEST = 100
USUAL = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted, in Relay's terms."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise Invalid("Ask for either first or last, not both.", "first")
        for name, size in (("first", self.first), ("last", self.last)):
            if size is not None and not 1 <= size <= LARGEST:
                raise Invalid(f"{name} must be from 1 to {LARGEST}.", name)

    @property
    def size(self) -> int:
        """How many rows at most."""
        return self.first or self.last or USUAL

    @property
    def is_backward(self) -> bool:
        """Whether the page is counted from the end."""
        return self.last is not None


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by; the last column must be unique. `name` keeps a cursor of one order out of another."""

    name: str
    columns: tuple[tuple[ColumnElement[Any], bool], ...]  # each with whether it descends


@dataclass(frozen=True)
class Slice(Generic[R]):
    """One page of rows with their cursors; `total` counts all rows and is only run when asked."""

    rows: Sequence[R]
    cursor: Callable[[R], str]  # of one of the rows
    has_next: bool
    has_previous: bool
    total: Callable[[], int]

    @cached_property
    def cursors(self) -> Sequence[str]:
        """The cursor of each row."""
        return [self.cursor(row) for row in self.rows]


NOTHING: Slice[Any] = Slice((), str, False, False, lambda: 0)
"""A page of a list that is known to be empty."""


_PAGED: WeakKeyDictionary[Any, dict[tuple[str, Page], Select[Any]]] = WeakKeyDictionary()
"""The first pages of the lists whose statements are kept."""

_COUNTED: WeakKeyDictionary[Any, Select[Any]] = WeakKeyDictionary()
"""Their counts."""


def _paged(statement: Select[Any], order: Order, page: Page) -> Select[Any]:
    known = _PAGED.setdefault(statement, {})
    key = order.name, page
    if key not in known:
        paged = _keyed(statement, order, page).order_by(*_sorting(order, page.is_backward)).limit(page.size + 1)
        if page.after is not None or page.before is not None:
            return paged  # everybody goes on from somewhere else
        known[key] = paged
    return known[key]


def sliced(
    session: Session,
    row_class: type[R],
    statement: Select[Any],
    order: Order,
    page: Page,
    counted: Select[Any] | None = None,
) -> Slice[R]:
    """One page of a select in one statement; `counted` is how its rows are counted, as `id`, where that takes less than reading them."""
    rows = read(session, row_class, _paged(statement, order, page))

    @cache
    def total() -> int:
        return read(session, Row, _counting(statement) if counted is None else counted)[0].id

    return _slice(rows, order, page, total)


def _counting(statement: Select[Any]) -> Select[Any]:
    if statement not in _COUNTED:
        _COUNTED[statement] = select(func.count().label("id")).select_from(statement.order_by(None).subquery())
    return _COUNTED[statement]


def slices(
    session: Session,
    row_class: type[R],
    statement: Select[Any],
    order: Order,
    page: Page,
    parents: Sequence[Row],
    parent: ColumnElement[Any],
) -> Mapping[int, Slice[R]]:
    """One page of children for each parent, all in one statement by a window function; totals likewise in one, when asked.

    What is ranked is narrow: only of those rows that belong to a page the other columns are read.
    """
    ids = [each.id for each in parents]
    mine = statement.where(parent.in_(ids))
    key = statement.selected_columns["id"]
    place = func.row_number().over(partition_by=parent, order_by=_sorting(order, page.is_backward)).label("_place")
    narrow = mine.with_only_columns(key, maintain_column_froms=True)
    ranked = _keyed(narrow, order, page).add_columns(place, parent.label("_parent")).subquery()
    beside = [column for column in ranked.c if column.name.startswith("_")]
    wanted = (
        statement.add_columns(*beside)
        .join(ranked, and_(ranked.c.id == key, ranked.c["_parent"] == parent))
        .where(ranked.c["_place"] <= page.size + 1)
        .order_by(ranked.c["_parent"], ranked.c["_place"])
    )
    return _by_parent(session, read(session, row_class, wanted), mine, order, page, ids, parent)


def families(
    session: Session,
    row_class: type[R],
    members: Select[Any],
    family: ColumnElement[Any],
    heads: Select[Any],
    order: Order,
    page: Page,
    parents: Sequence[Row],
    parent: ColumnElement[Any],
) -> Mapping[int, Slice[R]]:
    """Slices of heads, such as the first comments of threads, each read with its family in the same statement.

    `heads` selects their ids and is paged; `members` selects the rows, heads among them, whose column `family` is the head's id.
    The rest of a family are rows of the same read, and so neighbours of their heads.
    """
    ids = [each.id for each in parents]
    mine = heads.where(parent.in_(ids))
    place = func.row_number().over(partition_by=parent, order_by=_sorting(order, page.is_backward)).label("_place")
    ranked = _keyed(mine, order, page).add_columns(place, parent.label("_parent"), family.label("_head")).subquery()
    keys = [column for column in ranked.c if column.name.startswith("_")]
    whole = members.add_columns(*keys).join(ranked, ranked.c["_head"] == family)
    wanted = whole.where(ranked.c["_place"] <= page.size + 1).order_by(ranked.c["_parent"], ranked.c["_place"])
    rows = [row for row in read(session, row_class, wanted) if row.id == carried(row, "_head")]
    return _by_parent(session, rows, mine, order, page, ids, parent)


def _by_parent(
    session: Session,
    rows: Sequence[R],
    mine: Select[Any],
    order: Order,
    page: Page,
    ids: Sequence[int],
    parent: ColumnElement[Any],
) -> Mapping[int, Slice[R]]:
    @cache
    def totals() -> dict[int, int]:
        within = mine.with_only_columns(parent.label("_parent")).order_by(None).subquery()
        counted = select(within.c["_parent"], func.count()).group_by(within.c["_parent"])
        return {row[0]: row[1] for row in session.connection().execute(counted)}

    children: dict[int, list[R]] = {each: [] for each in ids}
    for row in rows:
        children[carried(row, "_parent")].append(row)
    return {each: _slice(children[each], order, page, lambda each=each: totals().get(each, 0)) for each in ids}  # type: ignore[misc]


def _slice(rows: list[R], order: Order, page: Page, total: Callable[[], int]) -> Slice[R]:
    more = len(rows) > page.size
    rows = rows[: page.size]
    if page.is_backward:
        rows = rows[::-1]
    keys = [f"_key{place}" for place in range(len(order.columns))]
    has_next = page.before is not None if page.is_backward else more
    has_previous = more if page.is_backward else page.after is not None
    return Slice(rows, lambda row: _cursor(order, [carried(row, key) for key in keys]), has_next, has_previous, total)


def _keyed(statement: Select[Any], order: Order, page: Page) -> Select[Any]:
    keyed = statement.add_columns(*(column.label(f"_key{i}") for i, (column, _) in enumerate(order.columns)))
    if page.after is not None:
        keyed = keyed.where(_beyond(order, _values(order, page.after, "after"), onwards=True))
    if page.before is not None:
        keyed = keyed.where(_beyond(order, _values(order, page.before, "before"), onwards=False))
    return keyed


def _beyond(order: Order, values: Sequence[Any], *, onwards: bool) -> ColumnElement[bool]:
    steps = []
    for i, (column, descends) in enumerate(order.columns):
        same = [earlier == value for (earlier, _), value in zip(order.columns[:i], values, strict=False)]
        ahead = column > values[i] if onwards != descends else column < values[i]
        steps.append(and_(*same, ahead))
    (first, descends), *_ = order.columns
    bound = first >= values[0] if onwards != descends else first <= values[0]
    # The bound follows from the steps, but lets an index begin there: a late page costs what the first does.
    return and_(bound, or_(*steps))


def _sorting(order: Order, reverse: bool) -> list[ColumnElement[Any]]:
    return [column.desc() if descends != reverse else column.asc() for column, descends in order.columns]


def _cursor(order: Order, values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, date | datetime) else value for value in values]
    return (
        base64.urlsafe_b64encode(json.dumps([order.name, *plain], separators=(",", ":")).encode()).decode().rstrip("=")
    )


def _values(order: Order, cursor: str, field: str) -> list[Any]:
    try:
        name, *plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if name != order.name or len(plain) != len(order.columns):
            raise ValueError
        return [_typed(column, value) for (column, _), value in zip(order.columns, plain, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error):
        raise Invalid("This cursor does not belong to this list; start again without it.", field) from None


def _typed(column: ColumnElement[Any], value: Any) -> Any:
    kind = column.type.python_type
    if issubclass(kind, datetime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    if not isinstance(value, kind) or (isinstance(value, int) and not -(2**63) <= value < 2**63):
        raise ValueError
    return value
