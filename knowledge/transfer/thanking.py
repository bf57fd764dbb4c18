"""Thanks, and who wants letters, as lines of a file; what was withdrawn is not among them."""

from collections.abc import Sequence

from knowledge.community.appreciations import Appreciation
from knowledge.community.digests import DigestChoice
from knowledge.database import table_of
from knowledge.transfer.lines import CUSTOMER, GROUP, PERSON, Lines, Plain, To, plain

_GONE = "what was withdrawn is not exported"


def thanked() -> Sequence[Lines]:
    """Who thanked whom, and how often people want to be written to."""
    return (
        Lines(
            "appreciation",
            Appreciation,
            (
                Plain("uid"),
                To("from_id", "from", PERSON),
                To("person_id", "person", PERSON),
                To("group_id", "group", GROUP),
                To("customer_id", "customer", CUSTOMER),
                *plain("text", "value", "public", "created_at", "sample"),
            ),
            key=("uid",),
            left_out=dict.fromkeys(("withdrawn_at", "withdrawn_by_id"), _GONE),
            those=table_of(Appreciation).c.withdrawn_at.is_(None),
        ),
        Lines(
            "digest_choice",
            DigestChoice,
            (To("person_id", "person", PERSON), *plain("pace", "chosen_at")),
            order=("person",),
            key=("person_id",),
            left_out={"next_at": "reckoned anew where it is read"},
        ),
    )
