# SPDX-License-Identifier: MIT
"""Several upstreams, or several addresses of one: over a long time, for many
connections. These tests wait much and compute little."""

import contextlib
import os
import resource
import signal
import socket
import threading
import time
from typing import Callable

import pytest

from behaviour import answer_and_close, answer_probes, hand_over_unanswered
from connect_proxy import ESTABLISHED
from crowd_proxy import CrowdProxy, many_files
from daemon import Daemon
from lab import PROXY_ADDRESS, SECOND_PROXY_ADDRESS
from peer import RESET, join
from test_upstreams import (  # pylint: disable=unused-import
    FROM_FIRST,
    asked,
    first,
    lines,
    probes,
    second,
    served_by,
    start,
)
from waiting import SCALE, duration, noise, wait_until

WORKERS = 3

# No client may go there: it is refused at once, and no upstream is dialled.
FORBIDDEN = ("169.254.1.1", 80)


# --- a silent address, with default options


class Clients:
    """Clients one after the other, and how long each waited for its first
    byte. Between them others are refused at once: what that takes is the
    machine's own delay, here and now."""

    def __init__(self, connect) -> None:
        self._connect = connect
        self.waits: list[float] = []
        self.delays: list[float] = []

    def _refuse_one(self) -> float:
        began = time.monotonic()
        assert self._connect(FORBIDDEN).end() == RESET
        return time.monotonic() - began

    def serve_one(self) -> None:
        delay = self._refuse_one()
        began = time.monotonic()
        client = self._connect()
        client.receive(5)
        self.waits.append(time.monotonic() - began)
        client.reset()
        self.delays.append(10 * max(delay, self._refuse_one()))

    def serve_until(self, condition: Callable[[], object]) -> "Clients":
        """Serves clients until the condition holds, and one after that."""
        while True:
            is_over = condition()
            self.serve_one()
            if is_over:
                return self
            time.sleep(0.2)

    def serve_for(self, seconds: float) -> "Clients":
        until = time.monotonic() + seconds
        return self.serve_until(lambda: time.monotonic() > until)

    def longest(self) -> float:
        """The longest wait, without the machine's longest delay."""
        return max(self.waits) - max(self.delays)


@pytest.fixture
def started(handyproxy, configuration, first, second):
    """started(UPSTREAMS): a daemon with default options, but for the log and
    the number of its workers; and how to replace them."""

    def begin(upstreams: str) -> tuple[Daemon, Callable[[], None]]:
        settings = (
            f"upstream-proxy {upstreams}", f"workers {WORKERS}", "log-level info"
        )
        path = configuration(*settings)
        daemon = handyproxy("-config", path, upstream="", workers=WORKERS)

        def reload() -> None:
            configuration(*settings, "idle-timeout 1h")
            before = daemon.workers
            os.kill(daemon.pid, signal.SIGHUP)
            wait_until(
                lambda: len(daemon.workers) == WORKERS
                and not set(daemon.workers) & set(before),
                "all workers are replaced",
            )
            daemon.wait_until_at_rest()

        return daemon, reload

    return begin


def slow_dials(daemon: Daemon) -> int:
    """Connections that have waited for an address, by their workers' clocks."""
    return sum(
        line.words == "connection closed" and float(line["connect"]) > 2.5
        for line in daemon.log
        if line.values is not None and "connect" in line.values
    )


