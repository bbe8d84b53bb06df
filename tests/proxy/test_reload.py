# SPDX-License-Identifier: MIT
"""A reload refuses no connection and ends none."""

import os
import signal
import time

import pytest

from behaviour import hand_over
from daemon import Daemon, children_of, comm_of, open_files, state_of
from lab import PROXY_ADDRESS, SECOND_PROXY_ADDRESS
from origin import echo
from peer import FIN, RESET, join
from waiting import PATIENCE, SCALE, duration, wait_until

# A worker is killed this long after the end of its drain: the grace in
# supervisor.c, and a tick.
OVERDUE_SECONDS = 6


@pytest.fixture
def configured(handyproxy):
    """configured(FILE, workers=2): a daemon whose options are in the file."""

    def start(file: str, workers: int) -> Daemon:
        return handyproxy("-config", file, upstream="", workers=workers)

    return start


def reload(daemon: Daemon) -> None:
    start = len(daemon.log)
    os.kill(daemon.pid, signal.SIGHUP)
    daemon.wait_for_log("configuration (read again|is wrong)", start)


def draining(daemon: Daemon) -> list[int]:
    return [
        pid
        for pid in children_of(daemon.pid)
        if comm_of(pid).startswith("handyproxy:d")
        and comm_of(pid) != "handyproxy:dns"
    ]


def wait_until_replaced(daemon: Daemon, before: list[int]) -> None:
    """A new worker has started before the old worker stops accepting."""
    wait_until(
        lambda: len(daemon.workers) == len(before)
        and not any(comm_of(p).startswith("handyproxy:w") for p in before),
        "all workers are replaced",
    )


def shared_pages(pid: int) -> int:
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        return sum(" rw-s " in line for line in maps)


def echoes(client, upstream) -> bool:
    client.send(b"hello")
    upstream.send(b"world")
    return upstream.receive(5) == b"hello" and client.receive(5) == b"world"


def comes_back(client) -> bool:
    client.send(b"hello")
    return client.receive(5) == b"hello"


def test_fifty_reloads_under_traffic_harm_nothing(
    handyproxy, site, start_origin, connect, configuration
):
    """Every other reload changes a setting; one tunnel is open throughout."""
    daemon = handyproxy(
        "-config", configuration(), upstream=site.upstream, workers=2
    )
    tunnel = connect(start_origin(echo).address)
    with site.transfers() as transfers:
        transfers.go_on()
        before = len(open_files(daemon.pid)), shared_pages(daemon.pid)
        for number in range(50):
            workers = daemon.workers
            if number % 2:
                configuration(f"idle-timeout {number}h")
            reload(daemon)
            if number % 2:
                wait_until_replaced(daemon, workers)
                # The next reload adds one of each number; of five, the oldest
                # would get -drain-timeout.
                wait_until(
                    lambda: len(draining(daemon)) <= 3, "transfers end"
                )
            assert comes_back(tunnel)
        transfers.go_on(100)
    assert transfers.failures == []
    # The first tunnel keeps one worker of the first generation running.
    wait_until(lambda: len(draining(daemon)) == 1, "the others have left")
    assert comes_back(tunnel)
    tunnel.finish()
    assert tunnel.end() == FIN
    wait_until(lambda: len(children_of(daemon.pid)) == 2, "two are left")
    wait_until(
        lambda: (len(open_files(daemon.pid)), shared_pages(daemon.pid))
        == before,
        "the master has what it had",
    )


def test_reloads_faster_than_workers_start_harm_nothing(
    handyproxy, site, configuration
):
    daemon = handyproxy(
        "-config", configuration(), upstream=site.upstream, workers=3
    )
    with site.transfers() as transfers:
        transfers.go_on()
        for number in range(50):
            configuration(f"idle-timeout {number + 1}h")
            os.kill(daemon.pid, signal.SIGHUP)
            transfers.go_on(2)
    assert transfers.failures == []
    wait_until(lambda: len(children_of(daemon.pid)) == 3, "the old ones left")


