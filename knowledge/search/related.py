"""Related entries: what hangs together by links, and what the index finds alike, with the reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import auto
from uuid import UUID

from sqlmodel import Session

from knowledge.database import neighbours
from knowledge.entries import EntryRow, by_uids, listing, tags
from knowledge.entries.steps import LinkedNear, near
from knowledge.people import Viewer
from knowledge.search.documents import reach_of, texts_of
from knowledge.search.index import Alike, Document, Index, Label
from knowledge.words import Kind, Word

MOST = 20
SPARE = 10
"""So many more are looked at, because some have been withdrawn just now and some come nearer by what the others lack."""
LINKED, BEYOND, EACH_MORE, AT_MOST = 1.0, 0.35, 0.1, 0.55
"""What a link weighs, a way over one entry between, each further way, and all such ways together."""


class Reason(Word):
    """Why one entry is related to another."""

    LINKS = auto()
    TAGS = auto()
    WORDS = auto()
    STAGES = auto()


@dataclass(frozen=True, slots=True)
class Related:
    """A related entry with the reasons, the weightiest first, and the names of the tags that both have."""

    entry: EntryRow
    why: tuple[Reason, ...]
    score: float
    tags: tuple[str, ...]
    steps: int | None


def related(entry: EntryRow, viewer: Viewer, index: Index, first: int) -> Sequence[Related]:
    """The published entries nearest to one, the nearest first, practices first among equals; none that the viewer may not see,
    and none that is reached only over such an entry. Two statements for a whole list, and one question to the index for each of it.
    """
    return neighbours(entry, _related, viewer, index, first)


def _related(
    session: Session, entries: list[EntryRow], viewer: Viewer, index: Index, first: int
) -> Mapping[int, list[Related]]:
    reach = reach_of(viewer)
    linked = near(session, viewer, entries)
    alike = {
        entry.id: {each.uid: each for each in index.alike(_document(entry), reach, first + SPARE)} for entry in entries
    }
    weighed = {entry.id: _weighed(linked[entry.id], alike[entry.id], first + SPARE) for entry in entries}
    wanted = list(dict.fromkeys(uid for each in weighed.values() for uid in each))
    rows = {row.uid: row for row in by_uids(session, viewer, wanted) if listing.is_published(row)}
    found = {}
    for entry in entries:
        names = {tag.slug: tag.name for tag in tags.of_entry(entry)}
        scores = weighed[entry.id]
        near_by = [
            _told(rows[uid], score, linked[entry.id].get(uid), alike[entry.id].get(uid), names)
            for uid, score in scores.items()
            if uid in rows and uid != entry.uid
        ]
        found[entry.id] = sorted(near_by, key=_order)[:first]
    return found


def _weighed(linked: Mapping[UUID, LinkedNear], alike: Mapping[UUID, Alike], most: int) -> Mapping[UUID, float]:
    scores = {
        uid: _link_score(linked.get(uid)) + (alike[uid].score if uid in alike else 0) for uid in (*linked, *alike)
    }
    return dict(sorted(scores.items(), key=lambda each: (-each[1], each[0].hex))[:most])


def _link_score(linked: LinkedNear | None) -> float:
    if linked is None:
        return 0.0
    return LINKED if linked.is_direct else min(BEYOND + EACH_MORE * (linked.ways - 1), AT_MOST)


def _told(
    row: EntryRow, score: float, linked: LinkedNear | None, alike: Alike | None, names: Mapping[str, str]
) -> Related:
    shared = tuple(names[slug] for slug in (alike.tags if alike else ()) if slug in names)
    reasons = {
        Reason.LINKS: linked is not None,
        Reason.TAGS: bool(shared),
        Reason.WORDS: alike is not None and alike.words > 0,
        Reason.STAGES: alike is not None and bool(alike.stages),
    }
    steps = None if linked is None else 1 if linked.is_direct else 2
    return Related(row, tuple(reason for reason, holds in reasons.items() if holds), round(score, 3), shared, steps)


def _order(each: Related) -> tuple[float, bool, float, str]:
    # Scores differ by a hair when texts do: what is as near as makes no difference counts as equal.
    is_practice = each.entry.kind is Kind.BEST_PRACTICE
    return -round(each.score, 2), not is_practice, -each.entry.updated_at.timestamp(), each.entry.uid.hex


def _document(row: EntryRow) -> Document:
    """What of an entry others are compared with."""
    texts = dict(texts_of(row))
    title, problem, summary = texts.pop("title"), texts.pop("problem", ""), texts.pop("summary")
    return Document(
        uid=row.uid,
        revision=row.revision,
        kind=row.kind,
        title=title,
        problem=problem,
        summary=summary,
        body="\n".join(filter(None, texts.values())),
        tags=tuple(Label(tag.slug, tag.name) for tag in tags.of_entry(row)),
        language=row.language,
        audience=row.audience,
        stages=frozenset(listing.stages_of(row)),
        updated_at=row.updated_at,
        published_at=row.published_at or row.updated_at,
    )
