"""A shop that has `apps.products`, as this project has."""

import os
from urllib.parse import urlsplit

URL = urlsplit(os.environ["DATABASE"])
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": URL.path}
    if URL.scheme == "sqlite"
    else {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": URL.path[1:],
        "USER": URL.username,
        "PASSWORD": URL.password,
        "HOST": URL.hostname,
        "PORT": URL.port,
    }
}
SECRET_KEY = "of a test"
USE_TZ = True
LANGUAGE_CODE = "ru"
DEFAULT_AUTO_FIELD = os.environ.get("AUTO_FIELD", "django.db.models.BigAutoField")
INSTALLED_APPS = ["apps.products"]

INSTALLED_APPS += ["stock_loader", "stock_loader.journal"]
STOCK_LOADER = {"MODEL": "products.Product", "QUANTITY": "qty", "ONEC_ID": "code1c", "SKU": "article"}