def test_at_most_four_workers_of_a_number_drain_for_long(
    handyproxy, open_tunnel, configuration
):
    daemon = handyproxy(
        "-config", configuration(), "-drain-timeout", duration(0.5), workers=1
    )
    tunnels = []
    for number in range(7):
        tunnels.append(open_tunnel())
        workers = daemon.workers
        configuration(f"idle-timeout {number + 1}h")
        reload(daemon)
        wait_until_replaced(daemon, workers)
    # The oldest workers had to end; the last four have unlimited time.
    for client, upstream in tunnels[:3]:
        assert client.end() == RESET
        assert upstream.end() == RESET
    wait_until(lambda: len(draining(daemon)) == 4, "four are left")
    for tunnel in tunnels[3:]:
        assert tunnel[0].stays_silent()
        assert echoes(*tunnel)
    assert {comm_of(pid) for pid in draining(daemon)} == {"handyproxy:d0"}


def test_draining_workers_count_towards_the_limit(
    handyproxy, proxy, connect, configuration
):
    daemon = handyproxy(
        "-config", configuration(), "-max-connections", "4", workers=1
    )
    proxy.behaviour = hand_over()
    old = []
    for _ in range(3):
        client = connect()
        old.append((client, proxy.tunnel()))
    workers = daemon.workers
    configuration("idle-timeout 1h")
    reload(daemon)
    wait_until_replaced(daemon, workers)
    client = connect()
    assert echoes(client, proxy.tunnel())
    waiting = connect()
    waiting.send(b"me too")
    assert waiting.stays_silent()
    assert len(proxy.requests) == 4
    # A connection that ends in the old worker lets the new worker accept
    # another one.
    old[0][0].reset()
    upstream = proxy.tunnel()
    assert upstream.receive(6) == b"me too"
    for tunnel in old[1:]:
        assert echoes(*tunnel)


def test_a_new_upstream_gets_the_new_connections_and_the_old_keeps_its_own(
    configured, proxy, start_proxy, connect, configuration
):
    second = start_proxy(SECOND_PROXY_ADDRESS)
    for one in (proxy, second):
        one.behaviour = hand_over()
    file = configuration(f"upstream-proxy {join(proxy.address)}", "workers 2")
    daemon = configured(file, workers=2)
    clients, tunnels = [], []
    for one, other in ((proxy, second), (second, proxy), (proxy, second)):
        workers = daemon.workers
        configuration(f"upstream-proxy {join(one.address)}", "workers 2")
        reload(daemon)
        if clients:
            wait_until_replaced(daemon, workers)
        asked = len(other.requests)
        for _ in range(4):
            clients.append(connect())
            tunnels.append((clients[-1], one.tunnel()))
        assert len(other.requests) == asked
    for tunnel in tunnels:
        assert echoes(*tunnel)


def test_an_upstream_that_changes_under_traffic_loses_nothing(
    lab, configured, proxy, site, configuration
):
    """The upstream changes by address and by name, in turns; both proxies relay."""
    lab.set_hosts({"proxy.test": [PROXY_ADDRESS]})
    names = [site.upstream, join(proxy.address), f"proxy.test:{site.proxy_port}"]
    lines = [f"upstream-proxy {name}" for name in names]
    daemon = configured(configuration(lines[0], "workers 2"), workers=2)
    with site.transfers() as transfers:
        for number in range(1, 13):
            transfers.go_on()
            workers = daemon.workers
            configuration(lines[number % 3], "workers 2")
            reload(daemon)
            wait_until_replaced(daemon, workers)
        transfers.go_on()
    assert transfers.failures == []
    assert proxy.requests


@pytest.mark.expects_errors
def test_a_wrong_configuration_changes_nothing(
    handyproxy, site, configuration
):
    daemon = handyproxy(
        "-config", configuration(), upstream=site.upstream, workers=2
    )
    workers = daemon.workers
    with site.transfers() as transfers:
        for _ in range(10):
            configuration("idle-timeout fortnight")
            reload(daemon)
            transfers.go_on()
    assert transfers.failures == []
    assert daemon.workers == workers


