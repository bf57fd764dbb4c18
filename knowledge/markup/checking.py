"""Refuses, in one pass over the lines, Markdown that no author writes and that would stall the renderer.

The renderer rescans a paragraph for every opening bracket, copies it for every mark it replaces, and parses a
nested block once more for each level; `effort` adds that up for every piece of text that is scanned as a whole.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from knowledge.errors import Invalid, TooLarge

CHARACTERS = 256 * 1024
LINE = 20_000
HEADINGS = 500
UNCLOSED = 200
DEPTH = 20
NOTES = 300
FENCES = 500
LINES = 10_000
EFFORT = 850_000
"""In microseconds, as measured on a slow machine; what passes is rendered within a second."""

FENCE = re.compile(r"(`{3,}+|~{3,}+) *+\{? *+\.?([\w#+-]*+)[^`~\n]*+")
MARKERS = re.compile(r"(?:[ ]*(?:>|[-+*](?= |$)|\d+\.(?= |$)))+")
MARKER = re.compile(r">|[-+*]|\d+\.")
RULE = re.compile(r" {0,3}(?:-(?: {0,2}-){2,}+|_(?: {0,2}_){2,}+|\*(?: {0,2}\*){2,}+) *$")
HEADING = re.compile(r"[ >*+\-\d.]*+#|[ >]*+(?:=++|-++) *$")
BREAK = re.compile(r"[ >*+\-\d.]*+(?:#|!!!)|[ >*+\-=_]*+$")
REFERENCE = re.compile(r" {0,3}\[[^\[\]]++\]: *+\S++ *+(?:\"[^\"]*\"|'[^']*'|\([^)]*\))? *$")
ITEM = re.compile(r" {0,7}(?:([-+*])|\d++\.) ++(?=.*\w)")
SEPARATOR = re.compile(r"(?=[^-]*+-)[ >*+\d.:|-]*+$")
BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
PLAIN_TARGET = re.compile(r"\]\([^()'\"\\`<>]*\)")
QUOTE = re.compile(r"[\"'(]")
TICKS = re.compile(r"`+")
MARK = re.compile(r"[*_`\\<&\[|]")
FORMAT = re.compile(r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block of code: from the line that opens it to the line that closes it, both included."""

    first: int
    last: int
    language: str


def lines(source: str) -> list[str]:
    """Split as the renderer does: tabs become spaces, and its own two control characters go."""
    clean = source.replace("\x02", "").replace("\x03", "").replace("\r\n", "\n").replace("\r", "\n")
    return [line if line.strip(" ") else "" for line in clean.expandtabs(4).split("\n")]


def fences(text: Sequence[str]) -> Iterator[Fence]:
    """The fenced blocks that are closed, in order; a fence that nobody closes is ordinary text."""
    closing: dict[str, list[int]] = {}
    for number in range(len(text) - 1, -1, -1):
        if text[number].startswith(("```", "~~~")):
            closing.setdefault(text[number].rstrip(" "), []).append(number)
    end = -1
    for number, line in enumerate(text):
        if number <= end or not (found := FENCE.fullmatch(line)):
            continue
        candidates = closing.get(found[1], [])
        while candidates and candidates[-1] <= number:
            candidates.pop()
        if candidates:
            end = candidates[-1]
            yield Fence(number, end, found[2].lower())


def check(source: str, *, field: str = "body") -> float:
    """About how many microseconds rendering takes at worst; costs a tenth of that.

    Refuses by `TooLarge` or `Invalid` on `field` what would take too long.
    """
    if len(source) > CHARACTERS:
        raise TooLarge(f"The text is longer than {CHARACTERS // 1024} kB.", field)
    if "\0" in source:
        raise Invalid("The text contains a null character.", field)
    cost, reason = _judged(source)
    if reason:
        raise TooLarge(reason, field)
    return cost


@lru_cache(maxsize=32)
def _judged(source: str) -> tuple[float, str]:
    """What a text costs, or why it is refused; remembered, since whatever is written is checked, and again as it is rendered."""
    text = lines(source)
    blocks = list(fences(text))
    prose = outside(blocks, text)
    if len(blocks) > FENCES:
        return 0.0, f"There are more than {FENCES} blocks of code."
    for reason in excesses(prose):
        return 0.0, reason
    cost = effort(prose)
    too_much = "There is too much markup in one piece of text; divide it by blank lines, or the entry in two."
    return cost, too_much if cost > EFFORT else ""


def outside(blocks: list[Fence], text: list[str]) -> list[str]:
    """The lines with every fenced block replaced by an empty line."""
    prose, start = [], 0
    for fence in blocks:
        prose += [*text[start : fence.first], ""]
        start = fence.last + 1
    return prose + text[start:]


def excesses(prose: list[str]) -> Iterator[str]:
    """The single bounds that the text exceeds, in words."""
    if any(len(line) > LINE for line in prose):
        yield f"A line is longer than {LINE:,} characters."
    if sum(bool(line) for line in prose) > LINES:
        yield f"There are more than {LINES:,} lines."
    if count(HEADING, prose) + count(RULE, prose) > HEADINGS:
        yield f"There are more than {HEADINGS} headings and rules."
    if any(nesting(line) > DEPTH for line in prose):
        yield f"Lists and quotes are nested more than {DEPTH} deep."
    if sum(line.count("[^") for line in prose) > NOTES:
        yield f"There are more than {NOTES} footnotes."
    if sum(opened(piece)[0] for piece in pieces(prose)) > UNCLOSED:
        yield f"More than {UNCLOSED} brackets are not closed."


