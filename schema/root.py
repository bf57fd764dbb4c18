"""The whole schema, composed from the slices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from knowledge.people import Act
from schema import (
    anything,
    assumptions,
    attachments,
    commitments,
    complaints,
    customers,
    evidence,
    feedback,
    feedback_upserting,
    hearing,
    home,
    inbox,
    initiatives,
    insights,
    interactions,
    knowing,
    listening,
    live,
    manual,
    merging,
    moments,
    outcomes,
    people,
    planning,
    principles,
    ranking,
    scores,
    search,
    segments,
    series,
    sorting,
    tagging,
    telling,
    templates,
    tracing,
    upserting,
    uses,
    verifying,
    vision,
)
from schema.atomic import NEEDS
from schema.community import appreciations, culture, digests, follows, notifications, posts, promotions, shares
from schema.community import comments as community_comments
from schema.community import flags as community_flags
from schema.community import reactions as community_reactions
from schema.community import suggestions as community_suggestions
from schema.entries import publishing, reading, reviewing, revising, writing
from schema.ladder import dealings, grid, moves, offered
from schema.loop import answering, portal
from schema.privacy import asking as privacy
from schema.surveys import answered as surveys_answered
from schema.surveys import asked as surveys_asked
from schema.surveys import drawing as surveys_drawing

QUERIES: list[StrawberryField] = [
    *people.QUERIES,
    *anything.QUERIES,
    *reading.QUERIES,
    *search.QUERIES,
    *vision.QUERIES,
    *initiatives.QUERIES,
    *principles.QUERIES,
    *customers.QUERIES,
    *feedback.QUERIES,
    *publishing.QUERIES,
    *reviewing.QUERIES,
    *community_comments.QUERIES,
    *community_flags.QUERIES,
    *shares.QUERIES,
    *series.QUERIES,
    *templates.QUERIES,
    *listening.QUERIES,
    *interactions.QUERIES,
    *knowing.QUERIES,
    *segments.QUERIES,
    *offered.QUERIES,
    *dealings.QUERIES,
    *grid.QUERIES,
    *inbox.QUERIES,
    *complaints.QUERIES,
    *sorting.QUERIES,
    *telling.QUERIES,
    *hearing.QUERIES,
    *privacy.QUERIES,
    *answering.QUERIES,
    *portal.QUERIES,
    *scores.QUERIES,
    *ranking.QUERIES,
    *surveys_asked.QUERIES,
    *surveys_answered.QUERIES,
    *live.QUERIES,
    *appreciations.QUERIES,
    *culture.QUERIES,
    *digests.QUERIES,
    *home.QUERIES,
    *tracing.QUERIES,
    *planning.QUERIES,
    *posts.QUERIES,
    *manual.QUERIES,
]
MUTATIONS: list[StrawberryField] = [
    *writing.MUTATIONS,
    *evidence.MUTATIONS,
    *insights.MUTATIONS,
    *customers.MUTATIONS,
    *feedback.MUTATIONS,
    *initiatives.MUTATIONS,
    *people.MUTATIONS,
    *tagging.MUTATIONS,
    *publishing.MUTATIONS,
    *reviewing.MUTATIONS,
    *community_comments.MUTATIONS,
    *community_reactions.MUTATIONS,
    *community_suggestions.MUTATIONS,
    *community_flags.MUTATIONS,
    *follows.MUTATIONS,
    *notifications.MUTATIONS,
    *shares.MUTATIONS,
    *revising.MUTATIONS,
    *uses.MUTATIONS,
    *outcomes.MUTATIONS,
    *attachments.MUTATIONS,
    *series.MUTATIONS,
    *templates.MUTATIONS,
    *listening.MUTATIONS,
    *interactions.MUTATIONS,
    *upserting.MUTATIONS,
    *merging.MUTATIONS,
    *knowing.MUTATIONS,
    *segments.MUTATIONS,
    *offered.MUTATIONS,
    *dealings.MUTATIONS,
    *moves.MUTATIONS,
    *inbox.MUTATIONS,
    *complaints.MUTATIONS,
    *sorting.MUTATIONS,
    *telling.MUTATIONS,
    *feedback_upserting.MUTATIONS,
    *privacy.MUTATIONS,
    *answering.MUTATIONS,
    *portal.MUTATIONS,
    *surveys_drawing.MUTATIONS,
    *surveys_answered.MUTATIONS,
    *verifying.MUTATIONS,
    *appreciations.MUTATIONS,
    *digests.MUTATIONS,
    *vision.MUTATIONS,
    *assumptions.MUTATIONS,
    *commitments.MUTATIONS,
    *planning.MUTATIONS,
    *posts.MUTATIONS,
    *promotions.MUTATIONS,
    *home.MUTATIONS,
]
SUBSCRIPTIONS: list[StrawberryField] = [*live.SUBSCRIPTIONS]


def _composed(name: str, fields: Sequence[StrawberryField], description: str) -> Any:
    return create_type(name, list(fields), description=description)


API = strawberry.Schema(
    query=_composed(
        "Query", QUERIES, "What can be asked. What the viewer may not see is null or absent, everywhere alike."
    ),
    mutation=_composed(
        "Mutation", MUTATIONS, "What can be done: each all or nothing, and all that is wrong said at once."
    ),
    subscription=_composed(
        "Subscription",
        SUBSCRIPTIONS,
        "What can be heard as it happens, over WebSocket and server-sent events; nobody hears of what they may not read.",
    ),
    types=search.TYPES,
    config=StrawberryConfig(scalar_map={datetime: moments.DATE_TIME}),
)
SCHEMA: GraphQLSchema = API._schema  # Strawberry builds it; graphql-core runs it


def _needs(field: StrawberryField) -> Act | None:
    needs: Act | None = field.metadata[NEEDS]
    return needs


def _called(field: StrawberryField) -> str:
    first, *rest = (field.graphql_name or field.python_name).split("_")
    return field.graphql_name or first + "".join(part.capitalize() for part in rest)


FIELDS = {_called(field): _needs(field) for field in (*QUERIES, *MUTATIONS, *SUBSCRIPTIONS)}
"""The act, and so the token scope, that each root field needs."""


def printed() -> str:
    """The schema in its definition language, as it is committed in schema.graphql."""
    return API.as_str() + "\n"
