"""People, groups, and the viewer's own things: tokens, sign-ins, drafts."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from knowledge import people
from knowledge.community import centre, culture, follows, oneself, relaying
from knowledge.database import Page
from knowledge.entries import listing
from knowledge.listening import awaiting
from knowledge.people import ACTS, PersonRow, signing, tokens
from knowledge.people.permissions import Act
from schema.atomic import Payload, mutation, query
from schema.context import Info
from schema.fields import After, Before, First, Id, Last, listed, shown
from schema.nodes import Node, parts, uid_of
from schema.paging import Connection
from schema.words import GroupKind, Kind, LookPurpose, Role, Scope

if TYPE_CHECKING:
    from schema.community.culture import DirectContact
    from schema.community.digests import DigestSetting
    from schema.community.follows import Follow
    from schema.community.notifications import Notification, NotificationSetting
    from schema.entries.entry import Entry
    from schema.listening import AwaitedAnswer

AnEntry = Annotated["Entry", strawberry.lazy("schema.entries.entry")]
AFollow = Annotated["Follow", strawberry.lazy("schema.community.follows")]
ANotification = Annotated["Notification", strawberry.lazy("schema.community.notifications")]
ASetting = Annotated["NotificationSetting", strawberry.lazy("schema.community.notifications")]
ADigestSetting = Annotated["DigestSetting", strawberry.lazy("schema.community.digests")]
ADirectContact = Annotated["DirectContact", strawberry.lazy("schema.community.culture")]
AnAwaited = Annotated["AwaitedAnswer", strawberry.lazy("schema.listening")]
Unread = Annotated[
    bool | None, strawberry.argument(description="Only those that are unread, or only those that were read.")
]


@strawberry.type(description="A group of colleagues with one function.")
class FunctionalGroup(Node):
    """A functional group."""

    name: str = shown("What it is called.")
    kind: GroupKind = shown("Its function.")
    following: bool = shown(
        "Whether the viewer follows what its people publish.",
        lambda row, info: follows.is_followed(row, info.context.viewer),
    )
    relayed: bool = shown(
        "Whether the viewer listens to what its people hear from customers.",
        lambda row, info: relaying.is_relayed(row, info.context.viewer),
    )


@strawberry.type(description="Someone who works here, or a customer who signs in.")
class Person(Node):
    """A person as others see them."""

    name: str = shown("What they are called.")
    role: Role = shown("What they may do.")
    handle: str | None = shown(
        "What they are called in a text, after an @; only for those who may list people.",
        lambda row, info: row.handle if info.context.viewer.may(Act.PEOPLE_READ) else None,
    )
    group: FunctionalGroup | None = shown("The group they work in.", lambda row, _: people.group_of(row))
    following: bool = shown(
        "Whether the viewer follows what they publish.",
        lambda row, info: follows.is_followed(row, info.context.viewer),
    )


@strawberry.type(
    description="A secret that a program shows instead of a password; the secret itself is shown once, when it is made."
)
class ApiToken(Node):
    """A token without its secret."""

    name: str = shown("The program that uses it.")
    scopes: list[Scope] = shown("What it may do.", lambda row, _: tokens.scopes_of(row))
    hint: str = shown("Its last four characters, to tell it from others.")
    created_at: datetime = shown("When it was made.")
    expires_at: datetime | None = shown("When it ends, if it does.")
    purpose: LookPurpose | None = shown("Why its program looks at what is personal of customers.")
    last_used_at: datetime | None = shown("When it was last shown, to the minute.", lambda row, _: row.used_at)


@strawberry.type(description="A browser in which the viewer is signed in.")
class SignIn(Node):
    """A session without its secret."""

    device: str = shown("What the browser calls itself.")
    created_at: datetime = shown("When it was signed in.")
    seen_at: datetime = shown("When it was last used, to ten minutes.")
    current: bool = shown(
        "Whether it is the one that asks.",
        lambda row, info: info.context.viewer.scopes is None and row.id == info.context.viewer.credential,
    )


def _own(info: Info) -> bool:
    return info.context.viewer.is_signed_in and info.context.viewer.scopes is None


def _me(info: Info) -> PersonRow | None:
    viewer = info.context.viewer
    return people.by_ids(info.context.session, [viewer.id]).get(viewer.id)


def _notifications(  # type: ignore[no-untyped-def]
    info: Info,
    unread: Unread = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
):
    page = Page(first, after, last, before)
    return centre.listing(info.context.session, info.context.viewer, page, unread=unread)


@strawberry.type(description="Whoever asks, and what is theirs.")
class Viewer:
    """The viewer of the operation."""

    person: Person | None = shown("Who it is; null for strangers.", lambda _, info: _me(info))
    role: Role | None = shown("Their role; null for strangers.", lambda viewer, _: viewer.role)
    group: FunctionalGroup | None = shown(
        "The group they work in.",
        lambda viewer, info: people.groups_by_ids(info.context.session, [viewer.group_id]).get(viewer.group_id),
    )
    may: list[Scope] = shown(
        "What they may do, within the token that was shown.", lambda viewer, _: [act for act in Act if viewer.may(act)]
    )
    grantable: list[Scope] = shown(
        "The scopes that a token of theirs may have.",
        lambda viewer, _: sorted(ACTS[viewer.role]) if viewer.role else [],
    )
    email: str | None = shown("The address they sign in with.", lambda _, info: getattr(_me(info), "email", None))
    tokens: list[ApiToken] = shown(
        "Their tokens that are not revoked; only for those who signed in themselves.",
        lambda _, info: people_tokens(info) if _own(info) else [],
    )
    sign_ins: list[SignIn] = shown(
        "Their signed-in browsers; only for those who signed in themselves.",
        lambda viewer, info: signing.mine(info.context.session, viewer) if _own(info) else [],
    )
    entries: Connection[AnEntry] = listed(
        "What they wrote or answer for and is published, the latest changed first.",
        lambda viewer, info, page: listing.mine(info.context.session, viewer, page),
    )
    drafts: Connection[AnEntry] = listed(
        "What they began and have not published.",
        lambda viewer, info, page: listing.drafts(info.context.session, viewer, page),
    )
    follows: Connection[AFollow] = listed(
        "What they follow, the latest first.",
        lambda viewer, info, page: follows.listing(info.context.session, viewer, page),
    )
    followed_kinds: list[Kind] = shown(
        "The kinds of entries that they follow.",
        lambda viewer, info: follows.kinds(info.context.session, viewer),
    )
    follows_by_itself: bool = shown(
        "Whether they follow their own entries and what they comment on without asking.",
        lambda viewer, info: oneself.follows_by_itself(info.context.session, viewer),
    )
    unread_count: int = shown(
        "How many unread notifications they have; 100 stands for more.",
        lambda viewer, info: centre.unread_count(info.context.session, viewer),
    )
    awaited: list[AnAwaited] = shown(
        "What they wait for an answer to, the latest first.",
        lambda viewer, info: awaiting.mine(info.context.session, viewer),
    )
    notification_settings: list[ASetting] = shown("Of what they want to be told.", lambda _, info: _settings(info))

    digest: ADigestSetting = shown(
        "How often they are written to about what they follow.", lambda _, info: _digest(info)
    )
    last_contact: ADirectContact | None = shown(
        "Their own last direct contact with a customer, as it was logged; nobody else is told.",
        lambda viewer, info: culture.last_contact(info.context.session, viewer),
    )
    notifications: Connection[ANotification] = strawberry.field(
        resolver=_notifications, description="What they are told of, the unread first and then the latest."
    )


def _settings(info: Info) -> Any:
    from schema.community.notifications import settings_of  # entries stand between, and they know people

    return settings_of(info)


def _digest(info: Info) -> Any:
    from schema.community.digests import setting_of  # as settings_of above

    return setting_of(info)


def people_tokens(info: Info) -> list[tokens.TokenRow]:
    """The viewer's tokens."""
    return tokens.mine(info.context.session, info.context.viewer)


