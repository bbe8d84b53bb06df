# SPDX-License-Identifier: MIT
"""Whatever strangers do to the status address, honest tunnels go on."""

import os
import time

import pytest

from repeating import Repeating
from status import Status, get, process_of
from waiting import wait_until

PLACES = 64


@pytest.fixture
def proxy(honest_proxy):
    return honest_proxy


def drip(status: Status, kept: list) -> None:
    """Slowloris: a byte of a head now and then, on many connections."""
    if len(kept) < 3 * PLACES:
        kept.append(status.connect())
    for peer in kept[:]:
        try:
            peer.socket.settimeout(1)
            peer.send(b"G")
        except OSError:
            kept.remove(peer)
            peer.close()
    time.sleep(0.01)


def flood(status: Status) -> None:
    """Asks, and leaves."""
    peer = status.connect()
    peer.send(get("/"))
    peer.reset()


def garbage(status: Status) -> None:
    status.connect().send(os.urandom(2000))


@pytest.mark.parametrize("attack", ["drip", "flood", "garbage"])
@pytest.mark.parametrize("kind", ["tcp"])
def test_attacks_cost_no_tunnel(attack, serve, status, honest):
    """Each attack lasts for 100 transfers of honest clients."""
    daemon = serve()
    pid = process_of(daemon)
    clients = honest()
    clients.wait_for(20)
    kept: list = []
    acts = {
        "drip": lambda: drip(status, kept),
        "flood": lambda: flood(status),
        "garbage": lambda: garbage(status),
    }
    with Repeating(acts[attack], OSError) as attacker:
        clients.wait_for(100)
        wait_until(lambda: attacker.count >= 100, "the attack is one")
        assert status.get("/metrics")  # while it goes on
    for peer in kept:
        peer.close()
    assert process_of(daemon) == pid
    daemon.assert_no_error()
