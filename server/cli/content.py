"""`import`, `export`, `reindex` and `sample`: move knowledge in and out, and build the index anew."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from server.cli.console import ATTENTION, FAILED, USAGE, Data, Json, progress, say, settings, show, show_json, stop

From = Annotated[
    Path, typer.Argument(help="A folder of Markdown with front matter, a Markdown file, or a file of JSON lines.")
]
To = Annotated[Path, typer.Argument(help="A new or empty folder.")]


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
    json: Json = False,
) -> None:
    """Take entries, people, customers and feedback in. Twice the same changes nothing; a bad row does not stop the others."""
    from knowledge import transfer
    from knowledge.people import OPERATOR
    from knowledge.search import following
    from server import installation

    with installation.opened(settings(context, data)) as home:
        with progress() as told:
            report = transfer.import_path(home.database, OPERATOR, path, dry_run=dry_run, strict=strict, progress=told)
        if not dry_run:
            following.follow(home.database, home.index)
    for finding in (*report.warnings, *report.problems):
        say(str(finding))
    counts = {name: getattr(report, name) for name in ("created", "updated", "unchanged", "refused")}
    if json:
        show_json({**counts, "problems": [str(each) for each in report.problems]})
    else:
        show(", ".join(f"{count} {name}" for name, count in counts.items()))
    if report.refused:
        raise typer.Exit(ATTENTION)


def take_out(context: typer.Context, path: To, data: Data = None) -> None:
    """Write everything as files that `import` reads."""
    from knowledge import transfer
    from server import installation

    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        stop(f"{path} is not an empty folder.", FAILED)
    with installation.opened(settings(context, data)) as home, progress() as told:
        transfer.export_path(home.database, path, told)
    say(f"Everything is in {path}.")


def reindex(
    context: typer.Context,
    data: Data = None,
    check: Annotated[bool, typer.Option("--check", help="Only compare the index with the rows.")] = False,
) -> None:
    """Build the search index anew while the old one keeps answering."""
    from knowledge.search import following
    from server import installation

    with installation.opened(settings(context, data)) as home:
        if check:
            found = following.difference(home.database, home.index)
            parts = {"missing": found.missing, "outdated": found.outdated, "surplus": found.surplus}
            show(", ".join(f"{len(uids)} {name}" for name, uids in parts.items()))
            raise typer.Exit(ATTENTION if found else 0)
        with progress() as told:
            count = following.reindex(home.database, home.index, told)
    say(f"{count} entries indexed.")


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
