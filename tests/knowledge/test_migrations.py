from collections.abc import Mapping

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, func, literal, select, text, union_all
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from knowledge import attachments, clock, evidence, jobs, migrations, outcomes, series, surveys, templates, uses
from knowledge.attachments.contents import AttachmentContent
from knowledge.community import (
    appreciations,
    asking,
    centre,
    digests,
    flags,
    follows,
    notices,
    posts,
    promoting,
    reactions,
    shares,
    speaking,
    suggesting,
    votes,
)
from knowledge.community.appreciations import Thanked
from knowledge.community.digests import Digest
from knowledge.contacts import Contact
from knowledge.customers import CustomerRow, Reference, characteristics, merging, needs, relationships, segments
from knowledge.customers.characteristics import Value
from knowledge.customers.rules import Node
from knowledge.database import Database
from knowledge.entries import approving, curating, hiding, publishing, snapshots, tags, writing
from knowledge.evidence import SurveyResult, claiming
from knowledge.feedback import complaints, dues, telling, themes
from knowledge.feedback import merging as joining
from knowledge.ladder import usable
from knowledge.ladder.offerings import OfferingReference
from knowledge.listening import awaiting, keeping, searches
from knowledge.listening.searches import Heard
from knowledge.loop import answering, replies, rewards
from knowledge.outcomes import Measured
from knowledge.people import OPERATOR, Act, Viewer, signing, tokens
from knowledge.privacy import consents, erasing, looks, requests, retention
from knowledge.search import synonyms
from knowledge.surveys.survey import Survey, SurveyQuestion
from knowledge.transfer import install_library, install_sample
from knowledge.vision import assumptions, commitments, communications, meanings, placing, public_part
from knowledge.vision.answers import Answer
from knowledge.vision.placing import VisionEvidence
from knowledge.words import (
    Anonymity,
    Audience,
    Basis,
    CaseStage,
    CommitmentState,
    ConsentPurpose,
    CultureValue,
    DataRequestKind,
    Decision,
    DigestPace,
    FeedbackKind,
    FlagReason,
    Kind,
    LookPurpose,
    MetricKind,
    Predicate,
    QualityAttribute,
    ReactionKind,
    Reason,
    RetentionOf,
    Role,
    Stage,
    Stance,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
    UseResult,
    ValueKind,
    Verdict,
)
from tests.factories import (
    a_customer,
    a_draft,
    a_file,
    a_group,
    a_link,
    a_response,
    a_survey,
    a_viewer,
    a_wave,
    agreed,
    an_entry,
    an_interaction,
    an_offering,
    some_feedback,
    told,
)


def fill(database: Database) -> None:
    """Rows in every table: what is installed, and what only comes of use."""
    install_library(database)
    install_sample(database)
    database.write(use)
    database.write(keep_private)
    database.write(look_in)


def keep_private(session: Session) -> None:
    """What a customer agreed to and asked, a look at what is personal of them, a rule, and somebody who was erased."""
    customer, viewer = a_customer(session, email="private@example.org"), a_viewer(session, role=Role.ADMIN)
    consents.say(session, viewer, customer, ConsentPurpose.CONTACT, True)
    requests.make(session, viewer, customer, DataRequestKind.ACCESS)
    looks.write(session, [looks.Looked(customer.id, viewer.id, False, LookPurpose.ANSWERING, "e-mail")])
    retention.keep(session, viewer, RetentionOf.LOOKS, 365)
    erasing.erase(session, viewer, a_customer(session, name="Somebody Forgotten"))


def use(session: Session) -> None:
    viewer, group = a_viewer(session), a_group(session)
    assert viewer.id is not None
    draft = a_draft(session, viewer, slug="before", audience=Audience.GROUP, audience_groups=[group.uid])
    writing.update(session, viewer, draft.uid, 1, {"slug": "after"})
    tokens.create(session, viewer, "a program", [Act.ENTRIES_READ])
    signing.open(session, viewer.id, "a browser")
    signing.fail(session, "nobody@example.org", "127.0.0.1")
    jobs.later(session, "people.tidy")
    review(session)


def look_in(session: Session) -> None:
    leader = a_viewer(session, role=Role.LEADER)
    notices.pin(session, leader, "Come in.", entry=an_entry(session, leader), until=clock.now().date())


