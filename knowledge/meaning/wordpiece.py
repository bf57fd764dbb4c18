"""Cuts text into the pieces of words that a model of the BERT family knows, without capitals and accents.

The steps are those of Google's `tokenization.py` (Devlin and others, 2018) as Hugging Face's `tokenizers` takes them.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

LONGEST = 100
"""Characters of a word; a longer one is unknown."""
REMEMBERED = 1 << 16

_IDEOGRAPHS = re.compile(
    "([\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f"
    "\U0002b920-\U0002ceaf\uf900-\ufaff\U0002f800-\U0002fa1f])"
)
_ASCII = re.compile(r"[0-9a-z]+|[!-~]")


class WordPiece:
    """The pieces of one vocabulary, in the order of their numbers."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._ids = {piece: id for id, piece in enumerate(pieces)}
        self._longest = max(map(len, pieces))
        self._known: dict[str, tuple[int, ...]] = {}
        self.unknown, self.begin, self.end = (self._ids[name] for name in ("[UNK]", "[CLS]", "[SEP]"))

    def ids(self, text: str) -> list[int]:
        """The numbers of a text's pieces, without those that begin and end a sequence."""
        return [id for word in words(text) for id in self._cut(word)]

    def _cut(self, word: str) -> tuple[int, ...]:
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[word] = tuple(self._pieces(word)) if len(word) <= LONGEST else (self.unknown,)
        return found

    def _pieces(self, word: str) -> list[int]:
        """The longest piece that the word begins with, then the longest that goes on there; unknown where none does."""
        found: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                if (id := self._ids.get(mark + word[start:end])) is not None:
                    found.append(id)
                    start = end
                    break
            else:
                return [self.unknown]
        return found


def words(text: str) -> Iterator[str]:
    """The words of a text in small letters without accents; punctuation and ideographs are words of one character."""
    cleaned = text if text.isascii() and text.isprintable() else "".join(map(_clean, text))
    if cleaned.isascii():
        yield from _ASCII.findall(cleaned.lower())
        return
    spread = unicodedata.normalize("NFD", _IDEOGRAPHS.sub(r" \1 ", cleaned))
    # Letter by letter, so that a sigma at the end of a word is like any other.
    plain = "".join(each.lower() for each in spread if unicodedata.category(each) != "Mn")
    for part in plain.split():
        yield from _split(part)


def _split(part: str) -> Iterator[str]:
    start = 0
    for place, character in enumerate(part):
        if _is_punctuation(character):
            if start < place:
                yield part[start:place]
            yield character
            start = place + 1
    if start < len(part):
        yield part[start:]


def _clean(character: str) -> str:
    if character in "\t\n\r":
        return " "
    if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Co"):
        return ""
    return " " if character.isspace() else character


def _is_punctuation(character: str) -> bool:
    if character.isascii():
        return not character.isalnum()
    return unicodedata.category(character).startswith("P")
