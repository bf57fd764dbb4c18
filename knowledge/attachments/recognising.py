"""What a file is, by its first bytes and never by its name, and how large a picture would become.

Nothing is decoded: a few bytes of the header are read, so that a picture of 50,000 by 50,000 costs no more than a small one.
"""

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from knowledge.errors import Invalid, TooLarge
from knowledge.filenames import ending_of

HEAD = 64 * 1024
MARKERS = 2_000
MEMBERS = 20_000

SVG = "image/svg+xml"
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""What a browser may show on a page; everything else is a download."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
OFFICE = {
    "word/": f"{_OFFICE}wordprocessingml.document",
    "xl/": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}presentationml.presentation",
}
OPEN = frozenset(f"{_OPEN}{kind}" for kind in ("text", "spreadsheet", "presentation", "graphics"))
TEXTS = {
    **dict.fromkeys(("", "txt", "text", "log", "json", "yaml", "yml", "toml", "ics", "vcf", "srt"), "text/plain"),
    **dict.fromkeys(("md", "markdown"), "text/markdown"),
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
"""The endings that a text may have, and what each is."""

FAMILIES = {
    "picture": frozenset("png apng jpg jpeg jpe jfif gif webp avif".split()),
    "drawing": frozenset({"svg"}),
    "document": frozenset({"pdf"}),
    "office document": frozenset("docx xlsx pptx odt ods odp odg".split()),
    "text": frozenset(TEXTS) - {""},
}
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
PROLOGUE = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!doctype", b">"))


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is; `width` and `height` in pixels where it is a picture."""

    media_type: str
    width: int | None = None
    height: int | None = None


Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file with its beginning and its length."""

    file: BinaryIO
    head: bytes
    size: int


def recognise(file: BinaryIO, name: str, *, pixels: int) -> Recognised:
    """What the file is. Refuses INVALID what is not kept here, is broken, or is something else than its name says, and
    TOO_LARGE a picture of more than `pixels`.
    """
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise Invalid("The file is empty.", "file")
    found, family = _what(_Seen(file, head, size), name)
    ending = ending_of(name)
    if ending and ending not in FAMILIES[family]:
        raise Invalid(f"The name ends in .{ending}, but this is a {family}.", "file")
    if found.width is not None and found.height is not None:
        if found.width < 1 or found.height < 1:
            raise Invalid("This picture has no size.", "file")
        if found.width * found.height > pixels:
            most = f"{pixels // 1_000_000} million"
            raise TooLarge(
                f"This picture has {found.width} by {found.height} pixels; at most {most} are shown.", "file"
            )
    return found


def _what(seen: _Seen, name: str) -> tuple[Recognised, str]:
    for begins, measured, media_type in PICTURES:
        if begins(seen.head):
            dimensions = measured(seen)
            if dimensions is None:
                raise Invalid("This picture is broken or cut off.", "file")
            return Recognised(media_type, *dimensions), "picture"
    if seen.head.startswith(b"%PDF-"):
        return Recognised("application/pdf"), "document"
    if seen.head.startswith(b"PK\x03\x04"):
        return Recognised(_office(seen.file)), "office document"
    if _is_drawing(seen.head):
        return Recognised(SVG), "drawing"
    return Recognised(_text(seen.file, name)), "text"


def _is_drawing(head: bytes) -> bool:
    """Whether the first element is `svg`, after declarations, remarks and a document type."""
    rest = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    while opened := next((pair for pair in PROLOGUE if rest.startswith(pair[0])), None):
        _, closed, rest = rest.partition(opened[1])
        rest = rest.lstrip(b" \t\r\n]>") if closed and opened[0] == b"<!doctype" else rest.lstrip()
    return re.match(rb"<(?:[\w-]+:)?svg[\s>/]", rest) is not None


def _png(seen: _Seen) -> Size | None:
    if len(seen.head) < 33 or seen.head[8:16] != b"\0\0\0\x0dIHDR":
        return None
    seen.file.seek(max(0, seen.size - 12))
    if seen.file.read(12)[:8] != b"\0\0\0\0IEND":  # nothing is hidden behind the picture, and nothing of it is missing
        return None
    width, height = struct.unpack(">II", seen.head[16:24])
    return width, height


def _jpeg(seen: _Seen) -> Size | None:
    place = 2
    for _ in range(MARKERS):
        seen.file.seek(place)
        segment = seen.file.read(9)
        if len(segment) < 9 or segment[0] != 0xFF:
            return None
        marker = segment[1]
        if marker == 0xFF:  # a fill byte
            place += 1
        elif marker in (0xD9, 0xDA):
            return None
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", segment[5:9])
            return width, height
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            place += 2
        else:
            place += 2 + int(struct.unpack(">H", segment[2:4])[0])
    return None


def _gif(seen: _Seen) -> Size | None:
    seen.file.seek(max(0, seen.size - 64))
    if len(seen.head) < 14 or not seen.file.read(64).rstrip(b"\0").endswith(b";"):
        return None
    width, height = struct.unpack("<HH", seen.head[6:10])
    return width, height


def _webp(seen: _Seen) -> Size | None:
    if len(seen.head) < 30 or struct.unpack("<I", seen.head[4:8])[0] + 8 not in (
        seen.size,
        seen.size - 1,
        seen.size + 1,
    ):
        return None
    kind, data = seen.head[12:16], seen.head[20:30]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if kind == b"VP8L" and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
    return None


def _avif(seen: _Seen) -> Size | None:
    sizes = [
        struct.unpack(">II", seen.head[at + 8 : at + 16])
        for at in _places(seen.head, b"ispe")
        if at + 16 <= len(seen.head)
    ]
    return max(sizes, key=lambda each: each[0] * each[1], default=None)  # thumbnails and masks have sizes of their own


def _places(head: bytes, box: bytes) -> Iterator[int]:
    place = head.find(box)
    while place >= 0:
        yield place
        place = head.find(box, place + 4)


Begins = Callable[[bytes], bool]
Measured = Callable[[_Seen], Size | None]
PICTURES: tuple[tuple[Begins, Measured, str], ...] = (
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png, "image/png"),
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg, "image/jpeg"),
    (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif, "image/gif"),
    (lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP", _webp, "image/webp"),
    (lambda head: head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"), _avif, "image/avif"),
)


def _office(file: BinaryIO) -> str:
    """The document that a zip archive is; other archives, and documents that carry programs, are not kept."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = [each.filename for each in archive.infolist()]
            media = _named(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        raise Invalid("This archive is broken.", "file") from None
    if len(names) > MEMBERS:
        raise Invalid("This archive has too many parts.", "file")
    if any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise Invalid("This document carries macros: save it without them.", "file")
    if media in OPEN:
        return media
    if "[Content_Types].xml" in names:
        for folder, media_type in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return media_type
    raise Invalid("Archives are not kept: attach the files that are in it.", "file")


def _named(archive: zipfile.ZipFile) -> str:
    """What an open document says that it is: in a part that is not packed, for what is packed may become of any length."""
    parts = (each for each in archive.infolist() if each.filename == "mimetype" and each.file_size <= 100)
    plain = next((each for each in parts if each.compress_type == zipfile.ZIP_STORED), None)
    return archive.read(plain).decode("ascii") if plain is not None else ""


def _text(file: BinaryIO, name: str) -> str:
    file.seek(0)
    while piece := file.read(1 << 20):
        if CONTROLS.search(piece):
            raise Invalid("Files of this kind are not kept: pictures, PDF, office documents and text are.", "file")
    ending = ending_of(name)
    if ending not in TEXTS and not any(ending in family for family in FAMILIES.values()):
        raise Invalid(f"Files that end in .{ending} are not kept; as .txt it would be.", "file")
    return TEXTS.get(ending, "text/plain")
