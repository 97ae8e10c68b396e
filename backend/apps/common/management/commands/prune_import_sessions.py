"""`manage.py prune_import_sessions --older-than 90d`, at the place where the shop looks for it."""

from stock_loader.console.prune_command import Command

__all__ = ["Command"]