def test_with_default_options_a_silent_address_costs_three_seconds_once(
    lab, started, first, start_proxy, connect
):
    """Each worker's first client waits, as workers do not believe each other.
    After it none does: not after -check-interval, nor when the address answers
    and is silent again. When the other address falls silent, that costs as
    much, and so does a reload."""
    port = first.address[1]
    other = start_proxy(SECOND_PROXY_ADDRESS, port)
    other.behaviour = first.behaviour
    lab.set_hosts({"two.test": [PROXY_ADDRESS, SECOND_PROXY_ADDRESS]})
    daemon, reload = started(f"two.test:{port}")
    line = daemon.wait_for_log("the upstream two.test is at")
    addresses = [PROXY_ADDRESS, SECOND_PROXY_ADDRESS]
    if f"is at upstream={SECOND_PROXY_ADDRESS}" in line.text:
        addresses.reverse()
    clients = Clients(connect)
    with lab.black_hole(addresses[0]):
        clients.serve_for(13)
        assert clients.waits[0] > 2.9
    clients.serve_for(3)
    with lab.black_hole(addresses[0]):
        clients.serve_for(3)
        assert 1 <= slow_dials(daemon) <= WORKERS
        reload()
        clients.serve_for(5)
        assert slow_dials(daemon) <= 2 * WORKERS
    before = slow_dials(daemon)
    with lab.black_hole(addresses[1]):
        clients.serve_until(lambda: slow_dials(daemon) > before)
        clients.serve_for(3)
    assert slow_dials(daemon) <= 3 * WORKERS
    assert clients.longest() < 3.5
    assert lines(daemon, "cannot connect to the upstream") == []


def test_with_default_options_a_black_hole_costs_five_seconds_once(
    lab, started, first, second, connect
):
    """It costs -failover-after for each worker's first client. After it none
    waits: not while the probes fail, nor when they find it back. When it is
    lost again, that costs as much."""
    name = join(first.address)
    daemon, _reload = started(f"{name},{join(second.address)}")

    def are_all_up() -> bool:
        down = lines(daemon, "upstream is down")
        return len(lines(daemon, "upstream is up again")) == len(down)

    def passed_over() -> int:
        return len(lines(daemon, "upstream passed over"))

    clients = Clients(connect)
    with lab.black_hole(PROXY_ADDRESS):
        clients.serve_for(13)
        assert clients.waits[0] > 4.9
    assert asked(first) == 0
    clients.serve_until(are_all_up)
    clients.serve_until(lambda: asked(first) > 0)
    assert 1 <= passed_over() <= WORKERS
    with lab.black_hole(PROXY_ADDRESS):
        clients.serve_for(6)
    wait_until(lambda: passed_over() >= 2, "it is lost again")
    assert passed_over() <= 2 * WORKERS
    assert clients.longest() < 5.5
    assert all(
        line.has(upstream=name, cause="timed out", next=join(second.address))
        for line in lines(daemon, "upstream is down")
    )


def test_those_that_wait_for_an_answer_leave_a_black_hole(
    lab, start, first, second, connect
):
    """It swallows all packets, a probe's too."""
    first.behaviour = hand_over_unanswered()
    daemon = start("-check-interval", "1h")
    waiting = [connect() for _ in range(3)]
    wait_until(lambda: asked(first) == 3, "all three ask the first")
    with lab.black_hole(PROXY_ADDRESS):
        for client in waiting:
            assert served_by(client) == b"other"
        line = daemon.wait_for_log("upstream is down")
        assert line.has(cause="timed out", next=join(second.address))
        assert probes(first) == 0


def test_a_later_dial_leaves_a_silent_address_with_the_first(
    lab, handyproxy, first, start_proxy, connect
):
    """It has not had three seconds of its own then."""
    port = first.address[1]
    other = start_proxy(SECOND_PROXY_ADDRESS, port)
    other.behaviour = first.behaviour
    lab.set_hosts({"two.test": [PROXY_ADDRESS, SECOND_PROXY_ADDRESS]})
    daemon = handyproxy(
        "-log-level", "info", upstream=f"two.test:{port}", workers=1
    )
    line = daemon.wait_for_log("the upstream two.test is at")
    address = PROXY_ADDRESS
    if f"is at upstream={SECOND_PROXY_ADDRESS}" in line.text:
        address = SECOND_PROXY_ADDRESS
    with lab.black_hole(address):
        early = connect()
        lab.wait_until_dialled((address, port))
        time.sleep(2)
        late = connect()
        for client in (early, late):
            assert served_by(client) == b"first"
    names = [early.address, late.address]
    early.reset()
    late.reset()
    connects = [
        float(daemon.wait_for_closed(client=name)["connect"]) for name in names
    ]
    assert connects[0] > 2.9 and connects[1] < 2.5


