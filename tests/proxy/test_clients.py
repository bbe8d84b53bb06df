# SPDX-License-Identifier: MIT
"""-max-per-client: no client address takes all connections."""

import os
import signal
from typing import Iterator

import pytest

from behaviour import hand_over, stay_silent
from daemon import Daemon, children_of, state_of
from lab import ADDRESSES, CLIENT_ADDRESS
from modes import every_family
from peer import RESET, Peer
from waiting import wait_until

OTHER_CLIENT = ADDRESSES["ipv4"].other_client

SAME_64 = "fd00::ffff:0:0:6"


@pytest.fixture(scope="module", autouse=True)
def another_client(lab) -> Iterator[None]:
    """Of IPv6: another address of the client's /64, and one of another /64."""
    others = (
        f"{OTHER_CLIENT}/24",
        f"{SAME_64}/64 nodad",
        f"{ADDRESSES['ipv6'].other_client}/64 nodad",
    )
    network = f"{ADDRESSES['ipv6'].other_client}/64"
    for other in others:
        lab.client.ip(f"address add {other} dev router")
    lab.router.ip(f"route add {network} dev client")
    yield
    lab.router.ip(f"route delete {network} dev client")
    for other in others:
        lab.client.ip(f"address del {other.split()[0]} dev router")


@pytest.fixture
def bounded(handyproxy, proxy):
    def start(*options: str, **more) -> Daemon:
        proxy.behaviour = hand_over()
        return handyproxy(*options, **more)

    return start


@pytest.fixture
def open_some(proxy, connect):
    """open_some(COUNT, SOURCE): tunnels of one client."""

    def open_them(count: int, source: str = CLIENT_ADDRESS) -> list[Peer]:
        clients = []
        for _ in range(count):
            clients.append(connect(source=source))
            proxy.tunnel()
        return clients

    return open_them


def refused(daemon: Daemon, client: Peer) -> None:
    assert client.end() == RESET
    daemon.wait_for_warning(cause="too many connections of this client")


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_one_more_than_the_bound_is_reset_at_once(
    workers, bounded, open_some, connect
):
    """The bound is that of all workers together, whichever accepts."""
    daemon = bounded("-max-per-client", "6", workers=workers)
    clients = open_some(6)
    for _ in range(4):
        refused(daemon, connect(source=CLIENT_ADDRESS))
    clients += open_some(6, OTHER_CLIENT)
    refused(daemon, connect(source=OTHER_CLIENT))
    for client in clients[:2] + clients[-2:]:
        assert client.stays_silent()


def test_each_worker_knows_of_the_connections_of_the_other(
    bounded, open_some, connect
):
    daemon = bounded("-max-per-client", "4", workers=2)
    first, second = daemon.workers
    with daemon.alone(first):
        clients = open_some(3)
    with daemon.alone(second):
        clients += open_some(1)
        refused(daemon, connect(source=CLIENT_ADDRESS))
    with daemon.alone(first):
        refused(daemon, connect(source=CLIENT_ADDRESS))
    clients[3].reset()
    daemon.wait_until_at_rest()
    with daemon.alone(first):
        open_some(1)


@every_family
def test_one_client_is_an_address_or_a_64(
    family, addresses, bounded, open_some, connect
):
    """Both families come in by one listener."""
    daemon = bounded("-max-per-client", "3", workers=2)
    clients = open_some(2, addresses.client)
    if family == "ipv6":
        clients += open_some(1, SAME_64)
        refused(daemon, connect(source=SAME_64))
    else:
        clients += open_some(1, addresses.client)
    refused(daemon, connect(source=addresses.client))
    clients += open_some(3, addresses.other_client)
    refused(daemon, connect(source=addresses.other_client))
    for client in clients:
        assert client.stays_silent()


def test_an_end_makes_room_for_another(bounded, open_some, connect):
    daemon = bounded("-max-per-client", "2", workers=1)
    clients = open_some(2)
    refused(daemon, connect())
    clients[0].reset()
    daemon.wait_until_at_rest()
    open_some(1)
    refused(daemon, connect())


