"""Prepares an operation once and runs it in one session: refused before it starts, or answered whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute,
    validate,
)
from graphql.language import FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from knowledge.errors import Code, Refusal
from knowledge.people import Act, Viewer
from schema.context import Context
from schema.limits import Limits, OverLimit, Weight, check, read, weigh
from schema.root import FIELDS, SCHEMA

MASKED = "Something went wrong on our side. It has been noted under the request's id."


COMPUTED = frozenset({"preview", "difference", "differenceByName"})
"""Fields that render or compare whole texts, wherever they stand."""


class Unacceptable(Exception):
    """The operation is refused before anything of it runs; `status` is the HTTP status of a well-formed request."""

    def __init__(self, errors: Sequence[Mapping[str, Any]], status: int = 400) -> None:
        super().__init__(errors[0]["message"])
        self.errors = [dict(error) for error in errors]
        self.status = status


@dataclass(frozen=True)
class Operation:
    """One operation of a document that is valid, within bounds and allowed to this viewer's token."""

    document: DocumentNode
    name: str | None
    kind: str  # query, mutation or subscription
    weight: Weight
    renders: bool  # whether it renders or compares texts, which takes a while
    roots: tuple[str, ...] = ()  # its root fields


@dataclass(frozen=True)
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
    document = _read(source, limits)
    if trusted:
        weight = Weight()
    else:
        weight = _weighed(document, operation_name, variables or {}, limits)
        if not viewer.is_signed_in and _looks_inside(document):
            raise Unacceptable([_error("Introspection is for those who are signed in.", "UNAUTHENTICATED")], 401)
    if faults := _faults(source, limits):
        raise Unacceptable(faults)
    operation = _chosen(document, operation_name)
    if not trusted and viewer.role is None and not viewer.reads_public and _needy(document, operation):
        raise Unacceptable([_error("Sign in, or send a token.", "UNAUTHENTICATED")], 401)
    if missing := _missing(document, operation, viewer):
        message = f"This token lacks the scope {', '.join(missing)}."
        raise Unacceptable([_error(message, "INSUFFICIENT_SCOPE", scopes=list(missing))], 403)
    renders = _takes_long(source, limits)
    name = operation.name.value if operation.name else None
    roots = tuple(_roots(document, operation.selection_set))
    return Operation(document, name, operation.operation.value, weight, renders, roots)


def is_subscription(source: str, operation_name: str | None, limits: Limits) -> bool:
    """Whether a document asks to be told as things happen; what cannot be read does not."""
    if "subscription" not in source:
        return False
    try:
        return _chosen(_read(source, limits), operation_name).operation.value == "subscription"
    except Unacceptable:
        return False


@lru_cache(maxsize=512)
def _parsed(source: str, limits: Limits) -> DocumentNode:
    return read(source, limits)


def _read(source: str, limits: Limits) -> DocumentNode:
    try:
        return _parsed(source, limits)
    except OverLimit as over:
        raise Unacceptable([_error(str(over), "LIMIT_EXCEEDED")]) from None
    except GraphQLSyntaxError as fault:
        raise Unacceptable([{**fault.formatted, "extensions": {"code": "SYNTAX"}}]) from None
    except RecursionError:
        raise Unacceptable([_error("The document is nested too deeply.", "LIMIT_EXCEEDED")]) from None


def _weighed(document: DocumentNode, name: str | None, variables: Mapping[str, Any], limits: Limits) -> Weight:
    try:
        weight = weigh(document, SCHEMA, name, variables, limits)
        check(weight, limits, limits.cost)
    except OverLimit as over:
        raise Unacceptable([_error(str(over), "LIMIT_EXCEEDED")]) from None
    return weight


@lru_cache(maxsize=512)
def _faults(source: str, limits: Limits) -> tuple[dict[str, Any], ...]:
    errors = validate(SCHEMA, _parsed(source, limits), max_errors=20)
    return tuple({**error.formatted, "extensions": {"code": "VALIDATION"}} for error in errors)


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        operations = [each for each in operations if each.name is not None and each.name.value == name]
    if len(operations) == 1:
        return operations[0]
    if not operations:
        said = f"There is no operation called {name}." if name else "The document has no operation."
        raise Unacceptable([_error(said, "BAD_REQUEST")])
    raise Unacceptable([_error("The document has several operations: say which by operationName.", "BAD_REQUEST")])


def _missing(document: DocumentNode, operation: OperationDefinitionNode, viewer: Viewer) -> list[str]:
    """The scopes that root fields need and the viewer's token was not given."""
    if viewer.scopes is None:
        return []
    needed = {FIELDS[name] for name in _roots(document, operation.selection_set) if FIELDS.get(name) is not None}
    return sorted(act.value for act in needed if isinstance(act, Act) and act not in viewer.scopes)


def _needy(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Whether a root field needs somebody who may do something; whoever has the link of a survey need not be known."""
    return any(FIELDS.get(name) not in (None, Act.SURVEYS_ANSWER) for name in _roots(document, operation.selection_set))


def _roots(document: DocumentNode, selections: SelectionSetNode) -> Iterator[str]:
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    waiting, seen = list(selections.selections), set[str]()
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            waiting += selection.selection_set.selections
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            seen.add(selection.name.value)
            if fragment := fragments.get(selection.name.value):
                waiting += fragment.selection_set.selections


@lru_cache(maxsize=512)
def _takes_long(source: str, limits: Limits) -> bool:
    """Whether the document anywhere asks for what is computed over whole texts."""
    waiting: list[Any] = [
        each.selection_set for each in _parsed(source, limits).definitions if hasattr(each, "selection_set")
    ]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode) and selection.name.value in COMPUTED:
                return True
            if getattr(selection, "selection_set", None) is not None:
                waiting.append(selection.selection_set)
    return False


def _looks_inside(document: DocumentNode) -> bool:
    return any(
        name in {"__schema", "__type"}
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
        for name in _roots(document, each.selection_set)
    )


def run(
    operation: Operation, context: Context, variables: Mapping[str, Any] | None = None, root: object = None
) -> Answer:
    """Run an operation in the context's session, synchronously; nothing is committed here. `root` is what a subscription tells of."""
    context.session.info["effort"] = 0.0  # what is written in one operation shares one bound on rendering
    context.session.info.pop("comparing", None)  # and what is compared, one on comparing
    result = execute(
        SCHEMA,
        operation.document,
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
    extensions = {"cost": operation.weight.cost} if operation.weight.cost else {}
    return Answer(result.data if bug is None else None, errors, extensions, bug)


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


def _error(message: str, code: str, **more: Any) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, **more}}
