"""Counts the statements, the CPU and the weight of the pages that show statistics, over very much feedback and very many answers.

    python -m tests.bench.figures [FEEDBACK] [ANSWERS]

Rows are made by a seed and written straight into the tables. Each figure is the least of three rounds after one that warms up,
in seconds of CPU, because other programs share the machine.
"""

import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from sqlalchemy import event, insert, select
from sqlmodel import Session
from starlette.datastructures import QueryParams

from frontend import render
from frontend.asking import document
from frontend.forms import Typed
from frontend.render import Site
from knowledge import clock, migrations
from knowledge.customers import Customer, interactions, segments, touchpoints
from knowledge.customers.interactions import Interaction
from knowledge.customers.segments import Segment, SegmentMembership
from knowledge.database import Database, Page, Table, table_of
from knowledge.feedback import themes, voices
from knowledge.feedback.items import Feedback
from knowledge.feedback.themes import FeedbackTheme, Theme
from knowledge.ladder.watching import Ladder, Period
from knowledge.loop.closure import closure
from knowledge.people import FunctionalGroup, Viewer
from knowledge.scores import overview, satisfied
from knowledge.search.embedded import EmbeddedIndex
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyQuestion, Wave
from knowledge.words import (
    Anonymity,
    Channel,
    FeedbackKind,
    FeedbackStatus,
    GroupKind,
    InvitationKind,
    Role,
    ScoreCut,
    Stage,
    StageSource,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
    SurveyState,
)
from schema import execution
from schema.context import Context
from schema.limits import Limits
from schema.nodes import id_of

LOT = random.Random(6)
ROUNDS = 3
CUSTOMERS, TOUCHED, THEMES, SEGMENTS = 10_000, 20_000, 40, 8
STAGES = (Stage.INACTIVE, Stage.FIRST_TIME, Stage.REPEAT, Stage.CLIENT, Stage.ADVOCATE)
STAFF = Viewer(id=None, name="Eva", role=Role.LEADER)
Values = Mapping[str, Any]

NAMED = (SurveyMetric.RECOMMENDATION_0_10, SurveyMetric.CSAT_1_5, SurveyMetric.CES_1_7)
PULSE = (SurveyMetric.DEGREE_1_7,) * 4
KINDS = (
    ("How are we doing?", SurveyAudience.EXTERNAL, SurveyPurpose.RELATIONAL, Anonymity.IDENTIFIED, NAMED, 0.72),
    ("In confidence", SurveyAudience.EXTERNAL, SurveyPurpose.RELATIONAL, Anonymity.CONFIDENTIAL, NAMED[:2], 0.16),
    ("Trust and appreciation", SurveyAudience.INTERNAL, SurveyPurpose.PULSE, Anonymity.ANONYMOUS, PULSE, 0.12),
)
WAVES = 12
HIGHEST = {"RECOMMENDATION_0_10": 10, "CSAT_1_5": 5, "CES_1_7": 7, "DEGREE_1_7": 7}


def fill(session: Session, feedback: int, answers: int) -> None:
    """A company of ten thousand customers that has been heard for two years."""
    now = clock.now()
    _put(
        session,
        Customer,
        (
            {
                "name": f"Café {n}",
                "stage": LOT.choice(STAGES),
                "stage_source": StageSource.MANUAL,
                "created_at": now,
                "updated_at": now,
            }
            for n in range(CUSTOMERS)
        ),
    )
    _put(session, FunctionalGroup, ({"name": f"Group {n}", "kind": GroupKind.SERVICE} for n in range(8)))
    _put(
        session,
        Theme,
        ({"name": f"Theme {n}", "key": f"theme {n}", "created_at": now, "updated_at": now} for n in range(THEMES)),
    )
    _put(session, Segment, ({"name": f"Segment {n}", "created_at": now, "updated_at": now} for n in range(SEGMENTS)))
    long_ago = now - timedelta(days=900)
    _put(
        session,
        SegmentMembership,
        (
            {"segment_id": LOT.randint(1, SEGMENTS), "customer_id": n, "since": long_ago, "until": None}
            for n in range(1, CUSTOMERS + 1)
            for _ in range(2)
        ),
    )
    touchpoints.install(session)
    session.flush()
    _put(
        session,
        Interaction,
        (
            {
                "customer_id": LOT.randint(1, CUSTOMERS),
                "touchpoint_id": LOT.randint(1, 13),
                "at": _ago(700),
                "positive": LOT.random() < 0.7,
                "created_at": now,
            }
            for _ in range(TOUCHED)
        ),
    )
    _put(session, Feedback, (_said(n) for n in range(feedback)))
    _put(
        session,
        FeedbackTheme,
        (
            {"feedback_id": n, "theme_id": min(THEMES, 1 + int(LOT.expovariate(0.15))), "at": now}
            for n in range(1, feedback + 1)
            if n % 3
        ),
    )
    for kind in KINDS:
        _ask(session, kind, answers)


