import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Index, Reach
from knowledge.search.noticing import Note, notes
from knowledge.search.query import LONGEST
from knowledge.words import Audience, NoteReason
from tests.knowledge.search.conftest import EVERYTHING, MakeDocument

STRANGERS = Reach(frozenset({Audience.PUBLIC}))
SIGNS = some.sampled_from(
    [
        '"',
        "“",
        "-",
        "+",
        "*",
        ":",
        "(",
        "tag:",
        "kind:",
        "before:",
        "after:2024 ",
        "title:",
        " AND ",
        " NOT ",
        " OR ",
        "refund",
        "客",
        " ",
    ]
)


def noticed(index: Index, query: str, reach: Reach = EVERYTHING) -> list[Note]:
    return notes(index, query, reach, is_little=index.search(query, reach).is_little)


@pytest.fixture
def library(index: EmbeddedIndex, a_document: MakeDocument) -> EmbeddedIndex:
    hidden = a_document("Inside", "refund", tags=["secret"], audience=Audience.EMPLOYEES)
    index.apply([a_document("What if?", "refund", tags=["money back"], audience=Audience.PUBLIC), hidden], (), "1")
    return index


@pytest.mark.parametrize(
    ("query", "text", "reason", "says"),
    [
        ("refund before:2024-13", "before:2024-13", NoteReason.NO_DATE, "2026-03"),
        ("kind:stroy", "kind:stroy", NoteReason.UNKNOWN_KIND, "Kinds are story, "),
        ("kind:foo", "kind:foo", NoteReason.UNKNOWN_KIND, "requirements"),
        ("autor:maria", "autor:maria", NoteReason.UNKNOWN_FIELD, "author:maria"),
        ('by:"Ann Lee"', 'by:"Ann Lee"', NoteReason.UNKNOWN_FIELD, 'author:"Ann Lee"'),
        ("stage:client", "stage:client", NoteReason.UNKNOWN_FIELD, "among the filters"),
        ("lang:de", "lang:de", NoteReason.UNKNOWN_FIELD, "the language"),
        ("(late OR refund) AND money", "(late OR refund)", NoteReason.BRACKETS, "next to them"),
        ("tag: refund", "tag:", NoteReason.EMPTY_FIELD, "tag:refund"),
        ("tag:none refund", "tag:none", NoteReason.UNKNOWN_TAG, "“none”"),
        ('late "money back', '"money back', NoteReason.OPEN_QUOTE, "closing"),
        ("after:2025 before:2024", "after:2025 before:2024", NoteReason.IMPOSSIBLE, "never both"),
        ("-before:2025 before:2025", "-before:2025 before:2025", NoteReason.IMPOSSIBLE, "never both"),
        ("+refund -Refund", "refund -Refund", NoteReason.IMPOSSIBLE, "never both"),
        ("-refund", "-refund", NoteReason.ONLY_WITHOUT, "everything else"),
        ("what if", "what if", NoteReason.LITTLE_WORDS, "titles"),
        ("word " * 64 + "last one", "last one", NoteReason.TOO_MANY_WORDS, "64"),
        ("\"'()*:^", "\"'()*:^", NoteReason.NO_WORDS, "signs"),
    ],
)
def test_what_may_have_been_meant_otherwise_is_told(
    query: str, text: str, reason: NoteReason, says: str, library: EmbeddedIndex
) -> None:
    (note,) = noticed(library, query)

    assert (note.text, note.reason) == (text, reason)
    assert says in note.message


@pytest.mark.parametrize(
    "query",
    [
        *(
            "",
            "refund",
            '"money back"',
            "tag:money-back",
            'tag:"Money Back" refund',
            "kind:story -refund",
            "title:what",
        ),
        *(
            "after:2024 before:2025",
            "see:also https://a.b/c",
            'a 5" pipe',
            "the refund",
            "wh* refund",
            "customer: late",
        ),
        'they said "wait for it and then never called us back about the refund at all',
    ],
)
def test_what_is_meant_as_it_was_read_is_left_alone(query: str, library: EmbeddedIndex) -> None:
    assert noticed(library, query) == []


def test_a_hidden_tag_is_told_of_like_one_that_is_not_there(library: EmbeddedIndex) -> None:
    assert noticed(library, "tag:secret") == []

    (hidden,), (none,) = noticed(library, "tag:secret", STRANGERS), noticed(library, "tag:xxxxxx", STRANGERS)
    assert hidden.message.replace("secret", "xxxxxx") == none.message


@given(some.one_of(some.text(max_size=LONGEST), some.lists(SIGNS, max_size=60).map("".join)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_answered(library: EmbeddedIndex, query: str) -> None:
    assert len(noticed(library, query)) <= 5
    assert library.did_you_mean(query, STRANGERS) != ""
