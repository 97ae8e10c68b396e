"""`manage.py exchange_user NAME`: credentials for one 1C, shown once."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from stock_loader.exchange.models import ExchangeUser
from stock_loader.exchange.sign_in import end_sessions

PASSWORD_BYTES = 18
MAX_NAME_LENGTH = 150


class Command(BaseCommand):
    """Make, renew or block the credentials of a 1C."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Makes credentials with which 1C may send stock files; renews those that exist.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument("name", metavar="NAME", help=gettext("The user to enter in 1C."))
        parser.add_argument("--block", action="store_true", help=gettext("Let this user sign in no more."))

    def handle(self, *_args: Any, name: str, block: bool, **_options: Any) -> None:
        """Make a password, keep its hash, show it."""
        if not name.strip() or ":" in name or not name.isprintable() or len(name) > MAX_NAME_LENGTH:
            raise CommandError(gettext("expected a name without colons, saw %(seen)r") % {"seen": name}, returncode=2)
        if block:
            if not ExchangeUser.objects.filter(name=name).update(is_active=False):
                raise CommandError(gettext("there is no exchange user %(name)s.") % {"name": name})
            end_sessions(name)
            self.stdout.write(gettext("%(name)s may sign in no more.") % {"name": name})
            return
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        ExchangeUser.objects.update_or_create(
            name=name, defaults={"password": make_password(password), "is_active": True}
        )
        end_sessions(name)
        self.stdout.write(gettext("User: %(name)s") % {"name": name})
        self.stdout.write(gettext("Password: %(password)s (it is shown this once)") % {"password": password})
