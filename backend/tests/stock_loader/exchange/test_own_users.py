"""A shop with a user model of its own: its users sign in with what they sign in with elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import offer, rests
from tests.stock_loader.exchange.onec_client import OnecClient
from tests.stock_loader.exchange.site import Site, end_worker, server_of
from tests.stock_loader.exchange.stock_files import NEW, stock_file

USERS = """
from django.contrib.auth.models import Permission
from tests.stock_loader.exchange.email_users.models import Person
for name in ("anna", "olga"):
    person = Person(email=name + "@example.com")
    person.set_password("a:b")
    person.save()
person.user_permissions.add(Permission.objects.get(codename="send_stocks"))
"""


class EmailSite(Site):
    """The site of such a shop."""

    @property
    def environment(self) -> dict[str, str]:
        settings = {"DJANGO_SETTINGS_MODULE": "tests.stock_loader.exchange.email_settings"}
        return super().environment | settings


@pytest.fixture
def email_site(tmp_path: Path) -> Iterator[EmailSite]:
    site = EmailSite(tmp_path, f"sqlite:///{tmp_path / 'site.sqlite3'}")
    site.configure()
    site.manage("migrate", "--run-syncdb", "--verbosity", "0")
    seed = tmp_path / "seed.xml"
    seed.write_text(rests(*(offer(onec_id, 0) for onec_id in NEW)), encoding="utf-8")
    site.manage("seed_products", "--file", str(seed))
    site.manage("shell", "--verbosity", "0", "--command", USERS)
    with server_of(site):
        yield site
    end_worker(site)


@pytest.mark.slow
def test_user_who_has_no_user_name_sends_with_the_permission_and_only_as_long(email_site: EmailSite) -> None:
    anna, olga = (OnecClient(email_site.port, f"{name}@example.com", "a:b") for name in ("anna", "olga"))
    assert anna.call("checkauth") == "failure\nwrong user or password."
    olga.exchange({"rests.xml": stock_file()})
    assert email_site.stock() == NEW
    email_site.query("DELETE FROM email_users_person_user_permissions")
    assert olga.call("init") == "failure\nthe session is not known or is over; begin the exchange anew."
