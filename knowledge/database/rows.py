"""Rows that were read together and therefore load their neighbours together, without being asked.

A list of fifty entries whose authors and tags are wanted costs three statements at any depth: the first row that is asked for
its tags has those of all fifty read. Reads take these Core rows; objects of the table classes are for writing.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, CursorResult, Select
from sqlmodel import Session

from knowledge.database.failures import was_stopped

P = ParamSpec("P")
V = TypeVar("V")
K = TypeVar("K", bound=Hashable)


class _Columns:
    """The columns of a statement: their names, and how their values are made of what the driver answers."""

    __slots__ = ("eager", "names", "places", "processors")

    def __init__(self, names: Sequence[str], processors: Sequence[Callable[[Any], Any] | None]) -> None:
        self.names = tuple(names)
        self.places = {name: place for place, name in enumerate(names)}
        self.processors = processors
        self.eager: dict[type, tuple[str, ...]] = {}  # what a class has an attribute for, which would be found first

    def found_first(self, row_class: type) -> tuple[str, ...]:
        if row_class not in self.eager:
            self.eager[row_class] = tuple(name for name in self.names if hasattr(row_class, name))
        return self.eager[row_class]


NO_COLUMNS = _Columns((), ())


class _Together:
    """Rows of one statement, and what has been read beside them so far."""

    __slots__ = ("alone", "columns", "known", "packed", "rows", "session")

    def __init__(self, session: Session, columns: _Columns = NO_COLUMNS) -> None:
        self.session = session
        self.rows: list[Any] = []
        self.packed: Sequence[Any] = ()  # the rows whose columns can be unpacked
        self.alone = False
        self.known: dict[Hashable, Mapping[int, Any]] = {}
        self.columns = columns

    def unpack(self, name: str) -> None:
        """Give every row its value of a column, unless it was given another; raises KeyError where there is none."""
        place = self.columns.places[name]
        process = self.columns.processors[place]
        if process is None:
            for row in self.packed:
                row.__dict__.setdefault(name, row._raw[place])
        else:
            for row in self.packed:
                row.__dict__.setdefault(name, process(row._raw[place]))


class Row:
    """One row of a read. A subclass names the columns it was read with.

    A column is unpacked when it is first asked for, then of all rows of the statement; what nobody asks for costs nothing.
    """

    __slots__ = ("__dict__", "__weakref__", "_raw", "_together")

    late: ClassVar[Mapping[str, Callable[[Session, list[Any]], Mapping[int, Any]]]] = {}
    """Columns that a list is read without, each with the relation that finds it for all rows when it is asked for all the same."""

    id: int
    _raw: Sequence[Any]  # what the driver answered
    _together: _Together

    if not TYPE_CHECKING:  # what a class does not name stays an error to the type checker

        def __getattr__(self, name):
            if name not in {"_raw", "_together"}:
                with suppress(KeyError):
                    self._together.unpack(name)
                    return self.__dict__[name]
                if name in self.late:
                    self.__dict__[name] = getattr(neighbours(self, self.late[name]), name)
                    return self.__dict__[name]
            raise AttributeError(f"{type(self).__name__} has no {name}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.__dict__.get('id')})"


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A statement as it was sent: what is kept of one by its builder is sent so again, without being compiled."""

    sql: str
    values: Any  # by place on SQLite, by name on PostgreSQL
    places: Mapping[str, tuple[tuple[Any, Callable[[Any], Any] | None], ...]]  # where each value that varies stands
    columns: _Columns

    def filled(self, values: Mapping[str, Any]) -> Any:
        if not values:
            return self.values
        filled = dict(self.values) if isinstance(self.values, dict) else list(self.values)
        for name, value in values.items():
            for place, process in self.places[name]:
                filled[place] = process(value) if process else value
        return filled if isinstance(filled, dict) else tuple(filled)


_SENT: WeakKeyDictionary[Any, dict[str, _Sent]] = WeakKeyDictionary()
"""What was sent for a statement, by dialect, for as long as somebody keeps the statement."""


