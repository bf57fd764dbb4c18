"""The loyalty ladder and what moves customers on it."""
