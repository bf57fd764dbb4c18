"""The same matrix by the other ways in: GraphQL by a token over HTTP, the forms of the pages in a session, the command line.

Every two of role, sort of kind, state and audience are tried together by token and by form, and every verb with all that it may come to; by
the command line every verb once. Bytes come in and go out by addresses of their own (test_files.py), feeds and share links
are only read (test_feeds.py, test_sharing.py), and there is no export over HTTP.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import parse
from sqlmodel import Session

import frontend
from frontend import pages
from frontend.acting import Act as Form
from knowledge import people
from knowledge.people import Viewer, signing
from knowledge.people.permissions import ACTS
from knowledge.words import Kind
from tests.commands import loyalty
from tests.schema.authorization.cells import TOKENS, Cell
from tests.schema.authorization.covering import in_turn, sort_of
from tests.schema.authorization.inputs import given
from tests.schema.authorization.rules import DONE, NO_SCOPE, RULES, expected, mutation_of
from tests.schema.authorization.running import NOTHING, document, outcome_of
from tests.schema.authorization.world import Thing, World, a_thing, a_world
from tests.server.clients import Server

REFUSED = "refused"


def pairwise(cells: Iterable[Cell]) -> list[Cell]:
    """Few of the cells, in which every two values that go together anywhere are together once, and every verb comes to all it may."""
    rest, seen, chosen = list(cells), set[object](), list[Cell]()
    Random(11).shuffle(rest)
    for least in (7, 4, 2, 1):
        for cell in rest:
            if len(new := pairs(cell) - seen) >= least:
                seen |= new
                chosen.append(cell)
    return chosen


def pairs(cell: Cell) -> set[object]:
    places = ("role", cell.role), ("kinds", sort_of(cell)), ("state", cell.state), ("audience", cell.audience)
    return {(cell.verb, expected(cell)), *combinations(places, 2)}


class House:
    """A running server, a world in it, and for each cell that is done an entry of its own, so that none disturbs another."""

    def __init__(self, server: Server, cells: list[Cell]) -> None:
        self.server = server
        self.things: dict[Cell, Thing] = {}
        self.secrets: dict[Viewer, str] = {}
        self.emails: dict[Viewer, str] = {}
        self.world: World = server.database.write(lambda session: self._furnished(session, cells))

    def _furnished(self, session: Session, cells: list[Cell]) -> World:
        world = a_world(session, [])
        shared: dict[object, Thing] = {}
        for cell in cells:
            key = (cell.kind, cell.state, cell.audience)
            if expected(cell) == {DONE} and cell.verb != "createEntry":
                self.things[cell] = a_thing(session, world, *key)
            elif cell.verb != "createEntry":
                if key not in shared:
                    shared[key] = a_thing(session, world, *key)
                self.things[cell] = shared[key]
        return world

    def input(self, cell: Cell) -> Mapping[str, Any]:
        """What the mutation of a cell is given."""
        return given(self.world, self.things.get(cell, NOTHING), cell)

    def slug(self, id: str) -> str:
        """The slug of the entry that an input names by its id."""
        hub = self.world.hub
        return next((thing.slug for thing in self.things.values() if thing.id == id), hub.slug)

    def email(self, viewer: Viewer) -> str:
        """Where somebody signs in."""
        if viewer not in self.emails:
            with self.server.database.reading() as session:
                assert viewer.id is not None
                self.emails[viewer] = people.by_ids(session, [viewer.id])[viewer.id].email or ""
        return self.emails[viewer]

    def token(self, viewer: Viewer) -> str:
        """A token with all that the role may, or with the one scope of a cell's."""
        if viewer not in self.secrets:
            assert viewer.role is not None
            scopes = viewer.scopes if viewer.scopes is not None else ACTS[viewer.role]
            self.secrets[viewer] = self.server.token(self.email(viewer), *scopes)
        return self.secrets[viewer]

    def session(self, viewer: Viewer) -> str:
        """The secret of a browser that is signed in."""
        if viewer not in self.secrets:
            id = viewer.id
            assert id is not None
            self.secrets[viewer] = self.server.database.write(lambda session: signing.open(session, id, "a browser"))
        return self.secrets[viewer]


@pytest.fixture
def house(serve: Callable[..., Server]) -> Callable[[list[Cell]], House]:
    return lambda cells: House(serve(anonymous=True, refill=1_000_000), cells)


def has_a_role(cell: Cell) -> bool:
    return cell.role != "stranger"


def is_a_person(cell: Cell) -> bool:
    return cell.role not in TOKENS


def is_colleague_or_customer(cell: Cell) -> bool:
    return is_a_person(cell) and has_a_role(cell)


def has_a_form(cell: Cell) -> bool:
    """The twelve principles come with the product: none is begun on a page. Many at once are verified on the page of what waits,
    which shows what came of each.
    """
    is_principle = (cell.verb, cell.kind) == ("createEntry", Kind.PRINCIPLE)
    return is_a_person(cell) and form_of(cell.verb) is not None and not is_principle and cell.verb != "verifyEntries"


