"""Engines, the one place that commits, rows that load their neighbours together, and keyset pages."""

from sqlmodel import Session

from knowledge.database.among import among, read_among
from knowledge.database.columns import Moment, Table, columns_of, moment, table_of, word
from knowledge.database.engines import Database, engine_version
from knowledge.database.failures import Unwritable, recovered
from knowledge.database.keeping import added, keep_latest
from knowledge.database.pages import NOTHING, Order, Page, Slice, families, sliced, slices
from knowledge.database.rows import (
    Row,
    carried,
    column,
    forget_neighbours,
    formed,
    grouped,
    is_alone,
    neighbours,
    one,
    read,
    remembered,
    whole,
    within,
)

__all__ = [
    "NOTHING",
    "Database",
    "Moment",
    "Order",
    "Page",
    "Row",
    "Session",
    "Slice",
    "Table",
    "Unwritable",
    "added",
    "among",
    "carried",
    "column",
    "columns_of",
    "engine_version",
    "families",
    "forget_neighbours",
    "formed",
    "grouped",
    "is_alone",
    "keep_latest",
    "moment",
    "neighbours",
    "one",
    "read",
    "read_among",
    "recovered",
    "remembered",
    "sliced",
    "slices",
    "table_of",
    "whole",
    "within",
    "word",
]
