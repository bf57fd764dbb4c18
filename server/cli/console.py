"""How every command speaks: data on standard output, talk on standard error, and what its exit says."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from server.settings import Settings

FAILED, USAGE, NOT_FOUND, ATTENTION = 1, 2, 3, 4
BAR = 40
MUCH = 10_000

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", envvar="LOYALTY_DATA", help="The folder that holds database and index.", show_default="data"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


class _Outcomes(TyperGroup):
    """Turns an expected no into its message and its exit."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what is a bug rises with its trace."""
        try:
            return super().invoke(ctx)
        except Exception as problem:
            exit = _exit_for(problem)
            if exit is None:
                raise
            code, message = exit
            stop(message, code)


def _exit_for(problem: Exception) -> tuple[int, str] | None:
    """Asks only modules that a command has loaded, so that `version` stays light."""
    loaded = sys.modules
    if (errors := loaded.get("knowledge.errors")) and isinstance(problem, errors.Refusal):
        return (NOT_FOUND if isinstance(problem, errors.NotFound) else FAILED), str(problem)
    if (installation := loaded.get("server.installation")) and isinstance(problem, installation.NotReady):
        return ATTENTION, str(problem)
    if (pydantic := loaded.get("pydantic")) and isinstance(problem, pydantic.ValidationError):
        return USAGE, loaded["server.settings"].faults(problem)
    if (failures := loaded.get("sqlalchemy.exc")) and isinstance(problem, failures.OperationalError):
        from server.reaching import known

        trouble = known(problem)  # any other is a statement of ours that is wrong, and rises with its trace
        return (FAILED, f"The database does not answer: {trouble.says}\n{trouble.mend}") if trouble else None
    if isinstance(problem, OSError):
        said = f"{problem.strerror}: {problem.filename}" if problem.filename else str(problem)
        return (NOT_FOUND if isinstance(problem, FileNotFoundError) else FAILED), said
    return None


def application() -> typer.Typer:
    """The program without its commands. Every option is also a variable: LOYALTY_, the command, the option."""
    app = typer.Typer(
        cls=_Outcomes,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"auto_envvar_prefix": "LOYALTY", "help_option_names": ["-h", "--help"]},
    )

    @app.callback(help="Where a company's knowledge about customer loyalty lives.")
    def begin(context: typer.Context, data: Data = None) -> None:
        context.obj = data

    return app


def settings(context: typer.Context, data: Path | None, **options: Any) -> "Settings":
    """The settings of a command: its options, then those before the command, then the environment. Begins the log."""
    from server import logs
    from server.settings import Settings

    found = Settings.given(data=data or context.find_root().obj, **options)
    logs.begin(found)
    return found


def say(message: str) -> None:
    """Talk, which a program that reads the data never sees."""
    typer.echo(message, err=True)


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error that hears how much of how much is done; where that is no terminal, a line for each tenth of much."""
    drawn = ""
    tenths = 0

    def draw(done: int, total: int) -> None:
        nonlocal drawn
        filled = BAR * done // total if total else BAR
        wanted = f"\r[{'#' * filled}{' ' * (BAR - filled)}] {done:,} of {total:,}"
        if wanted != drawn:
            drawn = wanted
            sys.stderr.write(wanted)
            sys.stderr.flush()

    def tell(done: int, total: int) -> None:
        nonlocal tenths
        if total >= MUCH and 10 * done // total > tenths:
            tenths = 10 * done // total
            say(f"{10 * tenths} %: {done:,} of {total:,}")

    if not sys.stderr.isatty():
        yield tell
        return
    try:
        yield draw
    finally:
        if drawn:
            sys.stderr.write("\n")


def show(text: str) -> None:
    """Data, at once: whoever reads it may be waiting."""
    typer.echo(text)
    sys.stdout.flush()


def show_json(value: object) -> None:
    """Data as JSON."""
    show(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def show_table(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, as_json: bool) -> None:
    """Rows as JSON, or a line each with tabs between the columns."""
    if as_json:
        show_json([{name: row[name] for name in columns} for row in rows])
    else:
        for row in rows:
            show("\t".join(str(row[name]) for name in columns))


def stop(message: str, code: int = FAILED) -> NoReturn:
    """End with a message and an exit that is not 0."""
    say(message)
    raise typer.Exit(code)
