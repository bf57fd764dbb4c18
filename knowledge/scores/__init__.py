"""Scores: what the answers to surveys come to, wave by wave, with what each figure can carry and nothing that tells of single people."""
