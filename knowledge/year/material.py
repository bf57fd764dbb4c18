"""What is said in the year: by whom, on which day, through which channel, and what was answered; the same whenever it is asked for."""

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from knowledge.words import Channel, Decision, FeedbackKind, QualityAttribute
from knowledge.year.customers import FOLDER, Who
from knowledge.year.wording import Way, Wording, fresh

FIRST, LAST = 364, 92
"""From so many days ago to so many: the quarter after that tells a story of its own, whose figures stay."""

K, C, D = FeedbackKind, Channel, Decision
KINDS = {
    "-": K.DISLIKE,
    "+": K.PRAISE,
    "=": K.LIKE,
    "!": K.COMPLAINT,
    "?": K.QUESTION,
    "~": K.SUGGESTION,
    "*": K.NEW_IDEA,
    "#": K.MISTAKE_REPORT,
}
DECISIONS = {"d": D.DONE, "w": D.WILL_DO, "n": D.WILL_NOT, "i": D.WILL_DO, "o": D.NO_CHANGE_NEEDED}

ON_THEIR_OWN = {
    K.COMPLAINT: {C.COMPLAINT_SYSTEM: 6, C.PHONE: 5, C.EMAIL: 4, C.CUSTOMER_CONTACT: 2, C.OMBUDSMAN: 1},
    K.QUESTION: {C.PHONE: 5, C.EMAIL: 5, C.CUSTOMER_CONTACT: 2, C.SERVICE_TRAINING: 1, C.API_IMPORT: 1},
    K.SUGGESTION: {C.SUGGESTION_BOX: 5, C.COUNCIL: 3, C.FOCUS_GROUP: 2, C.INTERVIEW: 1, C.COMMUNITY_POST: 2},
    K.NEW_IDEA: {C.SUGGESTION_BOX: 2, C.COMMUNITY_POST: 3, C.TEST_MARKETING: 1, C.COUNCIL: 2},
    K.MISTAKE_REPORT: {C.EMAIL: 3, C.API_IMPORT: 2, C.PHONE: 1},
    K.PRAISE: {C.CUSTOMER_SURVEY: 3, C.CUSTOMER_CONTACT: 4, C.FOLLOW_UP: 4, C.COMMUNITY_SURVEY: 2, C.PHONE: 3},
    K.LIKE: {C.CUSTOMER_SURVEY: 5, C.FOLLOW_UP: 3, C.COMMUNITY_SURVEY: 2, C.INTERVIEW: 1, C.QUALITY_GUARANTEE: 1},
    K.DISLIKE: {
        C.CUSTOMER_SURVEY: 6,
        C.FOLLOW_UP: 3,
        C.CONTACT_REPORT: 3,
        C.EMAIL: 3,
        C.PHONE: 3,
        C.INTERVIEW: 2,
        C.COMMUNITY_SURVEY: 2,
        C.FOCUS_GROUP: 1,
        C.QUALITY_GUARANTEE: 1,
        C.TEST_MARKETING: 1,
        C.UNDERCOVER_CUSTOMER: 1,
        C.SERVICE_TRAINING: 1,
    },
}
AMONG_US = {C.CONTACT_REPORT: 4, C.COMMUNITY_SURVEY: 3, C.SUGGESTION_BOX: 2, C.SERVICE_TRAINING: 1, C.EMAIL: 3}
"""By which ways what kind of word comes in, and how often beside the others."""
UNNAMED = (C.SUGGESTION_BOX, C.COMMUNITY_SURVEY, C.OMBUDSMAN)


