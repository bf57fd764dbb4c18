"""How the time is read says for how long what is made of it holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from knowledge import clock
from knowledge.clock import Watch

AT = datetime(2026, 3, 1, 12, 30, 15, 7, tzinfo=UTC)
MINUTE = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_the_moment_itself_holds_no_longer_than_that(watch: Watch) -> None:
    with clock.held(AT), clock.watched(watch):
        clock.now()

    assert watch.until == AT


def test_the_minute_holds_to_its_end(watch: Watch) -> None:
    with clock.held(AT), clock.watched(watch):
        begun, over = clock.minute(), clock.minute_over()

    assert (begun, over, watch.until) == (MINUTE, MINUTE + timedelta(minutes=1), MINUTE + timedelta(minutes=1))


def test_the_day_holds_until_midnight(watch: Watch) -> None:
    with clock.held(AT), clock.watched(watch):
        today = clock.today()

    assert (today, watch.until) == (date(2026, 3, 1), datetime(2026, 3, 2, tzinfo=UTC))


def test_days_hold_until_there_is_one_more(watch: Watch) -> None:
    with clock.held(AT), clock.watched(watch):
        days = clock.days_since(AT - timedelta(days=3, hours=5))

    assert (days, watch.until) == (3, AT + timedelta(hours=19))


def test_what_is_to_come_holds_until_it_comes_and_what_came_for_good(watch: Watch) -> None:
    with clock.held(AT), clock.watched(watch):
        came = clock.has_come(AT), clock.has_come(AT + timedelta(seconds=1)), clock.has_come(AT + timedelta(days=1))

    assert (came, watch.until) == ((True, False, False), AT + timedelta(seconds=1))


def test_what_is_read_elsewhere_is_nothing_to_a_watch(watch: Watch) -> None:
    with clock.watched(watch):
        pass
    clock.now()

    assert watch.until is None
