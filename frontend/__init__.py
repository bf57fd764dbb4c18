"""Asks: every page is one GraphQL document and one template, and knows no Python of ours."""
