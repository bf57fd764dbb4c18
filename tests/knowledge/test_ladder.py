from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, customers
from knowledge.customers import CustomerRow, Reference, StageTransition, merging, segments
from knowledge.database import table_of
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound
from knowledge.ladder import moving, offerings, settling, stages, telling, usable
from knowledge.ladder.moving import Move
from knowledge.ladder.offerings import OfferingReference, OfferingRow
from knowledge.ladder.transactions import Told
from knowledge.people import OPERATOR
from knowledge.words import (
    AdvocacyKind,
    CustomerRelation,
    CustomerStatus,
    OfferingScope,
    Role,
    Stage,
    StageSource,
    TransactionKind,
    TransitionCause,
)
from tests.factories import a_customer, a_viewer, an_offering, bought

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = date(2027, 2, 1)


def again(session: Session, customer: CustomerRow) -> CustomerRow:
    row = customers.find(session, OPERATOR, Reference(uid=customer.uid))
    assert row is not None
    return row


def by_hand(session: Session, customer: CustomerRow, to: Stage, **more: object) -> CustomerRow:
    wanted = Move(to, **{"reason": "They told me.", "review_on": LATER, **more})  # type: ignore[arg-type]
    return moving.move(session, OPERATOR, Reference(uid=customer.uid), wanted)


def chain(session: Session, customer: CustomerRow) -> Sequence[tuple[Stage | None, Stage]]:
    row = table_of(StageTransition).c
    statement = select(row.from_stage, row.to_stage).where(row.customer_id == customer.id).order_by(row.id)
    return [(each[0], each[1]) for each in session.connection().execute(statement)]


def test_l1_l2_a_jump_writes_the_rows_between_with_the_same_time(session: Session) -> None:
    with clock.held(NOW):
        customer = a_customer(session)
        bought(session, customer, days_ago=(10, 20))

    moved = again(session, customer)

    row = table_of(StageTransition).c
    rows = (
        session.connection()
        .execute(select(table_of(StageTransition)).where(row.customer_id == customer.id).order_by(row.id))
        .all()
    )
    assert [(each.from_stage, each.to_stage) for each in rows] == [
        (None, Stage.SUSPECT),
        (Stage.SUSPECT, Stage.FIRST_TIME),
        (Stage.FIRST_TIME, Stage.REPEAT),
    ]
    assert rows[1].at == rows[2].at > rows[0].at
    assert [each.passing for each in rows] == [False, True, False]
    assert len({(each.at, each.to_stage) for each in rows}) == 3
    assert (moved.stage, moved.stage_source) == (Stage.REPEAT, StageSource.DERIVED)
    assert rows[-1].cause is TransitionCause.RULE
    assert rows[-1].evidence == "2 purchases, last dealings on 12 November 2026; what they can use is not known."


def test_l3_whoever_had_dealings_is_no_stranger_whatever_was_said(session: Session) -> None:
    with clock.held(NOW):
        customer = a_customer(session)
        by_hand(session, customer, Stage.PROSPECT)
        by_hand(session, customer, Stage.DISQUALIFIED)
        bought(session, customer, days_ago=(400,))

        assert again(session, customer).stage is Stage.INACTIVE
        by_hand(session, customer, Stage.DISQUALIFIED)
        with pytest.raises(Invalid, match="from there one moves to first-time"):
            by_hand(session, customer, Stage.PROSPECT)
        settling.settle(session, [customer.id])
        assert again(session, customer).stage is Stage.DISQUALIFIED


def test_l4_an_advocate_is_a_client_who_brings_others(session: Session) -> None:
    with clock.held(NOW):
        customer = a_customer(session, stage=Stage.CLIENT)

        with pytest.raises(Invalid, match="brings others"):
            by_hand(session, customer, Stage.ADVOCATE)
        by_hand(session, customer, Stage.ADVOCATE, advocacy=AdvocacyKind.REFERRAL)
        assert again(session, customer).stage is Stage.ADVOCATE

        machine = an_offering(session)
        other = a_customer(session)
        telling.use(session, OPERATOR, Reference(uid=other.uid), OfferingReference(uid=machine.uid), True)
        bought(session, other, days_ago=(5,), offering=machine)
        assert again(session, other).stage is Stage.CLIENT
        telling.advocacy(session, OPERATOR, Reference(uid=other.uid), {"kind": AdvocacyKind.STORY})
        assert again(session, other).stage is Stage.ADVOCATE
    with clock.held(NOW + timedelta(days=366)):
        bought(session, other, days_ago=(1,), offering=machine)
        assert again(session, other).stage is Stage.CLIENT


