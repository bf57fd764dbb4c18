"""Files that are something else than they say, larger than they look, or broken; and the smallest that are what they say."""

import struct
import warnings
import zipfile
from io import BytesIO

from tests.factories import a_picture


def jpeg(width: int = 4, height: int = 3) -> bytes:
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x04ab" + frame + b"\xff\xda\x00\x02data\xff\xd9"


def gif(width: int = 4, height: int = 3) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\0;"


def webp(width: int = 4, height: int = 3, kind: bytes = b"VP8X") -> bytes:
    if kind == b"VP8X":
        data = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        data = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + b"\0" * 5
    else:
        data = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    chunk = kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def avif(width: int = 4, height: int = 3) -> bytes:
    size = b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", width, height)
    return b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0\0\0\x30meta" + size + b"data"


def archive(*names: str, mimetype: str = "") -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        if mimetype:
            out.writestr("mimetype", mimetype)
        for name in names:
            out.writestr(name, "x")
    return file.getvalue()


def bomb() -> bytes:
    """A small archive that names its kind twice: first in few letters, then in very many, packed."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as out, warnings.catch_warnings(action="ignore"):
        out.writestr("mimetype", "application/zip")
        out.writestr("mimetype", bytes(64 << 20), compress_type=zipfile.ZIP_DEFLATED)
    return file.getvalue()


def garbled() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return file.getvalue()[:38] + b"\xff" * 12 + file.getvalue()[50:]


SCRIPT = b"<script>alert(1)</script>"
DOCX = archive("[Content_Types].xml", "word/document.xml")

KEPT = [
    ("a.png", a_picture(), "image/png", (4, 3)),
    ("a.jpg", jpeg(), "image/jpeg", (4, 3)),
    ("a.gif", gif(), "image/gif", (4, 3)),
    ("a.webp", webp(), "image/webp", (4, 3)),
    ("lossless.webp", webp(kind=b"VP8L"), "image/webp", (4, 3)),
    ("lossy.webp", webp(kind=b"VP8 "), "image/webp", (4, 3)),
    ("a.avif", avif(), "image/avif", (4, 3)),
    ("really-a-jpeg.png", jpeg(), "image/jpeg", (4, 3)),
    ("a.svg", b"<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", None),
    ("script.svg", b"<svg onload='alert(1)'>" + SCRIPT + b"</svg>", "image/svg+xml", None),
    ("doctype.svg", b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>", "image/svg+xml", None),
    ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf", None),
    ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", None),
    (
        "a.xlsx",
        archive("[Content_Types].xml", "xl/workbook.xml"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        None,
    ),
    (
        "a.odt",
        archive("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
        "application/vnd.oasis.opendocument.text",
        None,
    ),
    ("a.csv", b"a,b\r\n1,2\r\n", "text/csv", None),
    ("excel.csv", b"caf\xe9;1\r\n", "text/csv", None),
    ("README", b"Plain words.\n", "text/plain", None),
    ("a.md", "# Ünder\n".encode(), "text/markdown", None),
    ("page.txt", b"<!doctype html>" + SCRIPT, "text/plain", None),
]
"""Name, bytes, what it is, and its size where a page may show it."""

REFUSED = {
    "html that says it is a picture": ("a.png", b"<!doctype html>" + SCRIPT),
    "svg that says it is a picture": ("a.png", b"<svg>" + SCRIPT + b"</svg>"),
    "html": ("a.html", b"<!doctype html>" + SCRIPT),
    "a script": ("a.js", b"alert(1)"),
    "a program": ("a.exe", b"MZ\x90\0\x03\0\0\0"),
    "a program that says it is a picture": ("a.png", b"\x7fELF\x02\x01\x01\0"),
    "a program that says it is text": ("a.txt", b"\x7fELF\x02\x01\x01\0"),
    "nothing": ("a.txt", b""),
    "an open document whose kind is packed, and broken": ("a.odt", garbled()),
    "a picture cut off in its header": ("a.png", a_picture()[:20]),
    "a picture cut off at its end": ("a.png", a_picture()[:-12]),
    "a picture and an archive": ("a.png", a_picture() + DOCX),
    "a picture and a page": ("a.png", a_picture() + SCRIPT),
    "a picture without a size": ("a.png", a_picture(0, 3)),
    "a picture of 50,000 by 50,000": ("a.png", a_picture(50_000, 50_000)),
    "a picture of 2,147,483,647 by 2": ("a.png", a_picture(2_147_483_647, 2)),
    "a jpeg of 65,535 by 65,535": ("a.jpg", jpeg(65_535, 65_535)),
    "a jpeg without a frame": ("a.jpg", b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x02"),
    "a jpeg of fill bytes": ("a.jpg", b"\xff\xd8\xff" + b"\xff" * 100_000),
    "a gif that is a script": ("a.gif", b"GIF89a/*" + b"x" * 20 + b"*/=1;alert(1)"),
    "a gif that is cut off": ("a.gif", gif()[:-1]),
    "a webp that says it has 4 GB": ("a.webp", b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\0" * 30),
    "a webp that is too large": ("a.webp", webp(16_383, 16_383)),
    "an avif without a size": ("a.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"),
    "an avif whose second picture is too large": ("a.avif", avif() + avif(60_000, 60_000)),
    "an archive": ("a.zip", archive("a.txt")),
    "an archive that says it is a document": ("a.docx", archive("a.txt", "word/document.xml")),
    "a document with macros": ("a.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
    "a broken archive": ("a.docx", b"PK\x03\x04" + b"\0" * 40),
    "a document from before archives": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40),
    "a pdf that says it is a picture": ("a.jpg", b"%PDF-1.7\n"),
    "a text with a null": ("a.txt", b"a\0b"),
}
"""By what it is: a name and the bytes."""
