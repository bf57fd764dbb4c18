import json
import shutil
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, estimates, evidence
from knowledge.community import follows, notices, posts, promoting, votes
from knowledge.customers import segments
from knowledge.database import Database, table_of
from knowledge.entries import Entry, by_slug, detail_of, freshness, links, listing, publishing, scheduling, writing
from knowledge.entries.writing import Changes
from knowledge.evidence import claiming
from knowledge.feedback import themes
from knowledge.initiatives import issues, measures, milestones, planning, progress
from knowledge.initiatives.planning import Served
from knowledge.jobs import Job
from knowledge.people import OPERATOR, Viewer
from knowledge.practices import PARTS, PracticeRow
from knowledge.privacy import erasing, subjects
from knowledge.surveys import reading
from knowledge.transfer import export_path, import_path, registry
from knowledge.transfer.lines import counted
from knowledge.words import (
    Audience,
    Basis,
    GroupKind,
    Health,
    InsightKind,
    InsightState,
    Kind,
    LinkKind,
    RevisionState,
    Role,
    Severity,
    Stance,
    Status,
    SurveyMetric,
    VisionStep,
)
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import (
    a_customer,
    a_draft,
    a_file,
    a_group,
    a_picture,
    a_viewer,
    an_entry,
    an_interaction,
    some_feedback,
)
from tests.knowledge.test_migrations import keep_private, use
from tests.knowledge.transfer.files import an_entry_line, exported, some_lines

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
titles = words.filter(lambda text: text.strip() != "")


def a_world(session: Session) -> None:
    """Something of everything that can be written by hand, in every state."""
    group = a_group(session)
    ines, margit = a_viewer(session, group=group), a_viewer(session, role=Role.LEADER)
    customer = a_customer(session, name="Café Zimt", email="zimt@example.com")
    a_viewer(session, role=Role.CUSTOMER, customer=customer)
    a_customer(session, name="Zimt Süd", parent=customer.uid)
    said = some_feedback(
        session, ines, verbatim="  It is out of reach. \r\n Truly. ", customer=customer, source="crm", external_id="1"
    )
    some_feedback(session, ines, verbatim="Nobody knows me.", anonymous=True)
    practice = an_entry(
        session, ines, tags=["Refund"], audience=Audience.PUBLIC, title="A: b", body="Hm.\r\n\r\nYes.\n"
    )
    a_draft(session, ines, title="Not yet", detail={"do": "## Say\n\nno", "problem": "```\nopen"})
    insight = a_draft(session, ines, kind=Kind.INSIGHT, title="no", body="Ã©", summary="1.10")
    evidence.attach(session, ines, insight, said, Stance.CONTRADICTS, quote="out of reach")
    publishing.publish(session, ines, insight.uid)
    vision = an_entry(session, margit, kind=Kind.VISION, detail={"horizon": "2029"})
    initiative = an_entry(session, margit, kind=Kind.INITIATIVE, detail={"changes_from": "Here", "changes_to": "There"})
    progress.post(session, margit, initiative, Health.OFF_TRACK, "It fails.", percent=0)
    links.link(session, margit, initiative, vision, LinkKind.SUPPORTS)
    freshness.verify(session, OPERATOR, practice.uid)
    publishing.archive(session, margit, initiative.uid)
    secret = an_entry(session, ines, kind=Kind.STORY, audience=Audience.GROUP, audience_groups=[group.uid])
    writing.update(session, ines, secret.uid, 1, {"title": "Newer, and not published"})
    publishing.submit(session, ines, a_draft(session, ines, kind=Kind.LESSON).uid)
    unpublished(session, ines, margit)


def unpublished(session: Session, ines: Viewer, margit: Viewer) -> None:
    """Newer drafts of what is published, in every state; and an entry that was called otherwise twice."""
    group = a_group(session)
    practice = an_entry(session, ines, slug="first", body="Before.", source="Us", tags=["old"])
    draft = Changes(
        slug="second", body="## Do\n\nÃ©", detail={"do": "2. Call.\r\n", "problem": ""}, tags=["new", "now"],
        audience=Audience.GROUP, audience_groups=[group.uid], source=None, licence="CC0", note="Why",
    )  # fmt: skip
    writing.update(session, ines, practice.uid, 1, draft)
    writing.update(session, ines, practice.uid, 2, {"slug": "third"})
    story = an_entry(session, ines, kind=Kind.STORY)
    writing.update(session, ines, story.uid, 1, {"body": "Submitted."})
    publishing.submit(session, ines, story.uid)
    vision = an_entry(session, margit, kind=Kind.VISION)
    writing.update(session, margit, vision.uid, 1, {"detail": {"what": "Other."}})
    publishing.submit(session, margit, vision.uid)
    publishing.request_changes(session, OPERATOR, vision.uid, "Say more.")
    guide = an_entry(session, ines, kind=Kind.GUIDE)
    writing.update(session, ines, guide.uid, 1, {"title": "Newer than the archive"})
    publishing.archive(session, ines, guide.uid)


