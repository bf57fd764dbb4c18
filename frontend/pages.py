"""Every page and every form of the product, each a row: the whole frontend on one screen."""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from frontend import acting, addresses, assets, atom, attaching, exploring, inputs, render, serving, sharing, theme
from frontend.acting import Act
from frontend.asking import Answer, Execute, dig, document
from frontend.attaching import Receive
from frontend.community import talk
from frontend.culture import forms as culture
from frontend.customers import knowing
from frontend.forms import Inputs, Trouble, Typed
from frontend.inbox import sorting
from frontend.initiatives import planning
from frontend.ladder import grid
from frontend.letters import leaving
from frontend.loop import answering
from frontend.manual import reading
from frontend.privacy import forms as privacy
from frontend.render import DemoPerson, Site
from frontend.scores import asked
from frontend.serving import Desk, Page, SignInFirst
from frontend.signing import login as render_login
from frontend.surveys import forms as surveys
from frontend.tell import forms as tell
from frontend.tour import leading
from frontend.vision import forms as vision

__all__ = [
    "Answer",
    "DemoPerson",
    "Execute",
    "Site",
    "error_page",
    "reader",
    "render_login",
    "render_password",
    "routes",
]

INSIDE = frozenset({"EMPLOYEE", "STEWARD", "LEADER", "ADMIN"})
CURATORS = INSIDE - {"EMPLOYEE"}
SIGNED_IN = INSIDE | {"CUSTOMER"}
ANYONE = SIGNED_IN | {""}

READER = "errors/reader"
PLACES = (
    ("Practices", "/practices"),
    ("Customers say", "/voices"),
    ("Vision", "/vision"),
    ("Community", "/community"),
    ("Your words", "/portal"),
    ("Me", "/me"),
)
PRACTICES, VOICES, VISION, COMMUNITY, PORTAL, ME = (path for _, path in PLACES)

# Where the navigation says one is, on a page of an entry of this kind.
HOMES = {
    **dict.fromkeys(("BEST_PRACTICE", "INSIGHT", "GUIDE"), PRACTICES),
    **dict.fromkeys(("INITIATIVE", "PRINCIPLE", "VISION"), VISION),
    **dict.fromkeys(("STORY", "QUESTION", "IDEA", "LESSON"), COMMUNITY),
}

