"""The loop as the API has it: answers, who was told, what they replied, and what a customer sees of it."""
