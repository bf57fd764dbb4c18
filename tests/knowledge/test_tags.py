from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import Session

from knowledge import entries
from knowledge.database import Database, Page
from knowledge.entries import company, curating, listing, publishing, tags, writing
from knowledge.entries.tags import TagRow
from knowledge.errors import Invalid, NotAllowed, NotFound, Refusal
from knowledge.people import OPERATOR, Viewer
from knowledge.search import finding, following
from knowledge.search.documents import reach_of
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Filters
from knowledge.words import Audience, Kind, Role
from tests.factories import a_draft, a_group, a_viewer, an_entry, titles


def a_steward(session: Session) -> Viewer:
    return a_viewer(session, role=Role.STEWARD)


def tag_of(session: Session, viewer: Viewer, slug: str) -> TagRow:
    found = tags.by_slug(session, viewer, slug)
    assert found is not None
    return found


def names(rows: object) -> list[str]:
    return [row.name for row in rows]  # type: ignore[attr-defined]


def test_renamed_tag_is_found_by_its_former_slug_and_its_former_name(session: Session) -> None:
    jonas = a_steward(session)
    entry = an_entry(session, jonas, tags=["complaint"])

    tag = curating.update_tag(session, jonas, tag_of(session, jonas, "complaint").uid, {"name": "Complaints"})
    later = an_entry(session, jonas, tags=["complaint", "Complaints"])

    assert (tag.name, tag.slug, tags.synonyms_of(tag)) == ("complaints", "complaints", ["complaint"])
    assert tag_of(session, jonas, "complaint").uid == tag.uid
    assert [names(tags.of_entry(row)) for row in (entries.by_uid(session, jonas, entry.uid), later) if row] == [
        ["complaints"],
        ["complaints"],
    ]
    found = listing.listing(session, jonas, Page(), filter=listing.Filter(tags=("complaint",)))
    assert len(found.rows) == 2


def test_tag_that_is_renamed_back_has_its_old_address_again(session: Session) -> None:
    jonas = a_steward(session)
    an_entry(session, jonas, tags=["one"])
    uid = tag_of(session, jonas, "one").uid

    for name in ("two", "one"):
        curating.update_tag(session, jonas, uid, {"name": name})

    tag = tag_of(session, jonas, "two")
    assert (tag.name, tag.slug, tags.synonyms_of(tag)) == ("one", "one", ["two"])


def test_former_slug_is_not_given_to_a_new_tag(session: Session) -> None:
    jonas = a_steward(session)
    an_entry(session, jonas, tags=["one"])
    tag = tag_of(session, jonas, "one")
    curating.update_tag(session, jonas, tag.uid, {"name": "two"})
    curating.update_tag(session, jonas, tag.uid, {"synonyms": []})

    an_entry(session, jonas, tags=["one"])

    assert tag_of(session, jonas, "one").uid == tag.uid
    assert tag_of(session, jonas, "one-2").name == "one"


def test_synonym_that_is_typed_means_the_tag_and_makes_no_other(session: Session) -> None:
    jonas = a_steward(session)
    an_entry(session, jonas, tags=["refunds"])
    curating.update_tag(session, jonas, tag_of(session, jonas, "refunds").uid, {"synonyms": ["Money  back", "refunds"]})

    entry = an_entry(session, jonas, tags=["money back", "refunds"])

    assert names(tags.of_entry(entry)) == ["refunds"]
    assert names(tags.listing(session, jonas, Page(), containing="money").rows) == ["refunds"]
    assert names(tags.listing(session, jonas, Page()).rows) == ["refunds"]


def test_merged_tag_goes_over_with_all_its_words_and_addresses(session: Session) -> None:
    jonas = a_steward(session)
    first = an_entry(session, jonas, tags=["complaint", "repairs"])
    both = an_entry(session, jonas, tags=["complaint", "complaints"])
    writing.update(session, jonas, first.uid, 1, {"note": "A second revision."})
    gone, kept = tag_of(session, jonas, "complaint"), tag_of(session, jonas, "complaints")
    curating.update_tag(session, jonas, gone.uid, {"synonyms": ["grievance"], "description": "What went wrong."})
    told = curating.merging(session, jonas, gone, "Complaints")

    tag = curating.merge(session, jonas, gone.uid, kept.uid)

    assert told is not None
    assert (told.moved, told.both, told.after) == (1, 1, 2)
    assert (tag.uid, tag.description) == (kept.uid, "What went wrong.")
    assert tags.synonyms_of(tag) == ["complaint", "grievance"]
    assert tag_of(session, jonas, "complaint").uid == kept.uid
    assert tags.by_uid(session, jonas, gone.uid) is None
    assert [names(tags.of_entry(row)) for row in entries.by_uids(session, jonas, [first.uid, both.uid])] == [
        ["complaints", "repairs"],
        ["complaints"],
    ]
    revisions = listing.revisions_of(entries.by_uids(session, jonas, [first.uid])[0], jonas, Page()).rows
    assert [names(tags.of_revision(row)) for row in revisions] == [["complaints", "repairs"]] * 2


