"""Initiatives as lines: what each is for and what it takes, its milestones, what is in its way, and the scores that it means to move."""

from collections.abc import Sequence

from knowledge.initiatives.issues import CriticalIssue
from knowledge.initiatives.measures import InitiativeMeasure
from knowledge.initiatives.milestones import Milestone, ScopeChange
from knowledge.initiatives.planning import InitiativeBacking, InitiativeCapacity, InitiativeStep
from knowledge.initiatives.progress import ProgressUpdate
from knowledge.surveys.survey import SurveyQuestion
from knowledge.transfer.lines import ENTRY, GROUP, PERSON, Lines, Plain, Target, To, plain

_MADE_ANEW = "made anew where it is read"
_INITIATIVE = To("entry_id", "initiative", ENTRY)


def undertaken() -> Sequence[Lines]:
    """What refers to initiatives, to visions and to surveys."""
    return (*_planned(), *_dated(), _in_the_way())


def _planned() -> Sequence[Lines]:
    return (
        Lines(
            "initiative_backing",
            InitiativeBacking,
            (_INITIATIVE, To("sponsor_id", "sponsor", PERSON), To("vision_id", "vision", ENTRY)),
            order=("initiative",),
            key=("entry_id",),
        ),
        Lines(
            "initiative_step",
            InitiativeStep,
            (_INITIATIVE, *plain("step", "question")),
            order=("initiative", "step", "question"),
            key=("entry_id", "step", "question"),
        ),
        Lines(
            "initiative_capacity",
            InitiativeCapacity,
            (_INITIATIVE, To("group_id", "group", GROUP), Plain("percent")),
            order=("initiative", "group"),
            key=("entry_id", "group_id"),
        ),
        Lines(
            "initiative_measure",
            InitiativeMeasure,
            (_INITIATIVE, To("question_id", "question", Target(SurveyQuestion, "uid"))),
            order=("initiative", "question"),
            key=("entry_id", "question_id"),
        ),
    )


def _dated() -> Sequence[Lines]:
    return (
        Lines(
            "milestone",
            Milestone,
            (Plain("uid"), _INITIATIVE, *plain("title", "due", "done_on", "created_at")),
            key=("uid",),
            left_out={"version": _MADE_ANEW},
        ),
        Lines(
            "scope_change",
            ScopeChange,
            (
                Plain("uid"),
                _INITIATIVE,
                *plain("changes_from", "changes_to", "why"),
                To("author_id", "author", PERSON),
                Plain("created_at"),
            ),
            key=("uid",),
        ),
    )


def _in_the_way() -> Lines:
    return Lines(
        "critical_issue",
        CriticalIssue,
        (
            Plain("uid"),
            _INITIATIVE,
            To("update_id", "progress", Target(ProgressUpdate)),
            *plain("title", "wanted", "severity", "state"),
            To("owner_id", "owner", PERSON),
            *plain("due", "outcome"),
            To("raised_by_id", "raised_by", PERSON),
            *plain("created_at", "updated_at", "settled_at", "sample"),
        ),
        key=("uid",),
        left_out={"version": _MADE_ANEW},
    )
