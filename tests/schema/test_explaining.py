from typing import Any

import pytest
from sqlmodel import Session

from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.search import synonyms
from knowledge.words import Audience, Kind, Role
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_viewer, an_entry

EXPLAINED = (
    """explanation { score meaning words { word alike where rarity adds } signals { signal factor sentence } }"""
)
SEARCH = f"""query ($q: String!) {{ search(query: $q) {{ edges {{ score highlights {{ html }} {EXPLAINED} }} }} }}"""
EXPLAIN = """query ($q: String!, $id: ID!) { explain(query: $q, id: $id) { score words { word where } } }"""


def test_a_hit_says_what_its_score_is_made_of_to_those_who_may_read_it(database: Database, ask: Ask) -> None:
    def given(session: Session) -> tuple[dict[str, Viewer], str]:
        steward = a_viewer(session, role=Role.STEWARD)
        synonyms.write(session, steward, "refund, money back")
        said: dict[str, Any] = {
            "title": "Falcon",
            "summary": "Give the money back.",
            "body": "Falcon again.",
            "kind": Kind.GUIDE,
        }
        entry = an_entry(session, steward, audience=Audience.EMPLOYEES, tags=["wings"], **said)
        viewers = {"inside": steward, "outside": a_viewer(session, role=Role.CUSTOMER)}
        return viewers, str(global_id(entry))

    viewers, id = database.write(given)
    ask.follow()

    [edge] = ask.data(SEARCH, viewers["inside"], q="refund falcon wings later")["search"]["edges"]
    why = edge["explanation"]

    assert why["score"] == edge["score"] == pytest.approx(sum(word["adds"] for word in why["words"]))
    assert {(word["word"], word["alike"], *word["where"]) for word in why["words"]} == {
        ("falcon", None, "title", "body"),
        ("wings", None, "tags"),
        ("refund", "money back", "summary"),
    }
    assert "<mark>money back</mark>" in "".join(each["html"] for each in edge["highlights"])
    assert why["signals"] == []
    told = ask.data(EXPLAIN, viewers["inside"], q="Falcon", id=id)["explain"]
    assert told["words"] == [{"word": "falcon", "where": ["title", "body"]}]
    assert ask.data(EXPLAIN, viewers["inside"], q="Flacon", id=id)["explain"] == told
    assert ask.data(EXPLAIN, viewers["inside"], q="nothing", id=id)["explain"] is None
    assert ask.data(EXPLAIN, viewers["outside"], q="Falcon", id=id)["explain"] is None
