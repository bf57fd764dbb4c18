"""Segments: customers who have something in common, and who was in them when."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from knowledge import customers
from knowledge.customers import rules, segments
from knowledge.customers.rules import Node as RuleNode
from knowledge.database import Page
from knowledge.errors import Invalid
from knowledge.ladder import telling, usable
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.customers import Customer, CustomerRef, reference
from schema.fields import After, Before, First, Id, Last, asked, given, shown
from schema.knowing import CharacteristicValueInput, value_of
from schema.ladder.offered import Offering, OfferingRef, offering_reference
from schema.nodes import Node, parts, uid_of
from schema.paging import Connection
from schema.words import CustomerKind, CustomerRelation, Predicate, SegmentMethod, Stage

At = Annotated[datetime | None, strawberry.argument(description="At which moment; now unless given.")]


@strawberry.type(
    description="One node of a segment's rule. The nodes of a rule are a list, each before those below it."
)
class SegmentRuleNode:
    """A node."""

    depth: int = shown("How deep it stands; 1 for the root.")
    predicate: Predicate = shown("What it asks.")
    text: str = shown("The same in words.")


def _members(
    parent: strawberry.Parent[Any],
    info: Info,
    at: At = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection[Customer]:
    found: Any = segments.members_of(parent, info.context.viewer, Page(first, after, last, before), at)
    return found  # type: ignore[no-any-return]


def _size(parent: strawberry.Parent[Any], at: At = None) -> int:
    return segments.size_of(parent, at)


@strawberry.type(description="Some customers who have something in common.")
class Segment(Node):
    """A segment."""

    name: str = shown("What it is called.")
    description: str = shown("Who they are, in words.")
    method: SegmentMethod = shown("How it gets its members.")
    high_value: bool = shown("Whether the company lives by them.")
    rule: list[SegmentRuleNode] = shown(
        "What its rule asks; empty where its members are named one by one.", lambda row, _: segments.told_of(row)
    )
    sorted_at: datetime | None = shown("When its rule last chose.")
    offerings: list[Offering] = shown(
        "What its customers can use, unless it is said of one of them by name.",
        lambda row, info: usable.meant_for(row, info.context.viewer),
    )
    members: Connection[Customer] = asked("Who is in it, or was at a moment, by name.", _members)
    size: int = asked("How many are in it, or were at a moment, those counted who were merged since.", _size)
    version: int = shown("How often it was written; an update may name the one it is based on.")
    created_at: datetime = shown("When it was drawn.")
    updated_at: datetime = shown("When it last changed.")


@query("The segments by name.", Connection[Segment], needs=Act.CUSTOMERS_READ, name="segments")
def all_segments(info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
    return segments.listing(info.context.session, info.context.viewer, Page(first, after, last, before))


@query("One segment.", Segment | None, needs=Act.CUSTOMERS_READ)
def segment(info: Info, id: Id) -> Any:
    found = parts(id)
    return segments.by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@strawberry.input(description="One node of a rule: a predicate, and what that one needs, and nothing else.")
class SegmentRuleInput:
    """A node; at most 5 levels deep, and 50 in all."""

    predicate: Predicate = strawberry.field(description="What it asks.")
    of: strawberry.Maybe[list["SegmentRuleInput"]] = strawberry.field(
        description="For ALL, ANY, NONE: the nodes below it."
    )
    relation: strawberry.Maybe[CustomerRelation] = strawberry.field(description="For RELATION.")
    kind: strawberry.Maybe[CustomerKind] = strawberry.field(description="For KIND.")
    stage: strawberry.Maybe[Stage] = strawberry.field(description="For STAGE.")
    group: strawberry.Maybe[strawberry.ID] = strawberry.field(description="For GROUP.")
    parent: strawberry.Maybe[strawberry.ID] = strawberry.field(description="For PARENT: a customer.")
    characteristic: strawberry.Maybe[strawberry.ID] = strawberry.field(description="For those of characteristics.")
    segment: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="For SEGMENT: one without a rule of its own."
    )
    value: strawberry.Maybe[CharacteristicValueInput] = strawberry.field(
        description="What a characteristic is held against."
    )
    day: strawberry.Maybe[date] = strawberry.field(description="For JOINED_FROM and JOINED_BEFORE.")


_TYPES = {"group": "FunctionalGroup", "parent": "Customer", "characteristic": "Characteristic", "segment": "Segment"}


def _node(input: SegmentRuleInput, depth: int = 1) -> RuleNode:
    if depth > rules.DEEPEST:
        raise Invalid(f"A rule is at most {rules.DEEPEST} levels deep.", "rule")
    found: dict[str, Any] = given(input, but=("of", "value"))
    for name, type in _TYPES.items():
        if name in found:
            found[name] = uid_of(found[name], type, "rule")
    below = input.of.value if input.of is not None else []
    value = value_of(input.value.value) if input.value is not None else None
    return RuleNode(below=tuple(_node(each, depth + 1) for each in below), value=value, **found)


@strawberry.input(description="A new segment; without a rule its members are named one by one.")
class CreateSegmentInput:
    """Input of createSegment."""

    name: str = strawberry.field(description="What it is called, 1 to 80 characters.")
    description: strawberry.Maybe[str] = strawberry.field(description="Who they are, in at most 500 characters.")
    high_value: strawberry.Maybe[bool] = strawberry.field(description="Whether the company lives by them.")
    rule: strawberry.Maybe[SegmentRuleInput] = strawberry.field(description="The rule that chooses its members.")


@strawberry.input(description="A change of a segment: what is omitted stays.")
class UpdateSegmentInput:
    """Input of updateSegment."""

    id: strawberry.ID = strawberry.field(description="Which segment.")
    version: strawberry.Maybe[int] = strawberry.field(description="The version that this is based on.")
    name: strawberry.Maybe[str] = strawberry.field(description="What it is called.")
    description: strawberry.Maybe[str] = strawberry.field(description="Who they are.")
    high_value: strawberry.Maybe[bool] = strawberry.field(description="Whether the company lives by them.")
    rule: strawberry.Maybe[SegmentRuleInput] = strawberry.field(description="Another rule, for one that has a rule.")


@strawberry.input(description="Who joins a segment, or leaves it.")
class SegmentMemberInput:
    """Input of addToSegment and removeFromSegment."""

    segment: strawberry.ID = strawberry.field(description="Which segment.")
    customer: CustomerRef = strawberry.field(description="Who.")


@strawberry.input(description="What the customers of a segment can use.")
class SetSegmentOfferingsInput:
    """Input of setSegmentOfferings."""

    segment: strawberry.ID = strawberry.field(description="Which segment.")
    offerings: list[OfferingRef] = strawberry.field(
        description="The offerings, at most 250, instead of those before; none for none."
    )


@strawberry.type(description="A segment that was written.")
class SegmentPayload(Payload):
    """Answer of what changes segments."""

    segment: Segment | None = strawberry.field(description="The segment as it is now.", default=None)
    current: Segment | None = strawberry.field(description="In a conflict, what it is by now.", default=None)


def _wanted(input: CreateSegmentInput | UpdateSegmentInput) -> Any:
    found = given(input, but=("id", "version", "rule"))
    return {**found, "rule": _node(input.rule.value)} if input.rule is not None else found


@mutation("Draw a segment.", SegmentPayload, needs=Act.ENTRIES_CURATE)
def create_segment(info: Info, input: CreateSegmentInput) -> Mapping[str, object]:
    return {"segment": segments.create(info.context.session, info.context.viewer, _wanted(input))}


@mutation("Change a segment. Who was in it on past days stays as it was.", SegmentPayload, needs=Act.ENTRIES_CURATE)
def update_segment(info: Info, input: UpdateSegmentInput) -> Mapping[str, object]:
    uid, version = uid_of(input.id, "Segment"), input.version.value if input.version is not None else None
    changed = segments.update(info.context.session, info.context.viewer, uid, _wanted(input), version=version)
    return {"segment": changed}


@mutation("Put a customer into a segment from now on.", SegmentPayload, needs=Act.CUSTOMERS_WRITE)
def add_to_segment(info: Info, input: SegmentMemberInput) -> Mapping[str, object]:
    return _moved(info, input, telling.join)


@mutation("Take a customer out of a segment from now on.", SegmentPayload, needs=Act.CUSTOMERS_WRITE)
def remove_from_segment(info: Info, input: SegmentMemberInput) -> Mapping[str, object]:
    return _moved(info, input, telling.leave)


def _moved(info: Info, input: SegmentMemberInput, act: Any) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    found = segments.named(session, viewer, uid_of(input.segment, "Segment", "segment"))
    act(session, viewer, found, customers.named(session, viewer, reference(input.customer)))
    return {"segment": segments.by_uid(session, viewer, found.uid)}


@mutation(
    "Say which offerings are meant for the customers of a segment: whoever buys all they can use is a client. What is said of a "
    "customer by name goes before it.",
    SegmentPayload,
    needs=Act.ENTRIES_CURATE,
)
def set_segment_offerings(info: Info, input: SetSegmentOfferingsInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    found = segments.named(session, viewer, uid_of(input.segment, "Segment", "segment"))
    wanted = [offering_reference(each) for each in input.offerings]
    return {"segment": usable.mean(session, viewer, found, wanted)}


QUERIES = [all_segments, segment]
MUTATIONS = [create_segment, update_segment, add_to_segment, remove_from_segment, set_segment_offerings]
