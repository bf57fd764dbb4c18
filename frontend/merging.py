"""What a form sends when two wrote at once: a text in pieces with what was chosen for each clash, and boxes that nobody touched."""

import re
from collections.abc import Iterator, Sequence

from starlette.datastructures import FormData

PIECE = re.compile(r"(?P<field>[\w.-]+)~(?P<place>\d{1,4})(?:~(?P<part>yours|theirs|pick|own))?\Z")
"""`body~0` is a piece of the body as it stands; a clash has `body~1~yours`, `~theirs`, `~pick` and, in other words, `~own`."""


def joined(sent: FormData) -> FormData:
    """The form with every field in one piece; what was not in pieces stays as it is."""
    pieces: dict[str, dict[int, dict[str, str]]] = {}
    others: list[tuple[str, object]] = []
    for name, value in sent.multi_items():
        if match := PIECE.match(name):
            place = pieces.setdefault(match["field"], {}).setdefault(int(match["place"]), {})
            place[match["part"] or "own"] = str(value).replace("\r\n", "\n")
        else:
            others.append((name, value))
    whole = [(field, _joined([_chosen(places[at]) for at in sorted(places)])) for field, places in pieces.items()]
    return FormData([*others, *whole])  # type: ignore[list-item]


def touched(sent: FormData) -> FormData:
    """The form without the groups of boxes that are as they were shown, so that nobody else's choice is taken back unseen."""
    names = {name.removeprefix("shown.") for name in sent if name.startswith("shown.")}
    same = {
        name
        for name in names
        if sorted(filter(None, map(str, sent.getlist(name))))
        == sorted(filter(None, str(sent[f"shown.{name}"]).split(",")))
    }
    return FormData([(name, value) for name, value in sent.multi_items() if name not in same])


def _chosen(piece: dict[str, str]) -> str:
    """The words of one piece: those typed anew where there are any, else what was picked, and yours where nothing was."""
    if "pick" not in piece and "yours" not in piece:
        return piece.get("own", "")
    if piece.get("own", "").strip():
        return piece["own"]
    yours, theirs = piece.get("yours", ""), piece.get("theirs", "")
    return {"theirs": theirs, "both": _joined([yours, theirs])}.get(piece.get("pick", ""), yours)


def _joined(pieces: Sequence[str]) -> str:
    return "".join(_ended(pieces))


def _ended(pieces: Sequence[str]) -> Iterator[str]:
    """Each piece with the end of its line, unless nothing follows it."""
    filled = [piece for piece in pieces if piece]
    for number, piece in enumerate(filled, 1):
        yield piece if piece.endswith("\n") or number == len(filled) else piece + "\n"
