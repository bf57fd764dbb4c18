"""Posts by colleagues and customers: who sees them, what waits for approval, what is hidden, and what is written on series."""

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import entries, series
from knowledge.activity import Activity, ActivityValue
from knowledge.community import centre, comments, posts, speaking
from knowledge.community.comments import CommentAct
from knowledge.community.posts import Filter
from knowledge.database import Page, table_of
from knowledge.entries import acts, approving, hiding, listing, publishing, writing
from knowledge.entries.acts import EntryAct
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited
from knowledge.people import Viewer
from knowledge.words import Audience, CommentAudience, Kind, Reason, Role, Status, Teller
from tests.factories import a_customer, a_viewer, an_entry, titles
from tests.knowledge.community.test_telling import tell


def a_customer_who_signs_in(session: Session) -> Viewer:
    return a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))


def reasons(session: Session, viewer: Viewer) -> list[Reason]:
    tell(session)
    return [row.reason for row in centre.listing(session, viewer, Page(first=100)).rows]


def test_e2_what_a_customer_writes_waits_for_a_second_pair_of_eyes_and_is_theirs_to_mend(session: Session) -> None:
    rosa, other = a_customer_who_signs_in(session), a_customer_who_signs_in(session)
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)

    made = posts.post(session, rosa, Kind.IDEA, title="A tray that tips", body="So that the drops run off.")
    seen = [entries.by_uid(session, each, made.uid) is not None for each in (rosa, other, ines, jonas, Viewer())]
    publishing.request_changes(session, jonas, made.uid, "Which machine?")
    mended = posts.mend(session, rosa, made.uid, base=1, title="A tray that tips", body="On the Duo.")
    out = publishing.approve(session, jonas, made.uid)

    assert (made.status, made.audience, made.owner_id) == (Status.IN_REVIEW, Audience.CUSTOMERS, None)
    assert seen == [True, False, False, True, False]
    assert (mended.status, out.status, out.body) == (Status.IN_REVIEW, Status.PUBLISHED, "On the Duo.")
    assert [entries.by_uid(session, each, made.uid) is not None for each in (other, ines, Viewer())] == [
        True,
        True,
        False,
    ]
    assert (acts.allowed(out, rosa), posts.may_mend(out, rosa), posts.may_mend(out, other)) == ([], True, False)
    assert {Reason.CHANGES_REQUESTED, Reason.PUBLISHED} <= set(reasons(session, rosa))
    with pytest.raises(NotAllowed):
        posts.mend(session, other, made.uid, base=2, title="Mine", body="Mine.")
    with pytest.raises(Conflict):
        posts.mend(session, rosa, made.uid, base=1, title="Late", body="Late.")


def test_where_a_rule_says_so_customers_post_at_once_and_colleagues_always_among_themselves(session: Session) -> None:
    rosa, ines = a_customer_who_signs_in(session), a_viewer(session)
    approving.set_rule(session, a_viewer(session, role=Role.ADMIN), Audience.CUSTOMERS, kind=Kind.STORY, needed=0)

    story = posts.post(session, rosa, Kind.STORY, title="The first cup", body="It was early.")
    inside = posts.post(session, ines, Kind.QUESTION, title="Who knows?", body="")
    outside = posts.post(session, ines, Kind.IDEA, title="For all", body="A map.", audience=Audience.PUBLIC)

    assert [each.status for each in (story, inside, outside)] == [Status.PUBLISHED, Status.PUBLISHED, Status.IN_REVIEW]
    by = {who: titles(posts.listing(session, ines, Page(), Filter(by=who)).rows) for who in (*Teller, None)}
    assert by == {
        Teller.CUSTOMERS: ["The first cup"],
        Teller.COLLEAGUES: ["Who knows?"],
        None: ["Who knows?", "The first cup"],
    }
    assert titles(posts.listing(session, rosa, Page()).rows) == ["The first cup"]
    assert posts.listing(session, Viewer(), Page()).rows == []


