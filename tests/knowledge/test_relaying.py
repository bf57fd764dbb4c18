"""Who hears of what customers say, and what several say alike: F5, F6, and one group's ear for another."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from knowledge import feedback, jobs
from knowledge.community import centre, follows, notifications
from knowledge.community.follows import Relay
from knowledge.database import Database, Page, table_of
from knowledge.errors import NotAllowed, Refusal
from knowledge.feedback import FeedbackRow, merging, themes, triaging
from knowledge.people import GroupRow, Viewer, group_by_uid
from knowledge.words import FeedbackKind, QualityAttribute, Reason, Role, Severity
from tests.factories import a_customer, a_group, a_viewer, some_feedback


def told(session: Session) -> None:
    """What was to be told is told, twice, as jobs may be."""
    session.flush()
    for job in session.connection().execute(table_of(jobs.Job).select()).all():
        if job.kind == "notify":
            notifications.notify(session, job.subject)
            notifications.notify(session, job.subject)


def heard(session: Session, viewer: Viewer) -> list[tuple[Reason, str]]:
    rows = centre.listing(session, viewer, Page()).rows
    found = [(row.reason, centre.feedback_of(row, viewer)) for row in rows]
    assert centre.unread_count(session, viewer) == len(rows)
    return [(reason, item.verbatim if item else "") for reason, item in found]


def test_f5_danger_is_told_at_once_to_stewards_and_leaders_and_nobody_can_turn_it_off(session: Session) -> None:
    ines, jonas, margit = (a_viewer(session, role=role) for role in (Role.EMPLOYEE, Role.STEWARD, Role.LEADER))
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    centre.choose(session, jonas, frozenset())
    danger, unsorted, praise = "The cable is bare.", "It sparks.", "So safe."

    some_feedback(session, ines, verbatim=danger, attributes=[QualityAttribute.SAFETY], anonymous=True)
    some_feedback(session, ines, verbatim=praise, attributes=[QualityAttribute.SAFETY], kind=FeedbackKind.PRAISE)
    item = some_feedback(session, ines, verbatim=unsorted)
    triaging.triage(session, ines, item.uid, {"attributes": [QualityAttribute.SAFETY], "severity": Severity.LOW})
    told(session)

    alarms = {(Reason.ALARM, danger), (Reason.ALARM, unsorted)}
    assert set(heard(session, jonas)) == set(heard(session, margit)) == alarms
    assert heard(session, ines) == heard(session, rosa) == []
    row = centre.listing(session, jonas, Page()).rows[0]
    centre.mark(session, jonas, [row.uid])
    assert centre.unread_count(session, jonas) == 1


def a_team(session: Session) -> tuple[GroupRow, Viewer]:
    group = a_group(session)
    viewer = a_viewer(session, group=group)
    row = group_by_uid(session, viewer, group.uid)
    assert row is not None
    return row, viewer


def test_any_group_listens_to_what_another_hears(session: Session) -> None:
    support, ines = a_team(session)
    _, anna = a_team(session)
    other, otto = a_team(session)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    follows.follow(session, anna, Relay(support))
    follows.follow(session, anna, Relay(other))
    follows.unfollow(session, anna, Relay(other))

    some_feedback(session, ines, verbatim="It leaks.")
    some_feedback(session, ines, verbatim="Nobody said this.", anonymous=True)
    some_feedback(session, otto, verbatim="It does not.")
    told(session)

    assert heard(session, anna) == [(Reason.RELAYED, "It leaks.")]
    assert heard(session, ines) == []
    wanted = feedback.Filter(groups=(support.uid,))
    assert [row.verbatim for row in feedback.listing(session, anna, Page(), filter=wanted).rows] == ["It leaks."]
    with pytest.raises(NotAllowed):
        follows.follow(session, rosa, Relay(support))


def test_whoever_is_asked_to_see_to_it_is_told(session: Session) -> None:
    support, ines = a_team(session)
    _, anna = a_team(session)
    item = some_feedback(session, anna)

    triaging.assign(session, anna, item.uid, group=support.uid)
    told(session)

    assert [reason for reason, _ in heard(session, ines)] == [Reason.ASSIGNED]


def test_themes_are_said_by_name_and_counted_by_customers(session: Session) -> None:
    ines, loud = a_viewer(session), a_customer(session)
    items = [some_feedback(session, ines, customer=loud) for _ in range(3)] + [some_feedback(session, ines)]
    for item in items:
        themes.assign(session, ines, item.uid, ["Valves", "valves ", "Delivery  times"])
    themes.assign(session, ines, items[0].uid, ["VALVES"])

    rows = themes.listing(session, ines, Page()).rows
    counted = {row.name: themes.voices_of(row, ines) for row in rows}

    assert {name: (found.n, found.distinct_voices) for name, found in counted.items()} == {
        "Delivery times": (3, 2),
        "Valves": (4, 2),
    }
    with pytest.raises(Refusal):
        themes.update(session, ines, rows[0].uid, name="valves")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.integers(0, 4), st.integers(0, 4)),
        st.tuples(st.just("unmerge"), st.integers(0, 4), st.just(0)),
        st.tuples(st.just("sort"), st.integers(0, 4), st.sampled_from(list(Severity)).map(list(Severity).index)),
    ),
    max_size=14,
)
STATE = ("verbatim", "kind", "severity", "status", "customer_id", "reporter_id", "due_at", "version", "updated_at")


class Plain:
    """What a list of items comes to, without a database."""

    def __init__(self, states: Sequence[tuple[object, ...]]) -> None:
        self.joined: dict[int, int] = {}
        self.states = list(states)

    def below(self, item: int) -> set[int]:
        found = {item}
        while more := {each for each, into in self.joined.items() if into in found} - found:
            found |= more
        return found

    def takes(self, step: tuple[str, int, int]) -> bool:
        act, item, other = step
        if act == "merge":
            return item not in self.joined and other not in self.below(item)
        return (item in self.joined) == (act == "unmerge")


def done(session: Session, viewer: Viewer, uids: Sequence[UUID], step: tuple[str, int, int]) -> bool:
    act, item, other = step
    try:
        with session.begin_nested():
            if act == "merge":
                merging.merge(session, viewer, uids[item], uids[other])
            elif act == "unmerge":
                merging.unmerge(session, viewer, uids[item])
            else:
                triaging.triage(session, viewer, uids[item], {"severity": list(Severity)[other]})
    except Refusal:
        return False
    return True


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_f6_joining_keeps_every_voice_and_taking_apart_gives_the_former_state_back(
    untouched_sqlite: Database, steps: list[tuple[str, int, int]]
) -> None:
    with Session(untouched_sqlite.engine, expire_on_commit=False) as session:
        ines = a_viewer(session)
        speakers = [a_customer(session), None, None, a_customer(session), a_customer(session)]
        uids = [some_feedback(session, ines, customer=each, kind=FeedbackKind.QUESTION).uid for each in speakers]

        def rows() -> list[FeedbackRow]:
            by_uid = {row.uid: row for row in feedback.by_uids(session, ines, uids)}
            return [by_uid[uid] for uid in uids]

        def states() -> list[tuple[object, ...]]:
            return [tuple(getattr(row, name) for name in STATE) for row in rows()]

        plain = Plain(states())
        for step in steps:
            act, item, other = step
            taken = done(session, ines, uids, step)
            assert taken == plain.takes(step), step
            if taken and act == "merge":
                plain.joined[item] = other
            elif taken and act == "unmerge":
                del plain.joined[item]
            elif taken:
                plain.states[item] = states()[item]
            assert states() == plain.states
            for number, row in enumerate(rows()):
                below = plain.below(number)
                voices = {speakers[each].id if speakers[each] else 0 for each in below}  # type: ignore[union-attr]
                found = merging.voices_of(row, ines)
                assert (found.n, found.distinct_voices) == (len(below), len(voices))
                assert row.duplicate_of_id == (rows()[plain.joined[number]].id if number in plain.joined else None)
        session.rollback()


def test_what_no_group_passed_on_leaves_nothing_to_be_done_later(session: Session) -> None:
    _, of_a_group = a_team(session)
    alone = a_viewer(session)

    for viewer, anonymous in ((of_a_group, False), (alone, False), (of_a_group, True)):
        some_feedback(session, viewer, verbatim=f"Said to {viewer.id}", anonymous=anonymous)

    waiting = session.connection().execute(table_of(jobs.Job).select()).all()
    assert [job.subject.split()[3] for job in waiting if job.kind == "notify"] == [str(of_a_group.id)]
