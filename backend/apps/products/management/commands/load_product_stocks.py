"""`manage.py load_product_stocks --file rests.xml`, at the place where the shop looks for it."""

from stock_loader.console.command import Command

__all__ = ["Command"]
