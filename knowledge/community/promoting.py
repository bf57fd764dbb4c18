"""From what people tell one another to what customers said, or to a practice: one act, and its author and a link stay [C2]."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from knowledge import activity, clock, customers, entries, feedback, markup, people
from knowledge.community import comments, promotions
from knowledge.community.comments import Comment, CommentRow
from knowledge.community.promotions import Promotion
from knowledge.database import neighbours
from knowledge.entries import Entry, EntryRow, links, listing, writing
from knowledge.entries.hiding import POSTS
from knowledge.entries.writing import Changes
from knowledge.errors import Invalid, NotAllowed, Problem, refuse
from knowledge.evidence import attach
from knowledge.feedback import FeedbackRow, receiving
from knowledge.feedback.receiving import Said, Speaker
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import Audience, Channel, FeedbackKind, Kind, LinkKind, Role, Stance, Status

USUALLY = {
    Kind.IDEA: FeedbackKind.NEW_IDEA,
    Kind.QUESTION: FeedbackKind.QUESTION,
    Kind.LESSON: FeedbackKind.MISTAKE_REPORT,
}
"""What kind of feedback a post becomes where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is promoted: a post, or a comment on an entry; and who wrote it."""

    entry: EntryRow
    comment: CommentRow | None
    author: PersonRow | None

    @property
    def target(self) -> EntryRow | CommentRow:
        """The thing itself."""
        return self.comment or self.entry

    @property
    def text(self) -> str:
        """The words as they were written."""
        if self.comment is not None:
            return self.comment.body or ""
        return f"{self.entry.title}\n\n{self.entry.body}".strip()

    @property
    def plain(self) -> str:
        """The same words without the marks of Markdown, as somebody would have said them."""
        if self.comment is not None:
            return markup.render(self.comment.body or "").text.strip()
        return f"{self.entry.title}\n\n{markup.render(self.entry.body).text}".strip()

    @property
    def place(self) -> str:
        """The part of the input that names it."""
        return "entry" if self.comment is None else "comment"

    @property
    def customer_id(self) -> int | None:
        """The customer whose words they are; none where a colleague wrote them."""
        theirs = self.author is not None and self.author.role is Role.CUSTOMER
        return self.author.customer_id if theirs and self.author is not None else None


def words(entry: EntryRow, comment: CommentRow | None = None) -> Words:
    """A post or a comment as something to be promoted."""
    if comment is None:
        return Words(entry, None, people_of(entry))
    return Words(entry, comment, comments.author_of(comment))


def people_of(entry: EntryRow) -> PersonRow | None:
    """Who wrote an entry first."""
    return neighbours(entry, people.loaded, "author_id")


def to_feedback(
    session: Session,
    viewer: Viewer,
    entry: EntryRow,
    comment: CommentRow | None = None,
    *,
    kind: FeedbackKind | None = None,
) -> FeedbackRow:
    """Write down as feedback what was posted or said: word for word, from its author. Promoting it again answers what is there.

    Refuses NOT_ALLOWED, and INVALID with what stands against it.
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="record feedback")
    if not viewer.may(Act.FEEDBACK_READ):
        raise NotAllowed("Feedback is made by those who may read it.", "feedback")
    said = words(entry, comment)
    _lock(session, said)
    for known in promotions.made_of(session, said.target, "feedback_id"):
        made = feedback.by_ids(session, viewer, [known.feedback_id or 0]).get(known.feedback_id or 0)
        if made is None:
            raise Invalid("This is feedback already, of which nothing is shown for now.", said.place)
        return made
    heard = _heard(said, kind)
    refuse([*_unfit(session, viewer, said), *_unheard(said), *receiving.faults(heard)])
    item = receiving.keep(session, heard, _speaker(viewer, said))
    _note(session, viewer, said, Promotion(feedback_id=item.id))
    return item


def _heard(said: Words, kind: FeedbackKind | None) -> Said:
    usual = None if said.comment is not None else USUALLY.get(said.entry.kind)
    at = said.comment.created_at if said.comment is not None else said.entry.published_at
    return {
        "verbatim": said.plain,
        "channel": Channel.COMMUNITY_POST,
        "kind": kind or usual,
        "language": None if said.comment is not None else said.entry.language,
        "occurred_at": at,
    }


