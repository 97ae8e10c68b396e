"""One site for all tests that need a server, on the database of the run."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import offer, rests
from tests.servers import new_database
from tests.stock_loader.exchange.site import Site, running

PRODUCTS = 10


@pytest.fixture(scope="session")
def site_database_url(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an empty database of the site's own."""
    if server_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path_factory.mktemp('site') / 'site.sqlite3'}"
    name = f"exchange_{tmp_path_factory.getbasetemp().name}".replace("-", "_").lower()
    return new_database(server_url, name)


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
