"""What each form asks, control by control, in the names of the API's inputs."""

from collections.abc import Iterator
from dataclasses import replace

from frontend.forms import Field, Inputs, Shape

ID = Field("id", needed=True)
PARTS = ("problem", "when", "do", "say", "avoid", "measure")

ENTRY = Inputs((
    Field("kind", Shape.CHOICE, needed=True),
    Field("title", needed=True),
    Field("slug"),
    Field("summary"),
    Field("body"),
    Field("tags", Shape.TAGS),
    Field("language", Shape.CHOICE),
    Field("audience", Shape.CHOICE),
    Field("audienceGroups", Shape.MANY),
    Field("functions", Shape.MANY),
    Field("stages", Shape.MANY),
    Field("principles", Shape.NUMBERS),
    Field("owner", Shape.CHOICE),
    Field("source"),
    Field("licence"),
    Field("note"),
    Field("publish", Shape.YES),
    *(Field(f"practice.{part}") for part in PARTS),
    Field("insight.claim"),
    *(Field(f"vision.{part}") for part in ("statement", "horizon", "what", "why")),
    Field("initiative.kind", Shape.CHOICE),
    Field("initiative.status", Shape.CHOICE),
    *(Field(f"initiative.{day}", Shape.DAY) for day in ("plannedLaunch", "plannedCompletion", "launchedOn", "completedOn")),
    Field("initiative.changesFrom"),
    Field("initiative.changesTo"),
))  # fmt: skip
REVISED = replace(
    ENTRY,
    fields=(
        ID,
        Field("baseRevision", Shape.NUMBER, needed=True),
        *(field for field in ENTRY.fields if field.name != "kind"),
    ),
    blank_clears=True,
)
ONE = Inputs((ID,))
APPROVAL = Inputs((ID, Field("revision", Shape.NUMBER)))
CHANGES = Inputs((ID, Field("note", needed=True)))
PROGRESS = Inputs((
    Field("initiative.id", needed=True),
    Field("health", Shape.CHOICE, needed=True),
    Field("percent", Shape.NUMBER),
    Field("summary", needed=True),
    Field("next"),
))  # fmt: skip
SAID = Inputs((
    Field("verbatim", needed=True),
    Field("channel", Shape.CHOICE, needed=True),
    Field("customerName"),
    Field("entry.slug"),
    Field("stance", Shape.CHOICE),
))  # fmt: skip
EVIDENCE = Inputs((
    Field("entry.slug", Shape.CHOICE, needed=True),
    Field("feedback", needed=True),
    Field("stance", Shape.CHOICE, needed=True),
    Field("quote"),
))  # fmt: skip
TOKEN = Inputs((Field("name", needed=True), Field("scopes", Shape.MANY, needed=True), Field("expiresAt", Shape.MOMENT)))
PROFILE = Inputs((Field("name", needed=True),))

LINK = Inputs((Field("from.id", needed=True), Field("to.slug", needed=True), Field("kind", Shape.CHOICE, needed=True)))
TAG = Inputs((ID, Field("name"), Field("description"), Field("synonyms", Shape.TAGS)), blank_clears=True)
MERGE = Inputs((Field("from.id", needed=True), Field("into.id", needed=True)))
SERIES = Inputs((Field("title", needed=True), Field("description")))
SERIES_AGAIN = Inputs(
    (ID, Field("title", needed=True), Field("slug"), Field("description"), Field("owner", Shape.CHOICE)),
    blank_clears=True,
)
CHAPTER = Inputs((Field("series", needed=True), Field("entry.slug", Shape.CHOICE, needed=True)))
MOVE = Inputs((*CHAPTER.fields, Field("position", Shape.NUMBER, needed=True)))
OF_KIND = Inputs((Field("kind", Shape.CHOICE, needed=True),))


def _as_list(asked: dict[str, object]) -> dict[str, object]:
    """The parts of a template as the API takes them: a list of fields with their texts."""
    return {**asked, "parts": [{"field": field, "text": text} for field, text in _flat(asked.get("parts"))]}


def _flat(parts: object, path: str = "") -> Iterator[tuple[str, object]]:
    if not isinstance(parts, dict):
        yield path, parts or ""
        return
    for name, part in parts.items():
        yield from _flat(part, f"{path}.{name}" if path else name)


TEMPLATE = Inputs(
    (
        *OF_KIND.fields,
        Field("intro"),
        *(
            Field(f"parts.{name}")
            for name in (
                "title",
                "summary",
                "body",
                *(f"practice.{part}" for part in PARTS),
                "insight.claim",
                *(f"vision.{part}" for part in ("statement", "horizon", "what", "why")),
                "initiative.changesFrom",
                "initiative.changesTo",
            )
        ),
    ),
    blank_clears=True,
    shaped=_as_list,
)
