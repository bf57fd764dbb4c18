"""What a file may be called: a name that is safe in an address, on any disk and in Markdown, and still recognisable."""

import re
import unicodedata

LONGEST = 120
UNSAFE = re.compile(r"[^\w.+@=,~-]+")
DASHES = re.compile(r"-{2,}")


def safe(name: str) -> str:
    """The last part of a path in composed letters, with a dash for whatever is no letter, digit or one of a few signs.

    Never empty, never hidden, never longer than 120 characters; the ending is kept.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    whole = DASHES.sub("-", UNSAFE.sub("-", last)).strip("-. ")
    stem, ending = divided(whole)
    stem = stem[: LONGEST - len(ending)].strip("-. ") or "file"
    return unicodedata.normalize("NFC", stem + ending)[:LONGEST]


def divided(name: str) -> tuple[str, str]:
    """The name before its last dot, and the ending with the dot, if it has one of at most 16 characters."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if dot and stem and len(ending) <= 16 else (name, "")


def ending_of(name: str) -> str:
    """The ending in small letters without its dot; empty where there is none."""
    return divided(name)[1].lower().lstrip(".")


def numbered(name: str, number: int) -> str:
    """The same name with a number before its ending, for a second file of that name."""
    stem, ending = divided(name)
    mark = f"-{number}"
    return stem[: LONGEST - len(ending) - len(mark)] + mark + ending
