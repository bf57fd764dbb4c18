"""Finds the right entry for whatever is on someone's mind, and never one that they may not see."""
