"""What customers said and have no answer to, customer by customer."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session

from knowledge import feedback
from knowledge.customers import CustomerRow
from knowledge.database import Order, Page, Slice, columns_of, neighbours, slices, table_of
from knowledge.feedback import Feedback, FeedbackRow
from knowledge.people import Viewer
from knowledge.words import FeedbackStatus

_f = table_of(Feedback).c
_OLDEST = Order("waiting", ((_f.received_at, False), (_f.id, False)))
_SETTLED = (FeedbackStatus.ANSWERED, FeedbackStatus.CLOSED)


def _pages(session: Session, rows: list[CustomerRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[FeedbackRow]]:
    waiting = select(*columns_of(Feedback)).where(feedback.visible_to(viewer), _f.status.not_in(_SETTLED))
    return slices(session, FeedbackRow, waiting, _OLDEST, page, rows, _f.customer_id)


def of_customer(customer: CustomerRow, viewer: Viewer, page: Page) -> Slice[FeedbackRow]:
    """What one customer said and has no answer to, the longest waiting first; read for all customers of the list at once."""
    return neighbours(customer, _pages, viewer, page)
