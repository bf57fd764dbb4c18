"""What people type in the demonstration, over its own content: the sentences that it is shown by, and slips of the keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.search import finding, following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Reach
from tests.conftest import fresh_sqlite

# What is typed, and what is meant; where several forms of a word are as likely, any of them will do.
SLIPS = {
    # two letters exchanged
    "loylaty": "loyalty", "cusotmer": "customer", "compliants": "complaints", "recieve": "receive", "surevy": "survey",
    "reapirs": "repairs", "appoligy": "apology", "Beschwedre": "beschwerde", "Knuden": "kunden", "Entschudligung": "entschuldigung",
    "reembosló": "reembolso reembolsos", "lcientes": "clientes",
    # one letter too many, too few, or another
    "custommer": "customer", "refnd": "refund", "angrry": "angry", "complant": "complaint", "replasement": "replacement",
    "technican": "technician", "descaleng": "descaling", "guarantie": "guarantee", "satisfide": "satisfied", "invoise": "invoice",
    "Rückzalung": "rückzahlung", "Reklamazion": "reklamation", "Stichbrobe": "stichprobe", "zurükgewinnen": "zurückgewinnen",
    "encueta": "encuesta", "reenbolso": "reembolso", "llamdas": "llamada llamadas", "queija": "queja",
    # the first letter
    "kustomer": "customer", "wefund": "refund", "hoyalty": "loyalty", "vomplaint": "complaint", "Vunden": "kunden", "rncuesta": "encuesta",
    # a space too many or too few
    "custo mer": "customer", "com plaint": "complaint", "customersurvey": "customer survey", "lateinvoice": "late invoice",
    "frontdesk": "front desk", "thankyou": "thank you", "Rück ruf": "rückruf", "bestekunden": "beste kunden", "en cuesta": "encuesta",
    # no accents to hand
    "zurueckgewinnen": "zurückgewinnen", "Gespraech": "gespräch", "telefonno": "teléfono telefono", "estadiztica": "estadística",
    # two slips in a long word
    "satisfcation": "satisfaction", "replacemant": "replacement", "Entshcudigung": "entschuldigung", "guarrentee": "guarantee",
}  # fmt: skip
HELD = 0.94


@pytest.fixture(scope="module")
def demo(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, EmbeddedIndex]]:
    folder = tmp_path_factory.mktemp("demo")
    database = Database(fresh_sqlite(sample_template, folder))
    index = EmbeddedIndex(folder / "index")
    following.reconcile(database, index)
    with database.reading() as session:
        yield session, index
    index.close()
    database.close()


@pytest.mark.parametrize(
    ("typed", "fitting"),
    [
        ("angry customer wants refund", "replace-first"),
        ("how do I know who my best customers are", "know-your-best-customers"),
        ("survey with only four answers", "small-survey-honest-numbers"),
        ("Kunden zurückgewinnen", "kunden-zurueckgewinnen"),
        ("Kunden zurueckgewinnen", "kunden-zurueckgewinnen"),
        ("clientes que dejaron de comprar", "recuperar-clientes"),
        ("¿quién puede autorizar un reembolso?", "reembolsos-quien-decide"),
        ("loylaty", "loyalty-is-planned"),
        ("can we trust one complaint", "one-complaint-or-many"),
        ("wer darf Geld zurückzahlen", "erstattung-wer-entscheidet"),
        ("Übergabe vom Vertrieb an den Kundendienst", "uebergabe-in-zehn-zeilen"),
        ("cliente enfadado quiere su dinero", "primero-sustituir"),
        ("¿le pasa a un solo cliente o a muchos?", "una-queja-o-muchas"),
        ("how do I read these numbers", "reading-the-numbers"),
        ("how many interviews are enough", "listen-interviews"),
        ("our vision rests on assumptions", "step-focus-and-direction"),
    ],
)
def test_what_people_type_has_a_fitting_entry_in_the_first_three(
    typed: str, fitting: str, demo: tuple[Session, EmbeddedIndex]
) -> None:
    found = finding.find(*demo, OPERATOR, typed, first=3)

    assert fitting in [hit.entry.slug for hit in found.entries]
    assert found.searched_for == ("loyalty" if typed == "loylaty" else None)


def test_slips_of_the_keyboard_are_corrected(demo: tuple[Session, EmbeddedIndex]) -> None:
    _, index = demo

    wrong = {
        typed: answer
        for typed, meant in SLIPS.items()
        if (answer := index.did_you_mean(typed, Reach(everything=True))) != meant and answer not in meant.split()
    }

    assert len(SLIPS) >= 40
    assert len(wrong) <= len(SLIPS) * (1 - HELD), wrong
