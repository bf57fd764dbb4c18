"""Privacy: what customers agreed to, who looked at what is personal and why, and what they may ask for [G1-G5]."""