def test_a_dial_leaves_an_upstream_that_another_finds_down(
    lab, start, first, second, connect
):
    """The first dial's packets are lost on and on. The second is refused, since
    the proxy has ended meanwhile."""
    daemon = start("-failover-after", "1h", "-check-interval", "1h")
    with contextlib.ExitStack() as stack:
        with lab.black_hole(PROXY_ADDRESS):
            early = connect()
            port = lab.wait_until_dialled(first.address)
            stack.enter_context(lab.black_hole(PROXY_ADDRESS, port))
        first.stop()
        for client in (connect(), early):
            assert served_by(client) == b"other"
    passed = lines(daemon, "upstream passed over", 2)
    causes = [line["cause"] for line in passed]
    assert causes == ["Connection refused", "upstream is down"]


def test_all_dials_together_have_the_dial_timeout(
    lab, handyproxy, first, start_proxy, connect
):
    """Four seconds for the first upstream leave two of six for the second."""
    other = start_proxy(SECOND_PROXY_ADDRESS)
    daemon = handyproxy(
        "-dial-timeout", "6s", "-failover-after", "4s", "-log-level", "info",
        upstream=f"{join(first.address)},{join(other.address)}", workers=1,
    )
    with lab.black_hole(PROXY_ADDRESS), lab.black_hole(SECOND_PROXY_ADDRESS):
        assert connect().end() == RESET
    daemon.wait_for_warning(cause="timed out", tried=2)
    line = daemon.wait_for_closed(result="error")
    assert 5.9 < float(line["duration"]) < 9


# --- probes


def test_probes_come_at_the_interval_give_or_take_a_fifth(
    start, first, second, start_proxy, connect
):
    """All but the first, which comes at once."""
    interval = 2 * SCALE
    port = first.address[1]
    first.stop()
    start("-check-interval", duration(2))
    assert served_by(connect()) == b"other"
    again = start_proxy(PROXY_ADDRESS, port)
    times: list[float] = []

    def note_time(exchange) -> None:
        times.append(time.monotonic())
        exchange.read_request()

    again.behaviour = note_time
    wait_until(lambda: len(times) >= 8, "eight probes")
    gaps = [b - a for a, b in zip(times, times[1:])]
    mean = sum(gaps) / len(gaps)
    assert 0.8 * interval < mean + noise() / len(gaps), gaps
    assert mean < 1.2 * interval + noise(), gaps
    assert max(gaps) - min(gaps) > 0.05 * interval, gaps


def test_one_that_is_down_is_probed_at_once(start, first, second, connect):
    """One probe has found it down; the next does not wait for the interval."""
    first.behaviour = answer_and_close(b"")
    daemon = start("-check-interval", "1h")
    assert served_by(connect()) == b"other"
    daemon.wait_for_log("upstream is down")
    wait_until(lambda: probes(first) == 2, "it is probed")


def test_while_requests_wait_there_is_a_good_probe_each_ten_seconds(
    start, first, second, connect
):
    """A slow upstream that answers probes, after some seconds, is up, and is
    not pestered."""

    def answer_late(exchange) -> None:
        request = exchange.read_request()
        if request is not None and request.method == "OPTIONS":
            time.sleep(2)
            exchange.send(b"HTTP/1.0 200 OK\r\n\r\n")
        elif request is not None:
            exchange.proxy.hand_over(exchange)

    first.behaviour = answer_late
    daemon = start()
    connect()
    wait_until(lambda: probes(first) == 1, "it is probed")
    time.sleep(7)
    assert probes(first) == 1
    wait_until(lambda: probes(first) == 2, "it is probed again")
    connect()
    wait_until(lambda: asked(first) == 2, "it is asked on")
    assert asked(second) == 0 and lines(daemon, "upstream is down") == []


