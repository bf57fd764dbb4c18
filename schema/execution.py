"""Prepares an operation once and runs it in one session: refused before it starts, or answered whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, GraphQLError, execute

from knowledge.database import recovered
from knowledge.errors import Code, Refusal
from knowledge.people import Viewer
from schema.context import Context
from schema.documents import Chosen, Document, Unacceptable, documented, failing
from schema.limits import Limits, OverLimit, Weight, check
from schema.plans import Abandoned, Unplanned
from schema.root import SCHEMA

MASKED = "Something went wrong on our side. It has been noted under the request's id."


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document that is valid, within bounds and allowed to this viewer's token."""

    chosen: Chosen
    weight: Weight

    @property
    def name(self) -> str | None:
        """What it is called."""
        return self.chosen.called

    @property
    def kind(self) -> str:
        """Query, mutation or subscription."""
        return self.chosen.kind

    @property
    def renders(self) -> bool:
        """Whether it renders or compares texts, which takes a while."""
        return self.chosen.document.renders

    @property
    def roots(self) -> tuple[str, ...]:
        """Its root fields."""
        return self.chosen.roots


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation came to. With a `bug` the caller rolls back, logs it, and answers these masked errors without data."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)
    bug: BaseException | None = None


def prepare(
    source: str,
    *,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
    viewer: Viewer,
    limits: Limits,
    trusted: bool = False,
) -> Operation:
    """Read, bound, validate and choose one operation; raises `Unacceptable`. The product's own documents are `trusted`: not weighed."""
    document = documented(source, limits, own=trusted)
    weight = Weight() if trusted else _weighed(document, operation_name, variables or {}, limits)
    if not trusted and not viewer.is_signed_in and document.looks_inside:
        raise Unacceptable([failing("Introspection is for those who are signed in.", "UNAUTHENTICATED")], 401)
    if document.faults:
        raise Unacceptable(document.faults)
    chosen = document.chosen(operation_name)
    if not trusted and viewer.role is None and not viewer.reads_public and chosen.is_needy:
        raise Unacceptable([failing("Sign in, or send a token.", "UNAUTHENTICATED")], 401)
    if missing := chosen.missing(viewer):
        message = f"This token lacks the scope {', '.join(missing)}."
        raise Unacceptable([failing(message, "INSUFFICIENT_SCOPE", scopes=missing)], 403)
    return Operation(chosen, weight)


def is_subscription(source: str, operation_name: str | None, limits: Limits) -> bool:
    """Whether a document asks to be told as things happen; what cannot be read does not."""
    if "subscription" not in source:
        return False
    try:
        return documented(source, limits).chosen(operation_name).kind == "subscription"
    except Unacceptable:
        return False


def _weighed(document: Document, name: str | None, variables: Mapping[str, Any], limits: Limits) -> Weight:
    try:
        weight = document.weight(name, variables)
        check(weight, limits, limits.cost)
    except OverLimit as over:
        raise Unacceptable([failing(str(over), "LIMIT_EXCEEDED")]) from None
    return weight


def run(
    operation: Operation, context: Context, variables: Mapping[str, Any] | None = None, root: object = None
) -> Answer:
    """Run an operation in the context's session, synchronously; nothing is committed here. `root` is what a subscription tells of.

    A query runs by its plan; where that gives up, as if it had never begun, by the stock executor, which everything else does.
    """
    if operation.kind == "query" and context.plans:
        if answer := _planned(operation, context, variables or {}):
            return answer
    else:
        context.counts.stock += 1
    _begin(context, operation)
    result = execute(
        SCHEMA,
        operation.chosen.document.node,
        root,
        context_value=context,
        variable_values=dict(variables or {}),
        operation_name=operation.name,
    )
    assert isinstance(result, ExecutionResult)
    errors, bug = [], None
    for error in result.errors or ():
        told, cause = _told(error, context.request_id)
        errors.append(told)
        bug = bug or cause
    return Answer(result.data if bug is None else None, errors, _extensions(operation), bug)


def _begin(context: Context, operation: Operation) -> None:
    context.session.info["effort"] = 0.0  # what is written in one operation shares one bound on rendering
    context.session.info.pop("comparing", None)  # and what is compared, one on comparing
    context.session.info["named"] = operation.chosen.document.named  # lists leave out what is long and not asked for


def _planned(operation: Operation, context: Context, variables: Mapping[str, Any]) -> Answer | None:
    """The answer by the operation's plan; nothing, and nothing done, where that gives up."""
    _begin(context, operation)
    heard, looked = len(context.heard), dict(context.looked)
    try:
        data = operation.chosen.plans.run(context, variables)
        if getattr(context.session.info.get("comparing"), "fell_short", False):
            raise Abandoned  # what is still compared then depends on the order
    except Exception as problem:  # whatever it is, the stock executor says it as it has always been said
        if not recovered(context.session, problem):
            error = {"message": MASKED, "extensions": {"code": "INTERNAL", "requestId": context.request_id}}
            return Answer(None, [error], bug=problem)
        del context.heard[heard:]
        context.looked.clear()
        context.looked.update(looked)
        if isinstance(problem, Unplanned):
            context.counts.stock += 1
        else:
            context.counts.replayed += 1
        return None
    context.counts.planned += 1
    return Answer(data, extensions=_extensions(operation))


def _extensions(operation: Operation) -> dict[str, Any]:
    return {"cost": operation.weight.cost} if operation.weight.cost else {}


def _told(error: GraphQLError, request_id: str) -> tuple[dict[str, Any], BaseException | None]:
    """An error as the caller is told it, and the bug behind it if it was unexpected."""
    cause = error.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    if cause is None or isinstance(cause, GraphQLError):
        return {**formatted, "extensions": {"code": "BAD_INPUT", "requestId": request_id}}, None
    if isinstance(cause, Refusal):
        problem = cause.problems[0]
        code = "BAD_INPUT" if problem.code is Code.INVALID else problem.code.value
        extensions = {"code": code, "field": problem.field or None, "requestId": request_id}
        return {**formatted, "message": problem.message, "extensions": extensions}, None
    return {**formatted, "message": MASKED, "extensions": {"code": "INTERNAL", "requestId": request_id}}, cause
