# SPDX-License-Identifier: MIT
"""The numbers at /metrics and /status.json: each is there from the start, is what
was done, and never falls, whatever dies."""

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from typing import Callable, Iterator

import pytest

from behaviour import DeafListener, answer, hand_over, stay_silent
from connect_proxy import ESTABLISHED, Exchange
from daemon import BOOKS, Daemon, children_of, comm_of
from lab import (
    ADDRESSES,
    CLIENT_ADDRESS,
    ORIGIN_ADDRESS,
    OTHER_ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    ROUTER_ADDRESS,
)
from peer import RESET, Peer, end_tunnel, join
from status import Status
from waiting import wait_until

OTHER_CLIENT = ADDRESSES["ipv4"].other_client
STATES = (
    "sniffing routing waiting dialling requesting answering tunnelling relaying"
).split()
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\n\r\n"


def value(name: str, **labels: str) -> str:
    """The sample's name, as Status.metrics() has it."""
    pairs = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"handyproxy_{name}" + (f"{{{pairs}}}" if pairs else "")


def total(metrics: dict[str, float], name: str) -> float:
    """The sum of a family."""
    return sum(
        metrics[key] for key in metrics if key.split("{")[0] == f"handyproxy_{name}"
    )


def books(metrics: dict[str, float]) -> tuple[float, float]:
    """Both sides of the sum that must balance."""
    parts = (
        "connections", "connections_ended_total", "connection_failures_total"
    )
    return (
        metrics["handyproxy_connections_accepted_total"],
        sum(total(metrics, part) for part in parts),
    )


def wait_for(status: Status, **wanted: float) -> dict[str, float]:
    """Waits for values of families without labels, or for sums of others."""

    def is_so() -> dict[str, float] | None:
        metrics = status.metrics()
        is_it = all(total(metrics, key) == number for key, number in wanted.items())
        return metrics if is_it else None

    return wait_until(is_so, f"the metrics say {wanted}")


def wait_for_sample(status: Status, sample: str, wanted: float) -> dict[str, float]:
    def is_so() -> dict[str, float] | None:
        metrics = status.metrics()
        return metrics if metrics.get(sample) == wanted else None

    return wait_until(is_so, f"{sample} {wanted:g}")


def counters(metrics: dict[str, float]) -> dict[str, float]:
    ends = "_total", "_bucket", "_sum", "_count"
    return {
        key: number
        for key, number in metrics.items()
        if key.split("{")[0].endswith(ends)
    }


def answer_after(seconds: float) -> Callable[[Exchange], None]:
    """An upstream that takes its time, and hands the tunnel over."""

    def behave(exchange: Exchange) -> None:
        if exchange.read_request() is None:
            return
        time.sleep(seconds)
        exchange.send(ESTABLISHED)
        exchange.proxy.hand_over(exchange)

    return behave


def buckets(metrics: dict[str, float], name: str, upstream: str) -> dict[str, float]:
    """Of a histogram: how often it took at most so many seconds."""
    pattern = re.escape(f'handyproxy_{name}_bucket{{upstream="{upstream}",le="')
    return {
        match[1]: number
        for key, number in metrics.items()
        if (match := re.fullmatch(pattern + r'([^"]+)"\}', key))
    }


# --- what there is


