# SPDX-License-Identifier: MIT
"""Hostile clients and a hostile upstream, while honest clients go on."""

import time

import pytest

from attacks import HARMLESS, OPTIONS, Field, limit_descriptors, silence
from processes import count_files, cpu_share
from waiting import SCALE, noise, wait_until


@pytest.fixture
def field(lab, handyproxy, proxy, faults) -> Field:
    daemon = handyproxy(
        *OPTIONS, "-log-level", "info",
        preload=faults.library, prepare=limit_descriptors,
    )
    return Field(lab, daemon, proxy, faults)


@pytest.mark.parametrize("name", HARMLESS)
def test_an_attack_harms_no_honest_client(field, honest, rng, name):
    workers = field.daemon.workers
    clients = honest()
    clients.wait_for(5)
    HARMLESS[name](field, rng)
    clients.wait_for(10)
    clients.stop()
    assert not clients.losses
    assert field.daemon.workers == workers
    field.daemon.assert_no_error()
    wait_until(lambda: not open_sockets(workers), "connections are closed")
    assert cpu_share(workers, 0.3 * SCALE) < 0.5


# A worker's other descriptors: standard input and output, listener, epoll,
# signalfd, timerfd, the socket for the next client.
BESIDES = 7


def open_sockets(workers: list[int]) -> int:
    return sum(max(count_files(pid, False) - BESIDES, 0) for pid in workers)


@pytest.mark.parametrize("first", [b"", b"\0"], ids=["sniffing", "answering"])
def test_pending_connections_leave_capacity(
    lab, handyproxy, proxy, faults, honest, first
):
    """Twice as many clients as the limit: silent clients, and clients whose
    destination the upstream never answers for."""
    daemon = handyproxy(
        "-max-connections", "128", "-max-per-client", "0",
        "-sniff-timeout", "1m", workers=1
    )
    field = Field(lab, daemon, proxy, faults)
    clients = honest()
    clients.wait_for(5)
    flood = [field.connect(silence) for _ in range(192)]
    for one in flood:
        one.send(first)
    pings = clients.done["ping"]
    begin = time.monotonic()
    clients.wait_for(5)
    assert time.monotonic() - begin < 20 * SCALE + noise()
    assert clients.done["ping"] > pings + 20
    daemon.wait_for_warning(cause="evicted")
    for one in flood:
        one.reset()
    clients.wait_for(5)
