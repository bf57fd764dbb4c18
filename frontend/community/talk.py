"""The forms by which readers speak: what each does, and where one goes then."""

from frontend import inputs
from frontend.acting import Act
from frontend.forms import Inputs

ENTRY = "/entries/{slug}"
COMMENT = f"{ENTRY}/comments/{{id}}"
SAID = "#comment-{comment.id}"
HERE = "#comment-{id}"


def _on_comment(step: str, name: str, asked: Inputs, then: str) -> Act:
    """A form on the page of one comment, where one stays."""
    return Act(f"{COMMENT}/{step}", f"community/{name}", asked, f"{COMMENT}{then}", "community/comment")


def _on_entry(step: str, name: str, asked: Inputs) -> Act:
    """A button on the page of an entry, where one stays."""
    return Act(f"{ENTRY}/{step}", f"community/{name}", asked, f"{ENTRY}#useful", "entries/entry")


ACTS = (
    Act(f"{ENTRY}/comments", "community/speak", inputs.SPEAK, f"{ENTRY}?done=said{SAID}", "community/comments"),
    Act(COMMENT, "community/reply", inputs.REPLY, f"{COMMENT}?done=said{SAID}", "community/comment"),
    Act(f"{COMMENT}/remove", "community/remove", inputs.ONE, f"{ENTRY}/comments?done=unsaid", "community/comment"),
    _on_comment("edit", "mend", inputs.MEND, f"?done=saved{HERE}"),
    _on_comment("resolve", "resolve", inputs.ONE, "?done=settled"),
    _on_comment("reopen", "reopen", inputs.ONE, "?done=reopened"),
    _on_comment("hide", "hide", inputs.HIDE, "?done=hidden"),
    _on_comment("unhide", "unhide", inputs.ONE, "?done=unhidden"),
    _on_comment("react", "react", inputs.COMMENT_REACTION, HERE),
    _on_comment("unreact", "unreact", inputs.COMMENT_REACTION, HERE),
    _on_comment("flag", "raise", inputs.COMMENT_FLAG, "?done=flagged"),
    _on_entry("react", "react", inputs.REACTION),
    _on_entry("unreact", "unreact", inputs.REACTION),
    _on_entry("useful", "useful", inputs.USEFUL),
    Act(f"{ENTRY}/suggest", "community/suggest_edit", inputs.SUGGESTION, f"{ENTRY}?done=suggested", "community/suggest"),
    Act(f"{ENTRY}/suggestions/take", "community/take", inputs.TAKING, "/entries/{entry.slug}?done=taken", "community/suggestions"),
    Act(f"{ENTRY}/suggestions/decline", "community/decline", inputs.HIDE, f"{ENTRY}/suggestions?done=declined", "community/suggestions"),
    Act(f"{ENTRY}/flag", "community/raise", inputs.FLAG, f"{ENTRY}?done=flagged", "community/flag"),
    Act(f"{ENTRY}/flag/settle", "community/settle", inputs.SETTLEMENT, f"{ENTRY}/suggestions?done=dealt", "community/suggestions"),
    Act("/flags", "community/settle", inputs.SETTLEMENT, "/flags?done=dealt", "community/flags"),
    Act("/community/new", "community/post", inputs.POST, "/entries/{entry.slug}?done={entry.status}", "community/write"),
    Act(f"{ENTRY}/mend", "community/mend_post", inputs.MENDED, f"{ENTRY}?done={{entry.status}}", "community/own"),
    Act(f"{ENTRY}/accept", "community/accept", inputs.ACCEPTED, f"{ENTRY}?done=accepted#answer", "entries/entry"),
    Act(f"{ENTRY}/unaccept", "community/unaccept", inputs.ONE, f"{ENTRY}?done=undone", "entries/entry"),
    Act(f"{ENTRY}/hide", "community/hide_post", inputs.HIDE, f"{ENTRY}?done=hidden", "entries/entry"),
    Act(f"{ENTRY}/unhide", "community/unhide_post", inputs.ONE, f"{ENTRY}?done=unhidden", "entries/entry"),
    Act(f"{ENTRY}/take-up", "community/take_up", inputs.TAKEN_UP, "/feedback/{feedback.id}?done=taken-up", "entries/entry"),
    Act(f"{ENTRY}/begin", "community/begin", inputs.BEGUN, "/entries/{practice.slug}/edit?done=begun-practice", "entries/entry"),
    _on_comment("accept", "accept", inputs.ACCEPTED, "?done=accepted"),
    Act(f"{COMMENT}/take-up", "community/take_up", inputs.TAKEN_UP, "/feedback/{feedback.id}?done=taken-up", "community/comment"),
    Act(f"{COMMENT}/begin", "community/begin", inputs.BEGUN, "/entries/{practice.slug}/edit?done=begun-practice", "community/comment"),
)  # fmt: skip
