"""Privacy: my consent and my data, and the desk of those who see to what is asked."""
