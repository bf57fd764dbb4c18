"""The community as the API shows it: conversations, reactions, suggested edits, flags, follows, notifications and sharing."""
