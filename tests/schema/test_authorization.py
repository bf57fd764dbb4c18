"""The authorization matrix: every role, kind, state, audience and verb, compared with what the domain says of it."""

import os
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from knowledge import migrations
from knowledge.database import Database
from knowledge.search.index import Index
from knowledge.words import Audience, Kind
from schema.root import SCHEMA
from tests.schema.authorization.cells import ROLES, STATES, Cell
from tests.schema.authorization.covering import ALIKE, every_cell, in_turn, is_real, sort_of
from tests.schema.authorization.rules import RULES, always, mutation_of
from tests.schema.authorization.running import compared, matrix

ELSEWHERE = frozenset(
    {
        # Customers and what they say: no entry is named, or only to attach to it what is said, by the rule of attachEvidence.
        *("createCustomer", "updateCustomer", "createFeedback"),
        # What customers say, sorted and seen to by colleagues.
        *("triageFeedback", "assignFeedback", "moveComplaint", "setReplyTime", "mergeFeedback", "unmergeFeedback"),
        *("themeFeedback", "updateTheme", "upsertFeedback", "tell", "claimFeedback"),
        # One's own: a token, a browser, a name, what one has read and wants to be told. Of others' there is nothing to see.
        *("createToken", "revokeToken", "revokeSignIn", "updateProfile", "markRead", "setNotifications"),
        # What sorts entries and is none: a tag, a series without its chapters.
        *("updateTag", "mergeTags", "createSeries", "updateSeries"),
        # How the house is kept: by those who curate, whatever entries there are.
        *("setApprovalRule", "saveTemplate", "resetTemplate", "setSynonyms"),
        # What was looked for in vain: by whoever curates, and one's own wish to hear of it. The entry that answers it is one they see.
        *("takeGap", "answerGap", "awaitAnswer", "stopAwaiting"),
        # The ladder: what customers bought, did and can use, and where they stand.
        *("upsertTransactions", "recordAdvocacy", "createOffering", "updateOffering", "setApplicability"),
        *("moveCustomer", "keepCustomerStage", "qualifyCustomer"),
        # Customers beside what they say: who they are, whom they meet, what they need, and where they belong.
        *("upsertCustomers", "mergeCustomers", "unmergeCustomers", "defineCharacteristic", "describeCustomer"),
        *("logInteraction", "createTouchpoint", "updateTouchpoint", "serveCustomer", "endService"),
        *("createSegment", "updateSegment", "setSegmentOfferings", "addToSegment", "removeFromSegment"),
        *("recordNeed", "updateNeed", "rateNeed", "setStageNeed", "createPartnershipPlan", "updatePartnershipPlan"),
        # What customers agree to, what they ask of their data, and what becomes of that: tests/schema/test_privacy.py.
        *("setConsent", "requestData", "withdrawDataRequest", "settleDataRequest", "declineDataRequest"),
        *("eraseCustomer", "restrictCustomer", "liftRestriction", "setRetention"),
        # The loop: answers of colleagues, and customers' replies to their own. Entries are led to, and nothing of them is shown.
        "promoteToInsight",  # begins with what was said, by the rules of createEntry and attachEvidence
        *("respond", "updateResponse", "publishResponse", "giveReward", "replyToAnswer", "replyByCode"),
        # Surveys: drawn up and asked by those who may, answered by whoever has the link: tests/schema/test_surveys.py.
        *("createSurvey", "updateSurvey", "openSurvey", "closeSurvey", "openWave", "endWave", "invite"),
        "askOthers",
        *("answerSurvey", "upsertSurveyResponses"),
        # What stands behind a vision, said by those who may edit it and by each for themselves: tests/schema/test_vision.py.
        *("addAssumption", "updateAssumption", "assessAssumption", "writePublicPart", "placeEvidence"),
        *(
            "addStakeholder",
            "removeStakeholder",
            "commitToVision",
            "recordCommitment",
            "sayMeaning",
            "recordCommunication",
        ),
        # Thanks, of which no entry is a part; and one's own letters: tests/schema/community/test_culture.py.
        *("appreciate", "withdrawAppreciation", "hideAppreciation", "setDigest", "leaveDigest"),
        # The notice on everybody's home page, by leaders: tests/schema/test_home.py.
        *("pinNotice", "takeDownNotice"),
        # Posts of one's own, as a customer or a colleague: tests/schema/community/test_posts.py.
        *("createPost", "updatePost"),
        # Milestones, and what is in an initiative's way, each by its own id: tests/schema/test_planning.py.
        *("updateMilestone", "reachMilestone", "reopenMilestone", "dropMilestone"),
        *("takeOnIssue", "settleIssue", "reopenIssue"),
    }
)
"""Mutations on something else than entries and their parts."""


