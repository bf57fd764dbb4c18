"""A survey's scores: each question's figure in each wave, what changed since the wave before, and who answered at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlmodel import Session

from knowledge import estimates
from knowledge.database import table_of
from knowledge.estimates import SUPPRESSED, Estimate
from knowledge.scores import counting, hiding, tallies
from knowledge.scores.counting import Cells, Spot
from knowledge.scores.tallies import SCALES, Tally
from knowledge.surveys import reading
from knowledge.surveys.reading import QuestionRow, SurveyRow, WaveRow
from knowledge.surveys.survey import Survey, Wave
from knowledge.words import (
    Anonymity,
    Basis,
    InvitationKind,
    ScoreCut,
    Stage,
    SurveyAudience,
    SurveyMetric,
)

MOST = 24
"""So many waves of a survey are looked at, the latest."""

_BASES = {
    InvitationKind.RANDOM: Basis.RANDOM,
    InvitationKind.CENSUS: Basis.CENSUS,
    InvitationKind.EVENT: Basis.CENSUS,
    InvitationKind.SELF: Basis.SELF_SELECTED,
}
"""Who is asked after something happened is asked because of that, as all to whom it happened are."""

_s, _w = table_of(Survey).c, table_of(Wave).c
_CHOICES = (SurveyMetric.SINGLE, SurveyMetric.MULTI)


@dataclass(frozen=True)
class Part:
    """The share of those who answered that gave one answer, or took one choice."""

    label: str
    share: Estimate
    answer: int | None = None


@dataclass(frozen=True)
class Cell:
    """The score of those in one cell of a cut."""

    by: ScoreCut
    key: Any
    name: str
    uid: UUID | None
    score: Estimate
    share: Estimate | None


@dataclass(frozen=True)
class WaveTold:
    """A wave with how many were asked and how many answered."""

    row: WaveRow
    waits: bool
    response: Estimate
    basis: Basis
    population: int | None
    silent: bool


@dataclass(frozen=True)
class Figure:
    """What one question came to in one wave. `score` is null where it has none of its own, and hidden where it would tell of too few."""

    board: "Board"
    question: QuestionRow
    wave: WaveTold
    tally: Tally
    is_told: bool
    before: "Figure | None" = field(default=None, repr=False)

    @cached_property
    def score(self) -> Estimate:
        """The score of the question's metric; of choices and texts how many answered, and nothing else."""
        if not self.is_told:
            return SUPPRESSED
        if self.question.metric in SCALES:
            return tallies.score(self.question.metric, self.tally)
        return self.tally.warned(estimates.count(self.board.answered(self), basis=self.tally.basis))

    @cached_property
    def share(self) -> Estimate | None:
        """The share of the upper answers beside a mean."""
        metric = self.question.metric
        if not tallies.has_share_beside(metric):
            return None
        return tallies.share(metric, self.tally) if self.is_told else SUPPRESSED

    @cached_property
    def change(self) -> Estimate | None:
        """What changed since the wave before; None where there is none, or one of them is hidden."""
        if self.before is None or not (self.is_told and self.before.is_told) or self.question.metric not in SCALES:
            return None
        if not (self.tally.n and self.before.tally.n):
            return None
        return tallies.change(self.question.metric, self.before.tally, self.tally)

    @property
    def change_words(self) -> str | None:
        """What the change lets one say."""
        return None if self.change is None else estimates.change_words(self.change)

    @cached_property
    def bound(self) -> Estimate | None:
        """Between which ends the share of all lies, whatever those would have said who kept silent."""
        if not self.is_told or self.question.metric not in SCALES:
            return None
        return tallies.bound(self.question.metric, self.tally)

    def parts(self) -> Sequence[Part]:
        """The share of each answer on the scale, or of each choice; nothing where it is hidden."""
        n = self.board.answered(self)
        if not self.is_told or not n:
            return []
        if self.question.metric in _CHOICES:
            taken = self.board.unscored.taken.get((self.question.id, self.wave.row.id), {})
            options = reading.options_of(self.question)
            return [Part(each.label, tallies.part(self.tally, taken.get(each.id, 0), n)) for each in options]
        if self.question.metric not in SCALES:
            return []
        scale = SCALES[self.question.metric]
        return [
            Part(_answer(self.question.metric, each), tallies.part(self.tally, self.tally.between(each, each), n), each)
            for each in range(scale.low, scale.high + 1)
        ]

    def cells(self, by: ScoreCut) -> Sequence[Cell]:
        """The same for each cell of a cut, the largest first; what would tell of too few is hidden, and of its size nothing is said."""
        return self.board.cells(self, by)


def _answer(metric: SurveyMetric, answer: int) -> str:
    return ("no", "yes")[answer] if metric is SurveyMetric.BOOL else str(answer)


@dataclass(frozen=True)
class Question:
    """One question with its figures."""

    board: "Board"
    question: QuestionRow

    @cached_property
    def _figures(self) -> Sequence[Figure]:
        return self.board.trend(self.question)

    def trend(self) -> Sequence[Figure]:
        """Its figures, the first wave first."""
        return self._figures

    def latest(self) -> Figure | None:
        """Its latest figure that is told and has an answer."""
        told = (each for each in reversed(self._figures) if each.is_told and self.board.answered(each))
        return next(told, None)