def test_an_export_that_was_imported_is_exported_the_same(
    sqlite: Database, tmp_path: Path, sqlite_again: Database
) -> None:
    sqlite.write(a_world)
    first = exported(sqlite, tmp_path / "first")

    report = import_path(sqlite_again, OPERATOR, tmp_path / "first")

    assert (report.problems, report.warnings) == ((), ())
    assert exported(sqlite_again, tmp_path / "second") == first


def a_community(session: Session) -> None:
    """A row in every table, and entries in the states that only time or others bring."""
    use(session)
    keep_private(session)
    claim(session)
    restrict_and_erase(session)
    undertake(session)
    ines, margit = a_viewer(session), a_viewer(session, role=Role.LEADER)
    group = a_group(session)
    practice = an_entry(session, ines, slug="with-files", audience=Audience.PUBLIC)
    a_file(session, ines, practice, name="valve.png", data=a_picture(), alt="The valve")
    a_file(session, ines, practice, name="list.csv", data=b"customer,name\n1,Zimt\n")
    a_file(session, ines, practice, name="read me.md", data=b"# No entry\n")
    freshness.contest(session, session.get_one(Entry, practice.id), ines.id, why="It leaks.")
    session.get_one(Entry, practice.id).verifier_group_id = group.id
    session.get_one(Entry, practice.id).verify_days = 90
    old = an_entry(session, ines, slug="a-former-way")
    publishing.obsolete(session, ines, old.uid, practice, note="There is a better one.")
    soon = clock.now() + timedelta(days=3)
    scheduling.schedule(session, ines, a_draft(session, ines, kind=Kind.STORY, slug="soon").uid, soon)
    newer = an_entry(session, ines, kind=Kind.STORY, slug="newer-soon")
    writing.update(session, ines, newer.uid, 1, {"body": "On Friday."})
    scheduling.schedule(session, ines, newer.uid, soon)
    draft = a_draft(session, ines, kind=Kind.STORY, slug="wished", audience=Audience.PUBLIC)
    publishing.submit(session, ines, draft.uid, at=soon)
    votes.rate(session, margit, practice, False)
    follows.follow(session, margit, practice)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    idea = posts.post(session, rosa, Kind.IDEA, title="A tray", body="That tips.")
    promoting.to_practice(session, ines, publishing.publish(session, OPERATOR, idea.uid), title="Tip it")


def undertake(session: Session) -> None:
    """An initiative with its plan, what it is measured by and what stands in its way; and a notice of it."""
    margit, group = a_viewer(session, role=Role.LEADER), a_group(session)
    vision = an_entry(session, margit, kind=Kind.VISION, slug="b-vision")
    initiative = an_entry(session, margit, kind=Kind.INITIATIVE, slug="a-plan")
    served = [Served(step=VisionStep.CAPABILITIES, question="")]
    plan: planning.Plan = {"vision": vision, "sponsor": margit.uid, "steps": served, "capacity": {group.uid: 40}}
    planning.plan(session, margit, initiative, plan)
    (question,) = reading.questions_of(
        reading.named(session, OPERATOR, a_scored_survey(session, SurveyMetric.CSAT_1_5).uid)
    )
    measures.measure_by(session, margit, initiative, [question.uid])
    milestones.add(session, margit, initiative, "The drawing is settled", clock.now().date())
    milestones.change_scope(session, margit, initiative, "All of them", "Those who asked", "Two visits help nobody.")
    issues.ask_for_help(session, margit, initiative, "Nobody has a bench", Severity.HIGH)
    notices.pin(session, margit, "The valve moves.", entry=initiative)


