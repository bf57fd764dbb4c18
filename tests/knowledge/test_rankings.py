"""Themes are ranked by how many customers speak of them; how often each of them does changes nothing."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session

from knowledge import clock
from knowledge.customers import CustomerRow
from knowledge.estimates import Caveat
from knowledge.feedback import FeedbackRow, merging, rankings, themes, triaging, voices
from knowledge.feedback.voices import Period
from knowledge.people import Viewer
from knowledge.words import Channel, FeedbackKind, Loudness, PatternVerdict, QualityAttribute, Role
from tests.factories import a_customer, a_viewer, some_feedback


def said(
    session: Session, viewer: Viewer, theme: str, customer: CustomerRow | None = None, **more: object
) -> FeedbackRow:
    item = some_feedback(session, viewer, customer=customer, **more)  # type: ignore[arg-type]
    return themes.assign(session, viewer, item.uid, [theme])


def found(session: Session, viewer: Viewer, by: Loudness = Loudness.CUSTOMERS) -> Sequence[tuple[str, int, int]]:
    ranked = rankings.ranking(session, viewer, by=by).themes
    return [(each.theme.name, each.loud.voices.customers, each.loud.voices.items) for each in ranked]


def test_one_who_speaks_often_is_one_voice_and_the_two_orders_say_what_that_changes(session: Session) -> None:
    ines, hotel = a_viewer(session), a_customer(session)
    for _ in range(9):
        said(session, ines, "sign-in", hotel)
    for _ in range(6):
        said(session, ines, "valve", a_customer(session))
    some_feedback(session, ines, customer=a_customer(session))  # of nothing that has a theme yet

    ranking = rankings.ranking(session, ines)

    assert found(session, ines) == [("valve", 6, 6), ("sign-in", 1, 9)]
    assert found(session, ines, Loudness.MESSAGES) == [("sign-in", 1, 9), ("valve", 6, 6)]
    assert (ranking.heard.n, ranking.heard.distinct_voices, ranking.unsorted.n) == (16, 8, 1)
    valve, sign_in = ranking.themes
    assert (valve.by_customers, valve.by_messages, sign_in.by_customers, sign_in.by_messages) == (1, 2, 2, 1)
    assert (valve.loud.voices.prevalence.value, valve.loud.verdict) == (6 / 8, PatternVerdict.PATTERN)
    assert sign_in.loud.verdict is PatternVerdict.NOT_YET_A_PATTERN
    warned = {Caveat.FEW_VOICES, Caveat.LOW_PREVALENCE, Caveat.CONCENTRATED, Caveat.DOMINATED}
    assert set(sign_in.loud.voices.prevalence.warnings) == warned
    assert (sign_in.loud.loudest.value, sign_in.loud.loudest.low) == (1.0, None)


def test_people_of_one_house_are_one_voice_and_what_names_nobody_is_one_unless_it_answers_a_survey(
    session: Session,
) -> None:
    ines, house = a_viewer(session), a_customer(session)
    floor = a_customer(session, parent=house.uid)
    room = a_customer(session, parent=floor.uid)
    for customer in (house, floor, room):
        said(session, ines, "valve", customer)
    for channel in (Channel.SUGGESTION_BOX, Channel.PHONE, Channel.CUSTOMER_SURVEY, Channel.COMMUNITY_SURVEY):
        said(session, ines, "valve", channel=channel, anonymous=True)
    said(session, ines, "valve", a_customer(session), channel=Channel.UNDERCOVER_CUSTOMER)

    assert found(session, ines) == [("valve", 4, 7)]
    assert themes.by_theme(session, ines, rankings.ranking(session, ines).themes[0].theme.uid) is not None


def test_what_repeats_something_speaks_of_its_themes_and_keeps_its_own_voice(session: Session) -> None:
    ines = a_viewer(session)
    first = said(session, ines, "valve", a_customer(session))
    again, deeper = (some_feedback(session, ines, customer=a_customer(session)) for _ in range(2))
    merging.merge(session, ines, deeper.uid, again.uid)
    merging.merge(session, ines, again.uid, first.uid)

    joined = found(session, ines)
    themes.assign(session, ines, again.uid, ["valve"])
    twice = found(session, ines)
    merging.unmerge(session, ines, again.uid)

    assert joined == twice == [("valve", 3, 3)]
    assert found(session, ines) == [("valve", 3, 3)]  # taken apart it has the theme by itself, and what repeats it too
    assert merging.prevalence_of(first, ines).distinct_voices == 1


def test_what_speaks_of_danger_waits_for_no_numbers(session: Session) -> None:
    ines = a_viewer(session)
    item = said(session, ines, "hot lid", a_customer(session), kind=FeedbackKind.COMPLAINT)
    triaging.triage(session, ines, item.uid, {"attributes": [QualityAttribute.SAFETY]})

    (only,) = rankings.ranking(session, ines).themes

    assert only.loud.verdict is PatternVerdict.SAFETY


def test_only_what_was_heard_in_the_period_counts_and_only_for_colleagues(session: Session) -> None:
    ines, customer = a_viewer(session), a_customer(session)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=customer)
    now = clock.now()
    with clock.held(now - timedelta(days=120)):
        said(session, ines, "valve", customer)
    (theme,) = themes.raised(session, ines, count=1)
    long = rankings.ranking(session, ines, Period(now - timedelta(days=150), now))

    assert [each.theme.name for each in long.themes] == ["valve"]
    assert found(session, ines) == []
    assert rankings.lately(theme, ines) is None
    assert voices.counted(session, ines, voices.lately()).n == 0
    assert rankings.ranking(session, rosa, long.period).themes == ()
