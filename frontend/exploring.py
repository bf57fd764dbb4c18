"""The API explorer without JavaScript: a form whose answer is shown below it."""

import json

from starlette.requests import Request
from starlette.responses import Response

from frontend import serving
from frontend.serving import Desk, SignInFirst


async def run(desk: Desk, request: Request) -> Response:
    """Run what was typed as the signed-in person, and show the answer as JSON below the form."""
    sent = await request.form(max_fields=4, max_files=0)
    document, variables = str(sent.get("document", "")), str(sent.get("variables", "")).strip()
    typed = {"document": document, "variables": variables, "result": await _result(desk, document, variables, request)}
    try:
        return await serving.show(desk, desk.pages["api/explorer"], request, typed)
    except SignInFirst:
        return serving.sign_in_first(request)


async def _result(desk: Desk, document: str, variables: str, request: Request) -> str:
    try:
        values = json.loads(variables or "{}")
    except ValueError as problem:
        return f"The variables are not JSON: {problem}"
    if not isinstance(values, dict):
        return 'The variables are to be an object, such as {"first": 3}.'
    answer = await desk.execute(document, values, request)
    parts = {"data": answer.data} if not answer.errors else {"errors": answer.errors, "data": answer.data}
    return json.dumps(parts, indent=2, ensure_ascii=False)
