"""`manage.py seed_products --file rests.xml`."""

from stock_loader.console.seed_command import Command

__all__ = ["Command"]
