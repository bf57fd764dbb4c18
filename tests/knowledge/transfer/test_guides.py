"""The guides of the starter library and its practices in other languages, read as files."""

import re
from collections import Counter
from functools import cache
from typing import cast

from knowledge.estimates import Sample, bounds_without, detecting, newcombe, recommendation, sample_size, wilson
from knowledge.markup.rendering import Rendered, render
from knowledge.transfer import front_matter
from knowledge.transfer.front_matter import Document
from knowledge.transfer.library import FOLDER
from knowledge.words import Basis, Stage, VisionStep

SHARE = re.compile(r"(\d+) of (\d+)[^|.]*(?:\| \d+ % \| |\()(\d+) to (\d+) %")
ABOUT_A_WAY = [
    "When it is the right way",
    "How",
    "How many",
    "What it cannot tell you",
    "What it costs",
    "Privacy",
]
PARTS = ["Problem", "When", "Do", "Say", "Avoid", "Measure"]
IN_ENGLISH = {"de": "Auf Englisch: ", "es": "En inglés: "}


@cache
def library() -> dict[str, Document]:
    """What ships, by its slug."""
    shipped = (path for name in ("guides", "practices", "principles") for path in (FOLDER / name).rglob("*.md"))
    documents = [front_matter.read(path.read_text(encoding="utf-8")) for path in shipped]
    return {str(each.fields["slug"]): each for each in documents}


def practices() -> dict[str, Document]:
    """Those in English, which the others tell after."""
    return {
        slug: each
        for slug, each in library().items()
        if (each.fields["kind"], each.fields["language"]) == ("best_practice", "en")
    }


def guides(prefix: str = "") -> dict[str, Document]:
    guides = {slug: each for slug, each in library().items() if each.fields["kind"] == "guide"}
    return {slug: each for slug, each in guides.items() if slug.startswith(prefix)}


@cache
def rendered(slug: str) -> Rendered:
    return render(library()[slug].body)


def sections(slug: str) -> list[str]:
    return [heading.text for heading in rendered(slug).outline if heading.level == 3]


def test_every_link_of_the_library_leads_to_an_entry_of_it() -> None:
    lost = {(slug, link) for slug in library() for link in rendered(slug).links if link not in library()}

    assert lost == set()


def test_each_of_the_seven_steps_has_a_guide_that_leads_on() -> None:
    slugs = ["step-" + step.lower().replace("_", "-") for step in VisionStep]

    assert set(guides("step-")) == set(slugs)
    assert set(slugs) <= set(rendered("seven-steps-of-a-vision").links)
    for number, slug in enumerate(slugs, 1):
        neighbours = {*slugs[max(0, number - 2) : number - 1], *slugs[number : number + 1], "seven-steps-of-a-vision"}
        assert neighbours <= set(rendered(slug).links), slug
        assert f'href="/vision#step-{number}"' in rendered(slug).html
        assert {"What it is for", "Traps"} <= set(sections(slug))
        assert any(part.startswith("A good answer") for part in sections(slug))


def test_every_stage_and_every_way_to_listen_has_a_guide_of_substance() -> None:
    stages, ways = guides("stage-"), guides("listen-")

    assert set(stages) == {"stage-" + stage.lower().replace("_", "-") for stage in Stage}
    assert len(ways) == 17
    for slug, guide in (stages | ways).items():
        assert len(guide.body) >= 1_600, slug
    assert {slug: sections(slug) for slug in ways} == dict.fromkeys(ways, ABOUT_A_WAY)
    assert {sections(slug)[-1] for slug in stages} == {"How you know it works"}


def test_no_two_texts_of_the_library_share_a_sentence() -> None:
    said: Counter[str] = Counter()
    for slug in library():
        said.update({each.strip() for each in re.split(r"[.?:]\s|\n", rendered(slug).text) if len(each) > 50})

    assert [each for each, times in said.items() if times > 1] == []


def test_what_the_guides_reckon_is_what_the_product_reckons() -> None:
    reading = " ".join(library()["reading-the-numbers"].body.split())

    found = [tuple(map(int, each)) for guide in guides().values() for each in SHARE.findall(guide.body)]
    assert len(found) >= 6
    for hits, n, low, high in found:
        assert [round(100 * end) for end in wilson(hits, n)] == [low, high], (hits, n)
    worse, better = newcombe(Sample(80, 48 / 80), Sample(70, 56 / 70))
    assert f"runs from {100 * worse:.0f} to {100 * better:.0f}" in reading
    score = recommendation(25, 15, 10, basis=Basis.RANDOM)
    assert score.low is not None
    assert score.high is not None
    assert f"it is {score.value:.0f}, and may be anything from {score.low:.0f} to {score.high:.0f}" in reading
    assert f"within five points takes {sample_size(0.05)} people; to within ten, {sample_size(0.1)}." in reading
    assert f"{sample_size(0.1, population=200)} are enough for ten" in reading
    assert "between {:.1f} and {:.1f} %".format(*(100 * end for end in bounds_without(45, 60, 200))) in reading
    assert 900 < detecting(10) < 1_000  # "near a thousand in each wave", says the guide on surveys


def test_at_least_ten_practices_are_told_in_german_and_in_spanish() -> None:
    for language, says in IN_ENGLISH.items():
        told = {slug: each for slug, each in library().items() if each.fields["language"] == language}
        siblings = {}
        for slug, practice in told.items():
            (sibling,) = re.findall(rf"{says}\[\[([a-z0-9-]+)\]\]\.", practice.body)
            english = library()[sibling]
            same = ("kind", "functions", "stages", "principles")
            assert [practice.fields[name] for name in same] == [english.fields[name] for name in same], slug
            assert [sections(slug), english.fields["language"]] == [sections(sibling), "en"], slug
            siblings[sibling] = slug
        twice = {(slug, link) for slug in told for link in rendered(slug).links if siblings.get(link, slug) != slug}

        assert len(told) >= 10
        assert len(siblings) == len(told)
        assert twice == set()  # what is told in the reader's language is not linked in another


def test_every_practice_says_all_that_a_service_manager_would_pay_for() -> None:
    english = practices()

    assert len(english) >= 40
    for slug, practice in english.items():
        fields = practice.fields
        assert sections(slug) == PARTS, slug
        assert len(str(fields["title"])) <= 64, slug
        assert len(str(fields["summary"])) <= 160, slug
        assert str(fields["source"]).startswith("Loyalty Commons starter library"), slug
        assert all(fields[name] for name in ("tags", "functions", "stages", "principles")), slug
        assert len(practice.body) >= 1_600, slug
        assert rendered(slug).links, slug


def test_every_stage_and_every_principle_has_three_practices_and_every_practice_is_found_from_another_text() -> None:
    english = practices()
    stages, principles = (
        Counter(value for each in english.values() for value in cast("list[object]", each.fields[name]))
        for name in ("stages", "principles")
    )

    assert min(stages[stage.lower()] for stage in Stage) >= 3
    assert min(principles[str(number)] for number in range(1, 13)) >= 3
    led_to = {link for slug in library() for link in rendered(slug).links}
    assert english.keys() - led_to == set()
