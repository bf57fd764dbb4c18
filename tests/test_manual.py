"""The manual is complete, its pages lead on to one another, and what it lists is all there is."""

import re
from itertools import chain
from pathlib import Path

import pytest

from frontend import atom, pages
from knowledge import manual
from knowledge.people import OPERATOR, Viewer
from server.worker import HANDLERS

ADDRESS = re.compile(r"^\| `(/[^`?]*)`", re.MULTILINE)
JOB = re.compile(r"^\| `([a-z.]+)` \|", re.MULTILINE)
WORDS = {
    "wilson interval": "statistics",
    "backups": "reliability",
    "LOYALTY_SMTP_URL": "settings",
    "overdue": "leaders",
    "mirror": "integrators",
}


def text(name: str) -> str:
    return (manual.FOLDER / f"{name}.md").read_text(encoding="utf-8")


def test_the_contents_list_every_document_once() -> None:
    listed = [page.name for page in manual.listed(OPERATOR)]

    assert sorted(listed) == sorted(
        path.stem for path in manual.FOLDER.rglob("*.md") if path.name != manual.CONTENTS
    ), "Each document needs a line in docs/README.md: - [Title](file.md): What it is good for."


def test_every_document_is_shown_and_each_of_its_links_leads_to_a_place_that_there_is() -> None:
    shown = {page.name: manual.named(OPERATOR, page.name) for page in manual.listed(OPERATOR)}
    places = {manual.ADDRESS, "/api", "/api/schema"} | {
        f"{manual.ADDRESS}/{name}{anchor}"
        for name, page in shown.items()
        if page
        for anchor in ["", *(f"#{heading.anchor}" for heading in page.outline)]
    }

    astray = [
        (name, target)
        for name, page in shown.items()
        for target in re.findall(r'href="([^"]+)"', page.html if page else "")
        if "://" not in target and not target.startswith("mailto:")
        if (f"{manual.ADDRESS}/{name}{target}" if target.startswith("#") else target) not in places
    ]
    pictures = [
        source
        for page in shown.values()
        for source in re.findall(r'src="/help/pictures/([^"]+)"', page.html if page else "")
        if not (manual.FOLDER / "pictures" / source).exists()
    ]

    assert None not in shown.values()
    assert astray == []
    assert pictures == []
    assert 'width="1120"' in str(shown["employees"])


def test_a_name_leads_to_nothing_but_a_document() -> None:
    assert [manual.named(OPERATOR, name) for name in ("README", "../README", "pictures/practice", "", "nothing")] == [
        None
    ] * 5


def test_whoever_may_read_nothing_here_reads_no_help_either() -> None:
    stranger = Viewer(reads_public=False)

    assert (manual.contents(stranger), manual.named(stranger, "settings"), manual.search(stranger, "token")) == (
        (),
        None,
        (),
    )


@pytest.mark.parametrize(("words", "name"), WORDS.items())
def test_whoever_looks_for_something_finds_the_section_that_says_it(words: str, name: str) -> None:
    found = manual.search(OPERATOR, words)

    assert name in [section.page.name for section in found][:3]
    assert all(section.title and section.excerpt for section in found)
    assert len(found) <= manual.MOST
    assert manual.search(OPERATOR, f"{words} zzzz") == manual.search(OPERATOR, " ?! ") == ()


def test_every_page_and_every_feed_is_in_the_list_of_addresses() -> None:
    listed = ADDRESS.findall(text("addresses"))

    there_are = {page.path for page in pages.PAGES} | {feed.path for feed in atom.FEEDS}
    assert there_are - set(listed) == set()
    assert len(listed) == len(set(listed))


def test_every_address_in_the_list_is_one_that_there_is() -> None:
    sources = [path.read_text(encoding="utf-8") for path in chain(*map(Path.rglob, SOURCES, ["*.py"] * 2))]
    routed = {re.sub(r":\w+}", "}", each) for source in sources for each in re.findall(r'"(/[\w/{}:.]*)"', source)}

    assert {each for each in ADDRESS.findall(text("addresses")) if each not in routed} == set()


SOURCES = [Path(pages.__file__).parent, Path(pages.__file__).parents[1] / "server"]


def test_every_job_is_in_the_list_of_what_runs_later_and_no_other() -> None:
    assert sorted(JOB.findall(text("jobs"))) == sorted(HANDLERS)
