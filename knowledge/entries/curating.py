"""Curating tags: what one means, other words for it, another name, and two that are one.

A revision refers to a tag by its key, and a tag is what is meant, not how it is spelt. So another name shows in every revision,
and where two tags are merged the revisions of both have the one that stays: what they mean has not changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from knowledge import activity, changes
from knowledge.community import follows
from knowledge.database import added, one, table_of
from knowledge.entries.entry import Entry, Revision, published
from knowledge.entries.tags import (
    RevisionTag,
    Tag,
    TagRedirect,
    TagRow,
    TagSynonym,
    by_name,
    by_uid,
    cleaned,
    free_slug,
    known_names,
    known_to,
    slug_of,
    synonyms_of,
    worn,
)
from knowledge.errors import Invalid, NotFound, Problem, refuse
from knowledge.people import Act, Viewer, require

MOST_SYNONYMS = 30
LONGEST_DESCRIPTION = 500

_t = table_of(Tag).c
_rt = table_of(RevisionTag).c
_synonym = table_of(TagSynonym).c
_former = table_of(TagRedirect).c
_e = table_of(Entry).c
_r = table_of(Revision).c


class Wanted(TypedDict, total=False):
    """What changes of a tag: what is omitted stays as it is."""

    name: str
    description: str | None
    synonyms: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Merging:
    """What merging would do: entries that get the tag that stays, those that have it already, and how many have it then."""

    into: TagRow
    moved: int
    both: int
    after: int


def update_tag(session: Session, viewer: Viewer, uid: UUID, wanted: Wanted) -> TagRow:
    """Say what a tag means, how it is called and by which other words it is found. The former name becomes one of those.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID with everything that is wrong.
    """
    row = _curated(session, viewer, uid)
    tag = _locked(session, row.id)
    name = " ".join(cleaned([wanted.get("name", tag.name)])) or ""
    before = list(synonyms_of(row))
    synonyms = cleaned(wanted["synonyms"] or ()) if "synonyms" in wanted else before
    if name != tag.name:
        synonyms = cleaned([*synonyms, tag.name])
    synonyms = [word for word in synonyms if word != name]
    description = (wanted["description"] or "").strip() if "description" in wanted else tag.description
    refuse(
        [
            *_faults(name, synonyms, description, most=max(MOST_SYNONYMS, len(before))),  # merging may leave more
            *_taken(session, viewer, tag, "name", [name]),
            *_taken(session, viewer, tag, "synonyms", synonyms),
        ]
    )
    after = (name, description, sorted(synonyms))
    if after == (tag.name, tag.description, before):
        return row

    moved = {
        "name": (tag.name, name),
        "description": (tag.description, description),
        "synonyms": (", ".join(before), ", ".join(after[2])),
    }
    told = {field: pair for field, pair in moved.items() if pair[0] != pair[1]}
    is_found_otherwise = name != tag.name or after[2] != before
    _absorb(session, viewer, tag, [name, *synonyms])
    _keep_synonyms(session, tag, synonyms)
    _rename(session, tag, name)
    tag.description = description
    activity.record(session, viewer.id, "tag.updated", "Tag", tag.uid, moved=told)
    if is_found_otherwise:
        _reindex(session, tag)
    return _reread(session, viewer, tag)


def merging(session: Session, viewer: Viewer, tag: TagRow, name: str) -> Merging | None:
    """What merging a tag into the one called `name` would do to what the viewer sees; None where there is no such other tag."""
    into = by_name(session, viewer, name)
    if into is None or into.id == tag.id or not viewer.may(Act.ENTRIES_CURATE):
        return None
    here = select(_rt.revision_id).where(_rt.tag_id == tag.id, worn(viewer)).subquery()
    there = select(_rt.revision_id).where(_rt.tag_id == into.id, worn(viewer)).subquery()
    both = here.join(there, here.c.revision_id == there.c.revision_id)
    had, has, shared = (
        int(session.connection().execute(select(func.count()).select_from(each)).scalar_one())
        for each in (here, there, both)
    )
    return Merging(into, had - shared, shared, had + has - shared)


def merge(session: Session, viewer: Viewer, uid: UUID, into: UUID) -> TagRow:
    """Make two tags one: revisions, synonyms and former slugs go over, and the name of the first becomes a synonym of the second.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for a tag and itself.
    """
    row = _curated(session, viewer, uid, field="from")
    target = _curated(session, viewer, into, field="into")
    if row.id == target.id:
        raise Invalid("This is one tag already: choose another one to merge it into.", "into")
    locked = {id: _locked(session, id) for id in sorted((row.id, target.id))}
    gone, kept = locked[row.id], locked[target.id]
    if len(synonyms_of(row)) + len(synonyms_of(target)) >= 2 * MOST_SYNONYMS:
        raise Invalid(f"Together they have too many other words. Keep at most {MOST_SYNONYMS} of each.", "into")

    _take_over(session, gone, kept, with_words=True)
    moved = {"into": (None, str(kept.uid)), "name": (gone.name, kept.name)}
    activity.record(session, viewer.id, "tag.merged", "Tag", gone.uid, deleted=True, moved=moved)
    activity.record(session, viewer.id, "tag.updated", "Tag", kept.uid, moved={"merged": (None, gone.name)})
    _reindex(session, kept)
    return _reread(session, viewer, kept)


def _curated(session: Session, viewer: Viewer, uid: UUID, *, field: str = "id") -> TagRow:
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such tag.", field)
    require(viewer, Act.ENTRIES_CURATE, doing="change tags")
    return row


def _locked(session: Session, id: int) -> Tag:
    tag = session.get(Tag, id, with_for_update=True, populate_existing=True)
    if tag is None:
        raise NotFound("This tag has just been merged into another.", "id")
    return tag


def _faults(name: str, synonyms: Sequence[str], description: str, *, most: int) -> Iterable[Problem]:
    if len(name) > 60 or not slug_of(name):
        yield Problem("name", "A tag has letters or digits, and at most 60 characters.")
    if "," in name:
        yield Problem("name", "A comma separates tags, so a tag has none.")
    if len(synonyms) > most:
        yield Problem("synonyms", f"A tag has at most {MOST_SYNONYMS} other words.")
    elif any(len(word) > 60 or not slug_of(word) for word in synonyms):
        yield Problem("synonyms", "Each of the other words has letters or digits, and at most 60 characters.")
    elif any("," in word for word in synonyms):
        yield Problem("synonyms", "A comma separates the other words, so none of them has one.")
    if len(description) > LONGEST_DESCRIPTION:
        yield Problem("description", f"A description has at most {LONGEST_DESCRIPTION} characters.")


def _taken(session: Session, viewer: Viewer, tag: Tag, field: str, words: Sequence[str]) -> Iterable[Problem]:
    """Words that mean another tag that the viewer sees. One that they do not see gives way: to name it would tell."""
    held = {id: word for word, id in known_names(session, words).items() if id != tag.id}
    for row in session.connection().execute(known_to(viewer).where(_t.id.in_(held))):
        word = held[row.id]
        said = f"{word} is a tag of its own" if word == row.name else f"{word} is another word for the tag {row.name}"
        yield Problem(field, f"{said}. Merge the two, or choose another word.")


def _absorb(session: Session, viewer: Viewer, tag: Tag, words: Sequence[str]) -> None:
    """Tags with these names that the curator does not see become this one, and other tags let go of these words."""
    statement = select(_t.id).where(_t.name.in_(words), _t.id != tag.id).order_by(_t.id)
    for id in session.connection().execute(statement).scalars().all():
        gone = session.get_one(Tag, id, with_for_update=True)
        activity.record(session, viewer.id, "tag.merged", "Tag", gone.uid, deleted=True)
        _take_over(session, gone, tag, with_words=False)
    elsewhere = delete(table_of(TagSynonym)).where(_synonym.name.in_(words), _synonym.tag_id != tag.id)
    session.connection().execute(elsewhere)


def _take_over(session: Session, gone: Tag, kept: Tag, *, with_words: bool) -> None:
    """Whatever referred to one tag refers to the other."""
    connection = session.connection()
    both = select(_rt.revision_id).where(_rt.tag_id == kept.id)
    connection.execute(
        update(table_of(RevisionTag)).where(_rt.tag_id == gone.id, _rt.revision_id.not_in(both)).values(tag_id=kept.id)
    )
    connection.execute(delete(table_of(RevisionTag)).where(_rt.tag_id == gone.id))
    assert gone.id is not None
    assert kept.id is not None
    follows.retag(session, gone.id, kept.id)
    connection.execute(update(table_of(TagRedirect)).where(_former.tag_id == gone.id).values(tag_id=kept.id))
    if with_words:
        connection.execute(update(table_of(TagSynonym)).where(_synonym.tag_id == gone.id).values(tag_id=kept.id))
        connection.execute(delete(table_of(TagSynonym)).where(_synonym.name == kept.name))
        if not kept.description:
            kept.description = gone.description
    else:
        connection.execute(delete(table_of(TagSynonym)).where(_synonym.tag_id == gone.id))
    name, slug, id = gone.name, gone.slug, kept.id
    session.delete(gone)
    session.flush()  # the name and the slug are free
    if with_words:
        added(session, TagSynonym, name=name, tag_id=id)
    added(session, TagRedirect, slug=slug, tag_id=id)


def _keep_synonyms(session: Session, tag: Tag, synonyms: Sequence[str]) -> None:
    session.connection().execute(
        delete(table_of(TagSynonym)).where(_synonym.tag_id == tag.id, _synonym.name.not_in(synonyms))
    )
    for word in synonyms:
        added(session, TagSynonym, name=word, tag_id=tag.id)


def _rename(session: Session, tag: Tag, name: str) -> None:
    if name == tag.name:
        return
    tag.name = name
    slug = tag.slug if slug_of(name) == slug_of(tag.slug) else free_slug(session, name, own=tag.id)
    if slug != tag.slug:
        session.connection().execute(delete(table_of(TagRedirect)).where(_former.slug == slug))
        added(session, TagRedirect, slug=tag.slug, tag_id=tag.id)
        tag.slug = slug


def _reindex(session: Session, tag: Tag) -> None:
    """Have followers read again every published entry with the tag: its words are theirs."""
    session.flush()
    carried = (
        select(_e.uid, _r.number)
        .join_from(table_of(RevisionTag), table_of(Revision), _r.id == _rt.revision_id)
        .join(table_of(Entry), _e.published_revision_id == _r.id)
        .where(_rt.tag_id == tag.id, published())
        .order_by(_e.id)
    )
    by_number: dict[int, list[UUID]] = {}
    for row in session.connection().execute(carried):
        by_number.setdefault(row.number, []).append(row.uid)
    for number, uids in by_number.items():
        changes.record_all(session, "Entry", uids, revision=number)


def _reread(session: Session, viewer: Viewer, tag: Tag) -> TagRow:
    session.flush()  # the answer is read back
    row = one(session, TagRow, known_to(viewer).where(_t.id == tag.id))
    assert row is not None
    return row
