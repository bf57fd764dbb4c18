from sqlmodel import Session

from frontend.asking import document
from knowledge import evidence, feedback
from knowledge.contacts import Contact
from knowledge.database import Database, Page
from knowledge.entries import publishing
from knowledge.entries.entry import EntryRow
from knowledge.loop import answering
from knowledge.loop.answering import Said, Subject
from knowledge.people import OPERATOR, Viewer
from knowledge.search.embedded import EmbeddedIndex
from knowledge.words import Audience, Decision, FeedbackKind, Kind, Role, Stance
from schema.nodes import global_id
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_draft, a_viewer, some_feedback

DOWN = """{ feedback(first: 20) { nodes { verbatim evidence { stance entry { title customersTold { n }
  citedBy(first: 5) { nodes { entry { title } } }
  responses(first: 5) { nodes { heard practice { title } deliveries(first: 5) { nodes { customer { name } } } } } } } } } }"""

UP = """{ responses(first: 5) { nodes { deliveries(first: 5) { nodes { customer { name } response {
  insight { title evidence { items { quote feedback { verbatim customer { name } } } } }
  practice { title evidence { items { cites { title } } } } } } } } } }"""


class World:
    """What two customers said became an insight, that a practice, and both of them were told."""

    def __init__(self, session: Session) -> None:
        self.ines = a_viewer(session, role=Role.STEWARD)
        insight = a_draft(session, self.ines, kind=Kind.INSIGHT, title="The insight", audience=Audience.PUBLIC)
        pot, pan = a_customer(session, name="The Pot"), a_customer(session, name="The Pan")
        for customer in (pot, pan):
            item = some_feedback(session, self.ines, customer=customer, kind=FeedbackKind.COMPLAINT)
            evidence.attach(session, self.ines, insight, item, Stance.SUPPORTS, quote="hard to reach")
        self.insight = self._published(session, insight)
        practice = a_draft(session, self.ines, title="The practice", audience=Audience.PUBLIC)
        evidence.attach(session, self.ines, practice, self.insight, Stance.SUPPORTS)
        self.practice = self._published(session, practice)
        secret = a_draft(session, a_viewer(session), title="The secret")
        evidence.attach(session, self.ines, secret, self.insight, Stance.CONTEXT)
        said: Said = {"heard": "It is hard to reach.", "decision": Decision.DONE, "practice": self.practice}
        drafted = answering.draft(session, self.ines, Subject(insight=self.insight), said)
        answering.publish(session, self.ines, drafted.uid, Contact())
        again: Said = {"heard": "Only among ourselves.", "decision": Decision.INVESTIGATING}
        answering.draft(session, self.ines, Subject(insight=self.insight), again)
        self.pot = a_viewer(session, role=Role.CUSTOMER, customer=pot)

    def _published(self, session: Session, entry: EntryRow) -> EntryRow:
        return publishing.publish(session, OPERATOR, entry.uid)


def test_the_chain_is_walked_both_ways_in_one_query_whatever_its_length(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    world = database.write(World)
    statements.clear()

    down = ask.data(DOWN, world.ines)["feedback"]["nodes"]
    walked = len(statements)
    up = ask.data(UP, world.ines)["responses"]["nodes"]

    (piece,) = down[0]["evidence"]
    told, among = sorted(piece["entry"]["responses"]["nodes"], key=lambda each: each["practice"] is None)
    assert piece["entry"]["customersTold"]["n"] == 2
    assert [each["entry"]["title"] for each in piece["entry"]["citedBy"]["nodes"]] == ["The practice"]
    assert (told["heard"], told["practice"]["title"]) == ("It is hard to reach.", "The practice")
    assert {each["customer"]["name"] for each in told["deliveries"]["nodes"]} == {"The Pot", "The Pan"}
    assert (among["heard"], among["deliveries"]["nodes"]) == ("Only among ourselves.", [])
    assert walked <= 10

    reached = next(node for node in up if node["deliveries"]["nodes"])["deliveries"]["nodes"][0]["response"]
    assert {each["feedback"]["customer"]["name"] for each in reached["insight"]["evidence"]["items"]} == {
        "The Pot",
        "The Pan",
    }
    assert [each["cites"]["title"] for each in reached["practice"]["evidence"]["items"]] == ["The insight"]


def test_at_every_link_one_sees_what_one_may(sqlite: Database, index: EmbeddedIndex) -> None:
    ask, world = Ask(sqlite, index), sqlite.write(World)

    ((piece,),) = [node["evidence"] for node in ask.data(DOWN, world.pot)["feedback"]["nodes"]]
    stranger = ask.data(
        """{ entry(slug: "the-insight") { customersTold { n } responses { nodes { heard } } citedBy { nodes { entry { title } } }
        evidence { wording } } }""",
        Viewer(),
    )["entry"]

    (answer,) = piece["entry"]["responses"]["nodes"]
    assert piece["entry"]["customersTold"]["n"] == 0
    assert [each["customer"]["name"] for each in answer["deliveries"]["nodes"]] == ["The Pot"]
    assert (stranger["responses"]["nodes"], stranger["citedBy"]["nodes"], stranger["evidence"]) == ([], [], None)
    assert stranger["customersTold"]["n"] == 0


ONE_ITEM = {"find": "", "finding": False, "giving": False, "joining": False}


@ON_ONE_ENGINE
def test_the_page_of_an_item_with_its_whole_chain_costs_thirteen_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    world = database.write(World)
    with database.reading() as session:
        item = feedback.listing(session, world.ines, Page()).rows[-1]
    statements.clear()

    said = ask.data(document("voices/feedback"), world.ines, id=global_id(item), **ONE_ITEM)["said"]

    assert said["evidence"][0]["entry"]["customersTold"]["n"] == 2
    assert len(said["answers"]) == 1
    assert len(statements) <= 13  # of a complaint; two fewer of all else
