"""The loyalty ladder: stages, what moves customers between them, and what came of it."""
