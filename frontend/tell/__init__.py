"""The open ear, for whoever has something to tell."""
