"""The forms by which customers are answered, and by which they reply."""

from starlette.requests import Request

from frontend.acting import Act
from frontend.addresses import Variables, page_of_list
from frontend.forms import Field, Inputs, Shape

ID = Field("id", needed=True)
SAID = (
    Field("heard", needed=True),
    Field("decision", Shape.CHOICE, needed=True),
    Field("why"),
    Field("audience", Shape.CHOICE),
    Field("practice.slug", Shape.ENTRY),
    Field("initiative.slug", Shape.ENTRY),
)
ANSWER = Inputs((Field("feedback", Shape.MANY, needed=True), *SAID))
OF_THEME = Inputs((Field("theme", Shape.CHOICE, needed=True), *SAID, Field("publish", Shape.YES, needed=True)))
REWRITTEN = Inputs((ID, Field("version", Shape.NUMBER), *SAID))
TOLD = Inputs((ID,))
REPLY = Inputs((Field("feedback", needed=True), Field("text", needed=True)))
BY_CODE = Inputs((Field("code", needed=True), Field("text", needed=True)))
REWARD = Inputs((Field("feedback", needed=True), Field("what", needed=True)))

ITEM = "/feedback/{id}"
ACTS = (
    Act(f"{ITEM}/answer", "loop/respond", ANSWER, f"{ITEM}?done=answered#answers", "voices/feedback"),
    Act(f"{ITEM}/reward", "loop/reward", REWARD, f"{ITEM}?done=rewarded#answers", "voices/feedback"),
    Act("/loop", "loop/respond", OF_THEME, "/loop/{response.id}?done=drafted", "loop/loop"),
    Act("/loop/{id}/edit", "loop/rewrite", REWRITTEN, "/loop/{id}?done=saved", "loop/answer"),
    Act("/loop/{id}/publish", "loop/publish", TOLD, "/loop/{id}?done=told-them", "loop/answer"),
    Act("/portal/reply", "loop/reply", REPLY, "/portal?done=replied", "loop/portal"),
    Act("/tell/answer/reply", "loop/reply_by_code", BY_CODE, "/tell/answer?done=replied", "tell/answer"),
)


def loop(request: Request) -> Variables:
    """A page of what was told; of drafts, late promises and figures there is more for colleagues, whom the API alone knows."""
    return page_of_list(request)
