"""What is asked of everybody who is measured: the cases, by their letters."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
READS = {"a": LIST, "b": RELAY, "c": DEEP}
NAMES = {
    "a": "(a) 50 entries, 8 fields, author, 4 tags",
    "b": "(b) 20 entries in Relay's shape, with totals",
    "c": "(c) one entry, five levels deep",
}


def body(source: str, **variables: Any) -> bytes:
    """An operation as it is sent."""
    return json.dumps({"query": source, **({"variables": variables} if variables else {})}).encode()
