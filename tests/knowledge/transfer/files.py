"""Writes what the tests import, and reads what they export."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from knowledge.database import Database, Table
from knowledge.transfer import Wishes, export_path
from knowledge.transfer.report import Tally
from knowledge.transfer.sources import Material, Row


def some_lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def a_file(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def an_entry_line(slug: str, **fields: Any) -> dict[str, Any]:
    return {"type": "entry", "kind": "guide", "slug": slug, "title": slug.title(), "status": "published", **fields}


def exported(database: Database, folder: Path) -> dict[str, bytes]:
    export_path(database, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        tables = Table.metadata.sorted_tables
        return {
            table.name: session.connection().execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }


def translated(folder: Path, files: Mapping[str, str | bytes], dialect: str = "") -> tuple[dict[str, Row], Tally]:
    """The pages of a folder with these files as rows, by name, and what was counted and noted on the way."""
    for name, text in files.items():
        a_file(folder / name, text)
    material, tally = Material(folder, Wishes(dialect)), Tally()
    material.survey(tally)
    rows = {row.file: row for row in material.rows("entry", tally)}
    return rows, tally


def noted(row: Row) -> list[tuple[int, str]]:
    """The lines and fields that something was noted about."""
    return [(note.line, note.field) for note in row.notes]
