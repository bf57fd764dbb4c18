"""`person` and `token`: who may sign in, and which programs may act for them."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.console import USAGE, Data, Json, say, settings, show, show_table, stop

if TYPE_CHECKING:
    from knowledge.people import Act, Viewer
    from knowledge.words import Role

Email = Annotated[str, typer.Argument(help="The address that the person signs in with.")]
Person = Annotated[str, typer.Option("--person", help="The address of the person whom the token acts for.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    person = typer.Typer(no_args_is_help=True, help="Who may sign in.")
    person.command("add")(add)
    person.command("list")(people_list)
    person.command("role")(role)
    person.command("password")(password)
    token = typer.Typer(no_args_is_help=True, help="Which programs may act for whom.")
    token.command("create")(create)
    token.command("list")(token_list)
    token.command("revoke")(revoke)
    app.add_typer(person, name="person")
    app.add_typer(token, name="token")


def add(
    context: typer.Context,
    email: Email,
    name: Annotated[str, typer.Option(help="What the person is called.")],
    role: Annotated[str, typer.Option(help="employee, steward, leader, admin or customer.")] = "employee",
    group: Annotated[str | None, typer.Option(help="The name of the functional group.")] = None,
    data: Data = None,
) -> None:
    """Let someone sign in. The password is asked at the terminal, or read from standard input where that is none."""
    from knowledge import people
    from knowledge.people import OPERATOR
    from server import installation

    chosen = _role(role)
    with installation.opened(settings(context, data)) as home:
        password = _password()
        home.database.write(
            lambda session: people.add(
                session, OPERATOR, email, name, chosen, password=password, group_id=_group(session, group)
            )
        )
    say(f"{email} may sign in.")


def role(
    context: typer.Context,
    email: Email,
    to: Annotated[str, typer.Argument(metavar="ROLE", help="employee, steward, leader, admin or customer.")],
    data: Data = None,
) -> None:
    """Give someone another role, which holds at once, for tokens too."""
    from knowledge import people
    from knowledge.people import OPERATOR
    from server import installation

    chosen = _role(to)
    with installation.opened(settings(context, data)) as home:
        home.database.write(lambda session: people.set_role(session, OPERATOR, email, chosen))
    say(f"{email} is {to.lower()} now.")


def password(context: typer.Context, email: Email, data: Data = None) -> None:
    """Give someone a new or a first password, and sign them out everywhere. It is asked or read as by `person add`."""
    from knowledge import people
    from knowledge.people import OPERATOR
    from server import installation

    with installation.opened(settings(context, data)) as home:
        given = _password()

        def work(session: Any) -> None:
            people.set_password(session, OPERATOR, email, given)
            _sign_out(session, email)

        home.database.write(work)
    say(f"{email} has a new password.")


def people_list(context: typer.Context, data: Data = None, json: Json = False) -> None:
    """Everyone who may sign in, by name."""
    from knowledge import people
    from knowledge.database import Page
    from knowledge.people import OPERATOR
    from server import installation

    rows, after = [], None
    with installation.opened(settings(context, data)) as home, home.database.reading() as session:
        while True:
            page = people.listing(session, OPERATOR, Page(first=100, after=after))
            for row in page.rows:
                group = people.group_of(row)
                rows.append(
                    {"email": row.email, "name": row.name, "role": row.role, "group": group.name if group else ""}
                )
            if not page.has_next:
                break
            after = page.cursors[-1]
    show_table(("email", "name", "role", "group"), rows, as_json=json)


def create(
    context: typer.Context,
    person: Person,
    scopes: Annotated[str, typer.Option(help="What the token may do, such as entries:read,feedback:write.")],
    name: Annotated[str, typer.Option(help="The program that will use it.")] = "command line",
    days: Annotated[int | None, typer.Option(min=1, help="After how many days it ends; never unless given.")] = None,
    data: Data = None,
) -> None:
    """Make a token and print it, alone and this once."""
    from knowledge import clock
    from knowledge.people import tokens
    from server import installation

    wanted = _scopes(scopes)
    ends = clock.now() + timedelta(days=days) if days else None
    with installation.opened(settings(context, data)) as home:
        secret = home.database.write(
            lambda session: tokens.create(session, owner(session, person), name, wanted, expires_at=ends)[0]
        )
    show(secret)


def token_list(context: typer.Context, person: Person, data: Data = None, json: Json = False) -> None:
    """The tokens of a person that are not revoked, the newest first."""
    from knowledge.people import tokens
    from server import installation

    columns = ("id", "name", "hint", "scopes", "created", "expires", "used")
    with installation.opened(settings(context, data)) as home, home.database.reading() as session:
        rows = [
            dict(
                zip(
                    columns,
                    (row.uid, row.name, row.hint, ",".join(tokens.scopes_of(row)), *_times(row)),
                    strict=True,
                )
            )
            for row in tokens.mine(session, owner(session, person))
        ]
    show_table(columns, rows, as_json=json)


def revoke(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help="The id, as `token list` shows it.")],
    data: Data = None,
) -> None:
    """Make a token useless at once."""
    from uuid import UUID

    from knowledge.errors import NotFound
    from knowledge.people import OPERATOR, tokens
    from server import installation

    try:
        uid = UUID(id)
    except ValueError:
        raise NotFound("There is no such token.") from None
    with installation.opened(settings(context, data)) as home:
        home.database.write(lambda session: tokens.revoke(session, OPERATOR, uid))
    say("The token is revoked.")


def _times(token: Any) -> tuple[str, str, str]:
    def told(moment: Any) -> str:
        return moment.isoformat(timespec="seconds") if moment else ""

    return told(token.created_at), told(token.expires_at), told(token.used_at)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    password = sys.stdin.readline().rstrip("\r\n")
    return password or stop("Give the password on standard input, or at a terminal.", USAGE)


def _sign_out(session: Any, email: str) -> None:
    """Whoever had the old password may be signed in with it."""
    from knowledge.people import signing, tokens

    if person := tokens.owner(session, email):
        for browser in signing.mine(session, person):
            signing.revoke(session, person, browser.uid)


def _role(text: str) -> "Role":
    from knowledge.words import Role

    if text.upper() not in set(Role):
        stop(f"A role is one of {', '.join(each.lower() for each in Role)}.", USAGE)
    return Role(text.upper())


def _scopes(text: str) -> "list[Act]":
    from knowledge.people import Act

    words = [each.strip() for each in text.split(",") if each.strip()]
    if unknown := [each for each in words if each not in set(Act)]:
        stop(f"There is no scope {', '.join(unknown)}. There are: {', '.join(Act)}.", USAGE)
    return [Act(each) for each in words]


def _group(session: Any, name: str | None) -> int | None:
    from knowledge import people
    from knowledge.errors import NotFound
    from knowledge.people import OPERATOR

    if name is None:
        return None
    found = [group.id for group in people.groups(session, OPERATOR) if group.name == name]
    if not found:
        raise NotFound(f"There is no group called {name}.")
    return found[0]


def owner(session: Any, email: str) -> "Viewer":
    """The viewer who signs in with an address; refuses NOT_FOUND."""
    from knowledge.errors import NotFound
    from knowledge.people import tokens

    found = tokens.owner(session, email)
    if found is None:
        raise NotFound(f"Nobody signs in as {email}.")
    return found
