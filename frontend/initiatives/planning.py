"""What the address of the board asks, and the forms by which initiatives are planned, moved and helped."""

from starlette.requests import Request

from frontend import words
from frontend.acting import Act
from frontend.forms import Field, Inputs, Shape

SORTS = {"priority": "PRIORITY_DESC"}
ROWS = 6
"""So many groups can be named in the form; the API takes more."""

WHICH = Field("initiative.id", needed=True)


def board(request: Request) -> dict[str, object]:
    """Which initiatives are wanted and in which order; a word that the API does not know is passed over."""
    asked = request.query_params

    def known(name: str, those: object) -> list[str]:
        return [each.upper() for each in asked.getlist(name) if each.upper() in those]  # type: ignore[operator]

    chosen = {
        "status": known("status", words.INITIATIVE_STATES),
        "horizons": known("horizon", words.HORIZONS),
        "contributions": known("contribution", words.CONTRIBUTIONS),
        "steps": known("step", words.VISION_STEPS),
    }
    filter = {name: values for name, values in chosen.items() if values}
    return {"filter": filter, "sort": SORTS.get(asked.get("sort", ""), "UPDATED_DESC")}


def scores(request: Request) -> dict[str, object]:
    """Of which initiative, and whether they are being chosen."""
    return {"slug": request.path_params["slug"], "choosing": "choose" in request.query_params}


def _planned(sent: dict[str, object]) -> dict[str, object]:
    """The rows of groups as a list, and each step that was ticked with its question."""
    rows = [sent.pop(f"row{number}", None) for number in range(1, ROWS + 1)]
    named = [row for row in rows if isinstance(row, dict) and row.get("group")]
    sent["capacity"] = [{"group": row["group"], "percent": row.get("percent") or 0} for row in named]
    ticked = sent.get("serves")
    served = [str(each).partition("/") for each in ticked] if isinstance(ticked, list) else []
    sent["serves"] = [{"step": step, "question": question or None} for step, _, question in served]
    vision = sent.get("vision")
    sent["vision"] = vision if isinstance(vision, dict) and vision.get("slug") else None
    return sent


PLAN = Inputs(
    (
        WHICH,
        Field("sponsor", Shape.CHOICE),
        Field("vision.slug", Shape.ENTRY),
        Field("serves", Shape.MANY),
        *(
            field
            for number in range(1, ROWS + 1)
            for field in (Field(f"row{number}.group", Shape.CHOICE), Field(f"row{number}.percent", Shape.NUMBER))
        ),
    ),
    blank_clears=True,
    shaped=_planned,
)
MOVE = Inputs((WHICH, Field("status", Shape.CHOICE, needed=True), Field("on", Shape.DAY), Field("why")))
MILESTONE = Inputs((WHICH, Field("title", needed=True), Field("due", Shape.DAY, needed=True)))
ONE = Inputs((Field("id", needed=True),))
SCOPE = Inputs((WHICH, Field("from", needed=True), Field("to", needed=True), Field("why", needed=True)))
ISSUE = Inputs((
    WHICH,
    Field("title", needed=True),
    Field("severity", Shape.CHOICE, needed=True),
    Field("wanted"),
    Field("due", Shape.DAY),
))  # fmt: skip
SETTLED = Inputs((Field("id", needed=True), Field("state", Shape.CHOICE, needed=True), Field("outcome", needed=True)))
MEASURED = Inputs((WHICH, Field("questions", Shape.MANY, needed=True)))

_PLAN, _ENTRY = "initiatives/plan", "entries/entry"
_AT = "/entries/{slug}"

ACTS = (
    Act(f"{_AT}/planning", "initiatives/replan", PLAN, f"{_AT}/plan?done=planned", "initiatives/planning"),
    Act(f"{_AT}/go", "initiatives/move", MOVE, f"{_AT}/plan?done=gone-on", _PLAN),
    Act(f"{_AT}/milestones", "initiatives/milestone", MILESTONE, f"{_AT}/plan?done=milestone#milestones", _PLAN),
    Act(f"{_AT}/milestones/reach", "initiatives/reach", ONE, f"{_AT}/plan?done=milestone#milestones", _PLAN),
    Act(f"{_AT}/milestones/reopen", "initiatives/unreach", ONE, f"{_AT}/plan?done=milestone#milestones", _PLAN),
    Act(f"{_AT}/milestones/drop", "initiatives/drop", ONE, f"{_AT}/plan?done=removed#milestones", _PLAN),
    Act(f"{_AT}/scope", "initiatives/scope", SCOPE, f"{_AT}/plan?done=rescoped#scope", _PLAN),
    Act(f"{_AT}/help", "initiatives/help", ISSUE, f"{_AT}?done=help#in-the-way", _ENTRY),
    Act(f"{_AT}/issues/take", "initiatives/take", ONE, f"{_AT}?done=helped#in-the-way", _ENTRY),
    Act(f"{_AT}/issues/settle", "initiatives/settle", SETTLED, f"{_AT}?done=issue-settled#in-the-way", _ENTRY),
    Act(f"{_AT}/issues/reopen", "initiatives/reopen", ONE, f"{_AT}?done=reopened#in-the-way", _ENTRY),
    Act(f"{_AT}/scores", "initiatives/measure", MEASURED, f"{_AT}/scores?done=measured", "initiatives/scores"),
)
