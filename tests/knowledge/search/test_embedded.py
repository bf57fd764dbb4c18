import threading
from datetime import UTC, datetime
from math import log
from pathlib import Path
from uuid import UUID

import pytest

from knowledge.search import analysis
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Facet, Filters, Label, Reach, Sort, Suggestion, SuggestionKind
from knowledge.words import Audience, Freshness, GroupKind, Kind, Stage
from tests.knowledge.search.conftest import EVERYTHING, Find, MakeDocument

COLLEAGUES = Reach(frozenset({Audience.PUBLIC, Audience.CUSTOMERS, Audience.EMPLOYEES}))
STRANGERS = Reach(frozenset({Audience.PUBLIC}))


def test_a_question_finds_whatever_has_any_of_its_words(find: Find, a_document: MakeDocument) -> None:
    found = find(
        "What do I do when a customer is angry about a late delivery?",
        a_document("Late deliveries", "Call before they call."),
        a_document("Angry callers", "Let the customer finish. A late delivery hurts."),
        a_document("Parking", "Where to park."),
    )

    assert found == ["Angry callers", "Late deliveries"]


def test_scores_are_bm25_with_lucenes_idf(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document("Refund", "money back"), a_document("Greeting", "say hello")], (), "1")

    hit = index.search("refund", EVERYTHING).hits[0]

    tf, length, average, k1, b = 2, 4, 4, 1.2, 0.75
    expected = log(1 + 1.5 / 1.5) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average))
    assert hit.score == pytest.approx(expected)


def test_a_word_said_twice_weighs_more(find: Find, a_document: MakeDocument) -> None:
    documents = a_document("One", "apples"), a_document("Two", "pears")

    assert find("apples pears pears", *documents) == ["Two", "One"]
    assert find("apples apples pears", *documents) == ["One", "Two"]


def test_title_problem_tags_and_synonyms_are_searched(find: Find, a_document: MakeDocument) -> None:
    documents = (
        a_document("Goodwill", tags=[Label("refunds", "Refunds", ("reimbursement",))]),
        a_document("Overbooked", problem="The room is taken"),
    )

    assert find("reimbursements", *documents) == ["Goodwill"]
    assert find("refund", *documents) == ["Goodwill"]
    assert find("rooms", *documents) == ["Overbooked"]


def test_practices_come_first_among_equals(find: Find, a_document: MakeDocument) -> None:
    found = find(
        "welcome",
        a_document("A story", "welcome", kind=Kind.STORY, updated_at=datetime(2026, 5, 1, tzinfo=UTC)),
        a_document("A habit", "welcome", kind=Kind.BEST_PRACTICE),
    )

    assert found == ["A habit", "A story"]


def test_a_phrase_must_be_there_word_for_word(find: Find, a_document: MakeDocument) -> None:
    found = find(
        '"loyal customers"',
        a_document("Yes", "Our loyal customers stay."),
        a_document("No", "Customers who are not loyal leave."),
    )

    assert found == ["Yes"]


def test_a_phrase_does_not_run_from_the_title_into_the_text(find: Find, a_document: MakeDocument) -> None:
    assert find('"calls answered"', a_document("Missed calls", "Answered later.")) == []


def test_words_can_be_required_and_excluded(find: Find, a_document: MakeDocument) -> None:
    documents = (
        a_document("Both", "price and delivery"),
        a_document("Price", "price"),
        a_document("All three", "price delivery returns"),
    )

    assert find("price AND delivery -returns", *documents) == ["Both"]


def test_minus_alone_finds_all_others(find: Find, a_document: MakeDocument) -> None:
    assert find("-price", a_document("One", "price"), a_document("Two", "delivery")) == ["Two"]


def test_a_prefix_finds_words_as_they_are_written(find: Find, a_document: MakeDocument) -> None:
    documents = a_document("Complaints", "complaining"), a_document("Praise", "compliment")

    assert find("complai*", *documents) == ["Complaints"]
    assert sorted(find("compl*", *documents)) == ["Complaints", "Praise"]


