"""Configuration of the app `common`."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """The app that records imports."""

    name = "apps.common"
    label = "common"
