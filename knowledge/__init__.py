"""Decides: tables, rules, permissions, search and jobs, and never a word of HTTP or GraphQL."""
