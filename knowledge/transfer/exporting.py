"""Exports everything: a Markdown file for each entry and one file of JSON lines for the rest, the same bytes every time."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import copyfileobj, rmtree
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import people
from knowledge.attachments import store_of
from knowledge.database import Database, columns_of, table_of
from knowledge.detail import Detail
from knowledge.entries import Entry, EntryRow, Revision, detail_of, listing, tags
from knowledge.entries.details import parts_of, revision_detail, revision_parts
from knowledge.entries.entry import RevisionRow
from knowledge.entries.kinds import DETAILS
from knowledge.errors import NotFound, TooLarge
from knowledge.evidence import Evidence
from knowledge.transfer import archives, front_matter, quoting, registry
from knowledge.transfer.decoding import mended
from knowledge.transfer.entries import RENAMED
from knowledge.transfer.lines import AT_ONCE, counted, exact, pages, spelt, written
from knowledge.transfer.parts import is_exact, markdown_from_parts
from knowledge.transfer.sources import FILES, LINES
from knowledge.words import Kind

_RESTORED = frozenset(lines.type for lines in registry.RESTORED)

Progress = Callable[[int, int], None]
"""Called with the rows written so far and the rows there are."""


def export_path(database: Database, path: Path, progress: Progress = lambda _done, _all: None) -> int:
    """Write a folder, or an archive if the path ends in .zip, that `import_path` reads back; returns how many rows. What other
    exports left there is replaced. Refuses TOO_LARGE for an archive of more files than are read from one.

    Of an entry what its readers see is exported, and the latest draft. Former revisions are not, nor passwords, sessions, tokens,
    jobs and the record of who did what.
    """
    if path.suffix.lower() == ".zip":
        return _export_archive(database, path, progress)
    folder = path / "entries"
    if (path / LINES).exists():
        rmtree(path / FILES, ignore_errors=True)
    for kind in Kind:
        for old in (folder / kind.lower()).glob("*.md"):
            old.unlink()
    count = 0
    with database.reading() as session:
        total = _count(session)
        for slug, kind, text in _entries(session):
            target = folder / kind.lower()
            target.mkdir(parents=True, exist_ok=True)
            (target / f"{slug}.md").write_text(text, encoding="utf-8", newline="\n")
            count += 1
            progress(count, total)
        path.mkdir(parents=True, exist_ok=True)
        _files(session, path / FILES)
        with (path / LINES).open("wb") as stream:
            for values in _records(session):
                stream.write(line(values))
                count += 1
                progress(count, total)
    return count


def _files(session: Session, folder: Path) -> None:
    """The bytes of what is attached, under the names that it has there; what is missing is missed where it is read."""
    store = store_of(session)
    for values in written(session, registry.ATTACHED):
        with suppress(NotFound), store.open(session, values["sha256"]) as source:
            target = folder / values["entry"] / values["name"]
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as goal:
                copyfileobj(source, goal)


def _export_archive(database: Database, path: Path, progress: Progress) -> int:
    with database.reading() as session:
        counts = (select(func.count()).select_from(table_of(Entry)), counted(registry.ATTACHED))
        files = sum(session.connection().execute(each).scalar_one() for each in counts)
    if files >= archives.MOST_FILES:
        raise TooLarge(f"An archive has at most {archives.MOST_FILES:,} files; export into a folder.", "path")
    with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as beside:
        count = export_path(database, Path(beside) / "all", progress)
        archives.pack(Path(beside) / "all", Path(beside) / "packed")
        (Path(beside) / "packed").replace(path)  # whole, or not at all
    return count


def _count(session: Session) -> int:
    """How many rows there will be."""
    entry = table_of(Entry).c
    quoted = table_of(Evidence).c.result_id.is_(None)  # the rest is among what the registry declares
    rows = [select(func.count()).select_from(table_of(Entry)), select(func.count()).where(quoted)]
    rows += [counted(lines) for lines in (*registry.LINED, *registry.RESTORED)]
    rows.append(select(func.count()).where(entry.published_revision_id != entry.latest_revision_id))
    return sum(session.connection().execute(each).scalar_one() for each in rows)


def line(values: Mapping[str, Any]) -> bytes:
    """One JSON line that reads back as it is: what looks like text that was misread elsewhere is written in ASCII."""
    data = orjson.dumps(values)
    if data.isascii() or mended(data.decode()).text == data.decode():
        return data + b"\n"
    return json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _emails(session: Session, ids: set[int | None]) -> Mapping[int | None, str]:
    return {id: person.email for id, person in people.by_ids(session, ids).items()}


def _entries(session: Session) -> Iterator[tuple[str, Kind, str]]:
    after = 0
    while rows := listing.all_of_them(session, after, AT_ONCE):
        emails = _emails(session, {id for row in rows for id in (row.author_id, row.owner_id, row.verified_by_id)})
        timing = _timing(session, rows)
        for row in rows:
            yield row.slug, row.kind, _entry(row, emails, timing.get(row.id, {}))
        after = rows[-1].id


def _timing(session: Session, rows: Sequence[EntryRow]) -> Mapping[int, Mapping[str, Any]]:
    """Since when entries that were never published wait, and for what moment."""
    revision = table_of(Revision).c
    waiting = [row.latest_revision_id for row in rows if row.published_revision_id is None]
    statement = select(revision.entry_id, revision.submitted_at, revision.scheduled_for).where(revision.id.in_(waiting))
    found = session.connection().execute(statement)
    return {row[0]: {"submitted_at": row[1], "scheduled_for": row[2]} for row in found}


def _entry(row: EntryRow, emails: Mapping[int | None, str], timing: Mapping[str, Any]) -> str:
    fields: dict[str, Any] = {
        "kind": row.kind,
        "slug": row.slug,
        "title": row.title,
        "summary": row.summary,
        "language": row.language,
        "tags": [tag.name for tag in tags.of_entry(row)],
        "audience": row.audience,
        "audience_groups": [group.name for group in listing.audience_groups(row)],
        "status": row.status,
        "source": row.source,
        "licence": row.licence,
        "author": emails.get(row.author_id),
        "owner": emails.get(row.owner_id),
        "functions": listing.functions_of(row),
        "stages": listing.stages_of(row),
        "principles": listing.principle_numbers(row),
        **{name: getattr(row, name) for name in ("created_at", "updated_at", "published_at", "verified_until")},
        "verified_by": emails.get(row.verified_by_id),
        **timing,
        "sample": row.sample or None,
    }
    always = ("summary", "tags")
    kept = {name: spelt(value) for name, value in fields.items() if name in always or value not in (None, [], ())}
    kept |= (detail := _detail(row))
    body = row.body
    if row.kind is Kind.BEST_PRACTICE and is_exact(body, detail.get("practice", {})):
        body = markdown_from_parts(body, kept.pop("practice", {}))
    text = front_matter.written(kept, body)
    if text.isascii() or mended(text).text == text:
        return text
    return front_matter.written({"encoding": "utf-8", **kept}, body)


def _detail(row: EntryRow) -> dict[str, Any]:
    if row.kind not in DETAILS:
        return {}
    detail = DETAILS[row.kind]
    stored = detail_of(row, detail.row_class)
    values = {RENAMED.get(name, name): spelt(getattr(stored, name)) for name in detail.fields}
    values |= _parts(detail, parts_of(row), spelt)
    return {detail.name: {name: value for name, value in values.items() if value not in (None, "")}}


def _parts(detail: Detail, parts: Mapping[str, Any], spelt: Callable[[Any], Any]) -> Mapping[str, Any]:
    """What lies in rows of its own, under their one name and by their keys."""
    if detail.parts is None or not parts:
        return {}
    read = detail.parts.spelt
    within = {name.partition(".")[2]: spelt(read(parts[name])) for name in sorted(parts)}
    return {detail.parts.name: within}


def _records(session: Session) -> Iterator[dict[str, Any]]:
    for type, rows in _types(session).items():
        for values in rows:
            yield {"type": type} | {
                name: exact(value)
                for name, value in values.items()
                if value is not None and (value is not False or type in _RESTORED)
            }


def _types(session: Session) -> Mapping[str, Iterator[dict[str, Any]]]:
    """In the order in which a reader of the file understands it."""
    of = {lines.type: written(session, lines) for lines in registry.LINED}
    return {
        **{type: of[type] for type in ("group", "customer", "person", "feedback")},
        "evidence": quoting.written(session),
        **{type: of[type] for type in ("progress", "link")},
        "draft": _drafts(session),
        **{type: of[type] for type in ("redirect", "attachment")},
        **{lines.type: written(session, lines) for lines in registry.RESTORED},
    }


class _DraftRow(RevisionRow):
    slug: str


def _drafts(session: Session) -> Iterator[dict[str, Any]]:
    """What is written of published entries and not published yet."""
    revision, entry = table_of(Revision), table_of(Entry)
    statement = (
        select(*columns_of(Revision), entry.c.kind, entry.c.slug)
        .join_from(revision, entry, entry.c.latest_revision_id == revision.c.id)
        .where(entry.c.published_revision_id != revision.c.id)
    )
    for rows in pages(session, _DraftRow, statement, revision.c.id):
        emails = _emails(session, {row.author_id for row in rows})
        for row in rows:
            yield _draft(row) | {"author": emails.get(row.author_id), "created_at": row.created_at}


def _draft(row: _DraftRow) -> dict[str, Any]:
    texts = {name: getattr(row, name) for name in ("slug", "kind", "title", "summary", "body", "language", "audience")}
    if row.kind in DETAILS:
        detail = DETAILS[row.kind]
        stored = revision_detail(row, detail.row_class)
        values = {RENAMED.get(name, name): exact(getattr(stored, name)) for name in detail.fields}
        values |= _parts(detail, revision_parts(row), exact)
        texts[detail.name] = {name: value for name, value in values.items() if value not in (None, "")}
    return texts | {
        "tags": [tag.name for tag in tags.of_revision(row)],
        "audience_groups": [group.name for group in listing.revision_groups(row)] or None,
        "source": row.source,
        "licence": row.licence,
        "status": row.state,
        "note": row.note or None,
        "submitted_at": row.submitted_at,
        "scheduled_for": row.scheduled_for,
    }