# Path, document and template, title, place in the navigation, who may open it, variables, what must be there.
PAGES = (
    Page("/", "home/home", "", "", ANYONE),
    Page("/search", "search/search", "Search", "", ANYONE, addresses.search, fragment="results"),
    Page("/practices", "practices/practices", "Practices", PRACTICES, ANYONE, addresses.practices),
    # Entries.
    Page("/entries/new", "entries/write", "Write", "", INSIDE, addresses.write),
    Page("/entries/{slug}.md", "entries/source", "", "", ANYONE, addresses.slug, "entry", template="entries/source.md"),
    Page("/entries/{slug}", "entries/entry", "{entry.title}", "", ANYONE, addresses.entry, "entry"),
    Page("/entries/{slug}/edit", "entries/edit", "Edit: {entry.title}", "", INSIDE, addresses.slug, "entry", act="EDIT"),
    Page("/entries/{slug}/edit", "entries/conflict", "Two versions: {entry.title}", "", INSIDE, addresses.slug, "entry"),
    Page("/entries/{slug}/history", "revisions/history", "History: {entry.title}", "", INSIDE, addresses.history, "entry"),
    Page("/entries/{slug}/review", "revisions/review", "Review: {entry.title}", "", INSIDE, addresses.slug, "entry", within="entry.latest"),
    # What came of a practice or an initiative.
    Page("/entries/{slug}/outcome", "outcomes/outcome", "What came of it: {entry.title}", "", INSIDE, addresses.slug, "entry"),
    # Direction.
    Page("/vision", "vision/vision", "Vision", VISION, ANYONE),
    Page("/initiatives", "initiatives/initiatives", "Initiatives", VISION, INSIDE, planning.board),
    Page("/principles", "principles/principles", "Principles", VISION, ANYONE),
    # What customers say.
    Page("/voices", "voices/voices", "Customers say", VOICES, INSIDE, addresses.voices),
    Page("/feedback/{id}", "voices/feedback", "What a customer said", VOICES, INSIDE, addresses.feedback, "said"),
    # The community and its words.
    Page("/community", "community/community", "Community", COMMUNITY, ANYONE, addresses.community),
    Page("/tags", "tags/tags", "Tags", PRACTICES, ANYONE, addresses.tags),
    Page("/tags/{slug}", "tags/tag", "{tag.name}", PRACTICES, ANYONE, addresses.tag, "tag"),
    Page("/people/{id}", "people/one", "{colleague.name}", COMMUNITY, INSIDE, addresses.listed, "colleague"),
    # Reviews.
    Page("/reviews", "reviews/reviews", "Reviews", ME, INSIDE, addresses.reviews),
    Page("/entries/{slug}/verifier", "life/verifier", "Who verifies it: {entry.title}", "", INSIDE, addresses.slug, "entry"),
    Page("/series", "series/all", "Series", COMMUNITY, ANYONE, addresses.page_of_list),
    Page("/series/{slug}", "series/one", "{series.title}", COMMUNITY, ANYONE, addresses.series, "series"),
    Page("/templates", "templates/all", "Templates", "", CURATORS),
    Page("/templates/{kind}", "templates/one", "Template", "", CURATORS, addresses.template, "template"),
    # The reader, and programs.
    Page("/me", "me/me", "Me", ME, SIGNED_IN),
    Page("/notifications", "notifications/centre", "Notifications", "", SIGNED_IN, addresses.page_of_list),
    Page("/api", "api/explorer", "API", "", INSIDE),
    Page("/api/schema", "api/schema", "Everything the API knows", "", INSIDE, addresses.schema, "shown"),
    Page("/api/schema/{type}", "api/schema", "{shown.name}", "", INSIDE, addresses.schema, "shown"),
    # What readers say.
    Page("/entries/{slug}/comments", "community/comments", "Conversation: {entry.title}", "", ANYONE, addresses.within, "entry"),
    Page("/entries/{slug}/comments/{id}", "community/comment", "On {comment.entry.title}", "", ANYONE, addresses.one, "comment.entry"),
    Page("/entries/{slug}/suggest", "community/suggest", "Suggest: {entry.title}", "", SIGNED_IN, addresses.slug, "entry"),
    Page("/entries/{slug}/suggestions", "community/suggestions", "Suggested: {entry.title}", "", SIGNED_IN, addresses.slug, "entry"),
    Page("/entries/{slug}/flag", "community/flag", "What is wrong: {entry.title}", "", SIGNED_IN, addresses.slug, "entry"),
    Page("/search/beside", "search/beside", "What else fits", "", ANYONE, addresses.beside, fragment="beside"),
    Page("/search/why", "search/why", "Why this?", "", ANYONE, addresses.why, "entry", fragment="why"),
    Page("/gaps", "gaps/gaps", "Gaps", VOICES, INSIDE, addresses.gaps),
    Page("/synonyms", "synonyms/synonyms", "Words that mean the same", "", CURATORS),
    # What customers say, seen to.
    Page("/feedback", "inbox/inbox", "Inbox", VOICES, INSIDE, sorting.inbox),
    Page("/voices/similar", "voices/similar", "Said before", VOICES, INSIDE, addresses.similar, fragment="similar"),
    Page("/voices/listening", "voices/listening", "How we listen", VOICES, INSIDE, addresses.listening),
    Page("/tell", "tell/tell", "Tell us", "", ANYONE, open_door=True),
    Page("/tell/answer", "tell/answer", "What came of it", "", ANYONE, open_door=True),
    Page("/flags", "community/flags", "What readers find wrong", COMMUNITY, CURATORS, addresses.page_of_list),
    # Customers, one by one and in segments.
    Page("/customers/{id}", "customers/one", "{customer.name}", VOICES, INSIDE, privacy.why, "customer"),
    Page("/segments", "customers/segments", "Segments", VOICES, INSIDE, knowing.on_a_day),
    # The loyalty ladder.
    Page("/customers", "ladder/ladder", "Customers", VOICES, INSIDE, grid.variables),
    # Privacy.
    Page("/portal/data", "privacy/data", "My consent, my data", ME, SIGNED_IN),
    Page("/privacy", "privacy/desk", "Privacy", ME, frozenset({"ADMIN"}), privacy.desk),
    Page("/privacy/requests/{id}", "privacy/asked", "Asked of data", ME, frozenset({"ADMIN"}), privacy.one, "asked_for"),
    Page("/privacy/data.json", "privacy/export", "", "", SIGNED_IN, privacy.given, "dataExport", template="privacy/export.json"),
    # The loop: what was answered, and the customer's side of it.
    Page("/loop", "loop/loop", "You said, we did", VOICES, ANYONE, answering.loop),
    Page("/loop/{id}", "loop/answer", "An answer", VOICES, INSIDE, addresses.listed, "answer"),
    Page("/portal", "loop/portal", "What you told us", PORTAL, frozenset({"CUSTOMER"}), addresses.page_of_list),
    # Scores of surveys.
    Page("/scores", "scores/scores", "Scores", VOICES, INSIDE, asked.whom),
    Page("/scores/tile", "scores/tile", "The latest score", VOICES, INSIDE, fragment="tile"),
    Page("/scores/{id}.csv", "scores/table", "", "", INSIDE, addresses.one, "board", template="scores/table.csv"),
    Page("/scores/{id}", "scores/one", "{board.title}", VOICES, INSIDE, asked.one, "board"),
    Page("/voices/loyalty", "scores/loyalty", "Satisfied and loyal", VOICES, INSIDE, asked.loyalty),
    # Surveys: drawn up and asked, and answered by whoever has the link.
    Page("/surveys", "surveys/surveys", "Surveys", VOICES, INSIDE, addresses.page_of_list),
    Page("/surveys/new", "surveys/new", "Draw up a survey", VOICES, CURATORS - {"STEWARD"}),
    Page("/surveys/{id}", "surveys/one", "{survey.title}", VOICES, INSIDE, surveys.one, "survey"),
    Page("/surveys/{id}/edit", "surveys/edit", "Change it: {survey.title}", VOICES, INSIDE, surveys.one_alone, "survey"),
    # Initiatives: how they are planned, and what they are worth.
    Page("/entries/{slug}/plan", "initiatives/plan", "Plan: {entry.title}", VISION, INSIDE, addresses.slug, "entry"),
    Page("/entries/{slug}/planning", "initiatives/planning", "Plan it: {entry.title}", VISION, INSIDE, addresses.slug, "entry"),
    Page("/entries/{slug}/worth", "initiatives/worth", "What it is worth: {entry.title}", VISION, INSIDE, addresses.slug, "entry"),
    Page("/entries/{slug}/scores", "initiatives/scores", "Scores: {entry.title}", VISION, INSIDE, planning.scores, "entry"),
    Page("/s/{token}", "surveys/form", "A survey", "", ANYONE, surveys.token, open_door=True),
    # Thanks and who takes part; the digest by letter.
    Page("/culture", "culture/culture", "Thanks", COMMUNITY, SIGNED_IN, culture.culture),
    Page("/culture/tile", "culture/tile", "Thanks, in short", COMMUNITY, INSIDE, fragment="tile"),
    Page("/letters/{token}", "letters/leave", "Letters", "", ANYONE, leaving.token, open_door=True),
    # The vision, traced down to its evidence.
    Page("/vision/trace", "vision/trace", "The vision, traced", VISION, INSIDE),
    # The vision: its answers, what it takes for granted, who stands behind it, its versions, and what it says outside.
    Page("/entries/{slug}/answers/{step}", "vision/step", "Answers: {entry.title}", VISION, INSIDE, vision.step, "entry"),
    Page("/entries/{slug}/assumptions", "vision/assumptions", "Assumptions: {entry.title}", VISION, INSIDE, addresses.slug, "entry"),
    Page("/entries/{slug}/gaps", "vision/gaps", "What is missing: {entry.title}", VISION, INSIDE, addresses.slug, "entry"),
    Page("/entries/{slug}/behind", "vision/behind", "Who stands behind it: {entry.title}", VISION, INSIDE, addresses.slug, "entry"),
    Page("/entries/{slug}/versions", "vision/versions", "Versions: {entry.title}", VISION, INSIDE, vision.versions, "entry"),
    Page("/entries/{slug}/public", "vision/public", "Public part: {entry.title}", VISION, INSIDE, addresses.slug, "entry"),
    # Posts of the community, by colleagues and customers.
    Page("/community/new", "community/write", "Join in", COMMUNITY, SIGNED_IN, addresses.post),
    Page("/entries/{slug}/mend", "community/own", "Other words: {entry.title}", COMMUNITY, frozenset({"CUSTOMER"}), addresses.slug, "entry"),
    # The manual.
    Page("/help", "manual/contents", "Help", "", INSIDE, reading.looked_for),
    Page("/help/{name}", "manual/page", "{document.title}", "", INSIDE, reading.named, "document"),
)  # fmt: skip


