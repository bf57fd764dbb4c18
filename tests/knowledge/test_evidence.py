from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, entries, estimates, evidence
from knowledge.activity import Activity
from knowledge.database import table_of
from knowledge.entries import EntryRow, publishing, writing
from knowledge.errors import Invalid, NotAllowed, Refusal
from knowledge.estimates import Caveat
from knowledge.evidence import claiming, promoting
from knowledge.feedback import merging, rankings, themes
from knowledge.people import OPERATOR, Viewer
from knowledge.privacy import erasing
from knowledge.words import (
    Channel,
    EvidenceTarget,
    Freshness,
    InsightKind,
    InsightState,
    Kind,
    PatternVerdict,
    Role,
    Stance,
)
from tests.factories import a_customer, a_draft, a_viewer, an_entry, an_interaction, some_feedback


def an_insight(session: Session, viewer: Viewer, *, kind: InsightKind = InsightKind.OBSERVATION) -> EntryRow:
    """Published, with one voice for it."""
    draft = a_draft(session, viewer, kind=Kind.INSIGHT, detail={"kind": kind})
    evidence.attach(
        session, viewer, draft, some_feedback(session, viewer, customer=a_customer(session)), Stance.SUPPORTS
    )
    return publishing.publish(session, viewer, draft.uid)


def said(session: Session, viewer: Viewer, entry: EntryRow, *, customers: int, **more: Channel) -> None:
    for _ in range(customers):
        item = some_feedback(session, viewer, customer=a_customer(session), **more)
        evidence.attach(session, viewer, entry, item, Stance.SUPPORTS)


def fresh(session: Session, viewer: Viewer, entry: EntryRow) -> EntryRow:
    found = entries.by_uid(session, viewer, entry.uid)
    assert found is not None
    return found


def test_n3_a_pattern_without_the_verdict_is_an_observation_that_says_why(session: Session) -> None:
    ines = a_viewer(session)
    insight = an_insight(session, ines, kind=InsightKind.PATTERN)
    said(session, ines, insight, customers=3)

    before = fresh(session, ines, insight)
    assert claiming.kind_of(before, ines) is InsightKind.OBSERVATION
    assert claiming.why_not(before, ines) == (
        "Not yet a pattern: 4 of the 4 customers heard then say so, and fewer than 5 are too few to speak for others; "
        "all of it was heard in one way only."
    )

    said(session, ines, insight, customers=1, channel=Channel.EMAIL)
    after = fresh(session, ines, insight)
    assert (claiming.kind_of(after, ines), claiming.why_not(after, ines)) == (InsightKind.PATTERN, None)
    weight = evidence.weight_of(after, ines)
    assert (weight.verdict, weight.prevalence.n, weight.prevalence.warnings) == (PatternVerdict.PATTERN, 5, ())
    assert evidence.in_words(weight) == "A pattern: 5 of the 5 customers heard then say so (57 to 100 %)."


def test_n3_what_few_of_those_heard_say_is_no_pattern(session: Session) -> None:
    ines = a_viewer(session)
    insight = an_insight(session, ines, kind=InsightKind.PATTERN)
    said(session, ines, insight, customers=7)
    for _ in range(92):
        some_feedback(session, ines, customer=a_customer(session), channel=Channel.EMAIL)

    weight = evidence.weight_of(fresh(session, ines, insight), ines)

    assert (weight.voices.customers, weight.voices.heard) == (8, 100)
    assert Caveat.LOW_PREVALENCE in weight.prevalence.warnings
    assert weight.verdict is PatternVerdict.NOT_YET_A_PATTERN


