"""The settings of the tests: those of this project, and other shops' models beside its own."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.shops", "stock_loader.journal"]  # noqa: F405
SECRET_KEY = "of the tests"  # for the tests of pages
