"""What a customer agrees to, what is personal of them, who looked at it, and what they asked: the fields that a customer has of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from knowledge.privacy import consents, looks, requests
from schema.context import Info
from schema.fields import asked, shown
from schema.nodes import Node
from schema.people import Person
from schema.words import ConsentPurpose, DataRequestKind, DataRequestState, LookPurpose

if TYPE_CHECKING:
    from schema.customers import Customer
    from schema.knowing import CharacteristicValue

OneCustomer = Annotated["Customer", strawberry.lazy("schema.customers")]
Why = Annotated[
    LookPurpose | None,
    strawberry.argument(description="Why one looks; left out, what the token says of it. Looks at oneself need none."),
]


@strawberry.type(description="A yes or a no to one purpose; lines of it are only ever added.")
class Consent:
    """A line of the ledger."""

    purpose: ConsentPurpose = shown("To what.")
    given: bool = shown("Whether they said yes.")
    at: datetime = shown("When.")
    note: str | None = shown("How they said so.")
    recorded_by: Person | None = shown(
        "Who wrote it down: they themselves, or a colleague.", lambda row, _: consents.recorder_of(row)
    )


@strawberry.type(description="Somebody who signs in for a customer.")
class CustomerAccount:
    """An account."""

    name: str = shown("What they are called.")
    email: str = shown("The address they sign in with.")


@strawberry.type(description="What is personal of a customer. Each look at it is written down with its purpose.")
class PersonalData:
    """Personal data."""

    email: str | None = shown("Their address.")
    characteristics: list[Annotated["CharacteristicValue", strawberry.lazy("schema.knowing")]] = shown(
        "What is known of them and is personal, by name."
    )
    accounts: list[CustomerAccount] = shown("Who signs in for them.")


@strawberry.type(description="A look at what is personal of a customer.")
class Look:
    """A look."""

    customer: OneCustomer | None = shown("At whom.", lambda row, info: looks.customer_of(row, info.context.viewer))
    person: Person | None = shown("Who looked, or whose token it was.", lambda row, _: looks.looker_of(row))
    by_program: bool = shown("Whether it was a program with a token.")
    purpose: LookPurpose = shown("Why.")
    fields: str = shown("At what, in words.")
    at: datetime = shown("When.")


@strawberry.type(description="What somebody asked of the data about them.")
class DataRequest(Node):
    """A request."""

    kind: DataRequestKind = shown("What was asked.")
    state: DataRequestState = shown("Where it is.")
    customer: OneCustomer | None = shown(
        "Whom it is about; null once they are erased.", lambda row, info: requests.customer_of(row, info.context.viewer)
    )
    note: str | None = shown("In their words.")
    answer: str | None = shown("What they were told.")
    made_at: datetime = shown("When it was asked.")
    made_by: Person | None = shown(
        "Who wrote it down: they themselves, or a colleague.", lambda row, _: requests.maker_of(row)
    )
    due_at: datetime = shown("By when it is to be done: within a month.")
    overdue: bool = shown("Whether that is over.", lambda row, _: requests.is_overdue(row))
    settled_at: datetime | None = shown("When it was seen to.")


def _personal(
    parent: strawberry.Parent[Any], info: Info, purpose: Why = None
) -> PersonalData | None:  # what it answers is the row of it
    personal, look = looks.at(parent, info.context.viewer, purpose)
    if look is not None:
        info.context.looked[look] = None
    return cast(PersonalData | None, personal)


@strawberry.type(description="What a customer agrees to, and what is personal of them.")
class InPrivacy:
    """Fields of a customer."""

    consents: list[Consent] = shown(
        "Where they stand on each purpose of which they said anything; silence is a no.",
        lambda row, info: consents.of_customer(row, info.context.viewer),
    )
    consent_ledger: list[Consent] = shown(
        "All they said to it, the latest first; at most 100 lines.",
        lambda row, info: consents.ledger_of(row, info.context.viewer),
    )
    masked: list[str] = shown(
        "What is kept of them and shown only for a purpose, in words.",
        lambda row, info: looks.masked(row, info.context.viewer),
    )
    personal: PersonalData | None = asked(
        "What is personal of them; null without a purpose. The look is written down before the answer leaves.",
        _personal,
    )
    looks: list[Look] = shown(
        "The latest looks at what is personal of them, for administrators and themselves; at most 50.",
        lambda row, info: looks.of_customer(row, info.context.viewer),
    )
    data_requests: list[DataRequest] = shown(
        "What they asked of the data about them, the latest first.",
        lambda row, info: requests.of_customer(row, info.context.viewer),
    )
    restricted: bool = shown(
        "Whether what is kept of them is not used; then they alone and administrators know of it.",
        lambda row, _: row.status == "RESTRICTED",
    )
