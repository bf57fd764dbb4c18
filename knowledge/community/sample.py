"""The conversation of the sample: what the invented firm's people say to one another, what a customer asks, and who answers."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session

from knowledge import people
from knowledge.community import appreciations, asking, promoting, reactions, speaking, votes
from knowledge.community.appreciations import Thanked
from knowledge.community.asking import Whom
from knowledge.community.comments import Comment
from knowledge.database import table_of
from knowledge.entries import EntryRow, by_slug
from knowledge.feedback import Feedback
from knowledge.people import OPERATOR, Viewer, viewer_for
from knowledge.words import CommentAudience, CultureValue, ReactionKind

INSIDE, READERS = CommentAudience.INSIDE, CommentAudience.READERS
PEOPLE = ("ines", "jonas", "margit", "rosa")


def converse(session: Session) -> None:
    """Have the sample's people talk about its entries; nothing happens where somebody has, or where they are not there."""
    at = {slug: by_slug(session, OPERATOR, slug) for slug in ("valve-to-the-front", "twenty-to-ten")}
    folk = {name: person for name in PEOPLE if (person := people.by_email(session, f"{name}@example.com"))}
    places = {slug: entry for slug, entry in at.items() if entry is not None and entry.sample}
    if len(places) < len(at) or len(folk) < len(PEOPLE) or _has_talked(session, places):
        return
    viewers = {name: viewer_for(person) for name, person in folk.items()}
    _about_the_valve(session, viewers, places["valve-to-the-front"])
    _about_the_story(session, viewers, places["twenty-to-ten"])
    _thank(session, viewers)
    _about_the_questions(session, viewers)


def _has_talked(session: Session, places: Mapping[str, EntryRow]) -> bool:
    on = table_of(Comment).c.entry_id.in_([entry.id for entry in places.values()])
    return session.connection().execute(select(table_of(Comment).c.id).where(on).limit(1)).first() is not None


def _about_the_valve(session: Session, by: Mapping[str, Viewer], entry: EntryRow) -> None:
    asked = speaking.comment(session, by["rosa"], entry, body=ASKED, quote="then with each regular visit")
    speaking.reply(session, by["ines"], asked, body=WHISPERED, audience=INSIDE)
    answered = speaking.reply(session, by["margit"], asked, body=ANSWERED, audience=READERS)
    speaking.reply(session, by["rosa"], answered, body=THANKED)
    reactions.react_to_comment(session, by["rosa"], answered, ReactionKind.THANKS)
    counted = speaking.comment(session, by["jonas"], entry, body=COUNTED, audience=INSIDE)
    speaking.resolve(session, by["margit"], counted.uid)
    votes.rate(session, by["rosa"], entry, True)


def _about_the_story(session: Session, by: Mapping[str, Viewer], entry: EntryRow) -> None:
    said = speaking.comment(session, by["jonas"], entry, body=LEARNED)
    reactions.react_to_comment(session, by["ines"], said, ReactionKind.SAME_HERE)
    reactions.react_to_entry(session, by["margit"], entry, ReactionKind.INSIGHTFUL)
    votes.rate(session, by["margit"], entry, True)


def _thank(session: Session, by: Mapping[str, Viewer]) -> None:
    """Thanks by each of the values, from colleagues and from the owner of a café."""
    for giver, to, value, text in (
        ("ines", "jonas", CultureValue.UNCOMPROMISING_INTEGRITY, TOLD),
        ("margit", "ines", CultureValue.EMOTIONAL_CONNECTIVITY, STAYED),
        ("rosa", "margit", CultureValue.UNLEASHED_CREATIVITY, DREW),
    ):
        appreciations.thank(session, by[giver], Thanked(person=by[to].uid), text=text, value=value, sample=True)


TOLD = "For writing down that we nearly rebuilt the sign-in for nothing. I would have kept quiet, and next time I will not."
STAYED = "You stayed on the line with the Copper Pot until the driver had left, and wrote it down for the rest of us."
DREW = "You came with my own sketch of the valve in your hand, and asked what I had measured."


def _about_the_questions(session: Session, by: Mapping[str, Viewer]) -> None:
    """One that a customer asks and that is answered, one upwards that waits, and an idea that is taken up."""
    grinder, upward, idea = (by_slug(session, OPERATOR, slug) for slug in QUESTIONS)
    if grinder is not None:
        speaking.comment(session, by["ines"], grinder, body=SHORTER, audience=READERS)
        answer = speaking.comment(session, by["margit"], grinder, body=CLEANED, audience=READERS)
        asking.accept(session, by["rosa"], answer.uid)
    margit = by["margit"].uid
    if upward is not None and margit is not None:
        asking.address(session, by["ines"], upward, Whom(person=margit))
    if idea is not None:
        said = promoting.to_feedback(session, by["jonas"], idea)
        session.get_one(Feedback, said.id).sample = True


QUESTIONS = ("how-do-you-clean-the-grinder", "may-support-order-a-replacement", "descaling-date-on-the-front")
SHORTER = "If the hopper is less than half full, leave it on and only brush the chute."
CLEANED = "Brush the chute and wipe the spout: five minutes. The burrs can wait until Monday, the spout cannot, you would taste it by noon."
ASKED = "Our regular visit was three weeks ago. Do we wait for the next one, or is there a day before that?"
WHISPERED = "The Blue Door measured the room behind the tray for us. @margit, could they not come first?"
ANSWERED = "You do not wait: you raised it, so you are among the first. Depot South rings you this week with a day."
THANKED = "That is good to know. Mornings before seven are best."
COUNTED = "The three seals that leak are from **one** delivery. The next delivery is tested before it is fitted."
LEARNED = "I have told this one at two handovers since. What stays with people is the time on the clock."
