"""The documents that the API explorer offers to begin with; each of them runs as it stands."""

import json
from dataclasses import dataclass

from frontend.asking import text


@dataclass(frozen=True)
class Example:
    """A title, the document, and its variables as JSON."""

    title: str
    document: str
    variables: str


CALL_BACK = {"kind": "BEST_PRACTICE", "title": "Call back the same day", "practice": {"problem": "A customer waits."}}
EXAMPLES: dict[str, tuple[str, dict[str, object]]] = {
    "search": ("Find a practice for a problem", {"query": "angry customer wants refund"}),
    "practices": ("The newest practices with their evidence", {"first": 5}),
    "voices": ("What customers said, and what it is evidence on", {"first": 10}),
    "chain": ("From a complaint to who was told, in one query", {"slug": "descaling-valve-out-of-reach"}),
    "vision": ("The vision and what carries it out", {}),
    "write": ("Write a practice", {"input": CALL_BACK}),
    "live": ("Hear of entries as they change", {}),
    "story": (
        "The story of the demonstration, all of it",
        {"looked": "angry customer wants refund", "insight": "descaling-valve-out-of-reach"},
    ),
    "record": ("Record what a customer said", {"input": {"verbatim": "Nobody called me back.", "channel": "PHONE"}}),
}


def all_of_them() -> dict[str, Example]:
    """By their keys in an address."""
    return {
        key: Example(title, text(f"api/examples/{key}.graphql"), json.dumps(variables, indent=2) if variables else "")
        for key, (title, variables) in EXAMPLES.items()
    }
