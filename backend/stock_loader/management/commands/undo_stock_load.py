"""`manage.py undo_stock_load SESSION`."""

from stock_loader.console.undo_command import Command

__all__ = ["Command"]