def test_the_warning_names_client_and_destination(bounded, open_some, connect):
    daemon = bounded("-max-per-client", "1", workers=1)
    open_some(1)
    client = connect()
    name = "%s:%d" % client.socket.getsockname()[:2]
    assert client.end() == RESET
    daemon.wait_for_warning(
        client=name,
        destination="93.184.216.34:443",
        cause="too many connections of this client",
    )


def test_half_of_all_is_the_default(bounded, open_some, connect):
    daemon = bounded("-max-connections", "64", workers=1)
    open_some(32)
    refused(daemon, connect())
    open_some(32, OTHER_CLIENT)


def test_sixteen_are_the_least_default(bounded, open_some, connect):
    daemon = bounded("-max-connections", "20", workers=1)
    open_some(16)
    refused(daemon, connect())


def test_zero_is_no_bound(bounded, open_some):
    bounded(
        "-max-connections", "40", "-max-per-client", "0", workers=1
    )
    open_some(40)


@every_family
def test_own_connections_are_not_bounded(
    family, bounded, lab, proxy, connect
):
    """All users of this host share its addresses."""
    daemon = bounded("-max-per-client", "1", workers=1)
    lab.stop_redirecting()
    lab.redirect_output(
        daemon.port, daemon.user or None, {"ipv4": "ip", "ipv6": "ip6"}[family]
    )
    for _ in range(3):
        connect(namespace=lab.router)
        proxy.tunnel()


@pytest.mark.expects_errors
def test_a_dead_workers_connections_do_not_count(
    bounded, open_some, connect
):
    daemon = bounded("-max-per-client", "3", workers=2)
    first, second = daemon.workers
    with daemon.alone(first):
        clients = open_some(3)
    os.kill(first, signal.SIGKILL)
    for client in clients:
        assert client.end() == RESET
    wait_until(
        lambda: len(daemon.workers) == 2 and first not in daemon.workers,
        "the worker is replaced",
    )
    with daemon.alone(second):
        open_some(3)
        refused(daemon, connect())


def test_connections_that_drain_count(
    bounded, open_some, connect, configuration
):
    """They are among the connections that are served at once."""
    lines = ["max-per-client 3", "workers 1"]
    daemon = bounded(
        "-config", configuration(*lines), "-log-level", "info", workers=1
    )
    (old,) = daemon.workers
    clients = open_some(2)
    for seconds in ("11s", "12s"):
        configuration(*lines, f"check-interval {seconds}")
        os.kill(daemon.pid, signal.SIGHUP)
        wait_until(
            lambda: len(daemon.workers) == 1 and old not in daemon.workers,
            "the worker is replaced",
        )
        (old,) = daemon.workers
        daemon.wait_until_at_rest()
    open_some(1)
    refused(daemon, connect())
    name = "%s:%d" % clients[0].socket.getsockname()[:2]
    clients[0].reset()
    daemon.wait_for_closed(client=name)
    wait_until(
        lambda: {state_of(pid) for pid in children_of(daemon.pid)} == {"S"},
        "the worker that drains has counted it",
    )
    open_some(1)
    refused(daemon, connect())


def test_a_reload_changes_the_bound(
    bounded, open_some, connect, configuration
):
    daemon = bounded(
        "-config", configuration("max-per-client 1"), workers=1
    )
    workers = daemon.workers
    open_some(1)
    refused(daemon, connect())
    configuration("max-per-client 3")
    start = len(daemon.log)
    os.kill(daemon.pid, signal.SIGHUP)
    daemon.wait_for_log("configuration read again", start)
    daemon.wait_until_at_rest()
    assert daemon.workers == workers
    open_some(2)
    refused(daemon, connect())


def test_a_flood_evicts_its_own_pending_connections(bounded, proxy, connect):
    """Another client's are older, and stay: it has fewer."""
    daemon = bounded(
        "-max-connections", "64", "-max-per-client", "0", workers=1
    )
    proxy.behaviour = stay_silent()
    others = [connect(source=OTHER_CLIENT) for _ in range(2)]
    flood = [connect() for _ in range(47)]
    name = "%s:%d" % flood[0].socket.getsockname()[:2]
    assert flood[0].end() == RESET
    daemon.wait_for_warning(client=name, cause="evicted")
    for client in (*others, flood[1], flood[46]):
        assert client.stays_silent()
