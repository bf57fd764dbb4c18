"""What each verb is given, so that nothing but its cell decides what comes of it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from knowledge import clock
from knowledge.words import Audience, Kind
from schema.nodes import global_id
from tests.factories import DETAILS
from tests.schema.authorization.cells import Cell
from tests.schema.authorization.world import Thing, World

Inputs = Callable[[World, Thing, Cell], Mapping[str, Any]]


def given(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    """The input of a cell's mutation."""
    return INPUTS.get(cell.verb, of_entry)(world, thing, cell)


def of_entry(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    return {"id": thing.id}


def naming_entry(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    return {"entry": {"id": thing.id}}


def of_part(part: str, /, **more: Any) -> Inputs:
    return lambda world, thing, cell: {"id": thing.parts[part], **more}


def on_entry(**more: Any) -> Inputs:
    return lambda world, thing, cell: {"entry": {"id": thing.id}, **more}


def a_new_one(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    named = [world.group_id] if cell.audience is Audience.GROUP else []
    details = {
        Kind.BEST_PRACTICE: "practice",
        Kind.INSIGHT: "insight",
        Kind.VISION: "vision",
        Kind.PRINCIPLE: "principle",
    }
    detail = {details[cell.kind]: DETAILS[cell.kind]} if cell.kind in details else {}
    return {"kind": cell.kind, "title": "New", "audience": cell.audience, "audienceGroups": named, **detail}


def a_link(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    return {"from": {"id": thing.id}, "to": {"id": global_id(world.hub)}, "kind": "RELATED"}


def an_outcome(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    today = clock.now().date().isoformat()
    measured = {"metric": "Calls", "kind": "MEAN", "comparison": "NONE", "verdict": "TOO_EARLY"}
    return {"practice": {"id": thing.id}, "from": today, "to": today, **measured}


def in_nine_days() -> str:
    return (clock.now() + timedelta(days=9)).isoformat()


INPUTS: Mapping[str, Inputs] = {
    "createEntry": a_new_one,
    "updateEntry": lambda world, thing, cell: {"id": thing.id, "baseRevision": thing.number, "title": "Changed"},
    "requestChanges": lambda world, thing, cell: {"id": thing.id, "note": "Say when."},
    "scheduleEntry": lambda world, thing, cell: {"id": thing.id, "at": in_nine_days()},
    "obsoleteEntry": lambda world, thing, cell: {"id": thing.id, "successor": {"id": global_id(world.hub)}},
    "verifyEntries": lambda world, thing, cell: {"ids": [thing.id]},
    "setVerifier": lambda world, thing, cell: {"id": thing.id, "days": 30},
    "restoreRevision": lambda world, thing, cell: {"id": thing.id, "revision": 1, "baseRevision": thing.number},
    "nameSnapshot": lambda world, thing, cell: {"entry": thing.id, "revision": 1, "name": "First"},
    "linkEntries": a_link,
    "unlinkEntries": a_link,
    "attachEvidence": lambda world, thing, cell: {
        "entry": {"id": thing.id},
        "feedback": global_id(world.item),
        "stance": "CONTRADICTS",
    },
    "detachEvidence": of_part("evidence"),
    "assessInsight": lambda world, thing, cell: {"id": thing.id, "state": "UNTESTED"},
    "aimInsight": lambda world, thing, cell: {"id": thing.id, "themes": []},
    "postProgress": lambda world, thing, cell: {
        "initiative": {"id": thing.id}, "health": "ON_TRACK", "summary": "It goes well."},
    "planInitiative": lambda world, thing, cell: {"initiative": {"id": thing.id}, "sponsor": None},
    "measureInitiative": lambda world, thing, cell: {"initiative": {"id": thing.id}, "questions": []},
    "addMilestone": lambda world, thing, cell: {
        "initiative": {"id": thing.id}, "title": "The drawing is settled", "due": "2027-01-31"},
    "changeScope": lambda world, thing, cell: {
        "initiative": {"id": thing.id}, "from": "A kit for all", "to": "A kit for some", "why": "One visit is enough."},
    "moveInitiative": lambda world, thing, cell: {"initiative": {"id": thing.id}, "status": "PLANNED"},
    "raiseIssue": lambda world, thing, cell: {
        "initiative": {"id": thing.id}, "title": "The seal leaks", "severity": "HIGH"},
    "updateAttachment": of_part("file", name="map.txt"),
    "removeAttachment": of_part("file"),
    "recordUse": lambda world, thing, cell: {"practice": {"id": thing.id}, "result": "WORKED"},
    "withdrawUse": of_part("use"),
    "recordOutcome": an_outcome,
    "withdrawOutcome": of_part("outcome"),
    "comment": on_entry(body="Is it?"),
    "comment in reply": lambda world, thing, cell: {"parent": thing.parts["comment"], "body": "Is it?"},
    "updateComment": of_part("comment", body="So it was."),
    "removeComment": of_part("comment"),
    "resolveComment": of_part("comment"),
    "reopenComment": of_part("settled"),
    "hideComment": of_part("comment", reason="Rude."),
    "unhideComment": of_part("hidden"),
    "react": on_entry(kind="LIKE"),
    "react to comment": lambda world, thing, cell: {"comment": thing.parts["comment"], "kind": "LIKE"},
    "unreact": on_entry(kind="LIKE"),
    "rateEntry": on_entry(useful=True),
    "suggestEdit": lambda world, thing, cell: {
        "entry": {"id": thing.id}, "baseRevision": thing.shown, "title": "Better"},
    "takeSuggestion": of_part("suggestion"),
    "declineSuggestion": of_part("suggestion", reason="It is right."),
    "flag": on_entry(reason="WRONG"),
    "flag comment": lambda world, thing, cell: {"comment": thing.parts["comment"], "reason": "INAPPROPRIATE"},
    "settleFlag": of_part("flag", outcome="DISMISSED"),
    "follow": naming_entry,
    "unfollow": naming_entry,
    "muteEntry": naming_entry,
    "createShareLink": naming_entry,
    "revokeShareLink": of_part("link"),
    "addChapter": lambda world, thing, cell: {"series": world.series, "entry": {"id": thing.id}},
    "moveChapter": lambda world, thing, cell: {
        "series": thing.parts["series"], "entry": {"id": thing.id}, "position": 1},
    "removeChapter": lambda world, thing, cell: {"series": thing.parts["series"], "entry": {"id": thing.id}},
    "hidePost": lambda world, thing, cell: {"id": thing.id, "reason": "It names somebody."},
    "acceptAnswer": lambda world, thing, cell: {"comment": thing.parts["comment"]},
    "promoteToFeedback": naming_entry,
    "promoteToPractice": on_entry(title="Ring first"),
}  # fmt: skip
"""By verb; the rest names an entry and nothing more."""