def test_a_removed_worker_finishes_its_tunnels(
    configured, proxy, connect, configuration
):
    """-workers changes from 4 to 1 and back: no tunnel is ended, no connection
    refused."""
    proxy.behaviour = hand_over()
    upstream = f"upstream-proxy {join(proxy.address)}"
    daemon = configured(configuration(upstream, "workers 4"), workers=4)
    tunnels = []

    def open_more() -> None:
        for _ in range(8):
            client = connect()
            tunnels.append((client, proxy.tunnel()))

    open_more()
    for count in (1, 4, 1):
        workers = daemon.workers
        configuration(upstream, f"workers {count}")
        reload(daemon)
        wait_until(
            lambda: len(daemon.workers) == count
            and not any(comm_of(p).startswith("handyproxy:w") for p in workers),
            f"{count} new ones serve, and they alone",
        )
        open_more()
    for tunnel in tunnels:
        assert echoes(*tunnel)
        client, end = tunnel
        client.finish()
        assert end.end() == FIN
        end.finish()
        assert client.end() == FIN
    wait_until(lambda: len(children_of(daemon.pid)) == 1, "the old ones left")


@pytest.mark.parametrize("way", ["a worker that gets TERM", "a killed master"])
def test_a_drain_timeout_that_was_reloaded_is_the_one_that_counts(
    way, mortal, proxy, connect, configuration
):
    proxy.behaviour = hand_over()
    lines = [f"upstream-proxy {join(proxy.address)}", "workers 1"]
    file = configuration(*lines, "drain-timeout 1h")
    daemon = mortal("-config", file, upstream="", workers=1)
    workers = daemon.workers
    configuration(*lines, f"drain-timeout {duration(0.5)}")
    reload(daemon)
    wait_until_replaced(daemon, workers)
    client = connect()
    upstream = proxy.tunnel()
    children = children_of(daemon.pid)
    if way == "a killed master":
        os.kill(daemon.pid, signal.SIGKILL)
    else:
        os.kill(daemon.workers[0], signal.SIGTERM)
    assert client.end() == RESET
    assert upstream.end() == RESET
    wait_until(
        lambda: all(state_of(pid) in "XZ" for pid in children), "it leaves"
    )


def test_a_stop_ends_workers_that_drain_for_a_reload_as_well(
    handyproxy, open_tunnel, configuration
):
    daemon = handyproxy(
        "-config", configuration(), "-drain-timeout", duration(0.5), workers=1
    )
    tunnels = [open_tunnel()]
    workers = daemon.workers
    configuration("idle-timeout 1h")
    reload(daemon)
    wait_until_replaced(daemon, workers)
    tunnels.append(open_tunnel())
    daemon.terminate()
    for client, upstream in tunnels:
        assert client.end() == RESET
        assert upstream.end() == RESET
    assert daemon.process.wait(PATIENCE) == 0


def test_a_stop_shortens_a_drain_that_has_a_later_end(
    configured, proxy, connect, configuration
):
    """The worker still logs how its tunnel ended."""
    lines = [f"upstream-proxy {join(proxy.address)}", "workers 1"]
    lines += ["log-level info"]
    file = configuration(*lines, "drain-timeout 1h")
    daemon = configured(file, workers=1)
    proxy.behaviour = hand_over()
    client = connect()
    proxy.tunnel()
    old = daemon.workers[0]
    os.kill(old, signal.SIGTERM)
    wait_until(lambda: comm_of(old) == "handyproxy:d0", "it drains")
    configuration(*lines, f"drain-timeout {duration(0.5)}")
    reload(daemon)
    daemon.terminate()
    assert client.end() == RESET
    assert daemon.process.wait(PATIENCE) == 0
    assert daemon.wait_for_closed(client=client.address)["result"] == "drained"


def test_a_late_drain_timeout_counts_from_then(
    handyproxy, open_tunnel, configuration
):
    """The worker drains for a reload, for longer than a stop would allow."""
    daemon = handyproxy(
        "-config", configuration(), "-drain-timeout", duration(2), workers=1
    )
    client, upstream = open_tunnel()
    workers = daemon.workers
    configuration("idle-timeout 1h")
    reload(daemon)
    wait_until_replaced(daemon, workers)
    time.sleep(OVERDUE_SECONDS + 2 * SCALE)
    daemon.terminate()
    assert client.end() == RESET
    assert upstream.end() == RESET
    assert daemon.process.wait(PATIENCE) == 0
