"""A shop that has `apps.products`, as this project has."""

import os

from shop import database

DATABASES = {"default": database(os.environ["DATABASE"])}
SECRET_KEY = "of a test"
USE_TZ = True
LANGUAGE_CODE = "ru"
DEFAULT_AUTO_FIELD = os.environ.get("AUTO_FIELD", "django.db.models.BigAutoField")
INSTALLED_APPS = ["apps.products"]

if "WITHOUT_LOADER" not in os.environ:
    INSTALLED_APPS += ["stock_loader", "stock_loader.journal"]
    STOCK_LOADER = {"MODEL": "products.Product", "QUANTITY": "qty", "ONEC_ID": "code1c", "SKU": "article"}
