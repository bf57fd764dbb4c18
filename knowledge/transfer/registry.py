"""Every table: written as lines, written with its entry, or left out for a reason. A test compares it with the database.

A new table that is to be exported is a `Lines` below; with a `key` it is read back as it was written, without a module of its own.
"""

from collections.abc import Mapping, Sequence

from knowledge.attachments.attaching import Attachment
from knowledge.community.notices import Notice
from knowledge.customers import Customer
from knowledge.database import table_of
from knowledge.entries.links import Link, SlugRedirect
from knowledge.evidence.claiming import InsightSegment, InsightTheme
from knowledge.feedback import Feedback
from knowledge.initiatives.progress import ProgressUpdate
from knowledge.ladder.advocacies import Advocacy
from knowledge.ladder.offerings import Applicability, Offering
from knowledge.ladder.transactions import Transaction
from knowledge.ladder.usable import SegmentOffering
from knowledge.people import FunctionalGroup, Person
from knowledge.transfer.closing import closed
from knowledge.transfer.consenting import agreed
from knowledge.transfer.customer_lines import SEGMENT, about_customers, met
from knowledge.transfer.envisioned import envisioned
from knowledge.transfer.hearing import THEME, seen_to
from knowledge.transfer.lines import CUSTOMER, ENTRY, FEEDBACK, GROUP, PERSON, Lines, Own, Plain, Target, To, plain
from knowledge.transfer.posting import posted
from knowledge.transfer.restorable import STANDING, TAGS, about_tags, heard, of_use, talk, telling
from knowledge.transfer.surveying import surveyed
from knowledge.transfer.thanking import thanked
from knowledge.transfer.undertaking import undertaken
from knowledge.words import CustomerStatus

_HERE = "made anew where it is read"
_RECORD = "of the record of what was done, which a backup keeps"

GROUPS = Lines("group", FunctionalGroup, plain("name", "kind", "sample"), left_out={"uid": _HERE})
CUSTOMERS = Lines(
    "customer",
    Customer,
    (
        Own(),
        *plain("name", "kind", "relation", "stage", "email", "joined_on", "need_confirmed", "ability_confirmed"),
        To("group_id", "group", GROUP),
        To("parent_id", "parent", CUSTOMER),
        *plain("sample", "status"),
    ),
    left_out={
        **dict.fromkeys(("version", "created_at", "updated_at"), _HERE),
        "stage_source": "what an import says of a stage counts as said by a person",
        "stage_review_on": "of a move by hand, and former moves are not exported; a backup keeps both",
        "merged_into_id": "those who were merged are in the one who stayed",
    },
    those=table_of(Customer).c.status != CustomerStatus.MERGED,
)
PEOPLE = Lines(
    "person",
    Person,
    (
        *plain("email", "name", "role", "handle"),
        To("group_id", "group", GROUP),
        To("customer_id", "customer", CUSTOMER),
        *plain("disabled_at", "sample"),
    ),
    left_out={
        **dict.fromkeys(("uid", "version", "created_at", "updated_at"), _HERE),
        "password": "a secret of one installation",
    },
)
SAID = Lines(
    "feedback",
    Feedback,
    (
        Own(),
        *plain("verbatim", "channel", "kind", "severity", "status", "language"),
        *plain("occurred_at", "received_at", "anonymous"),
        To("customer_id", "customer", CUSTOMER),
        To("reporter_id", "reporter", PERSON),
        Plain("sample"),
        *plain("sentiment", "sentiment_source", "sentiment_confirmed", "aspect", "audience", "due_at", "closing_note"),
        To("group_id", "group", GROUP),
        To("assignee_id", "assignee", PERSON),
        To("assigned_group_id", "assigned_group", GROUP),
        To("duplicate_of_id", "duplicate_of", FEEDBACK),
    ),
    left_out={**dict.fromkeys(("version", "updated_at"), _HERE), "redacted_at": _RECORD},
)
PROGRESS = Lines(
    "progress",
    ProgressUpdate,
    (
        Own(),
        *plain("health", "percent", "summary", "next"),
        To("entry_id", "initiative", ENTRY),
        To("author_id", "author", PERSON),
        Plain("created_at", "at"),
        Plain("audience"),
    ),
)
LINKS = Lines(
    "link",
    Link,
    (To("from_id", "from", ENTRY), To("to_id", "to", ENTRY), Plain("kind")),
    order=("from", "to", "kind"),
    left_out=dict.fromkeys(("created_by_id", "created_at"), _RECORD),
)
FORMER = Lines("redirect", SlugRedirect, (Plain("slug", "from"), To("entry_id", "to", ENTRY)), order=("slug",))

_attached = table_of(Attachment).c
ATTACHED = Lines(
    "attachment",
    Attachment,
    (
        To("entry_id", "entry", ENTRY),
        *plain("name", "alt", "sha256", "media_type", "uid"),
        To("author_id", "author", PERSON),
        *plain("created_at", "shown_from"),
    ),
    order=("entry", "name"),
    left_out={
        **dict.fromkeys(("size", "width", "height"), "its bytes say so"),
        "removed_at": "what was removed is not exported",
    },
    those=_attached.removed_at.is_(None),
)

