"""People: accounts, passwords, signing in and out."""
