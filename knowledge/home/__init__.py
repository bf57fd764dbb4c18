"""The home page: what changed since one was here, what waits for one, and where the company is going."""
