from datetime import UTC, datetime

import pytest

from knowledge.search.query import LONGEST, MOST_WORDS, Clause, Field, Role, loosened, read
from knowledge.words import Kind


def test_plain_words_are_each_enough() -> None:
    assert read("late refund") == (Clause("late"), Clause("refund"))


def test_quotes_make_a_phrase_that_must_be_there() -> None:
    assert read("“thank you” cards") == (Clause("thank you", role=Role.EVERY, is_phrase=True), Clause("cards"))


def test_and_requires_both_neighbours() -> None:
    roles = [clause.role for clause in read("price delivery AND refund")]

    assert roles == [Role.ANY, Role.EVERY, Role.EVERY]


@pytest.mark.parametrize("query", ["-refund", "NOT refund"])
def test_minus_and_not_exclude(query: str) -> None:
    assert read(query) == (Clause("refund", role=Role.NONE),)


def test_a_dash_within_a_word_is_part_of_it() -> None:
    assert read("follow-up") == (Clause("follow-up"),)


def test_an_asterisk_makes_a_prefix() -> None:
    assert read("compl*") == (Clause("compl", is_prefix=True),)


def test_fields_are_understood() -> None:
    read_back = read('tag:refunds kind:practice author:"Ann Lee" title:welcome after:2026-02 before:2026-03-15')

    assert read_back == (
        Clause("refunds", Field.TAG, Role.EVERY),
        Clause(Kind.BEST_PRACTICE, Field.KIND, Role.EVERY),
        Clause("Ann Lee", Field.AUTHOR, Role.EVERY, is_phrase=True),
        Clause("welcome", Field.TITLE, Role.EVERY),
        Clause("2026-02", Field.AFTER, Role.EVERY, moment=datetime(2026, 2, 1, tzinfo=UTC)),
        Clause("2026-03-15", Field.BEFORE, Role.EVERY, moment=datetime(2026, 3, 15, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    "query", ["kind:nonsense", "before:yesterday", "after:2026-13-01", "see:also", "https://a.b/c"]
)
def test_what_makes_no_sense_is_words(query: str) -> None:
    assert read(query) == (Clause(query),)


@pytest.mark.parametrize("query", ["\"'()*:^", "---", "😀", '"()"', "author:()", "-()", "_", "…"])
def test_signs_alone_say_nothing(query: str) -> None:
    assert read(query) == ()


def test_joining_words_alone_are_words() -> None:
    assert read("OR NOT") == (Clause("OR"), Clause("NOT"))


@pytest.mark.parametrize("name", ["story", "Stories", "best_practice", "practices", "best-practice"])
def test_kinds_are_named_as_people_name_them(name: str) -> None:
    (clause,) = read(f"kind:{name}")

    assert (clause.field, clause.text) in {(Field.KIND, Kind.STORY), (Field.KIND, Kind.BEST_PRACTICE)}


@pytest.mark.parametrize(
    "query", ["", "   ", '"', '""', "-", "*", "AND", "OR NOT", "tag:", "((()", '"open quote', "\x00"]
)
def test_nothing_that_is_typed_is_an_error(query: str) -> None:
    read(query)


@pytest.mark.parametrize(
    ("query", "looser"),
    [
        ('"money back" late', "money back late"),
        ("refund AND valv*", "refund valv*"),
        ('+refund kind:story -"on time" author:"Ann Lee"', 'refund kind:STORY -"on time" author:"Ann Lee"'),
        ("refund late -valve", None),
        ("tag:valve", None),
        ("", None),
    ],
)
def test_what_was_wanted_together_is_asked_for_apart(query: str, looser: str | None) -> None:
    assert loosened(query) == looser
    assert looser is None or loosened(looser) is None


def test_a_sentence_has_no_signs() -> None:
    query = 'what do we say to someone who asked for the "full amount" -today- and will not wait'

    assert {clause.role for clause in read(query)} == {Role.ANY}


def test_a_query_is_bounded() -> None:
    assert len(read("word " * 1_000)) == MOST_WORDS
    assert sum(len(clause.text) for clause in read("x" * 10_000)) == LONGEST
