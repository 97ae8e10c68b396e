"""Products of the shop and the loader of their stock."""
