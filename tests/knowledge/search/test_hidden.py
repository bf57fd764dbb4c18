"""What a viewer may not see changes nothing of what they are told."""

from pathlib import Path
from typing import Any

import pytest

from knowledge.search import noticing
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Facet, Label, Reach
from knowledge.words import Audience, Kind, Signal
from tests.knowledge.search.conftest import MakeDocument

STRANGERS = Reach(frozenset({Audience.PUBLIC}))
QUERIES = (
    "Rückerstattungsformular",
    "Rückerstattungs-formular",
    "Formular",
    "Formularen",
    "call back",
    "kundenn",
    "die",
    "die die refund",
    "refund on vacation",
    "money",
    "reimbursement",
    "tag:secret",
    "callbak",
    "pla*",
    "falcon",
)


def told(index: EmbeddedIndex, query: str) -> dict[str, Any]:
    hits = index.search(query, STRANGERS, count=100, words_alike={})
    whys = [hits.why(hit.uid) for hit in hits.hits]
    return {
        "found": sorted(str(hit.uid) for hit in hits.hits),
        "total": (hits.total, hits.by_words, hits.is_little),
        "facets": {facet: hits.facets[facet] for facet in Facet},
        "words": [sorted((share.word, share.alike, share.rarity) for share in why.words) for why in whys if why],
        "meant": index.did_you_mean(query, STRANGERS),
        "suggested": index.suggest(query, STRANGERS),
        "notes": noticing.notes(index, query, STRANGERS, is_little=hits.is_little),
    }


@pytest.fixture
def seen(a_document: MakeDocument) -> list[Document]:
    public: dict[str, Any] = {"audience": Audience.PUBLIC}
    return [
        a_document("Rückerstattung", "Das Formular liegt bei den Kunden.", language="de", **public),
        a_document("Kundenformular", "Ein Kundenformular und ein Antragsformular.", language="de", **public),
        a_document("Callback", "A callback on the same day, they die for a refund.", **public),
        a_document("Money", "Pay it back.", tags=[Label("refunds", "Refunds", ("reimbursement",))], **public),
    ]


def hidden(a_document: MakeDocument, place: int) -> list[Document]:
    inside: dict[str, Any] = {"audience": Audience.GROUP, "groups": frozenset({3}), "people": frozenset({7})}
    compounds = " ".join(f"{letter}{other}aformular" for letter in "abcdefgh" for other in "bcdfgh")
    every = [
        a_document("Rückerstattungsformular", "Ein Rückerstattungsformular.", language="de", **inside),
        a_document("Formulare", compounds, language="de", **inside),
        a_document("Back", "call back the callbak", tags=[Label("secret", "Secret", ("money",))], **inside),
        a_document("Loma", "Die vakaatio on lomalla.", language="fi", kind=Kind.STORY, **inside),
        a_document("Falcon plan", "A refund, money and money.", **inside),
        *(a_document(f"Customers {number}", "Refunds", tags=["refunds"], **inside) for number in range(30)),
        *(a_document(f"On {number}", "de het een on vacation", language="nl", **inside) for number in range(3)),
    ]
    return every if place < 0 else [every[place]]


@pytest.mark.parametrize("place", [-1, 0, 1, 2, 3])
def test_what_is_hidden_changes_no_answer(
    tmp_path: Path, a_document: MakeDocument, seen: list[Document], place: int
) -> None:
    without, among = (EmbeddedIndex(tmp_path / name, signals=frozenset(Signal)) for name in ("without", "among"))
    without.apply(seen, (), "1")
    among.apply([*hidden(a_document, place), *seen], (), "1")

    for query in QUERIES:
        assert told(among, query) == told(without, query), query
