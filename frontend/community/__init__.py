"""What readers say: the forms of conversations, suggested edits and flags."""
