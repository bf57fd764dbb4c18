"""The forms by which somebody is thanked, and how thanks are listed."""

from starlette.requests import Request

from frontend.acting import Act
from frontend.addresses import Variables, page_of_list
from frontend.forms import Field, Inputs, Shape

VALUES = ("EMOTIONAL_CONNECTIVITY", "UNCOMPROMISING_INTEGRITY", "UNLEASHED_CREATIVITY")
SPANS = (30, 90)


def _as_named(asked: dict[str, object]) -> dict[str, object]:
    """Whom somebody thanks; where nobody was chosen the API says so."""
    return asked if asked.get("to") else {**asked, "to": {"handle": ""}}


_SAID = (Field("text", needed=True), Field("value", Shape.CHOICE, needed=True), Field("public", Shape.YES))
TO_ONE = Inputs((Field("to.person", needed=True), *_SAID))
TO_CUSTOMER = Inputs((Field("to.customer.id", needed=True), *_SAID))
TO_ANY = Inputs((Field("to.person", Shape.CHOICE), Field("to.group", Shape.CHOICE), *_SAID), shaped=_as_named)
ONE = Inputs((Field("id", needed=True),))
HIDDEN = Inputs((Field("id", needed=True), Field("reason", needed=True)))

ACTS = (
    Act("/culture", "culture/thank", TO_ANY, "/culture?done=thanked", "culture/culture"),
    Act("/culture/withdraw", "culture/withdraw", ONE, "/culture?done=undone", "culture/culture"),
    Act("/culture/hide", "culture/hide", HIDDEN, "/culture?done=hidden", "culture/culture"),
    Act("/people/{id}/thank", "culture/thank", TO_ONE, "/people/{id}?done=thanked#thanks", "people/one"),
    Act("/customers/{id}/thank", "culture/thank", TO_CUSTOMER, "/customers/{id}?done=thanked", "customers/one"),
    Act("/entries/{slug}/thank", "culture/thank", TO_ONE, "/entries/{slug}?done=thanked", "entries/entry"),
)


def culture(request: Request) -> Variables:
    """Thanks by one of the values or by all, and the days over which it is told who takes part."""
    value, days = (request.query_params.get(name, "") for name in ("value", "days"))
    chosen = value.upper() if value.upper() in VALUES else None
    return {"value": chosen, "days": 30 if days == "30" else 90, **page_of_list(request)}
