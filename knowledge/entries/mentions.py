"""Links to entries in a text that was rendered before, as one reader may follow them: titles, addresses of today, and no dead ends."""

import re
from collections.abc import Mapping
from html import escape

from knowledge.database import Row
from knowledge.entries.entry import EntryRow
from knowledge.entries.links import mentions_of
from knowledge.people import Act, Viewer

PAGES = frozenset({"new"})
"""What looks like the address of an entry and is that of a page."""

_BARE = ' class="entry bare"'
_ATTRIBUTE = r' [a-z]+="[^"]*"'
_LINK = re.compile(
    rf'<a((?:{_ATTRIBUTE})*?) href="/entries/([a-z0-9-]+)(#[^"]*)?"((?:{_ATTRIBUTE})*)>(.*?)</a>', re.DOTALL
)


def told(text: Row, html: str, viewer: Viewer) -> str:
    """The HTML of a text, or of a part of it, for one reader.

    A link without a label says the title, a former slug leads to where the entry is now, and what the reader may not follow is
    plain text. For those who write it is a link to writing it: whether it is missing or only hidden from them looks the same. All
    texts of a list cost one statement, the one that `links_of` sends.
    """
    if ' href="/entries/' not in html:
        return html
    return followed(html, mentions_of(text, viewer), writes=viewer.may(Act.ENTRIES_WRITE))


def followed(html: str, targets: Mapping[str, EntryRow], *, writes: bool) -> str:
    """The same with the targets by the slugs that the text has for them."""

    def link(found: re.Match[str]) -> str:
        before, slug, anchor, after, label = found.groups(default="")
        if slug in PAGES:
            return found[0]
        target = targets.get(slug)
        if target is None:
            return _missing(slug, label) if writes else label
        if _BARE in before + after:
            before, after = (part.replace(_BARE, ' class="entry"') for part in (before, after))
            label = escape(target.title)
        return f'<a{before} href="/entries/{target.slug}{anchor}"{after}>{label}</a>'

    return _LINK.sub(link, html)


def _missing(slug: str, label: str) -> str:
    return (
        f'<a class="missing" href="/entries/new?slug={slug}">{label}<span class="unseen"> (not written yet)</span></a>'
    )
