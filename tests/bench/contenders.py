"""Who is measured: the product in its variants, and others over the same entries, all up at the same time."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import asking, node, rounds, stores
from tests.bench.processes import Served, bare, product, say
from tests.bench.rounds import Contender

UNCACHED, PLAIN, CACHED = "ours", "ours, LOYALTY_PLANS=false", "ours, cached"
VARIANTS: Mapping[str, Mapping[str, str]] = {
    UNCACHED: {"LOYALTY_CACHE_BYTES": "0"},
    PLAIN: {"LOYALTY_CACHE_BYTES": "0", "LOYALTY_PLANS": "false"},
    CACHED: {},
}
POSTGRES, BARE = "ours, on PostgreSQL", "a bare Starlette route"
MERCURIUS, YOGA, POSTGRAPHILE = "mercurius, jit", "GraphQL Yoga, graphql-jit", "PostGraphile"


@dataclass(frozen=True)
class Plan:
    """What is measured, how often and for how long, and where things are kept."""

    folder: Path
    parts: Sequence[str]
    entries: int
    rounds: int
    seconds: float
    imported: int
    largest: int
    alone: bool
    variants: Mapping[str, Mapping[str, str]]

    def table(self, title: str, contenders: Sequence[Contender], **beside: str) -> None:
        """Run them against each other and print it."""
        rounds.run(contenders, self.rounds, self.seconds)
        say(rounds.table(title, contenders, {f"per CPU second, of {head}": name for head, name in beside.items()}))


@dataclass(frozen=True)
class Team:
    """All servers that are up, by name, over the same entries; `database` is PostgreSQL's process."""

    store: stores.Store
    ours: Mapping[str, Served]
    rivals: Mapping[str, Served]
    tokens: Mapping[str, Mapping[str, str]]
    database: int | None = None

    def contender(self, name: str, *bodies: bytes) -> Contender:
        """One who is asked these operations."""
        served = self.ours.get(name) or self.rivals[name]
        pids = [served.process.pid]
        if self.database and name in (POSTGRES, POSTGRAPHILE):
            pids.append(self.database)
        requests = [asking.request("/graphql", each, self.tokens.get(name)) for each in bodies]
        return Contender(name, served.address, pids, requests)


@contextmanager
def team(plan: Plan) -> Iterator[Team]:
    """Start everybody, each over a copy of its own."""
    store = stores.store(plan.folder, plan.entries)
    with ExitStack() as stack:
        copies = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="copies-", dir=plan.folder)))
        ours = {
            name: stack.enter_context(product(store.copy(copies / str(place)).data, environment=environment))
            for place, (name, environment) in enumerate(plan.variants.items())
        }
        tokens = dict.fromkeys(ours, store.token)
        if plan.alone:
            yield Team(store, ours, {}, tokens)
            return
        packages = node.installed(plan.folder / "npm")
        server = stack.enter_context(stores.postgres(plan.folder / "postgres"))
        address, token = stores.copied(server, store)
        environment = {**VARIANTS[UNCACHED], "LOYALTY_DATABASE_URL": address}
        ours[POSTGRES] = stack.enter_context(product(copies / "postgres", environment=environment))
        rivals = {
            MERCURIUS: stack.enter_context(node.rival(packages, "mercurius", str(store.rows))),
            YOGA: stack.enter_context(node.rival(packages, "yoga", str(store.rows))),
            POSTGRAPHILE: stack.enter_context(node.rival(packages, "postgraphile", address)),
        }
        ours[POSTGRES].settle()  # it has no index yet, and makes one
        yield Team(store, ours, rivals, {**tokens, POSTGRES: token}, server.get_pid())


@contextmanager
def beside(plan: Plan, answer: bytes, path: str = "/") -> Iterator[Contender]:
    """A bare route that answers the same bytes."""
    file = plan.folder / "answer"
    file.write_bytes(answer)
    with bare(file) as served:
        asked = asking.request("/", b"{}") if path == "/graphql" else asking.request("/")
        yield Contender(BARE, served.address, [served.process.pid], [asked])
