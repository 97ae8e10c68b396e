"""`manage.py stock_history PRODUCT`."""

from stock_loader.console.history_command import Command

__all__ = ["Command"]
