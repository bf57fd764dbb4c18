"""What people say and do around entries: comments, reactions, votes, suggested edits, flags, follows, what they are told, and sharing."""
