"""Answers a form: one mutation, then onwards; or the same page again with every word kept and each error at its field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from frontend import forms, keeping, merging, render
from frontend.asking import dig, placed
from frontend.forms import Inputs, Typed
from frontend.inputs import PARTS
from frontend.serving import Desk, SignInFirst, Unfit, ask, show
from frontend.signing import login

FAILED = frozenset({413, 429, 500, 503})
"""What is nobody's fault who writes, and may go well the next time."""
PREVIEWED = ("body", *(f"practice.{part}" for part in PARTS), "vision.what", "vision.why")


@dataclass(frozen=True)
class Act:
    """One row of the table: where a form is sent, what it does, where one goes then, and the page to show again."""

    path: str
    name: str
    inputs: Inputs
    then: str
    again: str
    stays: bool = False  # one goes on with what the address of the page asked for


async def act(desk: Desk, done: Act, request: Request) -> Response:
    """Do what the form asks. An act whose `then` is empty shows its page with the payload, as `made`."""
    sent = merging.joined(await request.form(max_fields=keeping.FIELDS, max_files=0))
    try:
        return await _done(desk, done, request, sent)
    except SignInFirst:
        return login(desk.site, request, target=_page_of(desk, done, request), kept=keeping.kept(request, sent))
    except HTTPException as problem:
        if problem.status_code not in FAILED or request.headers.get("hx-request"):
            raise
        answer = keeping.failed(desk.site, request, sent, problem.status_code)
        answer.headers.update(problem.headers or {})
        return answer


async def _done(desk: Desk, done: Act, request: Request, sent: FormData) -> Response:
    if keeping.UNKEPT & set(sent):
        return await _looked_at(desk, done, request, sent)
    variables, troubles = forms.read(done.inputs, merging.touched(sent))
    if troubles or (troubles := await _misplaced(desk, done, request, variables)):
        return await _again(desk, done, request, forms.typed(done.name, sent, troubles), None)
    try:
        data = await ask(desk, done.name, {"input": variables}, request)
    except Unfit as unfit:
        misfits = forms.misfits(done.inputs, unfit.errors)
        return await _again(desk, done, request, forms.typed(done.name, sent, misfits), None)
    payload = next(iter(data.values()))
    if refused := forms.refusals(done.inputs, payload):
        return await _again(desk, done, request, forms.typed(done.name, sent, refused), payload)
    if not done.then:
        return await _once(desk, done, request, payload)
    target = placed(done.then, {**dict(request.path_params), **_as_data(payload)})
    if done.stays and request.url.query:
        target += f"&{request.url.query}"
    return RedirectResponse(target, 303)


async def _looked_at(desk: Desk, done: Act, request: Request, sent: FormData) -> Response:
    """The form again with what was typed into it and nothing done, and with a preview if that was asked for."""
    typed = forms.typed(done.name, sent, ())
    if "preview" in sent:
        return await _preview(desk, done, request, typed)
    return await show(desk, desk.pages[done.again], request, {"form": typed})


async def _misplaced(
    desk: Desk, done: Act, request: Request, variables: Mapping[str, object]
) -> tuple[forms.Trouble, ...]:
    """Whether the form was made for another entry than its address names: then what it says is not for this one."""
    slug = request.path_params.get("slug")
    if not slug or not done.name.startswith("entries/") or "id" not in variables:
        return ()
    named = dig(await ask(desk, "entries/named", {"slug": slug}, request), "entry.id")
    if named is None or named == variables["id"]:
        return ()
    return (forms.Trouble("", "This was written for another entry. Look at what is here before you save it."),)


def _page_of(desk: Desk, done: Act, request: Request) -> str:
    """The address of the page that a form stands on."""
    path = placed(desk.pages[done.again].path, request.path_params)
    return path + (f"?{request.url.query}" if request.url.query and path == request.url.path else "")


async def back(desk: Desk, done: Act, request: Request) -> Response:
    """To the page of a form, for whoever opens the address that the form was sent to."""
    return RedirectResponse(placed(desk.pages[done.again].path, request.path_params), 303)


async def _once(desk: Desk, done: Act, request: Request, payload: object) -> Response:
    page = await show(desk, desk.pages[done.again], request, {"made": payload})
    page.headers["cache-control"] = "no-store"
    return page


async def _again(desk: Desk, done: Act, request: Request, typed: Typed, payload: object) -> Response:
    if dig(payload, "merge"):
        both = {"form": replace(typed, troubles=()), "current": dig(payload, "current"), "merge": dig(payload, "merge")}
        return await show(desk, desk.pages["entries/conflict"], request, both, 409)
    return await show(desk, desk.pages[done.again], request, {"form": typed}, 422)


async def _preview(desk: Desk, done: Act, request: Request, typed: Typed) -> Response:
    variables = {name.rpartition(".")[2]: typed.one(name) for name in PREVIEWED}
    asked = {f"{name}_": bool(text) for name, text in variables.items()}
    try:
        data = await _previewed(desk, {**variables, **asked}, request)
    except SignInFirst:
        if not request.headers.get("hx-request"):
            raise
        data = {"trouble": "You have been signed out. Save it, and you can sign in again; nothing of it is lost."}
    again = desk.pages[done.again]
    if request.headers.get("hx-request"):
        context = {**render.surroundings(request), "preview": data, "form": typed}
        return Response(render.fragment(desk.site, "entries/preview.html", "preview", context), media_type="text/html")
    return await show(desk, again, request, {"form": typed, "preview": data})


async def _previewed(desk: Desk, variables: Mapping[str, object], request: Request) -> Mapping[str, object]:
    try:
        return await ask(desk, "entries/preview", variables, request)
    except HTTPException as problem:
        if problem.status_code not in (400, 413):
            raise
        return {"trouble": "This is too long or too tangled to show. Shorten it, or close the brackets it leaves open."}


def _as_data(payload: object) -> dict[str, object]:
    return dict(payload) if isinstance(payload, Mapping) else {}
