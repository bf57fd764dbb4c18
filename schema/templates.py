"""Templates: what each kind of entry asks of those who write one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge import templates as asked
from knowledge.people import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.fields import shown
from schema.people import Person
from schema.words import Kind


@strawberry.type(description="What a template asks beside one field.")
class TemplatePart:
    """One part of a template."""

    field: str = strawberry.field(description="The field, as createEntry names it, such as practice.problem.")
    text: str = strawberry.field(description="What to think of when writing it; may be empty.")


@strawberry.type(description="What a kind of entry asks of those who write one.")
class Template:
    """A template."""

    kind: Kind = shown("The kind.")
    intro: str = shown("What to bear in mind on the whole; may be empty.")
    parts: list[TemplatePart] = shown("What is asked beside each field, in the order of the form.")
    changed_at: datetime | None = shown("When curators here changed it; null as long as it is the shipped one.")
    changed_by: Person | None = shown("Who changed it.")


@strawberry.input(description="What a template asks beside one field.")
class TemplatePartInput:
    """Part of saveTemplate."""

    field: str = strawberry.field(description="The field, as createEntry names it.")
    text: str = strawberry.field(description="What to think of when writing it, at most 1,500 characters.")


@strawberry.input(description="A template in other words: what is omitted stays as it is.")
class SaveTemplateInput:
    """Input of saveTemplate."""

    kind: Kind = strawberry.field(description="The kind.")
    intro: str | None = strawberry.field(
        description="What to bear in mind on the whole, at most 1,500 characters.", default=None
    )
    parts: list[TemplatePartInput] = strawberry.field(description="The parts that change.", default_factory=list)


@strawberry.input(description="A kind whose template is to be the shipped one again.")
class ResetTemplateInput:
    """Input of resetTemplate."""

    kind: Kind = strawberry.field(description="The kind.")


@strawberry.type(description="A template that was changed.")
class TemplatePayload(Payload):
    """Answer of mutations on templates."""

    template: Template | None = strawberry.field(description="The template as it is now.", default=None)


KindOf = Annotated[Kind, strawberry.argument(description="The kind.")]


@query("What a kind of entry asks of those who write one.", Template, needs=Act.ENTRIES_WRITE)
def template(info: Info, kind: KindOf) -> Any:
    return asked.of_kind(info.context.session, info.context.viewer, kind)


@query("The templates of all kinds.", list[Template], needs=Act.ENTRIES_WRITE)
def all_templates(info: Info) -> Any:
    return asked.every(info.context.session, info.context.viewer)


@mutation("Put a kind's template in other words.", TemplatePayload, needs=Act.ENTRIES_CURATE)
def save_template(info: Info, input: SaveTemplateInput) -> Mapping[str, object]:
    parts = [asked.Part(part.field, part.text) for part in input.parts]
    return {"template": asked.save(info.context.session, info.context.viewer, input.kind, input.intro, parts)}


@mutation("Have the template that comes with the product again.", TemplatePayload, needs=Act.ENTRIES_CURATE)
def reset_template(info: Info, input: ResetTemplateInput) -> Mapping[str, object]:
    return {"template": asked.reset(info.context.session, info.context.viewer, input.kind)}


QUERIES = [template, all_templates]
MUTATIONS = [save_template, reset_template]
