from datetime import UTC, datetime, timedelta

from knowledge import clock
from server.rates import Rates

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_bucket_gives_what_it_holds_and_not_more() -> None:
    rates = Rates(refill=50)

    with clock.held(NOON):
        charges = [rates.take("eva", 400, 1000) for _ in range(3)]

    assert [charge.remaining for charge in charges] == [600, 200, 200]
    assert [charge.seconds for charge in charges] == [0, 0, 4]


def test_what_was_taken_comes_back_by_the_second() -> None:
    rates = Rates(refill=50)
    with clock.held(NOON):
        rates.take("eva", 1000, 1000)

    with clock.held(NOON + timedelta(seconds=8)):
        charge = rates.take("eva", 400, 1000)

    assert (charge.seconds, charge.remaining) == (0, 0)


def test_a_bucket_is_never_fuller_than_full() -> None:
    rates = Rates(refill=50)
    with clock.held(NOON):
        rates.take("eva", 1, 1000)

    with clock.held(NOON + timedelta(days=1)):
        charge = rates.take("eva", 0, 1000)

    assert charge.remaining == 1000


def test_each_has_a_bucket_of_their_own() -> None:
    rates = Rates(refill=50)

    with clock.held(NOON):
        rates.take("eva", 1000, 1000)
        charge = rates.take("leo", 1000, 1000)

    assert charge.seconds == 0


def test_the_number_of_buckets_is_bounded() -> None:
    rates = Rates(refill=50, most=2)

    with clock.held(NOON):
        for who in ("eva", "leo", "ada"):
            rates.take(who, 1000, 1000)
        kept, forgotten = rates.take("leo", 1, 1000), rates.take("eva", 1, 1000)

    assert (kept.seconds, forgotten.seconds) == (1, 0)


def test_the_headers_say_how_long_to_wait() -> None:
    rates = Rates(refill=50)

    with clock.held(NOON):
        rates.take("eva", 1000, 1000)
        headers = rates.take("eva", 100, 1000).headers

    assert headers == {
        "x-ratelimit-limit": "1000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(NOON.timestamp()) + 20),
        "retry-after": "2",
    }
