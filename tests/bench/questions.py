"""What is asked of everybody who is measured: the cases, by their letters."""

import json
from collections.abc import Callable
from itertools import islice
from typing import Any

from tests.bench import material

FIELDS = "id slug title summary kind updatedAt author { name } tags { name }"
LIST = f"{{ entries(first: 50) {{ nodes {{ {FIELDS} }} }} }}"
RELAY = f"""{{
  entries(first: 20) {{
    totalCount
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    edges {{ cursor node {{ {FIELDS} }} }}
  }}
}}"""
DEEP = """{
  entry(slug: "entry-5") {
    title
    author { name }
    tags { name entries(first: 5) { nodes { title author { name } tags { name } } } }
  }
}"""
SEARCH = """query ($query: String!) {
  search(query: $query, first: 10) {
    totalCount
    nodes { ... on Entry { slug title summary } }
    facets { field values { value count } }
  }
}"""
FEEDBACK = """mutation ($input: CreateFeedbackInput!) {
  createFeedback(input: $input) { feedback { id } errors { field message } }
}"""
NAMES = {
    "a": "(a) 50 entries of 8 fields, with author and 4 tags",
    "b": "(b) 20 entries in Relay's shape, with totals",
    "c": "(c) one entry, five levels deep",
}
READS = {"a": LIST, "b": RELAY, "c": DEEP}
PAGES = {"/entries/entry-5": "(e) the page of an entry", "/": "(e) the home page"}
SEARCHES: dict[str, Callable[[], Any]] = {"two words": material.pairs, "a question": material.questions}
WRITES = 5_000

NEWEST = "orderBy: [UPDATED_AT_DESC, ROW_ID_DESC]"
TAGS = ("tags {", "tags: tagsList {")
POSTGRAPHILE = {
    "a": LIST.replace("first: 50", f"first: 50, {NEWEST}").replace(*TAGS),
    "b": RELAY.replace("first: 20", f"first: 20, {NEWEST}").replace(*TAGS),
    "c": DEEP.replace("entry(slug", "entry: entryBySlug(slug").replace(*TAGS),
    "search": """query ($query: String!) {
      search(query: $query, first: 10) { totalCount nodes { slug title summary } }
      facets(query: $query) { nodes { field value count } }
    }""",
    "feedback": "mutation ($input: CreateFeedbackInput!) { createFeedback(input: $input) { feedback { id } } }",
}
"""The same in the words of the schema that PostGraphile makes."""


def body(source: str, **variables: Any) -> bytes:
    """An operation as it is sent."""
    return json.dumps({"query": source, **({"variables": variables} if variables else {})}).encode()


def searches(source: str, kind: str) -> list[bytes]:
    """Three hundred searches."""
    return [body(source, query=query) for query in islice(SEARCHES[kind](), material.ASKED_FOR)]


def sayings(source: str, wrapped: str = "") -> list[bytes]:
    """What many customers said."""
    said = [{"verbatim": f"It leaks, said number {number}.", "channel": "PHONE"} for number in range(WRITES)]
    return [body(source, input={wrapped: each} if wrapped else each) for each in said]
