"""`manage.py load_product_stocks --file rests.xml`."""

from stock_loader.console.command import Command

__all__ = ["Command"]
