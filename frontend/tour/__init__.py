"""The guided path of a demonstration."""
