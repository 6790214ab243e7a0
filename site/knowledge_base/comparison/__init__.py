"""What differs between two texts, told so that a person can see it."""
