"""The site, held for ever at one point of a request: `gunicorn tests…held_wsgi:at("MODULE", "FUNCTION")`."""

from importlib import import_module
from typing import Any

from tests.stock_loader.exchange.held_worker import hold


def at(module: str, function: str) -> Any:
    """Return the application; what it is about to call there is never called."""
    application = import_module("config.wsgi").application
    setattr(import_module(module), function, hold)
    return application
