from pathlib import Path

from sqlmodel import Session

from knowledge import customers, entries, evidence, vision
from knowledge.database import Database, Page
from knowledge.entries import EntryRow, listing, publishing, tags, writing
from knowledge.people import OPERATOR, by_email
from knowledge.transfer import import_path, install_library, install_sample, remove_sample
from knowledge.vision.questions import questions_of
from knowledge.words import Kind, Stance, Status
from tests.factories import a_draft, a_viewer, an_entry, some_feedback
from tests.knowledge.transfer.files import an_entry_line, counts, exported, some_lines


def stored(session: Session, slug: str) -> EntryRow:
    row = entries.by_slug(session, OPERATOR, slug)
    assert row is not None
    return row


def shipped(session: Session, kind: Kind, *languages: str) -> int:
    wanted = listing.Filter(kinds=(kind,), languages=languages)
    return len(listing.listing(session, OPERATOR, Page(first=100), filter=wanted).rows)


def test_the_library_is_complete(database: Database) -> None:
    report = install_library(database)

    assert (report.problems, report.warnings) == ((), ())
    with database.reading() as session:
        assert (shipped(session, Kind.PRINCIPLE), shipped(session, Kind.GUIDE)) == (12, 36)
        assert shipped(session, Kind.BEST_PRACTICE, "en") == 54
        assert [shipped(session, Kind.BEST_PRACTICE, language) for language in ("de", "es")] == [11, 11]
        assert [len(questions_of(step)) for step in vision.steps(session)] == [4, 3, 3, 4, 4, 6, 6]


def test_installing_the_library_again_changes_nothing(stocked: Database) -> None:
    before = counts(stocked)

    report = install_library(stocked)

    assert (report.created, report.updated) == (0, 0)
    assert counts(stocked) == before


def test_the_library_leaves_alone_what_people_made_theirs(stocked: Database) -> None:

    def make_theirs(session: Session) -> None:
        ines = a_viewer(session)
        entry = session.get_one(entries.Entry, stored(session, "replace-first").id)
        entry.owner_id = ines.id
        session.flush()
        writing.update(session, ines, stored(session, "replace-first").uid, 1, {"title": "Ours now"})
        publishing.publish(session, ines, entry.uid)
        publishing.archive(session, OPERATOR, stored(session, "you-said-we-did").uid)
        writing.update(session, OPERATOR, stored(session, "call-back-same-day").uid, 1, {"slug": "call-back"})

    stocked.write(make_theirs)
    install_library(stocked)

    with stocked.reading() as session:
        assert stored(session, "replace-first").title == "Ours now"
        assert stored(session, "you-said-we-did").status is Status.ARCHIVED
        assert stored(session, "call-back-same-day").slug == "call-back"


def test_a_newer_library_replaces_what_nobody_touched(sqlite: Database, tmp_path: Path) -> None:
    import_path(
        sqlite,
        OPERATOR,
        some_lines(
            tmp_path / "old.jsonl",
            an_entry_line("replace-first", kind="best_practice", practice={"problem": "Old", "do": "Old"}),
        ),
    )

    report = install_library(sqlite)

    assert (report.updated, report.problems) == (1, ())
    with sqlite.reading() as session:
        assert stored(session, "replace-first").title.startswith("Third failure")


def test_the_sample_is_whole_and_comes_only_once(stocked: Database) -> None:
    first, second = install_sample(stocked), install_sample(stocked)

    assert (first.problems, first.warnings) == ((), ())
    assert (second.created, second.updated, second.problems) == (0, 0, ())
    with stocked.reading() as session:
        assert len(evidence.of_entry(stored(session, "descaling-valve-out-of-reach"), OPERATOR)) >= 10
        assert all(row.sample for row in customers.listing(session, OPERATOR, Page(first=20)).rows)


def test_the_sample_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    install_library(database)
    before, files = counts(database), exported(database, tmp_path / "before")
    install_sample(database)

    removed = remove_sample(database)

    assert removed > 100
    assert exported(database, tmp_path / "after") == files
    after = counts(database)
    logs = ("change", "activity", "activity_value")
    assert {name: count for name, count in after.items() if name not in logs} == {
        name: count for name, count in before.items() if name not in logs
    }


def test_what_people_wrote_around_the_sample_stays(storied: Database) -> None:
    def write(session: Session) -> None:
        margit = by_email(session, "margit@example.com")
        assert margit is not None
        ines = a_viewer(session)
        own = an_entry(session, ines, slug="own", tags=["descaling"])
        session.get_one(entries.Entry, own.id).owner_id = margit.id
        customer = customers.listing(session, OPERATOR, Page()).rows[0]
        said = some_feedback(session, ines, customer=customer)
        evidence.attach(session, ines, own, said, Stance.SUPPORTS)
        a_draft(session, ines, title="Unfinished")

    storied.write(write)
    remove_sample(storied)

    with storied.reading() as session:
        own = stored(session, "own")
        assert own.owner_id is None
        assert own.author_id is not None
        assert [tag.name for tag in tags.of_entry(own)] == ["descaling"]
        assert [item.customer_id for item in evidence.of_entry(own, OPERATOR)] == [None]
        assert by_email(session, "margit@example.com") is None
