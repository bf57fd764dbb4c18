"""Entries: what all kinds share, reading them, writing them."""
