"""Who may do what to an entry, written down from what the domain says and not from the code: the matrix compares the two.

What a cell should come to is worked out in the order in which a person would ask: may this token do such a thing at all, do I know
of the entry and of its part, is it for me to do, is it the time for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.people import Act
from knowledge.words import Audience, Kind
from tests.schema.authorization.cells import (
    CURATORS,
    DIRECTION,
    INSIDE,
    LEADERS,
    LEAVES,
    OUT,
    OUTSIDE,
    OWN,
    TOKENS,
    Cell,
    can_be,
    curates,
    is_inside,
    is_out_for_outsiders,
    is_published,
    newest_is_known,
    sees,
    speaks,
    writes,
)

DONE, NO_SCOPE, NOT_FOUND, NOT_ALLOWED, UNTIMELY = "done", "no scope", "not found", "not allowed", "untimely"


def creates(cell: Cell) -> bool:
    """Everybody inside writes what they know; direction is written by leaders."""
    if cell.kind in DIRECTION:
        return cell.role in LEADERS or cell.role == "author"
    return cell.role in INSIDE or cell.role == "writing token"


def reviews(cell: Cell) -> bool:
    """A steward or leader other than its author; direction is reviewed by leaders."""
    return cell.role in (LEADERS if cell.kind in DIRECTION else CURATORS)


def sends_out(cell: Cell) -> bool:
    """Whoever writes it, for colleagues; what leaves the company is sent out by a second pair of eyes."""
    return reviews(cell) if cell.audience in LEAVES else writes(cell)


def vouches(cell: Cell) -> bool:
    """Its owner, whoever is named for it, and those who curate."""
    return cell.role in {"owner", "verifier"} or curates(cell)


def names_verifier(cell: Cell) -> bool:
    """Its owner and those who curate. The domain does not say who names one: of direction only those who write it do, for a verifier
    is set like the rest of what an entry says of itself; so the owner of a vision vouches for it and lets leaders name another.
    """
    return writes(cell) and (cell.role == "owner" or curates(cell))


def reports(cell: Cell) -> bool:
    """The owner of an initiative and leaders; whoever writes one is a leader."""
    return cell.role in LEADERS | OWN


def shares(cell: Cell) -> bool:
    """Colleagues, what has been approved to leave the house; the domain does not say more than that there are links."""
    return cell.role in INSIDE and is_out_for_outsiders(cell)


def handles_files(cell: Cell) -> bool:
    """Whoever writes it; while outsiders read it, a second pair of eyes that curates, for what changes a file is seen at once [E2]."""
    return writes(cell) and (curates(cell) or not is_out_for_outsiders(cell))


def commented(cell: Cell) -> bool:
    """One's own words are one's own to mend and take away."""
    return cell.role == "colleague"


def settles(cell: Cell) -> bool:
    """Whoever began a conversation, the author and the owner of what it is about, and those who curate."""
    return cell.role in {"colleague", "talking token"} | OWN | CURATORS


def moderates(cell: Cell) -> bool:
    """Stewards moderate, and so does whoever may what stewards may."""
    return curates(cell)


def knows_of_hidden(cell: Cell) -> bool:
    """What was hidden is there for its author and for those who curate."""
    return cell.role == "colleague" or curates(cell)


def suggested_or_writes(cell: Cell) -> bool:
    """A suggestion is between whoever made it and those who edit the entry; a token that may not write is not told of it."""
    return cell.role == "customer" or writes(cell)


def settles_flags(cell: Cell) -> bool:
    """The owner, who is asked first when an entry is in doubt, and those who curate."""
    return cell.role == "owner" or curates(cell)


def knows_of_flag(cell: Cell) -> bool:
    """Besides those who settle it, whoever raised it: an author who does not answer for the entry is not told who complains."""
    return cell.role == "customer" or settles_flags(cell)


def measured(cell: Cell) -> bool:
    """Whoever wrote an outcome down, and those who curate."""
    return cell.role == "colleague" or curates(cell)


def used(cell: Cell) -> bool:
    """Whoever used a practice says so, and takes it back; nobody does it for them."""
    return cell.role == "colleague"


def keeps_series(cell: Cell) -> bool:
    """Who keeps the series, and those who curate."""
    return cell.role == "colleague" or curates(cell)


def ends_sharing(cell: Cell) -> bool:
    """Whoever made the link, and those who write the entry; others do not know of it."""
    return cell.role == "colleague" or writes(cell)


def always(cell: Cell) -> bool:
    """At any time."""
    return True


def has_something_to_submit(cell: Cell) -> bool:
    """There is something newer than what was submitted, scheduled or published last."""
    return cell.state in {"draft", "changes requested", "published, newer draft"} and newest_is_known(cell)


def waits_for_review(cell: Cell) -> bool:
    """It was submitted, and nobody has answered yet."""
    return cell.state == "in review"


def has_something_newer(cell: Cell) -> bool:
    """There is something that is not out yet, and one may know of it."""
    return cell.state not in {"published", "archived", "obsolete"} and newest_is_known(cell)


def is_scheduled(cell: Cell) -> bool:
    """It waits for its time."""
    return cell.state == "scheduled"


def is_live(cell: Cell) -> bool:
    """It is not over."""
    return cell.state != "archived"


def is_initiative(cell: Cell) -> bool:
    """An initiative, in whatever state."""
    return cell.kind is Kind.INITIATIVE


def is_published_initiative(cell: Cell) -> bool:
    """An initiative that is out."""
    return cell.kind is Kind.INITIATIVE and is_published(cell)


def is_published_practice(cell: Cell) -> bool:
    """A practice that is out."""
    return cell.kind is Kind.BEST_PRACTICE and is_published(cell)


def is_published_and_measured(cell: Cell) -> bool:
    """Practices, and initiatives, of which something comes."""
    return cell.kind in MEASURED and is_published(cell)


def is_insight(cell: Cell) -> bool:
    """Only an insight claims something."""
    return cell.kind is Kind.INSIGHT


def is_vision_with_former(cell: Cell) -> bool:
    """Only a vision has snapshots."""
    return cell.kind is Kind.VISION and former_is_known(cell)


def former_is_known(cell: Cell) -> bool:
    """Revisions that were published are there for all colleagues who see the entry, its drafts for its author and owner alone."""
    return cell.role in OWN or cell.state in OUT or cell.state == "archived"


def can_restore(cell: Cell) -> bool:
    """The earlier revision is known, and no draft of somebody else's stands in the way."""
    return former_is_known(cell) and newest_is_known(cell)


