"""Uses, outcomes and attachments over the API: what they answer, who sees them, and what they cost."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import attachments, outcomes, uses
from knowledge.database import Database
from knowledge.entries import EntryRow
from knowledge.outcomes import Measured, Where
from knowledge.people import Act, Viewer
from knowledge.uses import With
from knowledge.words import Kind, MetricKind, Role, Stage, UseResult, Verdict
from schema.nodes import global_id
from tests.asking import Ask
from tests.conftest import Standing
from tests.factories import a_customer, a_file, a_group, a_picture, a_viewer, an_entry
from tests.schema.test_visibility import INSIDE, SEEN, VIEWERS, World, a_world

RECORD_USE = """mutation ($slug: String!, $result: UseResult!) {
  recordUse(input: {practice: {slug: $slug}, result: $result, stage: REPEAT, note: "It took an hour."}) {
    use { id mine result stage function note person { name } }
    entry { freshness uses { totalCount overall { mine people { n } workedFor { n } } } }
    errors { field code }
  }
}"""
RECORD_OUTCOME = """mutation ($input: RecordOutcomeInput!) {
  recordOutcome(input: $input) {
    outcome { id wording customerName change { n value low high method warnings } before { n value } }
    entry { freshness outcomes { totalCount nodes { verdict comparison } } }
    errors { field code }
  }
}"""


def a_practice(session: Session) -> tuple[Viewer, EntryRow]:
    viewer = a_viewer(session, group=a_group(session))
    return viewer, an_entry(session, viewer, slug="a-practice")


def test_a_use_is_recorded_counted_and_taken_back(database: Database, ask: Ask) -> None:
    viewer, _ = database.write(a_practice)

    found = ask.data(RECORD_USE, viewer, slug="a-practice", result="WORKED")["recordUse"]
    undo = "mutation ($id: ID!) { withdrawUse(input: {id: $id}) { entry { uses { totalCount } } errors { code } } }"
    taken = ask.data(undo, viewer, id=found["use"]["id"])["withdrawUse"]
    again = ask.data(undo, viewer, id=found["use"]["id"])["withdrawUse"]

    assert found["use"] | {"id": "", "person": {}} == {
        "id": "", "mine": True, "result": "WORKED", "stage": "REPEAT", "function": "SUPPORT", "note": "It took an hour.", "person": {},
    }  # fmt: skip
    assert found["entry"]["freshness"] == "UNVERIFIED"
    assert found["entry"]["uses"]["overall"] == {
        "mine": found["use"]["id"],
        "people": {"n": 1},
        "workedFor": {"n": 1},
    }
    assert taken == {"entry": {"uses": {"totalCount": 0}}, "errors": []}
    assert again["errors"] == [{"code": "NOT_FOUND"}]


def test_e3_harm_contests_at_once_whichever_way_it_is_said(database: Database, ask: Ask) -> None:
    viewer, practice = database.write(a_practice)
    other = database.write(lambda session: an_entry(session, viewer))

    used = ask.data(RECORD_USE, viewer, slug=practice.slug, result="HARMED")["recordUse"]
    measured = ask.data(RECORD_OUTCOME, viewer, input=an_outcome(other, verdict="HARMED"))["recordOutcome"]

    assert (used["entry"]["freshness"], measured["entry"]["freshness"]) == ("CONTESTED", "CONTESTED")


def an_outcome(entry: EntryRow, **changes: Any) -> dict[str, Any]:
    return {
        "practice": {"slug": entry.slug},
        "from": "2026-01-01",
        "to": "2026-02-01",
        "metric": "calls solved at once",
        "kind": "PROPORTION",
        "before": {"n": 80, "value": 0.6},
        "after": {"n": 70, "value": 0.8},
        "comparison": "NONE",
        "verdict": "BETTER",
        **changes,
    }


def test_an_outcome_is_recorded_with_its_change_and_taken_back(database: Database, ask: Ask) -> None:
    viewer, practice = database.write(a_practice)
    customer = database.write(lambda session: a_customer(session, name="Café Rosa"))

    found = ask.data(
        RECORD_OUTCOME, viewer, input=an_outcome(practice, customer={"id": global_id(customer)})
    )["recordOutcome"]  # fmt: skip
    undo = "mutation ($id: ID!) { withdrawOutcome(input: {id: $id}) { entry { outcomes { totalCount } } } }"
    taken = ask.data(undo, viewer, id=found["outcome"]["id"])["withdrawOutcome"]

    change = found["outcome"]["change"]
    assert (change["n"], change["method"], change["warnings"]) == (150, "NEWCOMBE", ["NO_COMPARISON"])
    assert [change["value"], change["low"], change["high"]] == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)
    assert found["outcome"]["customerName"] == "Café Rosa"
    assert found["outcome"]["wording"] == "better after, with nothing to compare it to"
    assert found["entry"]["outcomes"] == {"totalCount": 1, "nodes": [{"verdict": "BETTER", "comparison": "NONE"}]}
    assert taken["entry"]["outcomes"]["totalCount"] == 0


def test_all_that_is_wrong_with_an_outcome_is_said_at_its_fields(database: Database, ask: Ask) -> None:
    viewer, practice = database.write(a_practice)
    wrong = an_outcome(practice, to="2025-01-01", metric="", after={"n": 0, "value": 2})

    found = ask.data(RECORD_OUTCOME, viewer, input=wrong)["recordOutcome"]
    nobody = ask.data(RECORD_OUTCOME, viewer, input=an_outcome(practice, customer={"email": "x@example.org"}))

    assert [each["field"] for each in found["errors"]] == ["to", "metric", "after.n", "after.value"]
    assert nobody["recordOutcome"]["errors"] == [{"field": "customer", "code": "NOT_FOUND"}]


def test_an_attachment_is_described_renamed_and_removed(database: Database, ask: Ask) -> None:
    viewer, practice = database.write(a_practice)
    item = database.write(lambda session: a_file(session, viewer, practice, name="plan.png", data=a_picture()))
    update = """mutation ($id: ID!, $alt: String!) { updateAttachment(input: {id: $id, name: "map.png", alt: $alt}) {
      attachment { id name mediaType size width height alt url author { name } entry { slug } } errors { field } } }"""
    remove = (
        "mutation ($id: ID!) { removeAttachment(input: {id: $id}) { entry { attachments { id } } errors { code } } }"
    )

    blank = ask.data(update, viewer, id=global_id(item), alt=" ")["updateAttachment"]
    done = ask.data(update, viewer, id=global_id(item), alt="The  plan")["updateAttachment"]["attachment"]
    removed = ask.data(remove, viewer, id=global_id(item))["removeAttachment"]

    assert blank == {"attachment": None, "errors": [{"field": "alt"}]}
    assert (done["name"], done["alt"], done["mediaType"], done["width"]) == ("map.png", "The plan", "image/png", 4)
    assert done["url"] == f"/attachments/{item.uid}/map.png"
    assert removed == {"entry": {"attachments": []}, "errors": []}


QUERY = """query ($slug: String!) { entry(slug: $slug) {
  attachments { id name } uses { totalCount nodes { id } summary { people { n } } overall { people { n } } }
  outcomes { totalCount nodes { id } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"


def furnished(session: Session) -> tuple[World, dict[str, list[str]]]:
    """The world of entries in every state, and on each that may have them a file, a use and an outcome."""
    world = a_world(session)
    author, beside = world.viewers["author"], dict[str, list[str]]()
    for name, row in world.entries.items():
        if name != "archived":
            beside[name] = [global_id(a_file(session, author, row))]
        if name in ("group", "employees", "customers", "public"):
            today = row.created_at.date()
            measured = Measured(today, today, "calls", MetricKind.PROPORTION)
            beside[name] += [
                global_id(uses.record(session, author, row, UseResult.WORKED)),
                global_id(outcomes.record(session, author, row, measured, Verdict.TOO_EARLY)),
            ]
    return world, beside


def ids(entry: Any) -> Iterator[str]:
    yield from (each["id"] for each in entry["attachments"])
    assert entry["uses"]["totalCount"] == len(entry["uses"]["nodes"]) == sum(
        each["people"]["n"] for each in entry["uses"]["summary"]
    )  # fmt: skip
    assert entry["uses"]["overall"]["people"]["n"] == entry["uses"]["totalCount"]
    assert entry["outcomes"]["totalCount"] == len(entry["outcomes"]["nodes"])
    yield from (each["id"] for each in (*entry["uses"]["nodes"], *entry["outcomes"]["nodes"]))


@pytest.mark.parametrize("name", VIEWERS)
def test_what_lies_beside_an_entry_is_seen_with_it_and_by_colleagues_only(standing: Standing, name: str) -> None:
    (world, beside), ask = standing(furnished)
    viewer = world.viewers[name]

    listed = {}
    for title, row in world.entries.items():
        entry = ask.data(QUERY, viewer, slug=row.slug)["entry"]
        listed[title] = sorted(ids(entry)) if entry else []
    by_id = {
        title: sorted(id for id in each if ask.data(NODE, viewer, id=id)["node"]) for title, each in beside.items()
    }

    # The files were attached after what is out was approved, so that outsiders do not see them yet.
    expected = {
        title: sorted(beside.get(title, [])) if name in SEEN[title] and name in INSIDE else [] for title in SEEN
    }
    assert listed == expected
    assert by_id == {title: expected[title] for title in beside}


def test_a_token_without_the_scope_changes_nothing(database: Database, ask: Ask) -> None:
    viewer, practice = database.write(a_practice)
    item = database.write(lambda session: a_file(session, viewer, practice))
    token = Viewer(
        id=viewer.id, uid=viewer.uid, role=Role.EMPLOYEE, scopes=frozenset({Act.ENTRIES_READ, Act.FEEDBACK_READ})
    )
    mutations: list[tuple[str, dict[str, Any]]] = [
        (RECORD_USE, {"slug": practice.slug, "result": "WORKED"}),
        (RECORD_OUTCOME, {"input": an_outcome(practice)}),
        ("mutation ($id: ID!) { removeAttachment(input: {id: $id}) { errors { code } } }", {"id": global_id(item)}),
    ]

    for source, variables in mutations:
        with pytest.raises(Exception, match=r"entries:write|scope"):
            ask(source, token, **variables)

    with database.reading() as session:
        assert attachments.by_uid(session, viewer, item.uid) is not None


def many(session: Session) -> tuple[Viewer, EntryRow]:
    viewer = a_viewer(session)
    practice = an_entry(session, viewer)
    today = practice.created_at.date()
    for number in range(30):
        colleague = a_viewer(session, group=a_group(session))
        among = With(list(Stage)[number % 5])
        uses.record(session, colleague, practice, UseResult.WORKED, among=among)
        a_file(session, viewer, practice)
        where = Where(None, Stage.CLIENT)
        measured = Measured(today, today, "calls", MetricKind.PROPORTION)
        outcomes.record(session, colleague, practice, measured, Verdict.TOO_EARLY, where=where)
    return viewer, practice


def test_what_came_of_an_entry_and_its_files_cost_five_statements_on_its_page(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    from frontend.asking import document

    viewer, practice = database.write(many)
    fragments = document("entries/entry")
    query = "query ($slug: String!) { entry(slug: $slug) { id ...CameOfIt ...Attached } }"
    wanted = [query, *(part for part in split(fragments) if part.split()[1] in NEEDED)]
    statements.clear()

    found = ask.data("\n".join(wanted), viewer, slug=practice.slug)["entry"]

    assert (len(found["attachments"]), len(found["outcomes"]["nodes"])) == (30, 10)
    assert (found["uses"]["overall"]["people"]["n"], len(found["uses"]["summary"])) == (30, 5)
    # The entry, how it stands with what lies beside it, and then one each for uses, outcomes, attachments, all that was said of it,
    # and whom it is meant for.
    assert len(statements) == 7


NEEDED = {"CameOfIt", "Tried", "Attached", "Worked", "Measured", "Part"}


def split(source: str) -> list[str]:
    return [f"fragment {part}" for part in source.split("\nfragment ")[1:]]


def test_a_list_with_all_of_it_costs_a_statement_for_each(database: Database, ask: Ask, statements: list[str]) -> None:
    viewer, _ = database.write(many)
    database.write(lambda session: [an_entry(session, viewer, kind=Kind.BEST_PRACTICE) for _ in range(10)])
    statements.clear()

    ask.data(
        """{ entries { nodes { attachments { name author { name } entry { slug } }
          uses(first: 2) { nodes { person { name } entry { slug } } summary { people { n } } }
          outcomes(first: 2) { nodes { author { name } customer { name } group { name } entry { slug } change { n } } } } } }""",
        viewer,
    )

    # The entries; attachments; uses and their sum; outcomes; people in two; and once the entries that all of these are about.
    assert len(statements) == 8
