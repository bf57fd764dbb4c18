"""Every page of the product as addresses in the sample company, and who may read what is there."""

from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Page

from frontend import serving
from frontend.pages import ANYONE, INSIDE, PAGES, SIGNED_IN

PEOPLE = {"ines": "EMPLOYEE", "jonas": "STEWARD", "margit": "LEADER", "tomas": "ADMIN", "rosa": "CUSTOMER", "": ""}


@dataclass(frozen=True)
class Place:
    """An address that somebody can open, and the roles that get to read it."""

    address: str
    roles: frozenset[str] = ANYONE


PLACES: dict[str, tuple[Place, ...]] = {
    "/": (Place("/"),),
    "/search": (
        Place("/search"),
        Place("/search?q=refund"),
        Place("/search?q=zzqx+kind:x&kind=insight"),
        Place("/search?q=valve&scope=comments"),
    ),
    "/practices": (Place("/practices"), Place("/practices?function=support&stage=suspect")),
    "/entries/new": (
        Place("/entries/new"),
        Place("/entries/new?kind=best_practice"),
        Place("/entries/new?kind=initiative"),
    ),
    "/entries/{slug}.md": (Place("/entries/replace-first.md", INSIDE),),
    "/entries/{slug}": (
        Place("/entries/replace-first", INSIDE),
        Place("/entries/descaling-valve-out-of-reach", INSIDE),
        Place("/entries/twenty-to-ten", INSIDE),
        Place("/entries/valve-to-the-front", SIGNED_IN),
        Place("/entries/coffee-when-the-doors-open", INSIDE),
        Place("/entries/coffee-when-your-doors-open", SIGNED_IN),
        Place("/entries/service-is-more-than-repair"),
    ),
    "/entries/{slug}/edit": (Place("/entries/replace-first/edit", INSIDE),),
    "/entries/{slug}/history": (
        Place("/entries/replace-first/history", INSIDE),
        Place("/entries/replace-first/history?to=1", INSIDE),
    ),
    "/entries/{slug}/review": (Place("/entries/replace-first/review", frozenset()),),
    "/entries/{slug}/outcome": (Place("/entries/replace-first/outcome", INSIDE),),
    "/vision": (Place("/vision"),),
    "/initiatives": (Place("/initiatives"), Place("/initiatives?sort=priority&status=launched")),
    "/entries/{slug}/plan": (Place("/entries/valve-to-the-front/plan", INSIDE),),
    "/entries/{slug}/planning": (Place("/entries/valve-to-the-front/planning", INSIDE),),
    "/entries/{slug}/scores": (
        Place("/entries/valve-to-the-front/scores", INSIDE),
        Place("/entries/valve-to-the-front/scores?choose=yes", INSIDE),
    ),
    "/entries/{slug}/worth": (Place("/entries/valve-to-the-front/worth", INSIDE),),
    "/principles": (Place("/principles"),),
    "/voices": (
        Place("/voices"),
        Place("/voices?for=replace-first#record"),
        Place("/voices?count=messages&days=180"),
        Place("/voices?theme={theme}"),
    ),
    "/feedback/{id}": (Place("/feedback/{id}"), Place("/feedback/{id}?find=refund")),
    "/community": (Place("/community"), Place("/community?kind=idea"), Place("/community?kind=question&show=waiting")),
    "/community/new": (Place("/community/new"), Place("/community/new?kind=question")),
    "/entries/{slug}/mend": (Place("/entries/how-do-you-clean-the-grinder/mend", frozenset({"CUSTOMER"})),),
    "/tags": (Place("/tags"),),
    "/tags/{slug}": (Place("/tags/principle"), Place("/tags/descaling?into=depots", SIGNED_IN)),
    "/series": (Place("/series"),),
    "/series/{slug}": (Place("/series/how-we-learned-of-the-valve", SIGNED_IN),),
    "/templates": (Place("/templates"),),
    "/templates/{kind}": (Place("/templates/story"),),
    "/reviews": (Place("/reviews"), Place("/reviews?queue=unverified&kind=guide")),
    "/entries/{slug}/verifier": (Place("/entries/replace-first/verifier", INSIDE),),
    "/people/{id}": (Place("/people/{person}"),),
    "/me": (Place("/me"),),
    "/notifications": (Place("/notifications"),),
    "/api": (Place("/api"),),
    "/api/schema": (Place("/api/schema"),),
    "/api/schema/{type}": (Place("/api/schema/EntryFilter"),),
    "/entries/{slug}/comments": (Place("/entries/valve-to-the-front/comments", SIGNED_IN),),
    "/entries/{slug}/comments/{id}": (Place("/entries/valve-to-the-front/comments/{comment}", SIGNED_IN),),
    "/entries/{slug}/suggest": (Place("/entries/valve-to-the-front/suggest", SIGNED_IN),),
    "/entries/{slug}/suggestions": (Place("/entries/valve-to-the-front/suggestions", SIGNED_IN),),
    "/entries/{slug}/flag": (Place("/entries/valve-to-the-front/flag", SIGNED_IN),),
    "/flags": (Place("/flags"),),
    "/search/beside": (Place("/search/beside?q=valve"),),
    "/search/why": (Place("/search/why?q=valve&entry={hit}", SIGNED_IN),),
    "/gaps": (Place("/gaps"), Place("/gaps?answered=yes")),
    "/feedback": (Place("/feedback"), Place("/feedback?queue=overdue")),
    "/voices/similar": (Place("/voices/similar?verbatim=the+valve"),),
    "/voices/listening": (Place("/voices/listening"), Place("/voices/listening?function=sales")),
    "/tell": (Place("/tell"),),
    "/tell/answer": (Place("/tell/answer"),),
    "/synonyms": (Place("/synonyms"),),
    "/customers/{id}": (Place("/customers/{customer}"),),
    "/segments": (Place("/segments"), Place("/segments?at=2026-01-01")),
    "/portal/data": (Place("/portal/data"),),
    "/privacy": (Place("/privacy"), Place("/privacy?state=done")),
    "/privacy/requests/{id}": (Place("/privacy/requests/none", frozenset()),),
    "/privacy/data.json": (Place("/privacy/data.json?of=none", frozenset()),),
    "/customers": (Place("/customers"), Place("/customers?relation=internal&stage=client&days=365&due=")),
    "/loop": (Place("/loop"),),
    "/loop/{id}": (Place("/loop/{answer}"),),
    "/portal": (Place("/portal"),),
    "/scores": (Place("/scores"), Place("/scores?audience=internal")),
    "/scores/tile": (Place("/scores/tile"),),
    "/scores/{id}.csv": (Place("/scores/{scored}.csv"),),
    "/scores/{id}": (Place("/scores/{scored}"), Place("/scores/{scored}?by=segment")),
    "/voices/loyalty": (Place("/voices/loyalty"),),
    "/surveys": (Place("/surveys"),),
    "/surveys/new": (Place("/surveys/new?bank=attitudes"),),
    "/surveys/{id}": (Place("/surveys/{survey}"),),
    "/surveys/{id}/edit": (Place("/surveys/{survey}/edit"),),
    "/s/{token}": (Place("/s/nothing"),),
    "/culture": (Place("/culture"), Place("/culture?value=unleashed_creativity&days=30")),
    "/culture/tile": (Place("/culture/tile"),),
    "/letters/{token}": (Place("/letters/nothing"),),
    "/vision/trace": (Place("/vision/trace"),),
    "/entries/{slug}/answers/{step}": (Place("/entries/coffee-when-the-doors-open/answers/capabilities", INSIDE),),
    "/entries/{slug}/assumptions": (Place("/entries/coffee-when-the-doors-open/assumptions", INSIDE),),
    "/entries/{slug}/gaps": (Place("/entries/coffee-when-the-doors-open/gaps", INSIDE),),
    "/entries/{slug}/behind": (Place("/entries/coffee-when-the-doors-open/behind", INSIDE),),
    "/entries/{slug}/versions": (Place("/entries/coffee-when-the-doors-open/versions?from=1&to=2", INSIDE),),
    "/entries/{slug}/public": (Place("/entries/coffee-when-the-doors-open/public", INSIDE),),
    "/help": (Place("/help"), Place("/help?q=token")),
    "/help/{name}": (Place("/help/employees"), Place("/help/integrators")),
}


