"""The content's history in git."""
