"""The digest by letter: chosen under Me, left by the link at its end."""
