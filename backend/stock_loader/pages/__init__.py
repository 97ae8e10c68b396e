"""The loads in Django's admin: what they did, what they changed, and the history of one product."""
