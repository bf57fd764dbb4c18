"""Leads from a step of the tour to what only the API knows the address of."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from frontend.asking import placed
from frontend.serving import Desk, SignInFirst, ask, sign_in_first
from frontend.tour import steps

PATH, DOCUMENT = "/tour/{step}/{look}", "tour/places"


async def lead(desk: Desk, request: Request) -> Response:
    """To the look of a step, with the step in its address; refuses 404 where there is none."""
    number = steps.at(desk.site, str(request.path_params["step"]))
    looks = steps.STEPS[number - 1].looks if number else ()
    look = {str(place): look for place, look in enumerate(looks, 1)}.get(str(request.path_params["look"]))
    if look is None or not look.found:
        raise HTTPException(404)
    try:
        data = await ask(desk, DOCUMENT, {}, request)
    except SignInFirst:
        return sign_in_first(request)
    it = _first(data, look.found)
    if it is None:
        raise HTTPException(404)
    return RedirectResponse(steps.within(number, placed(look.address, {"it": it})), 303)


def _first(data: object, path: str) -> object:
    """The value under a dotted path, of each list on the way the first."""
    for step in path.split("."):
        data = data.get(step) if isinstance(data, dict) else None
        data = next(iter(data), None) if isinstance(data, list) else data
    return data
