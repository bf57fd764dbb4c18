"""What people do around entries: follow, hear of what happened, and pass on."""