def test_tag_that_has_many_words_by_merging_is_still_described(session: Session) -> None:
    jonas = a_steward(session)
    an_entry(session, jonas, tags=["one", "two"])
    one, two = (tag_of(session, jonas, name).uid for name in ("one", "two"))
    for uid, letter in ((one, "a"), (two, "b")):
        words = [f"{letter}{number}" for number in range(20)]
        curating.update_tag(session, jonas, uid, {"synonyms": words})
    curating.merge(session, jonas, one, two)

    tag = curating.update_tag(session, jonas, two, {"description": "What both mean."})

    assert (tag.description, len(tags.synonyms_of(tag))) == ("What both mean.", 41)
    with pytest.raises(Invalid):
        curating.update_tag(session, jonas, two, {"synonyms": [*tags.synonyms_of(tag), "one more"]})


def test_merging_a_tag_into_itself_or_back_is_refused(session: Session) -> None:
    jonas = a_steward(session)
    an_entry(session, jonas, tags=["one", "two", "three"])
    one, two, three = (tag_of(session, jonas, name).uid for name in ("one", "two", "three"))

    with pytest.raises(Invalid):
        curating.merge(session, jonas, one, one)
    curating.merge(session, jonas, one, two)
    curating.merge(session, jonas, two, three)
    with pytest.raises(NotFound):
        curating.merge(session, jonas, three, one)

    assert [tag_of(session, jonas, name).uid for name in ("one", "two", "three")] == [three] * 3


def test_tags_are_changed_by_curators_only(session: Session) -> None:
    ines, customer = a_viewer(session), a_viewer(session, role=Role.CUSTOMER)
    an_entry(session, ines, tags=["one", "two"], audience=Audience.PUBLIC)
    one, two = (tag_of(session, ines, name) for name in ("one", "two"))

    for viewer in (ines, customer, Viewer()):
        with pytest.raises(NotAllowed):
            curating.update_tag(session, viewer, one.uid, {"description": "Mine."})
        with pytest.raises(NotAllowed):
            curating.merge(session, viewer, one.uid, two.uid)
        assert curating.merging(session, viewer, one, "two") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 61), ("name", "a, b"), ("synonyms", ["--"]), ("description", "x" * 501)],
)
def test_tag_out_of_bounds_is_refused_at_its_field(session: Session, field: str, value: object) -> None:
    jonas = a_steward(session)
    an_entry(session, jonas, tags=["one"])

    with pytest.raises(Refusal) as refused:
        curating.update_tag(session, jonas, tag_of(session, jonas, "one").uid, {field: value})  # type: ignore[misc]

    assert refused.value.problems[0].field == field


def test_word_of_another_tag_is_refused_where_the_curator_sees_that_tag(session: Session) -> None:
    jonas = a_steward(session)
    an_entry(session, jonas, tags=["one", "two"])
    one, two = (tag_of(session, jonas, name).uid for name in ("one", "two"))
    curating.update_tag(session, jonas, two, {"synonyms": ["zwei"]})

    for wanted in ({"name": "two"}, {"name": "zwei"}, {"synonyms": ["two"]}, {"synonyms": ["zwei"]}):
        with pytest.raises(Invalid):
            curating.update_tag(session, jonas, one, wanted)  # type: ignore[arg-type]


def test_word_of_a_tag_that_the_curator_does_not_see_gives_way_without_a_word(session: Session) -> None:
    jonas, ines = a_steward(session), a_viewer(session)
    an_entry(session, jonas, tags=["open"])
    draft = a_draft(session, ines, tags=["secret"])

    tag = curating.update_tag(session, jonas, tag_of(session, jonas, "open").uid, {"synonyms": ["secret"]})

    assert tags.synonyms_of(tag) == ["secret"]
    published = publishing.publish(session, ines, draft.uid)
    assert names(tags.of_entry(published)) == ["open"]