def review(session: Session) -> None:
    ann, jonas = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    approving.set_rule(session, OPERATOR, Audience.PUBLIC, kind=None, needed=2)
    draft = a_draft(session, ann, audience=Audience.PUBLIC)
    publishing.submit(session, ann, draft.uid)
    publishing.approve(session, jonas, draft.uid)
    take_part(session, a_viewer(session))


def take_part(session: Session, viewer: Viewer) -> None:
    entry = an_entry(session, a_viewer(session), audience=Audience.PUBLIC)
    follows.follow(session, viewer, entry)
    follows.prefer(session, viewer, by_itself=False)
    centre.choose(session, viewer, frozenset({Reason.VERIFIED}))
    shares.create(session, viewer, entry)
    told(session, entry)
    talk(session, viewer)


def talk(session: Session, viewer: Viewer) -> None:
    entry = an_entry(session, viewer, body="As it was.")
    said = speaking.comment(session, viewer, entry, body=f"Ask @{a_viewer(session, name='Tomas').name.lower()}.")
    reactions.react_to_comment(session, viewer, said, ReactionKind.THANKS)
    reactions.react_to_entry(session, viewer, entry, ReactionKind.LIKE)
    votes.rate(session, viewer, entry, True)
    suggesting.suggest(session, viewer, entry, 1, {"body": "As it is."})
    flags.flag(session, viewer, entry, FlagReason.OUTDATED)
    leader = a_viewer(session, role=Role.LEADER)
    snapshots.name(session, leader, a_draft(session, leader, kind=Kind.VISION).uid, 1, called="As it began")
    use_and_attach(session, viewer)


def use_and_attach(session: Session, viewer: Viewer) -> None:
    practice = an_entry(session, viewer)
    uses.record(session, viewer, practice, UseResult.WORKED)
    today = clock.now().date()
    measured = Measured(today, today, "calls solved at once", MetricKind.PROPORTION)
    outcomes.record(session, viewer, practice, measured, Verdict.TOO_EARLY)
    attachments.update(session, viewer, a_file(session, viewer, practice).uid, {"name": "after.txt"})
    # On SQLite the bytes lie in a folder, but the table is there.
    session.merge(AttachmentContent(sha256="0" * 64, data=b"0", kept_at=clock.now()))
    thank(session, viewer)
    tell(session, viewer)
    take_up(session, viewer)


def take_up(session: Session, viewer: Viewer) -> None:
    """A question to somebody that was answered, and became feedback; and a story that is hidden."""
    asked = posts.post(session, viewer, Kind.QUESTION, title="Why?", body="", whom=asking.Whom(person=viewer.uid))
    asking.accept(session, viewer, speaking.comment(session, viewer, asked, body="Because.").uid)
    promoting.to_feedback(session, viewer, asked)
    hiding.hide(session, OPERATOR, an_entry(session, viewer, kind=Kind.STORY).uid, "It names somebody.")


def thank(session: Session, viewer: Viewer) -> None:
    """Thanks, and a letter that waits."""
    said = {"text": "For asking.", "value": CultureValue.UNLEASHED_CREATIVITY}
    appreciations.thank(session, viewer, Thanked(person=a_viewer(session).uid), **said)  # type: ignore[arg-type]
    digests.choose(session, viewer, DigestPace.DAILY)
    session.add(Digest(person_id=viewer.id or 0, since=clock.now(), until=clock.now()))


def tell(session: Session, author: Viewer) -> None:
    """Tags, series and templates as those who curate leave them."""
    curator = a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, author, tags=["before"])
    (tag,) = tags.of_entry(entry)
    curating.update_tag(session, curator, tag.uid, {"name": "after"})
    row = series.create(session, author, {"title": "Before", "slug": "before"})
    series.add(session, author, row.uid, entry)
    series.update(session, author, row.uid, {"slug": "after"})
    templates.save(session, curator, Kind.STORY, "Tell it.", [])
    listen(session, curator)


def listen(session: Session, curator: Viewer) -> None:
    """What people look for, wait for, and call by several words."""
    for _ in range(3):
        heard = [Heard("descale a valve", 2)]
        keeping.keep(session, searches.noted(b"secret", a_viewer(session), heard, is_watched=True))
    awaiting.wait(session, curator, "descale a valve")
    synonyms.write(session, curator, "refund, money back")
    know_customers(session)
    hear(session, curator)


