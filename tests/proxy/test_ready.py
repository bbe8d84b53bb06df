# SPDX-License-Identifier: MIT
"""Ready connections: sockets that are connected to the upstream before a client
comes. A client whose ready connection is stale never hears of it."""

import errno
import http.client
import os
import resource
import select
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from behaviour import (
    answer,
    answer_and_close,
    answer_and_reset,
    hand_over,
    hand_over_unanswered,
)
from connect_proxy import ESTABLISHED, relay_honestly, set_reset_at_close
from lab import (
    ORIGIN_ADDRESS,
    OTHER_ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    SECOND_PROXY_ADDRESS,
)
from origin import echo
from peer import FIN, RESET, join
from waiting import duration, wait_until

READY = 4
PAGE = b"HTTP/1.1 %d Tired\r\nConnection: close\r\nContent-Length: 4\r\n\r\npage"
RELAY = ("-http-relay-ports", "80")
WEB = (ORIGIN_ADDRESS, 80)
GET = b"GET /%d HTTP/1.1\r\nHost: site.test\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n\r\nhello"


@pytest.fixture
def proxy(start_proxy):
    """Hands each connection over to the test once it was asked for a tunnel."""
    proxy = start_proxy()
    proxy.behaviour = hand_over()
    return proxy


@pytest.fixture
def start(handyproxy):
    """start(OPTION...): one worker, which keeps READY sockets for an hour."""

    def start_one(*options, **more):
        return handyproxy(
            "-ready-connections", str(READY), "-ready-timeout", "1h",
            "-log-level", "debug", *options, workers=1, **more,
        )

    return start_one


@pytest.fixture
def sockets(lab, proxy):
    """sockets(PROXY): those of the daemon that are connected to it."""

    def find(upstream=proxy) -> set[str]:
        return {
            row["inode"]
            for row in lab.router.tcp_sockets()
            if row["remote"] == join(upstream.address)
            and row["state"] == "established"
        }

    return find


@pytest.fixture
def wait_for_sockets(lab, proxy, sockets):
    """wait_for_sockets(NUMBER, PROXY): so many are connected, ready or in use.
    The upstream may hear of a ready one a moment later than the daemon."""

    def count(upstream) -> int:
        rows = lab.upstream.tcp_sockets()
        return sum(
            row["local"] == join(upstream.address)
            and row["state"] == "established"
            for row in rows
        )

    def wait(number: int, upstream=proxy) -> set[str]:
        wait_until(
            lambda: len(sockets(upstream)) == count(upstream) == number,
            f"{number} sockets are connected to the upstream",
        )
        return sockets(upstream)

    return wait


@pytest.fixture
def tunnel(proxy, connect):
    """tunnel(): both ends of a tunnel that carries bytes both ways. It queues
    no behaviour, since the proxy's next connection may be a ready one."""

    def open_one(upstream=proxy) -> tuple:
        client = connect()
        client.send(b"there")
        far = upstream.tunnel()
        assert far.receive(5) == b"there"
        far.send(b"back")
        assert client.receive(4) == b"back"
        return client, far

    return open_one


def counts(daemon) -> tuple[int, int, int]:
    """How many were taken, expired, and were stale."""
    totals = daemon.totals()
    return tuple(totals[f"ready_{key}"] for key in ("taken", "expired", "stale"))


def wait_for_counts(daemon, *wanted: int) -> None:
    wait_until(
        lambda: counts(daemon) == wanted, f"taken, expired, stale: {wanted}"
    )


def say_and_close(page: bytes):
    """The upstream is tired of waiting at once."""

    def behave(exchange) -> None:
        exchange.send(page)
        exchange.socket.shutdown(socket.SHUT_WR)

    return behave


def reset_at_once():
    return lambda exchange: set_reset_at_close(exchange.socket)


def is_asked(exchange, seconds: float) -> bool:
    return select.select([exchange.socket], [], [], seconds)[0] != []


