"""Bytes of any past to text: UTF-8 where it is that, else Windows-1252 or MacRoman, and what was misread before is mended."""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

_LEGACY = ("cp1252", "mac_roman")
PIECE = 64 * 1024
_NAMES = {"cp1252": "Windows-1252", "mac_roman": "MacRoman", "latin-1": "Latin-1"}
_PUNCTUATION = "‘’“”–—…•"
_ENDINGS = r"(?:s|t|d|m|re|ve|ll)\b"
_ENGLISH = re.compile(r"\b(?:the|and|of|is|to)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and in words what had to be done to it; nothing where it was plain UTF-8."""

    text: str
    note: str = ""


def decoded(data: bytes, *, mend: bool = True) -> Decoded:
    """The text in some bytes. A byte order mark decides; what is no UTF-8 is read as whichever of two makes better sense.

    `mend` is for text of unknown history; our own exports say where theirs only looks as if it were damaged.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(data.decode("utf-16", "replace"), "This was read as UTF-16.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
        return mended(text) if mend else Decoded(text)
    except UnicodeDecodeError:
        return _legacy(data)


def alphabet(stream: IO[bytes]) -> tuple[str, str]:
    """The codec of a whole stream and what is to be said of it, read piece by piece."""
    first = stream.read(PIECE)
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "This was read as UTF-16."
    decoder, piece = codecs.getincrementaldecoder("utf-8")(), first
    try:
        while piece:
            decoder.decode(piece)
            piece = stream.read(PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        codec, _ = max(_readings(piece or first), key=lambda reading: _sense(reading[1]))
        return codec, f"This was not UTF-8 and was read as {_NAMES[codec]}."
    return "utf-8-sig", ""


def _legacy(data: bytes) -> Decoded:
    mixed = data.decode("utf-8", "surrogateescape")
    strays = sum("\udc80" <= letter <= "\udcff" for letter in mixed)
    if strays < sum(letter > "\x7f" for letter in mixed) - strays:
        text = re.sub("[\udc80-\udcff]", lambda stray: _sloppy(bytes([ord(stray[0]) - 0xDC00])), mixed)
        return Decoded(text, "Some characters of this were not UTF-8 and were read as Windows-1252.")
    codec, text = max(_readings(data), key=lambda reading: _sense(reading[1]))
    return Decoded(text, f"This was not UTF-8 and was read as {_NAMES[codec]}.")


def _readings(data: bytes) -> list[tuple[str, str]]:
    found = []
    for codec in _LEGACY:
        try:
            found.append((codec, data.decode(codec)))
        except UnicodeDecodeError:  # five bytes mean nothing in Windows-1252
            continue
    return found


def _sloppy(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _sense(text: str) -> int:
    """How much a reading looks like writing: letters within words, apostrophes and quotation marks where they belong."""
    padded = f" {text} "
    return sum(
        _place(padded[at - 1], letter, padded[at + 1]) for at, letter in enumerate(padded[1:-1], 1) if letter > "\x7f"
    )


def _place(before: str, letter: str, after: str) -> int:
    if letter == "’":
        return 3 if before.isalpha() else 0
    if letter in "‘“":
        return 2 if not before.isalnum() and not after.isspace() else -1
    if letter == "”":
        return 2 if not before.isspace() and not after.isalnum() else -1
    if letter.isalpha():
        return _letter(before, letter, after)
    return 1 if letter in "–—…•\xa0«»¿¡©®°€£§" else -1


def _letter(before: str, letter: str, after: str) -> int:
    if letter in "ªºˆ˜ƒπΩµ":
        return -2
    if letter.islower():
        return 2 if before.isalpha() or after.isalpha() else 0
    return -3 if before.islower() else 1


def mended(text: str) -> Decoded:
    """Text whose bytes somebody once read in the wrong alphabet, as it was meant; any other text as it is.

    It is changed only where all of it tells: every character beyond ASCII must fit the mistake.
    """
    if text.isascii():
        return Decoded(text)
    text, note = _controls(text)
    for codec, encoded in _ENCODERS.items():
        if (meant := _meant(text, encoded)) is not None:
            return Decoded(meant, f"This was UTF-8 that had been read as {_NAMES[codec]}, and was mended.")
    for table, reason in _MISREAD:
        if _is_misread(text, table):
            return Decoded(text.translate({ord(letter): mark for letter, mark in table.items()}), reason)
    return Decoded(text, note)


def _controls(text: str) -> tuple[str, str]:
    """Windows' punctuation that was read as Latin-1 became control characters that nobody writes."""
    if not re.search("[\x80-\x84\x86-\x9f]", text):
        return text, ""
    fixed = re.sub("[\x80-\x9f]", lambda found: _sloppy(found[0].encode("latin-1")), text)
    return fixed, "Windows' punctuation in this had been read as Latin-1, and was mended." if fixed != text else ""


def _sloppy_bytes(text: str) -> bytes:
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        return b"".join(
            letter.encode("latin-1") if "\x80" <= letter <= "\x9f" else letter.encode("cp1252") for letter in text
        )


_ENCODERS: Mapping[str, Callable[[str], bytes]] = {
    "cp1252": _sloppy_bytes,
    "mac_roman": lambda text: text.encode("mac_roman"),
}


def _meant(text: str, encoded: Callable[[str], bytes]) -> str | None:
    try:
        meant = encoded(text).decode("utf-8")
    except UnicodeError:
        return None
    return meant if "\ufffd" not in meant else None


def _misreading(was: str, read_as: str) -> Mapping[str, str]:
    return {mark.encode(was).decode(read_as): mark for mark in _PUNCTUATION}


_MISREAD = (
    (_misreading("cp1252", "mac_roman"), "Windows' punctuation in this had been read as MacRoman, and was mended."),
    (
        _misreading("mac_roman", "cp1252"),
        "MacRoman's punctuation in this had been read as Windows-1252, and was mended.",
    ),
)


def _is_misread(text: str, table: Mapping[str, str]) -> bool:
    """Whether the odd letters of an English text all stand where punctuation does, at least
    two of them after different long words (the Spanish país and París end alike, and are short)."""
    if not any(letter in text for letter in table):
        return False
    foreign = {letter for letter in text if letter > "\x7f" and letter.isalpha()} - set(table)
    if foreign or len(_ENGLISH.findall(text)) < 3:
        return False
    odd = "".join(re.escape(letter) for letter in table if letter.isalpha())
    apostrophe, opening, closing = (
        next(letter for letter, mark in table.items() if mark == each) for each in ("’", "“", "”")
    )
    owners = {found[1].lower() for found in re.finditer(rf"([A-Za-z]{{5,}}){apostrophe}(?={_ENDINGS})", text)}
    rest = re.sub(rf"(?<=[A-Za-z]){apostrophe}(?={_ENDINGS})|(?<=s){apostrophe}(?=\s)", "", text)
    rest = re.sub(rf"(?<![^\W_]){opening}(?=\w)|(?<=[\w.,!?]){closing}(?!\w)", "", rest)
    inside = re.search(rf"[^\W\d_][{odd}][^\W\d_]", rest) if odd else None
    return len(owners) >= 2 and apostrophe not in rest and inside is None
