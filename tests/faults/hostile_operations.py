"""Operations that want to cost much for little: each a document with its variables, by what it tries."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from graphql import get_introspection_query

Attack: TypeAlias = tuple[str, Mapping[str, Any]]

ENTRY = "mutation ($input: CreateEntryInput!) { createEntry(input: $input) { entry { id } errors { field code } } }"
FEEDBACK = (
    "mutation ($input: CreateFeedbackInput!) { createFeedback(input: $input) { feedback { id } errors { code } } }"
)
CUSTOMER = (
    "mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { customer { id } errors { code } } }"
)
PREVIEW = "query ($text: String!) { preview(markdown: $text) { html } }"
SEARCH = "query ($text: String!) { search(query: $text) { totalCount edges { node { title } } didYouMean } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
PAGE = "query ($first: Int) { entries(first: $first) { totalCount } }"
AFTER = "query ($after: String) { entries(after: $after) { nodes { title } } }"
FOUND_AFTER = 'query ($after: String) { search(query: "written", after: $after) { edges { cursor } } }'
RECEIVED = "query ($at: DateTime) { feedback(filter: {receivedAfter: $at}) { nodes { id } } }"
BREAKING = "![[]()" * 2_048
OPENING = "[" * 5_000


def bomb(levels: int, spreads: int = 2) -> str:
    """Fragments each of which spreads the next one several times."""
    chain = (f"fragment F{level} on Query {{ {f'...F{level + 1} ' * spreads} }} " for level in range(levels))
    return "{ ...F0 } " + "".join(chain) + f"fragment F{levels} on Query {{ entries {{ nodes {{ title }} }} }}"


def tangle(fragments: int) -> str:
    """Fragments all of which spread all of them."""
    spreads = " ".join(f"...F{number}" for number in range(fragments))
    return "{ ...F0 } " + " ".join(f"fragment F{number} on Query {{ {spreads} }}" for number in range(fragments))


def conflicting(fields: int) -> str:
    """Fields that validation compares with one another in pairs."""
    return "{ viewer { person { " + "name " * fields + "} } }"


def nested(value: Any, levels: int) -> Any:
    """A value in so many lists."""
    for _ in range(levels):
        value = [value]
    return value


def documents() -> Iterator[tuple[str, Attack]]:
    """Attacks by the document alone."""
    yield "a bomb of fragments", (bomb(22), {})
    yield "a wide bomb of fragments", (bomb(8, 20), {})
    yield "a long chain of fragments", (bomb(150, 1), {})
    yield "a tangle of fragments", (tangle(15), {})
    yield "a cycle of fragments", ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A }", {})
    yield "3,000 aliases", ("{" + " ".join(f"a{number}: viewer {{ name }}" for number in range(3_000)) + "}", {})
    yield "all the aliases there may be", (
        "{" + " ".join(f"a{number}: entries(first: 100) {{ nodes {{ title }} }}" for number in range(15)) + "}", {})  # fmt: skip
    yield "fields 4,000 deep", ("{a" * 4_000, {})
    yield "fields 150 deep", ("{" + "a{" * 150 + "b" + "}" * 151, {})
    yield "lists 400 deep", ("{ nodes(ids: " + "[" * 400 + "]" * 400 + ") { id } }", {})
    yield "objects 300 deep", ("{ entries(filter: " + "{a:" * 300 + "1" + "}" * 300 + ") { totalCount } }", {})
    yield "the same field 900 times", (conflicting(900), {})
    yield (
        "the same fragment 300 times",
        ("{" + "...S " * 300 + "} fragment S on Query { viewer { person { name } } }", {}),
    )
    yield "300 directives", ("{ viewer " + "@include(if: true) " * 300 + "{ person { name } } }", {})
    yield "300 unknown fields", ("{" + " ".join(f"entr{number}" for number in range(300)) + "}", {})
    yield "300 operations", (" ".join(f"query Q{number} {{ viewer {{ name }} }}" for number in range(300)), {})
    yield "300 variables", (
        "query (" + " ".join(f"$v{number}: Int" for number in range(300)) + ") { viewer { person { name } } }", {})  # fmt: skip
    yield "20 kB of spaces", ("{" + " " * 20_000 + "viewer { person { name } } }", {})
    yield "20 kB of comment", ("#" * 19_000 + "\n{ viewer { person { name } } }", {})
    yield "20 kB of brackets", ("{" * 20_000, {})
    yield "a string that never ends", ('{ search(query: "' + "x" * 19_000, {})
    yield "a block string of line ends", ('{ search(query: """' + "\n" * 19_000 + '""") { totalCount } }', {})
    yield "a number of 15,000 digits", ("{ entries(first: " + "9" * 15_000 + ") { totalCount } }", {})
    yield "half a character", ('{ search(query: "\\uD800") { totalCount } }', {})
    yield "introspection", (get_introspection_query(), {})
    yield "introspection of ones own", (
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", {})  # fmt: skip


def texts() -> Iterator[tuple[str, Attack]]:
    """Attacks by a text that an operation reads."""
    for name, text in {
        "12 kB of ![[]()": BREAKING,
        "5,000 opening brackets": OPENING,
        "200 kB of words": "word " * 40_000,
        "5,000 lines of quotes": "> " * 5_000,
        "a character of nothing": "a\0b",
    }.items():
        yield f"entry with {name}", (ENTRY, {"input": {"kind": "STORY", "title": "Written", "body": text}})
        yield f"title of {name}", (ENTRY, {"input": {"kind": "STORY", "title": text}})
        yield f"preview of {name}", (PREVIEW, {"text": text})
        yield f"search for {name}", (SEARCH, {"text": text})
        yield f"search for a little of {name}", (SEARCH, {"text": text[:500]})
        yield f"feedback of {name}", (FEEDBACK, {"input": {"verbatim": text, "channel": "PHONE"}})
        yield f"customer called {name}", (CUSTOMER, {"input": {"name": text}})
    for text in (
        '"' * 500,
        "(" * 500,
        "* " * 250,
        "a OR " * 100,
        "-" * 500,
        "tag:" * 100,
        "a b c d e " * 50,
        "\u0301" * 500,
    ):
        yield f"search for {text[:10]}", (SEARCH, {"text": text})


def values() -> Iterator[tuple[str, Attack]]:
    """Attacks by lists, numbers, moments and cursors."""
    yield "10,000 ids", (NODES, {"ids": ["RW50cnk6"] * 10_000})
    yield "250 ids", (NODES, {"ids": [f"RW50cnk6{number:03}" for number in range(250)]})
    yield "ids of 1 kB", (NODES, {"ids": ["A" * 1_000] * 250})
    yield "a list 500 deep", (NODES, {"ids": nested("a", 500)})
    yield "an object 500 deep", (ENTRY, {"input": {"kind": "STORY", "title": "Written", "tags": nested({"a": 1}, 500)}})
    yield "10,000 tags", (ENTRY, {"input": {"kind": "STORY", "title": "Written", "tags": ["tag"] * 10_000}})
    yield (
        "250 long tags",
        (ENTRY, {"input": {"kind": "STORY", "title": "Written", "tags": [f"t{n}" * 90 for n in range(250)]}}),
    )
    yield "10,000 variables of no use", (PREVIEW, {"text": "a", **{f"v{number}": number for number in range(10_000)}})
    yield "a wrong type of 200 kB", (PREVIEW, {"text": ["word"] * 40_000})
    for first in (-1, 0, 2**31, 2**63, 10**400, float("inf"), float("nan")):
        yield f"a page of {str(first)[:12]}", (PAGE, {"first": first})
    for moment in (
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "9" * 5_000,
        "2026-01-01",
        "2026-01-01T00:00:00",
    ):
        yield f"received at {moment[:30]}", (RECEIVED, {"at": moment})
        yield (
            f"occurred at {moment[:30]}",
            (FEEDBACK, {"input": {"verbatim": "It leaks.", "channel": "PHONE", "occurredAt": moment}}),
        )
    for name, cursor in cursors():
        yield f"after {name}", (AFTER, {"after": cursor})
        yield f"found after {name}", (FOUND_AFTER, {"after": cursor})


def cursors() -> Iterator[tuple[str, str]]:
    """Cursors that were never handed out."""
    name = "UPDATED_DESC"
    for value in (
        [name, "9999-12-31T23:59:59-12:00", 1],
        [name, "2026-01-01T00:00:00+00:00", 2**70],
        [name, None, None],
        [],
        5,
    ):
        yield json.dumps(value), base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    yield "lists 50,000 deep", base64.urlsafe_b64encode(b"[" * 50_000).decode()
    yield "digits", base64.urlsafe_b64encode(b"9" * 6_000 + b":x").decode()
    yield "no base64", "ä" * 100
    yield "200 kB", "A" * 200_000
