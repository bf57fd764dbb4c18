"""The forms of the customers' pages: what each asks, and where one goes then."""

from datetime import date
from urllib.parse import unquote

from starlette.requests import Request

from frontend import addresses
from frontend.acting import Act
from frontend.addresses import Variables
from frontend.forms import Field, Inputs, Shape


def on_a_day(request: Request) -> Variables:
    """A page of the segments, and the end of the day on which they are wanted."""
    asked = request.query_params.get("at", "")
    try:
        day = date.fromisoformat(asked).isoformat() if asked else ""
    except ValueError:
        day = ""
    return {"at": f"{day}T23:59:59+00:00" if day else None, **addresses.page_of_list(request)}


SAID = {"yes": True, "no": False}


def _as_said(asked: dict[str, object]) -> dict[str, object]:
    """Yes and no as the API takes them; who ticked neither has not said."""
    said = SAID.get(str(asked.pop("positive", "")))
    return asked if said is None else {**asked, "positive": said}


MET = Inputs(
    (
        Field("customer.id", needed=True),
        Field("touchpoint.name", Shape.CHOICE, needed=True),
        Field("note"),
        Field("positive", Shape.CHOICE),
    ),
    shaped=_as_said,
)


def _as_rule(asked: dict[str, object]) -> dict[str, object]:
    """Where somebody is and on which rungs, as the rule that the API takes; who chose nothing wants none."""
    relation, stages = asked.pop("relation", None), asked.pop("stages", None)
    nodes: list[object] = [{"predicate": "RELATION", "relation": relation}] if relation else []
    if isinstance(stages, list) and stages:
        nodes.append({"predicate": "ANY", "of": [{"predicate": "STAGE", "stage": stage} for stage in stages]})
    return {**asked, "rule": {"predicate": "ALL", "of": nodes}} if nodes else asked


def _as_named(asked: dict[str, object]) -> dict[str, object]:
    """A customer by the address of their page, or by their id."""
    other = asked.get("from")
    id = str(other.get("id", "")) if isinstance(other, dict) else ""
    return {**asked, "from": {"id": unquote(id.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2])}}


DRAWN = Inputs(
    (
        Field("name", needed=True),
        Field("description"),
        Field("highValue", Shape.YES),
        Field("relation", Shape.CHOICE),
        Field("stages", Shape.MANY),
    ),
    shaped=_as_rule,
)
MEMBER = Inputs((Field("segment", Shape.CHOICE, needed=True), Field("customer.id", needed=True)))
SAME = Inputs((Field("into.id", needed=True), Field("from.id", needed=True)), shaped=_as_named)
ONE = Inputs((Field("id", needed=True),))

PAGE = "/customers/{id}"
ACTS = (
    Act(f"{PAGE}/log", "customers/log", MET, f"{PAGE}?done=logged#met", "customers/one"),
    Act(f"{PAGE}/join", "customers/join", MEMBER, f"{PAGE}?done=sorted#segments", "customers/one"),
    Act(f"{PAGE}/leave", "customers/leave", MEMBER, f"{PAGE}?done=sorted#segments", "customers/one"),
    Act(f"{PAGE}/merge", "customers/merge", SAME, f"{PAGE}?done=one", "customers/one"),
    Act(f"{PAGE}/unmerge", "customers/unmerge", ONE, "/customers/{customer.id}?done=two", "customers/one"),
    Act("/segments", "customers/draw", DRAWN, "/segments?done=drawn", "customers/segments"),
)
