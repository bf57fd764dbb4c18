"""What a page's address says, as its document's variables; a word that the API does not know is passed over."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from frontend import words

Variables = dict[str, object]
FILTERS = {
    "kind": ("kinds", words.KINDS),
    "function": ("functions", words.FUNCTIONS),
    "stage": ("stages", words.STAGES),
    "freshness": ("freshness", words.FRESHNESS),
    "audience": ("audiences", words.AUDIENCES),
}
ANY = ("tag", "language")
"""What narrows a search to any text."""
FIELD = re.compile(r"(?:^|\s)[-+]?(?:tag|kind|author|before|after):\S*$", re.IGNORECASE)
ASKING = ("STORY", "QUESTION", "IDEA", "LESSON")


def nothing(_: Request) -> Variables:
    return {}


def page_of_list(request: Request) -> Variables:
    return {"after": request.query_params.get("after")}


def slug(request: Request) -> Variables:
    return {"slug": request.path_params["slug"]}


def within(request: Request) -> Variables:
    """A page of what lies within something."""
    return {**slug(request), **page_of_list(request)}


def entry(request: Request) -> Variables:
    """An entry, what is looked for to be linked with it, and the search from whose hits one came here."""
    return {**slug(request), **_looked_for(request), "foundBy": _found_by(request)}


def _found_by(request: Request) -> str | None:
    """The browser says from which page of ours one came, so that the address of the entry stays as it is."""
    came = urlsplit(request.headers.get("referer", ""))
    ours = request.headers.get("sec-fetch-site") == "same-origin" or came.netloc == request.url.netloc
    if not ours or came.path != "/search":
        return None
    return parse_qs(came.query).get("q", [""])[0].strip()[:400] or None


def tags(request: Request) -> Variables:
    """The tags by name or by use, and what is looked for among them."""
    sort = "MOST_USED" if request.query_params.get("sort") == "use" else "NAME"
    return {"containing": request.query_params.get("q", "").strip()[:60], "sort": sort, **page_of_list(request)}


def tag(request: Request) -> Variables:
    """A tag, the kinds of its entries that are wanted, and the tag that it is perhaps merged into."""
    into = request.query_params.get("into", "").strip()[:60]
    kinds = _known(request.query_params.getlist("kind"), words.KINDS)
    return {**slug(request), "kinds": kinds, "into": into, "merging": bool(into), **page_of_list(request)}


def series(request: Request) -> Variables:
    """A series, and what is looked for to become a chapter of it."""
    return {**slug(request), **_looked_for(request)}


def template(request: Request) -> Variables:
    """The kind whose template is meant; what is no kind has none."""
    kind = _known([request.path_params.get("kind", "")], words.KINDS)
    return {"kind": kind[0] if kind else words.KINDS[0], "known": bool(kind)}


def write(request: Request) -> Variables:
    """The kind that is written, for what its template asks."""
    kind = _known([request.query_params.get("kind", "")], words.KINDS)
    return {"kind": kind[0] if kind else words.KINDS[0], "writing": bool(kind)}


def _looked_for(request: Request) -> Variables:
    find = request.query_params.get("find", "").strip()[:400]
    return {"find": find, "finding": bool(find)}


def one(request: Request) -> Variables:
    return {"id": request.path_params["id"]}


def listed(request: Request) -> Variables:
    """A page of what belongs to one thing."""
    return {**one(request), **page_of_list(request)}


def search(request: Request) -> Variables:
    """The question, the facets chosen and the order; nothing is searched for before something was asked."""
    asked = request.query_params
    filter_ = _chosen(request, FILTERS) | _texts(request, {"tag": "tags", "language": "languages"})
    query = asked.get("q", "").strip()[:400]
    scope = _known([asked.get("scope", "")], words.SCOPES) if query else []
    if scope:  # what narrows entries does not narrow anything else
        filter_ = {"scope": scope[0]}
    typing = "HX-Request" in request.headers
    sort = _known(asked.getlist("sort"), words.SORTS)
    return {
        "query": _half_typed(query) if typing else query,
        "filter": filter_,
        "sort": sort[0] if sort else "RELEVANCE",
        "asked": bool(query or filter_),
        "settled": not typing,
        "typed": query,
        **page_of_list(request),
    }


def narrowing(request: Request) -> list[tuple[str, str]]:
    """The filters of a search as its address has them, without what is passed over."""
    asked = ((name, value) for name in words.NARROWING for value in request.query_params.getlist(name))
    return [(name, value) for name, value in asked if name in ANY or value.upper() in FILTERS[name][1]]


def beside(request: Request) -> Variables:
    """A search on which somebody rests while they type: it is counted, and what lies beside its hits comes after them."""
    asked = search(request)
    return {"query": request.query_params.get("q", "").strip()[:400], "filter": asked["filter"]}


def why(request: Request) -> Variables:
    """A search, and the hit of it that somebody wonders about."""
    asked = search(request)
    query = request.query_params.get("q", "").strip()[:400]
    return {"query": query, "filter": asked["filter"], "id": request.query_params.get("entry", "")}


def gaps(request: Request) -> Variables:
    """The open gaps, or those that were answered."""
    return {"answered": bool(request.query_params.get("answered")), **page_of_list(request)}


def _half_typed(query: str) -> str:
    """What somebody is in the middle of typing: the last word may be the beginning of one, but not what stands behind a field."""
    return f"{query}*" if query[-2:].isalnum() and not FIELD.search(query) else query


def practices(request: Request) -> Variables:
    filter_ = _chosen(request, {"function": FILTERS["function"], "stage": FILTERS["stage"]}) | _texts(
        request, {"tag": "tags"}
    )
    sort = "UPDATED_DESC" if request.query_params.get("sort") == "latest" else "HELPED_DESC"
    wanted = {"kinds": ["BEST_PRACTICE"], "status": ["PUBLISHED"], **filter_}
    return {"filter": wanted, "sort": sort, **page_of_list(request)}


def community(request: Request) -> Variables:
    """The kinds of posts, whose they are, and whether questions that wait or are put to oneself are wanted."""
    asked = request.query_params
    kinds = _known(asked.getlist("kind"), ASKING)
    by = _known([asked.get("by", "")], ("COLLEAGUES", "CUSTOMERS"))
    waiting, mine = asked.get("show") == "waiting", asked.get("show") == "mine"
    wanted = {"kinds": kinds or list(ASKING), "by": by[0] if by else None, "waiting": waiting, "askedOfMe": mine}
    return {"filter": wanted, "one": len(kinds) == 1, **page_of_list(request)}


def post(request: Request) -> Variables:
    """The kind of post that is written, and whether it is a question, which may ask somebody."""
    kind = _known([request.query_params.get("kind", "")], ASKING)
    return {"asking": kind == ["QUESTION"]}


def voices(request: Request) -> Variables:
    """The filters of what customers said, and the entry that a new record is meant for."""
    known = {
        "kind": ("kinds", words.FEEDBACK_KINDS),
        "channel": ("channels", words.CHANNELS),
        "stage": FILTERS["stage"],
    }
    meant = request.query_params.get("for", "")
    theme = request.query_params.get("theme")
    filter_ = _chosen(request, known) | ({"themes": [theme]} if theme else {})
    days = request.query_params.get("days")
    ranked = {
        "days": int(days) if days in ("30", "180") else 90,
        "count": "MESSAGES" if request.query_params.get("count") == "messages" else "CUSTOMERS",
        "theme": theme or "",
        "themed": bool(theme),
    }
    return {"filter": filter_, "for": meant, "meant": bool(meant), **ranked, **page_of_list(request)}


def feedback(request: Request) -> Variables:
    find = request.query_params.get("find", "").strip()[:400]
    opened = {name: bool(request.query_params.get(name)) for name in ("giving", "joining")}
    return {"id": request.path_params["id"], "find": find, "finding": bool(find), **opened}


def listening(request: Request) -> Variables:
    """The function whose map is wanted."""
    return {"function": next(iter(_known([request.query_params.get("function", "")], words.FUNCTIONS)), "SUPPORT")}


def similar(request: Request) -> Variables:
    """What somebody is writing down that a customer said."""
    return {"query": request.query_params.get("verbatim", "").strip()[:400]}


def reviews(request: Request) -> Variables:
    """The queue, what of it, and whether its rows are newer revisions that are not out yet."""
    queue = next(iter(_known(request.query_params.getlist("queue"), words.QUEUES)), "APPROVAL")
    kinds, functions = (_known(request.query_params.getlist(name), FILTERS[name][1]) for name in ("kind", "function"))
    newest = queue in ("APPROVAL", "SCHEDULED")
    mine = bool(request.query_params.get("mine"))
    wanted: Variables = {"kinds": kinds, "functions": functions, "mine": mine}
    return {"queue": queue, "newest": newest, **wanted, **page_of_list(request)}


def schema(request: Request) -> Variables:
    return {"type": request.path_params.get("type", "Query")}


def history(request: Request) -> Variables:
    """Which two revisions are compared: by their numbers, or by the names of a vision's snapshots."""
    from_, to = (request.query_params.get(name, "").strip()[:80] for name in ("from", "to"))
    numbers = [int(text) if text.isdecimal() and len(text) < 10 else 0 for text in (from_, to)]
    plain = bool(numbers[1]) and bool(numbers[0] or not from_)
    if plain and numbers[0] > numbers[1]:
        numbers.reverse()
    return {
        **slug(request),
        **page_of_list(request),
        "from": numbers[0] or None,
        "to": numbers[1],
        "fromName": from_ or None,
        "toName": to,
        "numbered": plain,
        "named": bool(to) and not plain,
    }


def _chosen(request: Request, known: dict[str, tuple[str, tuple[str, ...]]]) -> Variables:
    found = {field: _known(request.query_params.getlist(name), values) for name, (field, values) in known.items()}
    return {field: values for field, values in found.items() if values}


def _texts(request: Request, known: dict[str, str]) -> Variables:
    found = {field: request.query_params.getlist(name)[:20] for name, field in known.items()}
    return {field: values for field, values in found.items() if values}


def _known(asked: Iterable[str], values: tuple[str, ...]) -> list[str]:
    return [word for text in asked if (word := text.upper()) in values]
