import pytest
from sqlmodel import Session

from knowledge.customers import Customer, Reference, merging
from knowledge.people import OPERATOR
from knowledge.search import strips
from knowledge.search.strips import Scope
from knowledge.words import CustomerStatus, Role
from tests.factories import a_customer, a_viewer, some_feedback


def found(session: Session, role: Role, asked: str) -> dict[Scope, list[str]]:
    hits = strips.beside(session, a_viewer(session, role=role), asked)
    return {strip.scope: sorted(hit.text for hit in strip.hits) for strip in hits if strip.count}


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.STEWARD, Role.LEADER])
def test_colleagues_find_customers_and_their_words_and_nobody_who_is_gone(session: Session, role: Role) -> None:
    kept, gone, erased = (a_customer(session, name=f"Zimtstern {each}") for each in ("one", "two", "three"))
    some_feedback(session, OPERATOR, verbatim="Zimtstern forever.", customer=gone)
    done = merging.merge(session, OPERATOR, Reference(uid=gone.uid), Reference(uid=kept.uid)).merge
    session.get_one(Customer, erased.id).status = CustomerStatus.ERASED
    session.flush()

    merged = found(session, role, "zimtstern")
    merging.unmerge(session, OPERATOR, done.uid)

    assert merged == {Scope.CUSTOMERS: ["Zimtstern one"], Scope.FEEDBACK: ["Zimtstern forever."]}
    assert found(session, role, "zimtstern")[Scope.CUSTOMERS] == ["Zimtstern one", "Zimtstern two"]


def test_customers_find_neither(session: Session) -> None:
    some_feedback(session, OPERATOR, verbatim="Zimtstern forever.", customer=a_customer(session, name="Zimtstern"))

    assert found(session, Role.CUSTOMER, "zimtstern") == {}
