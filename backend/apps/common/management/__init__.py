"""Commands about import sessions."""
