"""Which kind of entry has which detail."""

from collections.abc import Mapping

from knowledge import initiatives, insights, practices, principles, vision
from knowledge.detail import Detail
from knowledge.words import Kind

DETAILS: Mapping[Kind, Detail] = {
    Kind.BEST_PRACTICE: practices.DETAIL,
    Kind.INSIGHT: insights.DETAIL,
    Kind.PRINCIPLE: principles.DETAIL,
    Kind.VISION: vision.DETAIL,
    Kind.INITIATIVE: initiatives.DETAIL,
}
