"""Search by meaning: texts become vectors, and entries that say the same in other words are found beside those that have the words."""
