"""The table of nothing: rights only."""
