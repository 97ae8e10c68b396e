"""The strategy `copy`."""
