"""Who the year's customers are and how each came to where they stand: derived from their names alone, so that it never changes."""

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import knowledge
from knowledge.feedback import crowd
from knowledge.ladder.sample import BEANS, CARE, LOANS, MACHINE, PARTS
from knowledge.ladder.stages import BEFORE
from knowledge.words import Stage

FOLDER = Path(knowledge.__file__).parent / "library" / "year"
S = Stage


@dataclass(frozen=True, slots=True)
class Life:
    """So many days ago: what was bought, where they came to stand, and when they spoke for us."""

    bought: Sequence[tuple[int, str]] = ()
    stood: Sequence[tuple[int, Stage]] = ()
    spoke: int | None = None

    @property
    def joined(self) -> int:
        """How long they have been known."""
        return self.stood[0][0]

    @property
    def left(self) -> int:
        """Since when they say nothing more; of whoever is there, nought."""
        last, stage = self.stood[-1]
        return last + 200 if stage is S.INACTIVE else 0


@dataclass(frozen=True, slots=True)
class Who:
    """A customer by name."""

    name: str
    language: str
    stage: Stage
    inside: bool = False
    person: bool = False
    new: bool = True
    life: Life = field(init=False, compare=False)

    def __post_init__(self) -> None:
        lot = random.Random(f"the life of {self.name}")  # noqa: S311  the sample is the same for everybody
        object.__setattr__(
            self, "life", _inside(self.stage, lot) if self.inside else _outside(self.stage, lot, 20 if self.new else 95)
        )


def everyone() -> Sequence[Who]:
    """Those who come with the year, and those of the sample's crowd, who were there before it."""
    return (*_new(), *_crowd())


def _new() -> Iterator[Who]:
    told = tomllib.loads((FOLDER / "customers.toml").read_text(encoding="utf-8"))
    for relation, languages in told.items():
        for language, stages in languages.items():
            for stage, names in stages.items():
                for name in names:
                    inside, person = relation == "internal", name.startswith("~ ")
                    yield Who(name.removeprefix("~ "), language, Stage(stage.upper()), inside, person)


def _crowd() -> Iterator[Who]:
    """Those of whom nothing but their words was known, as the crowd has them come."""
    language = {line.who: line.language for line in reversed(crowd.lines())}
    for name, stage in crowd.newcomers():
        yield Who(name, language[name], stage, new=False)


def _outside(stage: Stage, lot: random.Random, latest: int) -> Life:
    if stage in BEFORE:
        return _stranger(stage, lot)
    first = lot.randint(latest, 250) if stage is S.FIRST_TIME else lot.randint(380, 1300)
    met = [(first + lot.randint(20, 60), S.SUSPECT), (first + lot.randint(4, 18), S.PROSPECT)]
    if stage is S.INACTIVE:
        last = lot.randint(400, 640)
        bought = [(first + 500, BEANS), (last + 60, BEANS), (last, BEANS)]
        met = [(first + 560, S.SUSPECT), (first + 520, S.PROSPECT), (first + 500, S.FIRST_TIME), (last + 60, S.REPEAT)]
        return Life(bought, [*met, (last - 366, S.INACTIVE)])
    bought, stood = [(first, MACHINE)], [*met, (first, S.FIRST_TIME)]
    if stage is S.FIRST_TIME:
        return Life(bought, stood)
    again = lot.randint(150, min(700, first - 10)) if lot.random() < 0.55 else first - lot.randint(5, 12)
    bought += [(day, BEANS) for day in _regularly(again, lot)]
    stood.append((again, S.REPEAT))
    if stage is S.REPEAT:
        return Life(bought, stood)
    care = lot.randint(30, min(690, again - 8))
    bought += [(care, CARE)] if care < 360 else [(care, CARE), (care - 350, CARE)]
    stood.append((care, S.CLIENT))
    if stage is S.CLIENT:
        return Life(bought, stood)
    spoke = lot.randint(4, min(care - 3, 360))
    return Life(bought, [*stood, (spoke, S.ADVOCATE)], spoke)


def _stranger(stage: Stage, lot: random.Random) -> Life:
    first = lot.randint(40, 330)
    stood = [(first, S.SUSPECT)]
    return Life((), stood if stage is S.SUSPECT else [*stood, (first - lot.randint(3, 35), stage)])


def _inside(stage: Stage, lot: random.Random) -> Life:
    """Colleagues do not pay; they are served."""
    first = lot.randint(30, 200) if stage is S.FIRST_TIME else lot.randint(600, 1300)
    bought, stood = [(first, PARTS)], [(first + 10, S.SUSPECT), (first, S.FIRST_TIME)]
    if stage is S.FIRST_TIME:
        return Life(bought, stood)
    if stage is S.INACTIVE:
        last = lot.randint(420, 560)
        return Life([*bought, (last, PARTS)], [*stood, (last, S.REPEAT), (last - 366, S.INACTIVE)])
    again = lot.randint(250, 360)
    bought += [(day, PARTS) for day in _regularly(again, lot)]
    stood.append((again, S.REPEAT))
    if stage is S.REPEAT:
        return Life(bought, stood)
    loan = lot.randint(60, 230)
    bought.append((loan, LOANS))
    stood.append((loan, S.CLIENT))
    if stage is S.CLIENT:
        return Life(bought, stood)
    spoke = lot.randint(5, 55)
    return Life(bought, [*stood, (spoke, S.ADVOCATE)], spoke)


def _regularly(since: int, lot: random.Random) -> list[int]:
    """Some days from the first until lately, so many days ago each."""
    step = lot.randint(38, 75)
    days = list(range(since, 12, -step))
    return days if days[-1] <= 90 else [*days, lot.randint(13, 80)]
