"""What is done with import sessions, whatever was imported."""
