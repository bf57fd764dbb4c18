"""What each form asks, control by control, in the names of the API's inputs."""

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
USE = Inputs((
    Field("practice.slug", needed=True),
    Field("result", Shape.CHOICE, needed=True),
    Field("stage", Shape.CHOICE),
    Field("segment"),
    Field("note"),
))  # fmt: skip
OUTCOME = Inputs((
    Field("practice.slug", needed=True),
    Field("from", Shape.DAY, needed=True),
    Field("to", Shape.DAY, needed=True),
    Field("metric", needed=True),
    Field("kind", Shape.CHOICE, needed=True),
    *(
        Field(f"{side}.{part}", shape)
        for side in ("before", "after")
        for part, shape in (("n", Shape.NUMBER), ("value", Shape.DECIMAL), ("deviation", Shape.DECIMAL))
    ),
    Field("comparison", Shape.CHOICE, needed=True),
    Field("verdict", Shape.CHOICE, needed=True),
    Field("stage", Shape.CHOICE),
    Field("segment"),
    Field("group", Shape.CHOICE),
    Field("note"),
))  # fmt: skip
PROFILE = Inputs((Field("name", needed=True),))
