"""What people look for: counted, never named; what nobody finds becomes a gap that somebody fills."""
