"""Changes that wait: for a second person, or for their time."""
