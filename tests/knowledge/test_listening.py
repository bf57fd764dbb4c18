"""What people look for is counted and never named: who asks, what becomes a gap, and who is told of an answer."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlmodel import Session

from knowledge import clock
from knowledge.community import centre, notifications
from knowledge.database import Page, table_of
from knowledge.entries import publishing, writing
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.listening import awaiting, gaps, keeping, people, searches, wording
from knowledge.listening.gaps import GapRow
from knowledge.listening.searches import Heard, PastSearch, Searched, Sought
from knowledge.people import Viewer
from knowledge.words import Audience, Kind, Reason, Role
from tests.factories import a_customer, a_viewer, an_entry, told

SECRET = b"s" * 32
EVERYTHING = Page(first=100)


def search(
    session: Session, viewer: Viewer, query: str, hits: int | None = 0, opened: UUID | None = None, watched: bool = True
) -> None:
    keeping.keep(session, searches.noted(SECRET, viewer, [Heard(query, hits, opened)], is_watched=watched))


def three(session: Session) -> list[Viewer]:
    return [a_viewer(session) for _ in range(3)]


def a_gap(session: Session, query: str = "cancel by phone") -> GapRow:
    for each in three(session):
        search(session, each, query)
    (gap,) = [gap for gap in open_gaps(session, a_viewer(session)) if gap.wording == query]
    return gap


def open_gaps(session: Session, viewer: Viewer) -> Sequence[GapRow]:
    return gaps.listing(session, viewer, EVERYTHING).rows


def wordings(session: Session, viewer: Viewer | None = None) -> list[str]:
    return [gap.wording for gap in open_gaps(session, viewer or a_viewer(session))]


def rows(session: Session) -> int:
    return int(session.connection().execute(select(func.count()).select_from(table_of(Searched))).scalar_one())


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


class TestWording:
    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("  Angry   Customer?  ", "angry customer"),
            ("Kunden Zurückgewinnen*", "kunden zurückgewinnen"),
            ("mail ines@example.com", ""),
            ("call +49 170 1234567", ""),
            ("order 12345678", ""),
            ("???", ""),
            ("survey with 4 answers", "survey with 4 answers"),
        ],
    )
    def test_what_is_kept_names_nobody(self, query: str, kept: str) -> None:
        assert wording.kept(query) == kept

    def test_a_long_query_is_cut(self) -> None:
        assert len(wording.kept("word " * 200)) <= wording.LONGEST

    def test_order_endings_and_little_words_make_no_difference(self) -> None:
        assert wording.subject("refunds for an angry customer") == wording.subject("angry customers refund")
        assert wording.subject("wie kann ich kunden zurückgewinnen") == wording.subject(
            "kann ich kunden wie zurückgewinnen"
        )
        assert wording.subject("refund") != wording.subject("complaint")

    @given(st.text(max_size=300))
    @settings(max_examples=200)
    def test_any_text_is_kept_within_bounds_and_has_a_subject(self, query: str) -> None:
        kept = wording.kept(query)

        assert len(kept) <= wording.LONGEST
        assert not kept or 0 < len(wording.subject(kept)) <= 600


class TestRecord:
    def test_a_person_is_a_hash_that_another_month_changes(self, session: Session) -> None:
        viewer = a_viewer(session)
        assert viewer.uid is not None

        march = people.hashed(SECRET, viewer.uid, NOON)

        assert people.hashed(SECRET, viewer.uid, NOON + timedelta(days=20)) == march
        assert people.hashed(SECRET, viewer.uid, NOON + timedelta(days=30)) != march
        assert people.hashed(b"other", viewer.uid, NOON) != march
        assert people.hashed(SECRET, uuid4(), NOON) != march

    def test_no_row_names_whoever_searched(self, session: Session) -> None:
        viewer = a_viewer(session)
        search(session, viewer, "cancel by phone")

        (row,) = session.connection().execute(select(table_of(Searched))).all()

        assert str(viewer.uid) not in map(str, row)
        assert viewer.uid is not None
        assert viewer.uid.hex not in map(str, row)

    def test_the_same_search_on_a_day_is_one_row_that_remembers_what_was_opened(self, session: Session) -> None:
        viewer, entry = a_viewer(session), uuid4()
        search(session, viewer, "Refund", 4)
        search(session, viewer, "refund ", None, entry)
        search(session, viewer, "refund", 3)

        (row,) = session.connection().execute(select(table_of(Searched))).all()

        assert (row.query, row.hits, row.opened) == ("refund", 3, entry)

    def test_strangers_and_what_names_somebody_are_not_kept(self, session: Session) -> None:
        search(session, Viewer(), "refund")
        search(session, a_viewer(session), "ines@example.com")

        assert rows(session) == 0

    def test_what_is_older_than_thirteen_months_is_forgotten(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(monkeypatch, NOON)
        a_gap(session)
        assert rows(session) == 3

        at(monkeypatch, NOON + keeping.KEPT + timedelta(days=2))
        keeping.tidy(session)

        assert rows(session) == 0
        assert session.connection().execute(select(table_of(Sought).c.id)).all() == []

    def test_who_was_told_of_an_answer_is_forgotten_as_well_and_who_still_waits_is_not(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(monkeypatch, NOON)
        viewer = a_viewer(session)
        for query in ("cancel by phone", "refund by post"):
            awaiting.wait(session, viewer, query)
        waited_for = table_of(awaiting.Awaited)
        told_of = update(waited_for).where(waited_for.c.query == "cancel by phone").values(told_at=NOON)
        session.connection().execute(told_of)

        at(monkeypatch, NOON + keeping.KEPT + timedelta(days=2))
        keeping.tidy(session)

        assert session.connection().execute(select(waited_for.c.query)).scalars().all() == ["refund by post"]
        assert session.connection().execute(select(table_of(Sought).c.subject)).scalars().all() == ["post refund"]


class TestGaps:
    def test_two_people_make_no_gap_and_three_do(self, session: Session) -> None:
        viewers = three(session)
        for each in viewers[:2]:
            search(session, each, "cancel by phone")
            search(session, each, "phone cancel")
        assert wordings(session) == []

        search(session, viewers[2], "Cancel by phone?")

        assert [(gap.wording, gap.people) for gap in open_gaps(session, viewers[0])] == [("cancel by phone", 3)]

    def test_one_person_in_three_months_is_one_person(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        viewer = a_viewer(session)
        for month in range(3):
            at(monkeypatch, NOON + timedelta(days=31 * month))
            search(session, viewer, "cancel by phone")

        assert wordings(session) == []

    def test_hits_of_which_nothing_was_opened_are_a_gap_and_opened_ones_are_not(self, session: Session) -> None:
        for each in three(session):
            search(session, each, "refund", 7)
            search(session, each, "complaint", 7)
            search(session, each, "complaint", None, uuid4())

        assert wordings(session) == ["refund"]

    def test_where_it_is_not_known_what_was_opened_only_no_hits_count(self, session: Session) -> None:
        for each in three(session):
            search(session, each, "refund", 7, watched=False)
            search(session, each, "complaint", 0, watched=False)

        assert wordings(session) == ["complaint"]

    def test_a_search_narrowed_down_says_nothing(self, session: Session) -> None:
        for each in three(session):
            search(session, each, "refund", None)

        assert wordings(session) == []

    def test_what_most_people_find_is_no_gap(self, session: Session) -> None:
        for each in three(session):
            search(session, each, "refund", 7)
        for _ in range(4):
            search(session, a_viewer(session), "refund", 7, uuid4())

        assert wordings(session) == []

    def test_customers_and_strangers_read_no_gaps(self, session: Session) -> None:
        gap = a_gap(session)
        rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))

        assert wordings(session, rosa) == wordings(session, Viewer()) == []
        assert gaps.by_uid(session, rosa, gap.uid) is None
        for role in (Role.EMPLOYEE, Role.STEWARD, Role.LEADER, Role.ADMIN):
            assert len(wordings(session, a_viewer(session, role=role))) == 1

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 4),  # who
                st.integers(0, 3),  # how many months ago
                st.sampled_from(["alpha beta", "beta alpha", "gamma", "the gamma"]),
                st.sampled_from([None, 0, 3]),
                st.booleans(),
            ),
            max_size=30,
        )
    )
    def test_fewer_than_three_people_never_show(
        self, session: Session, asked: list[tuple[int, int, str, int | None, bool]]
    ) -> None:
        savepoint = session.begin_nested()
        folk = [uuid4() for _ in range(5)]
        known: dict[tuple[str, int], set[int]] = {}
        exactly: dict[str, dict[int, set[int]]] = {}
        for who, ago, query, hits, opens in asked:
            moment = clock.now() - timedelta(days=31 * ago)
            month = moment.year * 12 + moment.month
            noted = searches.Noted(
                wording.kept(query),
                people.hashed(SECRET, folk[who], moment),
                moment,
                hits,
                uuid4() if opens else None,
                True,
            )
            keeping.keep(session, [noted])
            known.setdefault((wording.subject(query), month), set()).add(who)
            exactly.setdefault(query, {}).setdefault(month, set()).add(who)

        enough = {subject for (subject, _), who in known.items() if len(who) >= 3}
        shown = gaps.listing(session, a_viewer(session), EVERYTHING).rows
        past = session.connection().execute(select(table_of(PastSearch).c.query)).scalars().all()

        assert {wording.subject(gap.wording) for gap in shown} <= enough
        assert all(gap.people >= 3 for gap in shown)
        assert all(max(len(who) for who in exactly[query].values()) >= 3 for query in past)
        savepoint.rollback()


class TestFilling:
    @pytest.mark.parametrize("kind", gaps.WRITTEN)
    def test_a_gap_becomes_a_draft_with_its_title(self, session: Session, kind: Kind) -> None:
        gap, viewer = a_gap(session), a_viewer(session)

        taken, entry = gaps.take(session, viewer, gap.uid, kind)

        assert (entry.kind, entry.title, entry.author_id) == (kind, "Cancel by phone", viewer.id)
        assert taken.draft_id == entry.id
        assert gaps.draft_of(taken, viewer) is not None
        other = a_viewer(session)
        (seen,) = open_gaps(session, other)
        assert (seen.draft_id is not None, gaps.draft_of(seen, other)) == (True, None)

    def test_two_do_not_write_about_the_same(self, session: Session) -> None:
        gap = a_gap(session)
        gaps.take(session, a_viewer(session), gap.uid, Kind.QUESTION)

        with pytest.raises(Invalid, match="already"):
            gaps.take(session, a_viewer(session), gap.uid, Kind.QUESTION)

    def test_a_double_click_leads_to_the_one_draft(self, session: Session) -> None:
        gap, viewer = a_gap(session), a_viewer(session)
        _, first = gaps.take(session, viewer, gap.uid, Kind.QUESTION)

        taken, again = gaps.take(session, viewer, gap.uid, Kind.QUESTION)

        assert (again.id, taken.draft_id) == (first.id, first.id)
        with pytest.raises(Invalid, match="already"):
            gaps.take(session, viewer, gap.uid, Kind.BEST_PRACTICE)

    def test_who_may_take_and_answer_and_what(self, session: Session) -> None:
        gap, viewer = a_gap(session), a_viewer(session)
        rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
        question = an_entry(session, viewer, kind=Kind.QUESTION, body="Who knows?")

        with pytest.raises(NotAllowed):
            gaps.take(session, rosa, gap.uid, Kind.QUESTION)
        with pytest.raises(Invalid, match="question or a practice"):
            gaps.take(session, viewer, gap.uid, Kind.VISION)
        with pytest.raises(NotFound):
            gaps.take(session, viewer, uuid4(), Kind.QUESTION)
        with pytest.raises(Invalid, match="not itself a question"):
            gaps.answer(session, viewer, gap.uid, question)

    def test_what_was_written_for_it_closes_it_when_it_is_published(self, session: Session) -> None:
        gap, viewer = a_gap(session), a_viewer(session)
        _, draft = gaps.take(session, viewer, gap.uid, Kind.BEST_PRACTICE)
        writing.update(session, viewer, draft.uid, 1, {"detail": {"problem": "They ring.", "do": "Cancel it."}})
        out = publishing.publish(session, viewer, draft.uid)
        told(session, out, "entry.published", by=viewer)

        assert wordings(session) == []
        (closed,) = gaps.listing(session, viewer, EVERYTHING, answered=True).rows
        assert (closed.uid, closed.answer_id) == (gap.uid, out.id)

    def test_a_question_that_was_asked_leaves_it_open(self, session: Session) -> None:
        gap, viewer = a_gap(session), a_viewer(session)
        _, draft = gaps.take(session, viewer, gap.uid, Kind.QUESTION)

        told(session, publishing.publish(session, viewer, draft.uid), "entry.published", by=viewer)

        assert [each.uid for each in open_gaps(session, viewer)] == [gap.uid]

    def test_three_who_do_not_find_the_answer_open_it_again(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(monkeypatch, NOON)
        gap, viewer = a_gap(session), a_viewer(session)
        gaps.answer(session, viewer, gap.uid, an_entry(session, viewer))
        at(monkeypatch, NOON + timedelta(days=1))
        folk = three(session)
        for each in folk[:2]:
            search(session, each, "cancel by phone")
        assert wordings(session) == []

        search(session, folk[2], "cancel by phone")

        assert [(each.uid, each.people) for each in open_gaps(session, viewer)] == [(gap.uid, 3)]


def reasons(session: Session, viewer: Viewer) -> list[Reason]:
    return [row.reason for row in centre.listing(session, viewer, EVERYTHING).rows]


def answered(session: Session, gap: GapRow, viewer: Viewer) -> None:
    notifications.notify(session, f"gap.answered Gap {gap.uid} {viewer.id} {clock.now().isoformat()}")


class TestWaiting:
    def test_whoever_waits_is_told_once_and_nobody_else(self, session: Session) -> None:
        gap, author, ann, other = a_gap(session), a_viewer(session), a_viewer(session), a_viewer(session)
        awaiting.wait(session, ann, "Cancel by phone?")
        entry = an_entry(session, author)

        gaps.answer(session, author, gap.uid, entry)
        answered(session, gap, author)
        answered(session, gap, author)

        assert reasons(session, ann) == [Reason.ANSWERED]
        assert reasons(session, other) == []
        assert awaiting.mine(session, ann) == []

    def test_what_is_published_with_all_the_words_answers(self, session: Session) -> None:
        ann, author = a_viewer(session), a_viewer(session)
        awaiting.wait(session, ann, "how do we descale a valve")
        off = an_entry(session, author, title="Valves in general")
        told(session, off, "entry.published", by=author)
        assert reasons(session, ann) == []

        fit = an_entry(session, author, title="Descaling valves")
        told(session, fit, "entry.published", by=author)
        again = an_entry(session, author, title="Descaling a valve again")
        told(session, again, "entry.published", by=author)

        assert reasons(session, ann) == [Reason.ANSWERED]

    def test_whoever_may_not_read_the_answer_goes_on_waiting(self, session: Session) -> None:
        author, rosa = a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
        awaiting.wait(session, rosa, "descale valve")
        inside = an_entry(session, author, title="Descale the valve")
        told(session, inside, "entry.published", by=author)
        assert reasons(session, rosa) == []
        assert len(awaiting.mine(session, rosa)) == 1

        outside = an_entry(session, author, title="Descale your valve", audience=Audience.CUSTOMERS)
        told(session, outside, "entry.published", by=author)

        assert reasons(session, rosa) == [Reason.ANSWERED]

    def test_it_is_taken_back_by_oneself_alone(self, session: Session) -> None:
        ann, other = a_viewer(session), a_viewer(session)
        row = awaiting.wait(session, ann, "descale valve")
        again = awaiting.wait(session, ann, "valve descale")
        assert (again.uid, again.query) == (row.uid, "valve descale")

        with pytest.raises(NotFound):
            awaiting.let_be(session, other, row.uid)
        assert awaiting.by_uid(session, other, row.uid) is None
        awaiting.let_be(session, ann, row.uid)

        assert awaiting.mine(session, ann) == []

    def test_what_is_no_query_or_one_too_many_is_refused(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ann = a_viewer(session)
        for query in ("", "???", "ines@example.com"):
            with pytest.raises(Invalid):
                awaiting.wait(session, ann, query)
        with pytest.raises(NotAllowed):
            awaiting.wait(session, Viewer(), "refund")
        monkeypatch.setattr(awaiting, "MOST", 1)
        awaiting.wait(session, ann, "one")

        with pytest.raises(Invalid, match="already"):
            awaiting.wait(session, ann, "another")

    def test_waiting_alone_shows_nobody_anything(self, session: Session) -> None:
        awaiting.wait(session, a_viewer(session), "descale valve")

        assert wordings(session) == []
