"""Handles: the short name by which a person is called in a text, such as @ines. It is given once, and stays when they are renamed."""

import re
import unicodedata

PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
LONGEST = 40


def wanted(name: str, id: int) -> tuple[str, ...]:
    """What somebody might be called, the shortest first: the first name, the whole name, the whole name with a number."""
    words = _words(name) or ["person", str(id)]
    whole = "-".join(words)[:LONGEST].strip("-")
    return words[0][:LONGEST], whole, f"{whole}-{id}", f"p{id}-{whole}"


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.lower())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"[a-z0-9]+", kept.replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ł", "l"))