def test_search_finds_entries_by_synonyms_and_former_slugs_as_the_log_is_followed(
    database: Database, index: EmbeddedIndex
) -> None:
    def begun(session: Session) -> Viewer:
        jonas = a_steward(session)
        an_entry(session, jonas, title="Valves", tags=["descaling"], detail={"problem": "p", "do": "d"})
        return jonas

    jonas = database.write(begun)
    following.follow(database, index)

    def found(query: str, *, tag: str = "") -> list[str]:
        following.follow(database, index)
        with database.reading() as session:
            filters = Filters(tags=frozenset({tag} if tag else ()))
            rows = finding.find(session, index, jonas, query, filters=filters).entries
            return titles([row.entry for row in rows])

    before = found("limescale")
    database.write(
        lambda session: curating.update_tag(
            session, jonas, tag_of(session, jonas, "descaling").uid, {"name": "upkeep", "synonyms": ["limescale"]}
        )
    )

    assert before == []
    assert (
        found("limescale")
        == found("tag:limescale")
        == found("tag:descaling")
        == found("", tag="descaling")
        == ["Valves"]
    )
    assert [each.text for each in index.suggest("lime", reach_of(jonas))] == ["upkeep"]
    database.write(
        lambda session: curating.update_tag(session, jonas, tag_of(session, jonas, "upkeep").uid, {"synonyms": None})
    )
    assert found("limescale") == []


def test_related_tags_are_those_that_share_more_than_chance(session: Session) -> None:
    ines = a_viewer(session)
    for number in range(8):
        topic = ["refunds", "complaints"] if number < 3 else ["coffee"]
        an_entry(session, ines, tags=["everything", *topic], kind=Kind.STORY)

    found = company.related_to(tag_of(session, ines, "refunds"), ines, 8)

    assert [(each.tag.name, each.shared) for each in found] == [("complaints", 3), ("everything", 3)]
    assert company.kinds_of(tag_of(session, ines, "everything"), ines) == [(Kind.STORY, 8)]


def test_related_tags_count_only_what_the_viewer_sees(session: Session) -> None:
    group = a_group(session)
    mate, other = a_viewer(session, group=group), a_viewer(session, group=a_group(session))
    an_entry(session, mate, tags=["open", "shared"], audience=Audience.PUBLIC)
    an_entry(session, mate, tags=["open", "shared", "hidden"], audience=Audience.GROUP, audience_groups=[group.uid])
    a_draft(session, mate, tags=["open", "shared", "draft"])

    def seen(viewer: Viewer) -> dict[str, int]:
        return {each.tag.name: each.shared for each in company.related_to(tag_of(session, viewer, "open"), viewer, 8)}

    assert seen(mate) == {"shared": 2, "hidden": 1}
    assert [seen(viewer) for viewer in (other, a_viewer(session, role=Role.CUSTOMER), Viewer())] == [{"shared": 1}] * 3


def test_related_tags_of_a_list_cost_three_statements(session: Session, statements: list[str]) -> None:
    ines = a_viewer(session)
    for number in range(6):
        an_entry(session, ines, tags=["all", f"tag {number}", f"tag {number + 1}"])
    rows = tags.listing(session, ines, Page()).rows
    statements.clear()

    for row in rows:
        company.related_to(row, ines, 5)

    assert len(statements) == 3


def test_two_who_make_the_same_tags_at_once_make_them_once(database: Database) -> None:
    together = Barrier(2)
    viewers = [database.write(a_viewer) for _ in range(2)]
    made = ["one", "two", "three", "c++", "c--"]

    def work(viewer: Viewer) -> None:
        def write(session: Session) -> None:
            an_entry(session, viewer, tags=made if viewer is viewers[0] else made[::-1])

        together.wait(10)
        database.write(write)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, viewers))

    with database.reading() as session:
        rows = tags.listing(session, viewers[0], Page()).rows
        assert sorted(names(rows)) == sorted(made)
        assert {tags.entry_count(row, viewers[0]) for row in rows} == {2}


def test_merging_crosswise_at_once_leaves_one_tag(database: Database) -> None:
    jonas = database.write(a_steward)
    database.write(lambda session: an_entry(session, jonas, tags=["one", "two"]))
    with database.reading() as session:
        one, two = (tag_of(session, jonas, name).uid for name in ("one", "two"))
    together = Barrier(2)

    def work(pair: tuple[object, object]) -> str:
        together.wait(10)
        try:
            return database.write(lambda session: curating.merge(session, jonas, *pair)).name  # type: ignore[arg-type]
        except Refusal as refusal:
            return str(refusal.code)

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(work, [(one, two), (two, one)]))

    assert len(answers & {"one", "two"}) == 1
    assert "NOT_FOUND" in answers
    with database.reading() as session:
        (left,) = tags.listing(session, jonas, Page()).rows
        assert tags.entry_count(left, OPERATOR) == 1