def is_for_this_audience(cell: Cell) -> bool:
    """Every function has a right to what is known of customers: no insight is for a group alone."""
    return can_be(cell.kind, cell.audience)


def judges(cell: Cell) -> bool:
    """Whoever asked, or answers for the question, and those who curate."""
    return cell.role in {"talking token"} | OWN | CURATORS


def is_for_more_than_a_group(cell: Cell) -> bool:
    """What is made feedback is read by all colleagues: nothing that was for one group."""
    return is_published(cell) and cell.audience is not Audience.GROUP


def never(cell: Cell) -> bool:
    """Nothing here has been hidden."""
    return False


POSTS = frozenset({Kind.STORY, Kind.IDEA, Kind.QUESTION, Kind.LESSON})
QUESTIONS = frozenset({Kind.QUESTION})
MEASURED = frozenset({Kind.BEST_PRACTICE, Kind.INITIATIVE})
USED = frozenset({Kind.BEST_PRACTICE})
TALK = Act.COMMUNITY_WRITE


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do a thing, when there is something to do, and which scope a token needs for it."""

    may: Callable[[Cell], bool]
    when: Callable[[Cell], bool] = always
    scope: Act = Act.ENTRIES_WRITE
    needs_entry: bool = True
    knows: Callable[[Cell], bool] = always
    """Whether one knows of the part that it names, among those who see the entry."""
    kinds: frozenset[Kind] = frozenset(Kind)
    """Of which kinds there is such a part."""
    names_revision: bool = False
    """Whether what is not the time for it may also be called not found."""
    is_outright: bool = False
    """Whether who may it with no entry at all is told so first."""


RULES: Mapping[str, Rule] = {
    "createEntry": Rule(creates, is_for_this_audience, needs_entry=False),
    "updateEntry": Rule(writes, newest_is_known),
    "submitEntry": Rule(writes, has_something_to_submit),
    "approveEntry": Rule(reviews, waits_for_review, Act.ENTRIES_CURATE),
    "requestChanges": Rule(reviews, waits_for_review, Act.ENTRIES_CURATE),
    "publishEntry": Rule(sends_out, newest_is_known),
    "scheduleEntry": Rule(sends_out, has_something_newer),
    "unscheduleEntry": Rule(writes, is_scheduled),
    "archiveEntry": Rule(writes),
    "obsoleteEntry": Rule(writes, is_published),
    "verifyEntry": Rule(vouches, is_published),
    "verifyEntries": Rule(vouches, is_published),
    "setVerifier": Rule(names_verifier),
    "restoreRevision": Rule(writes, can_restore, names_revision=True),
    "nameSnapshot": Rule(writes, is_vision_with_former, Act.VISION_WRITE, names_revision=True),
    "linkEntries": Rule(writes),
    "unlinkEntries": Rule(writes),
    "attachEvidence": Rule(is_inside, is_live, knows=is_inside),
    "detachEvidence": Rule(writes, knows=is_inside),
    "assessInsight": Rule(vouches, is_insight),
    "aimInsight": Rule(writes, is_insight),
    "postProgress": Rule(reports, is_published_initiative),
    "planInitiative": Rule(reports, is_initiative),
    "measureInitiative": Rule(reports, is_initiative),
    "addMilestone": Rule(reports, is_initiative),
    "changeScope": Rule(reports, is_initiative),
    "moveInitiative": Rule(reports, is_published_initiative),
    "raiseIssue": Rule(is_inside, is_published_initiative),
    "updateAttachment": Rule(handles_files),
    "removeAttachment": Rule(handles_files),
    # What came of it.
    "recordUse": Rule(is_inside, is_published_practice),
    "withdrawUse": Rule(used, knows=is_inside, kinds=USED),
    "recordOutcome": Rule(is_inside, is_published_and_measured),
    "withdrawOutcome": Rule(measured, knows=is_inside, kinds=MEASURED),
    # What is said of it.
    "comment": Rule(speaks, is_live, TALK),
    "comment in reply": Rule(speaks, is_live, TALK),
    "updateComment": Rule(commented, scope=TALK),
    "removeComment": Rule(commented, scope=TALK),
    "resolveComment": Rule(settles, scope=TALK),
    "reopenComment": Rule(settles, scope=TALK),
    "hideComment": Rule(moderates, scope=TALK),
    "unhideComment": Rule(moderates, scope=TALK, knows=knows_of_hidden),
    "react": Rule(speaks, scope=TALK),
    "react to comment": Rule(speaks, scope=TALK),
    "unreact": Rule(speaks, scope=TALK),
    "rateEntry": Rule(speaks, scope=TALK),
    "suggestEdit": Rule(speaks, scope=TALK),
    "takeSuggestion": Rule(writes, newest_is_known, TALK, knows=suggested_or_writes),
    "declineSuggestion": Rule(writes, scope=TALK, knows=suggested_or_writes),
    "flag": Rule(speaks, scope=TALK),
    "flag comment": Rule(speaks, scope=TALK),
    "settleFlag": Rule(settles_flags, scope=TALK, knows=knows_of_flag),
    # Where it goes.
    "follow": Rule(speaks, scope=TALK),
    "unfollow": Rule(speaks, scope=TALK),
    "muteEntry": Rule(speaks, scope=Act.PROFILE_WRITE),
    "createShareLink": Rule(shares),
    "revokeShareLink": Rule(ends_sharing, knows=ends_sharing, is_outright=True),
    "addChapter": Rule(keeps_series),
    "moveChapter": Rule(keeps_series),
    "removeChapter": Rule(keeps_series),
    # What people write for the community.
    "hidePost": Rule(moderates, is_published, TALK, kinds=POSTS),
    "unhidePost": Rule(moderates, never, TALK, kinds=POSTS),
    "acceptAnswer": Rule(judges, is_published, TALK, kinds=QUESTIONS),
    "unacceptAnswer": Rule(judges, scope=TALK, kinds=QUESTIONS),
    "promoteToFeedback": Rule(is_inside, is_for_more_than_a_group, Act.FEEDBACK_WRITE, kinds=POSTS),
    "promoteToPractice": Rule(is_inside, is_published, kinds=POSTS),
}
"""Every mutation on entries and their parts, some by what they are done to. One that is in the schema and not here fails the test."""


def mutation_of(verb: str) -> str:
    """The mutation that a verb is done by: what follows says to what."""
    return verb.partition(" ")[0]


def expected(cell: Cell) -> frozenset[str]:
    """What the cell should come to; two answers where two reasons say no, for either is one."""
    rule = RULES[cell.verb]
    if cell.role in TOKENS and rule.scope not in TOKENS[cell.role]:
        return frozenset({NO_SCOPE})
    if rule.is_outright and cell.role in OUTSIDE:
        return frozenset({NOT_ALLOWED})
    if rule.needs_entry and not (sees(cell) and rule.knows(cell)):
        return frozenset({NOT_FOUND})
    no = {NOT_ALLOWED} if not rule.may(cell) else set()
    if not rule.when(cell):
        no |= {UNTIMELY, NOT_FOUND} if rule.names_revision else {UNTIMELY}
    return frozenset(no) or frozenset({DONE})
