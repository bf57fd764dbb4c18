"""The forms of the vision: what it answers and takes for granted, who stands behind it, and what it says to those outside."""

from dataclasses import replace

from starlette.requests import Request

from frontend import inputs
from frontend.acting import Act
from frontend.addresses import Variables, slug
from frontend.forms import Field, Inputs, Shape

STEPS = (
    "FOCUS_AND_DIRECTION",
    "COMMON_CHARACTERISTICS",
    "SCOPE_OF_SERVICES",
    "COMPETITIVE_ADVANTAGE",
    "CAPABILITIES",
    "TRUST_AND_APPRECIATION",
    "FLAWLESS_EXECUTION",
)


def step(request: Request) -> Variables:
    """A vision, one step of the seven, the first where there is none such, and the guide to its meeting."""
    wanted = str(request.path_params["step"]).upper().replace("-", "_")
    key = wanted if wanted in STEPS else STEPS[0]
    return {**slug(request), "step": key, "guide": "step-" + key.lower().replace("_", "-")}


def versions(request: Request) -> Variables:
    """A vision, and the two of its versions that are compared."""
    from_, to = (_number(request, name) for name in ("from", "to"))
    return {**slug(request), "from": min(from_, to), "to": max(from_, to), "comparing": bool(from_ and to)}


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


_VISION = Field("vision.slug", needed=True)
_VERSION = Field("version", Shape.NUMBER)
_SAID = (Field("statement"), Field("expiresOn", Shape.DAY))
_STATED = (
    Field("statement", needed=True),
    Field("domain", Shape.CHOICE),
    Field("test"),
    Field("step", Shape.CHOICE),
    Field("owner", Shape.CHOICE),
    Field("reviewBy", Shape.DAY),
)
ASSUMED = Inputs((_VISION, *_STATED))
ASSUMED_AGAIN = Inputs((inputs.ID, _VERSION, *_STATED), blank_clears=True)
ASSESSED = Inputs((inputs.ID, Field("state", Shape.CHOICE, needed=True), Field("found")))
COMMITTED = Inputs((_VISION, _VERSION, Field("state", Shape.CHOICE, needed=True), *_SAID))
STAKED = Inputs(
    (
        _VISION,
        Field("person", Shape.CHOICE),
        Field("group", Shape.CHOICE),
        Field("name"),
        Field("key", Shape.YES),
    )
)
RECORDED = Inputs((Field("stakeholder", needed=True), _VERSION, Field("state", Shape.CHOICE, needed=True), *_SAID))
MEANT = Inputs((_VISION, _VERSION, Field("text", needed=True), Field("forGroup", Shape.YES)))
TOLD = Inputs(
    (
        _VISION,
        Field("whom", needed=True),
        Field("how", needed=True),
        Field("audience", Shape.CHOICE),
        Field("toldOn", Shape.DAY),
        Field("cameOfIt"),
    )
)
SAID_OUTSIDE = Inputs(
    (
        _VISION,
        Field("baseRevision", Shape.NUMBER),
        Field("audience", Shape.CHOICE),
        Field("title"),
        *(Field(name, needed=True) for name in ("statement", "what", "why")),
        Field("horizon"),
        Field("note"),
    )
)
STEP = replace(
    inputs.REVISED, fields=(*inputs.REVISED.fields[:2], Field("note"), Field("publish", Shape.YES), *inputs.ANSWERS)
)

PLACED = Inputs((Field("evidence", Shape.CHOICE, needed=True), Field("assumption"), Field("question", Shape.CHOICE)))

_AT = "/entries/{slug}"
ACTS = (
    Act(f"{_AT}/answers/{{step}}", "entries/update", STEP, f"{_AT}/answers/{{step}}?done=saved", "vision/step"),
    Act(f"{_AT}/assumptions", "vision/assume", ASSUMED, f"{_AT}/assumptions?done=assumed", "vision/assumptions"),
    Act(f"{_AT}/assumptions/again", "vision/assume_again", ASSUMED_AGAIN, f"{_AT}/assumptions?done=assumed", "vision/assumptions"),
    Act(f"{_AT}/assumptions/assess", "vision/assess", ASSESSED, f"{_AT}/assumptions?done=assessed", "vision/assumptions"),
    Act(f"{_AT}/answers/{{step}}/evidence", "vision/place", PLACED, f"{_AT}/answers/{{step}}?done=attached", "vision/step"),
    Act(f"{_AT}/assumptions/evidence", "vision/place", PLACED, f"{_AT}/assumptions?done=attached", "vision/assumptions"),
    Act(f"{_AT}/commit", "vision/commit", COMMITTED, f"{_AT}/behind?done=committed", "vision/behind"),
    Act(f"{_AT}/stakeholders", "vision/stake", STAKED, f"{_AT}/behind?done=kept-vision", "vision/behind"),
    Act(f"{_AT}/stakeholders/remove", "vision/unstake", inputs.ONE, f"{_AT}/behind?done=kept-vision", "vision/behind"),
    Act(f"{_AT}/stakeholders/said", "vision/record", RECORDED, f"{_AT}/behind?done=committed", "vision/behind"),
    Act(f"{_AT}/meaning", "vision/mean", MEANT, f"{_AT}/behind?done=meant#meanings", "vision/behind"),
    Act(f"{_AT}/told", "vision/tell", TOLD, f"{_AT}/behind?done=kept-vision#told", "vision/behind"),
    Act(f"{_AT}/public", "vision/say", SAID_OUTSIDE, "/entries/{part.slug}?done=saved", "vision/public"),
)  # fmt: skip
