"""What lies in a backup: a zip with the rows of each table as JSON lines, attachments by their hash, and a manifest of it all.

The rows and not the engine's own file: so a backup of SQLite restores into PostgreSQL and the other way round, a backup of an
older version restores into a newer one, and the same rows give the same bytes wherever they lie.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
TABLES = "tables/"
ATTACHMENTS = "attachments/"

LEFT_OUT = frozenset({"alembic_version", "attachment_content", "sign_in", "sign_in_failure"})
"""Tables whose rows lie elsewhere or are of the moment: a session that was ended must not come to life again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup; the hash is of what it says, not of how it is compressed."""

    name: str
    bytes: int
    sha256: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What there is in a backup. Whatever was acknowledged before `moment` is in it; `lost` are the hashes of attachments that
    were gone or not whole any more.
    """

    format: int
    version: str
    migration: str
    engine: str
    moment: datetime
    parts: tuple[Part, ...]
    lost: tuple[str, ...] = ()

    @property
    def rows(self) -> Mapping[str, int]:
        """How many rows each table has."""
        return {
            part.name.removeprefix(TABLES).removesuffix(".jsonl"): part.rows
            for part in self.parts
            if part.name.startswith(TABLES)
        }

    @property
    def attachments(self) -> tuple[str, ...]:
        """The hashes of the attachments."""
        return tuple(part.name.removeprefix(ATTACHMENTS) for part in self.parts if part.name.startswith(ATTACHMENTS))

    @property
    def size(self) -> int:
        """How much there is to read, uncompressed."""
        return sum(part.bytes for part in self.parts)

    def written(self) -> str:
        """As it lies in the file."""
        return json.dumps(asdict(self), indent=1, default=datetime.isoformat)

    @classmethod
    def read(cls, text: str | bytes) -> "Manifest":
        """From what `written` gave; raises ValueError, KeyError or TypeError for anything else."""
        found: dict[str, Any] = json.loads(text)
        if found["format"] != FORMAT:
            raise ValueError(f"format {found['format']} is not one that this version reads")
        moment = datetime.fromisoformat(found["moment"])
        parts = tuple(Part(**each) for each in found["parts"])
        return cls(**{**found, "moment": moment, "parts": parts, "lost": tuple(found["lost"])})


def table_part(table: str) -> str:
    """The name of the part with the rows of a table."""
    return f"{TABLES}{table}.jsonl"


def attachment_part(digest: str) -> str:
    """The name of the part with an attachment."""
    return ATTACHMENTS + digest
