"""Searches, gaps, strips and synonyms through the API: nothing leaks, and the page costs what it did."""

from typing import Any

import pytest
from sqlmodel import Session

from knowledge.community import speaking
from knowledge.database import Database
from knowledge.entries import EntryRow
from knowledge.listening import keeping, searches
from knowledge.listening.searches import Heard
from knowledge.people import Viewer
from knowledge.search import synonyms
from knowledge.search.index import Index
from knowledge.words import Audience, CommentAudience, Kind, Role
from schema import execution
from schema.context import Context
from schema.limits import Limits
from schema.nodes import id_of
from tests.asking import Ask
from tests.factories import a_customer, a_draft, a_viewer, an_entry, some_feedback

GAPS = "{ gaps { totalCount nodes { id query people lastOn taken draft { title } answer { slug } } } }"
STRIPS = """query ($query: String!) { search(query: $query) {
  totalCount strips { scope count hits { id title html url } } } }"""
SCOPED = """query ($scope: SearchScope!, $first: Int, $after: String) {
  search(query: "valve", filter: {scope: $scope}, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } edges { cursor highlights { html } hit { title text url } node {
      __typename ... on Entry { title } ... on Comment { body author { name } } ... on Feedback { verbatim } ... on Customer { name }
    } } } }"""
SUGGEST = "query ($prefix: String!) { suggest(prefix: $prefix) { text kind url } }"
TELL = (
    "mutation ($query: String!) { awaitAnswer(input: {query: $query}) { awaited { id query } errors { code field } } }"
)
AWAITED = "{ viewer { awaited { id query since } } }"


def heard(session: Session, viewer: Viewer, query: str, hits: int = 0) -> None:
    keeping.keep(session, searches.noted(b"secret", viewer, [Heard(query, hits)], is_watched=True))


def by_three(session: Session, query: str, hits: int = 0) -> None:
    for _ in range(3):
        heard(session, a_viewer(session), query, hits)


class World:
    def __init__(self, session: Session) -> None:
        self.ines = a_viewer(session, name="Ines")
        self.jonas = a_viewer(session, role=Role.STEWARD, name="Jonas")
        self.rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session, name="Valve Works"))
        self.stranger = Viewer()
        self.open = self.entry(session, "Open", Audience.PUBLIC)
        self.inside = self.entry(session, "Inside", Audience.EMPLOYEES)
        for entry in (self.open, self.inside):
            for audience in CommentAudience:
                speaking.comment(
                    session, self.ines, entry, body=f"The valve, {audience} of {entry.title}.", audience=audience
                )
        some_feedback(session, self.ines, verbatim="The VALVE is out of reach.")
        a_draft(session, self.ines, title="About the valve", kind=Kind.STORY)

    def entry(self, session: Session, title: str, audience: Audience) -> EntryRow:
        return an_entry(session, self.ines, title=title, audience=audience, kind=Kind.GUIDE)

    def viewers(self) -> dict[str, Viewer]:
        return {"ines": self.ines, "jonas": self.jonas, "rosa": self.rosa, "stranger": self.stranger}


def strips(ask: Ask, viewer: Viewer, query: str = "the valve") -> dict[str, int]:
    found = ask.data(STRIPS, viewer, query=query)["search"]["strips"]
    return {strip["scope"]: strip["count"] for strip in found}


def test_strips_show_everybody_what_is_theirs(database: Database, ask: Ask) -> None:
    world = database.write(World)

    assert {name: strips(ask, viewer) for name, viewer in world.viewers().items()} == {
        "ines": {"COMMENTS": 4, "FEEDBACK": 1, "CUSTOMERS": 1, "DRAFTS": 1},
        "jonas": {"COMMENTS": 4, "FEEDBACK": 1, "CUSTOMERS": 1},
        "rosa": {"COMMENTS": 1},
        "stranger": {"COMMENTS": 1},
    }


