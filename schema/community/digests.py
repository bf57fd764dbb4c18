"""The digest by letter: how often one wants it, and leaving it by the link at its end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge.community import digests, leaving, oneself
from knowledge.people import Act
from knowledge.words import DigestPace as Paces
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.people import Viewer
from schema.words import DigestPace


@strawberry.type(description="How often the viewer is written to about what they follow.")
class DigestSetting:
    """The setting."""

    pace: DigestPace = strawberry.field(description="How often; NEVER unless they chose it.")
    next_at: datetime | None = strawberry.field(
        description="When the next letter may go; null for never, and for the first minutes after it was chosen."
    )
    sends: bool = strawberry.field(description="Whether this installation sends digests at all.")


def setting_of(info: Info) -> DigestSetting:
    """The viewer's setting."""
    chosen = oneself.of(info.context.session, info.context.viewer)
    pace, next_at = (chosen.pace or Paces.NEVER, chosen.next_at) if chosen is not None else (Paces.NEVER, None)
    return DigestSetting(pace=pace, next_at=next_at, sends=info.context.contact.digests)


@strawberry.type(description="What the link at the end of a letter opens.")
class DigestLink:
    """The link."""

    pace: DigestPace = strawberry.field(description="How often whoever has it is written to.")


Token = Annotated[str, strawberry.argument(description="The last part of the link.")]


@query("What the link at the end of a letter opens; null where it is not one of ours.", DigestLink | None)
def digest_link(info: Info, token: Token) -> Any:
    pace = leaving.pace_of(info.context.session, info.context.secret, token)
    return DigestLink(pace=pace) if pace is not None else None


@strawberry.input(description="How often one wants to be written to.")
class SetDigestInput:
    """Input of setDigest."""

    pace: DigestPace = strawberry.field(description="How often.")


@strawberry.input(description="Leaving the digest by the link in a letter, without signing in.")
class LeaveDigestInput:
    """Input of leaveDigest."""

    token: str = strawberry.field(description="The last part of the link.")


@strawberry.type(description="The viewer after it.")
class SetDigestPayload(Payload):
    """Answer of setDigest."""

    viewer: Viewer | None = strawberry.field(
        description="The viewer, with how often they are written to.", default=None
    )


@strawberry.type(description="Whoever has the link is written to no more.")
class LeaveDigestPayload(Payload):
    """Answer of leaveDigest."""

    pace: DigestPace | None = strawberry.field(description="How often they are written to now: never.", default=None)


@mutation(
    "Say how often one wants a letter of what happened to what one follows.", SetDigestPayload, needs=Act.PROFILE_WRITE
)
def set_digest(info: Info, input: SetDigestInput) -> Mapping[str, object]:
    digests.choose(info.context.session, info.context.viewer, input.pace)
    return {"viewer": info.context.viewer}


@mutation("Be written to no more, by the link at the end of a letter.", LeaveDigestPayload)
def leave_digest(info: Info, input: LeaveDigestInput) -> Mapping[str, object]:
    leaving.leave(info.context.session, info.context.secret, input.token)
    return {"pace": Paces.NEVER}


QUERIES = [digest_link]
MUTATIONS = [set_digest, leave_digest]
