from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlmodel import Session

from knowledge import clock, entries, jobs
from knowledge.database import Database, Page
from knowledge.entries import freshness, links, listing, publishing, tags, writing
from knowledge.entries.acts import EntryAct, allowed
from knowledge.entries.writing import Changes
from knowledge.errors import Code, Conflict, Invalid, NotAllowed, Refusal
from knowledge.people import OPERATOR, Viewer
from knowledge.practices import PracticeRow
from knowledge.words import Audience, Freshness, Kind, LinkKind, RevisionState, Role, Status
from server.worker import HANDLERS
from tests.factories import a_draft, a_group, a_viewer, an_entry, titles


def test_employee_publishes_for_colleagues_at_once(session: Session) -> None:
    ines = a_viewer(session)
    draft = a_draft(session, ines, tags=["Refunds", "refunds"])

    published = publishing.publish(session, ines, draft.uid)

    assert (published.status, published.freshness) == (Status.PUBLISHED, Freshness.UNVERIFIED)
    assert [tag.name for tag in tags.of_entry(published)] == ["refunds"]
    assert titles(listing.listing(session, a_viewer(session), Page()).rows) == [draft.title]


def test_e1_published_revision_stays_readable_while_a_newer_one_is_in_review(session: Session) -> None:
    ines, reader = a_viewer(session), a_viewer(session)
    entry = an_entry(session, ines, title="Before", audience=Audience.CUSTOMERS)

    writing.update(session, ines, entry.uid, 1, {"title": "After"})
    publishing.submit(session, ines, entry.uid)

    seen = entries.by_uid(session, reader, entry.uid)
    assert seen is not None
    assert (seen.title, seen.status) == ("Before", Status.PUBLISHED)


def test_e2_what_leaves_the_company_needs_somebody_other_than_its_author(session: Session) -> None:
    jonas, margit = a_viewer(session, role=Role.STEWARD), a_viewer(session, role=Role.LEADER)
    draft = a_draft(session, jonas, audience=Audience.PUBLIC)

    with pytest.raises(NotAllowed):
        publishing.publish(session, jonas, draft.uid)
    publishing.submit(session, jonas, draft.uid)
    with pytest.raises(NotAllowed):
        publishing.approve(session, jonas, draft.uid)
    approved = publishing.approve(session, margit, draft.uid)

    assert approved.status is Status.PUBLISHED


def test_e2_widening_a_published_entry_waits_for_approval_too(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)

    writing.update(session, ines, entry.uid, 1, {"audience": Audience.PUBLIC})

    with pytest.raises(NotAllowed):
        publishing.publish(session, ines, entry.uid)
    seen = entries.by_uid(session, ines, entry.uid)
    assert seen is not None
    assert seen.audience is Audience.EMPLOYEES


