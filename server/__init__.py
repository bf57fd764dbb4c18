"""Assembles: the ASGI application, the GraphQL endpoint, sign-in, settings, the worker, the command line."""
