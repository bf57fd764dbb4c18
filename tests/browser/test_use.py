import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_safety import LISTENING, ran
from tests.factories import a_picture

pytestmark = pytest.mark.browser

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>parent.postMessage("ran", "*")</script></svg>'


def file(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "image/png", "buffer": data}


def test_a_picture_is_attached_while_one_writes_and_is_shown(visit: Visit, script: bool) -> None:
    page = visit("ines", script=script)
    title = f"A picture {'with' if script else 'without'} scripts"
    page.goto("/entries/new?kind=story")
    page.get_by_label("What is the story about?").fill(title)
    page.get_by_label("Text", exact=True).fill("It stood there.")
    page.get_by_role("button", name="Save as a draft").click()
    page.get_by_role("link", name="Edit").first.click()

    page.get_by_label("Text", exact=True).fill("It stood there.\n\n![The machine](attachment:machine.png)")
    page.get_by_label("Attach a picture or a file").set_input_files(file("machine.png", a_picture(40, 30)))
    page.get_by_label("What does the picture show?").fill("The machine")
    page.get_by_role("button", name="Attach it").click()

    expect(page.get_by_text("![The machine](attachment:machine.png)").last).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value(
        "It stood there.\n\n![The machine](attachment:machine.png)"
    )
    page.get_by_role("button", name="Publish the change").or_(
        page.get_by_role("button", name="Save", exact=True)
    ).first.click()
    picture = page.locator(".prose img")
    expect(picture).to_have_attribute("alt", "The machine")
    assert picture.evaluate("(it) => it.decode().then(() => [it.naturalWidth, it.width, it.height])") == [40, 40, 30]


def test_nothing_in_a_file_runs(visit: Visit) -> None:
    page = visit("jonas")
    page.add_init_script(LISTENING)
    page.goto("/entries/replace-first/edit")
    page.get_by_label("Attach a picture or a file").set_input_files(file("drawing.svg", SVG))
    page.get_by_role("button", name="Attach it").click()
    address = page.get_by_role("link", name="drawing.svg").get_attribute("href")

    with page.expect_download() as download:
        page.get_by_role("link", name="drawing.svg").click()

    assert download.value.suggested_filename == "drawing.svg"
    assert page.evaluate(
        """(address) => new Promise((done) => {
            const picture = new Image();
            picture.onload = picture.onerror = (event) => done(event.type);
            picture.src = address;
            document.body.append(picture);
        })""",
        address,
    ) in ("load", "error")
    assert ran(page) == []


def test_i_used_it_in_three_fields_and_take_it_back(visit: Visit, script: bool) -> None:
    page = visit("jonas" if script else "margit", script=script)
    page.goto("/entries/call-back-same-day")

    page.get_by_text("I used it", exact=True).click()
    page.get_by_label("It worked", exact=True).check()
    page.get_by_label("With which customers?").select_option("REPEAT")
    page.get_by_label("What should others know?").fill("On the same afternoon.")
    page.get_by_role("button", name="Say so").click()

    came = page.locator("#came-of-it")
    expect(came).to_contain_text(re.compile(r"Helped \d+ of \d+"))
    expect(came).to_contain_text("with repeat customers")
    came.get_by_role("button", name="Take back what I said").click()
    expect(page.get_by_role("status")).to_have_text("Taken back.")


def test_what_was_measured_is_written_down_in_words_that_claim_no_more(visit: Visit) -> None:
    page = visit("margit")
    page.goto("/entries/one-complaint-or-many/outcome")
    form = page.locator("#measured")

    form.get_by_label("What was measured?").fill("Complaints answered within a day")
    form.get_by_label("A share").check()
    form.get_by_label("From", exact=True).fill("2026-01-01")
    form.get_by_label("To", exact=True).fill("2026-02-01")
    for side, value, n in (("before", "60 %", "80"), ("after", "0,8", "70")):
        form.locator(f"[name='{side}.value']").fill(value)
        form.locator(f"[name='{side}.n']").fill(n)
    form.get_by_label("Better", exact=True).check()
    form.get_by_role("button", name="Write it down").click()

    row = page.locator("#came-of-it tbody tr")
    expect(row).to_contain_text("+20 points")
    expect(row).to_contain_text("95 %: +5 to +33 points")
    expect(row).to_contain_text("Better after, with nothing to compare it to.")