def hand_over_unless(tired: threading.Event, page: bytes):
    """Waits for a request until it is tired."""

    def behave(exchange) -> None:
        while not is_asked(exchange, 0.02):
            if tired.is_set():
                say_and_close(page)(exchange)
                return
        hand_over()(exchange)

    return behave


# --- when there are some, and how many


def test_a_client_takes_a_socket_that_was_connected_before_it_came(
    start, proxy, sockets, wait_for_sockets, tunnel, socket_towards
):
    """Each that is taken is replaced. The oldest comes first."""
    daemon = start()
    assert sockets() == set()
    in_use = {socket_towards(tunnel()[1])}
    ready = wait_for_sockets(1 + READY) - in_use
    for number in range(1, READY + 1):
        taken = socket_towards(tunnel()[1])
        assert taken in ready
        in_use.add(taken)
        wait_for_sockets(1 + number + READY)
        wait_for_counts(daemon, number, 0, 0)
    assert in_use > ready
    assert len(proxy.requests) == 1 + READY and daemon.warnings() == []


def test_a_connection_without_a_dial_has_no_duration_of_one(
    start, wait_for_sockets, tunnel
):
    daemon = start()
    for has_dialled in (True, False):
        client, upstream = tunnel()
        name = client.address
        client.finish()
        upstream.finish()
        line = daemon.wait_for_closed(client=name)
        assert "answer" in line.values
        assert ("connect" in line.values) == has_dialled
        wait_for_sockets(READY)


def test_they_are_among_the_metrics(lab, start, proxy, wait_for_sockets, tunnel):
    port = lab.router.free_port()
    proxy.then(hand_over(), hand_over(), *[say_and_close(b"")] * (READY - 1))
    start("-status-address", f"127.0.0.1:{port}")
    tunnel()
    wait_for_sockets(2)
    tunnel()

    def are_there() -> bool:
        with lab.router:
            status = http.client.HTTPConnection("127.0.0.1", port)
            status.request("GET", "/metrics")
            lines = status.getresponse().read().decode().splitlines()
            status.close()
        name = "handyproxy_ready_connections_total"
        wanted = {"taken": 1, "expired": 0, "stale": READY - 1}
        return all(
            f'{name}{{result="{key}"}} {count}' in lines
            for key, count in wanted.items()
        )

    wait_until(are_there, "the metrics have them")


def test_none_are_kept_without_the_option(handyproxy, sockets, tunnel):
    daemon = handyproxy(workers=1)
    for number in range(1, 4):
        tunnel()
        assert len(sockets()) == number
    assert counts(daemon) == (0, 0, 0)


def test_none_is_kept_to_an_upstream_that_nothing_reaches(
    start, proxy, connect
):
    proxy.stop()
    daemon = start("-dial-timeout", "1h")
    for _ in range(3):
        assert connect().end() == RESET
    daemon.wait_for_warning(cause="Connection refused")
    assert daemon.totals()["dial"] == 3


def test_one_that_is_too_old_is_closed_and_not_replaced(
    start, proxy, wait_for_sockets, tunnel
):
    """The upstream sees a FIN, as nothing was wrong."""
    proxy.then(hand_over(), *[lambda e: e.proxy.watch_end(e)] * READY)
    daemon = start("-ready-timeout", duration(0.5))
    tunnel()
    wait_for_counts(daemon, 0, READY, 0)
    wait_for_sockets(1)
    assert [proxy.end() for _ in range(READY)] == [(b"", FIN)] * READY
    tunnel()
    wait_for_counts(daemon, 0, 2 * READY, 0)
    wait_for_sockets(2)


def test_a_connection_without_an_upstream_takes_none(
    start, start_origin, wait_for_sockets, tunnel, connect
):
    origin = start_origin(echo, OTHER_ORIGIN_ADDRESS)
    daemon = start("-route", f"{OTHER_ORIGIN_ADDRESS} direct")
    tunnel()
    wait_for_sockets(1 + READY)
    client = connect(origin.address)
    client.send(b"to the origin itself")
    assert client.receive(20) == b"to the origin itself"
    wait_for_sockets(1 + READY)
    assert daemon.totals()["ready_taken"] == 0


