"""Who is asked: by lot, everybody, or after something happened; never who has not agreed, and never too often."""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Select, case, func, insert, select
from sqlmodel import Session

from knowledge import activity, clock, contacts
from knowledge.contacts import Contact
from knowledge.customers import Customer, CustomerRow
from knowledge.customers.interactions import Interaction
from knowledge.customers.segments import SegmentMembership
from knowledge.database import is_alone, neighbours, one, table_of
from knowledge.errors import Invalid, Problem, refuse
from knowledge.people import Person, Viewer
from knowledge.privacy import consents
from knowledge.surveys import reading, writing
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.response import Invitation, SurveyResponse
from knowledge.surveys.survey import Survey, Wave
from knowledge.words import (
    Anonymity,
    ConsentPurpose,
    CustomerRelation,
    CustomerStatus,
    InvitationKind,
    MailState,
    Role,
    SurveyAudience,
    SurveyState,
)

WAVES = 500
LARGEST = 100_000
_c, _p, _i, _w, _m = (table_of(table).c for table in (Customer, Person, Invitation, Wave, SegmentMembership))
_met, _r = table_of(Interaction).c, table_of(SurveyResponse).c


class Opened(TypedDict, total=False):
    """What is said of a wave: `kind` is needed. It opens now, and stays open until it is closed, unless it says otherwise."""

    kind: InvitationKind
    opens_at: datetime
    closes_at: datetime | None
    population: int | None
    seed: int | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom asking would reach, by their keys: who may be asked, who has not agreed, and who has heard from us often enough of late."""

    able: tuple[int, ...] = ()
    withheld: tuple[int, ...] = ()
    often: tuple[int, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each."""
        return {"able": len(self.able), "withheld": len(self.withheld), "often": len(self.often)}


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of asking: how many were asked now, and whom it would have reached."""

    wave: WaveRow
    count: int
    reach: Reach


def open_wave(session: Session, viewer: Viewer, uid: UUID, opened: Opened) -> WaveRow:
    """Ask an open survey once more; nobody is invited yet. Refuses NOT_FOUND, NOT_ALLOWED and INVALID.

    A wave by lot keeps the number that it is drawn with, by which the same people are drawn again. A wave that people come to by
    themselves has an open link.
    """
    survey = _asking(session, viewer, uid)
    refuse(_faults(survey, opened))
    now = clock.now()
    numbers = [wave.number for wave in reading.waves_of(survey)]
    wave = Wave(
        uid=clock.uid(),
        survey_id=survey.id,
        number=max(numbers, default=0) + 1,
        kind=opened["kind"],
        opens_at=opened.get("opens_at") or now,
        closes_at=opened.get("closes_at"),
        population=opened.get("population") or survey.population,
        seed=_seed(opened),
        created_at=now,
        created_by_id=viewer.id,
    )
    session.add(wave)
    session.flush()  # its link points at it
    assert wave.id is not None
    if wave.kind is InvitationKind.SELF:
        session.add(Invitation(uid=clock.uid(), wave_id=wave.id, kind=wave.kind, created_at=now))
    activity.record(session, viewer.id, "survey.asked", "Survey", survey.uid)
    return _wave(session, wave.uid)


def _seed(opened: Opened) -> int | None:
    if opened["kind"] is not InvitationKind.RANDOM:
        return None
    seed = opened.get("seed")
    return seed if seed is not None else random.SystemRandom().randrange(2**31)


def _wave(session: Session, uid: UUID) -> WaveRow:
    session.flush()  # what was written is read back
    row = one(session, WaveRow, reading.waves().where(_w.uid == uid))
    assert row is not None
    return row


def _asking(session: Session, viewer: Viewer, uid: UUID) -> SurveyRow:
    row = reading.named(session, viewer, uid, field="survey")
    writing.may_ask(viewer, row.purpose)
    session.get_one(Survey, row.id, with_for_update=True)  # waves are numbered one after another
    if row.state is not SurveyState.OPEN:
        raise Invalid("Open the survey before anybody is asked.", "survey")
    return row


def _faults(survey: SurveyRow, opened: Opened) -> Iterable[Problem]:
    opens, closes = opened.get("opens_at") or clock.now(), opened.get("closes_at")
    if closes is not None and closes <= opens:
        yield Problem("closesAt", "It would be over before it begins.")
    if opens > clock.now() + timedelta(days=3660):
        yield Problem("opensAt", "This lies too far in the future.")
    if opened["kind"] is InvitationKind.EVENT and survey.anonymity is Anonymity.ANONYMOUS:
        yield Problem(
            "kind", "Asked one by one after something happened, nobody stays unnamed. Make such a survey confidential."
        )
    if opened["kind"] is InvitationKind.EVENT and survey.audience is SurveyAudience.INTERNAL:
        yield Problem("kind", "Colleagues are asked by lot, all of them, or by an open link.")
    if (opened.get("population") or 1) < 1:
        yield Problem("population", "Say how many there are, as a number above nothing.")
    if opened.get("seed") is not None and not 0 <= (opened["seed"] or 0) < 2**31:
        yield Problem("seed", "From 0 to 2,147,483,647.")
    if len(reading.waves_of(survey)) >= WAVES:
        yield Problem("survey", f"This has been asked {WAVES} times. Draw up another.")


def end_wave(session: Session, viewer: Viewer, uid: UUID) -> WaveRow:
    """No answer is taken in this wave any more. Refuses NOT_FOUND and NOT_ALLOWED."""
    row = reading.wave_named(session, viewer, uid)
    survey = reading.survey_of(row)
    writing.may_ask(viewer, survey.purpose)
    wave = session.get_one(Wave, row.id, with_for_update=True)
    if wave.closes_at is None or wave.closes_at > clock.now():
        wave.closes_at = max(clock.now(), wave.opens_at)
        activity.record(session, viewer.id, "survey.wave_ended", "Survey", survey.uid)
    return _wave(session, uid)


def reach(
    session: Session,
    wave: WaveRow,
    contact: Contact,
    *,
    among: Collection[int] | None = None,
    without: Collection[int] = (),
) -> Reach:
    """Whom one could still ask in a wave: customers or colleagues by their keys, `among` some, and `without` others.

    A customer outside the company is asked only if they agreed to surveys; whoever is restricted, merged or erased never is.
    """
    survey = reading.survey_of(wave)
    if survey.audience is SurveyAudience.INTERNAL:
        return Reach(able=_colleagues(session, wave, among, without))
    out = set(without)
    found: dict[str, list[int]] = {"able": [], "withheld": [], "often": []}
    for id, place in session.connection().execute(_placed(survey, wave, contact, is_named=among is not None)):
        if id not in out and (among is None or id in among):
            found[place].append(id)
    return Reach(**{place: tuple(ids) for place, ids in found.items()})


def _placed(survey: SurveyRow, wave: WaveRow, contact: Contact, *, is_named: bool) -> Select[Any]:
    """Each customer for whom a survey is and who was not asked in the wave, with whether they may be."""
    agrees = _c.id.in_(consents.agreeing(ConsentPurpose.SURVEY)) | (_c.relation == CustomerRelation.INTERNAL)
    place = case((~agrees, "withheld"), (_c.id.in_(contacts.tired(contact)), "often"), else_="able")
    asked = select(_i.customer_id).where(_i.wave_id == wave.id, _i.customer_id.is_not(None))
    wanted = select(_c.id, place.label("place")).where(_c.status == CustomerStatus.ACTIVE, _c.id.not_in(asked))
    if survey.segment_id is not None:
        mine = select(_m.customer_id).where(_m.segment_id == survey.segment_id, _m.until.is_(None))
        wanted = wanted.where(_c.id.in_(mine))
    elif not is_named:
        wanted = wanted.where(_c.relation == CustomerRelation.EXTERNAL)
    return wanted.order_by(_c.id)


def _counted(session: Session, rows: list[SurveyRow], contact: Contact) -> Mapping[int, Mapping[str, int] | None]:
    return {row.id: _reached(session, row, contact) for row in rows}


def _reached(session: Session, survey: SurveyRow, contact: Contact) -> Mapping[str, int] | None:
    running = [wave for wave in reading.waves_of(survey) if wave.is_running]
    if not running:
        return None
    found = {"able": 0, "withheld": 0, "often": 0}
    if survey.audience is SurveyAudience.INTERNAL:
        return {**found, "able": len(_colleagues(session, running[-1], None, ()))}
    placed = _placed(survey, running[-1], contact, is_named=False).order_by(None).subquery()
    counts = select(placed.c.place, func.count()).group_by(placed.c.place)
    return {**found, **{row[0]: int(row[1]) for row in session.connection().execute(counts)}}


def counted(survey: SurveyRow, contact: Contact) -> Mapping[str, int] | None:
    """How many one could still ask in the wave that is running, by whether they may be asked; None without one, and in a list."""
    return neighbours(survey, _counted, contact) if is_alone(survey) else None


def _colleagues(
    session: Session, wave: WaveRow, among: Collection[int] | None, without: Collection[int]
) -> tuple[int, ...]:
    asked = select(_i.person_id).where(_i.wave_id == wave.id, _i.person_id.is_not(None))
    inside = (_p.role != Role.CUSTOMER) & _p.disabled_at.is_(None)
    wanted = select(_p.id).where(inside, _p.id.not_in(asked))
    out = set(without)
    found = session.connection().execute(wanted.order_by(_p.id)).scalars()
    return tuple(id for id in found if id not in out and (among is None or id in among))


def invite(
    session: Session,
    viewer: Viewer,
    uid: UUID,
    *,
    size: int | None = None,
    customers: Sequence[CustomerRow] | None = None,
    without: Collection[int] = (),
    contact: Contact | None = None,
) -> Invited:
    """Ask in a wave: `size` of all who may be asked by lot, or everybody who may; after an event those `customers`.

    `without` are the keys of those who are left out. Nobody is asked twice in a wave. Refuses NOT_FOUND, NOT_ALLOWED, INVALID.
    """
    contact = contact or Contact()
    wave = reading.wave_named(session, viewer, uid)
    survey = reading.survey_of(wave)
    _asking(session, viewer, survey.uid)
    refuse([*_misfits(survey, wave, size, customers), *_filled(session, survey, wave)])
    among = None if customers is None else [row.id for row in customers]
    found = reach(session, wave, contact, among=among, without=without)
    chosen: Sequence[int] = found.able
    if size is not None and wave.kind is InvitationKind.RANDOM:
        drawn = random.Random(wave.seed)  # noqa: S311  that it can be drawn again is what it is for
        chosen = sorted(drawn.sample(chosen, min(size, len(chosen))))
    _ask(session, survey, wave, chosen, contact)
    if chosen:
        activity.record(session, viewer.id, "survey.invited", "Survey", survey.uid)
    return Invited(_wave(session, wave.uid), len(chosen), found)


def _misfits(
    survey: SurveyRow, wave: WaveRow, size: int | None, customers: Sequence[CustomerRow] | None
) -> Iterable[Problem]:
    if wave.closes_at is not None and wave.closes_at <= clock.now():
        yield Problem("wave", "This wave is over.")
    if wave.kind is InvitationKind.SELF:
        yield Problem("wave", "To this one people come by themselves: spread its link.")
    if wave.kind is InvitationKind.RANDOM and not 1 <= (size or 0) <= LARGEST:
        yield Problem("size", f"Say how many are drawn, 1 to {LARGEST:,}.")
    if wave.kind is InvitationKind.EVENT and customers is None:
        yield Problem("customers", "Say to whom it happened.")
    if customers is not None and (wave.kind is not InvitationKind.EVENT or survey.audience is SurveyAudience.INTERNAL):
        yield Problem("customers", "Only after something happened are those asked to whom it did.")


def _filled(session: Session, survey: SurveyRow, wave: WaveRow) -> Iterable[Problem]:
    """Where silence is promised nobody is asked in a wave that was filled from elsewhere: less those answers it would tell of few."""
    theirs = select(_r.id).where(_r.wave_id == wave.id, _r.source.is_not(None)).limit(1)
    if survey.anonymity is not Anonymity.IDENTIFIED and session.connection().execute(theirs).first() is not None:
        yield Problem("wave", "This one holds answers that were brought in; ask in another wave.")


def _ask(session: Session, survey: SurveyRow, wave: WaveRow, ids: Sequence[int], contact: Contact) -> None:
    """Write one invitation for each, in one statement; a letter goes to customers and colleagues who have an address."""
    now = clock.now()
    is_inside = survey.audience is SurveyAudience.INTERNAL
    addressed = _addressed(session, ids) if contact.mails and not is_inside else set(ids if contact.mails else ())
    rows = [
        {
            "uid": clock.uid(),
            "wave_id": wave.id,
            "customer_id": None if is_inside else id,
            "person_id": id if is_inside else None,
            "kind": wave.kind,
            "answered": False,
            "created_at": now,
            "mail": MailState.QUEUED if id in addressed else None,
            "mail_due_at": max(now, wave.opens_at) if id in addressed else None,
            "mail_tries": 0,
        }
        for id in ids
    ]
    for some in range(0, len(rows), 5_000):
        session.connection().execute(insert(table_of(Invitation)), rows[some : some + 5_000])


def _addressed(session: Session, ids: Collection[int]) -> set[int]:
    wanted = select(_c.id).where(_c.email.is_not(None), _c.status == CustomerStatus.ACTIVE)
    return set(session.connection().execute(wanted).scalars()) & set(ids)


def after_meetings(session: Session, contact: Contact) -> int:
    """Ask those who met us, since a wave opened, where its survey asks how that was; answers how many. Run now and then."""
    surveys = table_of(Survey).c
    open_ones = reading.waves().join(table_of(Survey), surveys.id == _w.survey_id)
    running = (surveys.state == SurveyState.OPEN) & surveys.touchpoint_id.is_not(None) & (_w.opens_at <= clock.now())
    open_ones = open_ones.where(
        running, _w.kind == InvitationKind.EVENT, (_w.closes_at.is_(None)) | (_w.closes_at > clock.now())
    )
    asked = 0
    for wave in reading.read_waves(session, open_ones.order_by(_w.id)):
        survey = reading.survey_of(wave)
        at = (_met.touchpoint_id == survey.touchpoint_id) & (_met.at >= wave.opens_at)
        met = session.connection().execute(select(_met.customer_id).where(at).distinct()).scalars().all()
        able = reach(session, wave, contact, among=met).able
        _ask(session, survey, wave, able, contact)
        asked += len(able)
    return asked