def open_to(role: str) -> list[str]:
    """The addresses that the role may read, without the sources, which are not pages."""
    return [
        place.address
        for page, place in _places()
        if role in page.roles & place.roles and not place.address.partition("?")[0].endswith((".md", ".json", ".csv"))
    ]


def closed_to(role: str) -> list[str]:
    """The addresses that are not for the role."""
    return [place.address for page, place in _places() if role not in page.roles & place.roles]


def resolved(page: Page, address: str) -> str:
    """The address with the identifier that only the database knows: that of the newest words of a customer, or of a comment."""
    if "{comment}" in address:
        page.goto("/entries/valve-to-the-front/comments")
        return address.replace("{comment}", str(page.locator(".thread li").first.get_attribute("id"))[8:])
    if "{hit}" in address:
        page.goto("/search?q=valve")
        return str(page.locator('a[href^="/search/why"]').first.get_attribute("href"))
    if "{person}" in address:
        page.goto("/entries/valve-to-the-front")
        return str(page.locator('a[href^="/people/"]').first.get_attribute("href"))
    if "{customer}" in address:
        page.goto("/search?q=miramont&scope=customers")
        return str(page.locator('main a[href^="/customers/"]').first.get_attribute("href"))
    if "{answer}" in address:
        page.goto("/loop")
        return str(page.locator('main a[href^="/loop/"]').first.get_attribute("href"))
    if "{scored}" in address:
        page.goto("/scores")
        found = str(page.locator('main h2 a[href^="/scores/"]').first.get_attribute("href"))
        return address.replace("/scores/{scored}", found)
    if "{survey}" in address:
        page.goto("/surveys")
        found = str(page.locator('main .hits a[href^="/surveys/"]').first.get_attribute("href"))
        return address.replace("/surveys/{survey}", found)
    if "{theme}" in address:
        page.goto("/voices?count=messages")
        return str(page.locator(".loud tbody a").first.get_attribute("href"))
    if "{id}" not in address:
        return address
    page.goto("/voices")
    return address.replace("/feedback/{id}", str(page.locator(".hit .line a").first.get_attribute("href")))


def _places() -> Iterator[tuple[serving.Page, Place]]:
    for page in PAGES:
        if page.name != "entries/conflict":
            yield from ((page, place) for place in PLACES[page.path])
