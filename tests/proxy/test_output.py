# SPDX-License-Identifier: MIT
"""Connections of the host that HandyProxy itself runs on (OUTPUT)."""

import pytest

from behaviour import hand_over
from connect_proxy import ESTABLISHED
from lab import ORIGIN_ADDRESS
from origin import echo
from peer import RESET, join
from waiting import wait_until


@pytest.fixture
def on_this_host(lab, handyproxy, connect):
    """on_this_host(): HandyProxy, with the router's own connections redirected
    to it, but not its own."""

    def start(*options: str, exempt: bool = True):
        daemon = handyproxy(*options)
        lab.stop_redirecting()
        lab.redirect_output(daemon.port, exempted(daemon) if exempt else NOBODY)
        return daemon

    return start


# The uid of a user without any processes.
NOBODY = 4_000_000_000


def exempted(daemon) -> int | None:
    """The exempt user, or None in a user namespace of one user, where its
    exemption would apply to all processes."""
    return daemon.user or None


def test_own_connections_reach_their_origin(
    on_this_host, lab, proxy, start_origin, connect
):
    origin = start_origin(echo)
    on_this_host()
    client = connect(origin.address, namespace=lab.router)
    client.send(b"hello")
    assert client.receive(5) == b"hello"
    assert proxy.request().target == join(origin.address)


def test_without_exemption_the_loop_is_cut_at_once(
    on_this_host, lab, proxy, connect
):
    """HandyProxy's own dial is redirected to it once, not a thousand times."""
    daemon = on_this_host(exempt=False)
    client = connect((ORIGIN_ADDRESS, 80), namespace=lab.router)
    assert client.end() == RESET
    line = daemon.wait_for_warning(destination=join(proxy.address))
    assert "exempt" in line.words
    assert proxy.requests == []
    assert daemon.totals()["accepted"] == 2


def test_a_proxy_on_this_host_that_is_not_exempt_is_a_loop(
    on_this_host, lab, start_proxy, connect
):
    """Each connection of the upstream comes round to HandyProxy again: a client
    becomes 64 connections of each worker, and no more."""
    upstream = start_proxy("127.0.0.1", namespace=lab.router)
    daemon = on_this_host(
        "-upstream-proxy", join(upstream.address), "-workers", "2"
    )
    client = connect((ORIGIN_ADDRESS, 80), namespace=lab.router)
    client.end()
    line = daemon.wait_for_warning(destination=f"{ORIGIN_ADDRESS}:80")
    assert "loop" in line.words
    assert "exempt" in line.words
    assert "no answer" in line.values["cause"]
    assert daemon.totals(are_true=False)["accepted"] <= 2 * 64 + 2


def test_many_connections_of_this_host_that_are_answered_are_no_loop(
    on_this_host, lab, proxy, connect
):
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    daemon = on_this_host()
    clients = []
    for _ in range(150):
        clients.append(connect((ORIGIN_ADDRESS, 80), namespace=lab.router))
        assert clients[-1].receive(5) == b"hello"
    # Those to other destinations do not count.
    proxy.behaviour = hand_over()
    for port in range(80, 82):
        for _ in range(40):
            clients.append(
                connect((ORIGIN_ADDRESS, port), namespace=lab.router)
            )
    wait_until(lambda: len(proxy.requests) == 230, "all are asked for")
    assert daemon.warnings() == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9"])
def test_loopback_is_forbidden(address, on_this_host, lab, proxy, connect):
    daemon = on_this_host()
    proxy.behaviour = hand_over()
    client = connect((address, 80), namespace=lab.router)
    assert client.end() == RESET
    line = daemon.wait_for_warning(destination=f"{address}:80")
    assert line["cause"]
    assert proxy.requests == []
