"""What is told of a load."""
