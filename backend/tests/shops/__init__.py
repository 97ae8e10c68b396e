"""Models of other shops, and how the loader is set up for each."""
