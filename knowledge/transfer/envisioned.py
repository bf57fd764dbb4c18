"""What stands behind a vision, as lines: what it takes for granted, who gave what to which version, and to whom it was told."""

from collections.abc import Sequence

from knowledge.database import table_of
from knowledge.evidence import Evidence
from knowledge.transfer.lines import ENTRY, GROUP, PERSON, Lines, Plain, Target, To, plain
from knowledge.vision.assumptions import Assumption
from knowledge.vision.commitments import Commitment, Stakeholder
from knowledge.vision.communications import Communication
from knowledge.vision.meanings import PersonalMeaning
from knowledge.vision.placing import VisionEvidence
from knowledge.vision.public_part import VisionPart

_PLACED = table_of(VisionEvidence).c
_HERE = "made anew where it is read"
_VISION, _PERSON, _GROUP = (
    To("entry_id", "vision", ENTRY),
    To("person_id", "person", PERSON),
    To("group_id", "group", GROUP),
)
_AUTHOR = To("author_id", "author", PERSON)


def envisioned() -> Sequence[Lines]:
    """In the order in which they refer to one another."""
    return (
        Lines("vision_part", VisionPart, (To("part_id", "part", ENTRY), _VISION), order=("part",), key=("part_id",)),
        Lines(
            "assumption",
            Assumption,
            (
                Plain("uid"),
                _VISION,
                *plain("statement", "domain", "state", "test", "found", "step"),
                To("owner_id", "owner", PERSON),
                *plain("review_by", "settled_at"),
                To("created_by_id", "author", PERSON),
                *plain("created_at", "updated_at", "sample"),
            ),
            key=("uid",),
            left_out={"version": _HERE},
        ),
        Lines(
            "vision_evidence",
            VisionEvidence,
            (
                Plain("uid"),
                To("evidence_id", "evidence", Target(Evidence, "uid")),
                To("assumption_id", "assumption", Target(Assumption, "uid")),
            ),
            key=("uid",),
            left_out={"question": "what is about an answer says so in the line of the evidence"},
            those=_PLACED.assumption_id.is_not(None),
        ),
        Lines(
            "stakeholder",
            Stakeholder,
            (Plain("uid"), _VISION, _PERSON, _GROUP, *plain("name", "key", "created_at", "removed_at", "sample")),
            key=("uid",),
        ),
        Lines(
            "commitment",
            Commitment,
            (
                Plain("uid"),
                To("stakeholder_id", "stakeholder", Target(Stakeholder, "uid")),
                *plain("version", "state", "statement", "expires_on", "given_at"),
                To("recorded_by_id", "recorded_by", PERSON),
            ),
            key=("uid",),
        ),
        Lines(
            "meaning",
            PersonalMeaning,
            (
                Plain("uid"),
                _VISION,
                Plain("version"),
                _PERSON,
                _GROUP,
                Plain("text"),
                _AUTHOR,
                *plain("created_at", "updated_at", "sample"),
            ),
            key=("uid",),
        ),
        Lines(
            "communication",
            Communication,
            (
                Plain("uid"),
                _VISION,
                *plain("version", "audience", "whom", "told_on", "how", "what", "why", "came_of_it"),
                _AUTHOR,
                *plain("created_at", "sample"),
            ),
            key=("uid",),
        ),
    )
