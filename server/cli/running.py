"""`init`, `demo`, `serve` and `worker`: begin an installation and keep it going."""

import signal
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.console import FAILED, Data, say, settings, show, stop

if TYPE_CHECKING:
    from server.settings import Settings

Host = Annotated[
    str | None, typer.Option(envvar="LOYALTY_HOST", help="The address to listen at.", show_default="127.0.0.1")
]
Port = Annotated[
    int | None,
    typer.Option(envvar="LOYALTY_PORT", help="The port to listen at; 0 takes a free one.", show_default="8000"),
]
Workers = Annotated[
    int | None, typer.Option(envvar="LOYALTY_WORKERS", help="How many processes answer requests.", show_default="1")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (init, demo, serve, worker):
        app.command()(command)


def init(context: typer.Context, data: Data = None) -> None:
    """Make the data folder with its database, and fill it with the starter library. Brings an older database up to date."""
    chosen = settings(context, data)
    _begin(chosen, sample=False)
    say(f"{chosen.data} is ready. Next: loyalty person add EMAIL --name NAME --role admin, then: loyalty serve")


def demo(context: typer.Context, data: Data = None, host: Host = None, port: Port = None) -> None:
    """Serve a demonstration: library and sample company, and one click signs in as anyone of it."""
    chosen = settings(context, data, host=host, port=port, demo=True)
    _begin(chosen, sample=True)
    _serve(chosen)


def serve(
    context: typer.Context, data: Data = None, host: Host = None, port: Port = None, workers: Workers = None
) -> None:
    """Answer requests. Prints the address once it answers."""
    _serve(settings(context, data, host=host, port=port, workers=workers))


def worker(context: typer.Context, data: Data = None) -> None:
    """Keep the index and run jobs without answering requests; beside servers on the same folder, one of all does it."""
    from server import installation, working

    stopping = threading.Event()
    for ended in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ended, lambda *_: stopping.set())
    with installation.opened(settings(context, data)) as home:
        home.load()
        busy = working.over(home)
        busy.start()
        say("Working. Ctrl-C ends it.")
        stopping.wait()
        busy.stop()


def _serve(chosen: "Settings") -> None:
    from server.serving import serve as answer

    try:
        answer(chosen, show)
    except KeyboardInterrupt:
        say("Stopped.")
    except SystemExit as ended:
        if ended.code:
            stop("The server could not start; the log above says why.", FAILED)


def _begin(chosen: "Settings", *, sample: bool) -> None:
    from knowledge import transfer
    from knowledge.search import following
    from server import installation, upgrading

    if installation.is_there(chosen):
        upgrading.upgrade(chosen)
    database = installation.found(chosen)
    try:
        if not _has_entries(database):
            say("Installing the starter library ...")
            transfer.install_library(database)
        if sample:
            _refuse_real_people(database)
            transfer.install_sample(database)
            transfer.install_year(database)
    finally:
        database.close()
    with installation.opened(chosen) as home:
        following.reconcile(home.database, home.index)


def _has_entries(database: Any) -> bool:
    from knowledge.search import documents

    with database.reading() as session:
        return documents.count(session) > 0


def _refuse_real_people(database: Any) -> None:
    """A company's own installation does not become a demonstration by a slip of the finger."""
    from sqlalchemy import select

    from knowledge.database import table_of
    from knowledge.people import Person
    from server.installation import NotReady

    with database.reading() as session:
        kinds = set(session.connection().execute(select(table_of(Person).c.sample).distinct()).scalars())
    if kinds == {False}:
        raise NotReady("People work here already. Give the demonstration a folder of its own: loyalty demo --data DIR")
