"""What belongs to customers, as lines that are read back as they were written."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from knowledge.customers import Customer
from knowledge.customers.characteristics import Characteristic, CharacteristicValue
from knowledge.customers.interactions import Interaction
from knowledge.customers.needs import Need, NeedRating, StageNeed
from knowledge.customers.relationships import PartnershipPlan, ServiceRelationship
from knowledge.customers.rules import SegmentNode
from knowledge.customers.segments import Segment, SegmentMembership
from knowledge.customers.touchpoints import Touchpoint
from knowledge.database import Table, table_of
from knowledge.transfer.lines import CUSTOMER, GROUP, PERSON, Lines, Plain, Target, To, plain
from knowledge.words import CustomerStatus

TOUCHPOINT, CHARACTERISTIC = Target(Touchpoint, "name"), Target(Characteristic, "name")
NEED, SEGMENT = Target(Need, "uid"), Target(Segment, "name")
_VERSION = {"version": "made anew where it is read"}
_ANEW = dict.fromkeys(("uid", "version"), "made anew where it is read")
_KEPT = ("created_at", "updated_at")


def met() -> Sequence[Lines]:
    """Where customers and the company met, and when: what was noted there may be evidence on an entry."""
    customer, author = To("customer_id", "customer", CUSTOMER), To("created_by_id", "created_by", PERSON)
    return (
        Lines(
            "touchpoint",
            Touchpoint,
            (*plain("name", "phase"), To("group_id", "owner_group", GROUP), author, *plain(*_KEPT)),
            order=("name",),
            key=("name",),
            left_out=_ANEW,
        ),
        Lines(
            "interaction",
            Interaction,
            (
                Plain("uid"),
                customer,
                To("touchpoint_id", "touchpoint", TOUCHPOINT),
                *plain("at", "direction", "medium", "kind", "positive", "note"),
                To("person_id", "person", PERSON),
                *plain("created_at", "source", "external_id", "sample"),
            ),
            key=("uid",),
        ),
    )


def about_customers() -> Sequence[Lines]:
    """In the order in which they refer to one another."""
    customer, author = To("customer_id", "customer", CUSTOMER), To("created_by_id", "created_by", PERSON)
    return (
        *_known(customer, author),
        *_needed(customer, author),
        *_served(customer, author),
        *_sorted(customer, author),
    )


def _known(customer: To, author: To) -> Sequence[Lines]:
    return (
        Lines(
            "characteristic",
            Characteristic,
            (*plain("name", "kind", "personal", "description", "sample"), author, Plain("created_at")),
            order=("name",),
            key=("name",),
            left_out={"uid": "made anew where it is read"},
        ),
        Lines(
            "characteristic_value",
            CharacteristicValue,
            (
                To("characteristic_id", "characteristic", CHARACTERISTIC),
                customer,
                *plain("text", "number", "day", "flag", "set_at"),
                To("set_by_id", "set_by", PERSON),
            ),
            key=("characteristic_id", "customer_id"),
            those=_stands(CharacteristicValue),
        ),
    )


def _needed(customer: To, author: To) -> Sequence[Lines]:
    need = To("need_id", "need", NEED)
    return (
        Lines(
            "need",
            Need,
            (*plain("uid", "statement", "decision", "why", "sample"), author, *plain(*_KEPT)),
            key=("uid",),
            left_out=_VERSION,
        ),
        Lines(
            "need_rating",
            NeedRating,
            (
                need,
                customer,
                *plain("importance", "satisfaction", "rated_at"),
                To("recorded_by_id", "recorded_by", PERSON),
            ),
            key=("need_id", "customer_id"),
            those=_stands(NeedRating),
        ),
        Lines(
            "stage_need",
            StageNeed,
            (*plain("uid", "stage"), need, *plain("action", "next_stage"), author, Plain("created_at")),
            key=("uid",),
        ),
    )


def _served(customer: To, author: To) -> Sequence[Lines]:
    return (
        Lines(
            "service_relationship",
            ServiceRelationship,
            (
                Plain("uid"),
                To("group_id", "group", GROUP),
                customer,
                Plain("step"),
                author,
                *plain("created_at", "ended_at"),
            ),
            key=("uid",),
            those=_stands(ServiceRelationship),
        ),
        Lines(
            "partnership_plan",
            PartnershipPlan,
            (
                Plain("uid"),
                customer,
                *plain("title", "goal", "status"),
                To("owner_id", "owner", PERSON),
                Plain("review_on"),
                author,
                *plain(*_KEPT),
            ),
            key=("uid",),
            left_out=_VERSION,
        ),
    )


def _sorted(customer: To, author: To) -> Sequence[Lines]:
    segment = To("segment_id", "segment", SEGMENT)
    return (
        Lines(
            "segment",
            Segment,
            (*plain("name", "description", "method", "high_value", "sorted_at", "sample"), author, *plain(*_KEPT)),
            order=("name",),
            key=("name",),
            left_out=_ANEW,
        ),
        Lines(
            "segment_node",
            SegmentNode,
            (
                Plain("uid"),
                segment,
                To("parent_id", "parent", Target(SegmentNode, "uid")),
                *plain("place", "predicate", "relation", "kind", "stage"),
                To("group_id", "group", GROUP),
                customer,
                To("characteristic_id", "characteristic", CHARACTERISTIC),
                To("other_id", "other", SEGMENT),
                *plain("text", "number", "day", "flag"),
            ),
            key=("uid",),
        ),
        Lines(
            "segment_membership",
            SegmentMembership,
            (segment, customer, *plain("since", "until")),
            key=("segment_id", "customer_id", "since"),
            those=_stands(SegmentMembership),
        ),
    )


def _stands(table: type[Table]) -> ColumnElement[bool]:
    """What a merge leaves with the record that went is not exported, as that record is not."""
    customer = table_of(Customer).c
    return table_of(table).c.customer_id.in_(select(customer.id).where(customer.status != CustomerStatus.MERGED))
