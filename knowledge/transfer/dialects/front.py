"""The front matter of other tools, asked key by key in their words; what nobody asks for is reported with its value."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from knowledge.entries import tags
from knowledge.entries.rules import LANGUAGE
from knowledge.transfer.dialects.pages import Note, Page, Translation, flat
from knowledge.transfer.dialects.titles import short
from knowledge.words import Audience, GroupKind, Kind, Stage, Status

SUMMARY = 160
TAG = 60
_FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y", "%Y-%m-%dT%H:%M", "%B %d, %Y")
_STATUSES = tuple(status for status in Status if status not in (Status.SCHEDULED, Status.OBSOLETE))


def _is_word(*vocabulary: StrEnum) -> Callable[[str], bool]:
    return lambda text: text.strip().upper().replace("-", "_").replace(" ", "_") in vocabulary


_OURS: Mapping[str, Callable[[str], bool]] = {
    "kind": _is_word(*Kind),
    "status": _is_word(*_STATUSES),
    "audience": _is_word(*Audience),
    "language": lambda text: bool(LANGUAGE.match(text)) and len(text) <= 12,
    "source": lambda text: len(text) <= 300,
    "licence": lambda text: len(text) <= 120,
    "author": lambda text: "@" in text,
    "owner": lambda text: "@" in text,
}
"""Fields of ours that a file of another tool may have too; they count where they say what ours can say."""

_LISTS = {"functions": _is_word(*GroupKind), "stages": _is_word(*Stage)}


class Front:
    """The keys of a page and the translation in the making."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.fields = page.document.fields
        self.asked: set[str] = set()
        self.made = Translation({})

    def take(self, *names: str) -> Any:
        """The value of the first of these keys that has one."""
        self.asked.update(names)
        return next((self.fields[name] for name in names if self.fields.get(name) is not None), None)

    def text(self, *names: str) -> str | None:
        """A text in one line."""
        value = self.take(*names)
        if value is not None and not isinstance(value, str):
            self._note_other(names, value)
            return None
        return " ".join((value or "").split()) or None

    def flag(self, name: str) -> bool | None:
        """Whether a key says yes; None where it says neither."""
        value = str(self.take(name)).lower()
        return True if value in ("true", "yes", "1") else False if value in ("false", "no", "0") else None

    def moment(self, *names: str) -> datetime | None:
        """A time in any of the usual forms; what is none is noted and left out."""
        value = self.take(*names)
        if value is None or not isinstance(value, str):
            self._note_other(names, value)
            return None
        for form in ("", *_FORMS):
            try:
                found = datetime.strptime(value.strip(), form) if form else datetime.fromisoformat(value.strip())  # noqa: DTZ007
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        self.note(
            next(name for name in names if self.fields.get(name)),
            f"{value[:60]} is no time that is read, and was left out.",
        )
        return None

    def _note_other(self, names: tuple[str, ...], value: Any) -> None:
        if value is not None:
            name = next(name for name in names if self.fields.get(name) is not None)
            self.note(
                name,
                f"This is one value elsewhere and was left out: {', '.join(flat(value))[:200] or 'several fields'}",
            )

    def moments(self, **keys: tuple[str, ...]) -> None:
        """Fields of ours that are times, from the keys that have them elsewhere."""
        for name, names in keys.items():
            if (found := self.moment(*names)) is not None:
                self.made.values[name] = found.isoformat()

    def note(self, name: str, message: str, line: int = 0) -> None:
        """Note something about a key, or a line of the text."""
        self.made.notes.append(Note(name, message, line))

    def title(self, otherwise: str, *names: str) -> None:
        """The title, within its bound."""
        self.made.values["title"] = short(self.text(*(names or ("title",))) or otherwise)

    def summary(self, *names: str) -> None:
        """The summary; what is beyond its bound goes into the note."""
        if (whole := self.text(*names)) is None:
            return
        if len(whole) > SUMMARY:
            self.note(names[0], f"A summary has at most {SUMMARY} characters, so this was shortened: {whole[:500]}")
            whole = whole[: SUMMARY - 1].rstrip() + "…"
        self.made.values["summary"] = whole

    def tags(self, *names: str, also: list[str] | None = None) -> None:
        """Tags from all of these keys and others, several where there are commas; what cannot be one is noted and left out."""
        found = [part for name in names for tag in flat(self.take(name)) for part in flat(tag)] + (also or [])
        names_of = tags.cleaned(tag.strip().lstrip("#") for tag in found)
        good = [name for name in names_of if len(name) <= TAG and tags.slug_of(name)]
        if left := [*(name for name in names_of if name not in good), *good[tags.MOST :]]:
            self.note(
                "tags", f"An entry has at most {tags.MOST} tags of {TAG} characters; left out: {', '.join(left)[:300]}"
            )
        self.made.values["tags"] = good[: tags.MOST]

    def draft(self, is_draft: bool) -> None:
        """Whether it is to be published."""
        self.made.values["status"] = "draft" if is_draft else "published"

    def finished(self, body: str) -> Translation:
        """The translation with this body; fields of ours are taken as they are, and every other key is reported."""
        values = self.made.values
        values.setdefault("kind", "guide")
        values.setdefault("status", "published")
        for name, value in self.fields.items():
            if name in self.asked:
                continue
            if isinstance(value, str) and name in _OURS and _OURS[name](value):
                values[name] = value
            elif name in _LISTS and (words := flat(value)) and all(map(_LISTS[name], words)):
                values[name] = words
            elif value not in (None, "", [], {}):
                shown = value if isinstance(value, str) else ", ".join(flat(value)) or "several fields"
                self.note(name, f"This field is not known and was left out: {shown[:200]}")
        values["body"] = body
        return self.made