def count(pattern: re.Pattern[str], prose: Iterable[str]) -> int:
    return sum(pattern.match(line) is not None for line in prose)


def nesting(line: str) -> int:
    """How deep the markers that open a line reach; a rule made of spaced dashes is flat."""
    found = MARKERS.match(line)
    if not found or RULE.match(line):
        return 0
    return len(MARKER.findall(found[0])) + (len(line) - len(line.lstrip(" "))) // 4


def blocks(prose: list[str]) -> Iterator[list[str]]:
    """The runs of lines between empty lines."""
    return (list(block) for filled, block in groupby(prose, bool) if filled)


def pieces(prose: list[str]) -> Iterator[str]:
    """The texts that the renderer scans as a whole: paragraphs, but the items of plain lists and rows of tables singly."""
    for block in blocks(prose):
        if is_plain_list(block) or is_table(block):
            yield from block
        else:
            yield "\n".join(block)


def is_plain_list(block: list[str]) -> bool:
    """Every line is an item and all have the same kind of marker, so that no two lines can end in one paragraph."""
    found = [ITEM.match(line) for line in block]
    return all(found) and len({each[1] is None for each in found if each}) == 1


def is_table(block: list[str]) -> bool:
    """A header and a separator with as many columns, without anything that hides a bar."""
    if len(block) < 2 or not SEPARATOR.match(block[1]) or any(hidden in block[0] for hidden in "`\\"):
        return False
    columns = [len(row.strip(" ").removeprefix("|").removesuffix("|").split("|")) for row in block[:2]]
    return columns[0] == columns[1] > 1 and not block[0].startswith("    ")


def opened(piece: str) -> tuple[int, int]:
    """How many brackets stay open in a text, and over how many characters all brackets together are open."""
    if "[" not in piece:
        return 0, 0
    hidden = spans(piece)
    stack: list[int] = []
    reach = 0
    for found in BRACKET.finditer(piece):
        at = found.start()
        while hidden and hidden[-1][1] <= at:
            hidden.pop()
        veiled, certain = (hidden[-1][0] < at, hidden[-1][2]) if hidden else (False, False)
        if found[0] == "[" and not (veiled and certain):
            stack.append(at)
        elif found[0] == "]" and stack and not veiled:
            reach += at - stack.pop()
    return len(stack), reach + sum(len(piece) - start for start in stack)


def spans(piece: str) -> list[tuple[int, int, bool]]:
    """Where code hides brackets, last first: from, to, and whether it certainly does; else all between the outer ticks may."""
    runs = [(found.start(), found.end()) for found in TICKS.finditer(piece)]
    result: list[tuple[int, int, bool]] = []
    upcoming: dict[int, list[int]] = {}
    for start, end in reversed(runs):
        upcoming.setdefault(end - start, []).append(start)
    after, escaped = 0, "\\`" in piece
    for start, end in runs:
        if start < after:
            continue
        ahead = upcoming[end - start]
        while ahead and ahead[-1] <= start:
            ahead.pop()
        if not ahead or escaped:
            return [(runs[0][0], runs[-1][1], False)]
        after = ahead[-1] + end - start
        result.append((start, after, True))
    return result[::-1]


def effort(prose: list[str]) -> float:
    """About how many microseconds rendering takes at worst.

    A formatting tag with attributes that nobody closes is opened again in every block that follows.
    """
    texts = list(pieces(prose))
    formats = sum(len(FORMAT.findall(text)) for text in texts)
    by_line = sum(50 + 40 * nesting(line) + 120 * ("!!!" in line) for line in prose if line)
    reopened = formats * len(texts) + formats * formats // 3
    return by_line + 50 * len(texts) + reopened + sum(map(cells, blocks(prose))) + sum(map(labour, texts))


def cells(block: list[str]) -> int:
    """What the cells cost if the block is a table: every row is filled up to the columns of its separator."""
    columns = max((line.count("|") + 1 for line in block if SEPARATOR.match(line)), default=0)
    return 15 * columns * len(block)


def labour(piece: str) -> float:
    """What the marks in one piece cost: each its own, a copy of the piece, and rescans where brackets or ticks stay open."""
    size, marks = len(piece), len(MARK.findall(piece))
    if not marks:
        return splitting(piece)
    copied = size + 14 * marks
    odd = piece.count("](") - len(PLAIN_TARGET.findall(piece))
    runs = len({len(run) for run in TICKS.findall(piece)}) + piece.count("\\`")
    rescans = 0.3 * opened(piece)[1] + 0.3 * odd * copied + 0.06 * runs * copied
    bars = piece.count("`") * piece.count("|") / 10
    return 35 * marks + 0.0003 * marks * copied + rescans + bars + splitting(piece)


def splitting(piece: str) -> float:
    """What it costs to look through the rest of a block again after each heading, rule, box or definition in it.

    The renderer also tries every quotation mark of a line as the start of a definition's title.
    """
    block, definitions = piece.split("\n"), piece.count("]:")
    titles = 0.03 * sum(len(QUOTE.findall(line)) * len(line) for line in block) if definitions else 0
    if all(map(REFERENCE.match, block)) or all(line.startswith("[^") for line in block):
        return titles
    return titles + 0.06 * len(piece) * (count(BREAK, block) + definitions)