def test_fields_narrow(find: Find, a_document: MakeDocument) -> None:
    documents = (
        a_document("Refund at once", "money", tags=["money back"], authors=("Ann Lee",), kind=Kind.BEST_PRACTICE),
        a_document("Wait", "refund money", authors=("Bo Chan",), updated_at=datetime(2026, 6, 1, tzinfo=UTC)),
    )

    assert find("money tag:money-back", *documents) == ["Refund at once"]
    assert find('money tag:"Money Back"', *documents) == ["Refund at once"]
    assert find("money kind:practice", *documents) == ["Refund at once"]
    assert find("money author:ann", *documents) == ["Refund at once"]
    assert find("money title:refund", *documents) == ["Refund at once"]
    assert find("money -author:ann", *documents) == ["Wait"]
    assert find("money after:2026-06-01", *documents) == ["Wait"]
    assert find("money before:2026-06", *documents) == ["Refund at once"]


def test_stop_words_alone_are_a_title(find: Find, a_document: MakeDocument) -> None:
    assert find("what if", a_document("What if?", "Plan ahead."), a_document("Plans", "What if it rains?")) == [
        "What if?"
    ]


@pytest.mark.parametrize(
    ("language", "body", "query"),
    [
        ("de", "Wir beantworten Beschwerden am selben Tag.", "Beschwerde beantworten"),
        ("fr", "Répondre aux réclamations le jour même.", "reclamation"),
        ("es", "Responder las quejas el mismo día.", "queja"),
        ("it", "Rispondere ai reclami in giornata.", "reclamo"),
        ("nl", "Klachten dezelfde dag beantwoorden.", "klacht"),
        ("pt", "Responder às reclamações no mesmo dia.", "reclamação"),
        ("sv", "Besvara klagomålen samma dag.", "klagomål"),
        ("da", "Besvar klagerne samme dag.", "klager"),
        ("no", "Svar på klagene samme dag.", "klager"),
        ("fi", "Vastaa valituksiin samana päivänä.", "valitus valitukset"),
        ("ja", "苦情には当日中に返答します。", "苦情"),
        ("zh", "当天回复客户投诉。", "投诉"),
        ("ko", "불만은 당일에 답변합니다.", "불만"),
        ("th", "ตอบข้อร้องเรียนภายในวันเดียวกัน", "ร้องเรียน"),
        ("pl", "Odpowiadamy na skargi tego samego dnia.", "skargi"),
    ],
)
def test_each_language_finds_its_own(
    find: Find, a_document: MakeDocument, language: str, body: str, query: str
) -> None:
    found = find(query, a_document("Found", body, language=language), a_document("Other", "Answer the same day."))

    assert found == ["Found"]


def test_one_character_finds_the_runs_it_is_in(find: Find, a_document: MakeDocument) -> None:
    documents = a_document("第一", "新顧客", language="ja"), a_document("Other", "顧問", language="ja")

    assert find("客", *documents) == ["第一"]


@pytest.mark.parametrize(
    ("query", "titles"), [("+顧", ["新顧客"]), ('"顧"', ["新顧客"]), ("title:顧", ["新顧客"]), ("-顧", ["返金"])]
)
def test_one_character_is_demanded_and_excluded_wherever_it_stands(
    find: Find, a_document: MakeDocument, query: str, titles: list[str]
) -> None:
    assert find(query, a_document("新顧客", language="ja"), a_document("返金", language="ja")) == titles


