"""What each form asks, control by control, in the names of the API's inputs."""

from collections.abc import Iterator
from dataclasses import replace

from frontend.forms import Field, Inputs, Shape, slug_of

ID = Field("id", needed=True)
PARTS = ("problem", "when", "do", "say", "avoid", "measure")


def _as_asked(asked: dict[str, object]) -> dict[str, object]:
    """Whom a question asks, as the API takes it: the choice says whether it is a person or a group, and which."""
    if "question" not in asked:
        return asked
    which, _, id = str(asked["question"] or "").partition(" ")
    return {**asked, "question": {which: id} if id else None}


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
    Field("insight.kind", Shape.CHOICE),
    Field("insight.reviewBy", Shape.DAY),
    *(Field(f"vision.{part}") for part in ("statement", "horizon", "what", "why")),
    Field("initiative.kind", Shape.CHOICE),
    Field("initiative.status", Shape.CHOICE),
    *(Field(f"initiative.{day}", Shape.DAY) for day in ("plannedLaunch", "plannedCompletion", "launchedOn", "completedOn")),
    Field("initiative.changesFrom"),
    Field("initiative.changesTo"),
    Field("initiative.horizon", Shape.CHOICE),
    Field("initiative.tradeOff"),
    Field("initiative.reach", Shape.NUMBER),
    Field("initiative.impact", Shape.NUMBER),
    Field("initiative.effort", Shape.DECIMAL),
    Field("initiative.contribution", Shape.CHOICE),
    Field("initiative.cadenceDays", Shape.NUMBER),
    Field("question", Shape.CHOICE),
), shaped=_as_asked)  # fmt: skip
ANSWERS = (
    Field("vision.answers.*"),
    Field("vision.degree.*", Shape.NUMBER),
    Field("vision.links.*", Shape.TAGS),
    Field("vision.notYet.*", Shape.YES),
    Field("vision.customersView.*", Shape.YES),
)
"""What a vision answers, each question by its key."""


def _answered(asked: dict[str, object]) -> dict[str, object]:
    """The answers as the API takes them: a list with all that is said to each question."""
    vision = asked.get("vision")
    if not isinstance(vision, dict) or "answers" not in vision:
        return asked
    said: dict[str, dict[str, object]] = {
        name: each if isinstance(each := vision.pop(name, {}), dict) else {}
        for name in ("answers", "degree", "links", "notYet", "customersView")
    }
    vision["answers"] = [
        {
            "question": key,
            "text": text,
            "degree": said["degree"].get(key),
            "links": [{"slug": slug_of(str(link))} for link in _listed(said["links"].get(key))],
            "notYet": bool(said["notYet"].get(key)),
            "customersView": bool(said["customersView"].get(key)),
        }
        for key, text in said["answers"].items()
    ]
    return asked


def _listed(links: object) -> list[object]:
    return links if isinstance(links, list) else []


