"""One archive that brings the whole site back."""
