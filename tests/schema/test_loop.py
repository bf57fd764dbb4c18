"""The loop over the API: who sees what of it, what it costs, and the whole way of an answer."""

from typing import Any

from sqlmodel import Session

from knowledge.database import Database, Page
from knowledge.feedback import telling, themes
from knowledge.people import Viewer
from knowledge.words import FeedbackKind, Role
from schema.nodes import global_id
from tests.asking import Ask
from tests.factories import a_customer, a_viewer, an_entry, some_feedback

RESPOND = """mutation ($input: RespondInput!) { respond(input: $input) { errors { field code message }
  reach { toTell { n } withheld { n } often { name } }
  response { id state decision promisedBy practice { slug } deliveries { totalCount
  nodes { id channel asked customer { name } } } } } }"""
REPLY = "mutation ($input: ReplyInput!) { replyToAnswer(input: $input) { feedback { status } errors { field code } } }"
REWARD = (
    "mutation ($input: GiveRewardInput!) { giveReward(input: $input) { reward { id what } errors { field code } } }"
)
MINE = """{ portal { name feedback { nodes { id status reward { what } replies { text } complaint { reference stage decision rootCause }
  answers { heard decision why author { name } reach { toTell { n } often { name } } deliveries { totalCount } feedback { id } } } } } }"""
SEEN = """query ($answer: ID!, $delivery: ID!, $reply: ID!, $reward: ID!) {
  answer: node(id: $answer) { id } delivery: node(id: $delivery) { id }
  reply: node(id: $reply) { id } reward: node(id: $reward) { id } response(id: $answer) { id }
  responses { totalCount nodes { id } }
  loop { totalCount nodes { id } } closure { told { n } } }"""


def a_world(session: Session) -> tuple[Any, ...]:
    ines, pot = a_viewer(session), a_customer(session, name="The Copper Pot")
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=pot)
    other = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    item = some_feedback(session, ines, customer=pot, kind=FeedbackKind.COMPLAINT)
    practice = an_entry(session, ines, slug="valve-first")
    return ines, rosa, other, item, practice


def test_the_whole_way_of_an_answer_and_nobody_else_sees_it(database: Database, ask: Ask) -> None:
    ines, rosa, other, item, _ = database.write(a_world)
    heard = {"feedback": global_id(item), "heard": "It leaks.", "decision": "WILL_DO", "why": "In May."}

    done = ask.data(RESPOND, ines, input={**heard, "practice": {"slug": "valve-first"}})["respond"]
    replied = ask.data(REPLY, rosa, input={"feedback": global_id(item), "text": "Still leaks."})["replyToAnswer"]
    reward = ask.data(REWARD, ines, input={"feedback": global_id(item), "what": "A bag of beans"})["giveReward"]

    answer = done["response"]
    assert (done["errors"], done["reach"]["toTell"]["n"], answer["practice"]) == ([], 1, {"slug": "valve-first"})
    assert (answer["state"], answer["deliveries"]["totalCount"]) == ("PUBLISHED", 1)
    assert answer["promisedBy"] is not None
    assert replied == {"feedback": {"status": "REOPENED"}, "errors": []}
    (mine,) = ask.data(MINE, rosa)["portal"]["feedback"]["nodes"]
    assert (mine["reward"], mine["replies"]) == ({"what": "A bag of beans"}, [{"text": "Still leaks."}])
    (said,) = mine["answers"]
    assert (said["heard"], said["why"], said["reach"]["toTell"]["n"]) == ("It leaks.", "In May.", 0)
    assert mine["complaint"]["stage"] == "REOPENED"

    reply = ask.data("query ($id: ID!) { feedbackItem(id: $id) { replies { id } } }", ines, id=global_id(item))
    ids = {
        "answer": answer["id"],
        "delivery": answer["deliveries"]["nodes"][0]["id"],
        "reply": reply["feedbackItem"]["replies"][0]["id"],
        "reward": reward["reward"]["id"],
    }
    for viewer in (ines, rosa):
        assert all(ask.data(SEEN, viewer, **ids)[name] == {"id": id} for name, id in ids.items())
    read = ask.data("query ($id: ID!) { node(id: $id) { ... on Delivery { readAt } } }", ines, id=ids["delivery"])
    assert read["node"]["readAt"] is not None  # who replies has read it
    for viewer in (other, Viewer()):
        found = ask.data(SEEN, viewer, **ids)
        assert [found[name] for name in (*ids, "response", "closure")] == [None] * 6
        assert (found["responses"], found["loop"]) == ({"totalCount": 0, "nodes": []},) * 2
        assert not (ask.data(MINE, viewer)["portal"] or {"feedback": {"nodes": []}})["feedback"]["nodes"]
    assert ask.data(SEEN, rosa, **ids)["loop"]["totalCount"] == 0  # it is for everyone inside