def _followed(path: str, page: str, inputs: Inputs, again: str) -> tuple[Act, Act]:
    """The two forms by which something is followed and left, below an address; then one is on its page again."""
    then = f"{page}{'&' if '?' in page else '?'}done="
    return (
        Act(f"{path}/follow", "following/follow", inputs, f"{then}following", again),
        Act(f"{path}/unfollow", "following/unfollow", inputs, f"{then}unfollowed", again),
    )


# Path, mutation, what it asks, where one goes then, the page shown again with what is wrong.
ACTS = (
    Act("/entries/new", "entries/create", inputs.ENTRY, "/entries/{entry.slug}?done={entry.status}", "entries/write"),
    Act("/entries/{slug}/edit", "entries/update", inputs.REVISED, "/entries/{entry.slug}?done=saved", "entries/edit"),
    Act("/entries/{slug}/submit", "entries/submit", inputs.SUBMITTED, "/entries/{entry.slug}?done=submitted", "entries/entry"),
    Act("/entries/{slug}/approve", "entries/approve", inputs.APPROVAL, "/entries/{entry.slug}?done=approved", "entries/entry"),
    Act("/entries/{slug}/changes", "entries/changes", inputs.CHANGES, "/entries/{entry.slug}?done=changes", "entries/entry"),
    Act("/entries/{slug}/publish", "entries/publish", inputs.APPROVAL, "/entries/{entry.slug}?done=published", "entries/entry"),
    Act("/entries/{slug}/archive", "entries/archive", inputs.ONE, "/entries/{entry.slug}?done=archived", "entries/entry"),
    Act("/entries/{slug}/verify", "entries/verify", inputs.VERIFIED, "/entries/{entry.slug}?done=verified", "entries/entry"),
    Act("/entries/{slug}/progress", "initiatives/progress", inputs.PROGRESS, "/entries/{slug}?done=progress#progress", "entries/entry"),
    *planning.ACTS,
    Act("/entries/{slug}/detach", "voices/detach", inputs.ONE, "/entries/{slug}?done=detached#evidence", "entries/entry"),
    Act("/voices", "voices/record", inputs.SAID, "/feedback/{feedback.id}?done=recorded", "voices/voices"),
    Act("/feedback/{id}/attach", "voices/attach", inputs.EVIDENCE, "/feedback/{id}?done=attached", "voices/feedback"),
    Act("/me/tokens", "me/token", inputs.TOKEN, "", "me/me"),
    Act("/me/tokens/revoke", "me/revoke", inputs.ONE, "/me?done=revoked#tokens", "me/me"),
    Act("/me/sessions/revoke", "me/signoff", inputs.ONE, "/me?done=ended#sessions", "me/me"),
    # How things hang together.
    Act("/entries/{slug}/link", "links/link", inputs.LINK, "/entries/{slug}?done=linked#links", "entries/entry"),
    Act("/entries/{slug}/unlink", "links/unlink", inputs.LINK, "/entries/{slug}?done=unlinked#links", "entries/entry"),
    Act("/tags/{slug}/edit", "tags/update", inputs.TAG, "/tags/{tag.slug}?done=saved", "tags/tag"),
    Act("/tags/{slug}/merge", "tags/merge", inputs.MERGE, "/tags/{tag.slug}?done=merged", "tags/tag"),
    Act("/series", "series/create", inputs.SERIES, "/series/{series.slug}?done=begun", "series/all"),
    Act("/series/{slug}/edit", "series/update", inputs.SERIES_AGAIN, "/series/{series.slug}?done=saved", "series/one"),
    Act("/series/{slug}/add", "series/add", inputs.CHAPTER, "/series/{slug}?done=saved#chapters", "series/one"),
    Act("/series/{slug}/move", "series/move", inputs.MOVE, "/series/{slug}?done=saved#chapters", "series/one"),
    Act("/series/{slug}/remove", "series/remove", inputs.CHAPTER, "/series/{slug}?done=saved#chapters", "series/one"),
    Act("/templates/{kind}", "templates/save", inputs.TEMPLATE, "/templates/{kind}?done=saved", "templates/one"),
    Act("/templates/{kind}/reset", "templates/reset", inputs.OF_KIND, "/templates/{kind}?done=saved", "templates/one"),
    Act("/me/name", "me/profile", inputs.PROFILE, "/me?done=saved", "me/me"),
    *talk.ACTS,
    Act("/entries/{slug}/follow", "following/follow", inputs.FOLLOWED, "/entries/{slug}?done=following#follow", "entries/entry"),
    Act("/entries/{slug}/unfollow", "following/unfollow", inputs.FOLLOWED, "/entries/{slug}?done=unfollowed#follow", "entries/entry"),
    Act("/entries/{slug}/mute", "following/mute", inputs.FOLLOWED, "/entries/{slug}?done=muted#follow", "entries/entry"),
    Act("/entries/{slug}/share", "following/share", inputs.SHARE, "", "entries/entry"),
    Act("/entries/{slug}/share/revoke", "following/unshare", inputs.ONE, "/entries/{slug}?done=unshared#share", "entries/entry"),
    *_followed("/tags/{slug}", "/tags/{slug}", inputs.FOLLOWED_TAG, "tags/tag"),
    *_followed("/practices", "/practices", inputs.FOLLOWED_KIND, "practices/practices"),
    *_followed("/initiatives", "/initiatives", inputs.FOLLOWED_KIND, "initiatives/initiatives"),
    *_followed("/principles", "/principles", inputs.FOLLOWED_KIND, "principles/principles"),
    *_followed("/community/{kind}", "/community?kind={kind}", inputs.FOLLOWED_KIND, "community/community"),
    *_followed("/people/{id}", "/people/{id}", inputs.FOLLOWED_PERSON, "people/one"),
    *_followed("/people/{id}/group", "/people/{id}", inputs.FOLLOWED_GROUP, "people/one"),
    Act("/search/follow", "following/follow", inputs.SOUGHT, "/me?done=following#follows", "me/me"),
    Act("/me/unfollow", "following/unfollow", inputs.ONE, "/me?done=unfollowed#follows", "me/me"),
    Act("/me/feeds", "me/token", inputs.TOKEN, "", "me/me"),
    Act("/me/notifications", "notifications/settings", inputs.TOLD, "/me?done=told#notifications", "me/me"),
    Act("/notifications/read", "notifications/read", inputs.READ, "/notifications?done=read", "notifications/centre"),
    Act("/notifications/all", "notifications/read", inputs.ALL_READ, "/notifications?done=read", "notifications/centre"),
    Act("/entries/{slug}/schedule", "life/schedule", inputs.SCHEDULED, "/entries/{entry.slug}?done=scheduled", "entries/entry"),
    Act("/entries/{slug}/unschedule", "life/unschedule", inputs.ONE, "/entries/{entry.slug}?done=unscheduled", "entries/entry"),
    Act("/entries/{slug}/obsolete", "life/obsolete", inputs.REPLACED, "/entries/{entry.slug}?done=obsolete", "entries/entry"),
    Act("/entries/{slug}/verifier", "life/keeper", inputs.KEEPER, "/entries/{entry.slug}?done=keeper", "life/verifier"),
    Act("/reviews", "reviews/verify", inputs.MANY_VERIFIED, "", "reviews/reviews"),
    Act("/reviews/rules", "reviews/rule", inputs.RULE, "/reviews?done=rule#rules", "reviews/reviews"),
    # Revisions: earlier ones restored and named, the newest one reviewed.
    Act("/entries/{slug}/restore", "entries/restore", inputs.RESTORED, "/entries/{entry.slug}?done=restored", "revisions/history"),
    Act("/entries/{slug}/snapshot", "revisions/snapshot", inputs.SNAPSHOT, "/entries/{slug}/history?done=named", "revisions/history"),
    Act("/entries/{slug}/review/approve", "entries/approve", inputs.APPROVAL, "/entries/{entry.slug}?done=approved", "revisions/review"),
    Act("/entries/{slug}/review/changes", "entries/changes", inputs.CHANGES, "/entries/{entry.slug}?done=changes", "revisions/review"),
    # Uses and outcomes.
    Act("/entries/{slug}/use", "outcomes/use", inputs.USE, "/entries/{slug}?done=used#came-of-it", "entries/entry"),
    Act("/entries/{slug}/use/undo", "outcomes/unuse", inputs.ONE, "/entries/{slug}?done=undone#came-of-it", "entries/entry"),
    Act("/entries/{slug}/outcome", "outcomes/record", inputs.OUTCOME, "/entries/{slug}?done=outcome#came-of-it", "outcomes/outcome"),
    # What people look for.
    Act("/gaps/take", "gaps/take", inputs.TAKEN, "/entries/{entry.slug}/edit", "gaps/gaps"),
    Act("/gaps/answer", "gaps/answer", inputs.CLOSED, "/gaps?done=closed", "gaps/gaps"),
    Act("/search/await", "gaps/await", inputs.AWAITED, "/search?q={awaited.query}&done=awaited", "search/search", stays=True),
    Act("/me/await/undo", "gaps/let_be", inputs.ONE, "/me?done=undone#awaited", "me/me"),
    Act("/synonyms", "synonyms/set", inputs.SYNONYMS, "/synonyms?done=saved", "synonyms/synonyms"),
    *sorting.ACTS,
    *tell.ACTS,
    Act("/entries/{slug}/outcome/undo", "outcomes/withdraw", inputs.ONE, "/entries/{slug}/outcome?done=undone", "outcomes/outcome"),
    *knowing.ACTS,
    *grid.ACTS,
    *privacy.ACTS,
    *answering.ACTS,
    *surveys.ACTS,
    # Insights.
    Act("/entries/{slug}/assess", "insights/assess", inputs.ASSESSED, "/entries/{slug}?done=assessed", "entries/entry"),
    Act("/feedback/{id}/promote", "insights/promote", inputs.PROMOTED, "/entries/{insight.slug}?done=promoted", "voices/feedback"),
    Act("/scores/{id}/evidence", "voices/attach", inputs.FIGURE, "/entries/{entry.slug}?done=attached#evidence", "scores/one"),
    Act("/voices/promote", "insights/promote", inputs.PROMOTED_THEME, "/entries/{insight.slug}?done=promoted", "voices/voices"),
    Act("/entries/{slug}/cite", "voices/attach", inputs.CITED, "/entries/{slug}?done=attached#evidence", "entries/entry"),
    # Thanks, and the digest.
    *culture.ACTS,
    Act("/me/digest", "letters/choose", inputs.PACE, "/me?done=saved#letters", "me/me"),
    # The notice on everybody's home page.
    Act("/notice", "home/pin", inputs.NOTICE, "/?done=pinned", "home/home"),
    Act("/notice/down", "home/down", inputs.ONE, "/?done=unpinned", "home/home"),
    *vision.ACTS,
)  # fmt: skip


