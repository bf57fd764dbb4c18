"""What others searched for and found, offered to whoever begins to type the same."""

from sqlalchemy import func, or_, select
from sqlmodel import Session

from knowledge.database import table_of
from knowledge.listening import wording
from knowledge.listening.people import FEWEST
from knowledge.listening.searches import PastSearch
from knowledge.search.index import Filters, Index, Reach, Sort

TRIED = 12
"""So many are tried for the viewer at most."""
MOST_WORDS = 8

_p = table_of(PastSearch).c


def completions(session: Session, index: Index, reach: Reach, prefix: str, count: int) -> list[str]:
    """Searches with a word that begins so, by which at least three people found something; one statement.

    Only such of which all telling words stand together in an entry that the viewer may find: a suggestion tells nobody a word that
    they could not have read themselves.
    """
    start = wording.kept(prefix)
    if not start or count < 1:
        return []
    escaped = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    begins = or_(*(_p.query.like(f"{before}{escaped}%", escape="\\") for before in ("", "% ")))
    statement = select(_p.query).where(begins, _p.query != start, _p.people >= FEWEST)
    most = statement.order_by(_p.people.desc(), func.length(_p.query), _p.query).limit(TRIED)
    found: list[str] = []
    for query in session.connection().execute(most).scalars():
        if len(found) < count and _is_found(index, reach, query):
            found.append(query)
    return found


def _is_found(index: Index, reach: Reach, query: str) -> bool:
    words = [word.text for word in wording.telling(query)]
    if not 0 < len(words) <= MOST_WORDS:
        return False
    return index.search(" ".join(f"+{word}" for word in words), reach, Filters(), Sort.RELEVANCE, 0, 1).total > 0
