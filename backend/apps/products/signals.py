"""The signal that a load sends, at the place where the shop's code looks for it."""

from stock_loader.load.signals import stocks_loaded

__all__ = ["stocks_loaded"]
