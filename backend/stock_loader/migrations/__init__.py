"""Migrations of the journal; they touch no table of the shop."""
