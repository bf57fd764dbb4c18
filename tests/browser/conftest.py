"""One real server and one real browser for all tests here; each test gets pages of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, StorageState, expect, sync_playwright

from server.settings import PREFIX
from tests.browser import quality
from tests.browser.places import PEOPLE
from tests.browser.walking import PICTURES, WIDE, Colours, Seen, walked

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, "-c", "from loyalty_commons import main; main()"]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
FAILED = pytest.StashKey[bool]()
PATIENCE = 20_000
"""Milliseconds: nobody waits that long unless something is wrong, however slow the machine."""

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demonstration that lets strangers read what is public."""
    folder = tmp_path_factory.mktemp("demo")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    command = [*RUN, "--data", str(folder / "data"), "demo", "--port", "0"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            env={**clean, f"{PREFIX}ANONYMOUS": "true", f"{PREFIX}TIMINGS": "true"},
        ) as server,
    ):
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        try:
            assert address, f"The server did not start:\n{(folder / 'log').read_text()}"
            yield address
        finally:
            server.terminate()


# Until Playwright is stopped, an event loop counts as running in this thread, and nobody else may have one there.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=QUIET)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def signed_in(site: str, browser: Browser) -> dict[str, StorageState]:
    """The cookies of every sample person, each signed in by one click."""
    return {name: _cookies(browser, site, name) for name in PEOPLE if name}


@pytest.fixture(scope="package")
def walks() -> Iterator[dict[str, list[Seen]]]:
    """What has been seen, by who saw it: going everywhere takes a while, and need not be done for each test."""
    walks: dict[str, list[Seen]] = {}
    yield walks
    if quality.is_asked_for():
        quality.write(walks)


@pytest.fixture(scope="package")
def colours() -> Colours:
    return Colours()


@pytest.fixture(params=["margit", "rosa", ""], ids=lambda name: name or "stranger")
def walk(
    request: pytest.FixtureRequest,
    walks: dict[str, list[Seen]],
    site: str,
    browser: Browser,
    signed_in: dict[str, StorageState],
    colours: Colours,
) -> list[Seen]:
    """Every page that somebody may open."""
    person = str(request.param)
    if person not in walks:
        look: Any = {"reduced_motion": "reduce", "viewport": {"width": WIDE, "height": 800}}
        with browser.new_context(base_url=site, storage_state=signed_in.get(person), **look) as context:
            walks[person] = list(walked(context, person, site, colours, in_pictures=quality.is_asked_for()))
    return walks[person]


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, site: str, browser: Browser, signed_in: dict[str, StorageState]
) -> Iterator[Visit]:
    """Open the site as a sample person or a stranger. When the test ends, the browser must not have complained about any page."""
    contexts, complaints = [], list[str]()

    def begin(person: str = "", *, script: bool = True, theme: Any = "light", width: int = WIDE) -> Page:
        context = browser.new_context(
            base_url=site,
            storage_state=signed_in.get(person),
            java_script_enabled=script,
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 800},
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield begin
    pages = [page for context in contexts for page in context.pages]
    if FAILED in request.node.stash:
        _keep_pictures(request.node.name, pages)
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def _chromium() -> str:
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    path = next(found, None)
    if path is None:
        pytest.fail("These tests need Chromium: install the package chromium, or put google-chrome on the path.", False)
    return path


def _cookies(browser: Browser, site: str, name: str) -> StorageState:
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.goto("/login")
        page.locator(f"button[value='{name}@example.com']").click()
        page.wait_for_url(f"{site}/")
        return context.storage_state()


def _complaint(message: ConsoleMessage) -> Iterator[str]:
    """Errors of the console; that a page was answered with 404 or 422 is for the test to expect."""
    if message.type == "error" and "the server responded with a status of 4" not in message.text:
        yield f"{message.location.get('url', '')}: {message.text}"


def _keep_pictures(test: str, pages: list[Page]) -> None:
    PICTURES.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", test).strip("-")
    for number, page in enumerate(pages, 1):
        try:
            page.screenshot(path=PICTURES / f"{name}-{number}.png", full_page=True, timeout=3_000)
        except Error as problem:
            (PICTURES / f"{name}-{number}.txt").write_text(str(problem))
