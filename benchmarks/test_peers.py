"""What else a shop could use, on the same file, table and server, each as a process beside the floor."""

import sys
from importlib.util import find_spec

import pytest

from benchmarks.bench import Bench
from benchmarks.cases import POSTGRESQL, Case, Changed, Section
from benchmarks.loads import measure_process
from benchmarks.peers import PEERS, Peer


def peer_parameters() -> list[object]:
    """Return every peer with all products changed and, where that makes a difference, with some."""
    return [
        pytest.param(peer, changed, id=f"{peer.key}-{changed.name.lower()}")
        for changed in (Changed.ALL, Changed.SOME)
        for peer in PEERS
        if changed is Changed.ALL or not peer.writes_all
    ]


@pytest.mark.parametrize(("peer", "changed"), peer_parameters())
def test_peer(bench: Bench, peer: Peer, changed: Changed) -> None:
    """One peer."""
    if peer.module and find_spec(peer.module) is None:
        pytest.skip(f"{peer.title} is not installed: pip install --no-deps -r benchmarks/requirements.txt")
    case = Case(
        section=Section.PEERS,
        subject=peer.key,
        offers=bench.plan.offers,
        database=POSTGRESQL,
        changed=changed.value,
    )
    command = [sys.executable, "-m", "benchmarks.peers", peer.key, str(bench.stock_file().path)]
    measure_process(
        bench,
        case,
        command,
        rounds=bench.plan.rounds_of(case.offers, most=peer.most_rounds),
        writes_all=peer.writes_all,
    )