def test_a_burst_is_served_and_leaves_no_more_than_may_be(
    start, proxy, start_origin, wait_for_sockets, connect
):
    proxy.behaviour = relay_honestly
    origin = start_origin(echo)
    daemon = start()

    def converse(number: int):
        client = connect(origin.address)
        message = b"message %d" % number
        client.send(message)
        assert client.receive(len(message)) == message
        return client

    for burst in (1, 2):
        with ThreadPoolExecutor(100) as everybody:
            clients = list(everybody.map(converse, range(100)))
        wait_for_sockets(100 + READY)
        for client in clients:
            client.finish()
            assert client.end() == FIN
        wait_for_sockets(READY)
        assert daemon.totals()["done"] == 100 * burst
    taken, expired, stale = counts(daemon)
    assert taken >= READY and (expired, stale) == (0, 0)
    assert daemon.warnings() == []


# --- stale before they are taken


@pytest.mark.parametrize(
    "end",
    [
        say_and_close(b""),
        say_and_close(PAGE % 408),
        say_and_close(PAGE % 503),
        say_and_close(PAGE % 504),
        reset_at_once(),
    ],
    ids=["FIN", "408", "503", "504", "RST"],
)
def test_what_the_upstream_ends_or_says_unasked_is_discarded(
    end, start, proxy, wait_for_sockets, tunnel
):
    """Not even the log has it. They are there again after the next client."""
    proxy.then(hand_over(), *[end] * READY)
    daemon = start()
    tunnel()
    wait_for_counts(daemon, 0, 0, READY)
    wait_for_sockets(1)
    tunnel()
    wait_for_sockets(2 + READY)
    tunnel()
    wait_for_counts(daemon, 1, 0, READY)
    assert len(proxy.requests) == 3 and daemon.warnings() == []


def test_an_upstream_that_ends_all_is_not_dialled_all_the_time(
    start, proxy, connect
):
    """It is dialled for each client, and beside that once a second. Under load
    it may even end what a client has just dialled."""
    accepted = []

    def close_what_is_idle(exchange) -> None:
        accepted.append(exchange)
        if is_asked(exchange, 0.05):
            exchange.read_request()
            exchange.send(ESTABLISHED + b"!")

    proxy.behaviour = close_what_is_idle
    start()
    since = time.monotonic()
    clients = 0
    while time.monotonic() < since + 4:
        connect().receive_to_end()
        clients += 1
        time.sleep(0.3)  # all that was idle is closed by then
    times = time.monotonic() - since + 2
    assert len(accepted) <= clients + READY * times


def test_what_ends_before_the_worker_looks_is_not_taken(
    start, proxy, wait_for_sockets, tunnel
):
    """Clients are accepted between two batches of events: the end of the ready
    sockets is in the second batch."""
    tired = threading.Event()
    proxy.behaviour = hand_over_unless(tired, PAGE % 503)
    daemon = start()
    tunnels = [tunnel() for _ in range(270)]
    wait_for_sockets(len(tunnels) + READY)
    taken = counts(daemon)[0]
    with daemon.still(*daemon.workers):
        for _client, upstream in tunnels:
            upstream.send(b"x")
        tired.set()
        wait_for_sockets(len(tunnels))
        tired.clear()
        with ThreadPoolExecutor(1) as background:
            last = background.submit(tunnel)
            wait_until(
                lambda: daemon.waiting_connections == 1, "the client waits"
            )
            daemon.continue_workers()
            last.result()
    assert counts(daemon) == (taken, 0, READY)
    assert daemon.warnings() == []


# --- stale once they are taken