def _put(session: Session, table: type[Table], rows: Iterator[Values]) -> None:
    session.connection().execute(insert(table), list(rows))


def _ago(days: int) -> Any:
    return clock.now() - timedelta(minutes=LOT.randint(1, days * 1440))


def _said(n: int) -> Values:
    kind = LOT.choice((FeedbackKind.COMPLAINT, FeedbackKind.SUGGESTION, FeedbackKind.PRAISE, FeedbackKind.LIKE))
    at = _ago(730)
    return {
        "verbatim": f"The valve of machine {n} leaks again.",
        "channel": LOT.choice((Channel.PHONE, Channel.EMAIL)),
        "kind": kind,
        "status": LOT.choice((FeedbackStatus.NEW, FeedbackStatus.CLOSED)),
        "customer_id": LOT.randint(1, CUSTOMERS),
        "received_at": at,
        "closing_note": "Told on the telephone.",
        "updated_at": at,
    }


def _ask(session: Session, kind: Any, answers: int) -> None:
    title, audience, purpose, anonymity, metrics, part = kind
    now = clock.now()
    survey = Survey(
        title=title,
        audience=audience,
        purpose=purpose,
        anonymity=anonymity,
        state=SurveyState.OPEN,
        created_at=now,
        updated_at=now,
    )
    session.add(survey)
    session.flush()
    questions = [
        SurveyQuestion(
            survey_id=survey.id or 0, position=n, metric=metric, text=f"{title} {n}?", key=f"{title} {n}"[:40]
        )
        for n, metric in enumerate(metrics, 1)
    ]
    waves = [
        Wave(
            survey_id=survey.id or 0,
            number=n,
            kind=InvitationKind.CENSUS,
            opens_at=now - timedelta(days=730 - n * 60),
            closes_at=now - timedelta(days=700 - n * 60),
            created_at=now,
        )
        for n in range(1, WAVES + 1)
    ]
    session.add_all([*questions, *waves])
    session.flush()
    each = int(answers * part) // (WAVES * len(metrics))
    for wave in waves:
        _answer(session, wave, questions, each, anonymity)


def _answer(session: Session, wave: Wave, questions: Sequence[SurveyQuestion], many: int, anonymity: Anonymity) -> None:
    who = LOT.sample(range(1, CUSTOMERS + 1), min(many * 2, CUSTOMERS))
    named = anonymity is not Anonymity.ANONYMOUS
    at = wave.opens_at + timedelta(days=2)
    _put(
        session,
        SurveyResponse,
        (
            {
                "wave_id": wave.id,
                "customer_id": who[n] if named else None,
                "group_id": LOT.randint(1, 8),
                "stage": LOT.choice(STAGES),
                "answered_at": at,
                "changed_at": at,
            }
            for n in range(many)
        ),
    )
    _put(
        session,
        Invitation,
        (
            {"wave_id": wave.id, "customer_id": each, "kind": wave.kind, "answered": n < many, "created_at": at}
            for n, each in enumerate(who)
        ),
    )
    mine = table_of(SurveyResponse).c
    responses = list(session.connection().execute(select(mine.id).where(mine.wave_id == wave.id)).scalars())
    _put(
        session,
        SurveyAnswer,
        (
            {
                "response_id": response,
                "question_id": question.id,
                "number": min(HIGHEST[question.metric], max(1, round(LOT.gauss(0.7, 0.2) * HIGHEST[question.metric]))),
            }
            for response in responses
            for question in questions
        ),
    )


def least(work: Callable[[], object]) -> float:
    """The least CPU of a few rounds, in milliseconds."""
    work()
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return 1000 * min(spent)


def pages(database: Database, index: EmbeddedIndex) -> Iterator[tuple[str, int, float, float]]:
    """Each page with its statements, the CPU of asking and rendering it, and its weight in kilobytes, packed."""
    with database.reading() as session:
        mine = table_of(Survey).c
        uids = list(session.connection().execute(select(mine.uid).order_by(mine.id)).scalars())
    first, second, third = (id_of("Survey", uid) for uid in uids)
    all_: tuple[tuple[str, str, Values], ...] = (
        ("/scores", "scores/scores", {"audience": None}),
        ("/scores/{id}", "scores/one", {"id": first, "by": "STAGE", "cut": False}),
        ("/scores/{id}?by=stage", "scores/one", {"id": first, "by": "STAGE", "cut": True}),
        ("/scores/{id}?by=segment", "scores/one", {"id": first, "by": "SEGMENT", "cut": True}),
        ("/scores/{id}?by=segment, in confidence", "scores/one", {"id": second, "by": "SEGMENT", "cut": True}),
        ("/scores/{id}?by=group, anonymous", "scores/one", {"id": third, "by": "GROUP", "cut": True}),
        ("/scores/{id}.csv", "scores/table", {"id": first}),
        ("/voices/loyalty", "scores/loyalty", {"question": None}),
        ("/", "home/home", {}),
    )
    for address, name, variables in all_:
        sent: list[str] = []
        heard = lambda *rest, sent=sent: sent.append(rest[2])  # noqa: E731
        event.listen(database.reader, "before_cursor_execute", heard)
        page = _page(database, index, address, name, variables)
        event.remove(database.reader, "before_cursor_execute", heard)
        asked = [each for each in sent if each.lstrip().upper().startswith(("SELECT", "WITH"))]
        spent = least(lambda a=address, n=name, v=variables: _page(database, index, a, n, v))  # type: ignore[misc]
        yield address, len(asked), spent, len(gzip.compress(page.encode())) / 1000


