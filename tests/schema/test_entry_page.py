"""The page of a crowded entry stays cheap: thirty revisions, two hundred comments, forty links."""

from sqlmodel import Session

from frontend.asking import document
from knowledge.community import speaking
from knowledge.database import Database
from knowledge.entries import links, publishing, writing
from knowledge.people import Viewer
from knowledge.words import GroupKind, LinkKind, Stage
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_group, a_viewer, an_entry


def a_crowded_entry(session: Session) -> Viewer:
    ines = a_viewer(session, group=a_group(session))
    entry = an_entry(
        session,
        ines,
        slug="crowded",
        tags=["refunds", "calls", "trust"],
        functions=[GroupKind.SALES],
        stages=[Stage.CLIENT],
        principles=[1, 2],
    )
    for number in range(1, 31):
        writing.update(session, ines, entry.uid, number, {"body": f"Version {number}.", "note": "Said better."})
        entry = publishing.publish(session, ines, entry.uid)
    for _ in range(40):
        links.link(session, ines, entry, an_entry(session, ines), LinkKind.SUPPORTS)
    people = [a_viewer(session) for _ in range(20)]
    for number in range(100):
        said = speaking.comment(session, people[number % 20], entry, body=f"Comment {number}.")
        speaking.reply(session, people[(number + 1) % 20], said, body=f"Reply {number}.")
    return ines


@ON_ONE_ENGINE
def test_the_page_of_a_crowded_entry_costs_fourteen_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    viewer = database.write(a_crowded_entry)
    ask.follow()
    statements.clear()

    found = ask.data(document("entries/entry"), viewer, slug="crowded", find="", finding=False)

    assert found["entry"]["revision"] == 31
    assert len(found["entry"]["links"]) == 40
    assert len(statements) <= 14
