"""A site with the admin, for the tests of this folder only: all others run without, as a load from cron does."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from apps.common.models import ImportSession
from apps.products.models import Product
from config import site_settings
from stock_loader.journal.keeping import Journal
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.outcome import StockChange
from tests.documents import offer
from tests.documents import rests as document
from tests.stock_loader.pages.undoing import RIGHTS, configure

NOW = timezone.now()


@pytest.fixture(scope="package", autouse=True)
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    added = [app for app in site_settings.INSTALLED_APPS if app not in project.INSTALLED_APPS]
    middleware = [*site_settings.MIDDLEWARE, "tests.stock_loader.pages.strict_policy.strict_policy"]
    with override_settings(
        INSTALLED_APPS=[*project.INSTALLED_APPS, *added],
        ROOT_URLCONF="tests.stock_loader.pages.admin_urls",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        MIDDLEWARE=middleware,
        ALLOWED_HOSTS=["*"],
        TEMPLATES=site_settings.TEMPLATES,
        STATIC_URL=site_settings.STATIC_URL,
    ):
        with django_db_blocker.unblock():
            call_command("migrate", verbosity=0)
        yield


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """Return a browser of a user of the admin with these rights."""
    from django.contrib.auth.models import Permission, User  # noqa: PLC0415  # installed by now

    def made(*rights: str, language: str = "en") -> Client:
        user = User.objects.create_user(f"user{User.objects.count()}", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client = Client(headers={"accept-language": language})
        client.force_login(user)
        return client

    return made


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in("view_stockload")


@pytest.fixture
def make_session(db: None) -> Callable[..., int]:
    """Record a session, that of a completed load where nothing else is said; return its number."""

    def made(*changes: StockChange, status: str = "completed", error_message: str = "", **details: Any) -> int:
        said = {"file": "rests.xml", "dry_run": False, "skipped": False, "changed_count": len(changes)} | details
        session = ImportSession.objects.create(
            import_type="stocks", status=status, details=said, error_message=error_message
        )
        finished = None if status == "started" else NOW + timedelta(seconds=session.pk)
        ImportSession.objects.filter(pk=session.pk).update(finished_at=finished)
        Journal(session=session.pk).keep(changes)
        return session.pk

    return made


@pytest.fixture
def products(db: None) -> list[int]:
    """Ten products, p0 to p9, with nothing in stock."""
    made = Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name=f"Cup {n}", stock_quantity=0) for n in range(10)
    )
    return [product.pk for product in made]


@pytest.fixture
def undo_folder(settings: Settings, tmp_path: Path) -> Path:
    configure(settings, tmp_path)
    return tmp_path / "undos"


@pytest.fixture
def loaded(rests: Path, products: list[int]) -> int:
    """A load of 1 to 5 for five products with 0, of which the first was sold out since and the second was deleted."""
    rests.write_text(document(*(offer(f"p{n}", n + 1) for n in range(5))), "utf-8")
    number = load_stocks(LoadOptions(file=str(rests), strategy="bulk_update")).session_id
    Product.objects.filter(pk=products[2]).update(stock_quantity=2)
    Product.objects.filter(pk=products[3]).delete()
    return number


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    return signed_in(*RIGHTS)
