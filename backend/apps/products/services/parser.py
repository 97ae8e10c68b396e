"""The parser of stock files, at the place where the shop's code looks for it."""

from stock_loader.commerceml.documents.parser import XMLDataParser

__all__ = ["XMLDataParser"]
