"""Two sessions of one user whose requests come in any order, again, cut off or too early: each has what it sent."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stock_loader.exchange.onec_client import ExchangeFailedError, OnecClient
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file

HALVES = ({f"p{n}": NEW[f"p{n}"] for n in range(5)}, {f"p{n}": NEW[f"p{n}"] for n in range(5, 10)})
FILES = [stock_file(half) for half in HALVES]
PARTS = [(content[:300], content[300:800], content[800:]) for content in FILES]
WHOLE = [0, 1, 2]

STEPS = st.lists(
    st.tuples(
        st.sampled_from((0, 1)),
        st.one_of(
            st.sampled_from(("whole", "whole", "import", "import", "begin", "init", "deactivate", "complete")),
            st.tuples(st.sampled_from(("part", "part", "cut")), st.sampled_from(WHOLE)),
        ),
    ),
    min_size=4,
    max_size=16,
)


@dataclass
class Session:
    """A session, and what the shop must have of its file."""

    site: Site
    number: int
    client: OnecClient
    parts: list[int] = field(default_factory=list)
    is_known: bool = False
    is_whole: bool = False
    is_taken: bool = False
    has_loaded: bool = False
    """In any session of this client."""

    def begin(self) -> None:
        """Sign in anew: nothing of the old session is in the new one."""
        self.client.begin()
        self.parts, self.is_known, self.is_whole, self.is_taken = [], False, False, False

    def send(self, part: int) -> None:
        """Send a part, which may be the wrong one."""
        self._begin_file()
        self.client.demand("file", body=PARTS[self.number][part], filename="rests.xml")
        self.parts.append(part)
        self.is_whole = True

    def cut(self, part: int) -> None:
        """Send a part that does not arrive whole."""
        self._begin_file()
        seen = self._cut_requests()
        self.client.send_cut("rests.xml", PARTS[self.number][part], sent=50)
        self.site.until(lambda: self._cut_requests() > seen)
        self.is_whole = False

    def have_imported(self) -> None:
        """Ask until it has ended; it must have succeeded if the parts are all of the file in their order."""
        try:
            self.client.have_imported("rests.xml")
        except ExchangeFailedError:
            has_succeeded = False
        else:
            has_succeeded = True
        assert has_succeeded == (self.is_whole and self.parts == WHOLE)
        self.is_taken = self.is_taken or self.is_whole
        self.has_loaded = self.has_loaded or has_succeeded

    def _begin_file(self) -> None:
        if self.is_taken or not self.is_known:
            self.parts, self.is_known, self.is_taken = [], True, False

    def _cut_requests(self) -> int:
        rows = self.site.query("SELECT count(*) FROM stock_exchange_exchangerequest WHERE status = 400")
        return int(rows[0][0])


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_each_session_has_what_it_sent_in_whatever_order_requests_come(
    site: Site, steps: list[tuple[int, object]]
) -> None:
    site.reset()
    sessions = [Session(site, number, site.client("new")) for number in (0, 1)]
    for session in sessions:
        session.begin()
    for number, step in steps:
        take(sessions[number], step)
        loaded = [half for half, session in zip(HALVES, sessions, strict=True) if session.has_loaded]
        assert site.stock() == OLD | {key: quantity for half in loaded for key, quantity in half.items()}
        assert site.loads().count("completed") == len(loaded)


def take(session: Session, step: object) -> None:
    """Do one step."""
    if step == "begin":
        session.begin()
    elif step == "import":
        session.have_imported()
    elif step == "whole":
        for part in WHOLE:
            session.send(part)
    elif isinstance(step, str):
        session.client.call(step)
    elif isinstance(step, tuple):
        (session.send if step[0] == "part" else session.cut)(step[1])
