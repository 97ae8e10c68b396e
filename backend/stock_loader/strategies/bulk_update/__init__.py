"""The strategy `bulk_update`."""