def routes(execute: Execute, site: Site, receive: Receive = attaching.nobody) -> list[Route]:
    """All addresses of the frontend. Refusals rise as HTTP errors, for the server to show by `error_page`.

    `receive` takes the file that a form brings.
    """
    desk = Desk(execute, site, {page.name: page for page in PAGES}, PLACES, HOMES)
    shown = [Route(page.path, partial(_show, desk, page)) for page in PAGES if page.name != "entries/conflict"]
    done = [Route(act.path, partial(_act, desk, act), methods=["POST"]) for act in ACTS]
    opened = {page.path for page in PAGES}
    back = [Route(act.path, partial(acting.back, desk, act)) for act in ACTS if act.path not in opened]
    others = [
        Route("/api", partial(exploring.run, desk), methods=["POST"]),
        Route("/theme", theme.choose, methods=["POST"]),
        Route(leading.PATH, partial(leading.lead, desk)),
        Route(sharing.PATH, partial(sharing.show, desk)),
        *(Route(feed.path, partial(atom.show, desk, feed)) for feed in atom.FEEDS),
        Route(attaching.PATH, partial(_attach, desk, receive), methods=["POST"]),
        Route(attaching.PATH, attaching.back),
        Route(leaving.PATH, partial(leaving.leave, desk), methods=["POST"]),
        assets.route(site.assets),
        reading.route(),
    ]
    return [*shown, *done, *back, *others]


