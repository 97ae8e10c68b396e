"""Migrations of the exchange's own tables."""
