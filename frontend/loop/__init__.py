"""You said, we did: answering, and the customer's side of it."""
