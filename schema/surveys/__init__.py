"""Surveys in the API: drawn up, asked, answered."""