def know_customers(session: Session) -> None:
    """Two records of a customer whom somebody met."""
    gone, stays = a_customer(session), a_customer(session)
    an_interaction(session, OPERATOR, gone)
    merging.merge(session, OPERATOR, Reference(uid=gone.uid), Reference(uid=stays.uid))
    seats = characteristics.define(session, OPERATOR, {"name": "Seats", "kind": ValueKind.NUMBER})
    characteristics.tell(session, OPERATOR, stays, seats, Value(number=24.0))
    need = needs.record(session, OPERATOR, {"statement": "Quiet"})
    needs.rate(session, OPERATOR, need, stays, importance=7, satisfaction=9)
    needs.serve(session, OPERATOR, Stage.REPEAT, need, "A quieter grinder.", Stage.CLIENT)
    relationships.serve(session, OPERATOR, a_group(session).uid, stays, "hands over")
    relationships.plan(session, OPERATOR, stays, {"title": "Quieter together"})
    by_hand = segments.create(session, OPERATOR, {"name": "Quiet places"})
    segments.add(session, OPERATOR, by_hand, stays)
    usable.mean(session, OPERATOR, by_hand, [OfferingReference(uid=an_offering(session).uid)])
    among = Node(Predicate.SEGMENT, segment=by_hand.uid)
    many = Node(Predicate.CHARACTERISTIC_AT_LEAST, characteristic=seats.uid, value=Value(number=20.0))
    segments.create(session, OPERATOR, {"name": "Quiet and large", "rule": Node(Predicate.ALL, (among, many))})


def hear(session: Session, curator: Viewer) -> None:
    """What a customer said, sorted."""
    item = some_feedback(session, curator, kind=FeedbackKind.COMPLAINT, attributes=[QualityAttribute.SAFETY])
    themes.assign(session, curator, item.uid, ["valves"])
    dues.set_time(session, curator, FeedbackKind.QUESTION, 24)
    case = complaints.case_of(item)
    assert case is not None
    complaints.move(session, curator, case.uid, CaseStage.ACKNOWLEDGED, {"root_cause": "A seal."}, note="By letter.")
    telling.tell(session, Viewer(tells=True), {"verbatim": "It bites."})
    joining.merge(session, curator, some_feedback(session, curator).uid, item.uid)
    answer(session, curator)
    claim(session, curator)


def claim(session: Session, viewer: Viewer) -> None:
    """An insight about somebody and something, that rests on what a survey came to."""
    insight = a_draft(session, viewer, kind=Kind.INSIGHT)
    (theme,) = themes.raised(session, viewer, count=1)
    segment = segments.create(session, OPERATOR, {"name": "Whom it is about"})
    claiming.aim(session, viewer, insight.uid, segments=[segment.uid], themes=[theme.uid])
    now = clock.now()
    survey = Survey(
        title="How it went",
        audience=SurveyAudience.EXTERNAL,
        purpose=SurveyPurpose.PULSE,
        anonymity=Anonymity.ANONYMOUS,
        created_at=now,
        updated_at=now,
    )
    session.add(survey)
    session.flush()  # its question points at it
    question = SurveyQuestion(survey_id=survey.id or 0, position=1, metric=SurveyMetric.CSAT_1_5, text="How did it go?")
    session.add(question)
    session.flush()  # the result points at it
    session.add(SurveyResult(question_id=question.id or 0, n=50, value=0.9, basis=Basis.CENSUS, taken_at=now))
    envision(session)


def envision(session: Session) -> None:
    """A vision that answers, and all that stands behind it."""
    margit = a_viewer(session, role=Role.LEADER)
    seen = Answer("They ring *once*.", 5, customers_view=True, links=("replace-first",))
    said = {"answers.needs-we-meet": Answer("Help."), "answers.why-they-return": seen}
    draft = a_draft(session, margit, kind=Kind.VISION, slug="envisioned", detail=said)
    item = some_feedback(session, margit, customer=a_customer(session))
    piece = evidence.attach(session, margit, draft, item, Stance.SUPPORTS)
    session.add(VisionEvidence(evidence_id=piece.id, question="why-they-return"))
    session.flush()  # its gaps are looked for
    vision = publishing.publish(session, margit, draft.uid)
    believed = assumptions.add(session, margit, vision, {"statement": "They own machines.", "owner": margit.uid})
    placing.place(session, margit, vision, piece, assumption=believed.uid, question=None)
    commitments.add(session, margit, vision, name="Somebody outside", key=True)
    commitments.give(session, margit, vision, CommitmentState.COMMITTED, statement="Mine.")
    meanings.say(session, margit, vision, "No meeting before nine.")
    communications.record(session, margit, vision, communications.Told("The council", "Over coffee"))
    outside: public_part.Said = {"title": "For you", "statement": "Coffee.", "what": "Help.", "why": "You asked."}
    public_part.write(session, margit, vision, outside)
    writing.update(session, margit, vision.uid, 1, {"detail": {"answers.needs-we-meet": None, "why": "Because."}})


