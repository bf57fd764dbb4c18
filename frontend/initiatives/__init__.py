"""Initiatives: the board and the timeline, how each is planned, and what it is worth."""
