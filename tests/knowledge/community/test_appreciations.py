"""Thanks: to whom, who sees them, who takes them back, who hears of them; and what is counted of them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from knowledge import clock
from knowledge.activity import Activity, ActivityValue
from knowledge.community import appreciations, centre, culture
from knowledge.community.appreciations import AppreciationRow, Thanked
from knowledge.customers import Reference
from knowledge.database import Page
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.estimates import SUPPRESSED
from knowledge.people import FunctionalGroup, Person, Viewer
from knowledge.words import CultureValue, Medium, Reason, Role
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_group, a_viewer, an_entry, an_interaction, some_feedback
from tests.knowledge.community.test_telling import heard

CREATIVE = CultureValue.UNLEASHED_CREATIVITY


def thanks(session: Session, giver: Viewer, to: Viewer | FunctionalGroup, *, public: bool = True) -> AppreciationRow:
    whom = Thanked(person=to.uid) if isinstance(to, Viewer) else Thanked(group=to.uid)
    return appreciations.thank(session, giver, whom, text="For asking twice.", value=CREATIVE, public=public)


def seen(session: Session, viewer: Viewer) -> set[int]:
    return {row.id for row in appreciations.listing(session, viewer, Page()).rows}


@ON_ONE_ENGINE
def test_a1_thanks_go_from_one_to_another_and_never_to_oneself(session: Session) -> None:
    pot = a_customer(session)
    ines, rosa = a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=pot)
    handle = session.get_one(Person, ines.id).handle
    gone = a_viewer(session)
    session.get_one(Person, gone.id).disabled_at = clock.now()
    said = {"text": "  Thank you.  ", "value": CREATIVE}

    to_her = appreciations.thank(session, rosa, Thanked(handle=f"@{handle}"), **said)  # type: ignore[arg-type]
    to_them = appreciations.thank(session, ines, Thanked(customer=Reference(uid=pot.uid)), **said)  # type: ignore[arg-type]

    assert (to_her.person_id, to_them.customer_id, to_her.text) == (ines.id, pot.id, "Thank you.")
    for whom, to in (ines, Thanked(person=ines.uid)), (rosa, Thanked(customer=Reference(uid=pot.uid))):
        with pytest.raises(Invalid) as refused:
            appreciations.thank(session, whom, to, text=" ", value=CREATIVE)
        assert {problem.field for problem in refused.value.problems} == {"to", "text"}
    for nobody in (
        Thanked(person=gone.uid),
        Thanked(person=rosa.uid),  # customers do not find one another here
        Thanked(handle="nobody"),
        Thanked(group=ines.uid),
        Thanked(customer=Reference(uid=a_customer(session).uid)),
    ):
        with pytest.raises(NotFound):
            appreciations.thank(session, a_viewer(session, role=Role.CUSTOMER), nobody, **said)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="Say whom you thank"):
        appreciations.thank(session, ines, Thanked(handle=" @"), **said)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        appreciations.thank(session, Viewer(), Thanked(person=ines.uid), **said)  # type: ignore[arg-type]


@ON_ONE_ENGINE
def test_a2_either_side_takes_thanks_back_and_nobody_else(session: Session) -> None:
    group = a_group(session)
    giver, one, another = a_viewer(session), a_viewer(session, group=group), a_viewer(session, group=group)
    stranger = a_viewer(session)
    by_giver, by_person, by_group = (
        thanks(session, giver, one),
        thanks(session, giver, one),
        thanks(session, giver, group),
    )

    for row in (by_giver, by_person, by_group):
        assert not appreciations.may_withdraw(row, stranger)
        with pytest.raises(NotAllowed):
            appreciations.withdraw(session, stranger, row.uid)
    for row, side in (by_giver, giver), (by_person, one), (by_group, another):
        appreciations.withdraw(session, side, row.uid)

    assert seen(session, giver) == seen(session, one) == set()
    with pytest.raises(NotFound):
        appreciations.withdraw(session, giver, by_giver.uid)


@ON_ONE_ENGINE
def test_those_who_curate_take_away_thanks_that_hurt_somebody_for_a_reason_that_is_kept(session: Session) -> None:
    giver, one, steward = a_viewer(session), a_viewer(session), a_viewer(session, role=Role.STEWARD)
    public, private = thanks(session, giver, one), thanks(session, giver, one, public=False)

    with pytest.raises(NotAllowed):
        appreciations.hide(session, one, public.uid, "I do not like it.")
    with pytest.raises(NotFound):
        appreciations.hide(session, steward, private.uid, "It is none of mine.")
    with pytest.raises(Invalid) as refused:
        appreciations.hide(session, steward, public.uid, " ")
    appreciations.hide(session, steward, public.uid, " It mocks somebody. ")

    (problem,) = refused.value.problems
    assert problem.field == "reason"
    assert seen(session, one) == seen(session, giver) == {private.id}
    kept = session.exec(select(Activity).where(Activity.verb == "appreciation.hidden")).one()
    value = session.exec(select(ActivityValue).where(ActivityValue.activity_id == kept.id)).one()
    assert (kept.person_id, value.after) == (steward.id, "It mocks somebody.")


def test_who_sees_thanks_and_who_hears_of_them(session: Session) -> None:
    pot, group = a_customer(session), a_group(session)
    giver, one, mate = a_viewer(session), a_viewer(session, group=group), a_viewer(session, group=group)
    leader = a_viewer(session, role=Role.LEADER)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=pot)
    public, private = thanks(session, giver, one), thanks(session, giver, one, public=False)
    among = thanks(session, mate, group, public=False)
    to_customer = appreciations.thank(
        session, giver, Thanked(customer=Reference(uid=pot.uid)), text="For the sketch.", value=CREATIVE, public=False
    )

    assert seen(session, giver) == {public.id, private.id, to_customer.id}
    assert seen(session, one) == {public.id, private.id, among.id}
    assert seen(session, mate) == {public.id, among.id}
    assert seen(session, leader) == {public.id}
    assert seen(session, rosa) == {to_customer.id}
    assert seen(session, Viewer()) == set()
    assert heard(session, one) == [Reason.THANKED]  # three of them, told as one
    assert [heard(session, each) for each in (rosa, mate, giver, leader)] == [[Reason.THANKED], [], [], []]
    (told,) = centre.listing(session, rosa, Page()).rows
    found = centre.thanks_of(told, rosa)
    assert found is not None
    assert found.text == "For the sketch."
    appreciations.withdraw(session, giver, to_customer.uid)
    assert heard(session, rosa) == []


def test_a3_counts_by_group_are_told_from_five_who_gave_thanks(session: Session) -> None:
    loud, warm, quiet = a_group(session), a_group(session), a_group(session)
    givers = [a_viewer(session) for _ in range(6)]
    to_loud, to_warm = a_viewer(session, group=loud), a_viewer(session, group=warm)
    for giver in givers:
        thanks(session, giver, to_warm)
    for _ in range(7):
        thanks(session, givers[0], to_loud, public=False)
    with clock.held(clock.now() - timedelta(days=91)):
        for giver in givers:
            thanks(session, giver, quiet)

    before = {each.group.id: each.thanks for each in culture.thanks_by_group(session, givers[0])}
    values = {each.value: each.thanks for each in culture.thanks_by_value(session, givers[0])}
    for giver in givers[1:5]:
        thanks(session, giver, to_loud)
    told = {each.group.id: each.thanks for each in culture.thanks_by_group(session, givers[0])}

    assert before[loud.id] == SUPPRESSED  # type: ignore[index]  # of one giver, however often
    assert before[warm.id] == SUPPRESSED  # type: ignore[index]  # or all of a value less these were what one gave
    assert before[quiet.id].n == 0  # type: ignore[index]
    assert values[CREATIVE].n == 13
    assert [(told[id].n, told[id].distinct_voices) for id in (warm.id, loud.id)] == [(6, 6), (11, 5)]  # type: ignore[index]
    assert culture.thanks_by_group(session, a_viewer(session, role=Role.CUSTOMER)) == []
    assert culture.thanks_by_value(session, Viewer()) == []


@given(
    st.dictionaries(st.integers(1, 6), st.dictionaries(st.integers(1, 8), st.integers(1, 9), max_size=8), max_size=6)
)
def test_a3_what_is_not_told_cannot_be_found_by_subtracting(cells: dict[int, dict[int, int]]) -> None:
    told = culture.tellable(cells)

    hidden = {giver for key, found in told.items() if found.suppressed for giver in cells[key]}
    assert all(found.suppressed or not found.n or len(cells[key]) >= 5 for key, found in told.items())
    assert not hidden or len(hidden) >= 5 or all(found.suppressed or not found.n for found in told.values())


def test_participation_is_told_of_groups_of_five_and_of_all(session: Session) -> None:
    large, small = a_group(session), a_group(session)
    many = [a_viewer(session, group=large) for _ in range(5)]
    few = [a_viewer(session, group=small) for _ in range(5)]
    session.get_one(Person, few[0].id).disabled_at = clock.now()
    a_viewer(session, group=a_group(session))
    session.flush()
    an_entry(session, many[0])
    an_entry(session, many[0])
    some_feedback(session, many[1])
    with clock.held(clock.now() - timedelta(days=60)):
        an_interaction(session, many[2], a_customer(session))

    lately, longer = (culture.participation(session, many[0], days=days) for days in (30, 90))

    assert [each.group.id if each.group else None for each in lately] == [None, large.id]
    (of_all, of_large), (_, before) = lately, longer
    assert (of_all.wrote.value, of_all.wrote.population) == (1 / 10, 10)
    assert [getattr(of_large, each).value for each in ("took_part", "wrote", "recorded", "answered", "met")] == [
        0.4, 0.2, 0.2, 0.0, 0.0,
    ]  # fmt: skip
    assert (before.took_part.value, before.met.value) == (0.6, 0.2)
    assert culture.participation(session, a_viewer(session, role=Role.CUSTOMER)) == []
    with pytest.raises(Invalid):
        culture.participation(session, many[0], days=31)


@ON_ONE_ENGINE
def test_a_leader_is_told_their_own_days_since_they_met_a_customer(session: Session) -> None:
    leader, other = a_viewer(session, role=Role.LEADER), a_viewer(session, role=Role.LEADER)
    pot, now = a_customer(session), clock.now()
    for days, medium in (40, Medium.PERSON), (12, Medium.PERSON), (2, Medium.DIGITAL):
        with clock.held(now - timedelta(days=days, hours=1)):
            an_interaction(session, leader, pot, medium=medium)

    found = culture.last_contact(session, leader)

    assert found is not None
    assert found.days == 12
    assert culture.last_contact(session, other) is None
    assert culture.last_contact(session, a_viewer(session, role=Role.CUSTOMER)) is None