def answer(session: Session, viewer: Viewer) -> None:
    """What a customer said, answered, replied to and thanked for."""
    pot = a_customer(session)
    consents.say(session, OPERATOR, pot, ConsentPurpose.CONTACT, True)
    item = some_feedback(session, viewer, customer=pot, kind=FeedbackKind.QUESTION)
    said: answering.Said = {"heard": "A question.", "decision": Decision.DONE}
    draft = answering.draft(session, viewer, answering.Subject([item]), said)
    answering.publish(session, viewer, draft.uid, Contact())
    replies.reply(session, a_viewer(session, role=Role.CUSTOMER, customer=pot), item.uid, "And yet.")
    rewards.give(session, viewer, item.uid, "A bag of beans")
    survey(session, pot)


def survey(session: Session, customer: CustomerRow) -> None:
    """A customer who was asked, and what they chose and said."""
    agreed(session, customer)
    wave = a_wave(session, a_survey(session, {"metric": SurveyMetric.MULTI, "text": "Which?", "options": ["A", "B"]}))
    surveys.invite(session, OPERATOR, wave.uid)
    a_response(session, a_link(session, wave, customer=customer), (1, 2))


def counts(database: Database) -> Mapping[str, int]:
    """How many rows each table has."""

    def counted(name: str) -> Select[str, int]:
        table = migrations.metadata().tables[name]
        return select(literal(name), func.count()).select_from(table)

    with database.reading() as session:
        rows = session.connection().execute(union_all(*map(counted, migrations.metadata().tables)))
        return {str(row[0]): int(row[1]) for row in rows}


def rebuild(connection: Connection) -> None:
    """What a batch migration does to a table on SQLite, for each of them: copy it, drop it, rename the copy."""
    operations = Operations(MigrationContext.configure(connection))
    for table in migrations.metadata().sorted_tables:
        with operations.batch_alter_table(table.name, recreate="always"):
            pass


def test_models_and_migrations_agree(database: Database) -> None:
    assert migrations.differences(database) == []
    assert migrations.is_current(database)


def test_upgrading_again_changes_nothing(filled: Database) -> None:
    before = counts(filled)

    migrations.upgrade(filled)

    assert min(before.values()) > 0, before
    assert counts(filled) == before
    assert migrations.is_current(filled)


def test_an_empty_database_is_not_current(sqlite: Database) -> None:
    with sqlite.migrating() as connection:
        connection.execute(text("DELETE FROM alembic_version"))

    assert not migrations.is_current(sqlite)


def test_tables_that_are_rebuilt_keep_their_rows_and_rules(filled_sqlite: Database) -> None:
    before = counts(filled_sqlite)

    with filled_sqlite.migrating() as connection:
        rebuild(connection)

    assert counts(filled_sqlite) == before
    assert migrations.differences(filled_sqlite) == []
    with pytest.raises(IntegrityError), filled_sqlite.engine.begin() as connection:
        connection.execute(text("DELETE FROM person"))


def test_rebuilding_with_foreign_keys_on_is_found_out(filled_sqlite: Database) -> None:
    with pytest.raises(IntegrityError), filled_sqlite.engine.begin() as connection:
        rebuild(connection)


def test_a_migration_that_leaves_rows_without_their_parents_leaves_no_trace(filled_sqlite: Database) -> None:
    before = counts(filled_sqlite)

    with pytest.raises(RuntimeError, match="without their parents"), filled_sqlite.migrating() as connection:
        connection.execute(text("DELETE FROM person"))

    assert counts(filled_sqlite) == before
