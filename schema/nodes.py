"""Opaque ids, and which GraphQL type a row is."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry

from knowledge.attachments import AttachmentRow
from knowledge.community.appreciations import AppreciationRow
from knowledge.community.centre import NotificationRow
from knowledge.community.comments import CommentRow
from knowledge.community.flags import FlagRow
from knowledge.community.follows import FollowRow
from knowledge.community.notices import NoticeRow
from knowledge.community.shares import ShareRow
from knowledge.community.suggestions import SuggestionRow
from knowledge.customers import CustomerRow
from knowledge.customers.characteristics import CharacteristicRow
from knowledge.customers.interactions import InteractionRow
from knowledge.customers.merging import MergeRow
from knowledge.customers.needs import NeedRow, StageNeedRow
from knowledge.customers.relationships import PlanRow, ServiceRow
from knowledge.customers.segments import SegmentRow
from knowledge.customers.touchpoints import TouchpointRow
from knowledge.database import Row
from knowledge.entries import EntryRow, RevisionRow
from knowledge.entries.snapshots import SnapshotRow
from knowledge.entries.tags import TagRow
from knowledge.errors import NotFound
from knowledge.evidence import EvidenceRow
from knowledge.feedback import FeedbackRow
from knowledge.feedback.complaints import CaseRow
from knowledge.feedback.themes import ThemeRow
from knowledge.initiatives.issues import IssueRow
from knowledge.initiatives.milestones import MilestoneRow
from knowledge.initiatives.progress import ProgressRow
from knowledge.ladder.advocacies import AdvocacyRow
from knowledge.ladder.offerings import OfferingRow
from knowledge.ladder.transactions import TransactionRow
from knowledge.listening.awaiting import AwaitedRow
from knowledge.listening.gaps import GapRow
from knowledge.loop.deliveries import DeliveryRow
from knowledge.loop.replies import ReplyRow
from knowledge.loop.responses import ResponseRow
from knowledge.loop.rewards import RewardRow
from knowledge.outcomes import OutcomeRow
from knowledge.people import GroupRow, PersonRow
from knowledge.people.signing import SignInRow
from knowledge.people.tokens import TokenRow
from knowledge.privacy.requests import RequestRow
from knowledge.series import SeriesRow
from knowledge.surveys.reading import QuestionRow, SurveyRow, WaveRow
from knowledge.surveys.responses import ResponseRow as SurveyResponseRow
from knowledge.uses import UseRow
from knowledge.vision.assumptions import AssumptionRow
from knowledge.vision.commitments import StakeholderRow
from knowledge.words import Kind
from schema.fields import shown

KINDS = {kind: "".join(part.capitalize() for part in kind.split("_")) for kind in Kind}
"""The GraphQL type of each kind of entry."""

_TYPES: tuple[tuple[type[Row], str], ...] = (
    (EntryRow, "Entry"),
    (RevisionRow, "Revision"),
    (TagRow, "Tag"),
    (PersonRow, "Person"),
    (GroupRow, "FunctionalGroup"),
    (CustomerRow, "Customer"),
    (FeedbackRow, "Feedback"),
    (EvidenceRow, "Evidence"),
    (ProgressRow, "ProgressUpdate"),
    (TokenRow, "ApiToken"),
    (SignInRow, "SignIn"),
    (CommentRow, "Comment"),
    (SuggestionRow, "SuggestedEdit"),
    (FlagRow, "Flag"),
    (FollowRow, "Follow"),
    (NotificationRow, "Notification"),
    (ShareRow, "ShareLink"),
    (SnapshotRow, "Snapshot"),
    (UseRow, "Use"),
    (OutcomeRow, "OutcomeRecord"),
    (AttachmentRow, "Attachment"),
    (SeriesRow, "Series"),
    (GapRow, "Gap"),
    (AwaitedRow, "AwaitedAnswer"),
    (TouchpointRow, "Touchpoint"),
    (InteractionRow, "Interaction"),
    (MergeRow, "CustomerMerge"),
    (CharacteristicRow, "Characteristic"),
    (NeedRow, "Need"),
    (StageNeedRow, "StageNeed"),
    (ServiceRow, "ServiceRelationship"),
    (PlanRow, "PartnershipPlan"),
    (SegmentRow, "Segment"),
    (OfferingRow, "Offering"),
    (TransactionRow, "Transaction"),
    (AdvocacyRow, "Advocacy"),
    (CaseRow, "ComplaintCase"),
    (ThemeRow, "Theme"),
    (RequestRow, "DataRequest"),
    (ResponseRow, "LoopResponse"),
    (DeliveryRow, "Delivery"),
    (ReplyRow, "FeedbackReply"),
    (RewardRow, "Reward"),
    (SurveyRow, "Survey"),
    (QuestionRow, "SurveyQuestion"),
    (WaveRow, "Wave"),
    (SurveyResponseRow, "SurveyResponse"),
    (AppreciationRow, "Appreciation"),
    (AssumptionRow, "Assumption"),
    (StakeholderRow, "Stakeholder"),
    (IssueRow, "CriticalIssue"),
    (MilestoneRow, "Milestone"),
    (NoticeRow, "Notice"),
)


def type_of(row: Any) -> str:
    """The name of the GraphQL type that a row is."""
    if isinstance(row, EntryRow):
        return KINDS[row.kind]
    row_class = type(row)
    if row_class not in _NAMES:
        _NAMES[row_class] = next(name for each, name in _TYPES if issubclass(row_class, each))
    return _NAMES[row_class]


_NAMES: dict[type[Any], str] = {}
"""The same by class, once it was found."""


def shapes_of(values: Sequence[Any]) -> Sequence[object]:
    """For each value what it has in common with all others that are of its GraphQL type."""
    classes = [*map(type, values)]
    if not any(issubclass(each, EntryRow) for each in set(classes)):
        return classes
    return [
        (each, value.kind) if issubclass(each, EntryRow) else each for each, value in zip(classes, values, strict=True)
    ]


def global_id(row: Any) -> strawberry.ID:
    """The id by which the world knows a row: opaque, and the same for as long as the row lives."""
    return id_of("Entry" if isinstance(row, EntryRow) else type_of(row), row.uid)


_IN_ADDRESSES = bytes.maketrans(b"+/", b"-_")


def id_of(name: str, uid: UUID) -> strawberry.ID:
    """The same for the type and the uid of something that was not read."""
    plain = binascii.b2a_base64(name.encode() + b":" + uid.int.to_bytes(16), newline=False)
    return strawberry.ID(plain.translate(_IN_ADDRESSES, b"=").decode())


def parts(id: str) -> tuple[str, UUID] | None:
    """The type and the uid behind an id, or None if it is not one of ours."""
    try:
        name, _, raw = base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).partition(b":")
        return name.decode("ascii"), UUID(bytes=raw)
    except (ValueError, UnicodeError, binascii.Error):
        return None


def uid_of(id: str, name: str, field: str = "id") -> UUID:
    """The uid behind an id of one type; refuses NOT_FOUND for anything else, as for what does not exist."""
    found = parts(id)
    if found is None or found[0] != name:
        raise NotFound("There is no such thing.", field)
    return found[1]


@strawberry.interface(description="Anything that has an id of its own and can be fetched again by it.")
class Node:
    """Implemented by every main type."""

    id: strawberry.ID = shown("Opaque and stable: keep it, do not read it.", lambda row, _: global_id(row))

    @classmethod
    def resolve_type(cls, obj: Any, *_: Any) -> str:
        """Which type a row is."""
        return type_of(obj)

    @classmethod
    def is_type_of(cls, obj: Any, *_: Any) -> bool:
        """Whether a row is of this type."""
        return isinstance(obj, Row) and type_of(obj) == cls.__name__
