"""What the addresses of scores ask."""

from starlette.requests import Request

AUDIENCES = ("EXTERNAL", "INTERNAL")
CUTS = ("STAGE", "GROUP", "SEGMENT")


def whom(request: Request) -> dict[str, object]:
    """Of whom the scores are wanted."""
    word = request.query_params.get("audience", "").upper()
    return {"audience": word if word in AUDIENCES else None}


def one(request: Request) -> dict[str, object]:
    """Which survey, and by what its answers are told apart."""
    by = request.query_params.get("by", "").upper()
    return {"id": request.path_params["id"], "by": by if by in CUTS else "STAGE", "cut": by in CUTS}


def loyalty(request: Request) -> dict[str, object]:
    """The question whose answers are set against the ladder."""
    return {"question": request.query_params.get("question") or None}