def test_a_strip_names_its_three_best_and_marks_the_words(database: Database, ask: Ask) -> None:
    world = database.write(World)

    found = ask.data(STRIPS, world.ines, query="valve reach")["search"]["strips"]

    (feedback,) = [strip for strip in found if strip["scope"] == "FEEDBACK"]
    (hit,) = feedback["hits"]
    assert hit["html"] == "The <mark>VALVE</mark> is out of <mark>reach</mark>."
    assert hit["url"] == f"/feedback/{hit['id']}"
    assert [len(strip["hits"]) for strip in ask.data(STRIPS, world.ines, query="valve")["search"]["strips"]] == [
        3,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize("query", ["", "-valve", "kind:story", "the", "%", "_", "e", "a*e", "zebra valve"])
def test_a_query_without_its_words_there_has_no_strips(query: str, database: Database, ask: Ask) -> None:
    world = database.write(World)

    assert strips(ask, world.ines, query) == {}


def test_a_letter_with_an_accent_is_found_in_either_case(database: Database, ask: Ask) -> None:
    def given(session: Session) -> Viewer:
        viewer = a_viewer(session)
        some_feedback(session, viewer, verbatim="ÖFFNUNG und Zurückgewinnen.")
        return viewer

    viewer = database.write(given)

    for query in ("öffnung", "Öffnung", "zurückgewinnen"):
        assert strips(ask, viewer, query) == {"FEEDBACK": 1}


def test_a_letter_with_an_accent_is_not_any_letter(database: Database, ask: Ask) -> None:
    def given(session: Session) -> Viewer:
        viewer = a_viewer(session)
        some_feedback(session, viewer, verbatim="Please refill the coffee, and tell us when it comes.")
        return viewer

    viewer = database.write(given)

    assert [strips(ask, viewer, query) for query in ("öl", "été", "é" * 30)] == [{}, {}, {}]
    assert strips(ask, viewer, "coffée") == {"FEEDBACK": 1}


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ("COMMENTS", {"ines": 4, "jonas": 4, "rosa": 1, "stranger": 1}),
        ("FEEDBACK", {"ines": 1, "jonas": 1, "rosa": 0, "stranger": 0}),
        ("CUSTOMERS", {"ines": 1, "jonas": 1, "rosa": 0, "stranger": 0}),
        ("DRAFTS", {"ines": 1, "jonas": 0, "rosa": 0, "stranger": 0}),
    ],
)
def test_a_scope_gives_all_of_one_sort_page_by_page(
    scope: str, seen: dict[str, int], database: Database, ask: Ask
) -> None:
    world = database.write(World)

    for name, viewer in world.viewers().items():
        whole = ask.data(SCOPED, viewer, scope=scope)["search"]
        assert whole["totalCount"] == len(whole["edges"]) == seen[name]
        paged: list[Any] = []
        after = None
        while len(paged) < seen[name]:
            page = ask.data(SCOPED, viewer, scope=scope, first=1, after=after)["search"]
            paged += page["edges"]
            after = page["pageInfo"]["endCursor"]
            assert page["pageInfo"]["hasNextPage"] is (len(paged) < seen[name])
        assert [(edge["node"], edge["hit"]) for edge in paged] == [
            (edge["node"], edge["hit"]) for edge in whole["edges"]
        ]
        assert all("valve" in edge["hit"]["text"].lower() or edge["hit"]["title"] for edge in paged)


CORRECTED = """query ($query: String!, $filter: SearchFilter) { search(query: $query, filter: $filter) {
  totalCount searchedFor didYouMean notes { text reason message } strips { scope } nodes { ... on Entry { title } } } }"""


def test_words_that_stand_together_nowhere_may_be_searched_for_apart(database: Database, ask: Ask) -> None:
    world = database.write(World)
    ask.follow()
    looser = "query ($query: String!) { search(query: $query) { totalCount looser } }"

    for query, said in (
        ('"valve reach open"', "valve reach open"),
        ("open AND zebra", "open zebra"),
        ("open", None),
        ("zebra AND quagga", None),
    ):
        assert ask.data(looser, world.stranger, query=query)["search"]["looser"] == said