def test_people_of_one_organisation_are_one_voice_and_undercover_customers_are_none(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    hotel = a_customer(session)
    desk = a_customer(session, parent=hotel.uid)
    night = a_customer(session, parent=desk.uid)
    for customer, channel in (
        (hotel, Channel.PHONE),
        (night, Channel.EMAIL),
        (a_customer(session), Channel.UNDERCOVER_CUSTOMER),
    ):
        item = some_feedback(session, ines, customer=customer, channel=channel)
        evidence.attach(session, ines, entry, item, Stance.SUPPORTS)
    met = an_interaction(session, ines, desk, note="The desk says that it leaks again.")
    piece = evidence.attach(session, ines, entry, met, Stance.SUPPORTS, quote="it leaks again", weight=3)

    weight = evidence.weight_of(fresh(session, ines, entry), ines)

    assert (piece.quote, piece.channel, piece.weight) == ("it leaks again", Channel.CONTACT_REPORT, 3)
    assert (weight.voices.customers, weight.voices.items, weight.voices.heard) == (1, 3, 1)
    assert evidence.tally_of(fresh(session, ines, entry), ines).voices().customers == 1


def test_n2_what_stands_there_twice_is_quoted_where_it_is_meant(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    item = some_feedback(session, ines, verbatim="It leaks. I said: it leaks.")

    piece = evidence.attach(session, ines, entry, item, Stance.SUPPORTS, quote="leaks", start=21)

    assert (piece.quote_start, piece.quote_end, piece.quote) == (21, 26, "leaks")
    with pytest.raises(Invalid):
        evidence.attach(session, ines, entry, item, Stance.SUPPORTS, quote="leaks", start=20)


def test_n4_what_contradicts_stands_beside_what_supports(session: Session) -> None:
    ines = a_viewer(session)
    insight = an_insight(session, ines)
    against = some_feedback(session, ines, customer=a_customer(session), verbatim="Not with us.")
    evidence.attach(session, ines, insight, against, Stance.CONTRADICTS)

    shown = evidence.of_entry(fresh(session, ines, insight), ines)

    assert [piece.stance for piece in shown] == [Stance.CONTRADICTS, Stance.SUPPORTS]


def test_n6_an_insight_past_its_review_date_is_stale(session: Session) -> None:
    ines = a_viewer(session)
    today = clock.now().date()

    on_the_day, after = (
        a_draft(session, ines, kind=Kind.INSIGHT, detail={"review_by": today - timedelta(days=days)}) for days in (0, 1)
    )

    assert not claiming.is_stale(on_the_day)
    assert claiming.is_stale(after)


def test_n7_a_recommendation_rests_on_a_supported_insight(session: Session) -> None:
    ines = a_viewer(session)
    ground = an_insight(session, ines)
    advice = a_draft(session, ines, kind=Kind.INSIGHT, detail={"kind": InsightKind.RECOMMENDATION})
    piece = evidence.attach(session, ines, advice, ground, Stance.SUPPORTS)

    with pytest.raises(Invalid) as caught:
        publishing.publish(session, ines, advice.uid)
    assert [problem.field for problem in caught.value.problems] == ["evidence"]
    claiming.assess(session, ines, ground.uid, InsightState.SUPPORTED)
    out = publishing.publish(session, ines, advice.uid)

    assert piece.cited_id == ground.id
    assert claiming.kind_of(out, ines) is InsightKind.RECOMMENDATION
    evidence.attach(session, ines, ground, some_feedback(session, ines), Stance.CONTRADICTS)
    claiming.assess(session, ines, ground.uid, InsightState.REFUTED, note="Not so.")
    lowered = fresh(session, ines, out)
    assert claiming.state_of(fresh(session, ines, ground)) is InsightState.REFUTED
    assert claiming.kind_of(lowered, ines) is InsightKind.HYPOTHESIS
    assert claiming.why_not(lowered, ines) is not None


def test_an_insight_that_two_customers_contradict_is_contested_until_it_is_verified(session: Session) -> None:
    ines = a_viewer(session, role=Role.STEWARD)
    insight = an_insight(session, ines)
    claiming.assess(session, ines, insight.uid, InsightState.SUPPORTED)
    for _ in range(2):
        against = some_feedback(session, ines, customer=a_customer(session))
        evidence.attach(session, ines, insight, against, Stance.CONTRADICTS)

    assert claiming.state_of(fresh(session, ines, insight)) is InsightState.CONTESTED
    with pytest.raises(Invalid):
        claiming.assess(session, ines, insight.uid, InsightState.SUPPORTED)
    entries.freshness.verify(session, ines, insight.uid)
    assert claiming.state_of(fresh(session, ines, insight)) is InsightState.SUPPORTED


def test_n5_erasing_a_customer_moves_no_count_and_has_their_insights_looked_at_again(session: Session) -> None:
    ines = a_viewer(session)
    rita = a_customer(session, name="Rita Ruiz")
    pattern = an_insight(session, ines, kind=InsightKind.PATTERN)
    said(session, ines, pattern, customers=2)
    named = some_feedback(
        session, ines, customer=a_customer(session), verbatim="As Rita Ruiz says: it leaks, it leaks."
    )
    evidence.attach(session, ines, pattern, named, Stance.SUPPORTS, quote="it leaks", start=29)
    evidence.attach(session, ines, pattern, some_feedback(session, ines, customer=rita), Stance.SUPPORTS)
    alone = a_draft(session, ines, kind=Kind.INSIGHT)
    met = an_interaction(session, ines, rita, note="It leaks at hers.")
    evidence.attach(session, ines, alone, met, Stance.SUPPORTS, quote="leaks")
    publishing.publish(session, ines, alone.uid)
    one_more = a_customer(session)
    evidence.attach(session, ines, pattern, some_feedback(session, ines, customer=one_more), Stance.SUPPORTS)
    assert claiming.kind_of(fresh(session, ines, pattern), ines) is InsightKind.PATTERN

    erasing.erase(session, OPERATOR, rita)
    still = claiming.kind_of(fresh(session, ines, pattern), ines)
    erasing.erase(session, OPERATOR, one_more)

    assert still is InsightKind.PATTERN
    lowered, bare = fresh(session, ines, pattern), fresh(session, ines, alone)
    assert claiming.kind_of(lowered, ines) is InsightKind.OBSERVATION
    assert "2 voices were erased at their wish" in (claiming.why_not(lowered, ines) or "")
    assert evidence.tally_of(lowered, ines).voices().customers == 6
    assert (bare.freshness, bare.contested_why) == (
        Freshness.CONTESTED,
        "What it rested on was erased at a customer's wish.",
    )
    assert verbs(session, lowered).count("entry.doubted") == 1
    quotes = [piece.quote for piece in evidence.of_entry(lowered, ines) if piece.feedback_id == named.id]
    assert quotes == ["it leaks"]
    assert [piece.quote for piece in evidence.of_entry(bare, ines)] == [""]


def verbs(session: Session, entry: EntryRow) -> list[str]:
    acts = table_of(Activity).c
    return list(session.connection().execute(select(acts.verb).where(acts.uid == entry.uid)).scalars())


def test_what_was_said_begins_an_insight_with_its_words_as_evidence(session: Session) -> None:
    ines = a_viewer(session)
    loud, quiet = a_customer(session), a_customer(session)
    rows = [some_feedback(session, ines, customer=customer) for customer in (loud, loud, quiet)]
    for row in rows:
        themes.assign(session, ines, row.uid, ["valves"])
    (theme,) = themes.raised(session, ines, count=1)

    one = promoting.from_item(session, ines, rows[0], title="One says so", claim="It is hard to reach.")
    many = promoting.from_theme(session, ines, theme, title="They say so", claim="It is hard to reach.")

    assert [piece.feedback_id for piece in evidence.of_entry(one, ines)] == [rows[0].id]
    assert {piece.feedback_id for piece in evidence.of_entry(many, ines)} == {rows[0].id, rows[2].id}
    assert [each.name for each in claiming.themes_of(one, ines)] == ["valves"]
    assert claiming.kind_of(many, ines) is InsightKind.OBSERVATION
    with pytest.raises(NotAllowed):
        promoting.from_item(session, a_viewer(session, role=Role.CUSTOMER), rows[0], title="Mine", claim="So.")


def test_a_document_is_cited_by_its_address_and_a_figure_as_it_stood(session: Session) -> None:
    ines = a_viewer(session)
    entry = an_entry(session, ines)
    paper = evidence.Document(" A  paper ", "https://example.org/a", "Seals wear.")

    piece = evidence.attach(session, ines, entry, paper, Stance.SUPPORTS)
    again = evidence.attach(session, ines, entry, paper, Stance.CONTRADICTS, weight=2)

    assert (piece.id, piece.document_title, piece.quote) == (again.id, "A paper", "Seals wear.")
    assert (again.stance, again.weight, again.target) == (Stance.CONTRADICTS, 2, EvidenceTarget.DOCUMENT)
    for wrong in (evidence.Document("", "javascript:alert(1)"), evidence.Document("x" * 201, "ftp://example.org")):
        with pytest.raises(Refusal) as caught:
            evidence.attach(session, ines, entry, wrong, Stance.SUPPORTS, weight=4)
        assert [problem.field for problem in caught.value.problems] == ["weight", "document.title", "document.url"]
    with pytest.raises(Refusal):
        evidence.attach(session, ines, entry, entry, Stance.SUPPORTS)
    with pytest.raises(Invalid):
        evidence.take(session, ines, 1, None, estimates.SUPPRESSED)


def test_a_theme_an_item_and_evidence_never_count_the_same_words_differently(session: Session) -> None:
    ines = a_viewer(session)
    house = a_customer(session)
    floor = a_customer(session, parent=house.uid)
    named = [some_feedback(session, ines, customer=each) for each in (house, floor, floor, a_customer(session))]
    channels = (Channel.SUGGESTION_BOX, Channel.PHONE, Channel.CUSTOMER_SURVEY, Channel.COMMUNITY_SURVEY)
    nameless = [some_feedback(session, ines, channel=each, anonymous=True) for each in channels]
    ours = some_feedback(session, ines, customer=a_customer(session), channel=Channel.UNDERCOVER_CUSTOMER)
    some_feedback(session, ines, channel=Channel.CUSTOMER_SURVEY, anonymous=True)  # heard on something else
    apart, joined = an_entry(session, ines), an_entry(session, ines)
    for item in (*named, *nameless, ours):
        themes.assign(session, ines, item.uid, ["valves"])
        evidence.attach(session, ines, apart, item, Stance.SUPPORTS)
    evidence.attach(session, ines, apart, named[0], Stance.SUPPORTS, quote="hard")
    for item in (*named[1:], *nameless, ours):
        merging.merge(session, ines, item.uid, named[0].uid)
    evidence.attach(session, ines, joined, named[0], Stance.SUPPORTS)

    (theme,) = rankings.ranking(session, ines).themes
    prevalences = [
        merging.prevalence_of(named[0], ines),
        *(evidence.weight_of(fresh(session, ines, entry), ines).prevalence for entry in (apart, joined)),
    ]

    assert (theme.loud.voices.customers, theme.loud.voices.items, theme.loud.voices.heard) == (5, 8, 6)
    assert prevalences == [theme.loud.voices.prevalence] * 3
    weights = [evidence.weight_of(fresh(session, ines, entry), ines) for entry in (apart, joined)]
    assert [weight.voices for weight in weights] == [theme.loud.voices] * 2
    assert [weight.verdict for weight in weights] == [theme.loud.verdict] * 2


def test_a_claim_that_changes_has_not_been_tested(session: Session) -> None:
    ines = a_viewer(session, role=Role.STEWARD)
    insight = an_insight(session, ines)
    claiming.assess(session, ines, insight.uid, InsightState.SUPPORTED)

    retitled = writing.update(session, ines, insight.uid, 1, {"title": "Said better"})
    kept = publishing.publish(session, ines, retitled.uid)
    writing.update(session, ines, insight.uid, 2, {"detail": {"claim": "It is otherwise."}})
    judged = claiming.assess(session, ines, insight.uid, InsightState.SUPPORTED)  # of what is published
    changed = publishing.publish(session, ines, insight.uid)

    assert [claiming.state_of(row) for row in (kept, judged, changed)] == [
        InsightState.SUPPORTED,
        InsightState.SUPPORTED,
        InsightState.UNTESTED,
    ]
