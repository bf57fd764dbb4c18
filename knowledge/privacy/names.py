"""The names of somebody, in the spellings in which texts have them; found as they are, and struck out."""

import html
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, or_

from knowledge.entries.tags import slug_of

SHORTEST = 3
"""A name of one or two letters is in every text; it is not looked for."""

STRUCK = "[erased]"
INFLECTED = 5
"""From so many letters on a name may have an ending: of a shorter one only the whole word is meant."""


@dataclass(frozen=True)
class Names:
    """What somebody is called, and what takes its place in texts of which there may be one only."""

    said: tuple[str, ...]
    unique: str

    def __bool__(self) -> bool:
        return bool(self.said)

    def in_columns(self, table: Table, columns: Iterable[str]) -> ColumnElement[bool]:
        """The rows in which one of the names may stand."""
        return or_(*(table.c[name].ilike(f"%{_escaped(each)}%", escape="\\") for name in columns for each in self.said))

    def struck(self, text: str, *, most: int | None = None, unique: bool = False) -> str:
        """The text without the names, no longer than it may be."""
        return self._pattern().sub(self.unique if unique else STRUCK, text)[:most]

    def are_in(self, text: str) -> bool:
        """Whether one of them stands there."""
        return bool(self._pattern().search(text))

    def are_in_bytes(self, data: bytes) -> bool:
        """The same of a file, whose text is read as UTF-8 and passes over what is none."""
        return self.are_in(data.decode("utf-8", errors="ignore"))

    def _pattern(self) -> re.Pattern[str]:
        each = (re.escape(name) + ("" if len(name) >= INFLECTED else r"(?!\w)") for name in self.said)
        return re.compile(rf"(?<!\w)(?:{'|'.join(each)})", re.IGNORECASE)


def names(said: Iterable[str | None], unique: str) -> Names:
    """The names among these words in all spellings, the longest first."""
    found: set[str] = set()
    for each in said:
        if each is not None and len(text := each.strip()) >= SHORTEST:
            found |= {text, html.escape(text), html.escape(text, quote=False), json.dumps(text)[1:-1], slug_of(text)}
            found |= {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    return Names(
        tuple(sorted((name for name in found if len(name) >= SHORTEST), key=lambda name: (-len(name), name))), unique
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