def test_e4_an_update_over_an_old_revision_conflicts_and_carries_the_newer_one(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    writing.update(session, ines, entry.uid, 1, {"body": "Second."})

    with pytest.raises(Conflict) as caught:
        writing.update(session, ines, entry.uid, 1, {"body": "Mine."})

    assert isinstance(caught.value.current, entries.RevisionRow)
    assert caught.value.current.body == "Second."


def test_e5_what_is_omitted_stays_and_null_clears(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines, summary="Short.", source="Elsewhere", tags=["kept"], detail={"say": "Sorry."})

    writing.update(session, ines, entry.uid, 1, {"summary": None, "detail": {"do": "Ask."}})

    seen = publishing.publish(session, ines, entry.uid)
    parts = entries.detail_of(seen, PracticeRow)
    assert (seen.summary, seen.source, [tag.name for tag in tags.of_entry(seen)]) == ("", "Elsewhere", ["kept"])
    assert (parts.do, parts.say) == ("Ask.", "Sorry.")


def test_reviewer_gives_back_with_a_note_and_the_author_submits_again(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    draft = a_draft(session, ines, audience=Audience.CUSTOMERS)
    publishing.submit(session, ines, draft.uid)

    back = publishing.request_changes(session, jonas, draft.uid, "Say for whom it worked.")

    assert back.status is Status.CHANGES_REQUESTED
    latest = listing.latest_of(back, ines)
    assert latest is not None
    assert (latest.note, latest.state) == ("Say for whom it worked.", RevisionState.CHANGES_REQUESTED)
    assert publishing.submit(session, ines, draft.uid).status is Status.IN_REVIEW


def test_employee_may_not_edit_what_is_not_theirs(session: Session) -> None:
    entry = an_entry(session, a_viewer(session))

    with pytest.raises(NotAllowed):
        writing.update(session, a_viewer(session), entry.uid, 1, {"body": "Mine now."})


def test_v1_vision_is_published_with_what_and_why_and_by_leaders_only(session: Session) -> None:
    margit = a_viewer(session, role=Role.LEADER)
    bare = a_draft(session, margit, kind=Kind.VISION, detail={"what": "", "why": " "})

    with pytest.raises(NotAllowed):
        a_draft(session, a_viewer(session), kind=Kind.VISION)
    with pytest.raises(Refusal) as caught:
        publishing.publish(session, margit, bare.uid)

    assert [problem.field for problem in caught.value.problems] == ["vision.what", "vision.why"]


def test_n1_insight_without_evidence_is_not_published(session: Session) -> None:
    ines = a_viewer(session)
    draft = a_draft(session, ines, kind=Kind.INSIGHT)

    with pytest.raises(Refusal) as caught:
        publishing.publish(session, ines, draft.uid)

    assert [problem.field for problem in caught.value.problems] == ["evidence"]


def test_insight_is_for_every_function_so_never_for_a_group(session: Session) -> None:
    with pytest.raises(Refusal) as caught:
        a_draft(session, a_viewer(session), kind=Kind.INSIGHT, audience=Audience.GROUP)

    assert [problem.field for problem in caught.value.problems] == ["audience"]


def test_former_slug_still_finds_the_entry_and_is_not_given_away(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines, slug="old-name")

    writing.update(session, ines, entry.uid, 1, {"slug": "new-name"})

    found = links.by_slug(session, ines, "old-name")
    assert found is not None
    assert found.slug == "new-name"
    with pytest.raises(Refusal):
        a_draft(session, ines, slug="old-name")


def test_slugs_of_equal_titles_are_told_apart(session: Session) -> None:
    ines = a_viewer(session)

    made = [a_draft(session, ines, title="Größe zählt!").slug for _ in range(3)]

    assert made == ["grosse-zahlt", "grosse-zahlt-2", "grosse-zahlt-3"]


def test_mention_finds_an_entry_that_is_written_later(session: Session) -> None:
    ines = a_viewer(session)
    early = an_entry(session, ines, title="Early", body="See [[still-to-come]].")
    late = an_entry(session, ines, slug="still-to-come", title="Late")

    near = entries.by_uid(session, ines, early.uid)
    far = entries.by_uid(session, ines, late.uid)

    assert near is not None
    assert far is not None
    assert [(kind, row.title) for kind, row in links.links_of(near, ines)] == [(LinkKind.RELATED, "Late")]
    assert titles(links.backlinks_of(far, ines, Page()).rows) == ["Early"]


def test_explicit_link_outweighs_a_mention_of_the_same_entry(session: Session) -> None:
    ines = a_viewer(session)
    far = an_entry(session, ines, slug="far")
    near = an_entry(session, ines, body="[[far]]")

    links.link(session, ines, near, far, LinkKind.CONTRADICTS)

    seen = entries.by_uid(session, ines, near.uid)
    assert seen is not None
    assert [kind for kind, _ in links.links_of(seen, ines)] == [LinkKind.CONTRADICTS]
    target = entries.by_uid(session, ines, far.uid)
    assert target is not None
    assert [row.link_kind for row in links.backlinks_of(target, ines, Page()).rows] == [LinkKind.CONTRADICTS]


def test_archived_entry_leaves_every_list(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)

    publishing.archive(session, ines, entry.uid)

    assert titles(listing.listing(session, ines, Page()).rows) == []


def test_verification_is_due_then_expires_by_jobs(database: Database) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.held(start):
        entry = database.write(lambda session: an_entry(session, a_viewer(session)))
        verified = database.write(lambda session: freshness.verify(session, OPERATOR, entry.uid))
    states = []
    for days in (0, 82, 83, 89, 90, 91):
        with clock.held(start + timedelta(days=days)):
            jobs.run_due(database, HANDLERS)
            with database.reading() as session:
                seen = entries.by_uid(session, OPERATOR, entry.uid)
                states.append(seen.freshness if seen else None)

    assert verified.verified_until == start + timedelta(days=90)
    fresh = [Freshness.VERIFIED, Freshness.VERIFIED, Freshness.DUE, Freshness.DUE, Freshness.EXPIRED, Freshness.EXPIRED]
    assert states == fresh


def test_new_published_revision_is_unverified_again(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    freshness.verify(session, ines, entry.uid)

    writing.update(session, ines, entry.uid, 1, {"body": "Changed."})

    assert publishing.publish(session, ines, entry.uid).freshness is Freshness.UNVERIFIED


def test_paging_gives_every_row_once_in_both_directions(session: Session) -> None:
    ines = a_viewer(session)
    wanted = [an_entry(session, ines, title=f"Same {number % 3}").id for number in range(25)]
    for sort in listing.Sort:
        forward: list[int] = []
        backward: list[int] = []
        after = before = None
        while True:
            page = listing.listing(session, ines, Page(first=7, after=after), sort=sort)
            forward += [row.id for row in page.rows]
            if not page.has_next:
                break
            after = page.cursors[-1]
        while True:
            page = listing.listing(session, ines, Page(last=7, before=before), sort=sort)
            backward = [row.id for row in page.rows] + backward
            if not page.has_previous:
                break
            before = page.cursors[0]

        assert forward == backward
        assert sorted(forward) == sorted(wanted)


@pytest.mark.parametrize("cursor", ["", "x", "W10", "bnVsbA", "WyJUSVRMRSIsMSwyXQ", "🦓"])
def test_cursor_of_another_list_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(Invalid):
        listing.listing(session, a_viewer(session), Page(first=2, after=cursor))


def test_e2_what_takes_effect_on_saving_waits_for_a_curator_while_the_entry_is_out(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, ines, audience=Audience.PUBLIC, source="Us")

    with pytest.raises(Refusal) as caught:
        writing.update(session, ines, entry.uid, 1, {"slug": "scandal", "principles": [1], "source": "Them"})
    writing.update(session, ines, entry.uid, 1, {"source": "Them"})

    assert [problem.field for problem in caught.value.problems] == ["slug", "principles"]
    seen = entries.by_uid(session, jonas, entry.uid)
    assert seen is not None
    assert seen.source == "Us"


def test_e2_what_is_superseded_is_still_out_and_its_address_its_curators_to_change(session: Session) -> None:
    ines = a_viewer(session)
    entry, successor = (an_entry(session, ines, audience=Audience.PUBLIC) for _ in range(2))
    publishing.obsolete(session, ines, entry.uid, successor)

    with pytest.raises(Refusal) as caught:
        writing.update(session, ines, entry.uid, 1, {"slug": "scandal"})

    assert [problem.field for problem in caught.value.problems] == ["slug"]


def test_e5_null_leaves_the_address_as_it_is_whoever_says_so(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines, audience=Audience.PUBLIC)

    saved = writing.update(session, ines, entry.uid, 1, {"slug": None, "body": "Newer."})

    assert saved.slug == entry.slug


def test_owner_is_a_colleague_because_an_owner_sees_every_draft(session: Session) -> None:
    rosa = a_viewer(session, role=Role.CUSTOMER)

    with pytest.raises(Refusal) as caught:
        a_draft(session, a_viewer(session), owner=rosa.uid)

    assert [problem.field for problem in caught.value.problems] == ["owner"]


def test_a_tag_has_no_comma_because_one_separates_tags(session: Session) -> None:
    with pytest.raises(Invalid) as caught:
        a_draft(session, a_viewer(session), tags=["refunds, calls"])

    assert [problem.field for problem in caught.value.problems] == ["tags"]


def test_tags_that_look_alike_in_an_address_stay_apart(session: Session) -> None:
    ines = a_viewer(session)

    entry = an_entry(session, ines, tags=["C#", "C++", "c", "日本", "中国"])

    assert [tag.name for tag in tags.of_entry(entry)] == sorted(["c#", "c++", "c", "日本", "中国"])
    assert len({tag.slug for tag in tags.of_entry(entry)}) == 5


def test_slug_of_a_page_is_not_an_entrys(session: Session) -> None:
    ines = a_viewer(session)

    assert a_draft(session, ines, title="New").slug == "new-2"
    with pytest.raises(Refusal):
        a_draft(session, ines, slug="new")


def test_parts_of_an_entry_share_what_one_may_cost_to_render(session: Session) -> None:
    heavy = "[a " * 150 + "x " * 5000
    parts = ("problem", "when", "do", "say", "avoid", "measure")

    a_draft(session, a_viewer(session), detail={"problem": heavy})
    with pytest.raises(Refusal) as caught:
        a_draft(session, a_viewer(session), detail=dict.fromkeys(parts, heavy))

    assert [problem.code for problem in caught.value.problems] == [Code.TOO_LARGE]


def test_approval_is_of_the_revision_that_was_read(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    draft = a_draft(session, ines, audience=Audience.CUSTOMERS, title="Read this")
    publishing.submit(session, ines, draft.uid)
    writing.update(session, ines, draft.uid, 1, {"title": "Swapped"})
    publishing.submit(session, ines, draft.uid)

    with pytest.raises(Conflict):
        publishing.approve(session, jonas, draft.uid, number=1)

    assert publishing.approve(session, jonas, draft.uid, number=2).title == "Swapped"


def test_newer_revision_of_what_is_published_waits_for_review_too(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, ines, audience=Audience.CUSTOMERS)
    writing.update(session, ines, entry.uid, 1, {"body": "Newer."})
    publishing.submit(session, ines, entry.uid)
    waiting = listing.Filter(status=(Status.IN_REVIEW,))

    assert titles(listing.listing(session, jonas, Page(), filter=waiting).rows) == [entry.title]
    assert titles(listing.listing(session, a_viewer(session), Page(), filter=waiting).rows) == []


def test_nobody_writes_over_a_draft_that_they_may_not_see(session: Session) -> None:
    ines, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, ines)
    writing.update(session, ines, entry.uid, 1, {"body": "Not for other eyes yet."})

    with pytest.raises(Refusal) as caught:
        writing.update(session, jonas, entry.uid, 2, {"title": "Guessed"})

    assert [problem.code for problem in caught.value.problems] == [Code.CONFLICT]
    publishing.submit(session, ines, entry.uid)
    writing.update(session, jonas, entry.uid, 2, {"title": "Read before"})


def test_newer_revision_for_a_group_is_neither_read_nor_approved_by_curators_outside_it(session: Session) -> None:
    support, sales = a_group(session), a_group(session)
    ines = a_viewer(session, group=support)
    inside, outside = (a_viewer(session, role=Role.STEWARD, group=group) for group in (support, sales))
    entry = an_entry(session, ines, title="For all")
    for_support = {"title": "For support", "audience": Audience.GROUP, "audience_groups": [support.uid]}
    writing.update(session, ines, entry.uid, 1, cast(Changes, for_support))
    publishing.submit(session, ines, entry.uid)

    latest = {}
    for viewer in (inside, outside):
        seen = entries.by_uid(session, viewer, entry.uid)
        assert seen is not None
        latest[viewer] = listing.latest_of(seen, viewer)
        assert (EntryAct.APPROVE in allowed(seen, viewer)) == (viewer is inside)
    with pytest.raises(Invalid):
        publishing.approve(session, outside, entry.uid)

    assert latest[outside] is None
    assert latest[inside] is not None
    assert publishing.approve(session, inside, entry.uid).title == "For support"


def test_newer_draft_that_nobody_in_particular_wrote_is_not_a_strangers(session: Session) -> None:
    entry = an_entry(session, OPERATOR, audience=Audience.PUBLIC)
    writing.update(session, OPERATOR, entry.uid, 1, {"body": "Not for other eyes yet."})

    seen = entries.by_uid(session, Viewer(), entry.uid)

    assert seen is not None
    assert listing.latest_of(seen, Viewer()) is None


def test_curator_finds_again_what_they_made_of_what_was_submitted(session: Session) -> None:
    ines, jonas, karl = a_viewer(session), *(a_viewer(session, role=Role.STEWARD) for _ in range(2))
    draft = a_draft(session, ines)
    publishing.submit(session, ines, draft.uid)

    writing.update(session, jonas, draft.uid, 1, {"title": "Better"})

    seen = {viewer: entries.by_uid(session, viewer, draft.uid) for viewer in (ines, jonas, karl)}
    assert [viewer for viewer, row in seen.items() if row is not None] == [ines, jonas]
    assert titles(listing.drafts(session, jonas, Page()).rows) == ["Better"]
    row = seen[jonas]
    assert row is not None
    assert [each.number for each in listing.revisions_of(row, jonas, Page()).rows] == [2]
    assert publishing.submit(session, jonas, draft.uid).status is Status.IN_REVIEW
