"""`import`, `export`, `reindex` and `sample`: move knowledge in and out, and build the index anew."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.console import ATTENTION, FAILED, USAGE, Data, Json, progress, say, settings, show, show_json, stop

From = Annotated[
    Path,
    typer.Argument(help="A folder or a zip archive of Markdown, JSON lines and CSV, or one such file."),
]
To = Annotated[Path, typer.Argument(help="A new or empty folder, or a new zip archive (.zip).")]
Dialect = Annotated[
    str,
    typer.Option(
        "--from",
        help="The tool that Markdown is from, where it is not to be found out: obsidian, hugo, outline, wikijs, plain.",
    ),
]
List = Annotated[str, typer.Option("--type", help="What tables in CSV have: customers, feedback or transactions.")]
Source = Annotated[
    str, typer.Option("--source", help="The system that tables are from, where they have no column for it.")
]
OUTCOMES = ("created", "updated", "unchanged", "refused")
Rows = Annotated[
    Path | None, typer.Option("--report", help="Write what came of every row to this file, as JSON lines.")
]
Template = Annotated[
    str,
    typer.Option(
        "--csv-template", help="Write only the first line of such a table: customers, feedback or transactions."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(bring_in)
    app.command("export")(take_out)
    app.command("reindex")(reindex)
    sample = typer.Typer(no_args_is_help=True, help="The invented company of a demonstration.")
    sample.command("remove")(remove_sample)
    app.add_typer(sample, name="sample")


def bring_in(
    context: typer.Context,
    path: From,
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, and say what would come of it.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing unless every row is good.")] = False,
    dialect: Dialect = "",
    table: List = "",
    source: Source = "",
    rows: Rows = None,
    json: Json = False,
) -> None:
    """Take entries, people, customers and feedback in. Twice the same changes nothing; a bad row does not stop the others."""
    from knowledge import transfer
    from knowledge.people import OPERATOR
    from knowledge.search import following
    from server import installation

    with installation.opened(settings(context, data)) as home:
        wishes = transfer.Wishes(dialect, table, source)
        with progress() as told, _lines(rows) as tell:
            report = transfer.import_path(
                home.database, OPERATOR, path, dry_run=dry_run, strict=strict, progress=told, wishes=wishes, tell=tell
            )
            if tell is not None:
                tell(
                    {"outcome": "summary", **_summary(report), "written": not (dry_run or (strict and report.refused))}
                )
        if not dry_run:
            with progress() as told:
                following.follow(home.database, home.index, told)
    for finding in (*report.warnings, *report.problems):
        say(str(finding))
    for title, count in report.read_as.items():
        say(f"read as {title}: {count:,} {'file' if count == 1 else 'files'}")
    for name in ("links", "attachments"):
        if any(getattr(report, name).values()):
            say(f"{name}: " + ", ".join(f"{count:,} {what}" for what, count in getattr(report, name).items()))
    if json:
        show_json({**_summary(report), "problems": [str(each) for each in report.problems]})
    else:
        show(", ".join(f"{getattr(report, name)} {name}" for name in OUTCOMES))
    if report.refused:
        raise typer.Exit(ATTENTION)


def _summary(report: Any) -> dict[str, Any]:
    counts = {name: getattr(report, name) for name in OUTCOMES}
    return {**counts, **{name: dict(getattr(report, name)) for name in ("read_as", "links", "attachments")}}


@contextmanager
def _lines(path: Path | None) -> Iterator[Callable[[Mapping[str, Any]], None] | None]:
    """Writes a line of JSON for everything it hears, or hears nothing."""
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as stream:
        yield lambda event: print(dumps(event, ensure_ascii=False), file=stream)


def take_out(context: typer.Context, path: To, data: Data = None, csv_template: Template = "") -> None:
    """Write everything as files that `import` reads."""
    from knowledge import transfer
    from server import installation

    if csv_template:
        path.write_text(transfer.template(csv_template), encoding="utf-8", newline="")
        return
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        stop(f"{path} is there already, and is no empty folder.", FAILED)
    with installation.opened(settings(context, data)) as home, progress() as told:
        transfer.export_path(home.database, path, told)
    say(f"Everything is in {path}.")


def reindex(
    context: typer.Context,
    data: Data = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare the index with the rows, and repair what differs.")
    ] = False,
) -> None:
    """Build the search index anew while the old one keeps answering."""
    from knowledge.search import following
    from server import installation

    with installation.opened(settings(context, data)) as home:
        if home.index.trouble:
            say(home.index.trouble)
        if check:
            with progress() as told:
                found = following.reconcile(home.database, home.index, told)
            parts = {"missing": found.missing, "outdated": found.outdated, "surplus": found.surplus}
            show(", ".join(f"{len(uids)} {name}" for name, uids in parts.items()))
            if home.learning:
                now = home.learning.progress()
                say(f"{now.done} of {now.total} English entries have vectors.")
            raise typer.Exit(ATTENTION if found else 0)
        with progress() as told:
            count = following.reindex(home.database, home.index, told)
        say(f"{count} entries indexed.")
        if home.learning:
            with progress() as told:
                count = home.learning.learn_all(told)
            say(f"{count} English entries have vectors.")


def remove_sample(
    context: typer.Context,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove the sample company, with everything that was written about it. Your own entries and people stay."""
    from knowledge import transfer
    from knowledge.search import following
    from server import installation

    with installation.opened(settings(context, data)) as home:
        if not yes and not _agreed():
            stop("Nothing was removed.", FAILED)
        count = transfer.remove_sample(home.database)
        following.follow(home.database, home.index)
    say(f"{count} rows of the sample were removed.")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        stop("This removes the sample for good: say --yes.", USAGE)
    return typer.confirm("Remove the sample for good?", err=True)