def test_other_languages_leave_english_ranks_alone(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    english = [a_document("News", "new rules"), a_document("New", "new new price"), a_document("Old", "price")]
    index.apply(english, (), "1")
    before = index.search("news price", EVERYTHING).hits

    index.apply([a_document("Neu", "Alles ist neu", language="de")], (), "2")

    assert [hit.uid for hit in index.search("news price", EVERYTHING).hits] == [hit.uid for hit in before]


def test_a_stop_word_of_the_querys_language_finds_nothing_in_another(find: Find, a_document: MakeDocument) -> None:
    found = find(
        "die Reklamation und der Kunde",
        a_document("Reklamation", "Die Reklamation annehmen.", language="de"),
        a_document("Machines die", "Machines die young."),
    )

    assert found == ["Reklamation"]


class TestPermissions:
    @pytest.fixture(autouse=True)
    def shelf(self, index: EmbeddedIndex, a_document: MakeDocument) -> None:
        self.index = index
        self.public = a_document("Open house", "zebra", audience=Audience.PUBLIC, tags=["open"])
        self.internal = a_document("Internal zebra", "zebra xylophone", audience=Audience.EMPLOYEES, tags=["hidden"])
        self.grouped = a_document("Group zebra", "zebra", audience=Audience.GROUP, groups=frozenset({7}))
        self.own = a_document(
            "My zebra", "zebra", audience=Audience.GROUP, groups=frozenset({8}), people=frozenset({42})
        )
        index.apply([self.public, self.internal, self.grouped, self.own], (), "1")

    def found(self, reach: Reach) -> set[UUID]:
        return {hit.uid for hit in self.index.search("zebra", reach).hits}

    def test_nobody_finds_what_is_not_for_them(self) -> None:
        assert self.found(STRANGERS) == {self.public.uid}
        assert self.found(COLLEAGUES) == {self.public.uid, self.internal.uid}
        assert self.found(Reach(frozenset({Audience.PUBLIC}), frozenset({7}))) == {self.public.uid, self.grouped.uid}
        assert self.found(Reach(person=42)) == {self.own.uid}
        assert self.found(Reach()) == set()
        assert len(self.found(EVERYTHING)) == 4

    def test_group_is_nobodys_audience(self) -> None:
        assert self.found(Reach(frozenset({Audience.GROUP}))) == set()

    def test_totals_and_facets_count_within_reach(self) -> None:
        hits = self.index.search("zebra", STRANGERS)

        assert hits.total == 1
        assert hits.facets[Facet.TAG] == (("open", 1),)
        assert hits.facets[Facet.AUDIENCE] == (("PUBLIC", 1),)

    def test_suggestions_stay_within_reach(self) -> None:
        assert self.index.suggest("zebra", STRANGERS) == ()
        assert self.index.suggest("hid", STRANGERS) == ()
        assert [each.text for each in self.index.suggest("hid", COLLEAGUES)] == ["hidden"]

    def test_spelling_stays_within_reach(self) -> None:
        assert self.index.did_you_mean("xylophne", STRANGERS) is None
        assert self.index.did_you_mean("xylophne", COLLEAGUES) == "xylophone"

    def test_fields_and_prefixes_stay_within_reach(self) -> None:
        for query in ("tag:hidden", "xylo*", "-open", "title:internal", '"zebra xylophone"', "after:2020"):
            assert self.internal.uid not in {hit.uid for hit in self.index.search(query, STRANGERS).hits}


def test_filters_and_facets(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    one = a_document(
        "One",
        "price",
        kind=Kind.BEST_PRACTICE,
        tags=["money", "terms"],
        functions=frozenset({GroupKind.SALES, GroupKind.FINANCE}),
        stages=frozenset({Stage.CLIENT}),
        freshness=Freshness.VERIFIED,
        audience=Audience.PUBLIC,
    )
    two = a_document("Zwei", "price", tags=["money"], language="de", updated_at=datetime(2026, 4, 1, tzinfo=UTC))
    index.apply([one, two], (), "1")

    narrowed = [
        Filters(kinds=frozenset({"BEST_PRACTICE"})),
        Filters(tags=frozenset({"terms"})),
        Filters(functions=frozenset({"FINANCE", "PEOPLE"})),
        Filters(stages=frozenset({"CLIENT"})),
        Filters(freshness=frozenset({"VERIFIED"})),
        Filters(languages=frozenset({"en"})),
        Filters(audiences=frozenset({"PUBLIC"})),
        Filters(updated_before=datetime(2026, 4, 1, tzinfo=UTC)),
    ]

    for filters in narrowed:
        assert [hit.uid for hit in index.search("", EVERYTHING, filters).hits] == [one.uid]
    later = index.search("", EVERYTHING, Filters(updated_after=datetime(2026, 4, 1, tzinfo=UTC)))
    assert [hit.uid for hit in later.hits] == [two.uid]
    facets = index.search("", EVERYTHING).facets
    assert facets[Facet.TAG] == (("money", 2), ("terms", 1))
    assert facets[Facet.FUNCTION] == (("FINANCE", 1), ("SALES", 1))
    assert facets[Facet.LANGUAGE] == (("de", 1), ("en", 1))
    assert facets[Facet.STAGE] == (("CLIENT", 1),)


def test_totals_are_exact_and_pages_fit_together(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document(f"Note {number}", "price") for number in range(25)], (), "1")

    pages = [index.search("price", EVERYTHING, start=start, count=10) for start in (0, 10, 20)]

    assert {page.total for page in pages} == {25}
    assert len({hit.uid for page in pages for hit in page.hits}) == 25


def test_dates_sort(find: Find, a_document: MakeDocument) -> None:
    documents = [
        a_document(str(month), "price", updated_at=datetime(2026, month, 1, tzinfo=UTC)) for month in (2, 3, 1)
    ]

    assert find("price", *documents, sort=Sort.NEWEST) == ["3", "2", "1"]
    assert find("price", *documents, sort=Sort.OLDEST) == ["1", "2", "3"]
    assert find("", *documents) == ["3", "2", "1"]


def test_words_are_those_that_can_be_marked(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document("One", "price")], (), "1")

    hits = index.search('the "Late Refunds" compl* -price tag:money', EVERYTHING)

    assert hits.words == ("late", "refunds", "compl*")


