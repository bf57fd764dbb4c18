"""The inbox of what customers say."""