def claim(session: Session) -> None:
    """Insights that rest on everything that one may rest on, and what they are about."""
    ines = a_viewer(session, role=Role.STEWARD)
    met = an_interaction(session, ines, a_customer(session), note="It leaks, and it leaks.")
    ground = a_draft(session, ines, kind=Kind.INSIGHT, slug="b-ground", body="It is the seal.")
    evidence.attach(session, ines, ground, met, Stance.SUPPORTS, quote="it leaks", weight=3)
    survey = a_scored_survey(session, SurveyMetric.CSAT_1_5)
    wave = a_wave_of_answers(session, survey, [5, 5, 4, 5, 2, 5])
    (question,) = reading.questions_of(reading.named(session, OPERATOR, survey.uid))
    figure = evidence.take(session, ines, question.id, wave.id, estimates.share(5, 6, basis=Basis.CENSUS))
    evidence.attach(session, ines, ground, figure, Stance.SUPPORTS)
    publishing.publish(session, ines, ground.uid)
    claiming.assess(session, ines, ground.uid, InsightState.SUPPORTED)
    advice = a_draft(
        session,
        ines,
        kind=Kind.INSIGHT,
        slug="a-advice",
        detail={"kind": InsightKind.RECOMMENDATION, "review_by": clock.now().date()},
    )
    evidence.attach(session, ines, advice, ground, Stance.SUPPORTS, quote="the seal")
    paper = evidence.Document("A paper", "https://example.org/paper", "Seals wear.")
    evidence.attach(session, ines, advice, paper, Stance.CONTEXT)
    publishing.publish(session, ines, advice.uid)
    segment = segments.create(session, OPERATOR, {"name": "Who leaks"})
    themes.assign(session, ines, some_feedback(session, ines).uid, ["seals"])
    (theme,) = themes.raised(session, ines, count=1)
    claiming.aim(session, ines, advice.uid, segments=[segment.uid], themes=[theme.uid])


def restrict_and_erase(session: Session) -> None:
    """Two who said something: one whose data is used no more, and one of whom nothing but numbers is left."""
    admin = a_viewer(session, role=Role.ADMIN)
    for leave, name in ((subjects.restrict, "Restrained"), (erasing.erase, "Somebody Gone")):
        customer = a_customer(session, name=name, email=f"{len(name)}@example.org")
        some_feedback(session, admin, customer=customer)
        leave(session, admin, customer)


def test_what_a_community_leaves_is_exported_and_imported_the_same(
    database: Database, tmp_path: Path, sqlite_again: Database
) -> None:
    database.write(a_world)
    database.write(a_community)
    first = exported(database, tmp_path / "first")

    report = import_path(sqlite_again, OPERATOR, tmp_path / "first", strict=True)
    again = import_path(sqlite_again, OPERATOR, tmp_path / "first", strict=True)
    own = import_path(database, OPERATOR, tmp_path / "first")

    assert (report.problems, report.warnings) == ((), ())
    assert (again.created, again.updated, own.created, own.updated, own.problems) == (0, 0, 0, 0, ())
    assert exported(sqlite_again, tmp_path / "second") == first
    assert first["attachments/with-files/valve.png"] == a_picture()
    jobs = table_of(Job).c
    with sqlite_again.reading() as session:
        kinds = session.connection().execute(select(jobs.kind).where(jobs.kind != "entry.lapse")).scalars().all()
        empty = [lines.type for lines in registry.RESTORED if not session.connection().execute(counted(lines)).scalar()]
    assert (kinds, empty) == (["entry.publish"] * 2, [])


def test_a_community_survives_an_archive(sqlite: Database, tmp_path: Path, sqlite_again: Database) -> None:
    sqlite.write(a_community)
    export_path(sqlite, tmp_path / "one.zip")

    report = import_path(sqlite_again, OPERATOR, tmp_path / "one.zip", strict=True)
    export_path(sqlite_again, tmp_path / "two.zip")

    assert (report.problems, report.warnings) == ((), ())
    assert (tmp_path / "two.zip").read_bytes() == (tmp_path / "one.zip").read_bytes()


def test_a_file_that_is_missing_or_another_is_refused(sqlite: Database, tmp_path: Path, sqlite_again: Database) -> None:
    def write(session: Session) -> None:
        entry = an_entry(session, OPERATOR, kind=Kind.GUIDE, slug="one")
        for name in ("gone.txt", "other.txt"):
            a_file(session, OPERATOR, entry, name=name)

    sqlite.write(write)
    exported(sqlite, tmp_path / "out")
    (tmp_path / "out/attachments/one/gone.txt").unlink()
    (tmp_path / "out/attachments/one/other.txt").write_text("Not this.")

    report = import_path(sqlite_again, OPERATOR, tmp_path / "out")

    assert [each.field for each in report.problems] == ["file", "sha256"]
    assert "attachments/one/other.txt" not in exported(sqlite_again, tmp_path / "again")