STALE = {
    "FIN": answer_and_close(b""),
    "RST": answer_and_reset(b""),
    "half a header": answer_and_close(b"HTTP/1.1 200 OK\r\nVia"),
    "half a 407": answer_and_close(b"HTTP/1.1 407 Who?\r\nVia: x\r\n"),
    "100": answer_and_close(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "408": answer_and_close(PAGE % 408),
    "408 that stays": answer(PAGE % 408),
}


@pytest.mark.parametrize("stale", STALE.values(), ids=STALE)
def test_a_stale_one_is_replaced_by_a_dial(
    stale, start, proxy, wait_for_sockets, tunnel, socket_towards
):
    """At debug the log has it."""
    proxy.then(hand_over(), *[stale] * READY)
    daemon = start()
    tunnel()
    ready = wait_for_sockets(1 + READY)
    client, upstream = tunnel()
    assert socket_towards(upstream) not in ready
    assert counts(daemon) == (1, 0, 1) and daemon.warnings() == []
    totals = daemon.totals()
    assert totals["refused_408"] == totals["refused_407"] == 0
    line = daemon.wait_for_log("debug worker 0: ready connection was stale")
    assert line.has(client=client.address, upstream=join(proxy.address))
    assert len(proxy.requests) == 3


def test_it_is_replaced_once(start, proxy, wait_for_sockets, tunnel, connect):
    proxy.then(hand_over())
    proxy.behaviour = answer_and_reset(b"")
    daemon = start()
    tunnel()
    wait_for_sockets(1 + READY)
    assert connect().end() == RESET
    daemon.wait_for_warning(cause="Connection reset by peer")
    assert counts(daemon) == (1, 0, 1) and len(proxy.requests) == 3


@pytest.mark.parametrize("error", [errno.EPIPE, errno.ECONNRESET])
def test_a_failed_write_is_no_failure(
    error, start, fail_sends, proxy, wait_for_sockets, tunnel, connect
):
    proxy.behaviour = hand_over_unanswered()
    daemon = start(*RELAY, preload=fail_sends("CONNECT", error))
    relayed = connect(WEB)
    relayed.send(GET % 1)
    proxy.tunnel()
    wait_for_sockets(1 + READY)
    proxy.behaviour = hand_over()
    client = connect()
    upstream = proxy.tunnel()
    upstream.send(b"hello")
    assert client.receive(5) == b"hello"
    assert counts(daemon) == (1, 0, 1) and daemon.warnings() == []


@pytest.mark.parametrize("status", [403, 502, 503, 504])
def test_any_other_status_is_the_answer(
    status, start, proxy, wait_for_sockets, tunnel, connect
):
    """Also of a page that crosses our request."""
    proxy.then(hand_over(), *[answer_and_close(PAGE % status)] * READY)
    daemon = start()
    tunnel()
    wait_for_sockets(1 + READY)
    assert connect().end() == RESET
    daemon.wait_for_warning(status=status, reason="Tired")
    assert counts(daemon) == (1, 0, 0) and len(proxy.requests) == 2


def test_garbage_is_the_answer(start, proxy, wait_for_sockets, tunnel, connect):
    proxy.then(hand_over(), *[answer_and_close(b"SSH-2.0-x\r\n\r\n")] * READY)
    daemon = start()
    tunnel()
    wait_for_sockets(1 + READY)
    assert connect().end() == RESET
    daemon.wait_for_warning(cause="malformed header")
    assert counts(daemon) == (1, 0, 0) and len(proxy.requests) == 2


def test_an_upstream_that_accepts_only_what_was_sent_bytes(
    start, proxy, sockets, tunnel
):
    """Its kernel keeps what is silent to itself."""
    proxy.listener.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 3600
    )
    daemon = start()
    tunnel()
    for number in range(1, 3):
        wait_until(
            lambda open=number: len(sockets()) == open + READY,
            "the daemon takes them for ready",
        )
        tunnel()
    assert counts(daemon) == (2, 0, 0) and daemon.warnings() == []


# --- several upstreams


