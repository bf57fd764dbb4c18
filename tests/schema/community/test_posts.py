"""Posts as programs and pages read and write them: who sees what, and that a list costs the same however long it is."""

from sqlmodel import Session

from frontend.asking import document
from knowledge.community import asking, posts, promoting, reactions, speaking
from knowledge.database import Database
from knowledge.entries import publishing
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Audience, CommentAudience, Kind, ReactionKind, Role
from schema.nodes import id_of
from tests.asking import Ask
from tests.conftest import ON_ONE_ENGINE
from tests.factories import a_customer, a_group, a_viewer, an_entry

LIST = """{ posts(first: 50) { nodes { title commentCount author { name role } voices { n } hiddenReason mendable
  promotions { feedback { id } practice { slug } by { name } author { name } }
  ... on Question { askedPerson { name } askedGroup { name } answerState waitingDays waitingSince
    answer { body accepted acceptable author { name } } } } } }"""
CREATE = "mutation ($input: CreatePostInput!) { createPost(input: $input) { entry { id slug status } errors { field code } } }"
UPDATE = (
    "mutation ($input: UpdatePostInput!) { updatePost(input: $input) { entry { status title } errors { field code } } }"
)


def a_talk(session: Session, times: int) -> tuple[Viewer, Viewer]:
    """So many answered questions, waiting ones and ideas that were taken up."""
    ines, margit = a_viewer(session), a_viewer(session, role=Role.LEADER, name="Margit")
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session), name="Rosa")
    group = a_group(session)
    for _ in range(times):
        asked = an_entry(session, ines, kind=Kind.QUESTION, title="Why two?", audience=Audience.CUSTOMERS)
        asking.address(session, ines, asked, asking.Whom(person=margit.uid))
        said = speaking.comment(session, margit, asked, body="Because.", audience=CommentAudience.READERS)
        asking.accept(session, ines, said.uid)
        posts.post(session, ines, Kind.QUESTION, title="And why?", body="", whom=asking.Whom(group=group.uid))
        idea = posts.post(session, rosa, Kind.IDEA, title="A tray", body="That tips.")
        idea = publishing.publish(session, OPERATOR, idea.uid)
        promoting.to_feedback(session, ines, idea)
        promoting.to_practice(session, ines, idea, title="Tip it")
        reactions.react_to_entry(session, rosa, idea, ReactionKind.SAME_HERE)
    return ines, rosa


@ON_ONE_ENGINE
def test_a_list_of_posts_costs_the_same_however_long_and_each_reads_what_is_for_them(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    ines, rosa = database.write(lambda session: a_talk(session, 1))
    ask.data(LIST, ines)
    statements.clear()
    ask.data(LIST, ines)
    few = len(statements)
    database.write(lambda session: a_talk(session, 4))
    statements.clear()

    inside = ask.data(LIST, ines)["posts"]["nodes"]
    many = len(statements)
    outside = {each["title"]: each for each in ask.data(LIST, rosa)["posts"]["nodes"]}
    strangers = ask.data(LIST, Viewer())["posts"]["nodes"]

    statements.clear()
    page = ask.data(document("community/community"), ines, filter={"kinds": ["STORY", "IDEA", "QUESTION", "LESSON"]})

    assert (len(inside), many, len(page["posts"]["nodes"])) == (15, few, 15)
    assert len(statements) <= 12
    assert outside.keys() == {"Why two?", "A tray"}
    assert strangers == []
    question, idea = outside["Why two?"], outside["A tray"]
    assert (question["askedPerson"], question["answerState"], question["waitingDays"]) == (None, "ACCEPTED", None)
    assert (question["answer"]["author"]["name"], question["answer"]["acceptable"]) == ("Margit", False)
    assert (idea["voices"], [each["practice"] for each in idea["promotions"]], idea["promotions"][0]["by"]) == (
        None,
        [None],
        None,
    )
    mine = {each["title"]: each for each in inside}
    assert (mine["Why two?"]["askedPerson"]["name"], mine["And why?"]["waitingDays"]) == ("Margit", 0)
    assert mine["And why?"]["askedGroup"] is not None
    assert mine["A tray"]["voices"] == {"n": 1}


@ON_ONE_ENGINE
def test_a_customer_posts_and_mends_by_the_api_and_a_question_asks_somebody(database: Database, ask: Ask) -> None:
    ines, _ = database.write(lambda session: a_talk(session, 0))
    margit = database.write(lambda session: a_viewer(session, name="Margit"))
    rosa = database.write(lambda session: a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session)))
    assert margit.uid is not None
    whom = {"person": id_of("Person", margit.uid)}

    made = ask.data(CREATE, rosa, input={"kind": "STORY", "title": "The first cup", "body": "It was early."})[
        "createPost"
    ]
    mended = ask.data(
        UPDATE, rosa, input={"id": made["entry"]["id"], "baseRevision": 1, "title": "The cup", "body": "It was late."}
    )["updatePost"]
    refused = ask.data(CREATE, rosa, input={"kind": "QUESTION", "title": "You?", "question": whom})["createPost"]
    stranger = ask.data(CREATE, Viewer(), input={"kind": "STORY", "title": "No", "body": "No."})["createPost"]
    asked = ask.data(
        """mutation ($input: CreateEntryInput!) { createEntry(input: $input) { errors { field }
          entry { id revision ... on Question { askedPerson { name } } } } }""",
        ines,
        input={"kind": "QUESTION", "title": "Why?", "question": whom, "publish": True},
    )["createEntry"]
    cleared = ask.data(
        """mutation ($input: UpdateEntryInput!) { updateEntry(input: $input) { errors { field }
          entry { ... on Question { askedPerson { name } } } } }""",
        ines,
        input={"id": asked["entry"]["id"], "baseRevision": asked["entry"]["revision"], "question": None},
    )["updateEntry"]

    assert (made["entry"]["status"], made["errors"]) == ("IN_REVIEW", [])
    assert mended == {"entry": {"status": "IN_REVIEW", "title": "The cup"}, "errors": []}
    assert [each["code"] for answer in (refused, stranger) for each in answer["errors"]] == ["NOT_ALLOWED"] * 2
    assert (asked["entry"]["askedPerson"], cleared["entry"]["askedPerson"]) == ({"name": "Margit"}, None)


@ON_ONE_ENGINE
def test_the_page_of_an_answered_question_costs_twelve_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    ines, _ = database.write(lambda session: a_talk(session, 1))
    ask.follow()
    statements.clear()

    found = ask.data(document("entries/entry"), ines, slug="why-two", find="", finding=False)

    assert (found["entry"]["answerState"], found["entry"]["answer"]["bodyHtml"]) == ("ACCEPTED", "<p>Because.</p>")
    assert len(statements) <= 12