REVISED = replace(
    ENTRY,
    fields=(
        ID,
        Field("baseRevision", Shape.NUMBER, needed=True),
        *(field for field in ENTRY.fields if field.name != "kind"),
        *ANSWERS,
    ),
    blank_clears=True,
    shaped=lambda asked: _answered(_as_asked(asked)),
)
ONE = Inputs((ID,))
APPROVAL = Inputs((ID, Field("revision", Shape.NUMBER)))
CHANGES = Inputs((ID, Field("note", needed=True), Field("revision", Shape.NUMBER)))
PROGRESS = Inputs((
    Field("initiative.id", needed=True),
    Field("health", Shape.CHOICE, needed=True),
    Field("percent", Shape.NUMBER),
    Field("summary", needed=True),
    Field("next"),
    Field("audience", Shape.CHOICE),
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

# The community.
SPEAK = Inputs(
    (Field("entry.id", needed=True), Field("body", needed=True), Field("quote"), Field("audience", Shape.CHOICE))
)
REPLY = Inputs((Field("parent", needed=True), Field("body", needed=True), Field("audience", Shape.CHOICE)))
MEND = Inputs((ID, Field("body", needed=True)))
HIDE = Inputs((ID, Field("reason", needed=True)))
REACTION = Inputs((Field("entry.id", needed=True), Field("kind", Shape.CHOICE, needed=True)))
COMMENT_REACTION = Inputs((Field("comment", needed=True), Field("kind", Shape.CHOICE, needed=True)))
USEFUL = Inputs((Field("entry.id", needed=True), Field("useful", Shape.YES)))
SUGGESTION = Inputs(
    (
        Field("entry.id", needed=True),
        Field("baseRevision", Shape.NUMBER, needed=True),
        *(Field(name) for name in ("title", "summary", "body", "note")),
        *(Field(f"practice.{part}") for part in PARTS),
        Field("insight.claim"),
        *(Field(f"vision.{part}") for part in ("statement", "what", "why")),
    ),
    blank_clears=True,
)
TAKING = Inputs((ID, Field("publish", Shape.YES)))
FLAG = Inputs((Field("entry.id", needed=True), Field("reason", Shape.CHOICE, needed=True), Field("note")))
COMMENT_FLAG = Inputs((Field("comment", needed=True), Field("reason", Shape.CHOICE, needed=True), Field("note")))
SETTLEMENT = Inputs((ID, Field("outcome", Shape.CHOICE, needed=True), Field("note")))

FILTERS = ("kinds", "tags", "functions", "stages", "freshness", "languages", "audiences")
FOLLOWED = Inputs((Field("entry.slug", needed=True),))
FOLLOWED_KIND = Inputs((Field("kind", Shape.CHOICE, needed=True),))
FOLLOWED_PERSON = Inputs((Field("person", needed=True),))
FOLLOWED_GROUP = Inputs((Field("group", needed=True),))
FOLLOWED_TAG = Inputs((Field("tag", needed=True),))
SOUGHT = Inputs((
    Field("search.query", needed=True),
    *(Field(f"search.filter.{name}", Shape.MANY) for name in FILTERS),
    Field("search.name"),
    Field("search.sortBy", Shape.CHOICE),
))  # fmt: skip
SHARE = Inputs((Field("entry.slug", needed=True), Field("expiresAt", Shape.MOMENT)))
READ = Inputs((Field("ids", Shape.MANY, needed=True),))
ALL_READ = Inputs((Field("upTo", needed=True),))
TOLD = Inputs((Field("reasons", Shape.MANY, needed=True), Field("followsByItself", Shape.YES, needed=True)))

# The life of an entry: sent for review, vouched for, put on the schedule, replaced; and what needs approval.
SUBMITTED = Inputs((ID, Field("at", Shape.WHEN)))
VERIFIED = Inputs((ID, Field("note"), Field("revision", Shape.NUMBER)))
SCHEDULED = Inputs((ID, Field("at", Shape.WHEN, needed=True)))
REPLACED = Inputs((ID, Field("successor.slug", Shape.ENTRY, needed=True), Field("note")))
KEEPER = Inputs(
    (ID, Field("person", Shape.CHOICE), Field("group", Shape.CHOICE), Field("days", Shape.NUMBER)), blank_clears=True
)


def _as_read(asked: dict[str, object]) -> dict[str, object]:
    """What was ticked as the API takes it: a box says which entry it is for and which revision of it was read."""
    ids = asked.get("ids")
    ticked = [str(each).partition(" ") for each in ids] if isinstance(ids, list) else []
    numbers = [int(number) for _, _, number in ticked if number.isdecimal()]
    found: dict[str, object] = {"ids": [id for id, _, _ in ticked]}
    return {**found, "revisions": numbers} if len(numbers) == len(ticked) else found


MANY_VERIFIED = Inputs((Field("ids", Shape.MANY, needed=True),), shaped=_as_read)
RULE = Inputs(
    (Field("audience", Shape.CHOICE, needed=True), Field("kind", Shape.CHOICE), Field("needed", Shape.NUMBER))
)
RESTORED = Inputs((
    ID,
    Field("revision", Shape.NUMBER, needed=True),
    Field("baseRevision", Shape.NUMBER, needed=True),
    Field("note"),
))  # fmt: skip
SNAPSHOT = Inputs((
    Field("entry", needed=True),
    Field("revision", Shape.NUMBER, needed=True),
    Field("name", needed=True),
    Field("note"),
))  # fmt: skip

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


# What people look for in vain, and the words that mean the same.
TAKEN = Inputs((ID, Field("kind", Shape.CHOICE, needed=True)))
CLOSED = Inputs((ID, Field("entry.slug", Shape.ENTRY, needed=True)))
AWAITED = Inputs((Field("query", needed=True),))
SYNONYMS = Inputs((Field("text", needed=True), Field("base")))


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

# Insights.
ASSESSED = Inputs((ID, Field("state", Shape.CHOICE, needed=True), Field("note")))
PROMOTED = Inputs((Field("feedback", needed=True), Field("title", needed=True), Field("claim", needed=True)))
FIGURE = Inputs((
    Field("entry.slug", Shape.ENTRY, needed=True),
    Field("stance", Shape.CHOICE, needed=True),
    Field("result.question", Shape.CHOICE, needed=True),
))  # fmt: skip
PROMOTED_THEME = Inputs((Field("theme", needed=True), Field("title", needed=True), Field("claim", needed=True)))
CITED = Inputs((
    Field("entry.slug", needed=True),
    Field("stance", Shape.CHOICE, needed=True),
    Field("cites.slug", Shape.ENTRY),
    Field("quote"),
    *(Field(f"document.{part}") for part in ("title", "url", "excerpt")),
))  # fmt: skip

# The digest.
PACE = Inputs((Field("pace", Shape.CHOICE, needed=True),))
# The home page.
NOTICE = Inputs((Field("text", needed=True), Field("entry.slug", Shape.ENTRY), Field("until", Shape.DAY)))
# Posts.
POST = Inputs(
    (
        Field("kind", Shape.CHOICE, needed=True),
        Field("title", needed=True),
        Field("body"),
        Field("audience", Shape.CHOICE),
        Field("question", Shape.CHOICE),
    ),
    shaped=_as_asked,
)
MENDED = Inputs(
    (ID, Field("baseRevision", Shape.NUMBER, needed=True), Field("title", needed=True), Field("body", needed=True))
)
ACCEPTED = Inputs((Field("comment", needed=True),))
TAKEN_UP = Inputs((Field("entry.id"), Field("comment"), Field("kind", Shape.CHOICE)))
BEGUN = Inputs((Field("entry.id"), Field("comment"), Field("title", needed=True)))
