"""A suggested edit as those who decide read it."""

from knowledge.community import suggesting
from knowledge.database import Database
from tests.asking import Ask
from tests.factories import a_viewer, an_entry

QUERY = """query ($slug: String!) { entry(slug: $slug) { suggestions { nodes { parts {
  field label shape parts { kind text } } } } } }"""


def test_what_a_suggestion_changes_is_shown_word_by_word(database: Database, ask: Ask) -> None:
    owner, reader = database.write(a_viewer), database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, owner, body="Replace it at once."))
    texts = {"body": "Replace it today.", "practice.say": "Sorry."}
    database.write(lambda session: suggesting.suggest(session, reader, entry, 1, texts))

    found = ask.data(QUERY, owner, slug=entry.slug)["entry"]["suggestions"]["nodes"][0]["parts"]

    assert [(part["field"], part["label"], part["shape"]) for part in found] == [
        ("body", "Text", "TEXT"),
        ("practice.say", "Say", "TEXT"),
    ]
    assert [(part["kind"], part["text"]) for part in found[0]["parts"]] == [
        ("SAME", "Replace it "),
        ("REMOVED", "at once"),
        ("ADDED", "today"),
        ("SAME", "."),
    ]
