# SPDX-License-Identifier: MIT
"""The books balance: each accepted connection is open, or it has ended with
exactly one result or one cause. Daemon.totals() asserts the sum each time."""

import os
import signal

import pytest

from behaviour import answer, stay_silent
from daemon import BOOKS, Daemon
from lab import ROUTER_ADDRESS
from peer import RESET, end_tunnel
from waiting import wait_until


def books(daemon: Daemon) -> dict[str, int]:
    """What is not 0."""
    totals = daemon.totals()
    return {key: totals[key] for key in BOOKS if totals[key]}


def wait_for(daemon: Daemon, **wanted: int) -> None:
    wait_until(lambda: books(daemon) == wanted, f"the books say {wanted}")


def test_open_and_done(handyproxy, open_tunnel):
    daemon = handyproxy(workers=1)
    tunnels = [open_tunnel() for _ in range(3)]
    wait_for(daemon, open=3)
    end_tunnel(*tunnels[0])
    wait_for(daemon, open=2, done=1)


def test_resets_of_tunnels(handyproxy, open_tunnel):
    daemon = handyproxy(workers=1)
    (first, _), (_, second) = open_tunnel(), open_tunnel()
    first.reset()
    second.reset()
    wait_for(daemon, client_reset=1, upstream_reset=1)


@pytest.mark.parametrize("first", [b"", b"\0"], ids=["sniffing", "answering"])
def test_clients_that_give_up_before_their_tunnel(
    handyproxy, proxy, connect, first
):
    daemon = handyproxy("-sniff-timeout", "1h", workers=1)
    proxy.behaviour = stay_silent()
    client = connect()
    client.send(first)
    wait_for(daemon, open=1)
    client.reset()
    wait_for(daemon, client_reset=1)


def test_idle_timeout(handyproxy, open_tunnel):
    daemon = handyproxy("-idle-timeout", "100ms", workers=1)
    client, _ = open_tunnel()
    assert client.end() == RESET
    wait_for(daemon, idle_timeout=1)


def test_drained(handyproxy, open_tunnel):
    """A worker that gets a TERM is replaced, and its tunnels are drained."""
    daemon = handyproxy("-drain-timeout", "100ms", workers=1)
    client, _ = open_tunnel()
    os.kill(daemon.workers[0], signal.SIGTERM)
    assert client.end() == RESET
    wait_for(daemon, drained=1)


@pytest.mark.expects_errors
def test_crashed(handyproxy, open_tunnel):
    daemon = handyproxy(workers=1)
    tunnels = [open_tunnel() for _ in range(2)]
    end_tunnel(*tunnels[0])
    wait_for(daemon, open=1, done=1)
    (worker,) = daemon.workers
    os.kill(worker, signal.SIGKILL)
    assert tunnels[1][0].end() == RESET
    wait_until(lambda: daemon.workers not in ([], [worker]), "it is replaced")
    wait_for(daemon, crashed=1, done=1)


def test_refused_at_accept(handyproxy, connect):
    daemon = handyproxy(workers=1)
    assert connect((ROUTER_ADDRESS, daemon.port)).end() == RESET
    wait_for(daemon, not_redirected=1)


def test_dial(handyproxy, proxy, connect):
    proxy.stop()
    daemon = handyproxy(workers=1)
    assert connect().end() == RESET
    wait_for(daemon, dial=1)


def test_malformed_request(handyproxy, connect):
    daemon = handyproxy("-http-relay-ports", "443")
    client = connect()
    client.send(
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"
    )
    assert client.end() == RESET
    wait_for(daemon, malformed_request=1)


def test_malformed(handyproxy, proxy, connect):
    daemon = handyproxy(workers=1)
    proxy.behaviour = answer(b"no HTTP at all\r\n\r\n")
    assert connect().end() == RESET
    wait_for(daemon, malformed=1)


def test_response_timeout(handyproxy, proxy, connect):
    daemon = handyproxy("-response-timeout", "100ms", workers=1)
    proxy.behaviour = stay_silent()
    assert connect().end() == RESET
    wait_for(daemon, response_timeout=1)


@pytest.mark.parametrize(
    "status, key",
    [(403, "403"), (503, "503"), (407, "407"), (418, "other"), (302, "other")],
)
def test_refusals_by_status(status, key, handyproxy, proxy, connect):
    """An upstream's answer is the cause of a failure, and counted apart."""
    daemon = handyproxy(workers=1)
    proxy.behaviour = answer(b"HTTP/1.1 %d No\r\n\r\n" % status)
    assert connect().end() == RESET
    wait_for(daemon, refused=1)
    totals = daemon.totals()
    assert totals["refused_" + key] == 1
    assert sum(v for k, v in totals.items() if k.startswith("refused_")) == 1


def test_at_any_moment(handyproxy, open_tunnel):
    """Asked for while connections come and go."""
    daemon = handyproxy(workers=2)
    for count in range(12):
        client, upstream = open_tunnel()
        daemon.totals()
        if count % 2:
            client.reset()
        else:
            end_tunnel(client, upstream)
        daemon.totals()
    wait_for(daemon, done=6, client_reset=6)