def _page(database: Database, index: EmbeddedIndex, address: str, name: str, variables: Values) -> str:
    limits = Limits(cost=100_000)
    operation = execution.prepare(document(name), variables=variables, viewer=STAFF, limits=limits, trusted=True)
    with database.reading() as session:
        answer = execution.run(operation, Context(session, STAFF, index, "bench"), dict(variables))
    assert answer.data is not None, answer.errors
    return render.page(
        Site(),
        f"{name}.{'csv' if address.endswith('csv') else 'html'}",
        {**SURROUNDINGS, "asked": QueryParams(urlsplit(address).query.split(",")[0]), **answer.data},
    )


SURROUNDINGS: Values = {
    "path": "/",
    "here": "/",
    "asked": QueryParams(""),
    "theme": "",
    "turned": lambda **_: "",
    "toggled": lambda *_: "",
    "form": Typed(),
    "writes": True,
    "takes_part": True,
    "opens": lambda _: True,
    "place": "",
    "places": [],
    "title": "",
    "base": "",
}


def statistics(database: Database) -> Iterator[tuple[str, float]]:
    """Each statistic of the pages by itself."""

    def within(work: Callable[[Session], object]) -> float:
        def once() -> object:
            with database.reading() as session:
                return work(session)

        return least(once)

    def cut(by: ScoreCut) -> Callable[[Session], object]:
        def work(session: Session) -> object:
            board = overview.newest(session, STAFF).surveys[-1]
            began = time.process_time()
            for question in board.trends():
                question.trend()[-1].cells(by)
            return time.process_time() - began

        return work

    def apart_from_trends(by: ScoreCut) -> float:
        with database.reading() as session:
            return 1000 * min(cast(float, cut(by)(session)) for _ in range(ROUNDS))

    yield (
        "all trends of three surveys with their changes",
        within(
            lambda session: [
                figure.change
                for board in overview.newest(session, STAFF).surveys
                for each in board.trends()
                for figure in each.trend()
                if figure.score
            ]
        ),
    )
    yield "all waves of a survey by stage", apart_from_trends(ScoreCut.STAGE)
    yield "the same by segment", apart_from_trends(ScoreCut.SEGMENT)
    yield (
        "who speaks of each theme, two years",
        within(
            lambda session: voices.summed(
                session, themes.spoken(STAFF, voices.lately(730)), "theme_id", heard=CUSTOMERS
            )
        ),
    )
    yield "satisfaction against loyalty", within(lambda session: satisfied.grid(session, STAFF))
    yield (
        "positive connections of all touchpoints",
        within(
            lambda session: [interactions.positive_at(each, STAFF) for each in touchpoints.all_of_them(session, STAFF)]
        ),
    )
    yield (
        "conversions of the ladder, a year",
        within(lambda session: Ladder(session, STAFF, Period.to(None, 365)).conversions()),
    )
    yield "loop closure, 90 days", within(lambda session: closure(session, STAFF))
    yield (
        "sizes of all segments",
        within(
            lambda session: [segments.size_of(each) for each in segments.listing(session, STAFF, Page(first=100)).rows]
        ),
    )


def main(feedback: int = 100_000, answers: int = 50_000) -> None:
    """Print two tables in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'loyalty.db'}")
        migrations.upgrade(database)
        database.write(lambda session: fill(session, feedback, answers))
        index = EmbeddedIndex(Path(folder) / "index")
        print("| statistic | CPU |\n|---|---|")  # noqa: T201
        for name, spent in statistics(database):
            print(f"| {name} | {spent:.0f} ms |", flush=True)  # noqa: T201
        print("\n| page | statements | CPU | packed |\n|---|---|---|---|")  # noqa: T201
        for address, sent, spent, size in pages(database, index):
            print(f"| `{address}` | {sent} | {spent:.0f} ms | {size:.1f} kB |", flush=True)  # noqa: T201
        index.close()
        database.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
