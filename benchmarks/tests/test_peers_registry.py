from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.peers import PEERS, Peer

REQUIREMENTS = (Path(__file__).parent.parent / "requirements.txt").read_text()


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.key)
def test_peer_has_a_module_and_a_pinned_package(peer: Peer) -> None:
    assert find_spec(f"benchmarks.peers.{peer.key}") is not None
    if peer.module:
        assert f"{peer.title.partition(',')[0]}==" in REQUIREMENTS
