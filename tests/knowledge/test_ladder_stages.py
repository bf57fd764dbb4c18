from datetime import date, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.ladder import stages
from knowledge.ladder.stages import (
    ADVOCATE,
    CLIENT,
    DISQUALIFIED,
    FIRST_TIME,
    INACTIVE,
    MOVES,
    PROSPECT,
    REPEAT,
    SUSPECT,
    Dealing,
    Facts,
    derived,
    settled,
)
from knowledge.words import CustomerRelation, Stage, TransactionKind

TODAY = date(2026, 11, 22)
PURCHASE, DELIVERY = TransactionKind.PURCHASE, TransactionKind.SERVICE_DELIVERY


def bought(days: int, *, times: int = 1, offering: int | None = 1, dormant_after: int = 365) -> Dealing:
    return Dealing(PURCHASE, TODAY - timedelta(days=days), times, offering, dormant_after)


def facts(
    *dealings: Dealing, applicable: set[int] | None = None, advocated: int | None = None, **more: object
) -> Facts:
    spoke = None if advocated is None else TODAY - timedelta(days=advocated)
    return Facts(TODAY, dealings=dealings, applicable=frozenset(applicable or ()), advocated_on=spoke, **more)  # type: ignore[arg-type]


TRUTH = {
    "no data": (facts(), SUSPECT),
    "need and ability": (facts(need=True, ability=True), PROSPECT),
    "need, ability unknown": (facts(need=True), SUSPECT),
    "no ability": (facts(need=True, ability=False), DISQUALIFIED),
    "no need": (facts(need=False, ability=True), DISQUALIFIED),
    "1 purchase 10 d ago": (facts(bought(10)), FIRST_TIME),
    "1 purchase 400 d ago": (facts(bought(400)), INACTIVE),
    "2 purchases of one offering": (facts(bought(10, times=2), applicable={1, 2}), REPEAT),
    "purchases covering all applicable": (facts(bought(10), bought(90, offering=2), applicable={1, 2}), CLIENT),
    "that and 1 referral": (facts(bought(10), bought(90, offering=2), applicable={1, 2}, advocated=30), ADVOCATE),
    "referral without all applicable": (facts(bought(10, times=2), applicable={1, 2}, advocated=30), REPEAT),
    "client at 366 d": (facts(bought(366), applicable={1}), INACTIVE),
    "client at 365 d": (facts(bought(365), applicable={1}), CLIENT),
    "nothing applicable known": (facts(bought(10, times=2)), REPEAT),
    # What the table leaves to its words.
    "advocacy at 365 d": (facts(bought(10), applicable={1}, advocated=365), ADVOCATE),
    "advocacy at 366 d": (facts(bought(10), applicable={1}, advocated=366), CLIENT),
    "an offering that lasts longer": (facts(bought(900, dormant_after=900), applicable={1}), CLIENT),
    "an offering that lasted longer": (facts(bought(901, dormant_after=900), applicable={1}), INACTIVE),
    "one of two offerings left off": (facts(bought(10), bought(400, offering=2), applicable={1, 2}), REPEAT),
    "a purchase of nothing that is known": (facts(bought(10, offering=None), applicable={1}), FIRST_TIME),
    "only served": (facts(Dealing(DELIVERY, TODAY, 5, 1)), FIRST_TIME),
    "a colleague who is served": (facts(Dealing(DELIVERY, TODAY, 5, 1), relation=CustomerRelation.INTERNAL), REPEAT),
    "served lately, bought long ago": (facts(bought(400, times=2), Dealing(DELIVERY, TODAY)), REPEAT),
    "a purchase beats a doubt": (facts(bought(10), need=False, ability=False), FIRST_TIME),
}


@pytest.mark.parametrize("case", TRUTH)
def test_a_stage_follows_from_the_facts(case: str) -> None:
    known, expected = TRUTH[case]

    assert derived(known) is expected


def test_there_are_23_legal_moves() -> None:
    legal = {(here, there) for here, steps in MOVES.items() for there in steps}

    assert len(legal) == 23
    assert legal <= set(permutations(Stage, 2))
    assert set(MOVES) == set(Stage)


def test_a_way_between_two_stages_is_made_of_legal_moves() -> None:
    for here, there in permutations(Stage, 2):
        way = (here, *stages.way(here, there))

        assert way[-1] is there
        assert all(step in MOVES[at] for at, step in pairwise(way))
    assert stages.way(SUSPECT, ADVOCATE) == (FIRST_TIME, CLIENT, ADVOCATE)
    assert stages.way(REPEAT, REPEAT) == ()


dealings = st.builds(
    Dealing,
    st.sampled_from(TransactionKind),
    st.integers(0, 800).map(lambda days: TODAY - timedelta(days=days)),
    st.integers(1, 3),
    st.none() | st.integers(1, 3),
    st.sampled_from((30, 365, 700)),
)
anything = st.builds(
    Facts,
    st.just(TODAY),
    st.sampled_from(CustomerRelation),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
    st.lists(dealings, max_size=4),
    st.frozensets(st.integers(1, 3)),
    st.none() | st.integers(0, 800).map(lambda days: TODAY - timedelta(days=days)),
)


@given(st.sampled_from(Stage), anything)
def test_l3_l4_l5_hold_wherever_somebody_stood_before(stage: Stage, known: Facts) -> None:
    there = settled(stage, known)
    way = stages.way(stage, there)

    if known.dealings:  # L3
        assert not {SUSPECT, PROSPECT, DISQUALIFIED} & {there, *way}
    if there is ADVOCATE and known.dealings:  # L4
        assert known.speaks_for_us
        assert known.applicable
        assert known.covered == known.applicable
    if stage is INACTIVE:  # L5
        assert FIRST_TIME not in way
    assert len(way) <= 3
    assert settled(there, known) is there


@given(st.sampled_from(Stage), anything)
def test_the_facts_in_words_fit_beside_a_move(stage: Stage, known: Facts) -> None:
    assert 10 < len(stages.told(known)) <= 300
    assert set(stages.moves(stage, dealt=bool(known.dealings))) <= set(MOVES[stage])
