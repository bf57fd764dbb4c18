"""Tables of customers and feedback in CSV, however a spreadsheet wrote them: delimiter, alphabet, headers and dates are found out."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import IO, Any

from knowledge.errors import Invalid
from knowledge.transfer import dates
from knowledge.transfer.decoding import alphabet, mended
from knowledge.transfer.places import Place

ENDINGS = (".csv", ".tsv")
DELIMITERS = ",;\t|"
HEAD = 64 * 1024
COLUMNS = 200
LONGEST = 1024 * 1024
"""Characters in one line of a table; what is longer is skipped and its row refused."""

HEADERS: Mapping[str, Mapping[str, str]] = {
    "customer": {
        "external_id": "id, customer id, customer no, customer number, account id, account number, account, number, key, kundennummer",
        "name": "customer, customer name, company, company name, organisation, organization, account name, full name, kunde, firma",
        "email": "e-mail, mail, email address, e-mail address",
        "kind": "type, customer type",
        "relation": "",
        "stage": "loyalty stage, lifecycle stage, ladder",
        "joined_on": "joined, since, customer since, signup date, sign-up date, start date, first purchase, created, kunde seit",
        "group": "department, team",
        "parent": "parent id, parent account, parent customer",
        "source": "system",
    },
    "feedback": {
        "external_id": "id, feedback id, ticket, ticket id, case, case number, case id, response id, key",
        "verbatim": "feedback, comment, comments, text, message, body, description, quote, response, said, words, what was said, kommentar",
        "channel": "via, heard by",
        "kind": "type, category",
        "severity": "priority, urgency",
        "status": "state",
        "language": "lang, locale",
        "occurred_at": "occurred, occurred on, date, when, time, datum",
        "received_at": "received, received on, created, created at, submitted, submitted at, timestamp",
        "customer": "customer id, customer no, customer number, account id, account number, account, kundennummer",
        "customer_source": "customer system",
        "reporter": "reported by, recorded by, agent, agent email",
        "anonymous": "",
        "source": "system",
    },
    "transaction": {
        "external_id": "id, transaction id, order, order id, order no, order number, invoice, contract, key, auftrag, rechnung",
        "customer": "customer id, customer no, customer number, account id, account number, account, kundennummer",
        "customer_source": "customer system",
        "occurred_at": "occurred, occurred on, date, when, order date, ordered on, bought on, invoice date, datum",
        "kind": "type, transaction type",
        "offering": "product, product id, item, article, sku, service, artikel, produkt",
        "source": "system",
    },
}
"""The columns of each list by our names, with what else they are called."""

NEEDED = {
    "customer": ("external_id", "name"),
    "feedback": ("external_id", "verbatim", "channel"),
    "transaction": ("external_id", "customer", "occurred_at"),
}
LISTS = {"customers": "customer", "feedback": "feedback", "transactions": "transaction"}
_DATES = frozenset({"joined_on", "occurred_at", "received_at"})
_FLAGS = {"1": "true", "y": "true", "x": "true", "ja": "true", "0": "false", "n": "false", "nein": "false"}


@dataclass
class Table:
    """A file and what was found out about it. `columns` are our names, empty for a column that is not ours."""

    file: str
    type: str
    encoding: str
    delimiter: str
    headers: Sequence[str]
    columns: Sequence[str]
    source: str
    first_line: int
    note: str = ""
    rows: int = 0
    orders: dict[str, dates.Order] = field(default_factory=dict)

    @property
    def left_out(self) -> Sequence[str]:
        """The headers of columns that are not ours."""
        return [header for header, column in zip(self.headers, self.columns, strict=True) if not column]


@dataclass(frozen=True)
class Cells:
    """One record as fields of ours, or what is wrong with it: line, column and why."""

    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    names: Mapping[str, str]
    note: str = ""
    problems: Sequence[tuple[int, str, str]] = ()


def is_one(name: str) -> bool:
    """Whether a file is a table by its name."""
    return name.lower().endswith(ENDINGS)


def template(name: str) -> str:
    """The first line of such a table: all columns by our names. Refuses INVALID for any other name."""
    if name not in LISTS:
        raise Invalid(f"A table is one of {', '.join(LISTS)}.", "type")
    return ",".join(HEADERS[LISTS[name]]) + "\r\n"


def opened(place: Place, name: str, wanted: str = "", source: str = "") -> Table:
    """What a table has, read through once. Refuses INVALID for `type` where it is neither list, for `path` where more is said."""
    with place.open(name) as stream:
        encoding, note = alphabet(stream)
    with place.open(name) as stream:
        head = stream.read(HEAD).decode(encoding, "replace")
    delimiter, headers, first = _sniffed(head)
    type = _type(name, headers, wanted)
    known = _columns(headers, type)
    if missing := [each for each in NEEDED[type] if each not in known]:
        raise Invalid(f"{name} has no column {' and none '.join(missing)}; its columns are {_listed(headers)}.", "path")
    if not source and "source" not in known:
        raise Invalid(f"{name} has no column source: say with --source which system it is from.", "path")
    table = Table(name, type, encoding, delimiter, headers, known, source, first, note)
    seen = {column: dates.Evidence() for column in known if column in _DATES}
    for _, record in _records(place, table):
        table.rows += 1
        if isinstance(record, list):
            for column, cell in zip(known, record, strict=False):
                if column in seen:
                    seen[column].see(cell)
    table.orders = {column: evidence.order for column, evidence in seen.items()}
    return table


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(headers[:20])[:300] or "none"


def _sniffed(head: str) -> tuple[str, Sequence[str], int]:
    """The delimiter, the headers, and the line after them."""
    first = 1
    if told := re.match(r"(?i)sep=(.)\r?\n", head):
        return told[1], _header(head[told.end() :], told[1]), 2
    best = max(DELIMITERS, key=lambda each: (_familiar(_header(head, each)), len(_header(head, each))))
    return best, _header(head, best), first


def _header(head: str, delimiter: str) -> Sequence[str]:
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])][
            :COLUMNS
        ]
    except csv.Error:
        return []


def _familiar(headers: Sequence[str]) -> int:
    return max(sum(1 for column in _columns(headers, type) if column) for type in HEADERS)


def _plain(header: str) -> str:
    return " ".join(re.sub(r"[_.:#*]+", " ", header).lower().split())


def _columns(headers: Sequence[str], type: str) -> Sequence[str]:
    """Our name for each header; the exact ones first, and none twice."""
    ours = HEADERS[type]
    plain = [_plain(header) for header in headers]
    exact = {_plain(name): name for name in ours}
    other = {_plain(each): name for name, several in ours.items() for each in several.split(",") if each.strip()}
    found = [exact.get(each, "") for each in plain]
    for place, each in enumerate(plain):
        wanted = other.get(each, "")
        if not found[place] and wanted not in found:
            found[place] = wanted
    return [name if name and name not in found[:place] else "" for place, name in enumerate(found)]


def _type(name: str, headers: Sequence[str], wanted: str) -> str:
    if wanted:
        if wanted not in LISTS:
            raise Invalid(f"A table is one of {', '.join(LISTS)}.", "type")
        return LISTS[wanted]
    known = {type: [column for column in _columns(headers, type) if column] for type in HEADERS}
    fitting = {type: len(known[type]) for type, needed in NEEDED.items() if set(needed) <= set(known[type])}
    if not fitting:
        message = f"{PurePath(name).name} is no list of {' or '.join(LISTS)} by its first line ({_listed(headers)})"
        raise Invalid(f"{message}; say --type {' or --type '.join(LISTS)}.", "type")
    if len(fitting) > 1 and len(set(fitting.values())) == 1:
        raise Invalid(f"{PurePath(name).name} could have {' or '.join(LISTS)}; say which with --type.", "path")
    likely = max(known, key=lambda each: len(known[each]))
    if likely not in fitting and len(known[likely]) > max(fitting.values()):
        lacking = " and ".join(each for each in NEEDED[likely] if each not in known[likely])
        raise Invalid(
            f"{PurePath(name).name} reads like {likely} without {lacking}; say which it is with --type.", "path"
        )
    return max(fitting, key=lambda each: fitting[each])


def _records(place: Place, table: Table) -> Iterator[tuple[int, list[str] | str]]:
    """The records below the header with their first line; in the place of one that cannot be read, why."""
    with place.open(table.file) as stream, io.TextIOWrapper(stream, table.encoding, "replace", newline="") as text:
        for _ in range(table.first_line - 1):
            text.readline()
        skipped: list[int] = []
        reader = csv.reader(_bounded(text, skipped), delimiter=table.delimiter, strict=True)
        number, is_header = table.first_line, True
        while True:
            try:
                record: list[str] | str = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                record = f"The quotation marks of this row do not fit: {error}."
            except OSError as error:
                yield number, f"This file cannot be read: {error.strerror}."
                return
            if skipped:
                record = f"This row is longer than {skipped.pop():,} characters."
            if record and not is_header and (isinstance(record, str) or any(cell.strip() for cell in record)):
                yield number, record
            is_header = False
            number = table.first_line + reader.line_num


def _bounded(text: IO[str], skipped: list[int]) -> Iterator[str]:
    """The lines of a table; of one that is too long, which is noted, the end, where a quotation may end."""
    while line := text.readline(LONGEST):
        if len(line) == LONGEST and line[-1] not in "\r\n":
            skipped[:] = [LONGEST]
            while line and line[-1] not in "\r\n":
                line = text.readline(LONGEST)
        yield line or "\n"


def rows(place: Place, table: Table) -> Iterator[Cells]:
    """The records as fields, in their order."""
    for line, record in _records(place, table):
        if isinstance(record, str):
            yield Cells(line, {}, {}, {}, problems=[(line, "", record)])
        elif len(record) > len(table.headers):
            message = f"This row has {len(record)} cells below {len(table.headers)} headers."
            yield Cells(line, {}, {}, {}, problems=[(line, "", message)])
        else:
            yield _cells(table, line, record)


def _cells(table: Table, line: int, record: Sequence[str]) -> Cells:
    values: dict[str, Any] = {"source": table.source} if table.source else {}
    lines, names, problems, note, at = {}, {}, [], "", line
    for column, header, cell in zip(table.columns, table.headers, record, strict=False):
        if column:
            text = mended(cell)
            lines[column], names[column], note = at, header, text.note or note
            if text.text.strip():
                try:
                    values[column] = _value(table, column, text.text)
                except ValueError as wrong:
                    problems.append((at, header, str(wrong)))
        at += cell.count("\n") + cell.count("\r") - cell.count("\r\n")
    return Cells(line, _named(values), lines, names, note, problems)


def _value(table: Table, column: str, cell: str) -> str:
    if column == "verbatim":
        return cell
    cell = cell.strip()
    if column in _DATES:
        return dates.written(cell, table.orders.get(column, dates.Order.UNKNOWN))
    if column == "anonymous":
        return _FLAGS.get(cell.lower(), cell)
    return cell


def _named(values: dict[str, Any]) -> Mapping[str, Any]:
    """References by the identity that they have in their system: the row's own, unless it names another."""
    source = values.get("source", "")
    of_customer = values.pop("customer_source", source)
    for name, its in (("parent", source), ("customer", of_customer)):
        if name in values:
            values[name] = {"source": its, "external_id": values[name]}
    return values
