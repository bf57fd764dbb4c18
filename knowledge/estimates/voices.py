"""Voices: how many customers say so, and whether it is only the loud few."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.estimates.estimate import Caveat, Estimate
from knowledge.estimates.shares import share, wilson
from knowledge.words import PatternVerdict

FEW_VOICES = 5
"""Fewer customers than these are no pattern. Our choice; no standard was found."""

LEAST_PREVALENCE = 0.05
"""Nor is what may be said by fewer than these of those heard: the low end of Wilson's interval. Our choice too."""

FEW_EFFECTIVE = 3
"""Below as many effective voices the messages are concentrated; it is said beside the figure and decides nothing."""


@dataclass(frozen=True, slots=True, init=False)
class Voices:
    """The voices behind a theme, of all who were heard in the period.

    A voice is a distinct customer, the topmost account of an organisation's people, however often it spoke. Made from how many
    items each of them sent, or from what a database adds up of these.
    """

    customers: int
    items: int
    largest: int
    squares: int
    heard: int

    def __init__(self, counts: Sequence[int], heard: int) -> None:
        said = [each for each in counts if each > 0]
        self._hold(len(said), sum(said), max(said, default=0), sum(each * each for each in said), heard)

    @classmethod
    def of(cls, customers: int, items: int, largest: int, squares: int, heard: int) -> "Voices":
        """From the number of voices, the sum, the greatest and the sum of squares of their items; heard is M."""
        made = cls((), heard)
        made._hold(customers, items, largest, squares, heard)
        return made

    def _hold(self, customers: int, items: int, largest: int, squares: int, heard: int) -> None:
        object.__setattr__(self, "customers", customers)
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "largest", largest)
        object.__setattr__(self, "squares", squares)
        # Whoever speaks of a theme was heard, even where the two are counted a moment apart.
        object.__setattr__(self, "heard", max(heard, customers))

    @property
    def top_share(self) -> float | None:
        """The part of the messages that the loudest customer sent."""
        return self.largest / self.items if self.items else None

    @property
    def effective(self) -> float | None:
        """By how many equally loud customers the same messages could have been sent: (Σc)² / Σc².

        Source: Laakso and Taagepera, "Effective" Number of Parties, Comparative Political Studies 12(1), 1979, pages 3-27; it is Hill's
        number of order 2, the inverse of Simpson's index, and Kish's effective sample size with the counts as weights.
        """
        return self.items * self.items / self.squares if self.squares else None

    @property
    def prevalence(self) -> Estimate:
        """K of M with Wilson's interval, and what to mind; the basis is those who spoke of their own accord."""
        return share(
            self.customers,
            self.heard,
            voices=self.customers,
            effective=self.effective,
            warnings=(*self._doubts(), *self._volume()),
        )

    @property
    def is_pattern(self) -> bool:
        """Whether it may be said of customers in general: neither too few of them nor perhaps too rare."""
        return self.heard > 0 and not self._doubts()

    @property
    def verdict(self) -> PatternVerdict:
        """What may be said of it; the guard stops generalising, never the answer to a person."""
        if not self.customers:
            return PatternVerdict.NOTHING_HEARD
        return PatternVerdict.PATTERN if self.is_pattern else PatternVerdict.NOT_YET_A_PATTERN

    def _doubts(self) -> tuple[Caveat, ...]:
        if not self.heard:
            return ()
        few = self.customers < FEW_VOICES
        rare = wilson(self.customers, self.heard)[0] < LEAST_PREVALENCE
        return (*((Caveat.FEW_VOICES,) if few else ()), *((Caveat.LOW_PREVALENCE,) if rare else ()))

    def _volume(self) -> tuple[Caveat, ...]:
        """About how loud they were; whole numbers, so that 3 effective voices are never 2.9999."""
        concentrated = self.items * self.items < FEW_EFFECTIVE * self.squares
        dominated = 2 * self.largest > self.items
        return (*((Caveat.CONCENTRATED,) if concentrated else ()), *((Caveat.DOMINATED,) if dominated else ()))
