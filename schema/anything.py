"""Anything by its id, and what may still be asked for."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from knowledge import attachments, customers, entries, evidence, feedback, outcomes, people, series, surveys, uses
from knowledge.community import appreciations, centre, comments, flags, follows, notices, suggestions
from knowledge.customers import characteristics, interactions, needs, segments, touchpoints
from knowledge.database import Session
from knowledge.entries import listing, snapshots, tags
from knowledge.errors import Invalid
from knowledge.feedback import complaints, themes
from knowledge.initiatives import issues, milestones, progress
from knowledge.ladder import advocacies, offerings, transactions
from knowledge.listening import awaiting, gaps
from knowledge.loop import deliveries, replies, responses, rewards
from knowledge.people import Viewer
from knowledge.privacy import requests
from knowledge.surveys import responses as survey_responses
from knowledge.vision import assumptions, commitments
from schema.atomic import query
from schema.context import Info
from schema.fields import Id, shown
from schema.nodes import Node, parts

FINDERS: dict[str, Any] = {
    "Entry": entries.by_uid,
    "Revision": listing.revision_by_uid,
    "Tag": tags.by_uid,
    "Person": people.person_by_uid,
    "FunctionalGroup": people.group_by_uid,
    "Customer": lambda session, viewer, uid: next(iter(customers.by_uids(session, viewer, [uid])), None),
    "Feedback": feedback.by_uid,
    "Evidence": evidence.by_uid,
    "ProgressUpdate": progress.by_uid,
    "Comment": comments.by_uid,
    "SuggestedEdit": suggestions.by_uid,
    "Flag": flags.by_uid,
    "Follow": follows.by_uid,
    "Notification": centre.by_uid,
    "Snapshot": snapshots.by_uid,
    "Use": uses.by_uid,
    "OutcomeRecord": outcomes.by_uid,
    "Attachment": attachments.by_uid,
    "Series": series.by_uid,
    "Gap": gaps.by_uid,
    "AwaitedAnswer": awaiting.by_uid,
    "Touchpoint": touchpoints.by_uid,
    "Interaction": interactions.by_uid,
    "Characteristic": characteristics.by_uid,
    "Need": needs.by_uid,
    "Segment": segments.by_uid,
    "Offering": offerings.by_uid,
    "Transaction": transactions.by_uid,
    "Advocacy": advocacies.by_uid,
    "ComplaintCase": complaints.by_case,
    "Theme": themes.by_theme,
    "DataRequest": requests.by_uid,
    "LoopResponse": responses.by_uid,
    "Delivery": deliveries.by_uid,
    "FeedbackReply": replies.by_uid,
    "Reward": rewards.by_uid,
    "Survey": surveys.by_uid,
    "SurveyQuestion": surveys.reading.question_by_uid,
    "Wave": surveys.reading.wave_by_uid,
    "SurveyResponse": survey_responses.by_uid,
    "Appreciation": appreciations.by_uid,
    "Assumption": assumptions.by_uid,
    "Stakeholder": commitments.by_uid,
    "CriticalIssue": issues.by_uid,
    "Milestone": milestones.by_uid,
    "Notice": notices.by_uid,
}
"""How a node of each type is found for a viewer; what may not be seen is not found."""


TOGETHER: dict[str, Any] = {"Entry": entries.by_uids, "Feedback": feedback.by_uids, "Customer": customers.by_uids}
"""Those that integrations ask for by the hundred, each type in one statement."""


def _find(session: Session, viewer: Viewer, name: str, uid: UUID) -> Any:
    finder = FINDERS.get(name)
    return finder(session, viewer, uid) if finder else None


Ids = Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")]


@query("Anything by its id; null where there is nothing that the viewer may see.", Node | None)
def node(info: Info, id: Id) -> Any:
    found = parts(id)
    return _find(info.context.session, info.context.viewer, *found) if found else None


@query("Several things by their ids, in that order.", list[Node | None])
def nodes(info: Info, ids: Ids) -> Any:
    if len(ids) > 100:
        raise Invalid("Ask for at most 100 at a time.", "ids")
    known = {
        uid: row
        for name, uids in _by_type(ids).items()
        for uid, row in _found(info.context.session, info.context.viewer, name, uids).items()
    }
    return [known.get(found[1]) if (found := parts(id)) else None for id in ids]


def _by_type(ids: list[strawberry.ID]) -> dict[str, list[UUID]]:
    wanted: dict[str, list[UUID]] = {}
    for id in ids:
        if (found := parts(id)) is not None:
            wanted.setdefault(found[0], []).append(found[1])
    return wanted


def _found(session: Session, viewer: Viewer, name: str, uids: list[UUID]) -> dict[UUID, Any]:
    if name in TOGETHER:
        return {row.uid: row for row in TOGETHER[name](session, viewer, uids)}
    return {uid: _find(session, viewer, name, uid) for uid in uids}


@strawberry.type(description="What the viewer may still ask for; every answer says what it cost.")
class RateLimit:
    """The viewer's bucket."""

    cost: int = shown("What this operation costs.")
    limit: int = shown("What one operation may cost, and what the bucket holds.")
    remaining: int = shown("What the bucket holds after this operation.")
    reset_at: datetime | None = shown("When the bucket is full again; null where nothing is counted.")


@query("What the viewer may still ask for.", RateLimit)
def rate_limit(info: Info) -> Any:
    return info.context.budget


QUERIES = [node, nodes, rate_limit]