def wrong(
    house: House, cells: list[Cell], way: Callable[[House, Cell], str], wanted: Callable[[Cell], set[str]]
) -> list[str]:
    """The cells that came to something else than they should."""
    outcomes = [(cell, way(house, cell)) for cell in cells]
    return [
        f"{cell} came to {outcome!r}, not {wanted(cell)}" for cell, outcome in outcomes if outcome not in wanted(cell)
    ]


def by_token(house: House, cell: Cell) -> str:
    viewer = house.world.viewer(cell)
    client = house.server.client(authorization=f"Bearer {house.token(viewer)}")
    answer = client.ask(document(cell.verb, 1), {"i0": house.input(cell)})
    said = answer.json()
    if answer.status_code == 403:
        assert said["errors"][0]["extensions"]["code"] == "INSUFFICIENT_SCOPE"
        return NO_SCOPE
    return outcome_of(said["data"]["a0"])


def wanted_by_token(house: House, cell: Cell) -> set[str]:
    """What the token lacks the scope for is told before anything else, and no role has more to give than its own."""
    role = house.world.viewer(cell).role
    assert role is not None
    return {NO_SCOPE} if RULES[cell.verb].scope not in ACTS[role] else set(expected(cell))


def test_a_token_may_what_its_person_may(house: Callable[[list[Cell]], House]) -> None:
    cells = pairwise(filter(has_a_role, in_turn()))

    found = house(cells)

    assert wrong(found, cells, by_token, lambda cell: wanted_by_token(found, cell)) == []
    print(f"{len(cells)} cells by token")  # noqa: T201  # the report of this test


@cache
def forms() -> Mapping[str, list[Form]]:
    """The forms of the pages by the mutation that they send."""
    folder, found = Path(frontend.__file__).parent, defaultdict[str, list[Form]](list)
    for form in pages.ACTS:
        operation: Any = parse((folder / f"{form.name}.graphql").read_text(encoding="utf-8")).definitions[0]
        found[operation.selection_set.selections[0].name.value].append(form)
    return found


def form_of(verb: str) -> Form | None:
    """The first form of a verb: on the page of a comment where that is what it is done to."""
    is_on_comment = verb.endswith((" comment", " in reply")) or "Comment" in verb
    known = forms().get(mutation_of(verb), [])
    return next((form for form in known if ("/comments/{id}" in form.path) == is_on_comment), None)


def flat(input: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in input.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def typed(house: House, form: Form, cell: Cell) -> dict[str, Any]:
    """What stands in the controls of a form: an entry by its slug where that is how the form names it."""
    fields = dict(flat(house.input(cell)))
    for control in form.inputs.fields:
        named = control.name.replace(".slug", ".id")
        if control.name.endswith(".slug") and (control.needed or fields.get(named)):
            fields[control.name] = house.slug(fields.get(named, ""))
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in fields.items()}


def by_form(house: House, cell: Cell) -> str:
    """Send the form as a browser does; its page is shown again where it was refused, if there is one for this reader."""
    viewer, form = house.world.viewer(cell), form_of(cell.verb)
    assert form is not None
    thing, fields = house.things.get(cell, NOTHING), typed(house, form, cell)
    id = next((fields[name] for name in ("feedback", "parent", "comment", "id") if name in fields), "")
    slug = thing.series_slug if form.path.startswith("/series") else thing.slug
    cookies = {"cookie": f"loyalty={house.session(viewer)}"} if viewer.is_signed_in else {}
    path = form.path.replace("{slug}", slug).replace("{id}", str(id))
    answer = house.server.client().post(path, data=fields, headers=cookies)
    assert answer.status_code in (200, 303, 403, 404, 409, 422), (cell, answer.status_code, answer.text[-500:])
    if answer.status_code == 200:
        assert not form.then  # what came of it is shown once
        return DONE
    return DONE if answer.status_code == 303 and "/login" not in answer.headers["location"] else REFUSED


def test_a_page_may_what_its_reader_may(house: Callable[[list[Cell]], House]) -> None:
    cells = pairwise(filter(has_a_form, in_turn()))

    found = house(cells)

    assert wrong(found, cells, by_form, lambda cell: {DONE if expected(cell) == {DONE} else REFUSED}) == []
    print(f"{len(cells)} cells by form")  # noqa: T201  # the report of this test


def by_command(house: House, cell: Cell) -> str:
    viewer = house.world.viewer(cell)
    arguments = ["query", "-", "--person", house.email(viewer), "--var", f"i0={json.dumps(house.input(cell))}"]
    said = loyalty(*arguments, "--data", house.server.settings.data, says=document(cell.verb, 1))
    answer = json.loads(said.stdout)
    return outcome_of(answer["data"]["a0"])


@pytest.mark.slow
def test_the_command_line_may_what_the_person_may_for_whom_it_asks(house: Callable[[list[Cell]], House]) -> None:
    cells = list({cell.verb: cell for cell in pairwise(filter(is_colleague_or_customer, in_turn()))}.values())

    found = house(cells)

    assert wrong(found, cells, by_command, lambda cell: set(expected(cell))) == []
    print(f"{len(cells)} cells by command")  # noqa: T201  # the report of this test