def test_what_is_refused_is_refused_at_its_field(database: Database, ask: Ask) -> None:
    ines, rosa, other, item, _ = database.write(a_world)
    said = {"feedback": [global_id(item)], "heard": "It leaks.", "decision": "WILL_NOT"}

    def codes(viewer: Viewer, **input: Any) -> list[tuple[str, str]]:
        errors = ask.data(RESPOND, viewer, input={**said, **input})["respond"]["errors"]
        return [(error["field"], error["code"]) for error in errors]

    assert codes(ines) == [("why", "INVALID")]
    assert codes(ines, why="It would rust.", feedback=[]) == [("feedback", "INVALID")]
    assert codes(ines, why="It would rust.", practice={"slug": "nowhere"}) == [("practice", "NOT_FOUND")]
    assert codes(other, why="It would rust.") == [("feedback", "NOT_FOUND")]
    assert [code for _, code in codes(rosa, why="It would rust.")] == ["NOT_ALLOWED"]
    refused = ask.data(REPLY, other, input={"feedback": global_id(item), "text": "Mine."})["replyToAnswer"]
    assert refused["errors"] == [{"field": "feedback", "code": "NOT_FOUND"}]


def a_crowd(session: Session) -> tuple[Viewer, Any]:
    ines = a_viewer(session)
    for _ in range(30):
        item = some_feedback(session, ines, customer=a_customer(session), kind=FeedbackKind.SUGGESTION)
        themes.assign(session, ines, item.uid, ["Valves"])
    return ines, themes.listing(session, ines, Page()).rows[0]


def test_thirty_customers_are_told_and_listed_in_a_fixed_number_of_statements(
    database: Database, ask: Ask, statements: list[str]
) -> None:
    ines, theme = database.write(a_crowd)
    told = {"theme": global_id(theme), "heard": "Valves.", "decision": "DONE", "publish": False}
    draft = ask.data(RESPOND, ines, input=told)["respond"]["response"]
    statements.clear()

    tell = "mutation ($input: PublishResponseInput!) { publishResponse(input: $input) { reach { toTell { n } } errors { code } } }"
    done = ask.data(tell, ines, input={"id": draft["id"]})["publishResponse"]
    telling_them = len(statements)
    statements.clear()
    listed = """{ feedback(first: 30) { nodes { status answers { heard decision author { name } } replies { text } reward { what } } }
                  responses { nodes { heard theme { name } practice { title }
                  deliveries(first: 30) { nodes { asked customer { name } } } } } }"""
    found = ask.data(listed, ines)

    assert (done["reach"]["toTell"]["n"], draft["state"]) == (30, "DRAFT")
    assert telling_them <= 26
    assert len(found["responses"]["nodes"][0]["deliveries"]["nodes"]) == 30
    assert all(node["answers"] for node in found["feedback"]["nodes"])
    assert len(statements) <= 10


def test_an_unnamed_author_reads_the_answer_by_code_and_replies(database: Database, ask: Ask) -> None:
    stranger = Viewer(tells=True)
    told = database.write(lambda session: telling.tell(session, stranger, {"verbatim": "It bites."}))
    ines = database.write(a_viewer)
    answer = {"feedback": global_id(told.item), "heard": "It bites.", "decision": "DONE"}
    assert ask.data(RESPOND, ines, input=answer)["respond"]["errors"] == []
    reply = "mutation ($input: ReplyByCodeInput!) { replyByCode(input: $input) { receivedAt errors { field code } } }"

    done = ask.data(reply, stranger, input={"code": told.code, "text": "It still bites."})["replyByCode"]

    claim = """mutation ($input: ClaimFeedbackInput!) { claimFeedback(input: $input) { claimed {
                 status answers { heard decision } replies { text } } } }"""
    claimed = ask.data(claim, stranger, input={"code": told.code})["claimFeedback"]["claimed"]
    assert (done["errors"], claimed["status"]) == ([], "REOPENED")
    assert claimed["answers"] == [{"heard": "It bites.", "decision": "DONE"}]
    assert claimed["replies"] == [{"text": "It still bites."}]
    wrong = ask.data(reply, stranger, input={"code": "2222", "text": "x"})["replyByCode"]["errors"]
    assert wrong == [{"field": "code", "code": "NOT_FOUND"}]
