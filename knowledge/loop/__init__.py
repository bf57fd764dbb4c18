"""Closing the loop: what was heard, what was decided, and who was told."""
