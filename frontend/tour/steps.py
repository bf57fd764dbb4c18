"""The guided path of a demonstration: six steps, each a card above the real page that it is about.

Where one is in it stands in the address, as `tour=3`, so that it works without a script, can be left at any page and be sent to others.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from frontend.render import DemoPerson, Site


@dataclass(frozen=True)
class Look:
    """Something to look at in a step: what the link says, and where it leads; by itself, or to what only the API knows the address of."""

    label: str
    address: str
    found: str = ""
    """Where the tour's document has the first of what `address` calls `it`."""


@dataclass(frozen=True)
class Step:
    """One step: where it begins, as whom, and what there is to see. It names no figure: those are the page's own."""

    title: str
    person: str
    address: str
    tells: str
    looks: tuple[Look, ...] = ()


INES, JONAS, MARGIT = (f"{name}@example.com" for name in ("ines", "jonas", "margit"))
PRACTICE, INITIATIVE = "/entries/replace-first", "/entries/valve-to-the-front"
VISION = "/entries/coffee-when-the-doors-open"

STEPS = (
    Step(
        "A customer is furious",
        INES,
        "/search?q=angry+customer+wants+refund",
        "The owner of a small café is on the line, and Ines types what she hears. The first hit says whom it helped, how sure that is,"
        " and with whom nobody has tried it.",
        (Look("Open it", PRACTICE), Look("Say that you used it", f"{PRACTICE}#came-of-it")),
    ),
    Step(
        "What it rests on",
        INES,
        PRACTICE,
        "Customers are counted, not messages. Their words stand for it and against it, and whoever was harmed by it is told like those"
        " whom it helped.",
        (
            Look("Quotes for and against", f"{PRACTICE}#evidence"),
            Look("What came of it", f"{PRACTICE}#came-of-it"),
            Look("Each time it was used", f"{PRACTICE}/outcome"),
        ),
    ),
    Step(
        "The loud few",
        JONAS,
        "/voices?count=messages",
        "Counted by messages one hotel drowns the others. Counted by customers its theme falls, and the one that many mention once comes"
        " first. Others were asked whether they feel the same; the hotel was answered all the same.",
        (
            Look("Count customers instead", "/voices"),
            Look("Do others feel the same?", "/voices?theme={it}#others", "loudest.themes.theme.id"),
            Look("What the hotel was told", "/feedback/{it}", "hotel.nodes.id"),
        ),
    ),
    Step(
        "You said, we did",
        MARGIT,
        INITIATIVE,
        "Margit leads service, and moves the valve to the front. Everybody who spoke of it was told. One of them wrote back that it is"
        " not so, and what they had said is open again.",
        (
            Look("Who was told what", "/loop/{it}", "answered.responses.nodes.id"),
            Look("The one who wrote back", "/feedback/{it}", "reopened.nodes.id"),
        ),
    ),
    Step(
        "A belief that was wrong",
        MARGIT,
        f"{VISION}/assumptions",
        "The vision took something for granted, and it was tested. Now the vision and the initiatives that carry it out are in doubt"
        " until somebody has thought them over.",
        (Look("The vision", "/vision"), Look("What stands on it", "/vision/trace")),
    ),
    Step(
        "All of it in one query",
        MARGIT,
        "/api?example=story",
        "Whatever these pages show is GraphQL. Press Run: the practice, the themes, the chain from a complaint to the reply, and the"
        " belief, in one answer.",
        (Look("Only the chain", "/api?example=chain"),),
    ),
)


def offered(site: "Site") -> bool:
    """Whether the tour can be taken: whoever it is taken as can be signed in as here."""
    return {step.person for step in STEPS} <= {person.email for person in site.people}


def at(site: "Site", number: str) -> int:
    """The step that an address names, or 0 where it names none."""
    known = number.isascii() and number.isdigit() and len(number) < 3 and 1 <= int(number) <= len(STEPS)
    return int(number) if known and offered(site) else 0


def who(site: "Site", number: int) -> "DemoPerson":
    """Whose step it is."""
    return next(person for person in site.people if person.email == STEPS[number - 1].person)


def begins(number: int) -> str:
    """Where a step begins."""
    return within(number, STEPS[number - 1].address)


def looks(number: int) -> list[tuple[str, str]]:
    """What there is to look at in a step: labels and addresses, the tour kept."""
    return [
        (look.label, f"/tour/{number}/{place}" if look.found else within(number, look.address))
        for place, look in enumerate(STEPS[number - 1].looks, 1)
    ]


def within(number: int, address: str) -> str:
    """The address as a part of the tour."""
    path, mark, anchor = address.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'tour': number})}{mark}{anchor}"
