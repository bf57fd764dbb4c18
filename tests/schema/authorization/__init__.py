"""The authorization matrix: its cells, what the domain says of each, the world they stand in, and what runs them."""
