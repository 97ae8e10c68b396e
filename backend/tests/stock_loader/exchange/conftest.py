"""One site for all tests of the exchange, on the database of the run."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.utils import translation

from tests.documents import offer, rests
from tests.stock_loader.exchange.site import Site, end_worker, running

PRODUCTS = 10


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def site_database_url(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an empty database of the site's own."""
    if server_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path_factory.mktemp('site') / 'site.sqlite3'}"
    name = f"exchange_{tmp_path_factory.getbasetemp().name}".replace("-", "_").lower()
    with closing(psycopg2.connect(server_url)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def made_site(site_database_url: str) -> Iterator[Site]:
    """The site with its tables and ten products, served."""
    with tempfile.TemporaryDirectory(prefix="stock-exchange-") as folder:
        site = Site(Path(folder), site_database_url)
        site.configure()
        site.manage("migrate", "--verbosity", "0")
        seed = Path(folder) / "seed.xml"
        seed.write_text(rests(*(offer(f"p{n}", 0) for n in range(PRODUCTS))), encoding="utf-8")
        site.manage("seed_products", "--file", str(seed))
        with running(site):
            yield site


@pytest.fixture
def site(made_site: Site) -> Site:
    """The site; every product has 5, nothing was sent yet, and the loads run as a service."""
    made_site.configure()
    made_site.serve_loads()
    made_site.reset()
    return made_site


@pytest.fixture
def site_with(made_site: Site) -> Callable[..., Site]:
    """Give the exchange of the site other settings; it starts the process that loads from the requests then."""

    def configured(**settings: object) -> Site:
        end_worker(made_site)
        made_site.configure(**settings)
        made_site.reset()
        return made_site

    return configured
