"""The order of things in a load."""
