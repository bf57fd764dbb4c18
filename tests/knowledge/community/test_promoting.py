"""What people tell one another becomes feedback or a practice, keeps its author and a link [C2], and is echoed by customers [C3]."""

import pytest
from sqlmodel import Session

from knowledge import entries, evidence, feedback
from knowledge.community import centre, comments, echoing, posts, promoting, promotions, reactions, speaking
from knowledge.customers import Customer, CustomerRow
from knowledge.database import Page
from knowledge.entries import EntryRow, links, publishing
from knowledge.errors import Invalid, NotAllowed
from knowledge.feedback import merging, rankings, themes
from knowledge.people import OPERATOR, Viewer
from knowledge.privacy import erasing
from knowledge.words import (
    Audience,
    Channel,
    CommentAudience,
    CustomerStatus,
    FeedbackKind,
    Kind,
    ReactionKind,
    Reason,
    Role,
    Stance,
)
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_group, a_viewer, an_entry, some_feedback
from tests.knowledge.community.test_telling import tell

SAME = ReactionKind.SAME_HERE


def speaking_for(session: Session, customer: CustomerRow) -> Viewer:
    return a_viewer(session, role=Role.CUSTOMER, customer=customer)


def an_idea(session: Session, author: Viewer, **more: str) -> EntryRow:
    made = posts.post(
        session, author, Kind.IDEA, title=more.get("title", "A tray"), body=more.get("body", "That *tips*.")
    )
    return publishing.publish(session, OPERATOR, made.uid)


def test_c2_a_customers_post_becomes_feedback_with_its_author_and_a_link(session: Session) -> None:
    pot = a_customer(session)
    rosa, ines, jonas = speaking_for(session, pot), a_viewer(session), a_viewer(session)
    idea = an_idea(session, rosa)

    item = promoting.to_feedback(session, ines, idea)
    again = promoting.to_feedback(session, jonas, idea)

    assert (item.verbatim, item.channel, item.kind) == (
        "A tray\n\nThat tips.",
        Channel.COMMUNITY_POST,
        FeedbackKind.NEW_IDEA,
    )
    assert (item.customer_id, item.reporter_id, again.id) == (pot.id, ines.id, item.id)
    (kept,) = promotions.of(idea, ines)
    back = promotions.behind(item, jonas)
    assert back is not None
    found = (promotions.post_of(back, jonas), promotions.author_of(back, jonas))
    assert [each and each.id for each in found] == [idea.id, rosa.id]
    assert promotions.feedback_of(kept, rosa) is not None
    assert promotions.of(idea, speaking_for(session, a_customer(session))) == []
    tell(session)
    assert Reason.PROMOTED in {row.reason for row in centre.listing(session, rosa, Page(first=50)).rows}
    with pytest.raises(NotAllowed):
        promoting.to_feedback(session, rosa, idea)


def test_c2_a_colleagues_comment_becomes_feedback_that_they_reported(session: Session) -> None:
    group = a_group(session)
    ines, jonas = a_viewer(session, group=group), a_viewer(session)
    entry = an_entry(session, jonas)
    said = speaking.comment(session, ines, entry, body="Two cafés asked for it.")

    item = promoting.to_feedback(session, jonas, entry, said, kind=FeedbackKind.SUGGESTION)
    read = comments.by_uid(session, jonas, said.uid)

    assert (item.verbatim, item.customer_id, item.reporter_id, item.group_id) == (said.body, None, ines.id, group.id)
    assert read is not None
    assert [each.feedback_id for each in promotions.of(read, jonas)] == [item.id]
    secret = an_entry(session, ines, kind=Kind.STORY, audience=Audience.GROUP, audience_groups=[group.uid])
    for target in (secret, entry):  # for one group; and no post at all
        with pytest.raises(Invalid):
            promoting.to_feedback(session, ines, target)


def test_c2_a_practice_begins_with_a_colleagues_words_and_links_back(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session)
    story = an_entry(session, ines, kind=Kind.STORY, title="Twenty to ten", body="We rang.\n\nThen we drove.")

    draft = promoting.to_practice(session, jonas, story, title="Ring first")
    again = promoting.to_practice(session, jonas, story, title="Something else")

    assert (draft.title, draft.author_id, again.id) == ("Ring first", jonas.id, draft.id)
    assert "> We rang.\n>\n> Then we drove." in draft.body
    assert story.id in {row.id for _, row in links.links_of(draft, jonas)}
    assert promotions.of(story, ines) == []  # a draft is its author's alone
    with pytest.raises(Invalid, match="writing a practice"):
        promoting.to_practice(session, a_viewer(session), story, title="Mine")


