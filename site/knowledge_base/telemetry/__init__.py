"""What operators see of the site while it runs: log lines and measurements. Knows nothing of what the site does."""