@dataclass(frozen=True, slots=True)
class Reply:
    """What was decided, what was heard, and why."""

    decision: Decision
    heard: str
    why: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was said."""

    number: int
    theme: str
    kind: FeedbackKind
    language: str
    words: str
    reply: Reply | None
    quality: QualityAttribute | None
    cause: tuple[str, str] | None
    at: datetime
    channel: Channel
    who: Who | None


@dataclass(frozen=True, slots=True)
class _Line:
    language: str
    kind: FeedbackKind
    way: Way
    decision: Decision | None
    heard: str
    why: str

    def reply(self, said: Wording) -> Reply | None:
        if self.decision is None:
            return None
        return Reply(self.decision, said.into(self.heard, self.language), said.into(self.why, self.language))


def themes() -> Sequence[Mapping[str, Any]]:
    """The themes as they are written."""
    files = sorted((FOLDER / "said").glob("*.toml"))
    return [each for file in files for each in tomllib.loads(file.read_text(encoding="utf-8"))["theme"]]


def items(everyone: Sequence[Who], now: datetime) -> Sequence[Item]:
    """All that is said in the year before the last quarter, the first first."""
    found: list[Item] = []
    for theme in themes():
        found += _of_theme(theme, everyone, now)
    found.sort(key=lambda each: (each.at, each.words))
    return [_numbered(each, number) for number, each in enumerate(found, 1)]


def _numbered(item: Item, number: int) -> Item:
    return Item(number, *(getattr(item, name) for name in Item.__slots__[1:]))


def _of_theme(theme: Mapping[str, Any], everyone: Sequence[Who], now: datetime) -> Iterator[Item]:
    lot = random.Random(f"the year's {theme['name']}, {theme.get('inside', False)}")  # noqa: S311  the same for everybody
    days = _days(theme, now.date(), lot)
    said = list(_said(theme, len(days), lot))
    lot.shuffle(said)
    inside, causes = theme.get("inside", False), theme.get("cause", [])
    quality = QualityAttribute[theme["quality"]]
    for day, (line, wording) in zip(days, said, strict=False):
        channel = _drawn(AMONG_US if inside else ON_THEIR_OWN[line.kind], lot)
        unnamed = channel in UNNAMED and line.kind is not K.COMPLAINT and lot.random() < 0.35
        speaker = None if unnamed else _speaker(everyone, line.language, inside, day, lot)
        at = _hour(now - timedelta(days=day), lot)
        cause = tuple(causes[lot.randrange(len(causes))]) if causes and line.kind is K.COMPLAINT else None
        mine = quality if lot.random() < 0.6 else None
        reply = line.reply(wording)
        yield Item(0, theme["name"], line.kind, line.language, wording.words, reply, mine, cause, at, channel, speaker)


def _said(theme: Mapping[str, Any], most: int, lot: random.Random) -> Iterator[tuple[_Line, Wording]]:
    """So many wordings in turns, a complaint of each way once or twice; no sentence comes again."""
    lines = [(line, line.way.wordings(lot)) for line in _lines(theme)]
    said: set[str] = set()
    left = most
    while lines and left:
        still = []
        for line, ways in lines:
            wording = fresh(ways, said) if left else None
            if wording is not None:
                left -= 1
                yield line, wording
                if line.kind is not K.COMPLAINT or lot.random() < 0.1:
                    still.append((line, ways))
        lines = still


def _lines(theme: Mapping[str, Any]) -> Iterator[_Line]:
    for language in ("en", "de", "es"):
        for text in theme.get(language, ()):
            words, _, answer = text.partition(" >> ")
            heard, _, why = answer[2:].partition(" // ")
            decision = DECISIONS[answer[0]] if answer else None
            yield _Line(language, KINDS[words[0]], Way.of(words[2:]), decision, heard, why)


def _days(theme: Mapping[str, Any], today: date, lot: random.Random) -> list[int]:
    """How many days ago each is said: spread over the months in which it is spoken of, less on Sundays."""
    months, rest = theme.get("months", {}), theme.get("rest", 1)
    span = range(FIRST, LAST - 1, -1)
    dates = [today - timedelta(days=each) for each in span]
    weights = [months.get(str(day.month), rest) * (0.3 if day.weekday() == 6 else 1.0) for day in dates]
    most = min(theme["often"], 3 * sum(each > 0 for each in weights))
    return sorted(lot.choices(span, weights, k=most), reverse=True) if most else []


def _drawn(weights: Mapping[Channel, int], lot: random.Random) -> Channel:
    return lot.choices(list(weights), list(weights.values()))[0]


def _speaker(everyone: Sequence[Who], language: str, inside: bool, day: int, lot: random.Random) -> Who | None:
    """Somebody who was a customer on that day; some speak more often than others."""
    there = [
        each
        for each in everyone
        if each.inside is inside and each.language == language and each.life.bought
        if each.life.bought[0][0] > day > each.life.left
    ]
    return there[int(len(there) * lot.random() ** 1.15)] if there else None


def _hour(day: datetime, lot: random.Random) -> datetime:
    hour = lot.choices(range(6, 23), (2, 5, 9, 10, 8, 6, 4, 6, 9, 8, 7, 5, 4, 4, 3, 2, 1))[0]
    return day.replace(hour=hour, minute=lot.randrange(60), second=0, microsecond=0)
