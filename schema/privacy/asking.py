"""Consent is said, requests are made and seen to, and somebody is given, restricted or erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge import customers
from knowledge.database import Page
from knowledge.errors import NotFound
from knowledge.people import Act
from knowledge.privacy import consents, erasing, giving, looks, requests, retention, settling, subjects
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.fields import After, Before, First, Id, Last, shown
from schema.nodes import parts, uid_of
from schema.paging import Connection
from schema.privacy.standing import DataRequest, Look
from schema.words import ConsentPurpose, DataRequestKind, DataRequestState, RetentionOf


@query("One request about data.", DataRequest | None, needs=Act.PROFILE_WRITE, name="dataRequest")
def one_request(info: Info, id: Id) -> Any:
    found = parts(id)
    is_one = found is not None and found[0] == "DataRequest"
    return requests.by_uid(info.context.session, info.context.viewer, found[1]) if found and is_one else None


Whom = Annotated[CustomerRef, strawberry.argument(description="Who is meant.")]
State = Annotated[
    DataRequestState | None, strawberry.argument(description="Only those in this state; what is open unless given.")
]


@strawberry.type(description="Where something of a customer lies.")
class DataPlace:
    """A table."""

    table: str = shown("The table.")
    rows: int = shown("How many of its rows are theirs.")
    naming: int = shown("How many of its rows name them.")


@strawberry.type(description="How long something is kept.")
class Retention:
    """A rule, or that there is none."""

    of: RetentionOf = shown("What.")
    days: int | None = shown("So many days; null where it is kept for good.")
    due: int = shown("How much would go today.")


def _whom(info: Info, ref: CustomerRef) -> Any:
    return subjects.named(info.context.session, info.context.viewer, reference(ref))


@query(
    "The customer whom the viewer signs in for; null for everybody else and for programs.",
    Customer | None,
    needs=Act.PROFILE_WRITE,
)
def own_customer(info: Info) -> Any:
    return subjects.own(info.context.session, info.context.viewer)


@query(
    "What was asked of data, the first due first; for admins.",
    Connection[DataRequest],
    needs=Act.ADMIN,
    name="dataRequests",
)
def all_requests(
    info: Info,
    state: State = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    wanted = state or DataRequestState.OPEN
    return requests.queue(info.context.session, info.context.viewer, page, state=wanted)


@query(
    "All looks at what is personal, the latest first; for administrators.",
    Connection[Look],
    needs=Act.ADMIN,
    name="looks",
)
def all_looks(info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
    return looks.listing(info.context.session, info.context.viewer, Page(first, after, last, before))


@query(
    "All that is kept of a customer, as JSON: for themselves what is theirs, for administrators what names them as well. The latter "
    "is a look that is written down. Null for everybody else.",
    str | None,
    needs=Act.ADMIN,
)
def data_export(info: Info, customer: Whom) -> Any:
    viewer = info.context.viewer
    whom = _seen(info, customer)
    if whom is None or not (viewer.may(Act.ADMIN) or consents.is_oneself(viewer, whom)):
        return None
    if (look := giving.look(viewer, whom)) is not None:
        info.context.looked[look] = None
    return giving.everything(info.context.session, viewer, whom)


@query(
    "Where something of a customer lies, before they are erased; for administrators.", list[DataPlace], needs=Act.ADMIN
)
def erasure_preview(info: Info, customer: Whom) -> Any:
    whom = _seen(info, customer)
    if whom is None or not info.context.viewer.may(Act.ADMIN):
        return []
    return erasing.preview(info.context.session, info.context.viewer, whom)


def _seen(info: Info, ref: CustomerRef) -> Any:
    try:
        return _whom(info, ref)
    except NotFound:
        return None


@query(
    "How long something is kept, and what would go today; for administrators.",
    list[Retention],
    needs=Act.ADMIN,
    name="retention",
)
def all_retention(info: Info) -> Any:
    return retention.overview(info.context.session, info.context.viewer)


@strawberry.input(description="A yes or a no to one purpose.")
class SetConsentInput:
    """Input of setConsent."""

    customer: CustomerRef = strawberry.field(description="Whose.")
    purpose: ConsentPurpose = strawberry.field(description="To what.")
    given: bool = strawberry.field(description="Whether they say yes.")
    note: strawberry.Maybe[str] = strawberry.field(description="How they said so, at most 300 characters.")


@strawberry.type(description="A customer of whom something was said.")
class ConsentPayload(Payload):
    """Answer of setConsent, restrictCustomer and liftRestriction."""

    customer: Customer | None = strawberry.field(description="The customer as they are now.", default=None)


@mutation(
    "Say yes or no to a purpose, for oneself or for a customer who said so: one way for both.",
    ConsentPayload,
    needs=Act.PROFILE_WRITE,
)
def set_consent(info: Info, input: SetConsentInput) -> Mapping[str, object]:
    customer, note = _whom(info, input.customer), input.note.value if input.note is not None else ""
    consents.say(info.context.session, info.context.viewer, customer, input.purpose, input.given, note=note)
    return {"customer": customer}


@strawberry.input(description="Something that somebody asks of the data about them.")
class RequestDataInput:
    """Input of requestData."""

    customer: CustomerRef = strawberry.field(description="Who asks.")
    kind: DataRequestKind = strawberry.field(description="What.")
    note: strawberry.Maybe[str] = strawberry.field(
        description="In their words, at most 1,000 characters; RECTIFY and OBJECT need it."
    )


@strawberry.input(description="A request that is asked no more.")
class WithdrawDataRequestInput:
    """Input of withdrawDataRequest."""

    id: strawberry.ID = strawberry.field(description="Which request.")


@strawberry.input(description="What becomes of a request.")
class SettleDataRequestInput:
    """Input of settleDataRequest and declineDataRequest."""

    id: strawberry.ID = strawberry.field(description="Which request.")
    answer: strawberry.Maybe[str] = strawberry.field(description="What they are told, at most 1,000 characters.")


@strawberry.type(description="A request about data.")
class DataRequestPayload(Payload):
    """Answer of what is done with requests."""

    request: DataRequest | None = strawberry.field(description="The request as it is now.", default=None)
    current: DataRequest | None = strawberry.field(description="In a conflict, what it is by now.", default=None)


@mutation(
    "Ask something of the data about oneself or a customer; due in a month.",
    DataRequestPayload,
    needs=Act.PROFILE_WRITE,
)
def request_data(info: Info, input: RequestDataInput) -> Mapping[str, object]:
    customer, note = _whom(info, input.customer), input.note.value if input.note is not None else ""
    return {"request": requests.make(info.context.session, info.context.viewer, customer, input.kind, note=note)}


@mutation("Ask for something no more.", DataRequestPayload, needs=Act.PROFILE_WRITE)
def withdraw_data_request(info: Info, input: WithdrawDataRequestInput) -> Mapping[str, object]:
    uid = uid_of(input.id, "DataRequest")
    return {"request": requests.withdraw(info.context.session, info.context.viewer, uid)}


@mutation(
    "See to a request: ERASE erases and RESTRICT restricts at once and by this; of anything else it says that it was done.",
    DataRequestPayload,
    needs=Act.ADMIN,
)
def settle_data_request(info: Info, input: SettleDataRequestInput) -> Mapping[str, object]:
    uid, answer = uid_of(input.id, "DataRequest"), input.answer.value if input.answer is not None else ""
    return {"request": settling.done(info.context.session, info.context.viewer, uid, answer=answer)}


@mutation("Decline a request, and say why.", DataRequestPayload, needs=Act.ADMIN)
def decline_data_request(info: Info, input: SettleDataRequestInput) -> Mapping[str, object]:
    uid, answer = uid_of(input.id, "DataRequest"), input.answer.value if input.answer is not None else ""
    return {"request": settling.decline(info.context.session, info.context.viewer, uid, answer)}


@strawberry.input(description="A customer.")
class CustomerDataInput:
    """Input of eraseCustomer, restrictCustomer and liftRestriction."""

    customer: CustomerRef = strawberry.field(description="Who is meant.")


@strawberry.type(description="Somebody was erased.")
class ErasedPayload(Payload):
    """Answer of eraseCustomer."""

    erased_at: datetime | None = strawberry.field(description="When.", default=None)


@mutation("Erase a customer: nothing names them any more, and it cannot be undone.", ErasedPayload, needs=Act.ADMIN)
def erase_customer(info: Info, input: CustomerDataInput) -> Mapping[str, object]:
    return {"erased_at": erasing.erase(info.context.session, info.context.viewer, _whom(info, input.customer))}


@mutation("Keep what is known of a customer and use it no more.", ConsentPayload, needs=Act.ADMIN)
def restrict_customer(info: Info, input: CustomerDataInput) -> Mapping[str, object]:
    session, viewer, customer = info.context.session, info.context.viewer, _whom(info, input.customer)
    subjects.restrict(session, viewer, customer)
    return {"customer": subjects.by_uid(session, viewer, customer.uid)}


@mutation("Use what is known of a customer again; they may say so themselves.", ConsentPayload, needs=Act.PROFILE_WRITE)
def lift_restriction(info: Info, input: CustomerDataInput) -> Mapping[str, object]:
    session, viewer, customer = info.context.session, info.context.viewer, _whom(info, input.customer)
    subjects.lift(session, viewer, customer)
    return {"customer": customers.find(session, viewer, customers.Reference(uid=customer.uid))}


@strawberry.input(description="How long something is kept.")
class SetRetentionInput:
    """Input of setRetention."""

    of: RetentionOf = strawberry.field(description="What.")
    days: int | None = strawberry.field(description="So many days, 30 to 36,500; null keeps it for good.")


@strawberry.type(description="How long something is kept.")
class RetentionPayload(Payload):
    """Answer of setRetention."""

    retention: list[Retention] | None = strawberry.field(description="All kinds as they are kept now.", default=None)


@mutation("Say how long something is kept; what is older goes every day.", RetentionPayload, needs=Act.ADMIN)
def set_retention(info: Info, input: SetRetentionInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    retention.keep(session, viewer, input.of, input.days)
    return {"retention": retention.overview(session, viewer)}


QUERIES = [own_customer, one_request, all_requests, all_looks, data_export, erasure_preview, all_retention]
MUTATIONS = [
    set_consent,
    request_data,
    withdraw_data_request,
    settle_data_request,
    decline_data_request,
    erase_customer,
    restrict_customer,
    lift_restriction,
    set_retention,
]
