"""Operations compiled once and run breadth first: each selection set handles all rows of its level at once.

Whatever is unexpected makes a plan give up, and the stock executor answers instead: errors, nulls that travel upwards, paths and
locations are always its own.
"""

from schema.plans.compiling import Plans
from schema.plans.running import Abandoned, Unplanned

__all__ = ["Abandoned", "Plans", "Unplanned"]
