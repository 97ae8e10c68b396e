"""What the loader asks of a database."""
