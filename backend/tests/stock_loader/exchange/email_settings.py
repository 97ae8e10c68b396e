"""Settings of a site whose shop has a user model of its own; the exchange and nothing else is served."""

from tests.stock_loader.exchange.served_settings import *  # noqa: F403

AUTH_USER_MODEL = "email_users.Person"
INSTALLED_APPS = [
    *("apps.common", "apps.products", "stock_loader", "stock_loader.exchange"),
    *("django.contrib.auth", "django.contrib.contenttypes", "tests.stock_loader.exchange.email_users"),
]
ROOT_URLCONF = "stock_loader.exchange.fixed_urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
