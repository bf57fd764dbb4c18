"""Why an entry was found, for whoever asks: its words and where they stand, and what is known of it, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge.entries import EntryRow, tags
from knowledge.search.documents import texts_of
from knowledge.search.highlights import places
from knowledge.search.index import Why, WordShare
from knowledge.words import Rarity, Signal


@dataclass(frozen=True, slots=True)
class WordReason:
    """One word of the query that an entry has, or what it says instead; where, and what that adds."""

    word: str
    alike: str | None
    where: tuple[str, ...]
    rarity: Rarity
    adds: float


@dataclass(frozen=True, slots=True)
class SignalReason:
    """Something known of an entry that multiplies what its words come to; `signal` is None for its title."""

    signal: Signal | None
    factor: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a score is made of: the words' sum times all factors, and meaning and place where meaning took part."""

    score: float
    words: tuple[WordReason, ...]
    signals: tuple[SignalReason, ...]
    meaning: float
    place: float


def explained(entry: EntryRow, why: Why) -> Explanation:
    """The reasons as they may be told: words in the order of what they add."""
    texts = {**texts_of(entry), "tags": "\n".join(_labels(entry))}
    found = places([share.alike or share.word for share in why.words], entry.language, texts)
    words = sorted(why.words, key=lambda share: -share.adds)
    return Explanation(
        score=why.score,
        words=tuple(_word(share, found) for share in words),
        signals=tuple(SignalReason(signal, factor, _sentence(entry, signal)) for signal, factor in why.factors),
        meaning=why.meaning,
        place=why.place,
    )


def _labels(entry: EntryRow) -> list[str]:
    return [name for tag in tags.of_entry(entry) for name in (tag.name, *tags.synonyms_of(tag))]


def _word(share: WordShare, found: Mapping[str, tuple[str, ...]]) -> WordReason:
    where = found.get(share.alike or share.word, ())
    return WordReason(share.word, share.alike or None, where, share.rarity, share.adds)


def _sentence(entry: EntryRow, signal: Signal | None) -> str:
    until = _day(entry.verified_until)
    match signal:
        case Signal.VERIFIED:
            return f"Verified until {until}: a little up." if until else "Verified: a little up."
        case Signal.PROVEN:
            return "Most of those who tried it say that it helped: a little up."
        case Signal.EXPIRED:
            return (
                f"Verified until {until}, and not since: a little down."
                if until
                else "Not verified lately: a little down."
            )
        case Signal.CONTESTED:
            return "Somebody doubts it: a little down."
        case Signal.OBSOLETE:
            return "Something else took its place: down."
    return "Its title is what you asked for, so nothing beside the text moves it down."


def _day(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else ""
