"""Migrations of the loader's own table; they touch no table of the shop."""
