"""What axe says about a page, a line for each fault that keeps somebody out."""

from collections.abc import Iterator, Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
# All else is the same on every screen and in every theme.
OF_COLOUR = ("color-contrast", "link-in-text-block")
OF_SPACE = ("target-size", "scrollable-region-focusable", "meta-viewport", "css-orientation-lock")


def faults(page: Page) -> list[str]:
    """All that axe knows; the targets' size is a rule that it leaves out unless asked."""
    return list(_told(page, {"rules": {"target-size": {"enabled": True}}}))


def faults_but_for_colour(page: Page) -> list[str]:
    """The same without what takes axe longest."""
    return list(_told(page, {"rules": {rule: {"enabled": False} for rule in OF_COLOUR}}))


def faults_of(page: Page, rules: Sequence[str]) -> list[str]:
    """Only what these rules say."""
    return list(_told(page, {"runOnly": {"type": "rule", "values": list(rules)}}))


def _told(page: Page, options: dict[str, Any]) -> Iterator[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    asked = {**options, "resultTypes": ["violations"]}
    for violation in page.evaluate("async (options) => (await axe.run(options)).violations", asked):
        if violation["impact"] in GRAVE:
            yield from (f"{violation['id']}: {node['html']}" for node in violation["nodes"])
