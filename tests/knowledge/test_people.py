from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from knowledge import clock, feedback, people
from knowledge.database import Page
from knowledge.errors import Invalid, NotAllowed, NotFound, RateLimited, Refusal
from knowledge.people import ACTS, OPERATOR, Act, passwords, signing, tokens
from knowledge.words import GroupKind, Role
from tests.factories import a_customer, a_group, a_viewer, some_feedback

PASSWORD = "a long walk on the beach"


@pytest.mark.parametrize("kind", list(GroupKind))
def test_w1_no_function_is_shut_out_of_what_customers_said(session: Session, kind: GroupKind) -> None:
    some_feedback(session, a_viewer(session))
    viewer = a_viewer(session, group=a_group(session, kind=kind))

    assert len(feedback.listing(session, viewer, Page()).rows) == 1


def test_each_role_may_all_that_the_one_below_it_may() -> None:
    assert ACTS[Role.EMPLOYEE] < ACTS[Role.STEWARD] < ACTS[Role.LEADER] < ACTS[Role.ADMIN] == frozenset(Act)


def test_customer_is_no_colleague(session: Session) -> None:
    rosa = a_viewer(session, role=Role.CUSTOMER)

    assert ACTS[Role.CUSTOMER] == {
        Act.ENTRIES_READ,
        Act.PROFILE_WRITE,
        Act.COMMUNITY_WRITE,
        Act.FEEDS_READ,
        Act.FEEDBACK_TELL,
        Act.SURVEYS_ANSWER,
    }
    assert [row.id for row in people.listing(session, rosa, Page()).rows] == [rosa.id]
    assert people.groups(session, rosa) == []


def test_everything_wrong_with_a_new_person_is_said_at_once(session: Session) -> None:
    people.add(session, OPERATOR, "ines@example.com", "Ines", Role.EMPLOYEE)

    with pytest.raises(Refusal) as caught:
        people.add(session, OPERATOR, "Ines@Example.com", " ", Role.EMPLOYEE, password="short")

    assert [problem.field for problem in caught.value.problems] == ["email", "name", "password"]


def test_only_administrators_add_people(session: Session) -> None:
    with pytest.raises(NotAllowed):
        people.add(session, a_viewer(session, role=Role.LEADER), "new@example.com", "New", Role.EMPLOYEE)


@pytest.mark.parametrize("password", ["elevenchars", "password1234", "PasswordPassword", "aaaaaaaaaaaaaaaa", "x" * 257])
def test_weak_passwords_are_refused(password: str) -> None:
    assert list(passwords.weaknesses(password, "a@example.com", "A"))


def test_password_of_somebody_unknown_is_compared_all_the_same(session: Session) -> None:
    unknown = signing.challenge(session, "nobody@example.com", "1.2.3.4")

    assert (unknown.person_id, unknown.stored) == (None, None)
    assert passwords.matches(PASSWORD, unknown.stored) == (False, None)


def test_guessing_slows_down_and_never_locks_for_good(session: Session) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.held(start):
        for _ in range(signing.FAILURES):
            signing.challenge(session, "ines@example.com", "1.2.3.4")
            signing.fail(session, "ines@example.com", "1.2.3.4")
        session.flush()
        with pytest.raises(RateLimited) as caught:
            signing.challenge(session, "ines@example.com", "1.2.3.4")
        signing.challenge(session, "ines@example.com", "5.6.7.8")

    with clock.held(start + timedelta(seconds=caught.value.seconds)):
        signing.challenge(session, "ines@example.com", "1.2.3.4")


def test_session_ends_when_idle_when_old_and_when_closed(session: Session) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.held(start):
        ines = a_viewer(session)
        assert ines.id is not None
        idle, busy, closed = (signing.open(session, ines.id, "a browser") for _ in range(3))
        session.flush()
        signing.close(session, closed)
        assert signing.viewer(session, closed) is None
        found = signing.viewer(session, busy)
    assert found is not None
    sign_in = found[0].credential
    assert sign_in is not None
    for day in range(5, 35, 5):
        with clock.held(start + timedelta(days=day)):
            signing.seen(session, sign_in)
            session.flush()
    with clock.held(start + timedelta(days=8)):
        assert signing.viewer(session, idle) is None
    with clock.held(start + timedelta(days=29)):
        assert signing.viewer(session, busy) is not None
    with clock.held(start + timedelta(days=31)):
        assert signing.viewer(session, busy) is None


def test_new_password_signs_every_other_browser_out(session: Session) -> None:
    ines = a_viewer(session, password=PASSWORD)
    assert ines.id is not None
    here, there = signing.open(session, ines.id, "here"), signing.open(session, ines.id, "there")
    session.flush()
    found = signing.viewer(session, here)
    assert found is not None

    signing.set_password(session, found[0], passwords.hashed(PASSWORD + "!"))
    session.flush()

    assert signing.viewer(session, here) is not None
    assert signing.viewer(session, there) is None


def test_token_acts_within_its_scopes_until_it_is_revoked(session: Session) -> None:
    ines = a_viewer(session)
    secret, row = tokens.create(session, ines, "crm", [Act.ENTRIES_READ])
    session.flush()

    found = tokens.viewer(session, secret)

    assert found is not None
    assert [act for act in Act if found[0].may(act)] == [Act.ENTRIES_READ]
    with pytest.raises(NotFound):
        tokens.revoke(session, a_viewer(session), row.uid)
    tokens.revoke(session, ines, row.uid)
    session.flush()
    assert tokens.viewer(session, secret) is None


def test_token_has_no_scope_that_its_person_lacks(session: Session) -> None:
    with pytest.raises(Refusal) as caught:
        tokens.create(session, a_viewer(session), " ", [Act.ADMIN])

    assert [problem.field for problem in caught.value.problems] == ["name", "scopes"]


def test_token_expires(session: Session) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.held(start):
        secret, _ = tokens.create(
            session, a_viewer(session), "crm", [Act.ENTRIES_READ], expires_at=start + timedelta(days=1)
        )
        session.flush()
        assert tokens.viewer(session, secret) is not None

    with clock.held(start + timedelta(days=1)):
        assert tokens.viewer(session, secret) is None


def test_token_makes_no_tokens_and_signs_nobody_out(session: Session) -> None:
    admin = a_viewer(session, role=Role.ADMIN)
    secret, row = tokens.create(session, admin, "narrow", [Act.PROFILE_WRITE])
    session.flush()
    found = tokens.viewer(session, secret)
    assert found is not None
    narrow = found[0]

    with pytest.raises(NotAllowed):
        tokens.create(session, narrow, "wide", [Act.ADMIN])
    with pytest.raises(NotAllowed):
        tokens.revoke(session, narrow, row.uid)
    with pytest.raises(NotAllowed):
        signing.set_password(session, narrow, passwords.hashed(PASSWORD))


def test_administrator_gives_roles_but_never_a_customer_a_colleagues(session: Session) -> None:
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    people.add(session, OPERATOR, "ines@example.com", "Ines", Role.EMPLOYEE)

    assert people.set_role(session, OPERATOR, "Ines@example.com", Role.STEWARD).role is Role.STEWARD
    with pytest.raises(NotAllowed):
        people.set_role(session, a_viewer(session, role=Role.LEADER), "ines@example.com", Role.ADMIN)
    found = people.by_ids(session, [rosa.id])[rosa.id]
    with pytest.raises(Invalid):
        people.set_role(session, OPERATOR, found.email, Role.EMPLOYEE)
