"""Migrations of the table of uploads."""
