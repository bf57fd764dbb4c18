"""Answers what is done to files on an edit page: that page again, with every word that was typed into it kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from frontend import forms
from frontend.asking import dig
from frontend.forms import Trouble
from frontend.keeping import Kept
from frontend.serving import Desk, SignInFirst, ask, show
from frontend.signing import login

PATH = "/entries/{slug}/attachments"
WRITING = "entries/update"
REMOVE, DESCRIBE = DOCUMENTS = ("attachments/remove", "attachments/update")

Wrong = Sequence[Mapping[str, object]]
Receive = Callable[[Request, str, UploadFile, str], Awaitable[Wrong]]
"""What takes a file for an entry, with what it shows; it answers all that was wrong, each with field and message."""


async def nobody(*_: object) -> Wrong:
    """Where no files are taken."""
    return [{"field": "file", "message": "No files are taken here."}]


async def attach(desk: Desk, receive: Receive, request: Request) -> Response:
    """Attach a file, say what it shows, or take it off. What else was typed is not saved, and is there again; where the session
    has ended, after the sign-in.
    """
    try:
        sent = await request.form(max_files=1, max_fields=600)
    except OSError:  # no room for what comes
        raise HTTPException(503, headers={"retry-after": "30"}) from None
    try:
        return await _answered(desk, receive, request, sent)
    except SignInFirst:
        if "baseRevision" not in sent:
            raise
        page = f"/entries/{request.path_params['slug']}/edit"
        held = Kept(page, tuple((name, str(text)) for name, text in _words(sent).multi_items()))
        return login(desk.site, request, target=page, kept=held)
    finally:
        await sent.close()


async def _answered(desk: Desk, receive: Receive, request: Request, sent: FormData) -> Response:
    done, wrong = await _done(desk, receive, request, sent)
    if "baseRevision" not in sent and not wrong:
        return RedirectResponse(f"/entries/{request.path_params['slug']}/edit?done={done}#files", 303)
    typed = forms.typed(WRITING, _words(sent), [Trouble(_control(each), str(each["message"])) for each in wrong])
    more = {"form": typed, "did": "" if wrong else done}
    return await show(desk, desk.pages["entries/edit"], request, more, 422 if wrong else 200)


async def back(request: Request) -> Response:
    """To the page of the form, for whoever opens the address that it was sent to."""
    return RedirectResponse(f"/entries/{request.path_params['slug']}/edit#files", 303)


def _words(sent: FormData) -> FormData:
    own = ("alt", "remove", "describe")
    pairs = [(name, text) for name, text in sent.multi_items() if isinstance(text, str)]
    return FormData([(name, text) for name, text in pairs if name not in own and not name.startswith("alt-")])


async def _done(desk: Desk, receive: Receive, request: Request, sent: FormData) -> tuple[str, Wrong]:
    if id := str(sent.get("remove", "")):
        return "removed", await _asked(desk, REMOVE, {"id": id}, request)
    if id := str(sent.get("describe", "")):
        alt = str(sent.get(f"alt-{id}", "")).strip()
        return "described", await _asked(desk, DESCRIBE, {"id": id, "alt": alt}, request)
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return "", [{"field": "file", "message": "Choose a file first."}]
    return "attached-file", await receive(request, str(request.path_params["slug"]), file, str(sent.get("alt", "")))


async def _asked(desk: Desk, name: str, input: Mapping[str, object], request: Request) -> Wrong:
    payload = next(iter((await ask(desk, name, {"input": input}, request)).values()))
    errors = dig(payload, "errors")
    if not isinstance(errors, list):
        raise HTTPException(500)
    return errors


def _control(problem: Mapping[str, object]) -> str:
    field = str(problem["field"] or "")
    return field if field in ("file", "alt") else "file" if field == "name" else ""