def test_what_nothing_has_is_answered_with_its_correction(database: Database, ask: Ask) -> None:
    world = database.write(World)
    ask.follow()

    slip = ask.data(CORRECTED, world.stranger, query="oepn tag:none")["search"]
    typed = ask.data(CORRECTED, world.stranger, query="vlave", filter={"scope": "COMMENTS"})["search"]
    hidden = ask.data(CORRECTED, world.stranger, query="insdie")["search"]
    narrowed = ask.data(CORRECTED, world.stranger, query="open", filter={"kinds": ["STORY"]})["search"]

    assert slip["totalCount"] == 0  # no spelling helps where a condition is what nothing fulfils
    assert [note["reason"] for note in slip["notes"]] == ["UNKNOWN_TAG"]
    assert (typed["searchedFor"], typed["totalCount"]) == (None, 0)
    assert (hidden["searchedFor"], hidden["didYouMean"], hidden["totalCount"]) == (None, None, 0)
    assert (narrowed["searchedFor"], narrowed["totalCount"]) == (None, 0)
    found = ask.data(CORRECTED, world.stranger, query="oepn")["search"]
    assert (found["searchedFor"], found["didYouMean"], found["totalCount"]) == ("open", None, 1)
    assert [node["title"] for node in found["nodes"]] == ["Open"]