def test_what_customers_may_not_write_is_refused_with_all_that_is_wrong(session: Session) -> None:
    rosa = a_customer_who_signs_in(session)

    with pytest.raises(Invalid) as refused:
        posts.post(session, rosa, Kind.BEST_PRACTICE, title="Mine", body=" ", audience=Audience.EMPLOYEES)
    with pytest.raises(NotAllowed):
        posts.post(session, Viewer(), Kind.IDEA, title="Nobody's", body="None.")
    for number in range(posts.MOST_AT_ONCE):
        posts.post(session, rosa, Kind.IDEA, title=f"Idea {number}", body="Another one.")

    assert [problem.field for problem in refused.value.problems] == ["kind", "body", "audience"]
    with pytest.raises(RateLimited):
        posts.post(session, rosa, Kind.IDEA, title="One more", body="And another.")


def test_a_customer_reads_no_draft_that_a_colleague_writes_over_their_post(session: Session) -> None:
    rosa, jonas = a_customer_who_signs_in(session), a_viewer(session, role=Role.STEWARD)
    made = posts.post(session, rosa, Kind.STORY, title="The first cup", body="It was early.")
    publishing.approve(session, jonas, made.uid)

    writing.update(session, jonas, made.uid, 1, {"body": "She is upset about the price."})
    row = entries.by_uid(session, rosa, made.uid)

    assert row is not None
    assert (row.body, listing.latest_of(row, rosa)) == ("It was early.", None)
    assert [each.number for each in listing.revisions_of(row, rosa, Page()).rows] == [1]
    with pytest.raises(Invalid):
        posts.mend(session, rosa, made.uid, base=2, title="The first cup", body="Blind.")


def test_a_post_is_hidden_for_a_logged_reason_and_shown_again_by_those_who_curate(session: Session) -> None:
    ines, jonas, steward = a_viewer(session), a_viewer(session), a_viewer(session, role=Role.STEWARD)
    story = an_entry(session, ines, kind=Kind.STORY, title="Told too much")
    practice = an_entry(session, ines)

    hidden = hiding.hide(session, steward, story.uid, " It names a customer. ")
    seen = [entries.by_uid(session, each, story.uid) is not None for each in (ines, jonas, steward)]
    told = [found.reason if (found := hiding.of(hidden, each)) else None for each in (ines, jonas, steward)]
    offered = acts.allowed(hidden, ines)
    with pytest.raises(NotAllowed, match="hidden"):
        publishing.publish(session, ines, story.uid)
    with pytest.raises(NotAllowed):
        hiding.unhide(session, ines, story.uid)
    shown = hiding.unhide(session, steward, story.uid)

    assert (hidden.status, seen) == (Status.ARCHIVED, [True, False, True])
    assert told == ["It names a customer.", None, "It names a customer."]
    assert EntryAct.PUBLISH not in offered
    assert (shown.status, entries.by_uid(session, jonas, story.uid) is not None) == (Status.PUBLISHED, True)
    act, value = table_of(Activity).c, table_of(ActivityValue).c
    logged = select(value.after).join(table_of(Activity), act.id == value.activity_id)
    logged = logged.where(act.verb == "post.hidden", value.field == "reason")
    assert session.connection().execute(logged).scalars().all() == ["It names a customer."]
    assert Reason.HIDDEN in reasons(session, ines)
    for who, uid, why, refusal in (
        (jonas, story.uid, "Because.", NotAllowed),
        (steward, story.uid, " ", Invalid),
        (steward, practice.uid, "Because.", Invalid),
        (Viewer(), story.uid, "Because.", NotFound),
    ):
        with pytest.raises(refusal):
            hiding.hide(session, who, uid, why)
    with pytest.raises(Invalid):
        hiding.unhide(session, steward, story.uid)


def test_customers_comment_on_each_chapter_of_a_series_that_is_for_them(session: Session) -> None:
    ines, rosa = a_viewer(session), a_customer_who_signs_in(session)
    made = series.create(session, ines, {"title": "The autumn"})
    chapters = [
        an_entry(session, ines, kind=Kind.STORY, audience=each) for each in (Audience.PUBLIC, Audience.CUSTOMERS)
    ]
    secret = an_entry(session, ines, kind=Kind.STORY)
    for chapter in (*chapters, secret):
        series.add(session, ines, made.uid, chapter)

    said = [speaking.comment(session, rosa, chapter, body="And then?") for chapter in chapters]

    assert [each.audience for each in said] == [CommentAudience.READERS] * 2
    assert all(CommentAct.REPLY in comments.allowed(each, rosa) for each in said)
    found = series.by_slug(session, rosa, made.slug)
    assert found is not None
    assert entries.by_uid(session, rosa, secret.uid) is None
