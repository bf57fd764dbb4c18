"""The pages of customers: one of them with all that is known, and the segments that they are in."""