def on_entries() -> set[str]:
    """The mutations that answer an entry or a part of one, or name one."""
    assert SCHEMA.mutation_type is not None
    return set(SCHEMA.mutation_type.fields) - ELSEWHERE


def test_every_mutation_on_entries_is_in_the_matrix() -> None:
    assert SCHEMA.mutation_type is not None

    assert on_entries() == {mutation_of(verb) for verb in RULES}
    assert set(SCHEMA.mutation_type.fields) >= ELSEWHERE


def thing_of(cell: Cell) -> tuple[object, ...]:
    """What a cell is tried on."""
    return cell.kind, cell.state, cell.audience


def met(cells: list[Cell], *names: str) -> set[tuple[object, ...]]:
    return {tuple(getattr(cell, name) for name in names) for cell in cells}


def test_the_quick_run_meets_everything_with_everything_else() -> None:
    wanted = list(in_turn())
    on_entry = [cell for cell in wanted if RULES[cell.verb].needs_entry]
    verbs = [verb for verb, rule in RULES.items() if rule.needs_entry]
    insight = replace(wanted[0], kind=Kind.INSIGHT)
    timed = [verb for verb in verbs if RULES[verb].when is not always]

    assert len(set(wanted)) == len(wanted)
    assert all(map(is_real, wanted))
    assert met(on_entry, "verb", "role", "state") >= set(product(timed, ROLES, STATES))
    assert met(on_entry, "verb", "role", "audience") == set(product(verbs, ROLES, Audience))
    assert met(on_entry, "verb", "state", "audience") == set(product(verbs, STATES, Audience))
    assert met(on_entry, "role", "state", "audience") == set(product(ROLES, STATES, Audience))
    assert met(on_entry, "role", "kind") == set(product(ROLES, Kind))
    # An insight is for no group, so that here and there a guide takes its place.
    whole = [verb for verb in verbs if RULES[verb].kinds == frozenset(Kind)]
    sorts = {(cell.verb, cell.role, sort_of(cell)) for cell in on_entry}
    assert sorts >= set(product(whole, ROLES, {*range(len(ALIKE))} - {sort_of(insight)}))
    assert {verb for verb, _, sort in sorts if sort == sort_of(insight)} >= set(whole)


def test_every_cell_comes_to_what_the_domain_says(sqlite: Database, index: Index) -> None:
    is_long = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
    wanted = list(every_cell() if is_long else in_turn())

    with matrix(sqlite, index, wanted) as found:
        counted, wrong = compared(found, wanted)

    print(f"{len(wanted)} cells: {dict(counted)}")  # noqa: T201  # the report of this test
    assert not wrong, "\n".join(wrong)
    assert counted.total() == len(set(wanted)) == len(wanted)


@pytest.mark.postgres
def test_a_sample_of_the_cells_comes_to_the_same_on_postgresql(
    request: pytest.FixtureRequest, empty: Callable[[str], str], index: Index
) -> None:
    chance, cells = random.Random(7), list(in_turn())
    # To make an entry takes longer than to try a dozen verbs on it.
    things = {*chance.sample(list(dict.fromkeys(map(thing_of, cells))), 45)}
    wanted = chance.sample([cell for cell in cells if thing_of(cell) in things], 200)
    database = Database(empty("postgresql"))
    request.addfinalizer(database.close)
    migrations.upgrade(database)

    with matrix(database, index, wanted) as found:
        _, wrong = compared(found, wanted)

    assert not wrong, "\n".join(wrong)
