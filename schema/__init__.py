"""Translates: GraphQL types, arguments and pages of results. No rule lives here."""
