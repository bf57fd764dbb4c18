"""What an index must answer, worked out document by document without any index; and documents to try it on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import product
from math import log
from random import Random
from uuid import UUID

from whoosh.util.numeric import byte_to_length, length_to_byte

from knowledge.search import analysis, fields
from knowledge.search.index import Document, Facet, Filters, Label, Reach
from knowledge.search.matching import Wanted, query_tokens
from knowledge.search.query import Clause, Field
from knowledge.search.scoring import emphasis
from knowledge.search.segments import FILTERED
from knowledge.words import Audience, Freshness, GroupKind, Kind, Stage

ENGLISH = (
    "customer customers loyal loyalty refund refunds refunded complaint call calling answer price late delivery".split()
)
STOPPED = "the a is of and how do we".split()
OTHERS = {
    "de": "Kunde Kunden Beschwerde Preis über Gebühr günstig späte Lieferung der die und".split(),
    "fr": "client fidélité préférée réclamation préféré répondre prix délai le la et".split(),
    "ja": "顧客満足 苦情 返答します 価格".split(),
}
TAGS = (
    Label("refunds", "Refunds", ("money back", "reimbursement")),
    Label("calls", "Calls"),
    Label("late", "Too late"),
    Label("größe", "Größe"),
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def documents(chance: Random, uid: int, revision: int, *, english: bool = False) -> Document:
    """A document of few words, many of them more than once."""
    language = "en" if english else chance.choice(["en", "en", "en", "de", "fr", "ja"])
    words = [*OTHERS.get(language, ENGLISH), *chance.sample(ENGLISH, 3), *STOPPED]

    def some(least: int, most: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(least, most)))

    moment = START + timedelta(days=chance.randrange(10))
    return Document(
        uid=UUID(int=uid),
        revision=revision,
        kind=chance.choice([Kind.BEST_PRACTICE, Kind.STORY, Kind.GUIDE]),
        title=some(1, 4),
        problem=some(0, 5),
        summary=some(0, 5),
        body=" ".join([some(5, 40), *(["refund"] * 300 if chance.random() < 0.02 else [])]),
        tags=tuple(chance.sample(TAGS, chance.randint(0, 3))),
        language=language,
        audience=chance.choice(list(Audience)),
        groups=frozenset(chance.sample(range(4), chance.randint(1, 2))),
        people=frozenset(chance.sample(range(5), chance.randint(0, 2))),
        authors=tuple(chance.sample(["Ann Lee", "Bo Chan"], chance.randint(0, 2))),
        functions=frozenset(chance.sample(list(GroupKind), chance.randint(0, 2))),
        stages=frozenset(chance.sample(list(Stage), chance.randint(0, 2))),
        freshness=chance.choice(list(Freshness)),
        updated_at=moment,
        published_at=moment,
    )


@dataclass(frozen=True)
class Row:
    """A document that an index holds, be it alive or not merged away yet."""

    document: Document
    is_live: bool

    @cached_property
    def said(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """Where each term stands, by field."""
        found: dict[str, dict[str, list[int]]] = {fields.TEXT: defaultdict(list), fields.TITLE: defaultdict(list)}
        for term, place in fields.placed(map(analysis.tokens, self.texts), self.language):
            found[fields.TEXT][term].append(place)
        for place, token in enumerate(analysis.tokens(self.document.title)):
            for term in (token.text,) if token.is_gram else analysis.kept(token.text, self.language):
                found[fields.TITLE][term].append(place)
        return found

    @property
    def language(self) -> str:
        return analysis.stem_language(self.document.language)

    @property
    def texts(self) -> tuple[str, ...]:
        title, problem, *rest = fields.texts(self.document)
        return title, title, problem, problem, *rest

    def length(self, field: str) -> int:
        """The number of terms of a field."""
        return sum(map(len, self.said[field].values()))

    def begins(self, start: str, *, title: bool) -> bool:
        """Whether a word as it is written begins so."""
        texts = (self.document.title,) if title else self.texts
        tokens = (token for text in texts for token in analysis.tokens(text))
        return any(analysis.fold(token.text).startswith(start) for token in tokens if title or not token.is_gram)

    def follows(self, field: str, sequence: Sequence[tuple[str, ...]]) -> bool:
        """Whether these words follow one another, each in any of its forms."""
        for forms in product(*sequence):
            places = [set(self.said[field].get(form, ())) for form in forms]
            if any(all(first + step in each for step, each in enumerate(places)) for first in places[0]):
                return True
        return False

    def values(self, facet: Facet) -> frozenset[str]:
        """What it has of a facet."""
        return frozenset(map(str, fields.facts(self.document)[facet]))


class Naive:
    """Answers from rows."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        self.languages: tuple[str, ...] = ()

    def spoken(self, reach: Reach) -> tuple[str, ...]:
        """The languages of what a viewer may see, the most frequent first."""
        seen = Counter(row.document.language for row in self.rows if row.is_live and self.reached(row, reach))
        ordered = sorted(seen, key=lambda language: (-seen[language], language))
        return tuple(dict.fromkeys(map(analysis.stem_language, ordered))) or ("en",)

    def reached(self, row: Row, reach: Reach) -> bool:
        """Whether a viewer may see it."""
        document = row.document
        return (
            reach.everything
            or reach.person in document.people
            or (document.audience == Audience.GROUP and bool(document.groups & reach.groups))
            or (document.audience != Audience.GROUP and document.audience in reach.audiences)
        )

    def passes(self, row: Row, filters: Filters) -> bool:
        """Whether every filter lets it through."""
        updated = row.document.updated_at
        return (
            all(row.values(facet) & wanted for facet, name in FILTERED.items() if (wanted := getattr(filters, name)))
            and (filters.updated_after is None or updated >= filters.updated_after)
            and (filters.updated_before is None or updated < filters.updated_before)
        )

    def score(self, row: Row, wanted: Wanted) -> float:
        """What one word of the query adds."""
        field, frequency = wanted.field, self._frequency(wanted.field, wanted.terms)
        if field == fields.RAW:
            titled = 1 + row.begins(wanted.terms[0], title=True)
            return (
                titled * self._idf(frequency) * emphasis(wanted.times)
                if row.begins(wanted.terms[0], title=False)
                else 0.0
            )
        average = self._average(field)
        length = byte_to_length(length_to_byte(row.length(field)))
        times = [len(row.said[field].get(term, ())) for term in wanted.terms]
        norm = 1.2 * (0.25 + 0.75 * length / average)
        return emphasis(wanted.times) * self._idf(frequency) * max(each * 2.2 / (each + norm) for each in times)

    @cache  # noqa: B019 - it lives as long as a test
    def _frequency(self, field: str, terms: tuple[str, ...]) -> int:
        if field == fields.RAW:
            return sum(each.begins(terms[0], title=False) for each in self.rows)
        return sum(term in each.said[field] for each in self.rows for term in terms)

    @cache  # noqa: B019 - it lives as long as a test
    def _average(self, field: str) -> float:
        return sum(each.length(field) for each in self.rows) / len(self.rows)

    def _idf(self, frequency: int) -> float:
        return log(1 + (len(self.rows) - frequency + 0.5) / (frequency + 0.5))

    def holds(self, row: Row, clause: Clause) -> bool:
        """Whether a clause is true of it."""
        document = row.document
        match clause.field:
            case Field.KIND:
                return document.kind == clause.text
            case Field.TAG:
                folded = analysis.fold(clause.text)
                names = {analysis.fold(name): tag.slug for tag in document.tags for name in (tag.name, *tag.synonyms)}
                return folded in names or folded.replace(" ", "-") in {tag.slug for tag in document.tags}
            case Field.AUTHOR:
                names_of = {analysis.fold(each.text) for name in document.authors for each in analysis.tokens(name)}
                return all(analysis.fold(token.text) in names_of for token in analysis.tokens(clause.text))
            case Field.BEFORE | Field.AFTER:
                assert clause.moment is not None
                return (document.updated_at < clause.moment) == (clause.field is Field.BEFORE)
        return self._says(row, clause)

    def _says(self, row: Row, clause: Clause) -> bool:
        is_title = clause.field is Field.TITLE
        if clause.is_prefix:
            return row.begins(analysis.fold(list(analysis.tokens(clause.text))[-1].text), title=is_title)
        field = fields.TITLE if is_title else fields.TEXT
        tokens = query_tokens(clause.text)
        if len(tokens) == 1 and tokens[0].is_gram:
            return any(term.startswith(tokens[0].text) for term in row.said[field])
        sequences = (list(self._sequence(clause.text, language, is_title)) for language in self.languages)
        return any(sequence and row.follows(field, sequence) for sequence in sequences)

    @staticmethod
    def _sequence(text: str, language: str, is_title: bool) -> Iterator[tuple[str, ...]]:
        for token in query_tokens(text):
            if token.is_gram:
                yield (token.text,)
            elif is_title or not analysis.is_stopped(token.text, language):
                yield analysis.terms(token.text, language)
