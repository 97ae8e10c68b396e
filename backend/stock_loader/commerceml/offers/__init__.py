"""From an offer to its record."""