def test_l5_inactive_customers_come_back_as_repeat_customers(session: Session) -> None:
    with clock.held(NOW):
        customer = a_customer(session)
        bought(session, customer, days_ago=(500,), key="first")
        assert again(session, customer).stage is Stage.INACTIVE

        bought(session, customer, days_ago=(5,), key="first")

        assert again(session, customer).stage is Stage.REPEAT
        assert chain(session, customer)[-1] == (Stage.INACTIVE, Stage.REPEAT)


def test_l6_a_move_by_hand_needs_a_reason_and_a_review_date(session: Session) -> None:
    with clock.held(NOW):
        customer = a_customer(session, name="Café Zimt", stage=Stage.REPEAT)

        with pytest.raises(Invalid) as refused:
            by_hand(session, customer, Stage.SUSPECT, reason=" ", review_on=NOW.date())
        moved = by_hand(session, customer, Stage.CLIENT)

    problems = {each.field: each.message for each in refused.value.problems}
    assert set(problems) == {"to", "reason", "reviewOn"}
    assert problems["to"] == "Café Zimt is a repeat customer; from there one moves to client or inactive."
    assert (moved.stage, moved.stage_source, moved.stage_review_on) == (Stage.CLIENT, StageSource.MANUAL, LATER)
    row = table_of(StageTransition).c
    hand = session.connection().execute(
        select(table_of(StageTransition)).where(row.customer_id == customer.id, row.from_stage.is_not(None))
    )
    assert [(each.reason, each.review_on, each.cause) for each in hand] == [
        ("They told me.", LATER, TransitionCause.MANUAL)
    ]


def test_l7_a_merge_leaves_the_history_as_it_is(session: Session) -> None:
    with clock.held(NOW):
        kept, merged = a_customer(session), a_customer(session)
        bought(session, merged, days_ago=(3,))
        before = chain(session, merged)
        stored = session.get_one(customers.Customer, merged.id)
        stored.status = CustomerStatus.MERGED
        session.flush()

    with clock.held(NOW + timedelta(days=800)):
        settling.round_from(session, 0)
        settling.settle(session, [kept.id, merged.id])

    assert chain(session, merged) == before


def test_what_a_person_said_holds_until_its_day_or_until_better_news(session: Session) -> None:
    with clock.held(NOW):
        held, lifted, left = (a_customer(session) for _ in range(3))
        for each in (held, lifted, left):
            bought(session, each, days_ago=(300, 310))
        for each in (held, left):
            by_hand(session, each, Stage.CLIENT)
        by_hand(session, lifted, Stage.INACTIVE)
    with clock.held(NOW + timedelta(days=69)):  # more than a year after they bought
        bought(session, lifted, days_ago=(1,))
        bought(session, held, days_ago=(1,))
        settling.round_from(session, 0)

        assert [again(session, each).stage for each in (held, lifted, left)] == [
            Stage.CLIENT,
            Stage.REPEAT,
            Stage.CLIENT,
        ]
        kept = moving.keep(session, OPERATOR, Reference(uid=held.uid), LATER + timedelta(days=30))
        assert kept.stage_review_on == LATER + timedelta(days=30)
        with pytest.raises(Invalid, match="no second look"):
            moving.keep(session, OPERATOR, Reference(uid=lifted.uid), LATER + timedelta(days=30))
    with clock.held(NOW + timedelta(days=80)):
        settling.round_from(session, 0)

        assert [again(session, each).stage for each in (held, left)] == [Stage.CLIENT, Stage.INACTIVE]


def test_need_and_ability_make_a_prospect_or_rule_one_out(session: Session) -> None:
    customer, regular = a_customer(session), a_customer(session, stage=Stage.REPEAT)

    found = [
        moving.qualify(session, OPERATOR, Reference(uid=customer.uid), need=need, ability=ability).stage
        for need, ability in ((True, None), (True, True), (True, False), (None, None))
    ]

    assert found == [Stage.SUSPECT, Stage.PROSPECT, Stage.DISQUALIFIED, Stage.SUSPECT]
    assert (
        moving.qualify(session, OPERATOR, Reference(uid=regular.uid), need=False, ability=False).stage is Stage.REPEAT
    )


