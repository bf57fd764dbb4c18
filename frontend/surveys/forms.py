"""The forms of surveys: drawn up question by question, asked, and answered by a link."""

import re

from starlette.requests import Request

from frontend import addresses
from frontend.acting import Act
from frontend.addresses import Variables
from frontend.forms import Field, Inputs, Shape

MOST = 30
"""So many questions a survey has at most."""
ONE = Inputs((Field("id", needed=True),))
_PLACED = re.compile(r"^(\w+)\[(\d+)\]$")


def token(request: Request) -> Variables:
    return {"token": str(request.path_params["token"])[:80]}


def one(request: Request) -> Variables:
    return {"id": request.path_params["id"], **addresses.page_of_list(request)}


def one_alone(request: Request) -> Variables:
    return {"id": request.path_params["id"]}


def _listed(asked: dict[str, object], name: str) -> dict[str, object]:
    """What was asked place by place, as the list that the API takes."""
    places = {int(found[2]): key for key in asked if (found := _PLACED.match(key)) and found[1] == name}
    rows = [asked.pop(places[place]) for place in sorted(places)]
    return {**asked, name: rows}


def _as_drawn(asked: dict[str, object]) -> dict[str, object]:
    """The questions as the API takes them: those without words are not asked, and each line of choices is one."""
    listed = _listed(asked, "questions")
    questions = listed["questions"]
    assert isinstance(questions, list)
    kept = [_question(each) for each in questions if isinstance(each, dict) and each.get("text")]
    return {**listed, "questions": kept}


def _question(asked: dict[str, object]) -> dict[str, object]:
    lines = str(asked.pop("options", "")).split("\n")
    options = [line.strip() for line in lines if line.strip()]
    return {**asked, **({"options": options} if options else {})}


def _as_answered(asked: dict[str, object]) -> dict[str, object]:
    return _listed(asked, "answers")


_DRAWN = (
    Field("title", needed=True),
    Field("intro"),
    Field("thanks"),
    Field("language"),
    Field("audience", Shape.CHOICE),
    Field("purpose", Shape.CHOICE),
    Field("anonymity", Shape.CHOICE),
    Field("minimumN", Shape.NUMBER),
    Field("population", Shape.NUMBER),
    Field("segment", Shape.CHOICE),
    Field("touchpoint", Shape.CHOICE),
    *(
        Field(f"questions[{place}].{part}", shape)
        for place in range(MOST + 2)
        for part, shape in (
            ("text", Shape.TEXT),
            ("metric", Shape.CHOICE),
            ("options", Shape.TEXT),
            ("key", Shape.TEXT),
            ("aspect", Shape.CHOICE),
            ("required", Shape.YES),
        )
    ),
)
DRAWN = Inputs(_DRAWN, shaped=_as_drawn)
AGAIN = Inputs((Field("id", needed=True), Field("version", Shape.NUMBER, needed=True), *_DRAWN), shaped=_as_drawn)


def _to_the_end(asked: dict[str, object]) -> dict[str, object]:
    """The last day of a wave is one on which it can be answered."""
    closes = asked.get("closesAt")
    return {**asked, "closesAt": closes.replace("T00:00:00", "T23:59:59")} if isinstance(closes, str) else asked


ASKED = Inputs(
    (
        Field("survey", needed=True),
        Field("kind", Shape.CHOICE, needed=True),
        Field("closesAt", Shape.MOMENT),
        Field("population", Shape.NUMBER),
        Field("seed", Shape.NUMBER),
    ),
    shaped=_to_the_end,
)
INVITED = Inputs((Field("wave", needed=True), Field("size", Shape.NUMBER)))
ANSWERED = Inputs(
    (
        Field("token", needed=True),
        *(
            Field(f"answers[{place}].{part}", shape)
            for place in range(MOST)
            for part, shape in (
                ("question", Shape.TEXT),
                ("number", Shape.NUMBER),
                ("text", Shape.TEXT),
                ("choices", Shape.NUMBERS),
            )
        ),
    ),
    shaped=_as_answered,
)

PAGE = "/surveys/{id}"
ACTS = (
    Act("/surveys/new", "surveys/create", DRAWN, "/surveys/{survey.id}?done=drawn", "surveys/new"),
    Act(f"{PAGE}/edit", "surveys/update", AGAIN, f"{PAGE}?done=saved", "surveys/edit"),
    Act(f"{PAGE}/open", "surveys/open", ONE, f"{PAGE}?done=survey-open#ask", "surveys/one"),
    Act(f"{PAGE}/close", "surveys/close", ONE, f"{PAGE}?done=survey-closed", "surveys/one"),
    Act(f"{PAGE}/ask", "surveys/ask", ASKED, f"{PAGE}?done=wave#ask", "surveys/one"),
    Act(f"{PAGE}/invite", "surveys/invite", INVITED, f"{PAGE}?done=invited#ask", "surveys/one"),
    Act(f"{PAGE}/end", "surveys/end", ONE, f"{PAGE}?done=wave-over", "surveys/one"),
    Act("/s/{token}", "surveys/answer", ANSWERED, "", "surveys/form"),
)
