"""Static files: small, packed, and kept by a browser for good."""

import gzip
import re
from pathlib import Path

import pytest

from frontend import assets
from tests.frontend.conftest import Open


def test_the_stylesheet_and_the_scripts_are_light(tmp_path: Path) -> None:
    files = assets.read()

    assert len(files["site.css"].packed) <= 10_000
    assert len(files["site.js"].packed) + len(files["vendor/htmx.min.js"].packed) <= 20_000


@pytest.mark.parametrize("span", ['[class^="k"]', '[class^="s"]', '[class^="m"]', '[class^="c"]', ".nf", ".gi", ".gd"])
def test_code_is_coloured_by_colours_that_follow_the_theme(span: str) -> None:
    rules = re.findall(
        r"^pre\.code span([^{]+){ color: var\(--\w+\) }$", assets.read()["site.css"].plain.decode(), re.MULTILINE
    )

    assert any(span in rule for rule in rules)


def test_the_rows_that_sign_one_in_answer_to_the_pointer() -> None:
    sheet = assets.read()["site.css"].plain.decode()

    assert ".people button:hover {" in sheet
    assert ".people button:is(:hover, :focus-visible) .chevron {" in sheet


def test_an_address_changes_with_its_content(tmp_path: Path) -> None:
    sheet = tmp_path / "site.css"
    sheet.write_text("a {}")
    before = assets.read(tmp_path)["site.css"].url

    sheet.write_text("b {}")

    assert assets.read(tmp_path)["site.css"].url != before


def test_a_file_is_sent_packed_to_whoever_reads_that_and_is_immutable(browser: Open) -> None:
    sheet = assets.read()["site.css"]

    answer = browser().get(sheet.url, accept_encoding="gzip")

    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == sheet.plain == gzip.decompress(sheet.packed)


def test_a_file_is_sent_plain_to_whoever_does_not(browser: Open) -> None:
    answer = browser().get(assets.read()["site.js"].url, accept_encoding="identity")

    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


def test_an_old_address_is_not_found(browser: Open) -> None:
    assert browser().get("/static/000000000000/site.css").status_code == 404


def test_the_script_brings_no_code_from_text() -> None:
    script = assets.read()["site.js"].plain.decode()

    assert "eval(" not in script
    assert "innerHTML" not in script
