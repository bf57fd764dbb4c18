"""Surveys: drawn up and asked by colleagues, answered by whoever has the link."""