def test_an_offering_that_is_retired_is_no_longer_needed_to_be_a_client(session: Session) -> None:
    with clock.held(NOW):
        machine, grinder = an_offering(session), an_offering(session)
        customer = a_customer(session)
        for each in (machine, grinder):
            telling.use(session, OPERATOR, Reference(uid=customer.uid), OfferingReference(uid=each.uid), True)
        bought(session, customer, days_ago=(5, 6), offering=machine)
        assert again(session, customer).stage is Stage.REPEAT

        offerings.update_offering(
            session, OPERATOR, OfferingReference(uid=grinder.uid), {"scope": OfferingScope.RETIRED}
        )
        settling.round_from(session, 0)
        assert again(session, customer).stage is Stage.CLIENT

        telling.use(session, OPERATOR, Reference(uid=customer.uid), OfferingReference(uid=machine.uid), None)
        assert again(session, customer).stage is Stage.REPEAT


def test_who_buys_all_that_is_meant_for_their_segment_is_a_client_unless_more_is_said_of_them(session: Session) -> None:
    with clock.held(NOW):
        machine, grinder, old = an_offering(session), an_offering(session), an_offering(session)
        cafes = segments.create(session, OPERATOR, {"name": "Cafés", "description": "", "high_value": False})
        customer = a_customer(session)
        bought(session, customer, days_ago=(5, 6), offering=machine)

        def mean(*those: OfferingRow) -> list[str]:
            references = [OfferingReference(uid=each.uid) for each in those]
            usable.mean(session, OPERATOR, cafes, references)
            settling.round_from(session, 0)
            return [each.name for each in usable.meant_for(segments.named(session, OPERATOR, cafes.uid), OPERATOR)]

        def stage() -> Stage:
            return again(session, customer).stage

        def use(offering: OfferingRow, applies: bool | None) -> None:
            named = OfferingReference(uid=offering.uid)
            telling.use(session, OPERATOR, Reference(uid=customer.uid), named, applies)

        assert (mean(machine), stage()) == ([machine.name], Stage.REPEAT)
        telling.join(session, OPERATOR, cafes, customer)
        assert stage() is Stage.CLIENT
        assert sorted(mean(machine, grinder, old)) == sorted(each.name for each in (machine, grinder, old))
        assert stage() is Stage.REPEAT
        use(grinder, False)
        retired = OfferingReference(uid=old.uid)
        offerings.update_offering(session, OPERATOR, retired, {"scope": OfferingScope.RETIRED})
        settling.round_from(session, 0)
        assert stage() is Stage.CLIENT
        use(grinder, True)
        assert stage() is Stage.REPEAT
        use(grinder, None)
        assert (mean(machine), stage()) == ([machine.name], Stage.CLIENT)
        telling.leave(session, OPERATOR, cafes, customer)
        assert stage() is Stage.REPEAT
        with pytest.raises(NotFound):
            usable.mean(session, OPERATOR, cafes, [OfferingReference(name="Nothing")])
        with pytest.raises(NotAllowed):
            usable.mean(session, a_viewer(session), cafes, [])


def test_colleagues_are_customers_who_are_served(session: Session) -> None:
    with clock.held(NOW):
        depot = a_customer(session, relation=CustomerRelation.INTERNAL)

        bought(session, depot, days_ago=(3, 4), kind=TransactionKind.SERVICE_DELIVERY)

    assert again(session, depot).stage is Stage.REPEAT


