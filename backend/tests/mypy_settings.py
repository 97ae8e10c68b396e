"""Every app at once, for the types of the models."""

from config.site_settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.shops", "stock_loader.journal"]  # noqa: F405
