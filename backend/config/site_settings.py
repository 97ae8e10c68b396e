"""Settings of the shop's web site: the admin and the exchange with 1C, beside what `settings` has for the commands.

| variable | meaning | default |
|---|---|---|
| `DJANGO_SECRET_KEY` | required | |
| `DJANGO_ALLOWED_HOSTS` | names of the site, separated by commas | `localhost,127.0.0.1` |
| `STOCK_EXCHANGE` | `STOCK_LOADER["EXCHANGE"]` as a JSON object | `{}` |
| `STOCK_UPLOAD` | `STOCK_LOADER["UPLOAD"]` as a JSON object | `{}` |
"""

import json
import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import settings as base
from config.settings import *  # noqa: F403

SECRET_KEY = base.SECRET_KEY
ALLOWED_HOSTS = base.listed(os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1"))
INSTALLED_APPS = [
    *base.INSTALLED_APPS,
    "stock_loader.exchange",
    "stock_loader.upload",
    "stock_loader.pages",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
DATABASES = {"default": dict(base.DATABASES["default"])}
if not base.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A third less time for a small request of 1C. A file that is replaced would still be written to, so not on SQLite.
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
STATIC_URL = "static/"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _object(variable: str) -> dict[str, Any]:
    """Return the JSON object in the environment's variable, by default an empty one."""
    try:
        return dict(json.loads(os.environ.get(variable, "{}")))
    except (ValueError, TypeError):
        raise ImproperlyConfigured(f"{variable}: expected a JSON object.") from None


STOCK_LOADER = {**base.STOCK_LOADER, "EXCHANGE": _object("STOCK_EXCHANGE"), "UPLOAD": _object("STOCK_UPLOAD")}
