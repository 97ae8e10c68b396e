"""The table that every shop has: the journal. Sessions have an app of their own (`stock_loader.journal`)."""

from stock_loader.journal.pages import JournalPage

__all__ = ["JournalPage"]