def test_suggestions_are_titles_then_tags(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    loop = a_document("Close the loop", tags=["Closing time"])
    habit = a_document("The closing call", kind=Kind.BEST_PRACTICE)
    index.apply([loop, habit, a_document("Prices")], (), "1")

    suggested = index.suggest("clos", EVERYTHING)

    assert suggested == (
        Suggestion("Close the loop", SuggestionKind.ENTRY, str(loop.uid)),
        Suggestion("The closing call", SuggestionKind.ENTRY, str(habit.uid)),
        Suggestion("Closing time", SuggestionKind.TAG, "Closing-time"),
    )
    assert [each.text for each in index.suggest("the cl", EVERYTHING)] == ["The closing call", "Close the loop"]
    assert index.suggest("  ", EVERYTHING) == ()


def test_did_you_mean_corrects_only_what_is_wrong(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document("Refunds", "A refund for every complaint")], (), "1")

    assert index.did_you_mean('tag:x "Refnud" and complaynt!', EVERYTHING) == 'tag:x "refund" and complaint!'
    assert index.did_you_mean("refunds complaints", EVERYTHING) is None
    assert index.did_you_mean("", EVERYTHING) is None


def test_did_you_mean_joins_and_divides_and_keeps_what_is_known(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    guide = a_document(
        "Überraschte Kunden", "The front desk tells every customer who comes in by voice.", language="de"
    )
    index.apply([guide, a_document("Hidden", "zanzibar", audience=Audience.EMPLOYEES)], (), "1")

    answers = {
        "custo mer": "customer",
        "frontdesk -custo mer": "front desk -custo mer",
        "gustomer*": "customer",
        "ueberraschde": "überraschte",
        "in voice": None,
        "zan zibar": "zanzibar",
    }
    assert {query: index.did_you_mean(query, EVERYTHING) for query in answers} == answers
    for query in ("zan zibar", "zanzibra", "kzanzibar", "zanzibardesk"):
        assert index.did_you_mean(query, STRANGERS) is None


def test_what_is_half_typed_finds_titles_first(find: Find, a_document: MakeDocument) -> None:
    refused = a_document("What is refused", "It is refused with a reason.")
    others = [a_document(f"Number {number}", "They were refused.") for number in range(3)]

    assert find("refus*", *others, refused)[0] == "What is refused"


def test_signs_alone_find_nothing_and_no_query_everything(find: Find, a_document: MakeDocument) -> None:
    document = a_document("One", "price")

    assert find("\"'()*:^", document) == []
    assert find(" ", document) == ["One"]


def test_applying_twice_changes_nothing(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    document = a_document("Refunds", "price")

    for _ in range(2):
        index.apply([document, document], [UUID(int=99)], "7")

    assert index.search("price", EVERYTHING).total == 1
    assert index.known() == {document.uid: 1}
    assert index.cursor() == "7"


def test_a_new_revision_replaces_the_old(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    old = a_document("Refunds", "cheap")
    index.apply([old, a_document("Other")], (), "1")

    index.apply([a_document("Refunds", "dear", uid=old.uid, revision=2)], (), "2")

    assert index.search("cheap", EVERYTHING).total == 0
    assert index.search("dear", EVERYTHING).total == 1
    assert index.known()[old.uid] == 2


def test_what_is_gone_is_gone_from_everything(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    document = a_document("Refunds", "price", tags=["money"])
    index.apply([document, a_document("Other", "price")], (), "1")

    index.apply((), [document.uid], "2")

    hits = index.search("price", EVERYTHING)
    assert (hits.total, hits.facets[Facet.TAG]) == (1, ())
    assert index.suggest("ref", EVERYTHING) == ()
    assert document.uid not in index.known()


def test_many_small_commits_merge_and_lose_nothing(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    documents = [a_document(f"Note {number}", "price") for number in range(15)]
    for number, document in enumerate(documents):
        index.apply([document], [documents[number - 1].uid] if number % 5 == 4 else (), str(number))

    hits = index.search("price", EVERYTHING, count=100)

    assert hits.total == len(hits.hits) == 12
    assert len(index.known()) == 12


def test_the_cursor_alone_moves_without_a_new_generation(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document("One")], (), "1")
    generation = index.refresh()

    index.apply((), (), "2")

    assert (index.cursor(), index.refresh()) == ("2", generation)


def test_what_was_committed_is_there_after_opening_again(tmp_path: Path, a_document: MakeDocument) -> None:
    first = EmbeddedIndex(tmp_path)
    first.apply([a_document("Refunds", "price")], (), "5")
    first.close()

    second = EmbeddedIndex(tmp_path)

    assert (second.trouble, second.cursor(), second.search("price", EVERYTHING).total) == ("", "5", 1)
    second.close()


def test_one_reader_sees_the_commits_of_another(tmp_path: Path, a_document: MakeDocument) -> None:
    writer, reader = EmbeddedIndex(tmp_path), EmbeddedIndex(tmp_path)
    document = a_document("Refunds", "price")

    writer.apply([document], (), "1")
    seen = reader.search("price", EVERYTHING).total
    writer.apply((), [document.uid], "2")
    seen_later = reader.search("price", EVERYTHING).total

    assert (seen, seen_later, reader.cursor()) == (1, 0, "2")
    writer.close()
    reader.close()


def test_reindexing_swaps_while_others_read(tmp_path: Path, a_document: MakeDocument) -> None:
    writer, reader = EmbeddedIndex(tmp_path), EmbeddedIndex(tmp_path)
    writer.apply([a_document("Old", "price")], (), "1")
    totals = []

    def documents() -> object:
        for number in range(3):
            totals.append(reader.search("price", EVERYTHING).total)
            yield a_document(f"New {number}", "price")

    writer.replace(documents(), "9")  # type: ignore[arg-type]

    assert totals == [1, 1, 1]
    assert reader.search("price", EVERYTHING).total == 3
    assert reader.cursor() == writer.cursor() == "9"
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
    writer.close()
    reader.close()


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document("Old", "price")], (), "1")

    def documents() -> object:
        yield a_document("New", "price")
        raise LookupError

    with pytest.raises(LookupError):
        index.replace(documents(), "9")  # type: ignore[arg-type]

    assert (index.search("price", EVERYTHING).total, index.cursor()) == (1, "1")


def test_many_threads_read_while_one_writes(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document("Steady", "price")], (), "0")
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                hits = index.search("price note", EVERYTHING)
                assert hits.total >= 1
                assert sum(count for _, count in hits.facets[Facet.KIND]) == hits.total
        except BaseException as failure:
            failures.append(failure)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(6):
        index.apply([a_document(f"Note {number}", "price")], (), str(number))
    done.set()
    for reader in readers:
        reader.join()

    assert failures == []
    assert index.search("price", EVERYTHING).total == 7


@pytest.mark.parametrize("harm", ["truncate a segment", "flip a byte", "lose a segment", "lose the stamp", "lose the folder",
                                  "truncate the contents", "lose the contents", "another format"])  # fmt: skip
def test_a_torn_folder_is_given_up_and_says_so(tmp_path: Path, a_document: MakeDocument, harm: str) -> None:
    index = EmbeddedIndex(tmp_path)
    index.apply([a_document("Refunds", "price")], (), "5")
    index.close()
    _harm(tmp_path / "1", harm)

    opened = EmbeddedIndex(tmp_path)

    assert opened.trouble
    assert (opened.cursor(), opened.known()) == ("", {})
    opened.apply([a_document("Again", "price")], (), "6")
    assert opened.search("price", EVERYTHING).total == 1
    opened.close()


def _harm(folder: Path, harm: str) -> None:
    segment, contents, stamp = (next(folder.glob(pattern)) for pattern in ("*.nps", "*.toc", "stamp_*"))
    if harm == "truncate a segment":
        segment.write_bytes(segment.read_bytes()[:-100])
    elif harm == "flip a byte":
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 1
        segment.write_bytes(data)
    elif harm == "truncate the contents":
        contents.write_bytes(contents.read_bytes()[:50])
    elif harm == "another format":
        stamp.write_text(stamp.read_text().replace('"format": "', '"format": "0'))
    elif harm == "lose the folder":
        folder.rename(folder.with_name("elsewhere"))
    else:
        {"lose a segment": segment, "lose the stamp": stamp, "lose the contents": contents}[harm].unlink()


def test_an_index_taken_away_under_its_readers_begins_anew(tmp_path: Path, a_document: MakeDocument) -> None:
    index = EmbeddedIndex(tmp_path)
    index.apply([a_document("Refunds", "price")], (), "5")
    for path in (tmp_path / "1").iterdir():
        path.unlink()

    hits = index.search("price", EVERYTHING)

    assert (hits.total, index.cursor()) == (0, "")
    assert index.trouble
    index.close()


@pytest.mark.parametrize(
    "query", ['"', "*", "-", "a*", "tag:*", "title:*", "before:2026", '"the"', "\x00", "客*", "x" * 5_000]
)
def test_odd_queries_are_answered(index: EmbeddedIndex, a_document: MakeDocument, query: str) -> None:
    index.apply([a_document("One", "price"), a_document("二", "顧客", language="ja")], (), "1")

    assert index.search(query, EVERYTHING).total >= 0
    assert index.suggest(query, EVERYTHING) is not None
    index.did_you_mean(query, EVERYTHING)


def test_an_empty_index_answers(index: EmbeddedIndex) -> None:
    hits = index.search("anything", EVERYTHING)

    assert (hits.total, hits.hits, index.trouble) == (0, (), "")
    assert index.did_you_mean("anything", EVERYTHING) is None


def test_a_word_of_five_hundred_letters_is_not_taken_apart(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document(language, "x", language=language) for language in ("de", "nl", "fi", "sv")], (), "1")
    before = analysis.terms.cache_info().misses

    assert index.search("abcdefghijkmno" * 40, EVERYTHING).total == 0

    assert analysis.terms.cache_info().misses - before < 50
