"""The forms of privacy: what each asks, and where one goes then."""

from starlette.requests import Request

from frontend import words
from frontend.acting import Act
from frontend.addresses import Variables
from frontend.forms import Field, Inputs, Shape


def why(request: Request) -> Variables:
    """A customer, and why one looks at what is personal of them; a word that is no purpose is none."""
    asked = request.query_params.get("why", "").upper()
    purpose = asked if asked in words.PURPOSES else None
    return {"id": request.path_params["id"], "after": request.query_params.get("after"), "purpose": purpose}


def desk(request: Request) -> Variables:
    """What was asked, in one state."""
    state = request.query_params.get("state", "").upper()
    return {"state": state if state in words.REQUEST_STATES else "OPEN", "after": request.query_params.get("after")}


def one(request: Request) -> Variables:
    """A request, and whom it is about as the list of them says."""
    of = request.query_params.get("of", "")
    return {"id": request.path_params["id"], "of": of, "known": bool(of)}


def given(request: Request) -> Variables:
    """Whose data is taken out."""
    return {"id": request.query_params.get("of", "")}


def _as_said(asked: dict[str, object]) -> dict[str, object]:
    return {**asked, "given": asked.get("given") == "yes"}


def _as_days(asked: dict[str, object]) -> dict[str, object]:
    return {"days": None, **asked}


CONSENT = Inputs(
    (
        Field("customer.id", needed=True),
        Field("purpose", Shape.CHOICE, needed=True),
        Field("given", Shape.CHOICE, needed=True),
        Field("note"),
    ),
    shaped=_as_said,
)
REQUEST = Inputs((Field("customer.id", needed=True), Field("kind", Shape.CHOICE, needed=True), Field("note")))
ONE = Inputs((Field("id", needed=True),))
WHOM = Inputs((Field("customer.id", needed=True),))
ANSWER = Inputs((Field("id", needed=True), Field("answer")))
DAYS = Inputs((Field("of", Shape.CHOICE, needed=True), Field("days", Shape.NUMBER)), shaped=_as_days)

CUSTOMER, MINE, DESK, ASKED = "/customers/{id}", "/portal/data", "/privacy", "/privacy/requests/{id}"
ACTS = (
    Act(f"{CUSTOMER}/consent", "privacy/consent", CONSENT, f"{CUSTOMER}?done=consent#privacy", "customers/one"),
    Act(f"{CUSTOMER}/request", "privacy/request", REQUEST, f"{CUSTOMER}?done=requested#privacy", "customers/one"),
    Act(f"{MINE}/consent", "privacy/consent", CONSENT, f"{MINE}?done=consent#consent", "privacy/data"),
    Act(f"{MINE}/request", "privacy/request", REQUEST, f"{MINE}?done=requested#requests", "privacy/data"),
    Act(f"{MINE}/withdraw", "privacy/withdraw", ONE, f"{MINE}?done=request-withdrawn#requests", "privacy/data"),
    Act(f"{MINE}/lift", "privacy/lift", WHOM, f"{MINE}?done=lifted", "privacy/data"),
    Act(f"{ASKED}/settle", "privacy/settle", ANSWER, f"{DESK}?done=request-settled", "privacy/asked"),
    Act(f"{ASKED}/decline", "privacy/decline", ANSWER, f"{DESK}?done=request-settled", "privacy/asked"),
    Act(f"{DESK}/retention", "privacy/retention", DAYS, f"{DESK}?done=retention#retention", "privacy/desk"),
)
