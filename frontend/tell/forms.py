"""The forms by which anybody who may tells something, and asks what came of it."""

from frontend.acting import Act
from frontend.forms import Field, Inputs, Shape

TOLD = Inputs((
    Field("verbatim", needed=True),
    Field("token", needed=True),
    Field("kind", Shape.CHOICE),
    Field("sentiment", Shape.CHOICE),
    Field("safety", Shape.YES),
    Field("anonymous", Shape.YES),
    Field("website"),
))  # fmt: skip
CODE = Inputs((Field("code", needed=True),))

ACTS = (
    Act("/tell", "tell/send", TOLD, "", "tell/tell"),
    Act("/tell/answer", "tell/claim", CODE, "", "tell/answer"),
)