def test_a_frozen_upstream_is_kept_where_all_others_are_down(
    handyproxy, first, second, connect
):
    """Its probe has failed after five seconds. Those that wait for its answer
    go on waiting, and get it."""
    second.stop()
    first.behaviour = hand_over_unanswered()
    daemon = handyproxy(
        "-check-interval", "1h",
        upstream=f"{join(second.address)},{join(first.address)}", workers=1,
    )
    connect()
    first.tunnel()
    daemon.wait_for_warning(upstream=join(second.address))
    client = connect()
    upstream = first.tunnel()
    wait_until(lambda: probes(first) == 1, "it is probed")
    began = time.monotonic()
    line = daemon.wait_for_warning(
        upstream=join(first.address), cause="timed out"
    )
    assert line.words == "upstream is down" and "next" not in line.values
    assert time.monotonic() - began < 9 + noise()
    assert client.stays_silent()
    upstream.send(ESTABLISHED + b"first")
    assert served_by(client) == b"first"


# --- many


@pytest.fixture
def frozen(lab):
    """A proxy that is stopped: its kernel accepts, and it does nothing."""
    with lab.upstream:
        listener = socket.create_server((PROXY_ADDRESS, 0), backlog=4096)
    yield listener
    listener.close()


@pytest.fixture
def crowd_proxy(lab):
    with many_files():
        with lab.upstream:
            proxy = CrowdProxy(SECOND_PROXY_ADDRESS, b"other")
        yield proxy
        proxy.stop()


def descriptors(pid: int) -> set[int]:
    return set(map(int, os.listdir(f"/proc/{pid}/fd")))


def limit_descriptors(pid: int, more: int) -> None:
    """The process may open so many more."""
    free = set(range(1 << 16)) - descriptors(pid)
    limit = sorted(free)[more]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limit))


def test_a_thousand_that_wait_move_without_a_peak_of_descriptors(
    lab, handyproxy, frozen, crowd_proxy, connect
):
    """All wait for a frozen upstream's answer when it goes down. The worker may
    then open two descriptors more, one for its probe, one for the next client:
    a move that opened the new socket before it closed the old one would fail."""
    number = 1000
    daemon = handyproxy(
        "-check-interval", "1h", "-user", "root",  # may be limited by us
        upstream=f"{join(frozen.getsockname())},{join(crowd_proxy.address)}",
        workers=1,
    )
    worker = daemon.workers[0]
    before = len(descriptors(worker))
    clients = [connect() for _ in range(number)]
    wait_until(
        lambda: len(descriptors(worker)) >= before + 2 * number - 1,
        "all wait for the frozen upstream",
    )
    daemon.wait_until_at_rest()
    limit_descriptors(worker, more=2)
    for client in clients:
        assert served_by(client) == b"other"
    assert crowd_proxy.asked == number
    assert len(lines(daemon, "upstream is down", 1)) == 1
    assert {line.words for line in daemon.warnings()} == {"upstream is down"}


def test_a_primary_that_flaps_for_a_minute_moves_nobody_more_than_once_a_check(
    start, first, second, start_proxy, connect
):
    """The minute passes in six seconds: an interval of one second instead of
    ten, sixty deaths in six intervals as sixty in a minute with the default.
    Nothing else in the decision depends on time. To come back takes two good
    probes in a row, and so two checks."""
    port = first.address[1]
    interval = 1 * SCALE
    daemon = start("-check-interval", duration(1))
    stop = threading.Event()

    def flap() -> None:
        flapping = first
        while not stop.wait(interval / 20):
            flapping.stop()
            if stop.wait(interval / 20):
                return
            flapping = start_proxy(PROXY_ADDRESS, port)
            flapping.behaviour = answer_probes(FROM_FIRST)

    thread = threading.Thread(target=flap)
    thread.start()
    began = time.monotonic()
    servers = []
    try:
        while time.monotonic() < began + 6 * interval:
            client = connect()
            servers.append(served_by(client))
            client.reset()
            time.sleep(interval / 50)
    finally:
        stop.set()
        thread.join()
    checks = 1 + (time.monotonic() - began) / (0.8 * interval)
    assert set(servers) <= {b"first", b"other"} and b"other" in servers
    assert len(lines(daemon, "upstream is down")) <= 1 + checks / 2
    assert len(lines(daemon, "upstream is up again")) <= checks / 2