def render_password(site: Site, request: Request, problems: Mapping[str, str]) -> Response:
    """The form that changes a password, as a page of its own: posts `current`, `new` to /me/password, and shows no word of either.

    `problems` are messages by field; any other key than those two is about the whole. Without problems the status is 200.
    """
    fields = ("current", "new")
    troubles = tuple(Trouble(name if name in fields else "", said) for name, said in problems.items())
    data = {
        "form": Typed("me/password", troubles=troubles, sent=True),
        "title": "Change your password",
        "viewer": None,
        "place": ME,
        "places": [(label, path) for label, path in PLACES if path not in (VOICES, PORTAL)],
    }
    whole = render.page(site, "me/password.html", {**render.surroundings(request), **data})
    return HTMLResponse(whole, 422 if problems else 200, {"cache-control": "no-store"})


async def reader(execute: Execute, request: Request) -> Mapping[str, object]:
    """Whose browser it is, for the frame of an error page; whoever brings no cookie is nobody, and costs no question."""
    if not request.cookies:
        return {"viewer": {"person": None}}
    return (await execute(document(READER), {}, request)).data or {}


def error_page(
    site: Site, request: Request, status: int, request_id: str, data: Mapping[str, object] | None = None
) -> Response:
    """What went wrong in words, what to do now, and the number to name when asking for help.

    `data` are those of `reader`. Without them, or for nobody, only the places are named that are open to anyone.
    """
    context = {
        **render.surroundings(request),
        **serving.allowed(PAGES, PLACES if site.anonymous or dig(data, "viewer.role") else (), data or {}),
        "status": status,
        "request_id": request_id,
        "title": f"{status}",
        "viewer": None,
        "place": "",
        **(data or {}),
    }
    return HTMLResponse(render.page(site, "errors/error.html", context), status)


async def _show(desk: Desk, page: Page, request: Request) -> Response:
    try:
        return await serving.show(desk, page, request)
    except SignInFirst:
        return serving.sign_in_first(request)


async def _attach(desk: Desk, receive: Receive, request: Request) -> Response:
    try:
        return await attaching.attach(desk, receive, request)
    except SignInFirst:
        return serving.sign_in_first(request)


async def _act(desk: Desk, act: Act, request: Request) -> Response:
    return await acting.act(desk, act, request)
