"""The scores of the surveys that were asked: read for all of them at once, and set inside beside outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock, estimates
from knowledge.database import neighbours, read, table_of
from knowledge.estimates import SUPPRESSED, Estimate
from knowledge.people import Act, Viewer
from knowledge.scores import counting, hiding, tallies
from knowledge.scores.boards import Board, Question, Unscored, WaveTold
from knowledge.scores.tallies import SCALES
from knowledge.surveys import reading
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.survey import Survey, Wave
from knowledge.words import Basis, InvitationKind, SurveyAudience, SurveyMetric, SurveyPurpose

MOST = 24
"""So many waves of a survey are looked at, the latest."""

SHOWN = 12
"""So many surveys are shown at once, those that were asked last."""

BASES = {
    InvitationKind.RANDOM: Basis.RANDOM,
    InvitationKind.CENSUS: Basis.CENSUS,
    InvitationKind.EVENT: Basis.CENSUS,
    InvitationKind.SELF: Basis.SELF_SELECTED,
}
"""Who is asked after something happened is asked because of that, as all to whom it happened are."""

_s, _w = table_of(Survey).c, table_of(Wave).c


@dataclass(frozen=True)
class Pair:
    """One question that is asked inside the company and outside."""

    key: str
    inside: Question
    outside: Question

    @cached_property
    def difference(self) -> Estimate | None:
        """Inside less outside, where both are told on the same scale."""
        inside, outside = self.inside.latest(), self.outside.latest()
        if inside is None or outside is None or inside.question.metric is not outside.question.metric:
            return None
        return tallies.change(inside.question.metric, outside.tally, inside.tally)

    @property
    def wording(self) -> str | None:
        """What the difference lets one say."""
        found = self.difference
        if found is None or found.low is None or found.high is None:
            return None
        if found.low > 0:
            return "higher inside"
        return "higher outside" if found.high < 0 else "no evidence of a difference"


@dataclass(frozen=True)
class Along:
    """What colleagues say of trust, and customers of recommending us: two trends beside one another, and nothing concluded from them."""

    trust: Question
    loyalty: Question


@dataclass(frozen=True)
class Overview:
    """The surveys that were asked, the latest first, and what they ask inside and outside alike."""

    surveys: Sequence[Board]

    def pairs(self) -> Sequence[Pair]:
        """Questions of the same key, each from the survey that asked it last on either side."""
        sides: dict[SurveyAudience, dict[str, Question]] = {each: {} for each in SurveyAudience}
        for board in self.surveys:
            for each in board.trends():
                if each.question.key and each.question.metric in SCALES:
                    sides[board.survey.audience].setdefault(each.question.key, each)
        inside, outside = sides[SurveyAudience.INTERNAL], sides[SurveyAudience.EXTERNAL]
        return [Pair(key, each, outside[key]) for key, each in inside.items() if key in outside]

    def along(self) -> Along | None:
        """The trust of colleagues along with the loyalty of customers, where both were asked; the question named trust comes first."""
        pulse = self._asked(SurveyAudience.INTERNAL, SurveyMetric.DEGREE_1_7)
        trust = next((each for each in pulse if each.question.key == "trust"), next(iter(pulse), None))
        loyalty = next(iter(self._asked(SurveyAudience.EXTERNAL, SurveyMetric.RECOMMENDATION_0_10)), None)
        return Along(trust, loyalty) if trust and loyalty else None

    def _asked(self, audience: SurveyAudience, metric: SurveyMetric) -> Sequence[Question]:
        mine = (board for board in self.surveys if board.survey.audience is audience)
        return [each for board in mine for each in board.trends() if each.question.metric is metric and each.latest()]


def _boards(session: Session, rows: list[SurveyRow]) -> Mapping[int, Board]:
    """The boards of all surveys of a list, in one statement for each kind of thing."""
    counts = counting.answers(session, [row.id for row in rows])
    questions = {row.id: reading.questions_of(row) for row in rows}
    waves = {row.id: [each for each in reading.waves_of(row) if clock.has_come(each.opens_at)][-MOST:] for row in rows}
    answered = counting.responses(session, [wave.id for each in waves.values() for wave in each])
    unscored = Unscored(session, [each for mine in questions.values() for each in mine])
    return {
        row.id: Board(
            session,
            row,
            [_wave(row, wave, answered.get(wave.id, 0)) for wave in waves[row.id]],
            questions[row.id],
            counts,
            unscored,
        )
        for row in rows
    }


def _wave(survey: SurveyRow, wave: WaveRow, answered: int) -> WaveTold:
    invited, _ = reading.asked_in(wave)
    known = wave.kind is not InvitationKind.SELF and 0 < answered <= invited
    response = estimates.response_rate(answered, invited) if invited and (known or not answered) else estimates.count(0)
    waits = hiding.waits(survey, wave)
    hidden = waits or (hiding.is_protected(survey) and answered < hiding.least(survey))
    return WaveTold(
        wave,
        waits,
        SUPPRESSED if hidden else response,
        BASES[wave.kind],
        wave.population or survey.population or (invited if known and wave.kind is InvitationKind.CENSUS else None),
        known and bool(estimates.response_caveats(answered, invited)),
    )


def board_of(survey: SurveyRow) -> Board:
    """The scores of a survey that its reader may know of; read for the whole list at once."""
    return neighbours(survey, _boards)


def newest(session: Session, viewer: Viewer, *, audience: SurveyAudience | None = None, most: int = SHOWN) -> Overview:
    """The surveys that were asked, the latest first; for colleagues. What only looks into one theme is not among them."""
    if not viewer.may(Act.FEEDBACK_READ):
        return Overview([])
    asked = (
        select(func.max(_w.opens_at)).where(_w.survey_id == _s.id, _w.opens_at < clock.minute_over()).scalar_subquery()
    )
    wanted = reading.surveys().where(_s.purpose != SurveyPurpose.VERIFICATION, asked.is_not(None))
    if audience is not None:
        wanted = wanted.where(_s.audience == audience)
    rows = read(session, SurveyRow, wanted.order_by(asked.desc(), _s.id.desc()).limit(most))
    return Overview([board_of(row) for row in rows])


def of_survey(session: Session, viewer: Viewer, uid: UUID) -> Board | None:
    """The scores of one survey, or None for whoever may not know of it."""
    row = reading.by_uid(session, viewer, uid)
    return None if row is None else board_of(row)
