"""The forms of the customers' pages: what each asks, and where one goes then."""

from frontend.acting import Act
from frontend.forms import Field, Inputs, Shape

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

ACTS = (Act("/customers/{id}/log", "customers/log", MET, "/customers/{id}?done=logged#met", "customers/one"),)