@dataclass
class Unscored:
    """The questions of choices and in words of all surveys of a list: how they were answered is read for all when one is asked for."""

    session: Session
    questions: Sequence[QuestionRow]

    @cached_property
    def taken(self) -> Mapping[Spot, Mapping[int, int]]:
        """How many took each choice, and under the key 0 how many answered at all."""
        asked = [each.id for each in self.questions if each.metric not in SCALES]
        return counting.choices(self.session, asked) if asked else {}


@dataclass
class Board:
    """The scores of one survey."""

    session: Session
    survey: SurveyRow
    waves: Sequence[WaveTold]
    questions: Sequence[QuestionRow]
    counts: Mapping[Spot, Mapping[int, int]]
    unscored: "Unscored"

    @property
    def home(self) -> ScoreCut:
        """By what its answers are told apart first: of colleagues by their group, of customers by the rung they stood on."""
        return ScoreCut.GROUP if self.survey.audience is SurveyAudience.INTERNAL else ScoreCut.STAGE

    @property
    def cuts(self) -> Sequence[ScoreCut]:
        """By what its answers can be told apart, one at a time."""
        if self.survey.anonymity is Anonymity.ANONYMOUS:
            return [self.home]
        if self.survey.anonymity is Anonymity.CONFIDENTIAL:
            return [self.home, ScoreCut.SEGMENT]
        return [self.home, *(each for each in ScoreCut if each is not self.home)]

    @cached_property
    def _trends(self) -> Sequence[Question]:
        return [Question(self, each) for each in self.questions]

    def trends(self) -> Sequence[Question]:
        """Its questions in their order, each with its figures."""
        return self._trends

    def answered(self, figure: Figure) -> int:
        """How many answered a question in a wave."""
        if figure.question.metric not in SCALES:
            return self.unscored.taken.get((figure.question.id, figure.wave.row.id), {}).get(0, 0)
        return figure.tally.n

    def trend(self, question: QuestionRow) -> Sequence[Figure]:
        """A question's figures, the first wave first; a change is from the latest wave before whose figure is told."""
        found: list[Figure] = []
        before: Figure | None = None
        for wave in self.waves:
            tally = self._tally(question, wave, self.counts.get((question.id, wave.row.id), {}))
            figure = Figure(self, question, wave, tally, False)
            figure = replace(figure, is_told=self._is_told(wave, self.answered(figure)), before=before)
            before = figure if figure.is_told and figure.tally.n else before
            found.append(figure)
        return found

    def _tally(self, question: QuestionRow, wave: WaveTold, counts: Mapping[int, int]) -> Tally:
        return Tally(counts, wave.basis, wave.population, wave.silent)

    def _is_told(self, wave: WaveTold, n: int) -> bool:
        if n == 0 and not hiding.is_protected(self.survey):
            return True  # nobody answered, which is no secret
        return n >= hiding.least(self.survey) and not wave.waits

    def cells(self, figure: Figure, by: ScoreCut) -> Sequence[Cell]:
        """The scores of one figure by cell."""
        if by not in self.cuts or not figure.is_told or figure.question.metric not in SCALES:
            return []
        here = self._cut(by).get((figure.question.id, figure.wave.row.id), Cells())
        told = self._told_by(figure, here, by)
        metric = figure.question.metric
        shared = tallies.has_share_beside(metric)
        found = []
        for key, counts in sorted(here.counts.items(), key=lambda each: -sum(each[1].values())):
            tally = replace(figure.tally, counts=counts, population=None)
            name, uid = self._names[by].get(key, (str(key), None))
            score, share = SUPPRESSED, SUPPRESSED if shared else None
            if key in told:
                score, share = tallies.score(metric, tally), tallies.share(metric, tally) if shared else None
            found.append(Cell(by, key, name, uid, score, share))
        return sorted(
            found, key=lambda each: (each.score.suppressed, _order(each.key) if by is ScoreCut.STAGE else each.name)
        )

    def _told_by(self, figure: Figure, here: Cells, by: ScoreCut) -> frozenset[Any]:
        sizes = {key: sum(counts.values()) for key, counts in here.counts.items()}
        if by is not ScoreCut.SEGMENT:
            return hiding.told(self.survey, sizes, unassigned=here.unassigned)
        if not hiding.is_protected(self.survey):
            return hiding.told(self.survey, sizes)
        home = self._cut(self.home).get((figure.question.id, figure.wave.row.id), Cells())
        return hiding.crossing(self.survey, here.atoms, self._told_by(figure, home, self.home))

    def _cut(self, by: ScoreCut) -> Mapping[Spot, Cells]:
        known = self.__dict__.setdefault("_cuts", {})
        if by not in known:
            id = self.survey.id
            known[by] = (
                counting.segments(self.session, id, self.home, all_or_none=hiding.is_protected(self.survey))
                if by is ScoreCut.SEGMENT
                else counting.cells(self.session, id, by)
            )
        found: Mapping[Spot, Cells] = known[by]
        return found

    @cached_property
    def _names(self) -> "_Names":
        return _Names(self)


class _Names(dict[ScoreCut, Mapping[Any, tuple[str, Any]]]):
    """What the cells of a cut are called; read when it is asked for."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def __missing__(self, by: ScoreCut) -> Mapping[Any, tuple[str, Any]]:
        keys = {key for each in self.board._cut(by).values() for key in each.counts}
        if by is ScoreCut.STAGE:
            found: Mapping[Any, tuple[str, Any]] = {key: (str(key), None) for key in keys}
        else:
            found = counting.names(self.board.session, by, keys)
        self[by] = found
        return found


def _order(stage: Any) -> int:
    return list(Stage).index(stage)