Roles = Annotated[list[Role] | None, strawberry.argument(description="Only people with one of these roles.")]
Search = Annotated[
    str | None, strawberry.argument(description="The beginning of a name, of an address or of a handle.")
]


@query("Whoever asks, and what is theirs.", Viewer)
def viewer(info: Info) -> Any:
    return info.context.viewer


@query("All functional groups by name.", list[FunctionalGroup], needs=Act.PEOPLE_READ)
def groups(info: Info) -> Any:
    return people.groups(info.context.session, info.context.viewer)


@query("People by name.", Connection[Person], needs=Act.PEOPLE_READ, name="people")
def all_people(
    info: Info,
    search: Search = None,
    roles: Roles = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Any:
    page = Page(first, after, last, before)
    return people.listing(
        info.context.session, info.context.viewer, page, search=search or "", roles=tuple(roles or ())
    )


@query("One person.", Person | None, needs=Act.PEOPLE_READ)
def person(info: Info, id: Id) -> Any:
    found = parts(id)
    return people.person_by_uid(info.context.session, info.context.viewer, found[1]) if found else None


@strawberry.input(description="A token to be made.")
class CreateTokenInput:
    """Input of createToken."""

    name: str = strawberry.field(description="The program that will use it.")
    scopes: list[Scope] = strawberry.field(description="What it may do: within what the viewer's role allows.")
    expires_at: datetime | None = strawberry.field(description="When it ends; never unless given.", default=None)
    purpose: LookPurpose | None = strawberry.field(
        description="Why the program looks at what is personal of customers; without it, it says so each time.",
        default=None,
    )


@strawberry.type(description="A new token and its secret.")
class CreateTokenPayload(Payload):
    """Answer of createToken."""

    secret: str | None = strawberry.field(description="The token itself: shown now and never again.", default=None)
    api_token: ApiToken | None = strawberry.field(description="The token as it is listed.", default=None)


@strawberry.input(description="What is to be revoked.")
class RevokeInput:
    """Input of revokeToken and revokeSignIn."""

    id: strawberry.ID = strawberry.field(description="Its id.")


@strawberry.type(description="What was revoked.")
class RevokePayload(Payload):
    """Answer of revokeToken and revokeSignIn."""

    revoked_id: strawberry.ID | None = strawberry.field(description="The id of what is gone.", default=None)


@strawberry.input(description="What of one's profile is to change.")
class UpdateProfileInput:
    """Input of updateProfile."""

    name: str = strawberry.field(description="The name that others see.")


@strawberry.type(description="The viewer as others see them now.")
class ProfilePayload(Payload):
    """Answer of updateProfile."""

    person: Person | None = strawberry.field(description="The viewer.", default=None)


@mutation(
    "Make an API token that acts for the viewer, with at most their role's scopes.",
    CreateTokenPayload,
    needs=Act.PROFILE_WRITE,
)
def create_token(info: Info, input: CreateTokenInput) -> Mapping[str, object]:
    session, viewer = info.context.session, info.context.viewer
    ends, why = input.expires_at, input.purpose
    secret, row = tokens.create(session, viewer, input.name, input.scopes, expires_at=ends, purpose=why)
    return {"secret": secret, "api_token": row}


@mutation("Make a token useless at once.", RevokePayload, needs=Act.PROFILE_WRITE)
def revoke_token(info: Info, input: RevokeInput) -> Mapping[str, object]:
    tokens.revoke(info.context.session, info.context.viewer, uid_of(input.id, "ApiToken"))
    return {"revoked_id": input.id}


@mutation("Sign one of the viewer's browsers out.", RevokePayload, needs=Act.PROFILE_WRITE)
def revoke_sign_in(info: Info, input: RevokeInput) -> Mapping[str, object]:
    signing.revoke(info.context.session, info.context.viewer, uid_of(input.id, "SignIn"))
    return {"revoked_id": input.id}


@mutation("Change what others see of the viewer.", ProfilePayload, needs=Act.PROFILE_WRITE)
def update_profile(info: Info, input: UpdateProfileInput) -> Mapping[str, object]:
    return {"person": people.rename(info.context.session, info.context.viewer, input.name)}


QUERIES = [viewer, groups, all_people, person]
MUTATIONS = [create_token, revoke_token, revoke_sign_in, update_profile]
