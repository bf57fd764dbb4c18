"""Transactions and advocacy: the facts that a stage follows from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast

import strawberry

from knowledge.database import Page
from knowledge.errors import NotFound, Problem, Refusal, TooLarge
from knowledge.ladder import advocacies, telling, transactions
from knowledge.ladder.advocacies import Spoken
from knowledge.ladder.transactions import MOST, Answer, Told
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.fields import After, Before, First, Last, given, shown
from schema.ladder.offered import Offering, OfferingRef, offering_reference
from schema.ladder.standing import inside
from schema.nodes import Node, id_of, parts, uid_of
from schema.paging import Connection
from schema.people import Person
from schema.refusals import UserError, user_errors
from schema.words import AdvocacyKind, TransactionKind


@strawberry.type(description="A purchase, a renewal or a delivered service.")
class Transaction(Node):
    """A transaction."""

    kind: TransactionKind = shown("What took place.")
    customer: Customer | None = shown(
        "With whom.", lambda row, info: transactions.customer_of(row, info.context.viewer)
    )
    offering: Offering | None = shown(
        "What it was; null where that is not known.",
        lambda row, info: transactions.offering_of(row, info.context.viewer),
    )
    occurred_at: datetime = shown("When it took place.")
    source: str | None = shown("The system that this record comes from.")
    external_id: str | None = shown("Its identifier there.")
    created_at: datetime = shown("When it was first written down here.")
    updated_at: datetime = shown("When it was last corrected.")


@strawberry.type(description="One time that a customer spoke for us.")
class Advocacy(Node):
    """A piece of advocacy."""

    kind: AdvocacyKind = shown("What they did.")
    customer: Customer | None = shown("Who.", lambda row, info: advocacies.customer_of(row, info.context.viewer))
    occurred_at: datetime = shown("When.")
    note: str | None = shown(
        "What else is to be said, among colleagues; may be empty.", lambda row, info: inside(info, row.note)
    )
    reporter: Person | None = shown(
        "The colleague who wrote it down.", lambda row, info: inside(info, advocacies.reporter_of(row))
    )
    source: str | None = shown("The system that this record comes from.")
    external_id: str | None = shown("Its identifier there.")
    created_at: datetime = shown("When it was written down.")


@strawberry.input(description="Which transactions are wanted; what is left out does not matter.")
class TransactionFilter:
    """Filter of transactions."""

    kinds: list[TransactionKind] | None = strawberry.field(description="Of any of these kinds.", default=None)
    customer: strawberry.ID | None = strawberry.field(description="With this customer.", default=None)
    offering: strawberry.ID | None = strawberry.field(description="Of this offering.", default=None)
    occurred_after: datetime | None = strawberry.field(description="After this moment.", default=None)
    occurred_before: datetime | None = strawberry.field(description="Before this moment.", default=None)


TransactionsWanted = Annotated[TransactionFilter | None, strawberry.argument(description="Which transactions.")]
KindsWanted = Annotated[list[AdvocacyKind] | None, strawberry.argument(description="Of any of these kinds.")]


def _wanted(filter: TransactionFilter | None) -> transactions.Filter | None:
    if filter is None:
        return None
    found: dict[str, Any] = {name: value for name, value in vars(filter).items() if value is not None}
    found["kinds"] = tuple(filter.kinds or ())
    for name in ("customer", "offering"):
        if name in found:
            known = parts(found[name])
            if known is None:
                raise NotFound("There is no such thing.", f"filter.{name}")
            found[name] = known[1]
    return transactions.Filter(**found)


@query(
    "What took place with customers, the latest first.",
    Connection[Transaction],
    needs=Act.CUSTOMERS_READ,
    name="transactions",
)
def all_transactions(
    info: Info,
    filter: TransactionsWanted = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return transactions.listing(info.context.session, info.context.viewer, page, filter=_wanted(filter))


@query(
    "How customers spoke for us, the latest first.", Connection[Advocacy], needs=Act.CUSTOMERS_READ, name="advocacies"
)
def all_advocacies(
    info: Info,
    kinds: KindsWanted = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return advocacies.listing(info.context.session, info.context.viewer, page, kinds=tuple(kinds or ()))


@strawberry.input(
    description="What took place. With a source and an external id it may be told again and changes nothing."
)
class TransactionRow:
    """A row of upsertTransactions."""

    customer: CustomerRef = strawberry.field(description="With whom.")
    kind: TransactionKind = strawberry.field(description="What took place.")
    occurred_at: datetime = strawberry.field(description="When.")
    offering: OfferingRef | None = strawberry.field(description="What it was, where that is known.", default=None)
    source: str | None = strawberry.field(description="The system that the record comes from.", default=None)
    external_id: str | None = strawberry.field(description="Its identifier there.", default=None)
    id: strawberry.ID | None = strawberry.field(
        description="The transaction that is corrected; without it or an external id the row is a new one.",
        default=None,
    )


@strawberry.input(description="At most 250 things that took place.")
class UpsertTransactionsInput:
    """Input of upsertTransactions."""

    rows: list[TransactionRow] = strawberry.field(description="Each is answered by itself.")


@strawberry.type(description="What became of one row.")
class UpsertedTransaction:
    """An answer in the place of its row."""

    index: int = strawberry.field(description="The place of the row, from 0.")
    id: strawberry.ID | None = strawberry.field(description="The transaction; null where something was wrong.")
    created: bool = strawberry.field(description="Whether it is new.")
    errors: list[UserError] = strawberry.field(
        description="All that was wrong with the row; then nothing of it is kept."
    )


@strawberry.type(description="What became of each row.")
class UpsertTransactionsPayload(Payload):
    """Answer of upsertTransactions."""

    results: list[UpsertedTransaction] = strawberry.field(
        description="One for each row, in their order.", default_factory=list
    )


def _told(row: TransactionRow) -> Told:
    offering = offering_reference(row.offering) if row.offering is not None else None
    uid = uid_of(row.id, "Transaction") if row.id is not None else None
    return Told(reference(row.customer), row.kind, row.occurred_at, offering, row.source, row.external_id, uid)


@mutation(
    "Write down what took place with customers, each row by itself; customers move on the ladder along with it.",
    UpsertTransactionsPayload,
    needs=Act.CUSTOMERS_WRITE,
)
def upsert_transactions(info: Info, input: UpsertTransactionsInput) -> Mapping[str, object]:
    if len(input.rows) > MOST:
        raise TooLarge(f"Send at most {MOST} rows at a time.", "rows")
    answers: dict[int, Answer] = {}
    told: dict[int, Told] = {}
    for place, row in enumerate(input.rows):
        try:
            told[place] = _told(row)
        except Refusal as refusal:  # an id that is none of ours is wrong with this row alone
            answers[place] = Answer(problems=tuple(_named(problem, refusal) for problem in refusal.problems))
    found = telling.dealings(info.context.session, info.context.viewer, list(told.values()))
    answers |= dict(zip(told, found, strict=True))
    return {"results": [_answered(place, answers[place]) for place in sorted(answers)]}


def _named(problem: Problem, refusal: Refusal) -> Problem:
    return Problem(problem.field, problem.message, refusal.code)


def _answered(place: int, answer: Answer) -> UpsertedTransaction:
    id = id_of("Transaction", answer.row.uid) if answer.row is not None else None
    errors = user_errors(Refusal(problems=answer.problems)) if answer.problems else []
    return UpsertedTransaction(index=place, id=id, created=answer.created, errors=errors)


@strawberry.input(description="How a customer spoke for us.")
class RecordAdvocacyInput:
    """Input of recordAdvocacy."""

    customer: CustomerRef = strawberry.field(description="Who.")
    kind: AdvocacyKind = strawberry.field(description="What they did.")
    occurred_at: strawberry.Maybe[datetime | None] = strawberry.field(description="When; now unless given.")
    note: strawberry.Maybe[str] = strawberry.field(description="What else is to be said, in at most 500 characters.")
    source: strawberry.Maybe[str | None] = strawberry.field(description="The system that the record comes from.")
    external_id: strawberry.Maybe[str | None] = strawberry.field(description="Its identifier there.")


@strawberry.type(description="Advocacy that was recorded.")
class AdvocacyPayload(Payload):
    """Answer of recordAdvocacy."""

    advocacy: Advocacy | None = strawberry.field(description="What was recorded.", default=None)


@mutation("Write down that a customer spoke for us.", AdvocacyPayload, needs=Act.CUSTOMERS_WRITE)
def record_advocacy(info: Info, input: RecordAdvocacyInput) -> Mapping[str, object]:
    spoken = cast(Spoken, given(input, but=("customer",)))
    session, viewer = info.context.session, info.context.viewer
    return {"advocacy": telling.advocacy(session, viewer, reference(input.customer), spoken)}


QUERIES = [all_transactions, all_advocacies]
MUTATIONS = [upsert_transactions, record_advocacy]
