"""Initiatives: what carries the vision out, who owns it, when it is due, and honest progress."""

from knowledge.initiatives.facts import DETAIL, Initiative, InitiativeRow

__all__ = ["DETAIL", "Initiative", "InitiativeRow"]