def test_rows_are_answered_each_by_itself_and_telling_them_twice_changes_nothing(session: Session) -> None:
    with clock.held(NOW):
        customer, other = (
            a_customer(session, email="pot@example.com"),
            a_customer(session, source="crm", external_id="7"),
        )
        machine = an_offering(session, name="Machine")
        who, that = Reference(uid=customer.uid), OfferingReference(name="Machine")
        rows = [
            Told(Reference(email="Pot@Example.com"), TransactionKind.PURCHASE, NOW, that, "crm", "t1"),
            Told(Reference(source="crm", external_id="7"), TransactionKind.PURCHASE, NOW, that, "crm", "t2"),
            Told(Reference(source="crm", external_id="8"), TransactionKind.PURCHASE, NOW, that, "crm", "t3"),
            Told(who, TransactionKind.PURCHASE, NOW, OfferingReference(name="Nothing"), "crm", "t4"),
            Told(who, TransactionKind.PURCHASE, NOW, that, "crm", "t1"),
            Told(who, TransactionKind.PURCHASE, NOW + timedelta(days=3), that, "crm", None),
        ]

        first, second = telling.dealings(session, OPERATOR, rows), telling.dealings(session, OPERATOR, rows)

        fields = [[problem.field for problem in each.problems] for each in first]
        assert fields == [[], [], ["customer"], ["offering"], ["externalId"], ["occurredAt", "externalId"]]
        assert [each.created for each in first] == [True, True, False, False, False, False]
        assert [each.created for each in second] == [False] * 6
        assert [each.row and each.row.uid for each in first] == [each.row and each.row.uid for each in second]
        assert first[0].row is not None
        assert first[0].row.offering_id == machine.id
        assert again(session, customer).stage is Stage.FIRST_TIME

        corrected = Told(Reference(uid=other.uid), TransactionKind.RENEWAL, NOW, that, "crm", "t1")
        telling.dealings(session, OPERATOR, [corrected])
        assert again(session, other).stage is Stage.REPEAT


def test_what_a_system_says_of_a_customer_who_was_merged_is_said_of_the_one_who_stayed(session: Session) -> None:
    gone = a_customer(session, source="crm", external_id="17", email="pot@example.org")
    stays = a_customer(session, source="crm", external_id="18")
    bill = Told(
        Reference(source="crm", external_id="17"), TransactionKind.PURCHASE, NOW, source="crm", external_id="b1"
    )
    by_mail = Told(Reference(email="pot@example.org"), TransactionKind.RENEWAL, NOW)
    telling.dealings(session, OPERATOR, [bill])
    merging.merge(session, OPERATOR, Reference(uid=gone.uid), Reference(uid=stays.uid))

    answers = telling.dealings(session, OPERATOR, [bill, by_mail])

    assert [each.problems for each in answers] == [(), ()]
    assert [each.created for each in answers] == [False, True]
    assert {each.row.customer_id for each in answers if each.row} == {stays.id}


def test_a_hundred_customers_settle_in_as_many_statements_as_two(session: Session, statements: list[str]) -> None:
    some = [a_customer(session) for _ in range(100)]
    told = [
        Told(Reference(uid=each.uid), TransactionKind.PURCHASE, NOW, source="crm", external_id=f"{each.id}")
        for each in some
    ]
    counts = []
    with clock.held(NOW):
        for rows in (told[:2], told[2:]):
            statements.clear()
            telling.dealings(session, OPERATOR, rows)
            counts.append(len(statements))

    assert counts[1] - counts[0] <= 2  # an insert with its keys is sent a page at a time
    assert counts[1] <= 20


def test_whoever_was_slower_is_told_and_outsiders_move_nobody(session: Session) -> None:
    customer = a_customer(session, name="Café Zimt", stage=Stage.REPEAT)
    themselves = a_viewer(session, role=Role.CUSTOMER, customer=customer)

    with pytest.raises(Conflict, match="Café Zimt has moved since: is a repeat customer"):
        by_hand(session, customer, Stage.INACTIVE, believed=Stage.CLIENT)
    wanted = Move(Stage.CLIENT, "Because.", LATER)
    with pytest.raises(NotAllowed):
        moving.move(session, themselves, Reference(uid=customer.uid), wanted)
    with pytest.raises(NotFound):
        moving.move(session, OPERATOR, Reference(source="crm", external_id="nobody"), wanted)
    assert stages.moves(Stage.REPEAT, dealt=True) == (Stage.CLIENT, Stage.INACTIVE)


def test_an_offering_says_all_that_is_wrong_with_it(session: Session) -> None:
    there: OfferingRow = an_offering(session, source="crm", external_id="m1")

    with pytest.raises(Invalid) as refused:
        offerings.create(
            session, OPERATOR, {"name": " ", "dormant_after": 0, "source": there.source, "external_id": "m1"}
        )

    assert [each.field for each in refused.value.problems] == ["name", "dormantAfter", "externalId"]
