from sqlmodel import Session

from knowledge.community import reactions, speaking
from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.words import ReactionKind
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_viewer, an_entry

REPLIES = "replies { ...C replies { ...C replies { ...C } } }"
CONVERSATION = f"""query ($slug: String!) {{ entry(slug: $slug) {{
  commentCount reactions {{ kind count mine }} usefulness {{ useful notUseful mine }} suggestionCount flagCount
  comments(first: 40) {{ nodes {{ ...C {REPLIES} }} }} }} }}
fragment C on Comment {{ body bodyHtml quote author {{ name role }} reactions {{ kind count mine }} may resolvedAt createdAt }}"""


def two_hundred_comments(session: Session) -> tuple[Viewer, str]:
    people = [a_viewer(session) for _ in range(10)]
    entry = an_entry(session, people[0], body="Replace it at once.")
    for number in range(40):
        first = speaking.comment(
            session, people[number % 10], entry, body=f"Thread {number}", quote="Replace it at once."
        )
        to = first
        for depth in range(4):
            to = speaking.reply(session, people[(number + depth + 1) % 10], to, body=f"Reply {depth}")
        reactions.react_to_comment(session, people[0], first, ReactionKind.THANKS)
    reactions.react_to_entry(session, people[1], entry, ReactionKind.LIKE)
    return people[0], entry.slug


@ON_ONE_ENGINE
def test_two_hundred_comments_with_authors_and_reactions_cost_three_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer, slug = database.write(two_hundred_comments)
    statements.clear()
    ask.data("query ($slug: String!) { entry(slug: $slug) { id } }", viewer, slug=slug)
    entry_alone = len(statements)
    statements.clear()

    found = ask.data(CONVERSATION, viewer, slug=slug)["entry"]

    assert found["commentCount"] == 200
    assert len(found["comments"]["nodes"]) == 40
    assert [len(each["replies"]) for each in found["comments"]["nodes"]] == [1] * 40
    deepest = found["comments"]["nodes"][0]["replies"][0]["replies"][0]["replies"]
    assert [each["body"] for each in deepest] == ["Reply 2", "Reply 3"]
    assert found["comments"]["nodes"][0]["reactions"] == [{"kind": "THANKS", "count": 1, "mine": True}]
    assert found["reactions"] == [{"kind": "LIKE", "count": 1, "mine": False}]
    assert len(statements) - entry_alone == 3


@ON_ONE_ENGINE
def test_comments_are_counted_without_reading_them(database: Database, ask: Ask, statements: list[str]) -> None:
    viewer, _ = database.write(two_hundred_comments)
    statements.clear()

    found = ask.data("{ entries { nodes { commentCount reactions { kind } usefulness { useful } } } }", viewer)

    assert [node["commentCount"] for node in found["entries"]["nodes"]] == [200]
    assert len(statements) == 2
