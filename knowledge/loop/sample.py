"""How the sample's company answered: what it promised about the valve, what it did, and what it will not do."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, people
from knowledge.contacts import Contact
from knowledge.database import read, table_of
from knowledge.entries import EntryRow, by_slug
from knowledge.feedback import items, themes
from knowledge.feedback.crowd import VALVE
from knowledge.feedback.items import Feedback, FeedbackRow
from knowledge.loop import answering, replies
from knowledge.loop.answering import Said, Subject
from knowledge.loop.responses import LoopResponse
from knowledge.people import OPERATOR, Viewer, viewer_for
from knowledge.words import Audience, Decision, LoopKind, Role

SUGGESTED = "f-006"
"""A customer wants the descaling valve at the front."""

CONTRADICTED = "f-005"
STILL = "You write that it is done. Ours still leaks: a saucer a day, on my side of the counter."
"""Who hears that the valve is at the front, and does not find it so."""

ANSWERS: tuple[tuple[int, Said], ...] = (
    (
        4,
        {
            "heard": "You would descale every week if the valve were at the front. You measured that there is room.",
            "decision": Decision.WILL_DO,
            "why": "Eleven of you told us the same. The next machines get it.",
        },
    ),
    (
        41,
        {
            "heard": "The descaling valve is hard to reach behind the machine.",
            "decision": Decision.DONE,
            "why": "Since October it is at the front, behind the drip tray, where you said there was room.",
            "audience": Audience.CUSTOMERS,
        },
    ),
)
"""After how many days what was said to it."""

D = Decision
WORDS: tuple[tuple[int, int, Decision, str, str], ...] = (
    (2, 20, D.WILL_DO, "Das Ventil ist an der Wand nicht zu erreichen.",
     "Bis die neue Maschine da ist, kommt zum Entkalken jemand von uns, ohne Rechnung."),
    (5, 34, D.WILL_DO, "Seven, and nine if the valve could be reached.",
     "The kit that puts it at the front comes to you with the first forty."),
    (7, 30, D.WILL_DO, "The valve is against the panelling, and we scratched it.",
     "We repair the panelling, and your two machines are among the first with the valve at the front."),
    (8, 30, D.WILL_DO, "Every third call-out was scale, because nobody reaches the valve.",
     "The valve moves to the front. Until then descaling is written down as descaling."),
    (10, 6, D.WILL_DO, "Le robinet est inaccessible, et quelqu'un s'est brûlé deux fois.",
     "Le kit qui met le robinet à l'avant sera posé chez vous en premier."),
    (13, 26, D.WILL_DO, "You need a mirror to see the valve.",
     "You had put the machine the right way round, and we had not. The next ones have it at the front."),
    (19, 46, D.DONE, "The app asks the night shift to sign in again, and nobody said that it had been read.",
     "Jonas comes to you and stays until it is found. You are the only house that has it, and you are answered like all others."),
    (35, 90, D.DONE, "We repaired four times what should have been replaced.",
     "After a third failure another machine comes before anybody asks. It comes too late for you, and we are sorry."),
    (39, 22, D.DONE, "The machine that came instead leaks as well.",
     "Both were collected the next morning, and one that was tested for a day stands in their place."),
    (42, 47, D.DONE, "Dreimal angerufen, dreimal von vorne erzählt.",
     "Wer einen Anruf annimmt, behält ihn jetzt, bis er gelöst ist."),
    (47, 40, D.WILL_DO, "Eine Stunde vorher anrufen.", "Ab Dezember rufen alle Fahrer vorher an."),
    (48, 20, D.WILL_DO, "Sales promises the morning, and planning gives the whole day.",
     "From December sales sees the hours that planning has, and promises no others."),
    (54, 90, D.WILL_DO, "A card inside the door with the five things the night shift needs.",
     "We print it, and it comes laminated with the next visit."),
    (55, 5, D.DONE, "Forty people at half past ten, all at once.",
     "You have both machines' figures for forty cups, and a morning to try them with your own people."),
    (56, 44, D.DONE, "What goes wrong first when one opens a café.",
     "You have our list of the first ninety days, and Ines rings in February."),
    (57, 47, D.WILL_NOT, "Machines for weddings.",
     "One that travels needs somebody with it who knows it, and on Saturdays there is nobody."),
    (58, 30, D.WILL_NOT, "Tanks, and no water line.",
     "Ours need the line. You have the name of somebody who builds for carts, and builds well."),
    (59, 100, D.WILL_DO, "Four tested machines on the shelf of each depot.", "Two at South to begin with, four at North."),
    (60, 23, D.DONE, "Engineering did not answer a depot.",
     "The size went out the same day. Depots have the hours for a reply that hotels have."),
)  # fmt: skip
"""Which of them were answered, after how many hours, with what decision, what was heard, and why."""

_f, _r = table_of(Feedback).c, table_of(LoopResponse).c


def answer(session: Session) -> None:
    """Answer it; nothing where that has been done, or where the sample is not there."""
    activity.hush(session)
    there = session.connection().execute(select(_r.id).where(_r.sample).limit(1)).first()
    wanted = items.everything().where(_f.sample, _f.external_id == SUGGESTED)
    found = read(session, FeedbackRow, wanted)
    author = people.by_email(session, "margit@example.com")
    if there is not None or not found or author is None:
        return
    (item,), viewer = found, viewer_for(author)
    initiative = by_slug(session, OPERATOR, "valve-to-the-front")
    for days, said in ANSWERS:
        with clock.held(min(item.received_at + timedelta(days=days), clock.now())):
            drafted = answering.draft(session, viewer, Subject([item]), {**said, "initiative": initiative}, sample=True)
            answering.publish(session, viewer, drafted.uid, Contact())
    _tell_all(session, viewer, initiative)
    _answer_others(session)
    _reply(session)
    _begin_another(session)


def _tell_all(session: Session, viewer: Viewer, initiative: EntryRow | None) -> None:
    """What became of the valve is told to everybody who spoke of it, whether they asked or not."""
    row = themes.by_key(session, viewer, VALVE)
    if row is None:
        return
    said: Said = {
        "heard": "Many of you cannot reach the valve, and so you do not descale.",
        "decision": Decision.DONE,
        "why": "The valve is at the front now. Machines that stand with you already get the kit with the next visit.",
        "loop": LoopKind.OUTER,
        "initiative": initiative,
    }
    with clock.held(clock.now() - timedelta(days=2)):
        drafted = answering.draft(session, viewer, Subject(theme=row), said, sample=True)
        answering.publish(session, viewer, drafted.uid, Contact())


def _answer_others(session: Session) -> None:
    author = people.by_email(session, "ines@example.com")
    found = {row.external_id: row for row in read(session, FeedbackRow, items.everything().where(_f.sample))}
    if author is None:
        return
    for number, hours, decision, heard, why in WORDS:
        item = found.get(f"f-{number:03}")
        if item is None:
            continue
        with clock.held(min(item.received_at + timedelta(hours=hours), clock.now())):
            said: Said = {"heard": heard, "decision": decision, "why": why}
            drafted = answering.draft(session, viewer_for(author), Subject([item]), said, sample=True)
            answering.publish(session, viewer_for(author), drafted.uid, Contact())


def _reply(session: Session) -> None:
    """One of those who were told that it is done says that it is not, and what they said first is open again."""
    found = read(session, FeedbackRow, items.everything().where(_f.sample, _f.external_id == CONTRADICTED))
    for item in found:
        with clock.held(clock.now() - timedelta(days=1)):
            replies.reply(session, Viewer(role=Role.CUSTOMER, customer_id=item.customer_id), item.uid, STILL)


def _begin_another(session: Session) -> None:
    """A draft to several at once, of which nobody has been told yet."""
    spoken = items.everything().where(_f.sample, _f.verbatim.ilike("%descal%")).order_by(_f.id).limit(6)
    rows, author = read(session, FeedbackRow, spoken), people.by_email(session, "ines@example.com")
    if author is None or not rows:
        return
    said: Said = {
        "heard": "Descaling takes two people and half an hour.",
        "decision": Decision.WILL_DO,
        "why": "Whoever has a machine of the old kind gets a longer key for the valve, free of charge.",
        "loop": LoopKind.OUTER,
    }
    answering.draft(session, viewer_for(author), Subject(rows), said, sample=True)
