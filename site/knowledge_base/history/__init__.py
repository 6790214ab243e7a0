"""What pages said before, and what changed."""