def read(session: Session, row_class: type[R], statement: Select[Any], **values: Any) -> list[R]:
    """All rows of a Core select as `row_class`, aware of one another; the select's labels become their attributes.

    A statement that its builder keeps, with `values` for its `bindparam`s, is compiled once.
    """
    connection = session.connection()
    dialect = connection.dialect.name
    sent = _SENT.get(statement, _NEVER).get(dialect)
    if sent is not None:
        return _rows(session, row_class, sent.columns, _again(connection, sent.sql, sent.filled(values)))
    result = connection.execute(statement, values or None)
    sent = _sent(result, values)
    _SENT.setdefault(statement, {})[dialect] = sent
    return _rows(session, row_class, sent.columns, _fetched(result))


def _again(connection: Connection, sql: str, values: Any) -> Sequence[Any]:
    """What was sent before goes to SQLite itself, unless somebody listens; what fails is sent the usual way, to be told of."""
    plain: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" and not connection.dispatch.before_cursor_execute:
        try:
            answer: Sequence[Any] = plain.execute(sql, values).fetchall()
        except Exception as failure:
            if was_stopped(failure):
                raise
        else:
            return answer
    return _fetched(connection.exec_driver_sql(sql, values))


def _fetched(result: CursorResult[Any]) -> Sequence[Any]:
    # SQLite finds most rows while they are fetched, so that what goes wrong then must be told of in the usual way too.
    return cast(Sequence[Any], result.cursor_strategy.fetchall(result, cast(Any, result.cursor)))


_NEVER: dict[str, _Sent] = {}


def _sent(result: CursorResult[Any], values: Mapping[str, Any]) -> _Sent:
    context: Any = result.context
    places: dict[str, tuple[tuple[Any, Callable[[Any], Any] | None], ...]] = {}
    if values:
        names = _named(context)
        for name in values:
            bind = context.compiled.binds.get(name)
            if bind is None:  # a condition that is false by itself leaves the others out
                places[name] = ()
                continue
            if bind.expanding:
                raise TypeError(
                    f"{name} would be sent with as many values as the first time; read_among takes any number."
                )
            process = context.compiled._bind_processors.get(name)
            found = [name] if names is None else [place for place, each in enumerate(names) if each == name]
            places[name] = tuple((place, process) for place in found)
    return _Sent(context.statement, context.parameters[0], places, _columns(result))


def _named(context: Any) -> list[str] | None:
    """The names of the values in the order in which they were sent; None where they were sent by name.

    What SQLAlchemy keeps compiled may be of a sister statement whose lists are longer or shorter: those of this one count.
    """
    compiled = context.compiled
    if compiled.positiontup is None:
        return None
    expanded = context._expanded_parameters
    spelled = {compiled.bind_names[each] for each in compiled.literal_execute_params}
    names = [each for name in compiled.positiontup if name not in spelled for each in expanded.get(name, (name,))]
    if len(names) != len(context.parameters[0]):
        raise TypeError("It cannot be told where in this statement its values stand.")
    return names


_KNOWN: WeakKeyDictionary[Any, _Columns] = WeakKeyDictionary()
"""The columns of the statements that SQLAlchemy keeps compiled."""


def _columns(result: CursorResult[Any]) -> _Columns:
    compiled: Any = result.context.compiled
    known = _KNOWN.get(compiled)
    if known is None:
        kinds = [column.type for column in compiled.statement.selected_columns]
        codes = [each[1] for each in result.cursor.description]
        dialect = result.context.dialect
        processors = [
            kind.dialect_impl(dialect).result_processor(dialect, code) for kind, code in zip(kinds, codes, strict=True)
        ]
        known = _KNOWN[compiled] = _Columns(tuple(result.keys()), processors)
    return known


def _rows(session: Session, row_class: type[R], columns: _Columns, raw: Sequence[Any]) -> list[R]:
    together = _Together(session, columns)
    new, rows = row_class.__new__, []
    for values in raw:
        row = new(row_class)
        row._raw, row._together = values, together
        rows.append(row)
    together.rows = rows
    together.packed = tuple(rows)
    for name in columns.found_first(row_class):
        together.unpack(name)
    return rows


