# SPDX-License-Identifier: MIT
"""A socket that was connected to the upstream is connected again for another
client. No state of the last tunnel is left in it, and no socket is kept for
long."""

import contextlib
import itertools
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from behaviour import hand_over_unanswered
from lab import (
    ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    PROXY_ADDRESS_V6,
    default_backend,
)
from origin import echo
from peer import (
    FIN,
    RESET,
    Peer,
    end_tunnel,
    in_background,
    pattern_bytes,
)
from waiting import wait_until

SMALL = pattern_bytes(20_000, seed=21)

# A tunnel that carried this many bytes leaves no socket to be used again.
MUCH = pattern_bytes(100_000, seed=22)


@pytest.fixture(params=[PROXY_ADDRESS, PROXY_ADDRESS_V6], ids=["IPv4", "IPv6"])
def proxy(request, start_proxy):
    return start_proxy(request.param)


def test_bytes_left_by_a_tunnel_do_not_reach_the_next(
    handyproxy, open_tunnel_again
):
    handyproxy(workers=1)

    def leave_much_behind(client: Peer, upstream: Peer) -> None:
        client.send(b"last words")
        client.socket.send(b"!", socket.MSG_OOB)
        upstream.send(b"an answer")
        upstream.socket.send(b"!", socket.MSG_OOB)
        client.finish()
        assert upstream.receive_to_end() == (b"last words!", FIN)
        upstream.finish()
        assert client.receive_to_end()[1] == FIN

    client, upstream = open_tunnel_again(leave_much_behind)
    assert client.stays_silent() and upstream.stays_silent()
    client.send(SMALL)
    assert upstream.receive(len(SMALL)) == SMALL
    upstream.send(SMALL[::-1])
    assert client.receive(len(SMALL)) == SMALL[::-1]
    client.finish()
    assert upstream.end() == FIN
    upstream.send(b"still here")
    upstream.finish()
    assert client.receive_to_end() == (b"still here", FIN)


def test_the_socket_of_a_relayed_request_serves_again(
    handyproxy, proxy, connect, open_tunnel, socket_towards
):
    """The next request goes out by itself, and gets its own response."""
    handyproxy("-http-relay-ports", "80", workers=1)
    open_tunnel()
    numbers = itertools.count()
    seen: set[str] = set()

    def attempt() -> bool:
        path = b"/%d" % next(numbers)
        proxy.then(hand_over_unanswered())
        client = connect((ORIGIN_ADDRESS, 80))
        client.send(b"GET %s HTTP/1.1\r\nHost: site.test\r\n\r\n" % path)
        upstream = proxy.tunnel()
        assert proxy.requests[-1].raw == (
            b"GET http://site.test%s HTTP/1.1\r\nHost: site.test\r\n"
            b"Connection: close\r\n\r\n" % path
        )
        number = socket_towards(upstream)
        is_used = number in seen
        seen.add(number)
        response = b"HTTP/1.1 200 OK\r\n\r\n" + path
        upstream.send(response)
        upstream.finish()
        assert client.receive_to_end() == (response, FIN)
        assert upstream.end() == FIN
        client.finish()
        return is_used

    wait_until(attempt, "a socket serves again")


def test_each_of_many_clients_gets_its_own_bytes(handyproxy, start_origin, connect):
    """Many sockets change hands in one turn of the loop. No event of one tunnel
    may be handled as another tunnel's event."""
    origin = start_origin(echo)
    handyproxy(workers=1)

    def converse(number: int) -> bool:
        message = b"message %d" % number
        client = connect(origin.address)
        client.send(message)
        if client.receive(len(message)) != message:
            return False
        client.finish()
        return client.end() == FIN

    with ThreadPoolExecutor(100) as everybody:
        assert all(everybody.map(converse, range(2000)))


def test_a_reset_is_passed_on_through_a_socket_that_serves_again(
    handyproxy, open_tunnel_again
):
    handyproxy(workers=1)
    client, upstream = open_tunnel_again(end_tunnel)
    client.reset()
    assert upstream.end() == RESET
    client, upstream = open_tunnel_again(end_tunnel)
    upstream.reset()
    assert client.end() == RESET


@pytest.mark.expects_errors
def test_a_crash_resets_a_socket_that_serves_again(
    handyproxy, open_tunnel_again
):
    daemon = handyproxy(workers=1)
    client, upstream = open_tunnel_again(end_tunnel)
    os.kill(daemon.workers[0], signal.SIGKILL)
    assert client.end() == RESET
    assert upstream.end() == RESET


def test_a_fin_that_is_lost_on_the_way_is_sent_again(
    lab, handyproxy, proxy, open_tunnel
):
    """Bytes that the upstream has not acknowledged are sent again, though the
    upstream's own FIN has come and the socket could be used again."""
    handyproxy(workers=1)
    open_tunnel()
    client, upstream = open_tunnel()
    with lost_fins(lab.router, proxy.address[1]):
        client.finish()
        upstream.finish()
        assert client.end() == FIN
        assert upstream.stays_silent()
    assert upstream.end() == FIN


def test_a_socket_that_carried_much_is_not_used_again(
    handyproxy, open_tunnel, socket_towards
):
    """The kernel has grown the socket's buffers."""
    handyproxy(workers=1)
    open_tunnel()
    seen = set()
    for _ in range(8):
        client, upstream = open_tunnel()
        seen.add(socket_towards(upstream))
        sender = in_background(upstream.send, MUCH)
        assert client.receive(len(MUCH)) == MUCH
        sender.join()
        end_tunnel(client, upstream)
    assert len(seen) == 8


@pytest.mark.parametrize("stays_open", [0, 1])
def test_sockets_do_not_wait_for_long(
    stays_open, handyproxy, settled, open_tunnel
):
    daemon = handyproxy(workers=1)
    before = settled(daemon)
    for _ in range(stays_open):
        open_tunnel()
    tunnels = [open_tunnel() for _ in range(20)]
    for tunnel in tunnels:
        end_tunnel(*tunnel)
    before[daemon.workers[0]] += 2 * stays_open
    daemon.wait_for_descriptors(before)


@contextlib.contextmanager
def lost_fins(router, port):
    """The FINs to that port that were lost."""
    rule = f"OUTPUT -p tcp --dport {port} --tcp-flags FIN FIN -j DROP"
    if default_backend() == "nft":
        router.run("nft", "-f", "-", text=f"""
            table inet lost {{
                chain out {{
                    type filter hook output priority 0
                    tcp dport {port} tcp flags & fin == fin drop
                }}
            }}""")
        undo = ["nft delete table inet lost"]
    else:
        for command in ("iptables", "ip6tables"):
            router.run(command, "-w", "-A", *rule.split())
        undo = [f"iptables -w -D {rule}", f"ip6tables -w -D {rule}"]
    try:
        yield
    finally:
        for command in undo:
            router.run(*command.split())
