"""The site as the tests of the exchange need it."""

from collections.abc import Callable

import pytest

from tests.stock_loader.exchange.site import Site, end_worker


@pytest.fixture(autouse=True)
def speaks_english(english: None) -> None:
    """Have all tests of this folder speak English."""


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
