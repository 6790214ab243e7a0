"""What every response shares: error pages, security headers, templates."""