def test_c2_of_a_customers_words_a_practice_has_evidence_and_no_copy_so_that_erasing_reaches_all(
    session: Session,
) -> None:
    pot = a_customer(session)
    rosa, ines = speaking_for(session, pot), a_viewer(session)
    idea = an_idea(session, rosa, title="The purple spanner", body="Bring a purple spanner.")
    comment = speaking.comment(
        session, ines, idea, body="Well put.", quote="purple spanner", audience=CommentAudience.READERS
    )

    draft = promoting.to_practice(session, ines, idea, title="Bring your own tool")
    (piece,) = evidence.of_entry(draft, ines)

    assert ("spanner" in draft.body, piece.quote, piece.stance) == (
        False, "The purple spanner\n\nBring a purple spanner.", Stance.SUPPORTS,
    )  # fmt: skip
    erasing.erase(session, a_viewer(session, role=Role.ADMIN), pot)
    session.info.pop("reading", None)
    gone = entries.by_uid(session, OPERATOR, idea.uid)
    said = comments.by_uid(session, OPERATOR, comment.uid)
    assert gone is not None
    assert said is not None
    assert "spanner" not in f"{gone.title}{gone.slug}{gone.body}{gone.body_html}{gone.summary}{said.quote}"
    assert entries.by_uid(session, ines, idea.uid) is None
    item = feedback.by_uid(session, ines, promotions_feedback(session, idea))
    assert item is None or "spanner" not in item.verbatim


@ON_ONE_ENGINE
def test_promoting_again_shows_nothing_of_a_customer_who_asked_not_to_be_dealt_with(session: Session) -> None:
    pot = a_customer(session)
    rosa, ines = speaking_for(session, pot), a_viewer(session)
    idea = an_idea(session, rosa)
    promoting.to_feedback(session, ines, idea)
    session.get_one(Customer, pot.id).status = CustomerStatus.RESTRICTED
    session.flush()

    with pytest.raises(Invalid) as refused:
        promoting.to_feedback(session, ines, idea)

    assert [problem.field for problem in refused.value.problems] == ["entry"]


def promotions_feedback(session: Session, idea: EntryRow):  # type: ignore[no-untyped-def]
    (made,) = promotions.made_of(session, idea, "feedback_id")
    found = feedback.by_ids(session, OPERATOR, [made.feedback_id or 0])
    return found[made.feedback_id or 0].uid


def test_c3_same_here_by_a_distinct_customer_is_a_voice_wherever_voices_count(session: Session) -> None:
    pot, door, other = a_customer(session), a_customer(session), a_customer(session)
    rosa, ines = speaking_for(session, pot), a_viewer(session)
    idea = an_idea(session, rosa)
    item = promoting.to_feedback(session, ines, idea)
    themes.assign(session, ines, item.uid, ["trays"])
    some_feedback(session, ines, customer=other)
    for who in (rosa, speaking_for(session, pot), speaking_for(session, door), speaking_for(session, door), ines):
        reactions.react_to_entry(session, who, idea, SAME)
        reactions.react_to_entry(session, who, idea, ReactionKind.LIKE)
    practice = an_entry(session, ines)
    evidence.attach(session, ines, practice, item, Stance.SUPPORTS)

    (row,) = rankings.ranking(session, ines).themes
    heard = rankings.ranking(session, ines).heard
    (theme,) = themes.of_item(item, ines)
    counted = [
        row.loud.voices.customers,
        themes.voices_of(theme, ines).distinct_voices,
        merging.voices_of(item, ines).distinct_voices,
        evidence.tally_of(practice, ines).voices().customers,
        getattr(echoing.voices_of(idea, ines), "distinct_voices", 0),
    ]

    assert counted == [2, 2, 2, 2, 2]
    assert (heard.distinct_voices, merging.prevalence_of(item, ines).n) == (3, 3)
    assert evidence.weight_of(practice, ines).voices.heard == 3
    assert echoing.voices_of(idea, rosa) is None
    for who in (rosa, ines):
        reactions.take_back_from_entry(session, who, idea, SAME)
    assert merging.voices_of(item, a_viewer(session)).distinct_voices == 2
