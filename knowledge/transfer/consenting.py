"""What customers agree to and ask of their data, and how long things are kept, as lines that are read back as they were written."""

from collections.abc import Sequence

from knowledge.privacy.consents import Consent
from knowledge.privacy.requests import DataRequest
from knowledge.privacy.retention import RetentionRule
from knowledge.transfer.lines import CUSTOMER, PERSON, Lines, Plain, To, plain


def agreed() -> Sequence[Lines]:
    """In the order in which they refer to one another."""
    customer = To("customer_id", "customer", CUSTOMER)
    return (
        Lines(
            "consent",
            Consent,
            (
                Plain("uid"),
                customer,
                *plain("purpose", "given", "note", "at"),
                To("recorded_by_id", "recorded_by", PERSON),
            ),
            key=("uid",),
        ),
        Lines(
            "data_request",
            DataRequest,
            (
                Plain("uid"),
                customer,
                *plain("kind", "state", "note", "answer", "made_at"),
                To("made_by_id", "made_by", PERSON),
                *plain("due_at", "settled_at"),
                To("settled_by_id", "settled_by", PERSON),
            ),
            key=("uid",),
        ),
        Lines(
            "retention",
            RetentionRule,
            (*plain("of", "days", "set_at"), To("set_by_id", "set_by", PERSON)),
            order=("of",),
            key=("of",),
        ),
    )
