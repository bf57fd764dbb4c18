"""What became of what was said: when it was answered, and whether that was in time, as far as the firm had learned it by then."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from knowledge.feedback.dues import REPLIED
from knowledge.words import CaseStage, Decision, FeedbackKind, FeedbackStatus
from knowledge.year.customers import FOLDER
from knowledge.year.material import Item, Reply
from knowledge.year.wording import Way, fresh

IN_TIME = (0.34, 0.36, 0.31, 0.23, 0.26, 0.21, 0.13, 0.15, 0.08, 0.1)
"""The share that had its answer in time, by months before the last quarter: it rose, and not in every month."""
LATE = 0.45
"""Of the rest, what was answered late; the others were left without a word, with a note of why."""
F, S = FeedbackStatus, CaseStage


@dataclass(frozen=True, slots=True)
class Word:
    """A word between us and a customer: an answer, or with none what they said to one."""

    at: datetime
    text: str = ""
    answer: Reply | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one item: where it stands, the words about it in their order, and why it was closed without any."""

    status: FeedbackStatus = F.CLOSED
    words: Sequence[Word] = ()
    note: str | None = None
    case: CaseStage | None = None
    kept: bool = True


@dataclass
class Fates:
    """Tells of each item in turn; no reply comes twice."""

    now: datetime
    lot: random.Random = field(default_factory=lambda: random.Random("the year's answers"))  # noqa: S311  the same for everybody
    said: set[str] = field(default_factory=set)
    told: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.told = tomllib.loads((FOLDER / "replies.toml").read_text(encoding="utf-8"))

    def of(self, item: Item) -> Fate:
        """What became of it."""
        if item.kind not in REPLIED or item.reply is None:
            return Fate()
        month = min(int((self.now - item.at).days - 92) // 31, len(IN_TIME) - 1)
        timely = self.lot.random() < IN_TIME[max(month, 0)]
        if not timely and self.lot.random() > LATE:
            return self._unanswered(item, month)
        hours = self.lot.uniform(1, 44) if timely else 49 + self.lot.random() ** 3 * 700
        first = Word(item.at + timedelta(hours=hours), answer=item.reply)
        if item.who is None or self.lot.random() > 0.16:
            return self._settled(item, [first])
        return self._replied(item, first)

    def _settled(self, item: Item, words: Sequence[Word]) -> Fate:
        kept = self.lot.random() < 0.93
        if item.kind is not FeedbackKind.COMPLAINT:
            return Fate(F.ANSWERED, words, kept=kept)
        case = self.lot.choices((S.CLOSED, S.DECISION_COMMUNICATED, S.ESCALATED_EXTERNAL), (16, 3, 1))[0]
        status = {S.CLOSED: F.CLOSED, S.DECISION_COMMUNICATED: F.ANSWERED}.get(case, F.IN_PROGRESS)
        return Fate(status, words, case=case, kept=kept)

    def _unanswered(self, item: Item, month: int) -> Fate:
        if month == 0 and self.lot.random() < 0.2:
            case = S.INVESTIGATING if item.kind is FeedbackKind.COMPLAINT else None
            return Fate(F.IN_PROGRESS, case=case)
        if item.kind is FeedbackKind.COMPLAINT:
            late = item.at + timedelta(days=self.lot.uniform(14, 40))
            return self._settled(item, [Word(late, answer=item.reply)])
        return Fate(F.CLOSED, note=next(Way.of(self.lot.choice(self.told["unanswered"])).wordings(self.lot)).words)

    def _replied(self, item: Item, first: Word) -> Fate:
        """They are content, or it is still so; then they are told again, but for a few to whom another word is due."""
        at = first.at + timedelta(hours=self.lot.uniform(3, 190))
        content = self.lot.random() < 0.7
        text = self._wording("content" if content else "still", item.language)
        if not text:
            return self._settled(item, [first])
        words = [first, Word(at, text)]
        if content:
            return self._settled(item, words)
        if (self.now - item.at).days < 125:
            return Fate(F.REOPENED, words, case=S.REOPENED if item.kind is FeedbackKind.COMPLAINT else None)
        heard, _, why = self._drawn("again", item.language).partition(" // ")
        later = at + timedelta(hours=self.lot.uniform(4, 60))
        return self._settled(item, [*words, Word(later, answer=Reply(Decision.DONE, heard, why))])

    def _wording(self, sort: str, language: str) -> str:
        ways = list(self.told[sort][language])
        self.lot.shuffle(ways)
        for way in ways:
            if (found := fresh(Way.of(way).wordings(self.lot), self.said)) is not None:
                return found.words
        return ""

    def _drawn(self, sort: str, language: str) -> str:
        return next(Way.of(self.lot.choice(self.told[sort][language])).wordings(self.lot)).words
