"""Who hears of comments, reactions, suggestions and flags; and that nobody hears of what is not for them."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session

import knowledge
from knowledge import jobs, uses
from knowledge.activity import TOLD
from knowledge.community import centre, flags, follows, notifications, reactions, speaking, suggesting
from knowledge.community.notifications import FOLLOWED
from knowledge.community.recipes import RECIPES
from knowledge.community.relaying import TOLD as RELAYED
from knowledge.community.thanking import TOLD as THANKED
from knowledge.database import Database, Page, table_of
from knowledge.entries import EntryRow, curating, freshness, tags
from knowledge.entries.entry import Entry
from knowledge.jobs import Job
from knowledge.people import Person, Viewer
from knowledge.words import Audience, CommentAudience, FlagOutcome, FlagReason, ReactionKind, Reason, Role, UseResult
from server.worker import HANDLERS
from tests.factories import a_group, a_viewer, an_entry, told

UNTOLD = frozenset(
    """
    api_token.created approval_rule.set attachment.added attachment.removed attachment.updated comment.edited comment.hidden
    comment.removed comment.reopened comment.unhidden customer.changed customer.created customer.updated entry.linked entry.rated
    entry.renamed entry.restored entry.shared entry.unlinked entry.unscheduled entry.unshared entry.verifier_set evidence.detached
    complaint.moved complaint.received feedback.alarmed feedback.changed feedback.merged feedback.moved
    feedback.themed feedback.triaged feedback.unmerged reply_time.set theme.created theme.updated
    advocacy.changed advocacy.recorded characteristic.defined customer.applicability_stated customer.described customer.joined
    customer.erased customer.merged customer.restricted customer.unrestricted feedback.reopened segment.offered
    customer.moved customer.parted customer.qualified customer.served customer.stage_kept customer.unmerged interaction.logged
    need.rated need.recorded need.updated offering.created offering.updated plan.created plan.updated segment.created
    segment.joined segment.left segment.sorted segment.updated service.ended stage.needs touchpoint.created touchpoint.updated
    transaction.changed transaction.recorded
    flag.changed group.added group.changed outcome.withdrawn person.added person.changed
    person.changed_password person.signed_out person.changed_role person.awaited person.awaited_no_more gap.taken synonyms.written
    person.chose_notifications person.followed person.muted
    person.read_notifications person.renamed person.set_password person.signed_in person.unfollowed reaction.removed
    sample.removed series.chapter_added series.chapter_moved series.chapter_removed series.created series.updated
    insight.assessed
    assumption.added assumption.assessed assumption.updated commitment.given meaning.said meaning.withdrawn stakeholder.added
    stakeholder.removed vision.part_written vision.told
    initiative.planned initiative.rescoped initiative.issue_reopened
    initiative.milestone_added initiative.milestone_changed initiative.milestone_reached initiative.milestone_reopened
    initiative.milestone_dropped
    survey.answer_changed survey.answered survey.asked survey.brought survey.closed survey.created survey.invited survey.opened
    survey.updated survey.wave_ended
    appreciation.hidden appreciation.withdrawn person.chose_digest
    notice.pinned notice.taken_down
    post.unhidden answer.unaccepted
    snapshot.named tag.merged tag.updated template.changed template.reset token.created token.revoked use.withdrawn
    """.split()
)
"""What is recorded and concerns nobody but those who look it up."""


def recorded() -> set[str]:
    """Every verb that stands in a module which records activities: a noun of theirs, a dot, and what was done, in the past."""
    known = TOLD | UNTOLD
    nouns = {verb.partition(".")[0] for verb in known}
    found = set()
    for path in Path(knowledge.__path__[0]).rglob("*.py"):
        source = path.read_text()
        if "activity.record" in source:
            texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
            found |= {each for each in texts if isinstance(each, str) and _is_verb(each, nouns)}
    return found


def _is_verb(text: str, nouns: set[str]) -> bool:
    noun, _, act = text.partition(".")
    return noun in nouns and act.isidentifier() and act != "id" and (act.endswith(("d", "t")) or text in TOLD)


def test_every_verb_that_is_told_has_a_recipe_and_every_other_is_left_untold_on_purpose() -> None:
    assert RECIPES.keys() | FOLLOWED | THANKED | RELAYED.keys() - {"feedback.alarmed"} == TOLD
    assert TOLD.isdisjoint(UNTOLD)
    assert recorded() - TOLD - UNTOLD == set()


def tell(session: Session) -> None:
    """Run what waits to be told."""
    session.flush()
    waiting = table_of(Job)
    for row in session.connection().execute(select(waiting.c.subject).where(waiting.c.kind == "notify")).all():
        notifications.notify(session, row.subject)
    session.connection().execute(waiting.delete().where(waiting.c.kind == "notify"))


def heard(session: Session, viewer: Viewer) -> list[Reason]:
    tell(session)
    rows = centre.listing(session, viewer, Page(first=100)).rows
    assert centre.unread_count(session, viewer) == len(rows)
    return [row.reason for row in rows if row.reason not in (Reason.PUBLISHED, Reason.NEW)]


@pytest.fixture
def ines(session: Session) -> Viewer:
    return a_viewer(session, name="Ines")


@pytest.fixture
def jonas(session: Session) -> Viewer:
    return a_viewer(session, name="Jonas")


@pytest.fixture
def rosa(session: Session) -> Viewer:
    return a_viewer(session, name="Rosa", role=Role.CUSTOMER)


@pytest.fixture
def steward(session: Session) -> Viewer:
    return a_viewer(session, name="Steward", role=Role.STEWARD)


@pytest.fixture
def entry(session: Session, ines: Viewer) -> EntryRow:
    entry = an_entry(session, ines, audience=Audience.PUBLIC)
    tell(session)
    return entry


def test_a_comment_reaches_those_who_keep_and_follow_the_entry_and_a_reply_whom_it_answers(
    session: Session, ines: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    follower, other = a_viewer(session), a_viewer(session)
    follows.follow(session, follower, entry)

    first = speaking.comment(session, jonas, entry, body="Does it?")
    said = [heard(session, each) for each in (ines, jonas, follower, other)]
    speaking.reply(session, ines, first, body="It does.")
    speaking.resolve(session, ines, first.uid)

    assert said == [[Reason.COMMENT], [], [Reason.COMMENT], []]
    assert sorted(heard(session, jonas)) == [Reason.REPLY, Reason.RESOLVED]
    assert heard(session, other) == []


def test_customers_hear_that_an_entry_is_in_doubt_and_not_which_colleague_says_so(
    session: Session, ines: Viewer, jonas: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    follows.follow(session, rosa, entry)

    uses.record(session, jonas, entry, UseResult.HARMED)

    assert (heard(session, rosa), Reason.CONTESTED in heard(session, ines)) == ([Reason.CONTESTED], True)
    actors = {each: [row.actor_id for row in centre.listing(session, each, Page()).rows] for each in (ines, rosa)}
    assert (jonas.id in actors[ines], actors[rosa]) == (True, [None])


def test_whoever_comments_follows_the_entry(session: Session, jonas: Viewer, entry: EntryRow) -> None:
    speaking.comment(session, jonas, entry, body="Does it?")

    assert follows.is_followed(entry, jonas)


@pytest.mark.parametrize(("audience", "is_heard"), [(CommentAudience.INSIDE, False), (CommentAudience.READERS, True)])
def test_what_colleagues_say_among_themselves_never_reaches_a_customer(
    session: Session,
    ines: Viewer,
    jonas: Viewer,
    rosa: Viewer,
    entry: EntryRow,
    audience: CommentAudience,
    is_heard: bool,
) -> None:
    follows.follow(session, rosa, entry)
    follows.follow(session, jonas, entry)

    speaking.comment(session, ines, entry, body="Between us.", audience=audience)

    assert heard(session, jonas) == [Reason.COMMENT]
    assert heard(session, rosa) == ([Reason.COMMENT] if is_heard else [])


def test_what_was_hidden_is_neither_told_nor_shown(
    session: Session, ines: Viewer, jonas: Viewer, steward: Viewer, entry: EntryRow
) -> None:
    before = speaking.comment(session, jonas, entry, body="First.")
    shown = heard(session, ines)
    at_once = speaking.comment(session, jonas, entry, body="Second.")

    for each in (before, at_once):
        speaking.hide(session, steward, each.uid, "Off the mark.")

    assert shown == [Reason.COMMENT]
    assert heard(session, ines) == []


def test_a_reaction_to_a_comment_reaches_who_wrote_it(
    session: Session, ines: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    said = speaking.comment(session, jonas, entry, body="Does it?", audience=CommentAudience.READERS)

    reactions.react_to_comment(session, a_viewer(session), said, ReactionKind.THANKS)
    reactions.react_to_entry(session, a_viewer(session), entry, ReactionKind.LIKE)

    assert heard(session, jonas) == [Reason.REACTION]
    assert heard(session, ines) == [Reason.REACTION, Reason.COMMENT]


def test_a_suggestion_reaches_those_who_keep_the_entry_and_what_became_of_it_who_made_it(
    session: Session, ines: Viewer, jonas: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    taken, declined = (
        suggesting.suggest(session, each, entry, 1, {"title": title})
        for each, title in ((jonas, "Better"), (rosa, "Other"))
    )
    made = heard(session, ines)

    suggesting.decline(session, ines, declined.uid, "It is well as it is.")
    suggesting.take(session, ines, taken.uid)

    assert made == [Reason.SUGGESTION]
    assert heard(session, jonas) == heard(session, rosa) == [Reason.SUGGESTION_SETTLED]


def test_a_flag_reaches_owner_and_curators_and_only_these_hear_whose_it_is(
    session: Session, ines: Viewer, jonas: Viewer, steward: Viewer, entry: EntryRow
) -> None:
    raised = flags.flag(session, jonas, entry, FlagReason.WRONG)
    said = heard(session, ines), heard(session, steward), heard(session, jonas)
    named = [centre.listing(session, each, Page()).rows[0].actor_id for each in (ines, steward)]

    flags.settle(session, steward, raised.uid, FlagOutcome.UPHELD)

    assert said == ([Reason.FLAG], [Reason.FLAG], [])
    assert named == [None, jonas.id]
    assert heard(session, jonas) == [Reason.FLAG_SETTLED]


@pytest.mark.parametrize("verb", ["entry.due", "entry.expired", "entry.doubted", "entry.contested"])
def test_whoever_is_to_verify_an_entry_hears_that_it_wants_looking_at(session: Session, verb: str) -> None:
    group = a_group(session)
    owner, named, member, other = (a_viewer(session, group=each) for each in (None, None, group, None))
    by_person, by_group = an_entry(session, owner), an_entry(session, owner)
    session.get_one(Entry, by_person.id).verifier_person_id = named.id
    session.get_one(Entry, by_group.id).verifier_group_id = session.get_one(Person, member.id).group_id
    session.flush()
    tell(session)

    told(session, by_person, verb)
    told(session, by_group, verb)

    assert [len(heard(session, each)) for each in (owner, named, member, other)] == [2, 1, 1, 0]


def test_what_is_verified_in_one_go_is_told_of_each(database: Database, statements: list[str]) -> None:
    owner = database.write(a_viewer)
    entries = [database.write(lambda session: an_entry(session, owner)) for _ in range(10)]
    steward = database.write(lambda session: a_viewer(session, role=Role.STEWARD))
    counts = []

    for some in (entries[:2], entries[2:]):
        statements.clear()
        database.write(lambda session, some=some: freshness.verify_all(session, steward, [each.uid for each in some]))  # type: ignore[misc]
        counts.append(len(statements))
    jobs.run_due(database, HANDLERS)

    with database.reading() as session:
        reasons = [row.reason for row in centre.listing(session, owner, Page(first=100)).rows]
    assert reasons.count(Reason.VERIFIED) == 10
    assert counts[0] == counts[1]


def test_whoever_follows_a_tag_follows_what_it_is_merged_into(session: Session, jonas: Viewer) -> None:
    steward = a_viewer(session, role=Role.STEWARD)
    an_entry(session, steward, tags=["valve", "tap"])
    valve, tap = (tags.by_slug(session, steward, slug) for slug in ("valve", "tap"))
    assert valve is not None
    assert tap is not None
    follows.follow(session, jonas, valve)

    curating.merge(session, steward, valve.uid, tap.uid)

    assert [row.tag_id for row in follows.listing(session, jonas, Page()).rows] == [tap.id]