def test_a_stale_one_is_no_evidence_against_its_upstream(
    start, proxy, start_proxy, wait_for_sockets, tunnel
):
    second = start_proxy(SECOND_PROXY_ADDRESS)
    proxy.then(hand_over(), *[answer_and_reset(b"")] * READY)
    daemon = start(upstream=f"{join(proxy.address)},{join(second.address)}")
    tunnel()
    wait_for_sockets(1 + READY)
    tunnel()
    assert counts(daemon) == (1, 0, 1) and daemon.warnings() == []
    assert {request.method for request in proxy.requests} == {"CONNECT"}
    assert second.requests == []


def test_those_of_an_upstream_that_is_down_are_closed(
    start, proxy, start_proxy, wait_for_sockets, tunnel
):
    """It ends each request, and the probe, but not what is idle. The next gets
    ready sockets of its own."""
    second = start_proxy(SECOND_PROXY_ADDRESS)
    second.behaviour = hand_over()
    proxy.then(hand_over())
    proxy.behaviour = answer_and_close(b"")
    daemon = start(
        "-check-interval", "1h",
        upstream=f"{join(proxy.address)},{join(second.address)}",
    )
    tunnel()
    wait_for_sockets(1 + READY)
    tunnel(second)
    daemon.wait_for_log("upstream is down")
    wait_for_sockets(1)
    wait_for_sockets(1 + READY, second)
    tunnel(second)
    assert counts(daemon)[0] == 2


def test_a_request_that_waits_leaves_an_upstream_that_goes_down(
    start, proxy, start_proxy, wait_for_sockets, tunnel, connect
):
    """The request is relayed, and no response to it has begun. The upstream ends
    another one, and the probe."""
    second = start_proxy(SECOND_PROXY_ADDRESS)
    proxy.then(hand_over())
    proxy.behaviour = second.behaviour = hand_over_unanswered()
    daemon = start(
        *RELAY, "-check-interval", "1h",
        upstream=f"{join(proxy.address)},{join(second.address)}",
    )
    tunnel()
    wait_for_sockets(1 + READY)
    client, other = connect(WEB), connect(WEB)
    client.send(GET % 1)
    name, silent = client.address, proxy.tunnel()
    wait_for_sockets(2 + READY)
    proxy.behaviour = answer_and_close(b"")
    other.send(b"DELETE / HTTP/1.1\r\nHost: site.test\r\n\r\n")
    assert other.end() == RESET
    respond(client, second.tunnel())
    assert silent.end() == RESET
    assert [r.raw for r in second.requests] == [proxy.requests[1].raw]
    line = daemon.wait_for_log("upstream passed over.*upstream is down")
    assert line.has(client=name, next=join(second.address))
    line = daemon.wait_for_closed(client=name, mode="relay", status=200)
    assert line.has(upstream=join(second.address))
    assert counts(daemon) == (1, 0, 0) and daemon.totals()["relayed"] == 2


# --- the daemon's own reasons to close them


def test_those_to_an_address_that_is_left_are_closed(
    lab, start, proxy, start_proxy, wait_for_sockets, tunnel
):
    second = start_proxy(SECOND_PROXY_ADDRESS, proxy.address[1])
    second.behaviour = hand_over()
    lab.set_hosts({"one.test": [PROXY_ADDRESS]})
    daemon = start(upstream=f"one.test:{proxy.address[1]}")
    tunnel()
    wait_for_sockets(1 + READY)
    lab.set_hosts({"one.test": [SECOND_PROXY_ADDRESS]})
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for_sockets(1)
    tunnel(second)
    wait_for_sockets(1 + READY, second)
    assert counts(daemon) == (0, 0, 0)


def test_a_worker_that_drains_has_none(
    start, wait_for_sockets, tunnel
):
    daemon = start("-drain-timeout", "1h")
    client, upstream = tunnel()
    wait_for_sockets(1 + READY)
    os.kill(daemon.workers[0], signal.SIGTERM)
    wait_for_sockets(1)
    client.send(b"still here")
    assert upstream.receive(10) == b"still here"


