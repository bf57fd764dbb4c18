"""What axe says about a page, in a line for each fault that keeps somebody out."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
# What a theme can spoil; all else is the same in both.
OF_COLOUR = ("color-contrast", "link-in-text-block")


def faults(page: Page) -> list[str]:
    return _told(Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"])


def faults_of_colour(page: Page) -> list[str]:
    options = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": list(OF_COLOUR)}}
    return _told(Axe().run(page, options=options).response["violations"])


def _told(violations: list[dict[str, object]]) -> list[str]:
    return [
        f"{violation['id']}: {node['html']}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]  # type: ignore[attr-defined]
    ]
