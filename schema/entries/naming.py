"""How inputs name an entry: by id or by slug."""

import strawberry

from knowledge import entries
from knowledge.database import Session
from knowledge.entries import EntryRow
from knowledge.errors import NotFound
from knowledge.people import Viewer
from schema.nodes import uid_of


@strawberry.input(one_of=True, description="An entry, named in exactly one way.")
class EntryRef:
    """Exactly one of the two."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="By id.")
    slug: strawberry.Maybe[str] = strawberry.field(description="By slug; a former one does too.")


def named(session: Session, viewer: Viewer, ref: EntryRef, field: str) -> EntryRow:
    """The entry that is meant; refuses NOT_FOUND where there is none that the viewer may see."""
    if ref.slug is not None:
        found = entries.by_slug(session, viewer, ref.slug.value)
    else:
        assert ref.id is not None
        found = entries.by_uid(session, viewer, uid_of(ref.id.value, "Entry", field))
    if found is None:
        raise NotFound("There is no such entry.", field)
    return found
