"""The manual: its contents, its documents and their pictures."""
