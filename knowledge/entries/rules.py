"""What may be written: the bounds of every text, whatever else there is."""

import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from knowledge import markup
from knowledge.entries import tags
from knowledge.entries.kinds import DETAILS
from knowledge.errors import Code, Problem, Refusal
from knowledge.words import Audience, Kind

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
RESERVED = frozenset({"new"})
"""Slugs whose addresses belong to pages of their own."""
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")


def faults(kind: Kind, written: Mapping[str, Any], spent: MutableMapping[str, float]) -> Iterable[Problem]:
    """What is wrong with a text whatever else there is; `spent` adds up what its texts will cost to render."""
    yield from _text_faults(written)
    yield from _markup_faults(spent, _texts(kind, written))
    slug = written["slug"]
    if slug in RESERVED:
        yield Problem("slug", f"{slug} is the name of a page.")
    elif slug is not None and (len(slug) > 120 or not SLUG.match(slug)):
        yield Problem(
            "slug", "A slug has lower-case letters and digits with single dashes between, 120 characters at most."
        )
    yield from _audience_faults(kind, written)
    if beyond := [number for number in written["principles"] if not 1 <= number <= 12]:
        yield Problem("principles", f"The principles are numbered from 1 to 12, so {beyond[0]} is none of them.")
    detail = DETAILS.get(kind)
    if detail is not None:
        values = {**detail.fields, **written["detail"]}
        yield from detail.faults(values)
    elif written["detail"]:
        yield Problem("kind", f"This kind has no {', '.join(written['detail'])}.")


def _texts(kind: Kind, written: Mapping[str, Any]) -> Mapping[str, str]:
    """Everything in Markdown, by the input's field."""
    detail = DETAILS.get(kind)
    values = {**detail.fields, **written["detail"]} if detail else {}
    parts = {f"{detail.name}.{field}": values[field] for field in detail.markdown} if detail else {}
    if detail is not None and detail.parts is not None:
        within = detail.parts_of(values)
        parts |= {f"{detail.name}.{name}": detail.parts.source(each) for name, each in within.items()}
    return {"body": written["body"], **parts}


def _text_faults(written: Mapping[str, Any]) -> Iterable[Problem]:
    if not 1 <= len(written["title"]) <= 200:
        yield Problem("title", "A title has 1 to 200 characters.")
    if (over := len(written["summary"]) - 160) > 0:
        yield Problem("summary", f"A summary has at most 160 characters; this is {over} over.")
    if len(written["language"]) > 12 or not LANGUAGE.match(written["language"]):
        yield Problem("language", "Name the language by its code, such as en or de.")
    if len(names := tags.cleaned(written["tags"])) > tags.MOST:
        yield Problem("tags", f"An entry has at most {tags.MOST} tags.")
    elif any(len(name) > 60 or not tags.slug_of(name) for name in names):
        yield Problem("tags", "A tag has letters or digits, and at most 60 characters.")
    elif any("," in name for name in names):
        yield Problem("tags", "A comma separates tags, so a tag has none.")
    for field, most in (("note", 300), ("source", 300), ("licence", 120)):
        if len(written[field] or "") > most:
            yield Problem(field, f"This has at most {most} characters.")


def _markup_faults(spent: MutableMapping[str, float], texts: Mapping[str, str]) -> Iterable[Problem]:
    """What is wrong with texts in Markdown, by field.

    All texts of an entry, and of all entries that one operation writes, share what one may cost: rendering holds the writer up.
    """
    effort = spent.get("effort", 0.0)
    for field, source in texts.items():
        try:
            effort += markup.check(source, field=field)
        except Refusal as refusal:
            yield from refusal.problems
    if effort > markup.EFFORT:
        yield Problem("body", "Altogether the texts take too long to render.", Code.TOO_LARGE)
    spent["effort"] = effort


def _audience_faults(kind: Kind, written: Mapping[str, Any]) -> Iterable[Problem]:
    detail = DETAILS.get(kind)
    if detail and written["audience"] in (Audience.CUSTOMERS, Audience.PUBLIC) and detail.parts_of(written["detail"]):
        yield Problem(
            "audience", "What answers the guiding questions is for colleagues: write its public part for those outside."
        )
    if written["audience"] is not Audience.GROUP:
        return
    if kind is Kind.INSIGHT:
        yield Problem(
            "audience", "Every function has a right to what is known of customers, so an insight is not for a group."
        )
    elif not written["audience_groups"]:
        yield Problem("audienceGroups", "Name the groups this is for.")
