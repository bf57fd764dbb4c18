"""The words of an entry that a comment is about: found in what readers see, and kept when the text changes."""

from collections.abc import Mapping

from sqlmodel import Session

from knowledge.community.comments import CommentRow, entry_of
from knowledge.database import neighbours
from knowledge.entries import EntryRow, detail_of
from knowledge.entries.kinds import DETAILS
from knowledge.errors import Problem
from knowledge.markup.rendering import Reading
from knowledge.people import Viewer

LONGEST = 300


def words_of(text: str | None) -> str:
    """A quote without the breaks of the page that it was copied from, and without quotation marks around it."""
    return " ".join((text or "").split()).strip('“”"„«»').strip()


def faults(entry: EntryRow, quote: str) -> list[Problem]:
    """What is wrong with a quote: it is too long, or not in the text."""
    if len(quote) > LONGEST:
        return [Problem("quote", f"Quote at most {LONGEST} characters.")]
    if quote and not stands_in(entry, quote):
        return [Problem("quote", "These words are not in the text; copy them from the page.")]
    return []


def stands_in(entry: EntryRow, quote: str) -> bool:
    """Whether the words are in what readers of the entry see now."""
    return quote in neighbours(entry, _wordings)


def is_current(comment: CommentRow, viewer: Viewer) -> bool:
    """Whether the words that a comment is about still stand in the entry; True where it is about the whole."""
    entry = entry_of(comment, viewer)
    if not comment.quote or entry is None or comment.quote_revision == entry.revision:
        return True
    return stands_in(entry, comment.quote)


def _wordings(_: Session, rows: list[EntryRow]) -> Mapping[int, str]:
    return {row.id: _wording(row) for row in rows}


def _wording(entry: EntryRow) -> str:
    """All that readers see of an entry, without markup, in one line."""
    reading = Reading()
    reading.feed(f"<p>{entry.body_html}</p>")
    texts = [entry.title, entry.summary]
    if detail := DETAILS.get(entry.kind):
        part = detail_of(entry, detail.row_class)
        texts += [str(getattr(part, field) or "") for field in detail.fields if field not in detail.markdown]
        reading.feed("".join(getattr(part, f"{field}_html") for field in detail.markdown))
    return " ".join("\n".join([*texts, reading.plain()]).split())
