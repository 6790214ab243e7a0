"""Words become answers."""
