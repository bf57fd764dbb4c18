"""Privacy: consent, what is personal, requests, erasing, and how long something is kept."""