def test_a_reload_closes_them_and_brings_another_number(
    handyproxy, configuration, wait_for_sockets, tunnel
):
    path = configuration("ready-connections 4", "ready-timeout 1h")
    daemon = handyproxy("-config", path, workers=1)
    tunnel()
    wait_for_sockets(1 + 4)
    configuration("ready-connections 2", "ready-timeout 1h")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for_sockets(1)
    daemon.wait_for_log("configuration read again")
    tunnel()
    wait_for_sockets(2 + 2)


def test_they_are_within_what_clients_may_use(
    start, wait_for_sockets, tunnel, connect, proxy
):
    daemon = start("-max-connections", "3", "-max-per-client", "0")
    tunnel()
    wait_for_sockets(1 + READY)
    tunnel()
    client, upstream = tunnel()
    wait_for_sockets(3)
    waits = connect()
    client.finish()
    upstream.finish()
    waits.send(b"at last")
    assert proxy.tunnel().receive(7) == b"at last"
    wait_for_sockets(3)
    assert daemon.warnings() == []


def test_they_give_way_to_a_limit_that_is_lowered(
    handyproxy, configuration, wait_for_sockets, tunnel
):
    """The worker stays: its limit alone is another one."""
    lines = ["ready-connections 4", "ready-timeout 1h"]
    path = configuration(*lines, "max-connections 8")
    daemon = handyproxy("-config", path, workers=1)
    workers = daemon.workers
    client, upstream = tunnel()
    wait_for_sockets(1 + 4)
    configuration(*lines, "max-connections 2")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for_sockets(1 + 2)
    assert daemon.workers == workers
    client.send(b"still here")
    assert upstream.receive(10) == b"still here"


def leave_no_descriptor(daemon) -> None:
    """A client needs two: the limit is lowered to what is in use."""
    daemon.wait_until_at_rest()
    worker = daemon.workers[0]
    most = 1 + max(int(name) for name in os.listdir(f"/proc/{worker}/fd"))
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (most, most))


def test_they_give_way_where_descriptors_are_short(
    start, wait_for_sockets, tunnel
):
    daemon = start("-user", "root")  # may be limited by us
    tunnel()
    wait_for_sockets(1 + READY)
    leave_no_descriptor(daemon)
    tunnel()
    assert daemon.warnings() == []


def test_where_descriptors_stay_short_none_are_opened_again_and_again(
    start, proxy, wait_for_sockets, tunnel
):
    """Each would be closed for the next client."""
    accepted = []
    behave = hand_over()
    proxy.behaviour = lambda exchange: accepted.append(1) or behave(exchange)
    daemon = start("-user", "root")  # may be limited by us
    tunnel()
    wait_for_sockets(1 + READY)
    leave_no_descriptor(daemon)
    since, clients = time.monotonic(), 1
    while time.monotonic() < since + 4:
        client, upstream = tunnel()
        clients += 1
        client.finish()
        upstream.finish()
        assert client.end() == FIN
    assert len(accepted) <= clients + READY
    assert daemon.warnings() == []


# --- relayed requests


@pytest.fixture
def relay(start, proxy, tunnel, wait_for_sockets):
    """relay(BEHAVIOUR): the daemon, and its ready sockets. The upstream treats
    these so, and hands all others over when it has read the head."""

    def prepare(*options, behaviour=hand_over_unanswered()) -> tuple:
        proxy.then(hand_over(), *[behaviour] * READY)
        proxy.behaviour = hand_over_unanswered()
        daemon = start(*RELAY, *options)
        tunnel()
        return daemon, wait_for_sockets(1 + READY)

    return prepare


def respond(client, upstream) -> None:
    upstream.send(OK)
    upstream.finish()
    assert client.receive_to_end() == (OK, FIN)
    client.finish()


