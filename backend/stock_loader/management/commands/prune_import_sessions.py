"""`manage.py prune_import_sessions --older-than 90d`."""

from stock_loader.console.prune_command import Command

__all__ = ["Command"]
