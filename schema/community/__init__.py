"""The community as the API shows it: conversations, reactions, suggested edits and flags."""