def test_all_metrics_are_there_at_once_with_0(serve, status, proxy):
    serve()
    assert "all well" in status.get("/").text
    metrics = status.metrics()
    upstream = join(proxy.address)
    for name in (
        "connections_accepted_total spliced_bytes_total workers"
        " connections_limit worker_restarts_total accept_queue_length"
        " accept_queue_limit log_lines_dropped_total start_time_seconds"
    ).split():
        assert value(name) in metrics
    for name, label, texts in (
        ("connections", "state", STATES),
        ("tunnels_total", "mode", ["connect", "relay", "direct"]),
        ("connections_ended_total", "result", BOOKS[1:8]),
        ("connection_failures_total", "cause", BOOKS[8:]),
        ("upstream_refusals_total", "status", ["403", "407", "502", "other"]),
        ("bytes_total", "direction", ["sent", "received"]),
        ("sniffs_total", "outcome", ["tls", "http", "no_name", "timeout"]),
        ("ready_connections_total", "result", ["taken", "expired", "stale"]),
    ):
        for text in texts:
            assert metrics[value(name, **{label: text})] == 0
    assert metrics[value("upstream_up", upstream=upstream)] == 1
    assert metrics[value("upstream_connections", upstream=upstream)] == 0
    for outcome in "connected", "failed":
        sample = value("upstream_dials_total", upstream=upstream, outcome=outcome)
        assert metrics[sample] == 0
    for name in "connect", "answer":
        found = buckets(metrics, f"upstream_{name}_duration_seconds", upstream)
        assert len(found) == 17 and {*found.values()} == {0}
    assert metrics[value("config_last_reload_successful")] == 1
    assert metrics[value("workers")] == 2
    assert metrics[value("accept_queue_limit")] > 0
    assert abs(metrics[value("start_time_seconds")] - time.time()) < 3600


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed"
)
def test_promtool_finds_nothing(serve, status, proxy, connect):
    serve("-upstream-order", "spread")
    proxy.behaviour = answer(FORBIDDEN)
    assert connect().end() == RESET
    wait_for(status, connection_failures_total=1)
    result = subprocess.run(
        ["promtool", "check", "metrics"],
        input=status.get("/metrics").body,
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_what_was_done_is_counted(serve, status, proxy, connect):
    """One daemon, a connection of each kind after the other."""
    daemon = serve("-sniff-timeout", "1h", "-sniff-tls-ports", "none", workers=1)
    upstream = join(proxy.address)
    client, far = open_tunnel_by_name(proxy, connect)
    client.send(b"x" * 1000)
    assert far.receive(1000) == b"x" * 1000
    far.send(b"y" * 500)
    assert client.receive(500) == b"y" * 500
    metrics = wait_for_sample(
        status, value("connections", state="tunnelling"), 1
    )
    assert metrics[value("upstream_connections", upstream=upstream)] == 1
    end_tunnel(client, far)
    proxy.behaviour = answer(FORBIDDEN)
    refused = connect()
    refused.send(b"\0")
    assert refused.end() == RESET
    waits = connect()
    assert connect((ROUTER_ADDRESS, daemon.port)).end() == RESET
    metrics = wait_for(
        status,
        connections_ended_total=1,
        connection_failures_total=2,
        connections=1,
    )
    expected = {
        value("connections", state="sniffing"): 1,
        value("connections_ended_total", result="done"): 1,
        value("connection_failures_total", cause="refused"): 1,
        value("connection_failures_total", cause="not_redirected"): 1,
        value("upstream_refusals_total", status="403"): 1,
        value("tunnels_total", mode="connect"): 1,
        value("sniffs_total", outcome="http"): 1,
        value("sniffs_total", outcome="no_name"): 1,
        value("bytes_total", direction="received"): 500,
        value("upstream_dials_total", upstream=upstream, outcome="connected"): 2,
    }
    assert {key: metrics[key] for key in expected} == expected
    assert books(metrics) == (4, 4)
    shown = status.json()
    assert shown["connections"]["open"] == 1
    assert shown["upstreams"][0]["last_failure"]["cause"] == "status 403"
    assert shown["upstreams"][0]["refused"] == 1
    assert shown["connections"]["failures"]["refused"]["hour"] == 1
    assert not waits.is_closed


def open_tunnel_by_name(proxy, connect) -> tuple[Peer, Peer]:
    proxy.then(hand_over())
    client = connect()
    client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    far = proxy.tunnel()
    far.receive(len(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"))
    return client, far


def test_direct_tunnels_and_relayed_requests_are_modes(
    lab, serve, status, proxy, connect
):
    serve("-http-relay-ports", "80", "-route", f"{ORIGIN_ADDRESS} direct")
    proxy.behaviour = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    client = connect((OTHER_ORIGIN_ADDRESS, 80))
    client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    with lab.upstream:
        origin = socket.create_server((ORIGIN_ADDRESS, 0))
    with origin:
        connect(origin.getsockname())
        metrics = wait_for(status, tunnels_total=2)
        assert metrics[value("tunnels_total", mode="relay")] == 1
        assert metrics[value("tunnels_total", mode="direct")] == 1
        assert metrics[value("upstream_up", upstream="direct")] == 1
        assert metrics[value("upstream_connections", upstream="direct")] == 1
    name = "upstream_answer_duration_seconds_count"
    assert metrics[value(name, upstream=join(proxy.address))] == 1


# --- how long it took


def test_the_time_to_answer(serve, status, proxy, connect):
    """Each answer takes 0.35 seconds. The client measures how long it took until
    a byte had come through its tunnel: no answer took longer."""
    serve()
    upstream = join(proxy.address)
    proxy.behaviour = answer_after(0.35)
    waits = []
    for _ in range(3):
        begin = time.monotonic()
        client = connect()
        proxy.tunnel().send(b"x")
        assert client.receive(1) == b"x"
        waits.append(time.monotonic() - begin)
    name = "upstream_answer_duration_seconds"
    metrics = wait_for_sample(status, value(f"{name}_count", upstream=upstream), 3)
    found = buckets(metrics, name, upstream)
    assert found["0.2"] == 0 and found["60"] == found["+Inf"] == 3
    took = metrics[value(f"{name}_sum", upstream=upstream)]
    assert 3 * 0.35 - 0.003 <= took <= sum(waits) + 0.003
    assert found["0.5"] >= sum(wait < 0.5 for wait in waits)
    shown = status.json()["upstreams"][0]
    assert shown["answer"] == shown["hour"]["answer"]
    assert shown["answer"]["sum_ms"] == round(took * 1000)
    if max(waits) < 0.5:
        assert 200 < shown["answer"]["median_ms"] <= 500


def test_the_time_to_connect(lab, serve, status, connect):
    """The first SYN finds no room. The kernel sends the next a second later."""
    with lab.upstream:
        deaf = DeafListener(PROXY_ADDRESS)
    try:
        upstream = join(deaf.address)
        serve(upstream=upstream)
        begin = time.monotonic()
        connect()
        lab.wait_until_dialled(deaf.address)
        dialled = time.monotonic()
        metrics = wait_for_sample(
            status, value("connections", state="dialling"), 1
        )
        name = "upstream_connect_duration_seconds"
        assert metrics[value(f"{name}_count", upstream=upstream)] == 0
        free = time.monotonic()
        with deaf.accept_from("10.1.0.1"):
            metrics = wait_for_sample(
                status, value(f"{name}_count", upstream=upstream), 1
            )
            end = time.monotonic()
        took = metrics[value(f"{name}_sum", upstream=upstream)]
        assert free - dialled - 0.01 <= took <= end - begin + 0.01
    finally:
        deaf.stop()


# --- the state of upstreams


def test_a_single_upstream_is_down_from_a_failed_dial_to_the_next_good_one(
    serve, status, start_proxy, proxy, connect
):
    serve()
    upstream = join(proxy.address)
    up = value("upstream_up", upstream=upstream)
    since = status.json()["upstreams"][0]["since"]
    proxy.stop()
    assert connect().end() == RESET
    wait_for_sample(status, up, 0)
    shown = status.json()
    assert shown["upstreams"][0]["up"] is False
    assert shown["upstreams"][0]["since"] >= since
    assert shown["upstreams"][0]["last_failure"]["cause"] == "Connection refused"
    assert f"{upstream} is down since" in shown["verdict"]
    again = start_proxy(*proxy.address)
    again.then(hand_over())
    connect()
    again.tunnel()
    wait_for_sample(status, up, 1)
    assert "down" not in status.json()["verdict"]


def test_of_two_upstreams_the_one_that_is_down_is_shown(
    serve, status, start_proxy, proxy, connect
):
    other = start_proxy()
    serve(
        "-check-interval", "1h",
        upstream=f"{join(proxy.address)},{join(other.address)}",
    )
    proxy.stop()
    other.behaviour = hand_over()
    for _ in range(4):
        connect()
        other.tunnel()
    metrics = wait_for_sample(
        status, value("upstream_up", upstream=join(proxy.address)), 0
    )
    assert metrics[value("upstream_up", upstream=join(other.address))] == 1
    assert metrics[value("upstream_connections", upstream=join(other.address))] == 4


# --- nothing falls


@pytest.fixture
def growing(status: Status) -> Iterator[Callable[[], dict[str, float]]]:
    """growing(): the metrics, of which no counter may be less than before. They
    are also read all the time; then each sum must balance."""
    last: dict[str, float] = {}
    failures: list[str] = []
    lock = threading.Lock()
    ends = threading.Event()

    def look() -> dict[str, float]:
        with lock:
            metrics = status.metrics()
            for key, number in counters(metrics).items():
                if number < last.get(key, 0):
                    failures.append(f"{key}: {last[key]:g}, then {number:g}")
            accepted, in_books = books(metrics)
            if accepted != in_books:
                failures.append(f"{accepted:g} accepted, {in_books:g} in books")
            last.update(counters(metrics))
            return metrics

    def watch() -> None:
        while not ends.wait(0.05):
            try:
                look()
            except (OSError, AssertionError):
                pass  # the status process has just been killed

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield look
    ends.set()
    thread.join()
    assert not failures


def kill(pid: int, status: Status, daemon: Daemon) -> None:
    """Kills a process of the daemon, and waits for its successor."""
    name = comm_of(pid)
    os.kill(pid, signal.SIGKILL)

    def is_replaced() -> bool:
        return any(
            comm_of(other) == name
            for other in children_of(daemon.pid)
            if other != pid
        )

    wait_until(is_replaced, f"{name} is replaced")
    status.wait_until_it_answers()


def reload(daemon: Daemon) -> None:
    start = len(daemon.log)
    os.kill(daemon.pid, signal.SIGHUP)
    daemon.wait_for_log("configuration (read again|is wrong)", start)


def replace_workers(daemon: Daemon) -> None:
    """Reloads, and waits until no worker of before takes clients."""
    before = daemon.workers
    reload(daemon)

    def are_replaced() -> bool:
        return not any(comm_of(pid).startswith("handyproxy:w") for pid in before)

    wait_until(are_replaced, "the workers are replaced")


def test_no_counter_falls_whatever_dies(
    lab, serve, status, growing, proxy, connect, configuration
):
    lab.set_hosts({"proxy.test": [PROXY_ADDRESS]})
    upstream = f"proxy.test:{proxy.address[1]}"
    daemon = serve("-config", configuration(), upstream=upstream)
    started = status.metrics()[value("start_time_seconds")]
    accepted = 0

    def open_tunnels() -> None:
        """One that stays open, and one that ends; some bytes by each."""
        nonlocal accepted
        proxy.behaviour = hand_over()
        for _ in range(2):
            client = connect()
            far = proxy.tunnel()
            client.send(b"x" * 100)
            far.receive(100)
        client.reset()
        accepted += 2
        wait_for(status, connections_accepted_total=accepted)
        growing()

    open_tunnels()
    for pid in [*daemon.workers, *children_of(daemon.pid)]:
        if pid in children_of(daemon.pid):  # not a second time
            kill(pid, status, daemon)
            open_tunnels()
    for line in "idle-timeout 1h", "idle-timeout 2h", "no-such-option 1":
        configuration(line)
        reload(daemon)
        open_tunnels()
    metrics = growing()
    assert metrics[value("start_time_seconds")] == started
    assert metrics[value("worker_restarts_total")] == 2
    assert metrics[value("config_last_reload_successful")] == 0
    assert total(metrics, "connections_ended_total") >= accepted / 2
    assert metrics[value("connections_ended_total", result="crashed")] >= 1
    assert metrics[value("bytes_total", direction="sent")] == 100 * accepted
    name = "upstream_answer_duration_seconds_count"
    assert metrics[value(name, upstream=upstream)] == accepted
    configuration()
    reload(daemon)
    wait_for(status, config_last_reload_successful=1)


def test_counts_of_an_upstream_stay_with_its_name(
    serve, status, growing, start_proxy, proxy, connect, configuration
):
    """It leaves the list, and comes back at another place."""
    other = start_proxy()
    first, second = join(proxy.address), join(other.address)

    def dials(upstream: str) -> str:
        return value("upstream_dials_total", upstream=upstream, outcome="connected")

    def open_by(one) -> None:
        one.then(hand_over())
        connect()
        one.tunnel()

    daemon = serve(
        "-workers", "2", "-config",
        configuration(f"upstream-proxy {first}"),
        upstream="",
    )
    open_by(proxy)
    wait_for_sample(status, dials(first), 1)
    configuration(f"upstream-proxy {second}")
    replace_workers(daemon)
    open_by(other)
    metrics = wait_for_sample(status, dials(second), 1)
    assert dials(first) not in metrics
    configuration(f"upstream-proxy {second},{first}")
    replace_workers(daemon)
    open_by(other)
    metrics = wait_for_sample(status, dials(second), 2)
    assert metrics[dials(first)] == 1
    growing()


def test_the_books_balance_while_connections_come_and_go(
    serve, status, growing, proxy, connect
):
    daemon = serve("-response-timeout", "50ms")
    for number in range(150):
        proxy.behaviour = (hand_over(), answer(FORBIDDEN), stay_silent())[number % 3]
        client = connect()
        if number % 2 == 0:
            client.reset()
        if number == 75:
            os.kill(daemon.workers[0], signal.SIGKILL)
    # One may have been lost by a worker that died before it had counted it.
    wait_until(lambda: books(growing())[0] >= 149, "all are accepted")


# --- clients, limits, history


@pytest.fixture
def other_client(lab) -> Iterator[str]:
    lab.client.ip(f"address add {OTHER_CLIENT}/24 dev router")
    yield OTHER_CLIENT
    lab.client.ip(f"address del {OTHER_CLIENT}/24 dev router")


def test_the_heaviest_clients(serve, status, proxy, connect, other_client):
    """Of open and ended connections, and of those of a worker that died."""
    daemon = serve()
    proxy.behaviour = hand_over()

    def use(source: str, size: int) -> tuple[Peer, Peer]:
        client = connect(source=source)
        far = proxy.tunnel()
        client.send(b"x" * size)
        assert len(far.receive(size)) == size
        return client, far

    def clients() -> list[tuple]:
        return [
            (one["address"], one["open"], one["accepted"], one["sent"])
            for one in status.json()["clients"]
        ]

    def wait_for_clients(*wanted: tuple) -> None:
        wait_until(lambda: clients() == [*wanted], f"{wanted}, not {clients()}")

    use(CLIENT_ADDRESS, 300_000)[0].reset()
    use(other_client, 100_000)[0].reset()
    wait_for_clients(
        (CLIENT_ADDRESS, 0, 1, 300_000), (other_client, 0, 1, 100_000)
    )
    use(other_client, 500_000)
    wait_until(
        lambda: clients()[0][:3] == (other_client, 1, 2)
        and clients()[0][3] >= 600_000 - 65_536,
        "an open tunnel's bytes count, too",
    )
    for pid in daemon.workers:
        os.kill(pid, signal.SIGKILL)
    wait_until(
        lambda: clients()[0][:3] == (other_client, 0, 2)
        and clients()[0][3] >= 600_000 - 65_536,
        "those of dead workers stay",
    )


@pytest.mark.parametrize("family", ["ipv6"])
def test_a_client_of_ipv6_is_its_64(serve, status, proxy, connect):
    serve()
    proxy.behaviour = hand_over()
    connect()
    proxy.tunnel()
    wait_until(
        lambda: [one["address"] for one in status.json()["clients"]]
        == ["fd00::/64"],
        "the client is shown",
    )


def test_limits_and_workers(serve, status, connect):
    daemon = serve("-max-connections", "100")
    shown = status.json()
    assert shown["connections"]["limit"] == 100
    assert shown["connections"]["limit_cause"] == "max-connections"
    assert shown["local_ports"]["limit"] > 0
    assert sorted(one["pid"] for one in shown["workers"]["list"]) == sorted(
        daemon.workers
    )
    daemon.stop_workers()
    try:
        for _ in range(3):
            connect()
        wait_for(status, accept_queue_length=3)
    finally:
        daemon.continue_workers()


def test_history(serve, status, proxy, open_tunnel):
    serve()
    for _ in range(5):
        open_tunnel()
    wait_for(status, connections_accepted_total=5)
    history = status.json()["history"]
    for name in "minutes", "seconds":
        periods = history[name]
        assert sum(one["accepted"] for one in periods) == 5
        assert sum(one["tunnelled"] for one in periods) == 5
        assert sum(one["answer"]["count"] for one in periods) == 5
        assert max(one["open"] for one in periods) == 5
        begins = [one["begin"] for one in periods]
        assert begins == sorted(begins)
        assert abs(begins[-1] - time.time()) < 3600