def _speaker(viewer: Viewer, said: Words) -> Speaker:
    """A customer said it and the viewer passes it on; or a colleague wrote it, and so reported it."""
    if said.author is None or said.author.role is Role.CUSTOMER:
        return Speaker(said.customer_id, viewer.id, viewer.group_id, viewer.id)
    return Speaker(None, said.author.id, said.author.group_id, viewer.id)


def to_practice(
    session: Session, viewer: Viewer, entry: EntryRow, comment: CommentRow | None = None, *, title: str
) -> EntryRow:
    """Draft a practice out of what was posted or said, which it links to. A colleague's words stand in it; a customer's become its
    evidence, word for word, and nowhere else a copy of them lies. Promoting it again answers the draft that is there.

    Refuses NOT_ALLOWED, and INVALID with what stands against it.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="write practices")
    said = words(entry, comment)
    _lock(session, said)
    for known in promotions.made_of(session, said.target, "practice_id"):
        made = entries.by_ids(session, viewer, [known.practice_id or 0]).get(known.practice_id or 0)
        if made is not None and made.status is not Status.ARCHIVED:
            return made
        if made is None and _goes_on(session, known.practice_id):
            raise Invalid("Somebody is writing a practice from this already.", "title")
    refuse(_unfit(session, viewer, said))
    draft = writing.create(session, viewer, Kind.BEST_PRACTICE, _begun(said, title))
    if said.author is not None and said.author.role is Role.CUSTOMER and viewer.may(Act.FEEDBACK_WRITE):
        attach(session, viewer, draft, to_feedback(session, viewer, entry, comment), Stance.SUPPORTS)
    links.link(session, viewer, draft, said.entry, LinkKind.RELATED)
    _note(session, viewer, said, Promotion(practice_id=draft.id))
    return draft


def _goes_on(session: Session, id: int | None) -> bool:
    entry = session.get(Entry, id)
    return entry is not None and entry.status is not Status.ARCHIVED


def _begun(said: Words, title: str) -> Changes:
    """The draft's words: a colleague's, set off as theirs. What was for one group stays for it."""
    customer = said.author is not None and said.author.role is Role.CUSTOMER
    theirs = "" if customer else "\n".join(f"> {line}".rstrip() for line in said.text.splitlines())
    groups = [group.uid for group in listing.audience_groups(said.entry)]
    audience = Audience.GROUP if said.entry.audience is Audience.GROUP else Audience.EMPLOYEES
    language = said.entry.language
    return {"title": title, "body": theirs, "language": language, "audience": audience, "audience_groups": groups}


def _lock(session: Session, said: Words) -> None:
    """Of two who promote the same at once the second finds what the first made."""
    table = Entry if said.comment is None else Comment
    session.get_one(table, said.target.id, with_for_update=True)


def _unfit(session: Session, viewer: Viewer, said: Words) -> Iterable[Problem]:
    if said.comment is None and said.entry.kind not in POSTS:
        yield Problem(
            said.place, "Stories, ideas, questions and lessons are promoted, and what is said about anything."
        )
    if said.entry.status is not Status.PUBLISHED:
        yield Problem(said.place, "Only what is published is promoted.")
    if said.comment is not None and (said.comment.body is None or said.comment.hidden_at is not None):
        yield Problem(said.place, "This has been taken away or hidden.")
    if said.customer_id is not None and not customers.by_ids(session, viewer, [said.customer_id]):
        yield Problem(said.place, "Nothing is done for now with what this customer says.")


def _unheard(said: Words) -> Iterable[Problem]:
    if said.entry.audience is Audience.GROUP:
        yield Problem(said.place, "What is for one group is not made feedback, which all colleagues read.")


def _note(session: Session, viewer: Viewer, said: Words, made: Promotion) -> None:
    made.entry_id = said.entry.id if said.comment is None else None
    made.comment_id = said.comment.id if said.comment is not None else None
    made.person_id, made.created_at = viewer.id, clock.now()
    session.add(made)
    session.flush()  # the answer is read back
    type = "Entry" if said.comment is None else "Comment"
    revision = said.entry.revision if said.comment is None else 0
    moved = {"into": (None, "feedback" if made.feedback_id is not None else "practice")}
    activity.record(session, viewer.id, "post.promoted", type, said.target.uid, revision=revision, moved=moved)
