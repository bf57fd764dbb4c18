"""How the sample's people see to what its customers said: themes, what is answered and what waits, and the cases of complaints."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, people
from knowledge.database import table_of
from knowledge.feedback import complaints, merging, themes, triaging
from knowledge.feedback.complaints import ComplaintCase, Found
from knowledge.feedback.items import Feedback
from knowledge.feedback.themes import FeedbackTheme
from knowledge.feedback.triaging import Triage
from knowledge.people import Viewer, viewer_for
from knowledge.words import CaseStage, FeedbackStatus, QualityAttribute, Sentiment, Severity

Q, F = QualityAttribute, FeedbackStatus

THEMES: Mapping[str, Sequence[int]] = {
    "Reaching the descaling valve": (*range(1, 16),),
    "The valve at the front": (16, 17, 18),
    "App sign-in": (*range(19, 30),),
    "The third failure": (30, *range(31, 40)),
    "Being told how things stand": (40, 41, 42, 43, 44, 54),
    "When the delivery comes": (45, 46, 47, 48),
    "Reading the invoice": (49, 50, 51),
    "Learning the machine": (52, 53, 54),
}
"""What which of them speak of."""

SEEN_TO: Mapping[int, Triage] = {
    1: {"attributes": [Q.SERVICEABILITY], "sentiment": Sentiment.NEGATIVE, "severity": Severity.MEDIUM},
    6: {"attributes": [Q.SERVICEABILITY], "status": F.IN_PROGRESS},
    7: {"attributes": [Q.SERVICEABILITY, Q.MAINTAINABILITY], "severity": Severity.HIGH},
    10: {"attributes": [Q.SERVICEABILITY, Q.SAFETY], "severity": Severity.CRITICAL, "sentiment": Sentiment.VERY_NEGATIVE},
    12: {"attributes": [Q.SERVICEABILITY], "status": F.CLOSED, "note": "Told on the phone how to reset it from the side."},
    17: {"attributes": [Q.RELIABILITY], "severity": Severity.MEDIUM},
    19: {"attributes": [Q.RELIABILITY, Q.USABILITY], "severity": Severity.HIGH, "sentiment": Sentiment.NEGATIVE},
    30: {"attributes": [Q.RELIABILITY], "severity": Severity.HIGH, "sentiment": Sentiment.VERY_NEGATIVE},
    41: {"attributes": [Q.AFTER_SALES_CARE], "severity": Severity.MEDIUM},
    50: {"attributes": [Q.AFTER_SALES_CARE], "severity": Severity.LOW},
    53: {"attributes": [Q.USABILITY], "status": F.IN_PROGRESS},
}  # fmt: skip
"""What somebody said of them when they were sorted."""

GIVEN = {1: "jonas", 17: "jonas", 41: "ines", 53: "ines", 50: "margit"}
REPEATS, FIRST = (20, 21, 22, 23, 24, 25, 26, 27), 19
C = CaseStage
CASES: Mapping[int, Sequence[tuple[CaseStage, Found]]] = {
    1: ((C.ACKNOWLEDGED, {}), (C.ASSESSED, {}), (C.INVESTIGATING, {})),
    19: (
        (C.ACKNOWLEDGED, {}),
        (C.ASSESSED, {}),
        (C.INVESTIGATING, {"root_cause": "The hotel's firewall drops the connection at two in the morning."}),
        (C.RESPONSE_PROPOSED, {"action_taken": "The app waits and tries again without asking anybody to sign in."}),
        (C.DECISION_COMMUNICATED, {"decision": "Jonas came, found the firewall and stayed until it was changed."}),
        (C.CLOSED, {}),
    ),
    30: (
        (C.ACKNOWLEDGED, {}),
        (C.ASSESSED, {}),
        (C.RESPONSE_PROPOSED, {}),
        (C.DECISION_COMMUNICATED, {"decision": "Another machine, there before ten the next morning, and no form."}),
    ),
    41: ((C.ACKNOWLEDGED, {}),),
}
"""The steps that complaints have taken, each with what was found."""


def see_to(session: Session) -> None:
    """Have the sample's people see to what was said; nothing happens where somebody has, or where they are not there."""
    rows = _uids(session)
    folk = {name: people.by_email(session, f"{name}@example.com") for name in ("ines", "jonas", "margit")}
    by = {name: viewer_for(person) for name, person in folk.items() if person is not None}
    if len(by) < len(folk) or not _needed() <= rows.keys() or _has_been(session):
        return
    activity.hush(session)
    for name, numbers in THEMES.items():
        for number in numbers:
            mine = [other for other, those in THEMES.items() if number in those]
            if mine[0] == name:
                themes.assign(session, by["ines"], rows[number], mine)
    for number, wanted in SEEN_TO.items():
        triaging.triage(session, by["ines"], rows[number], wanted)
    for number, name in GIVEN.items():
        triaging.assign(session, by["ines"], rows[number], person=by[name].uid)
    for number in REPEATS:
        merging.merge(session, by["ines"], rows[number], rows[FIRST])
    _see_to_cases(session, by["jonas"], rows)


def _see_to_cases(session: Session, viewer: Viewer, rows: Mapping[int, UUID]) -> None:
    case, item = table_of(ComplaintCase).c, table_of(Feedback).c
    joined = select(item.uid, case.uid).join(table_of(Feedback), item.id == case.feedback_id)
    cases = {row[0]: row[1] for row in session.connection().execute(joined)}
    for number, steps in CASES.items():
        for stage, found in steps:
            complaints.move(session, viewer, cases[rows[number]], stage, found)


def _uids(session: Session) -> dict[int, UUID]:
    """The sample's items by the number in their identifier."""
    item = table_of(Feedback).c
    mine = select(item.external_id, item.uid).where(item.sample, item.source == "sample")
    return {int(row.external_id[2:]): row.uid for row in session.connection().execute(mine)}


def _needed() -> set[int]:
    return {number for numbers in (*THEMES.values(), SEEN_TO, GIVEN, REPEATS, CASES) for number in numbers}


def _has_been(session: Session) -> bool:
    theme, item = table_of(FeedbackTheme).c, table_of(Feedback).c
    themed = select(theme.feedback_id).join(table_of(Feedback), item.id == theme.feedback_id).where(item.sample)
    return session.connection().execute(themed.limit(1)).first() is not None
