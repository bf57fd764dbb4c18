"""The tables that are read back as they were written, each as lines of a type."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from knowledge import markup
from knowledge.attachments.attaching import Attachment, AttachmentName
from knowledge.community.comments import Comment
from knowledge.community.flags import Flag
from knowledge.community.follows import Follow, FollowPreference
from knowledge.community.mentions import CommentMention
from knowledge.community.notifications import NotificationOff
from knowledge.community.reactions import CommentReaction, EntryReaction
from knowledge.community.speaking import LONGEST, rendered
from knowledge.community.suggestions import Suggestion, SuggestionPart
from knowledge.community.votes import Vote
from knowledge.database import table_of
from knowledge.entries import Entry
from knowledge.entries.approving import ApprovalRule
from knowledge.entries.tags import Tag, TagRedirect, TagSynonym
from knowledge.errors import TooLarge
from knowledge.outcomes import OutcomeRecord
from knowledge.search.synonyms import Synonym
from knowledge.series.reading import Series, SeriesChapter, SeriesRedirect
from knowledge.templates import Template, TemplatePart
from knowledge.transfer.lines import CUSTOMER, ENTRY, GROUP, PERSON, Lines, Plain, Target, To, plain
from knowledge.uses import Use
from knowledge.words import Freshness

_HERE = "made anew where it is read"
_attached = table_of(Attachment).c

TAG, SERIES, COMMENT = Target(Tag, "name"), Target(Series, "slug"), Target(Comment, "uid")
_OWN = {"uid": _HERE}

TAGS = Lines(
    "tag",
    Tag,
    plain("name", "slug", "description", "created_at"),
    order=("name",),
    key=("name",),
    left_out=_OWN,
)


def about_tags() -> Sequence[Lines]:
    """What tags are also called, and were."""
    tag = To("tag_id", "tag", TAG)
    return (
        Lines("tag_synonym", TagSynonym, (Plain("name"), tag), order=("name",), key=("name",)),
        Lines("tag_redirect", TagRedirect, (Plain("slug"), tag), order=("slug",), key=("slug",)),
    )


def _contested(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"freshness": Freshness.CONTESTED} if values.get("contested_at") else {}


_STANDING = ("verify_days", "contested_at", "contested_why", "successor_note")
_e = table_of(Entry).c
STANDING = Lines(
    "standing",
    Entry,
    (
        Plain("slug", "entry"),
        To("verifier_person_id", "verifier", PERSON),
        To("verifier_group_id", "verifier_group", GROUP),
        To("contested_by_id", "contested_by", PERSON),
        To("successor_id", "successor", ENTRY),
        *plain(*_STANDING),
    ),
    order=("slug",),
    key=("slug",),
    left_out=dict.fromkeys(
        (
            *("uid", "kind", "author_id", "owner_id", "audience", "status", "freshness", "verified_by_id", "sample"),
            *(
                "verified_until",
                "published_revision_id",
                "latest_revision_id",
                "published_at",
                "created_at",
                "updated_at",
            ),
        ),
        "in its own file",
    ),
    derived=_contested,
    those=or_(
        *(_e[name].is_not(None) for name in (*_STANDING, "verifier_person_id", "verifier_group_id", "successor_id"))
    ),
    only_there=True,
)
"""What an entry's file does not say of it, because it may name what comes later."""


def telling() -> Sequence[Lines]:
    """Series, templates and rules, as those who curate leave them."""
    series = To("series_id", "series", SERIES)
    template = To("template_id", "template", Target(Template, "uid"))
    return (
        Lines(
            "series",
            Series,
            (
                *plain("slug", "title", "description"),
                To("owner_id", "owner", PERSON),
                *plain("created_at", "updated_at"),
            ),
            order=("slug",),
            key=("slug",),
            left_out=_OWN,
        ),
        Lines(
            "chapter",
            SeriesChapter,
            (series, To("entry_id", "entry", ENTRY), Plain("position")),
            order=("series", "position", "entry"),
            key=("series_id", "entry_id"),
        ),
        Lines("synonym", Synonym, plain("word", "line", "place"), order=("line", "place"), key=("word",)),
        Lines("series_redirect", SeriesRedirect, (Plain("slug"), series), order=("slug",), key=("slug",)),
        Lines(
            "template",
            Template,
            (*plain("uid", "kind", "intro"), To("changed_by_id", "changed_by", PERSON), Plain("changed_at")),
            key=("kind",),
        ),
        Lines(
            "template_part",
            TemplatePart,
            (template, *plain("field", "text")),
            order=("template", "field"),
            key=("template_id", "field"),
        ),
        Lines(
            "approval_rule",
            ApprovalRule,
            plain("kind", "audience", "needed"),
            key=("kind", "audience"),
            left_out=_OWN,
        ),
    )


def _said_html(values: Mapping[str, Any]) -> Mapping[str, Any]:
    body = values["body"]
    if len(body) > LONGEST or markup.check(body) > markup.EFFORT:
        raise TooLarge(f"A comment has at most {LONGEST:,} characters, and is not too intricate.", "body")
    return {"body_html": rendered(body) if body else "", "renderer": markup.RENDERER}


