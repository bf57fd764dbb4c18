"""`version`, `schema`, `doctor` and `query`: look at what is there."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.console import ATTENTION, FAILED, USAGE, Data, Json, say, settings, show, show_json, stop

if TYPE_CHECKING:
    from server.installation import Installation

File = Annotated[Path, typer.Argument(help="A file with one operation; - is standard input.", allow_dash=True)]
Variables = Annotated[list[str] | None, typer.Option("--var", help="A variable as name=value; JSON where it is JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    schema = typer.Typer(no_args_is_help=True, help="The GraphQL schema.")
    schema.command("print")(schema_print)
    schema.command("check")(schema_check)
    app.add_typer(schema, name="schema")
    for command in (query, doctor, version):
        app.command()(command)


def version(json: Json = False) -> None:
    """Say which version this is."""
    from server.version import product_version

    if json:
        show_json({"version": product_version()})
    else:
        show(product_version())


def schema_print() -> None:
    """Print the schema definition."""
    from schema.root import printed

    typer.echo(printed(), nl=False)


def schema_check() -> None:
    """Compare the schema with the file that is kept of it."""
    from schema import root

    kept = Path(root.__file__).with_name("schema.graphql")
    if not kept.exists() or kept.read_text(encoding="utf-8") != root.printed():
        stop(
            f"{kept.name} is not what the code says. Look at the difference, then: loyalty schema print > {kept}",
            ATTENTION,
        )
    say(f"{kept.name} is what the code says.")


def doctor(context: typer.Context, data: Data = None, json: Json = False) -> None:
    """Look at everything, and say for each finding how to mend it."""
    from server.doctor import examine

    findings = list(examine(settings(context, data)))
    if json:
        show_json([{"name": each.name, "says": each.says, "mend": each.mend} for each in findings])
    else:
        for each in findings:
            show(f"{'!' if each.mend else ' '} {each.name}: {each.says}" + (f"\n    {each.mend}" if each.mend else ""))
    if any(each.mend for each in findings):
        raise typer.Exit(ATTENTION)


def query(
    context: typer.Context,
    file: File,
    var: Variables = None,
    person: Annotated[str | None, typer.Option(help="Ask as this person; as the operator unless given.")] = None,
    paginate: Annotated[bool, typer.Option("--paginate", help="Ask again with $after until there is no more.")] = False,
    data: Data = None,
) -> None:
    """Run one operation of the API and print its answer; with --paginate an answer a line."""
    import orjson

    from server import installation

    source = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    variables = dict(_variable(each) for each in var or ())
    with installation.opened(settings(context, data)) as home:
        while True:
            answer = _answered(home, source, variables, person)
            show(orjson.dumps(answer, option=0 if paginate else orjson.OPT_INDENT_2).decode())
            if answer.get("errors"):
                raise typer.Exit(FAILED)
            cursor = _next_cursor(answer) if paginate else None
            if cursor is None:
                break
            variables["after"] = cursor


def _variable(text: str) -> tuple[str, Any]:
    import json

    name, equals, value = text.partition("=")
    if not equals:
        stop(f"A variable is name=value, and this is {text}.", USAGE)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _answered(home: "Installation", source: str, variables: Mapping[str, Any], person: str | None) -> dict[str, Any]:
    from knowledge.people import OPERATOR
    from schema.context import Context
    from schema.documents import Unacceptable
    from schema.execution import prepare, run
    from server.cli.people import owner
    from server.operations import limits_for

    with home.database.reading() as session:
        viewer = owner(session, person) if person else OPERATOR
    limits = limits_for(home.settings, viewer)
    try:
        operation = prepare(
            source, operation_name=None, variables=variables, viewer=viewer, limits=limits, trusted=True
        )
    except Unacceptable as refused:
        return {"errors": refused.errors}

    def work(session: Any) -> Any:
        found = run(operation, Context(session, viewer, home.index), variables)
        if found.bug is not None:
            raise found.bug
        return found

    if operation.kind == "mutation":
        answer = home.database.write(work)
    else:
        with home.database.reading() as session:
            answer = work(session)
    return {"data": answer.data} if not answer.errors else {"errors": answer.errors, "data": answer.data}


def _next_cursor(value: Any) -> str | None:
    """The end cursor of the first list in an answer that has more."""
    if isinstance(value, list):
        return next((cursor for each in value if (cursor := _next_cursor(each))), None)
    if not isinstance(value, dict):
        return None
    page = value.get("pageInfo")
    if isinstance(page, dict) and page.get("hasNextPage") and page.get("endCursor"):
        return str(page["endCursor"])
    return next((cursor for each in value.values() if (cursor := _next_cursor(each))), None)
