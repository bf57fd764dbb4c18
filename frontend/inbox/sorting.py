"""The forms by which what customers said is sorted, given to somebody, joined and settled."""

from starlette.requests import Request

from frontend.acting import Act
from frontend.addresses import Variables, page_of_list
from frontend.forms import Field, Inputs, Shape

QUEUES = ("NEW", "MINE", "WAITING", "OVERDUE")

ID = Field("id", needed=True)
SORTED = Inputs(
    (
        ID,
        Field("version", Shape.NUMBER),
        *(Field(name, Shape.CHOICE) for name in ("kind", "severity", "sentiment", "aspect")),
        Field("attributes", Shape.MANY),
        Field("status", Shape.CHOICE),
        Field("note"),
    ),
    blank_clears=True,
    shaped=lambda asked: {name: value for name, value in asked.items() if name != "status" or value},
)
CONFIRMED = Inputs((ID, Field("confirmSentiment", Shape.YES)))
GIVEN = Inputs((ID, Field("person", Shape.CHOICE), Field("group", Shape.CHOICE)))
MOVED = Inputs(
    (
        ID,
        Field("version", Shape.NUMBER),
        Field("stage", Shape.CHOICE, needed=True),
        *(Field(name) for name in ("decision", "rootCause", "actionTaken", "noneFound", "note")),
    ),
    blank_clears=True,
)
TIMES = Inputs(
    (Field("kind", Shape.CHOICE, needed=True), Field("hours", Shape.NUMBER), Field("acknowledgeHours", Shape.NUMBER))
)
JOINED = Inputs((ID, Field("into", Shape.CHOICE, needed=True)))
APART = Inputs((ID,))
THEMES = Inputs((ID, Field("themes", Shape.TAGS, needed=True)))

RELAY = Inputs((Field("relay", needed=True),))

OTHERS = (Field("question", needed=True), Field("size", Shape.NUMBER), Field("segment", Shape.CHOICE))
OF_ITEM = Inputs((Field("feedback", needed=True), *OTHERS))
OF_THEME = Inputs((Field("theme", needed=True), *OTHERS))

ITEM = "/feedback/{id}"
ACTS = (
    Act(f"{ITEM}/triage", "inbox/triage", SORTED, f"{ITEM}?done=sorted#triage", "voices/feedback"),
    Act(f"{ITEM}/confirm", "inbox/triage", CONFIRMED, f"{ITEM}?done=sorted#triage", "voices/feedback"),
    Act(f"{ITEM}/assign", "inbox/assign", GIVEN, f"{ITEM}?done=given#triage", "voices/feedback"),
    Act(f"{ITEM}/complaint", "inbox/complaint", MOVED, f"{ITEM}?done=stepped#complaint", "voices/feedback"),
    Act(f"{ITEM}/merge", "inbox/merge", JOINED, f"{ITEM}?done=joined#alike", "voices/feedback"),
    Act(f"{ITEM}/unmerge", "inbox/unmerge", APART, f"{ITEM}?done=apart#alike", "voices/feedback"),
    Act(f"{ITEM}/themes", "inbox/themes", THEMES, f"{ITEM}?done=themed#themes", "voices/feedback"),
    Act("/voices/relay", "following/follow", RELAY, "/voices/listening?done=following#relay", "voices/listening"),
    Act(
        "/voices/relay/stop", "following/unfollow", RELAY, "/voices/listening?done=unfollowed#relay", "voices/listening"
    ),
    Act(f"{ITEM}/ask", "voices/ask", OF_ITEM, f"{ITEM}?done=asked#others", "voices/feedback"),
    Act("/voices/ask", "voices/ask", OF_THEME, "/voices?done=asked", "voices/voices", stays=True),
    Act("/feedback/times", "inbox/times", TIMES, "/feedback?done=times#times", "inbox/inbox"),
)


def inbox(request: Request) -> Variables:
    """The queue that is wanted, and a page of it."""
    asked = request.query_params.get("queue", "").upper()
    return {"queue": asked if asked in QUEUES else QUEUES[0], **page_of_list(request)}
