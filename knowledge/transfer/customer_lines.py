"""What belongs to customers, as lines that are read back as they were written."""

from collections.abc import Sequence

from knowledge.customers.interactions import Interaction
from knowledge.customers.touchpoints import Touchpoint
from knowledge.transfer.lines import CUSTOMER, GROUP, PERSON, Lines, Plain, Target, To, plain

TOUCHPOINT = Target(Touchpoint, "name")
_ANEW = dict.fromkeys(("uid", "version"), "made anew where it is read")
_KEPT = ("created_at", "updated_at")


def about_customers() -> Sequence[Lines]:
    """In the order in which they refer to one another."""
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
