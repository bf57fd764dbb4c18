"""Engines, the one place that commits, rows that load their neighbours together, and keyset pages."""

from sqlmodel import Session

from knowledge.database.columns import Moment, Table, columns_of, moment, table_of, word
from knowledge.database.engines import Database, engine_version
from knowledge.database.failures import Unwritable
from knowledge.database.keeping import keep_latest, keep_once
from knowledge.database.pages import Order, Page, Slice, families, sliced, slices
from knowledge.database.rows import Row, forget_neighbours, grouped, neighbours, one, read

__all__ = [
    "Database",
    "Moment",
    "Order",
    "Page",
    "Row",
    "Session",
    "Slice",
    "Table",
    "Unwritable",
    "columns_of",
    "engine_version",
    "families",
    "forget_neighbours",
    "grouped",
    "keep_latest",
    "keep_once",
    "moment",
    "neighbours",
    "one",
    "read",
    "sliced",
    "slices",
    "table_of",
    "word",
]
