"""The surveys that come with the product: trust and appreciation, the attitude questions, recommendation, after a visit."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import knowledge
from knowledge.errors import NotFound
from knowledge.surveys.questions import Asked
from knowledge.surveys.writing import Said
from knowledge.words import Anonymity, Aspect, SurveyAudience, SurveyMetric, SurveyPurpose


@dataclass(frozen=True, slots=True)
class Shipped:
    """A survey of the bank: what it is for, and what it would say."""

    key: str
    about: str
    said: Said


@cache
def bank() -> Sequence[Shipped]:
    """All of them, in the order in which a company may want them."""
    path = Path(knowledge.__file__).parent / "library" / "surveys.toml"
    return tuple(_shipped(each) for each in tomllib.loads(path.read_text(encoding="utf-8"))["survey"])


def shipped(key: str) -> Shipped:
    """One of them; refuses NOT_FOUND."""
    found = next((each for each in bank() if each.key == key), None)
    if found is None:
        raise NotFound("There is no such survey in the bank.", "bank")
    return found


def _shipped(each: Mapping[str, Any]) -> Shipped:
    said = Said(
        title=each["title"],
        intro=each["intro"],
        thanks=each["thanks"],
        audience=SurveyAudience(each["audience"]),
        purpose=SurveyPurpose(each["purpose"]),
        anonymity=Anonymity(each["anonymity"]),
        minimum_n=each["minimum_n"],
        questions=[_asked(question) for question in each["question"]],
    )
    return Shipped(each["key"], each["about"], said)


def _asked(question: Mapping[str, Any]) -> Asked:
    asked = Asked(metric=SurveyMetric(question["metric"]), text=question["text"], key=question["key"])
    if "aspect" in question:
        asked["aspect"] = Aspect(question["aspect"])
    return asked