def test_an_export_into_its_own_store_changes_nothing(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(a_world)
    first = exported(sqlite, tmp_path / "first")

    report = import_path(sqlite, OPERATOR, tmp_path / "first")

    assert (report.created, report.updated, report.problems) == (0, 0, ())
    assert exported(sqlite, tmp_path / "second") == first


def test_library_and_sample_are_exported_and_imported_the_same(
    storied: Database, tmp_path: Path, sqlite_again: Database
) -> None:
    first = exported(storied, tmp_path / "first")

    report = import_path(sqlite_again, OPERATOR, tmp_path / "first", strict=True)

    assert (report.problems, report.warnings) == ((), ())
    assert exported(sqlite_again, tmp_path / "second") == first


def test_no_password_leaves(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(lambda session: a_viewer(session, password="correct horse battery staple"))

    files = exported(sqlite, tmp_path / "out")

    person = json.loads(files["data.jsonl"])
    assert set(person) == {"type", "email", "name", "role", "handle"}


def test_a_practice_is_one_readable_text(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(lambda session: an_entry(session, OPERATOR, slug="replace", title="Replace", body="First."))

    text = exported(sqlite, tmp_path / "out")["entries/best_practice/replace.md"].decode()

    assert text.endswith("---\nFirst.\n\n## Problem\n\nThe machine fails again.\n\n## Do\n\n1. Replace it.\n")
    assert text.startswith(
        "---\nkind: best_practice\nslug: replace\ntitle: Replace\nsummary: ''\nlanguage: en\ntags: []\n"
    )


def test_a_practice_with_megabytes_of_front_matter_comes_back(
    sqlite: Database, tmp_path: Path, sqlite_again: Database
) -> None:
    text = "## Say\n\n" + "\n\n".join(["\U0001f600" * 15_000, "x" * 15_000] * 9)
    text = text[: 40 * 1024].strip()
    parts = dict.fromkeys(PARTS, text)
    sqlite.write(lambda session: an_entry(session, a_viewer(session), slug="long", body=text, detail=parts))

    export_path(sqlite, tmp_path / "out")
    report = import_path(sqlite_again, OPERATOR, tmp_path / "out")

    assert report.problems == ()
    with sqlite_again.reading() as session:
        row = by_slug(session, OPERATOR, "long")
        assert row is not None
        assert {getattr(detail_of(row, PracticeRow), part) for part in PARTS} == {row.body} == {text}


def test_a_draft_of_what_is_published_goes_along_and_stays_a_draft(
    sqlite: Database, tmp_path: Path, sqlite_again: Database
) -> None:
    def write(session: Session) -> None:
        row = an_entry(session, OPERATOR, kind=Kind.GUIDE, slug="one", title="Out", source="Us")
        writing.update(session, OPERATOR, row.uid, 1, {"title": "Not out", "source": None})

    sqlite.write(write)
    exported(sqlite, tmp_path / "out")

    first, second = (import_path(sqlite_again, OPERATOR, tmp_path / "out") for _ in range(2))

    assert (first.created, second.created, second.updated) == (2, 0, 0)
    with sqlite_again.reading() as session:
        entry = by_slug(session, OPERATOR, "one")
        assert entry is not None
        latest = listing.latest_of(entry, OPERATOR)
        assert latest is not None
        assert (entry.title, entry.source, entry.status) == ("Out", "Us", Status.PUBLISHED)
        assert (latest.title, latest.source, latest.state) == ("Not out", None, RevisionState.DRAFT)


def test_a_former_slug_still_leads_there(sqlite: Database, tmp_path: Path, sqlite_again: Database) -> None:
    row = sqlite.write(lambda session: an_entry(session, OPERATOR, kind=Kind.GUIDE, slug="before"))
    sqlite.write(lambda session: writing.update(session, OPERATOR, row.uid, 1, {"slug": "after"}))
    exported(sqlite, tmp_path / "out")

    import_path(sqlite_again, OPERATOR, tmp_path / "out")

    with sqlite_again.reading() as session:
        found = by_slug(session, OPERATOR, "before")
        assert found is not None
        assert found.slug == "after"


def test_the_way_out_says_how_far_it_is(sqlite: Database, tmp_path: Path) -> None:
    sqlite.write(a_world)
    heard: list[tuple[int, int]] = []

    count = export_path(sqlite, tmp_path / "out", lambda done, total: heard.append((done, total)))

    assert heard == [(done, count) for done in range(1, count + 1)]


def test_an_export_replaces_the_one_before(sqlite: Database, tmp_path: Path) -> None:
    row = sqlite.write(lambda session: an_entry(session, OPERATOR, kind=Kind.GUIDE, slug="before"))
    exported(sqlite, tmp_path / "out")

    sqlite.write(lambda session: writing.update(session, OPERATOR, row.uid, 1, {"slug": "after"}))

    assert list(exported(sqlite, tmp_path / "out")) == ["data.jsonl", "entries/guide/after.md"]


@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # an example takes a tenth of a second
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(title=titles, body=words, parts=st.dictionaries(st.sampled_from(PARTS), words), tag=titles, verbatim=titles)
def test_any_words_survive_the_way_out_and_in(
    sqlite: Database, tmp_path: Path, title: str, body: str, parts: dict[str, str], tag: str, verbatim: str
) -> None:
    line: dict[str, Any] = an_entry_line(
        "words", kind="best_practice", title=title, body=body, practice=parts, tags=[tag], status="draft", source=title
    )
    said = {"type": "feedback", "source": "x", "external_id": verbatim, "verbatim": verbatim, "channel": "phone"}
    import_path(sqlite, OPERATOR, some_lines(tmp_path / "in.jsonl", line, said))
    first = exported(sqlite, tmp_path / "first")

    report = import_path(sqlite, OPERATOR, tmp_path / "first")

    assert (report.created, report.updated, report.problems, report.warnings) == (0, 0, (), ())
    assert exported(sqlite, tmp_path / "second") == first


def a_generated_store(data: st.DataObject) -> list[dict[str, Any]]:
    """Lines of people, customers, what they said, entries of every kind and what joins them, by chance."""
    some = data.draw
    people = [{"type": "person", "email": f"p{number}@example.com", "name": some(names)} for number in range(2)]
    group = {"type": "group", "name": some(names), "kind": some(st.sampled_from(GroupKind)).lower()}
    firms = [
        {"type": "customer", "source": "crm", "external_id": str(number), "name": some(names), "stage": some(stages)}
        for number in range(some(st.integers(0, 2)))
    ]
    said = [
        {"type": "feedback", "source": "crm", "external_id": f"f{number}", "verbatim": some(titles), "channel": "phone"}
        | ({"customer": {"source": "crm", "external_id": "0"}} if firms else {})
        for number in range(some(st.integers(1, 3)))
    ]
    kinds = some(st.lists(st.sampled_from(sorted(PLAIN)), min_size=1, max_size=5))
    written = [an_entry_line(f"e-{number}", kind=kind, **some(fields)) for number, kind in enumerate(kinds)]
    insight = an_entry_line("valve", kind="insight", insight={"claim": some(titles)})
    evidence = {
        "type": "evidence",
        "entry": "valve",
        "feedback": {"source": "crm", "external_id": "f0"},
        "stance": "supports",
    }
    links = [{"type": "link", "from": "e-0", "to": "valve", "kind": some(st.sampled_from(LinkKind)).lower()}]
    former = [{"type": "redirect", "from": "once", "to": "e-0"}] if some(st.booleans()) else []
    return [*people, group, *firms, *said, *written, insight, evidence, *links, *former]


PLAIN = ("story", "idea", "question", "requirements", "lesson", "guide")
names = words.map(lambda text: " ".join(text.split())).filter(bool)
stages = st.sampled_from(["prospect", "repeat", "advocate"])
fields = st.fixed_dictionaries(
    {"title": titles, "body": words, "author": st.sampled_from(["p0@example.com", "p1@example.com"])},
    optional={
        "summary": words,
        "tags": st.lists(st.sampled_from(["Refund", "größe", "a/b", "no", "1.10"]), max_size=3),
        "status": st.sampled_from(["draft", "published", "in_review"]),
        "audience": st.sampled_from(["public", "customers", "employees"]),
        "principles": st.lists(st.integers(1, 12), max_size=3),
        "stages": st.lists(stages, max_size=2),
        "source": names,
        "language": st.sampled_from(["en", "de", "pt-BR"]),
        "created_at": st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(date.isoformat),
    },
)


@pytest.mark.slow
@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_any_store_survives_an_archive(sqlite_template: Path, data: st.DataObject) -> None:
    with TemporaryDirectory() as name, ExitStack() as closing_at_the_end:
        folder = Path(name)
        one, other = (a_store(sqlite_template, folder / each, closing_at_the_end) for each in ("one.db", "other.db"))
        first = import_path(one, OPERATOR, some_lines(folder / "in.jsonl", *a_generated_store(data)))
        export_path(one, folder / "one.zip")

        report = import_path(other, OPERATOR, folder / "one.zip", strict=True)
        export_path(other, folder / "other.zip")

        assert (first.problems, report.problems, report.warnings) == ((), (), ())
        assert (folder / "other.zip").read_bytes() == (folder / "one.zip").read_bytes()


def a_store(template: Path, path: Path, closing_at_the_end: ExitStack) -> Database:
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}")
    closing_at_the_end.callback(database.close)
    return database
