"""The review queue: what waits, how much of it, how far what is published can be trusted, and vouching for it."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

import strawberry

from knowledge.database import Page
from knowledge.entries import freshness, reviewing
from knowledge.entries.freshness import Keeping, Verified
from knowledge.errors import Code, Invalid, Problem
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.entries.entry import Entry
from schema.entries.writing import EntryPayload
from schema.estimates import Estimate, estimated
from schema.fields import After, Before, First, Last, given, shown
from schema.nodes import parts, uid_of
from schema.paging import Connection
from schema.refusals import UserError
from schema.words import GroupKind, Kind, ReviewQueue

Queue = Annotated[ReviewQueue, strawberry.argument(description="What they wait for.")]
Kinds = Annotated[list[Kind] | None, strawberry.argument(description="Of any of these kinds.")]
Functions = Annotated[list[GroupKind] | None, strawberry.argument(description="Concerning any of these functions.")]
Mine = Annotated[
    bool, strawberry.argument(description="Only what the viewer owns or verifies, alone or with their group.")
]


@strawberry.type(description="How much waits in a queue.")
class ReviewCount:
    """One queue, counted."""

    queue: ReviewQueue = shown("What it waits for.")
    count: int = shown("How many entries.")
    mine: int = shown("How many of them the viewer owns or verifies, alone or with their group.")


def _wanted(kinds: list[Any] | None, functions: list[Any] | None, mine: bool = False) -> reviewing.Wanted:
    return reviewing.Wanted(tuple(kinds or ()), tuple(functions or ()), mine)


@query(
    "What waits for those who review and verify, the viewer's own first, then the longest waiting. Curators see all that they "
    "may read, other colleagues what they keep themselves.",
    Connection[Entry],
    needs=Act.ENTRIES_WRITE,
)
def reviews(
    info: Info,
    queue: Queue,
    kinds: Kinds = None,
    functions: Functions = None,
    mine: Mine = False,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page, wanted = Page(first, after, last, before), _wanted(kinds, functions, mine)
    return reviewing.queue(info.context.session, info.context.viewer, page, queue, wanted=wanted)


@query("How much waits in each queue.", list[ReviewCount], needs=Act.ENTRIES_WRITE)
def review_counts(info: Info, kinds: Kinds = None, functions: Functions = None, mine: Mine = False) -> Any:
    return reviewing.counts(info.context.session, info.context.viewer, wanted=_wanted(kinds, functions, mine))


@query(
    "The share of published entries whose verification holds: of these kinds, or of all that anybody is asked to verify.",
    Estimate,
    needs=Act.ENTRIES_READ,
)
def trust(info: Info, kinds: Kinds = None, functions: Functions = None) -> Any:
    chosen = {"kinds": tuple(kinds or ()), "functions": tuple(functions or ())}
    return estimated(reviewing.trust(info.context.session, info.context.viewer, **chosen))


@strawberry.input(description="Entries that still hold.")
class VerifyEntriesInput:
    """Input of verifyEntries."""

    ids: list[strawberry.ID] = strawberry.field(description="At most 100 entries.")
    revisions: list[int] | None = strawberry.field(
        description="The numbers of the revisions that were read, one for each id and in that order; where another one is out, that "
        "is a CONFLICT. Whatever is out unless given.",
        default=None,
    )


@strawberry.type(description="What came of one of several entries.")
class VerifyResult:
    """One row of the answer of verifyEntries."""

    id: strawberry.ID = strawberry.field(description="The entry that was asked for.")
    entry: Entry | None = strawberry.field(description="The entry as it is now; null where it was not verified.")
    errors: list[UserError] = strawberry.field(description="Why it was not verified; empty where it was.")


@strawberry.type(description="What came of each of several entries.")
class VerifyEntriesPayload(Payload):
    """Answer of verifyEntries."""

    results: list[VerifyResult] = strawberry.field(description="One for each id, in that order.", default_factory=list)


@mutation(
    "Vouch for several entries at once, each by itself: what cannot be verified does not stop the others. What is contested is "
    "verified by itself.",
    VerifyEntriesPayload,
    needs=Act.ENTRIES_WRITE,
)
def verify_entries(info: Info, input: VerifyEntriesInput) -> Mapping[str, object]:
    found = [parts(id) for id in input.ids]
    if input.revisions is not None and len(input.revisions) != len(input.ids):
        raise Invalid("Name one revision for each id, or none.", "revisions")
    uids = [each[1] for each in found if each is not None and each[0] == "Entry"]
    numbers = {each[1]: number for each, number in zip(found, input.revisions or (), strict=False) if each is not None}
    done = iter(freshness.verify_all(info.context.session, info.context.viewer, uids, numbers=numbers))
    known = [next(done) if each is not None and each[0] == "Entry" else None for each in found]
    return {"results": [_result(id, each) for id, each in zip(input.ids, known, strict=True)]}


def _result(id: strawberry.ID, found: Verified | None) -> VerifyResult:
    problem = found.problem if found else Problem("id", "There is no such thing.", Code.NOT_FOUND)
    errors = [UserError(field=problem.field, message=problem.message, code=problem.code)] if problem else []
    return VerifyResult(id=id, entry=cast(Any, found.entry if found else None), errors=errors)


@strawberry.input(description="Who verifies an entry, and how often; what is omitted stays as it is, null clears.")
class SetVerifierInput:
    """Input of setVerifier."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    person: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="A colleague; takes the place of a group."
    )
    group: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="A group, any member of which may verify it; takes the place of a person."
    )
    days: strawberry.Maybe[int | None] = strawberry.field(
        description="For how many days a verification holds, 7 to 730; null for what is usual for its kind."
    )


@mutation(
    "Say who verifies an entry, and for how long that holds: its owner, or a curator.",
    EntryPayload,
    needs=Act.ENTRIES_WRITE,
)
def set_verifier(info: Info, input: SetVerifierInput) -> Mapping[str, object]:
    found = given(input, but=("id",))
    for name, type in (("person", "Person"), ("group", "FunctionalGroup")):
        if found.get(name) is not None:
            found[name] = uid_of(found[name], type, name)
    session, viewer = info.context.session, info.context.viewer
    return {"entry": freshness.set_verifier(session, viewer, uid_of(input.id, "Entry"), cast(Keeping, found))}


QUERIES = [reviews, review_counts, trust]
MUTATIONS = [verify_entries, set_verifier]
