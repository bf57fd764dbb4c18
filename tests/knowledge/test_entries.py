from sqlmodel import Session

from knowledge import entries
from knowledge.entries import listing, publishing, tags, writing
from knowledge.database import Page
from knowledge.words import Audience, Freshness, Kind, Role, Status
from tests.factories import a_draft, a_viewer, an_entry, titles


def test_employee_publishes_for_colleagues_at_once(session: Session) -> None:
    ines = a_viewer(session)
    draft = a_draft(session, ines, tags=["Refunds", "refunds"])

    published = publishing.publish(session, ines, draft.uid)

    assert (published.status, published.freshness) == (Status.PUBLISHED, Freshness.UNVERIFIED)
    assert [tag.name for tag in tags.of_entry(published)] == ["refunds"]
    assert titles(listing.listing(session, a_viewer(session), Page()).rows) == [draft.title]