def talk() -> Sequence[Lines]:
    """What people say about entries."""
    entry, person, comment = (
        To("entry_id", "entry", ENTRY),
        To("person_id", "person", PERSON),
        To("comment_id", "comment", COMMENT),
    )
    author = To("author_id", "author", PERSON)
    suggestion = To("suggestion_id", "suggestion", Target(Suggestion, "uid"))
    return (
        Lines(
            "comment",
            Comment,
            (
                Plain("uid"),
                entry,
                To("parent_id", "parent", COMMENT),
                To("root_id", "root", COMMENT),
                author,
                *plain("depth", "audience", "body", "quote", "created_at", "active_at", "active_for_readers_at"),
                *plain("edited_at", "resolved_at"),
                To("resolved_by_id", "resolved_by", PERSON),
                *plain("removed_at", "hidden_at"),
                To("hidden_by_id", "hidden_by", PERSON),
                Plain("hidden_reason"),
            ),
            key=("uid",),
            left_out={
                **dict.fromkeys(("body_html", "renderer"), "made of the text"),
                "quote_revision": "former revisions are not exported; the quote is looked for in what readers see",
            },
            derived=_said_html,
        ),
        Lines(
            "comment_mention",
            CommentMention,
            (comment, person),
            order=("comment", "person"),
            key=("comment_id", "person_id"),
        ),
        Lines(
            "comment_reaction",
            CommentReaction,
            (comment, person, *plain("kind", "created_at")),
            order=("comment", "person", "kind"),
            key=("comment_id", "person_id", "kind"),
        ),
        Lines(
            "reaction",
            EntryReaction,
            (entry, person, *plain("kind", "created_at")),
            order=("entry", "person", "kind"),
            key=("entry_id", "person_id", "kind"),
        ),
        Lines(
            "vote",
            Vote,
            (entry, person, *plain("useful", "cast_at")),
            order=("entry", "person"),
            key=("entry_id", "person_id"),
        ),
        Lines(
            "suggestion",
            Suggestion,
            (
                Plain("uid"),
                entry,
                author,
                *plain("base_revision", "note", "state", "reason", "created_at", "decided_at"),
                To("decided_by_id", "decided_by", PERSON),
            ),
            key=("uid",),
        ),
        Lines(
            "suggestion_part",
            SuggestionPart,
            (suggestion, *plain("field", "before", "text")),
            order=("suggestion", "field"),
            key=("suggestion_id", "field"),
        ),
        Lines(
            "flag",
            Flag,
            (
                Plain("uid"),
                entry,
                comment,
                person,
                *plain("reason", "note", "state", "settlement", "created_at", "settled_at"),
                To("settled_by_id", "settled_by", PERSON),
            ),
            key=("uid",),
        ),
    )


def heard() -> Sequence[Lines]:
    """What people want to hear of."""
    person = To("person_id", "person", PERSON)
    return (
        Lines(
            "follow",
            Follow,
            (
                person,
                *plain("target", "state"),
                To("entry_id", "entry", ENTRY),
                To("tag_id", "tag", TAG),
                Plain("kind"),
                To("followed_id", "followed", PERSON),
                To("group_id", "group", GROUP),
                *plain("search", "query", "filters", "name", "sort", "created_at"),
                To("relay_id", "relay", GROUP),
            ),
            key=("person_id", "target", "entry_id", "tag_id", "kind", "followed_id", "group_id", "search", "relay_id"),
            left_out=_OWN,
        ),
        Lines(
            "follow_preference",
            FollowPreference,
            (person, Plain("by_itself")),
            order=("person",),
            key=("person_id",),
        ),
        Lines(
            "notification_off",
            NotificationOff,
            (person, Plain("reason")),
            order=("person", "reason"),
            key=("person_id", "reason"),
        ),
    )


def of_use() -> Sequence[Lines]:
    """What entries were good for, and what files were called before."""
    entry = To("entry_id", "entry", ENTRY)
    own = ("withdrawn_at", "source", "external_id")
    return (
        Lines(
            "use",
            Use,
            (
                Plain("uid"),
                entry,
                To("person_id", "person", PERSON),
                *plain("stage", "segment", "function", "result", "note", "used_on", "created_at", *own),
            ),
            key=("uid",),
        ),
        Lines(
            "outcome",
            OutcomeRecord,
            (
                Plain("uid"),
                entry,
                To("author_id", "author", PERSON),
                To("customer_id", "customer", CUSTOMER),
                To("group_id", "group", GROUP),
                *plain(
                    "stage", "segment", "from_on", "to_on", "metric", "metric_kind", "comparison", "verdict", "note"
                ),
                *plain("before_n", "before_value", "before_deviation", "after_n", "after_value", "after_deviation"),
                *plain("created_at", *own),
            ),
            key=("uid",),
        ),
        Lines(
            "attachment_name",
            AttachmentName,
            (entry, Plain("name"), To("attachment_id", "attachment", Target(Attachment, "uid"))),
            order=("entry", "name"),
            key=("entry_id", "name"),
            those=table_of(AttachmentName).c.attachment_id.in_(
                select(_attached.id).where(_attached.removed_at.is_(None))
            ),
        ),
    )