def test_a_request_without_a_body_takes_one(
    relay, proxy, connect, socket_towards
):
    """What comes behind it is thrown away, as ever."""
    daemon, ready = relay()
    for number, behind in enumerate((b"", GET % 7), 1):
        client = connect(WEB)
        client.send(GET % number + behind)
        upstream = proxy.tunnel()
        assert socket_towards(upstream) in ready or number == 2
        name = client.address
        respond(client, upstream)
        assert upstream.end() == FIN
        line = daemon.wait_for_closed(client=name, mode="relay", status=200)
        assert int(line["sent"]) == len(proxy.requests[-1].raw)
        assert float(line["answer"]) >= 0 and "connect" not in line.values
    totals = daemon.totals()
    assert totals["ready_taken"] == totals["relayed"] == 2
    assert totals["sent"] == 5 + sum(len(r.raw) for r in proxy.requests[1:])


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: x.test\r\nContent-Length: 4\r\n\r\nbody",
        b"PUT / HTTP/1.1\r\nHost: x.test\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\nx\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x.test\r\n\r\n",
        b"DELETE / HTTP/1.1\r\nHost: x.test\r\n\r\n",
    ],
    ids=["body", "chunked", "POST", "DELETE"],
)
def test_what_must_not_be_repeated_takes_none(
    head, relay, proxy, connect, socket_towards
):
    daemon, ready = relay()
    client = connect(WEB)
    client.send(head)
    upstream = proxy.tunnel()
    assert socket_towards(upstream) not in ready
    respond(client, upstream)
    assert counts(daemon) == (0, 0, 0)


@pytest.mark.parametrize(
    "end", [answer_and_close(b""), answer_and_reset(b"")], ids=["FIN", "RST"]
)
def test_a_request_is_repeated_where_no_response_began(
    end, relay, proxy, connect
):
    daemon, _ready = relay(behaviour=end)
    client = connect(WEB)
    client.send(GET % 1 + GET % 2)
    upstream = proxy.tunnel()
    first, second = proxy.requests[1:]
    assert first.raw == second.raw and first.target == "http://site.test/1"
    name = client.address
    respond(client, upstream)
    assert upstream.end() == FIN
    line = daemon.wait_for_closed(client=name, mode="relay", status=200)
    assert int(line["sent"]) == len(first.raw) and "connect" in line.values
    assert counts(daemon) == (1, 0, 1) and daemon.warnings() == []
    assert daemon.totals()["relayed"] == 1


def test_a_request_whose_write_failed_is_repeated(
    fail_sends, start, proxy, tunnel, wait_for_sockets, connect
):
    daemon = start(*RELAY, preload=fail_sends("GET ", errno.EPIPE))
    tunnel()
    wait_for_sockets(1 + READY)
    proxy.behaviour = hand_over_unanswered()
    client = connect(WEB)
    client.send(GET % 1)
    respond(client, proxy.tunnel())
    assert counts(daemon) == (1, 0, 1) and daemon.warnings() == []


def test_nothing_is_repeated_once_a_response_began(relay, proxy, connect):
    daemon, _ready = relay(behaviour=answer_and_close(b"H"))
    client = connect(WEB)
    client.send(GET % 1)
    assert client.end() == RESET
    daemon.wait_for_warning(cause="closed before the end of its status line")
    assert counts(daemon) == (1, 0, 0) and len(proxy.requests) == 2


def test_a_page_that_crosses_a_request_is_its_response(relay, proxy, connect):
    page = PAGE % 408
    daemon, _ready = relay(behaviour=answer_and_close(page))
    client = connect(WEB)
    client.send(GET % 1)
    assert client.receive_to_end() == (page, FIN)
    assert counts(daemon) == (1, 0, 0) and len(proxy.requests) == 2


def test_a_request_that_waits_ends_with_its_client(relay, proxy, connect):
    daemon, _ready = relay()
    client = connect(WEB)
    client.send(GET % 1)
    upstream = proxy.tunnel()
    client.reset()
    assert upstream.end() == RESET
    wait_until(
        lambda: daemon.totals()["client_reset"] == 1, "the end is counted"
    )


def test_a_request_that_no_response_follows_times_out(relay, proxy, connect):
    daemon, _ready = relay("-response-timeout", duration(0.5))
    client = connect(WEB)
    client.send(GET % 1)
    assert client.end() == RESET
    daemon.wait_for_warning(cause="timed out", client=client.address)
    assert len(proxy.requests) == 2
