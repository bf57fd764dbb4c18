"""`backup`, `restore` and `upgrade`: keep what is known through accidents, moves and new versions."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.console import ATTENTION, FAILED, USAGE, Data, Json, progress, say, settings, show_json, stop

if TYPE_CHECKING:
    from knowledge.backups import Manifest

To = Annotated[Path, typer.Argument(help="A new file; - is standard output.", allow_dash=True)]
From = Annotated[Path, typer.Argument(help="A file that `backup` wrote.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (backup, restore, upgrade):
        app.command()(command)


def backup(context: typer.Context, file: To, data: Data = None, json: Json = False) -> None:
    """Write everything into one file, while the server runs."""
    from server import backups

    chosen = settings(context, data)
    is_piped = str(file) == "-"
    if is_piped and (json or sys.stdout.isatty()):
        stop("A backup is not for the eye, nor beside JSON: send it into a file or a program.", USAGE)
    with progress() as told:
        manifest = backups.take(chosen, file, told)
    if json:
        show_json(_told(manifest))
    else:
        say(f"{_summary(manifest)} {'are written' if is_piped else f'are in {file}'}. Nobody else should read them.")
    if manifest.lost:
        stop(f"Everything but {len(manifest.lost)} attachments, whose files are gone or broken.", ATTENTION)


def restore(
    context: typer.Context,
    file: From,
    data: Data = None,
    check: Annotated[bool, typer.Option("--check", help="Only look whether the file is whole.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop every table of a PostgreSQL database that has some.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Put what a backup has in the place of what there is. The server must be stopped; the former database is kept."""
    from knowledge import backups
    from server import restoring

    chosen = settings(context, data)
    with backups.opened(file) as found:
        with progress() as told:
            found.check(told)
        if json:
            show_json(_told(found.manifest))
        say(f"{file} is whole: {_summary(found.manifest)}, taken by version {found.manifest.version}.")
        if check:
            return
        if restoring.has_something(chosen) and not yes and not _agreed(chosen.data):
            stop("Nothing was restored.", FAILED)
        with progress() as told:
            done = restoring.restore(chosen, found, replacing=replace, progress=told)
    say("Everything is restored." + (f" What was there before is in {done.aside}." if done.aside else ""))
    _index(chosen)


def upgrade(context: typer.Context, data: Data = None) -> None:
    """Bring the tables to this version. The server must be stopped; the former database is kept."""
    from server import upgrading

    done = upgrading.upgrade(settings(context, data))
    if done.before == done.after:
        say(f"The tables are those of this version ({done.after}).")
        return
    say(f"The tables were {done.before or 'not there'} and are {done.after} now.")
    if done.aside:
        say(f"What was there before is in {done.aside}.")


def _index(chosen: Any) -> None:
    from knowledge.search import following
    from server import installation

    say("Building the search index. It can be broken off: the server goes on with it.")
    with installation.opened(chosen) as home, progress() as told:
        count = following.reindex(home.database, home.index, told)
    say(f"{count} entries indexed. Everybody signs in again.")


def _agreed(folder: Path) -> bool:
    if not sys.stdin.isatty():
        stop(f"This replaces what is in {folder}: say --yes.", USAGE)
    return typer.confirm(f"Replace what is in {folder}?", err=True)


def _summary(manifest: "Manifest") -> str:
    rows, attachments = sum(manifest.rows.values()), len(manifest.attachments)
    return f"{rows:,} rows and {attachments:,} attachments of {manifest.moment:%Y-%m-%d %H:%M:%S} UTC"


def _told(manifest: "Manifest") -> dict[str, object]:
    return {
        "moment": manifest.moment.isoformat(),
        "version": manifest.version,
        "migration": manifest.migration,
        "engine": manifest.engine,
        "rows": dict(manifest.rows),
        "attachments": len(manifest.attachments),
        "lost": list(manifest.lost),
    }
