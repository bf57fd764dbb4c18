"""What the ladder's address asks, and its forms."""

from starlette.requests import Request

from frontend import words
from frontend.acting import Act
from frontend.forms import Field, Inputs, Shape

RELATIONS = ("EXTERNAL", "INTERNAL")
PERIODS = ("30", "90", "365")

WHOM = Field("customer.id", needed=True)
MOVE = Inputs((
    WHOM,
    Field("to", Shape.CHOICE, needed=True),
    Field("reason", needed=True),
    Field("reviewOn", Shape.DAY, needed=True),
    Field("believed", Shape.CHOICE),
    Field("advocacy", Shape.CHOICE),
))  # fmt: skip
KEEP = Inputs((WHOM, Field("reviewOn", Shape.DAY, needed=True)))
ADD = Inputs((Field("name", needed=True), Field("relation", Shape.CHOICE), Field("stage", Shape.CHOICE)))

ACTS = (
    Act("/ladder/move", "ladder/move", MOVE, "/customers?done=moved", "ladder/ladder", stays=True),
    Act("/ladder/keep", "ladder/keep", KEEP, "/customers?done=kept", "ladder/ladder", stays=True),
    Act("/ladder/add", "ladder/add", ADD, "/customers?done=added", "ladder/ladder", stays=True),
)


def variables(request: Request) -> dict[str, object]:
    """Whose ticks are wanted, over which period, and whose is about to be moved."""
    asked = request.query_params
    relations = [each.upper() for each in asked.getlist("relation") if each.upper() in RELATIONS]
    within: dict[str, object] = {
        "relations": relations,
        "name": asked.get("name", "").strip()[:80],
        "segment": asked.get("segment") or None,
    }
    stages = [each.upper() for each in asked.getlist("stage") if each.upper() in words.STAGES]
    days = asked.get("days", "")
    return {
        "within": within,
        "filter": {**within, "stages": stages, "reviewDue": bool(asked.get("due"))},
        "days": int(days) if days in PERIODS else 90,
        "after": asked.get("after"),
        "ref": {"id": asked.get("move", "")},
        "moving": bool(asked.get("move")),
    }
