"""What axe says about a page, a line for each fault that keeps somebody out."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
# All else is the same on every screen and in every theme.
OF_COLOUR = ("color-contrast", "link-in-text-block")
OF_SPACE = ("target-size", "scrollable-region-focusable", "meta-viewport", "css-orientation-lock")
NEVER_GRAVE = (
    "region",
    "heading-order",
    "landmark-banner-is-top-level",
    "landmark-complementary-is-top-level",
    "landmark-contentinfo-is-top-level",
    "landmark-main-is-top-level",
    "landmark-no-duplicate-banner",
    "landmark-no-duplicate-contentinfo",
    "landmark-no-duplicate-main",
    "landmark-one-main",
    "landmark-unique",
    "page-has-heading-one",
    "skip-link",
    "empty-heading",
    "image-redundant-alt",
)
"""What axe calls moderate or minor at most, and takes its time over; headings and landmarks have a test of their own."""

NEW = """(known) => {
    const seen = new Set(known), signs = [];
    const ground = (it) => {
        for (; it; it = it.parentElement) {
            const style = getComputedStyle(it);
            if (style.backgroundImage !== "none" || !/, 0\\)$|transparent/.test(style.backgroundColor))
                return style.backgroundImage + style.backgroundColor;
        }
        return "";
    };
    const faded = (it) => { let all = 1; for (; it; it = it.parentElement) all *= getComputedStyle(it).opacity; return all };
    window.unlike = [...document.body.querySelectorAll("*")].filter((it) => {
        if (![...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) return false;
        if (!it.checkVisibility({ visibilityProperty: true })) return false;
        const own = getComputedStyle(it), link = it.closest("a"), block = link && getComputedStyle(link.parentElement);
        const around = block ? [block.color, block.display, getComputedStyle(link).textDecorationLine] : [];
        const sign = [own.color, ground(it), faded(it), own.fontSize, own.fontWeight, own.textShadow, ...around].join("|");
        return !seen.has(sign) && seen.add(sign) && signs.push(sign);
    });
    return signs;
}"""
"""Finds texts in colours, on grounds, of sizes and weights that were not seen before."""


def faults(page: Page) -> list[str]:
    """All that is grave; the targets' size is a rule that axe leaves out unless asked."""
    return list(_told(page, {"rules": {"target-size": {"enabled": True}, **_off(NEVER_GRAVE)}}))


def faults_but_for_colour(page: Page) -> list[str]:
    """The same without what takes axe longest."""
    return list(_told(page, {"rules": {"target-size": {"enabled": True}, **_off((*NEVER_GRAVE, *OF_COLOUR))}}))


def _off(rules: Sequence[str]) -> dict[str, dict[str, bool]]:
    return {rule: {"enabled": False} for rule in rules}


def faults_of(page: Page, rules: Sequence[str]) -> list[str]:
    """Only what these rules say."""
    return list(_told(page, {"runOnly": {"type": "rule", "values": list(rules)}}))


def faults_of_new_colours(page: Page, known: set[str]) -> list[str]:
    """What axe says of texts that look as no other did before, which are known from then on: on a hundred pages of one look
    that is a handful of texts a page, and colours are what takes axe longest.
    """
    new = page.evaluate(NEW, list(known))
    known.update(new)
    options = {"runOnly": {"type": "rule", "values": list(OF_COLOUR)}}
    return list(_told(page, options, "window.unlike")) if new else []


def _told(page: Page, options: dict[str, Any], part: str = "") -> Iterator[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    asked = {**options, "resultTypes": ["violations"]}
    # What frames a page is the same below each of the places, and was looked at there; it is a third of what there is.
    part = part or ("'main'" if urlsplit(page.url).path.count("/") > 1 else "'html'")
    for violation in page.evaluate(f"async (options) => (await axe.run({part}, options)).violations", asked):
        if violation["impact"] in GRAVE:
            yield from (f"{violation['id']}: {node['html']}" for node in violation["nodes"])