def test_the_search_page_costs_one_statement_more_for_all_strips(
    database: Database, ask: Ask, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.search.wordbook.LOOKING", 1e9)  # the list of synonyms is at hand
    world = database.write(World)
    ask.follow()
    ask.data("""{ search(query: "open valve") { totalCount } }""", world.ines)
    statements.clear()
    ask.data("""{ search(query: "open valve") { totalCount nodes { ... on Entry { title } } } }""", world.ines)
    before = len(statements)
    statements.clear()

    found = ask.data(STRIPS, world.ines, query="open valve")

    assert found["search"]["strips"]
    assert (before, len(statements)) == (1, 2)


def test_what_is_searched_is_heard_once_it_is_settled_on(database: Database, index: Index, ask: Ask) -> None:
    world = database.write(World)

    def heard_of(document: str) -> list[Heard]:
        operation = execution.prepare(document, variables={}, viewer=world.ines, limits=Limits(cost=20_000))
        with database.reading() as session:
            context = Context(session, world.ines, index, "test")
            assert not execution.run(operation, context, {}).errors
            return list(dict.fromkeys(context.heard))

    slug = world.inside.slug

    assert heard_of('{ search(query: "valve") { totalCount } }') == [Heard("valve", 0)]
    assert heard_of('{ search(query: "valve", filter: {kinds: [STORY]}) { totalCount } }') == [Heard("valve", None)]
    assert heard_of('{ search(query: "valve", listen: false) { totalCount } }') == []
    assert heard_of('{ search(query: "valve", filter: {scope: COMMENTS}) { totalCount } }') == []
    assert heard_of('{ suggest(prefix: "valve") { text } }') == []
    assert heard_of(f'{{ entry(slug: "{slug}", foundBy: "valve") {{ id }} }}') == [
        Heard("valve", None, world.inside.uid)
    ]
    assert heard_of('{ entry(slug: "nowhere", foundBy: "valve") { id } }') == []
    ask.follow()
    assert heard_of('{ search(query: "open") { totalCount } }') == [Heard("open", 1)]
    assert heard_of('{ search(query: "oepn") { totalCount } }') == [Heard("oepn", 0)]


def test_gaps_are_for_colleagues(database: Database, ask: Ask) -> None:
    world = database.write(World)
    database.write(lambda session: by_three(session, "cancel by phone"))

    for name in ("ines", "jonas"):
        (gap,) = ask.data(GAPS, world.viewers()[name])["gaps"]["nodes"]
        assert (gap["query"], gap["people"], gap["taken"]) == ("cancel by phone", 3, False)
        assert ask.data("query ($id: ID!) { node(id: $id) { id } }", world.viewers()[name], id=gap["id"])["node"]
    for viewer in (world.rosa, world.stranger):
        assert ask(GAPS, viewer).errors or ask.data(GAPS, viewer)["gaps"] == {"totalCount": 0, "nodes": []}
        assert ask.data("query ($id: ID!) { node(id: $id) { id } }", viewer, id=gap["id"])["node"] is None


def test_a_gap_is_taken_answered_and_closed(database: Database, ask: Ask) -> None:
    world = database.write(World)
    database.write(lambda session: by_three(session, "cancel by phone"))
    (gap,) = ask.data(GAPS, world.ines)["gaps"]["nodes"]
    take = "mutation ($id: ID!) { takeGap(input: {id: $id, kind: QUESTION}) { gap { taken } entry { title kind } errors { code } } }"
    answer = """mutation ($id: ID!, $slug: String!) { answerGap(input: {id: $id, entry: {slug: $slug}}) {
      gap { answer { slug } answeredAt } errors { code field } } }"""

    taken = ask.data(take, world.ines, id=gap["id"])["takeGap"]
    hidden = ask.data(answer, world.jonas, id=gap["id"], slug="nowhere")["answerGap"]
    done = ask.data(answer, world.jonas, id=gap["id"], slug=world.inside.slug)["answerGap"]

    assert taken == {"gap": {"taken": True}, "entry": {"title": "Cancel by phone", "kind": "QUESTION"}, "errors": []}
    assert hidden["errors"] == [{"code": "NOT_FOUND", "field": "entry"}]
    assert done["gap"]["answer"] == {"slug": world.inside.slug}
    assert ask.data(GAPS, world.ines)["gaps"]["totalCount"] == 0
    (closed,) = ask.data("{ gaps(answered: true) { nodes { query } } }", world.ines)["gaps"]["nodes"]
    assert closed == {"query": "cancel by phone"}


def test_gaps_cost_three_statements_however_many(database: Database, ask: Ask, statements: list[str]) -> None:
    def given(session: Session) -> Viewer:
        for number in range(5):
            by_three(session, f"cancel number {number}")
        return a_viewer(session)

    viewer = database.write(given)
    for gap in ask.data(GAPS, viewer)["gaps"]["nodes"][:3]:
        ask.data(
            "mutation ($id: ID!) { takeGap(input: {id: $id, kind: QUESTION}) { errors { code } } }",
            viewer,
            id=gap["id"],
        )
    statements.clear()

    ask.data("{ gaps { nodes { query draft { title } } } }", viewer)

    assert len(statements) == 2


def test_nobody_learns_what_another_waits_for(database: Database, ask: Ask) -> None:
    world = database.write(World)
    made = ask.data(TELL, world.rosa, query="Descale a valve?")["awaitAnswer"]
    assert made["awaited"]["query"] == "descale a valve"

    for name, viewer in world.viewers().items():
        assert [each["query"] for each in ask.data(AWAITED, viewer)["viewer"]["awaited"]] == (
            ["descale a valve"] if name == "rosa" else []
        )
        found = ask.data("query ($id: ID!) { node(id: $id) { id } }", viewer, id=made["awaited"]["id"])["node"]
        assert (found is not None) is (name == "rosa")
    stop = "mutation ($id: ID!) { stopAwaiting(input: {id: $id}) { errors { code } } }"
    assert ask.data(stop, world.ines, id=made["awaited"]["id"])["stopAwaiting"]["errors"] == [{"code": "NOT_FOUND"}]
    assert ask.data(stop, world.rosa, id=made["awaited"]["id"])["stopAwaiting"]["errors"] == []


def test_past_searches_are_suggested_to_those_who_could_read_their_words(database: Database, ask: Ask) -> None:
    def given(session: Session) -> dict[str, Viewer]:
        author = a_viewer(session)
        an_entry(session, author, title="Falcon refunds", kind=Kind.GUIDE)
        an_entry(session, author, title="Refunds for everyone", kind=Kind.GUIDE, audience=Audience.PUBLIC)
        by_three(session, "refund after falcon", 2)
        by_three(session, "refund for everyone", 2)
        by_three(session, "refund never found", 0)
        heard(session, author, "refund of one person", 2)
        heard(session, a_viewer(session), "refund of one person", 2)
        return {"inside": author, "outside": a_viewer(session, role=Role.CUSTOMER)}

    viewers = database.write(given)
    ask.follow()

    def suggested(name: str, prefix: str) -> list[str]:
        found = ask.data(SUGGEST, viewers[name], prefix=prefix)["suggest"]
        return sorted(each["text"] for each in found if each["kind"] == "SEARCH")

    assert suggested("inside", "refund") == ["refund after falcon", "refund for everyone"]
    assert suggested("outside", "refund") == ["refund for everyone"]
    assert suggested("outside", "fal") == []
    assert ask.data(SUGGEST, viewers["inside"], prefix="everyone")["suggest"][-1] == {
        "text": "refund for everyone",
        "kind": "SEARCH",
        "url": "/search?q=refund+for+everyone",
    }


def test_where_filters_leave_nothing_it_is_said_what_they_hide(database: Database, ask: Ask) -> None:
    world = database.write(World)
    ask.follow()
    document = """query ($filter: SearchFilter) { search(query: "open", filter: $filter) {
      totalCount hidden { filter count } } }"""

    def hidden(**filter: Any) -> Any:
        return ask.data(document, world.rosa, filter=filter)["search"]["hidden"]

    assert hidden(kinds=["STORY"]) == [{"filter": "kinds", "count": 1}]
    assert hidden(kinds=["STORY"], languages=["de"]) == [{"filter": None, "count": 1}]
    assert hidden(kinds=["GUIDE"]) == []


def test_a_search_is_saved_under_a_name_and_found_again(database: Database, ask: Ask) -> None:
    world = database.write(World)
    save = """mutation ($name: String) { follow(input: {search: {
      query: "valve", name: $name, sortBy: NEWEST, filter: {kinds: [GUIDE]}}}) {
      follow { id search { name query url feed sortBy } } errors { code field } } }"""
    first = ask.data(save, world.ines, name="Valves")["follow"]["follow"]

    again = ask.data(save, world.ines, name="All valves")["follow"]["follow"]

    assert again["id"] == first["id"]
    assert again["search"] == {
        "name": "All valves",
        "query": "valve",
        "url": "/search?q=valve&kind=guide&sort=newest",
        "feed": "/feeds/search.atom?q=valve&kind=guide",
        "sortBy": "NEWEST",
    }
    assert ask.data(save, world.ines, name="x" * 81)["follow"]["errors"] == [
        {"code": "INVALID", "field": "search.name"}
    ]


class TestSynonyms:
    WRITE = """mutation ($text: String!, $base: String) { setSynonyms(input: {text: $text, base: $base}) {
      synonyms { text version } current { text } errors { code field } } }"""

    def test_those_who_curate_write_them_and_no_change_is_lost(self, database: Database, ask: Ask) -> None:
        world = database.write(World)
        first = ask.data(self.WRITE, world.jonas, text="Refund, money back\n\nchurn, Attrition ", base=None)
        assert first["setSynonyms"]["synonyms"]["text"] == "refund, money back\nchurn, attrition"
        base = first["setSynonyms"]["synonyms"]["version"]
        ask.data(self.WRITE, world.jonas, text="refund, cashback", base=base)

        late = ask.data(self.WRITE, world.jonas, text="", base=base)["setSynonyms"]

        assert late["errors"] == [{"code": "CONFLICT", "field": "text"}]
        assert late["current"] == {"text": "refund, cashback"}
        assert ask.data(self.WRITE, world.ines, text="a, b")["setSynonyms"]["errors"][0]["code"] == "NOT_ALLOWED"
        for viewer in (world.ines, world.rosa, world.stranger):
            assert ask.data("{ synonyms { text } }", viewer)["synonyms"] is None

    def test_all_that_is_wrong_is_said_at_once(self, database: Database, ask: Ask) -> None:
        world = database.write(World)

        wrong = ask.data(self.WRITE, world.jonas, text="alone\nrefund, money\nmoney, cash\n" + "x" * 61 + ", y")

        assert [each["code"] for each in wrong["setSynonyms"]["errors"]] == ["INVALID"] * 3

    def test_a_word_finds_the_others_of_its_group(self) -> None:
        known = synonyms.indexed([("refund", "money back"), ("Rückruf", "callback")])

        assert synonyms.expansions(known, "refund") == ("money back",)
        assert synonyms.expansions(known, "Refunds") == ("money back",)
        assert synonyms.expansions(known, "money back") == ("refund",)
        assert synonyms.expansions(known, "ruckruf") == ("callback",)
        assert synonyms.expansions(known, "money") == ()


def test_an_awaited_answer_is_no_gap(database: Database, ask: Ask) -> None:
    world = database.write(World)
    made = ask.data(TELL, world.ines, query="descale")["awaitAnswer"]["awaited"]

    assert made["id"] != id_of("Gap", world.open.uid)
    assert ask.data(GAPS, world.ines)["gaps"]["nodes"] == []
