"""Writes what the tests import, and reads what they export."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from knowledge.database import Database, Table
from knowledge.transfer import export_path


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
