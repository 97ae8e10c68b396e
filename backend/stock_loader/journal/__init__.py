"""What is kept of a load."""
