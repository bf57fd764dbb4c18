"""What readers say about knowledge: comments with mentions, reactions, votes on what is useful, suggested edits and flags."""
