"""What the addresses of scores ask."""

from starlette.requests import Request

AUDIENCES = ("EXTERNAL", "INTERNAL")


def whom(request: Request) -> dict[str, object]:
    """Of whom the scores are wanted."""
    word = request.query_params.get("audience", "").upper()
    return {"audience": word if word in AUDIENCES else None}