def column(rows: Sequence[Any], name: str) -> list[Any]:
    """The values of an attribute of many rows; a column of one statement is taken from what the driver answered, without unpacking."""
    together = getattr(rows[0], "_together", None)
    if together is not None and name not in rows[0].__dict__:
        place = together.columns.places.get(name)
        if place is not None and all(row._together is together and name not in row.__dict__ for row in rows):
            process = together.columns.processors[place]
            return [row._raw[place] for row in rows] if process is None else [process(row._raw[place]) for row in rows]
    return [*map(attrgetter(name), rows)]


def carried(row: Row, name: str) -> Any:
    """A column that the row's class does not name."""
    return getattr(row, name)


def within(row: Row, prefix: str) -> dict[str, Any]:
    """What a row carries of another one, in columns with a prefix."""
    columns, found = row._together.columns, {}
    for name, place in columns.places.items():
        if name.startswith(prefix):
            process = columns.processors[place]
            found[name.removeprefix(prefix)] = row._raw[place] if process is None else process(row._raw[place])
    return found


def whole(row: Row) -> dict[str, Any]:
    """All columns of a row by name, and whatever it was given besides."""
    for name in row._together.columns.names:
        if name not in row.__dict__:
            row._together.unpack(name)
    return row.__dict__


def formed(session: Session, row_class: type[R], found: Iterable[Mapping[str, Any]]) -> list[R]:
    """Rows of values that came along with others, aware of one another as if they had been read by a statement of their own."""
    together = _Together(session)
    for values in found:
        row = row_class.__new__(row_class)
        row.__dict__.update(values)
        row._together = together
        together.rows.append(row)
    return together.rows


_FIRST: WeakKeyDictionary[Any, Select[Any]] = WeakKeyDictionary()
"""The same statements with one row at most."""


def one(session: Session, row_class: type[R], statement: Select[Any], **values: Any) -> R | None:
    """The first row of a select, or None."""
    first = _FIRST.get(statement)
    if first is None:
        first = _FIRST[statement] = statement.limit(1)
    rows = read(session, row_class, first, **values)
    for row in rows:
        row._together.alone = True
    return rows[0] if rows else None


def neighbours(
    row: R, relation: Callable[Concatenate[Session, list[R], P], Mapping[int, V]], *args: P.args, **arguments: P.kwargs
) -> V:
    """What `relation` finds for `row`, read for all rows of its statement the first time any of them asks.

    `relation(session, rows, ...)` answers a mapping with an item for the id of every row. Arguments must be hashable; different
    arguments are read apart. What was read is forgotten after each root mutation.
    """
    together = row._together
    named = tuple(sorted(arguments.items())) if arguments else ()
    key = relation, args, named, together.session.info.get("generation", 0)
    found = together.known.get(key)
    if found is None:
        found = relation(together.session, together.rows, *args, **arguments)
        together.known[key] = found
    return cast(V, found[row.id])


def is_alone(row: Row) -> bool:
    """Whether the row was asked for by itself, so that nothing is read for others along with it."""
    return row._together.alone


def forget_neighbours(session: Session) -> None:
    """Called after a root mutation: whatever was read beside rows before may have changed."""
    session.info["generation"] = session.info.get("generation", 0) + 1
    session.info.pop("remembered", None)


def remembered(session: Session, what: Hashable) -> dict[int, Any]:
    """What an operation has read of one kind so far, by key, wherever it was named; forgotten as neighbours are."""
    known: dict[Hashable, dict[int, Any]] = session.info.setdefault("remembered", {})
    return known.setdefault(what, {})


def grouped(parents: Iterable[Row], children: Sequence[V], key: Callable[[V], int]) -> dict[int, list[V]]:
    """The children of each parent in their order; parents without any have an empty list."""
    groups: dict[int, list[V]] = {parent.id: [] for parent in parents}
    for child in children:
        groups[key(child)].append(child)
    return groups
