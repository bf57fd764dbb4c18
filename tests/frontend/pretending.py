"""Answers any document from the printed schema: what a test spells out is given, the rest is made up by its type."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from starlette.requests import Request

from frontend.asking import Answer, Execute

SDL = Path(__file__).parents[2] / "schema" / "schema.graphql"
KINDS = {
    "BestPractice": "BEST_PRACTICE", "Insight": "INSIGHT", "Vision": "VISION", "Initiative": "INITIATIVE", "Principle": "PRINCIPLE",
    "Story": "STORY", "Idea": "IDEA", "Question": "QUESTION", "Requirements": "REQUIREMENTS", "Lesson": "LESSON", "Guide": "GUIDE",
}  # fmt: skip
TEXTS = {
    "DateTime": "2026-03-12T08:30:00+00:00",
    "Date": "2026-03-12",
    "ID": "id-1",
    "Int": 3,
    "Float": 0.5,
    "Boolean": False,
}
Info = GraphQLResolveInfo[Any]
World = Mapping[str, Any]
Made = Callable[[GraphQLOutputType, Info], Any]


class Refused(Exception):
    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(f"Refused with {code}.")
        self.code = code
        self.field = field


def schema(sdl: Path = SDL) -> GraphQLSchema:
    return build_schema(sdl.read_text(encoding="utf-8"))


def executor(known: GraphQLSchema, world: World, made_up: Made) -> Execute:
    def resolve(source: Any, info: Info, **arguments: Any) -> Any:
        if isinstance(source, Mapping) and info.field_name in source:
            value = source[info.field_name]
            if not callable(value):
                return value
            return value(arguments["input"]) if "input" in arguments else value(**arguments)
        if info.field_name == "kind" and info.parent_type.name in KINDS:
            return KINDS[info.parent_type.name]
        return made_up(info.return_type, info)

    async def execute(document: str, variables: Mapping[str, object], request: Request) -> Answer:
        parsed, faults = _read(known, document)
        if faults:
            return Answer(None, [_told(error) for error in faults])
        result = execute_sync(
            known,
            parsed,
            world,
            variable_values=dict(variables),
            field_resolver=resolve,
            type_resolver=lambda value, *_: value["__typename"],
        )
        return Answer(result.data, [_told(error) for error in result.errors or []])

    return execute


@cache
def _read(known: GraphQLSchema, document: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """A document and what is wrong with it; that takes longer than to answer it, and pages ask the same again and again."""
    parsed = parse(document)
    return parsed, validate(known, parsed)


def _told(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return {**error.formatted, "extensions": {"code": "BAD_INPUT"}}
    code, field = (cause.code, cause.field) if isinstance(cause, Refused) else ("INTERNAL", None)
    return {**error.formatted, "extensions": {"code": code, "field": field}}


def full(kind: GraphQLOutputType, info: Info) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return full(kind.of_type, info)
    if isinstance(kind, GraphQLList):
        return [] if info.field_name == "errors" else [full(kind.of_type, info), full(kind.of_type, info)]
    return _one(kind, info)


def empty(kind: GraphQLOutputType, info: Info) -> Any:
    if isinstance(kind, GraphQLList):
        return []
    if not isinstance(kind, GraphQLNonNull):
        return None
    if isinstance(kind.of_type, GraphQLList):
        return []
    return 0 if getattr(kind.of_type, "name", "") == "Int" else _one(kind.of_type, info)


def _one(kind: Any, info: Info) -> Any:
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLObjectType):
        return {"__typename": kind.name}
    if kind.name == "ID" and info.parent_type.name == "Comment":  # many share a page, each with an anchor of its own
        return "-".join(["comment", *(str(step) for step in info.path.as_list() if isinstance(step, int))])
    if isinstance(kind, (GraphQLInterfaceType, GraphQLUnionType)):
        return {"__typename": info.schema.get_possible_types(kind)[0].name}
    return TEXTS.get(
        kind.name,
        f"<p>{info.field_name} & more</p>" if "html" in info.field_name.lower() else f"{info.field_name} & “more”",
    )
