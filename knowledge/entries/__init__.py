"""Entries: the one row shape of all knowledge, its revisions, its life, its tags and links."""

from knowledge.entries import acts, curating, freshness, links, listing, publishing, rules, tags, writing
from knowledge.entries.entry import (
    Entry,
    EntryRow,
    Revision,
    RevisionRow,
    by_ids,
    by_uid,
    by_uids,
    detail_of,
    may_edit,
    revision_detail,
    seen_by,
    visible_to,
)
from knowledge.entries.links import by_slug

__all__ = [
    "Entry",
    "EntryRow",
    "Revision",
    "RevisionRow",
    "acts",
    "by_ids",
    "by_slug",
    "by_uid",
    "by_uids",
    "curating",
    "detail_of",
    "freshness",
    "links",
    "listing",
    "may_edit",
    "publishing",
    "revision_detail",
    "rules",
    "seen_by",
    "tags",
    "visible_to",
    "writing",
]
