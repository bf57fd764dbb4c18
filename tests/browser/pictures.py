"""Records the screens of the story into docs/pictures, small: `make pictures`. They are pictures of the demonstration as it runs."""

import base64
import struct
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import QUIET, ROOT, RUN, _chromium

FOLDER = ROOT / "docs" / "pictures"
LOOK: dict[str, Any] = {"viewport": {"width": 1180, "height": 760}, "color_scheme": "light", "reduced_motion": "reduce"}
COLOURS = 32
HEAVIEST = 60_000

UNPACK = """async packed => {
  const image = new Image();
  image.src = "data:image/png;base64," + packed;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), ink = canvas.getContext("2d");
  ink.drawImage(image, 0, 0);
  const data = ink.getImageData(0, 0, image.width, image.height).data;
  const parts = [];
  for (let at = 0; at < data.length; at += 32768) parts.push(String.fromCharCode(...data.subarray(at, at + 32768)));
  return [image.width, image.height, btoa(parts.join(""))];
}"""


@dataclass(frozen=True)
class Scene:
    """A screen of the story: its name, who looks, where, what is pressed there, and what stands at the top of the picture."""

    name: str
    person: str
    address: str
    press: str = ""
    top: str = ""


SCENES = (
    Scene("story-0-tour", "", "/login"),
    Scene("story-1-search", "ines", "/search?q=angry+customer+wants+refund&tour=1"),
    Scene("story-2-evidence", "ines", "/entries/replace-first?tour=2", top="#evidence"),
    Scene("story-3-themes", "jonas", "/voices?count=messages&tour=3", top="#themes, .loud"),
    Scene("story-4-reply", "margit", "/tour/4/2"),
    Scene("story-5-belief", "margit", "/entries/coffee-when-the-doors-open/assumptions?tour=5"),
    Scene("story-6-query", "margit", "/api?example=story&tour=6", press="Run", top="#answer-title"),
)


def main() -> None:
    """Serve a demonstration, or look at the one whose address is given, and take every picture."""
    if len(sys.argv) > 1:
        record(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [*RUN, "--data", str(Path(folder) / "data"), "demo", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
            assert server.stdout is not None
            try:
                record(server.stdout.readline().strip())
            finally:
                server.terminate()


def record(site: str) -> None:
    """Take the pictures of a demonstration at an address."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=QUIET)
        for scene in SCENES:
            packed = reduced(_pixels(browser, _taken(browser, site, scene)))
            assert len(packed) <= HEAVIEST, f"{scene.name} has {len(packed):,} bytes."
            (FOLDER / f"{scene.name}.png").write_bytes(packed)
            sys.stdout.write(f"{scene.name}: {len(packed):,} bytes\n")
        browser.close()


def _taken(browser: Browser, site: str, scene: Scene) -> bytes:
    with browser.new_context(base_url=site, **LOOK) as context:
        page = context.new_page()
        page.goto("/login")
        if scene.person:
            page.locator(f"button[value='{scene.person}@example.com']").click()
        page.goto(scene.address)
        if scene.press:
            page.get_by_role("button", name=scene.press, exact=True).click()
            expect(page.locator(".answer")).to_contain_text("data")
        if scene.top:
            _brought_up(page, scene.top)
        return page.screenshot()


def _brought_up(page: Page, selector: str) -> None:
    page.locator(selector).first.evaluate(
        "it => window.scrollTo(0, it.getBoundingClientRect().top + window.scrollY - 24)"
    )


def _pixels(browser: Browser, picture: bytes) -> NDArray[np.uint8]:
    """The colours of a picture, line by line: the browser reads its own kind best."""
    page = browser.new_page()
    width, height, packed = page.evaluate(UNPACK, base64.b64encode(picture).decode())
    page.close()
    return np.frombuffer(base64.b64decode(packed), np.uint8).reshape(height, width, 4)[:, :, :3]


def reduced(pixels: NDArray[np.uint8]) -> bytes:
    """The picture with a few colours, which is what a page of text has."""
    coarse = (pixels.astype(np.uint32) >> 3) @ np.array([1024, 32, 1], np.uint32)
    _, first, places, counts = np.unique(coarse, return_index=True, return_inverse=True, return_counts=True)
    colours = pixels.reshape(-1, 3)[first].astype(int)
    kept = np.argsort(-counts, kind="stable")[:COLOURS]
    apart = ((colours[:, None, :] - colours[kept][None, :, :]) ** 2).sum(axis=2)
    nearest = apart.argmin(axis=1).astype(np.uint8)
    return _png(nearest[places.reshape(coarse.shape)], colours[kept].astype(np.uint8))


def _png(indices: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    height, width = indices.shape
    lines = np.hstack([np.zeros((height, 1), np.uint8), indices]).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