# What the loyalty ladder is climbed by.
OFFERING = Target(Offering)
OFFERINGS = Lines(
    "offering",
    Offering,
    (Own(), *plain("name", "kind", "scope", "dormant_after", "sample")),
    left_out=dict.fromkeys(("version", "created_at", "updated_at"), _HERE),
)
APPLICABILITIES = Lines(
    "applicability",
    Applicability,
    (To("customer_id", "customer", CUSTOMER), To("offering_id", "offering", OFFERING), Plain("applies")),
    key=("customer_id", "offering_id"),
)
MEANT = Lines(
    "segment_offering",
    SegmentOffering,
    (To("segment_id", "segment", SEGMENT), To("offering_id", "offering", OFFERING)),
    key=("segment_id", "offering_id"),
)
TRANSACTIONS = Lines(
    "transaction",
    Transaction,
    (
        Own(),
        *plain("kind", "occurred_at"),
        To("customer_id", "customer", CUSTOMER),
        To("offering_id", "offering", OFFERING),
    ),
    left_out=dict.fromkeys(("created_at", "updated_at"), _HERE),
)
ADVOCACIES = Lines(
    "advocacy",
    Advocacy,
    (
        Own(),
        *plain("kind", "occurred_at", "note"),
        To("customer_id", "customer", CUSTOMER),
        To("reporter_id", "reporter", PERSON),
    ),
    left_out={"created_at": _HERE},
)


def about_insights() -> Sequence[Lines]:
    """What insights are about."""
    insight = To("entry_id", "insight", ENTRY)
    segment, theme = To("segment_id", "segment", SEGMENT), To("theme_id", "theme", THEME)
    return (
        Lines(
            "insight_segment",
            InsightSegment,
            (insight, segment),
            order=("insight", "segment"),
            key=("entry_id", "segment_id"),
        ),
        Lines(
            "insight_theme", InsightTheme, (insight, theme), order=("insight", "theme"), key=("entry_id", "theme_id")
        ),
    )


NOTICES = Lines(
    "notice",
    Notice,
    (
        *plain("uid", "text"),
        To("entry_id", "entry", ENTRY),
        To("author_id", "author", PERSON),
        *plain("pinned_at", "until", "taken_down_at", "sample"),
    ),
    key=("uid",),
)

CLIMBED = (OFFERINGS, APPLICABILITIES, MEANT, TRANSACTIONS, ADVOCACIES)

LINED: Sequence[Lines] = (GROUPS, CUSTOMERS, PEOPLE, SAID, PROGRESS, LINKS, FORMER, ATTACHED, *CLIMBED)
"""What modules of this package read back by the rules of the thing."""

FIRST: Sequence[Lines] = (TAGS, *met())
"""What entries and their evidence refer to."""

LAST: Sequence[Lines] = (
    *about_tags(),
    STANDING,
    *telling(),
    *talk(),
    *heard(),
    *of_use(),
    *about_customers(),
    *seen_to(),
    *closed(),
    *agreed(),
    *surveyed(),
    *about_insights(),
    *envisioned(),
    *undertaken(),
    *thanked(),
    *posted(),
    NOTICES,
)
"""What refers to entries, in the order in which it refers to one another."""

RESTORED: Sequence[Lines] = (*FIRST, *LAST)
"""What is read back as it was written, in the order in which that is possible."""

WITH_ENTRIES: Mapping[str, str] = {
    "revision": "what readers see in the file, the latest draft as a line",
    "revision_group": "in the file, as audience_groups",
    "revision_tag": "in the file, as tags",
    "entry_function": "in the file, as functions",
    "entry_stage": "in the file, as stages",
    "entry_principle": "in the file, as principles",
    "practice": "in the file",
    "insight": "in the file",
    "initiative": "in the file",
    "vision": "in the file",
    "principle": "in the file",
    "vision_answer": "in the file, as answers",
    "vision_answer_link": "in the file, with its answer",
}
"""Tables that are written with an entry or by a module of their own, and how."""

LEFT_OUT: Mapping[str, str] = {
    "activity": "who did what and when is of the place where it was done; a backup keeps it",
    "activity_value": "it belongs to what was done",
    "approval": "of one revision as it was read here; what waits for approval is approved anew where it is read",
    "attachment_content": "the bytes travel as files beside the lines",
    "notification": "tells of what happened here",
    "share_link": "a secret of one installation",
    "snapshot": "a name for a former revision, and former revisions are not exported; a backup keeps both",
    "api_token": "a secret of one installation",
    "api_token_scope": "it belongs to a token",
    "change": "what followers of this store have still to hear",
    "guiding_question": "the library brings it",
    "vision_step": "the library brings it",
    "claim_code": "a secret of one installation, and of the author alone",
    "job": "what this store has still to do",
    "mention": "found again in the text",
    "searched": "who searched for what is of the place where it was done, and its key is a secret of one installation",
    "sought": "counted from what was searched for here; a backup keeps it",
    "past_search": "counted from what was searched for here",
    "awaited": "a promise of this installation to somebody; a backup keeps it",
    "sign_in": "a secret of one installation",
    "visit": "when somebody was last here says something here alone",
    "sign_in_failure": "tells of attempts on one installation",
    "customer_merge": "a record of what was done here, by which it can be undone here; a backup keeps it",
    "customer_merge_row": "it belongs to a merge",
    "look": "who looked at what here, and why, is a record of what was done; a backup keeps it",
    "erasure": "whom this store has forgotten, by a number that says something here alone; a list beside the database keeps it",
    "digest": "a letter that went from here, whose words are not kept",
    "stage_transition": "how a customer came to where they stand is a record of what was done; a backup keeps it",
}
"""Tables that are not exported, and why."""
