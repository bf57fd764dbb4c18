"""Thanks by the three values: given, listed, taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from knowledge.community import appreciations
from knowledge.community.appreciations import Thanked
from knowledge.database import Page
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.fields import After, Before, First, Last, shown
from schema.nodes import Node, parts, uid_of
from schema.paging import Connection
from schema.people import FunctionalGroup, Person
from schema.words import CultureValue


@strawberry.type(description="Thanks from somebody to a person, a group or a customer.")
class Appreciation(Node):
    """Thanks."""

    giver: Person | None = shown("Who thanks.", lambda row, _: appreciations.giver_of(row))
    person: Person | None = shown("The person who is thanked.", lambda row, _: appreciations.person_of(row))
    group: FunctionalGroup | None = shown("The group that is thanked.", lambda row, _: appreciations.group_of(row))
    customer: Customer | None = shown(
        "The customer who is thanked.", lambda row, info: appreciations.customer_of(row, info.context.viewer)
    )
    text: str = shown("What for.")
    value: CultureValue = shown("By which of the three values.")
    public: bool = shown("Whether all colleagues see it; otherwise the two sides alone do.")
    created_at: datetime = shown("When it was said.")
    may_withdraw: bool = shown(
        "Whether the viewer may take it back: either side may.",
        lambda row, info: appreciations.may_withdraw(row, info.context.viewer),
    )
    may_hide: bool = shown(
        "Whether the viewer may hide it: those who curate may.",
        lambda _, info: appreciations.may_hide(info.context.viewer),
    )


def _named(id: str | None, name: str) -> UUID | None:
    """Who is meant; nobody by an id that is not one of ours."""
    if id is None:
        return None
    found = parts(id)
    return found[1] if found is not None and found[0] == name else appreciations.NOBODY


ThanksTo = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only those to this person, named by their id.")
]
ThanksToGroup = Annotated[strawberry.ID | None, strawberry.argument(description="Only those to this group.")]
ByValue = Annotated[CultureValue | None, strawberry.argument(description="Only those by this value.")]


@query(
    "Thanks that the viewer gave or got, and for colleagues all that are public; the latest first.",
    Connection[Appreciation],
    needs=Act.COMMUNITY_WRITE,
    name="appreciations",
)
def all_appreciations(
    info: Info,
    person: ThanksTo = None,
    group: ThanksToGroup = None,
    value: ByValue = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return appreciations.listing(
        info.context.session,
        info.context.viewer,
        page,
        person=_named(person, "Person"),
        group=_named(group, "FunctionalGroup"),
        value=value,
    )


@strawberry.input(one_of=True, description="Whom to thank, named in exactly one way.")
class AppreciatedRef:
    """Exactly one of the four."""

    person: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A person by id.")
    handle: strawberry.Maybe[str] = strawberry.field(description="A person by what they are called after an @.")
    group: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A functional group by id.")
    customer: strawberry.Maybe[CustomerRef] = strawberry.field(description="A customer; for colleagues.")


def _thanked(ref: AppreciatedRef) -> Thanked:
    if ref.person is not None:
        return Thanked(person=uid_of(ref.person.value, "Person", "to"))
    if ref.handle is not None:
        return Thanked(handle=ref.handle.value)
    if ref.group is not None:
        return Thanked(group=uid_of(ref.group.value, "FunctionalGroup", "to"))
    assert ref.customer is not None
    return Thanked(customer=reference(ref.customer.value))


@strawberry.input(description="Thanks to somebody else than oneself.")
class AppreciateInput:
    """Input of appreciate."""

    to: AppreciatedRef = strawberry.field(description="Whom.")
    text: str = strawberry.field(description="What for, 1 to 500 characters.")
    value: CultureValue = strawberry.field(description="By which of the three values.")
    public: bool = strawberry.field(
        description="Whether all colleagues may see it; otherwise the two sides alone do.", default=True
    )


@strawberry.input(description="Thanks that are taken back.")
class WithdrawAppreciationInput:
    """Input of withdrawAppreciation."""

    id: strawberry.ID = strawberry.field(description="Which thanks.")


@strawberry.input(description="Thanks that should not stand there.")
class HideAppreciationInput:
    """Input of hideAppreciation."""

    id: strawberry.ID = strawberry.field(description="Which thanks.")
    reason: str = strawberry.field(description="Why, 1 to 300 characters; it is kept on record.")


@strawberry.type(description="Thanks that were hidden, for good.")
class HideAppreciationPayload(Payload):
    """Answer of hideAppreciation."""

    hidden_id: strawberry.ID | None = strawberry.field(description="The id of what is gone.", default=None)


@strawberry.type(description="Thanks that were said.")
class AppreciatePayload(Payload):
    """Answer of appreciate."""

    appreciation: Appreciation | None = strawberry.field(description="The thanks.", default=None)


@strawberry.type(description="Thanks that nobody sees any more.")
class WithdrawAppreciationPayload(Payload):
    """Answer of withdrawAppreciation."""

    withdrawn_id: strawberry.ID | None = strawberry.field(description="The id of what is gone.", default=None)


@mutation("Thank a person, a group or a customer.", AppreciatePayload, needs=Act.COMMUNITY_WRITE)
def appreciate(info: Info, input: AppreciateInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    said = {"text": input.text, "value": input.value, "public": input.public}
    return {"appreciation": appreciations.thank(session, viewer, _thanked(input.to), **said)}


@mutation(
    "Take thanks back, for whoever gave them or was thanked.",
    WithdrawAppreciationPayload,
    needs=Act.COMMUNITY_WRITE,
)
def withdraw_appreciation(info: Info, input: WithdrawAppreciationInput) -> Mapping[str, object]:
    appreciations.withdraw(info.context.session, info.context.viewer, uid_of(input.id, "Appreciation"))
    return {"withdrawn_id": input.id}


@mutation(
    "Hide thanks that should not stand there, for a reason that is kept on record; for those who curate.",
    HideAppreciationPayload,
    needs=Act.COMMUNITY_WRITE,
)
def hide_appreciation(info: Info, input: HideAppreciationInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "Appreciation")
    appreciations.hide(info.context.session, info.context.viewer, uid, input.reason)
    return {"hidden_id": input.id}


QUERIES = [all_appreciations]
MUTATIONS = [appreciate, withdraw_appreciation, hide_appreciation]
