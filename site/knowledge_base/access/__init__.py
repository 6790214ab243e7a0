"""Who may read and do what."""
