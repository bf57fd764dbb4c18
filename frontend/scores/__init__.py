"""Scores as pages: trends with their intervals, who answered, and the same by stage, group or segment."""
