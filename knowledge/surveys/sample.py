"""What the sample's company asks now: its people unnamed, and one customer after a visit."""

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, customers, people
from knowledge.database import table_of
from knowledge.people import OPERATOR, Person, viewer_for
from knowledge.privacy import consents
from knowledge.surveys import bank, inviting, writing
from knowledge.surveys.survey import Survey
from knowledge.words import ConsentPurpose, InvitationKind


def ask(session: Session) -> None:
    """Ask; nothing where that has been done, or where the sample is not there."""
    activity.hush(session)
    surveys, person = table_of(Survey).c, table_of(Person).c
    there = session.connection().execute(select(surveys.id).where(surveys.sample).limit(1)).first()
    author, guest = people.by_email(session, "margit@example.com"), people.by_email(session, "rosa@example.com")
    if there is not None or author is None or guest is None:
        return
    viewer = viewer_for(author)
    others = session.connection().execute(select(person.id).where(person.sample.is_(False))).scalars().all()
    pulse = writing.create(session, viewer, bank.shipped("trust-colleagues").said, sample=True)
    writing.open(session, viewer, pulse.uid)
    wave = inviting.open_wave(session, viewer, pulse.uid, {"kind": InvitationKind.CENSUS})
    inviting.invite(session, viewer, wave.uid, without=others)
    customer = customers.by_ids(session, OPERATOR, [guest.customer_id]).get(guest.customer_id)
    visit = writing.create(session, viewer, bank.shipped("after-a-visit").said, sample=True)
    writing.open(session, viewer, visit.uid)
    wave = inviting.open_wave(session, viewer, visit.uid, {"kind": InvitationKind.EVENT})
    if customer is not None:
        consents.say(session, OPERATOR, customer, ConsentPurpose.SURVEY, True)
        inviting.invite(session, viewer, wave.uid, customers=[customer])
