# SPDX-License-Identifier: MIT
"""At -max-connections or without descriptors, connections wait in the
kernel's queue and are accepted as soon as one ends."""

import contextlib
import resource
import struct
import time

import pytest

from behaviour import answer, hand_over
from daemon import state_of
from origin import endless_source
from peer import RESET, Peer, in_background
from waiting import wait_until, wait_until_steady


@pytest.mark.parametrize(
    "workers, family", [(1, "ipv4"), (2, "ipv4"), (2, "ipv6")]
)
def test_a_connection_over_the_limit_waits_for_its_turn(
    workers, handyproxy, proxy, connect
):
    daemon = handyproxy("-max-connections", "4", workers=workers)
    proxy.behaviour = hand_over()
    clients = [connect() for _ in range(4)]
    for _ in clients:
        proxy.tunnel()
    waiting = connect()
    waiting.send(b"me too")
    assert waiting.stays_silent()
    assert len(proxy.requests) == 4
    assert daemon.waiting_connections == 1
    clients[2].reset()
    upstream = proxy.tunnel()
    assert upstream.receive(6) == b"me too"
    upstream.send(b"welcome")
    assert waiting.receive(7) == b"welcome"
    assert clients[0].stays_silent()


def test_the_limit_and_its_end_are_logged_once(handyproxy, proxy, connect):
    daemon = handyproxy("-max-connections", "2", workers=1)
    start = len(daemon.log)
    proxy.behaviour = hand_over()
    clients = [connect() for _ in range(6)]
    limit = daemon.wait_for_log("warning .*limit of 2 connections", start)
    for _ in clients:
        proxy.tunnel().reset()
    end = daemon.wait_for_log("warning .*room for connections", start)
    assert daemon.log[start:] == [limit, end]


def test_a_full_daemon_does_not_spin(handyproxy, proxy, connect):
    """A listener that is always ready must not keep a worker busy."""
    daemon = handyproxy("-max-connections", "1", workers=1)
    proxy.behaviour = hand_over()
    connect()
    proxy.tunnel()
    connect()
    wait_until(lambda: daemon.waiting_connections == 1, "one waits")
    daemon.wait_until_at_rest()
    for _ in range(50):
        time.sleep(0.01)
        assert state_of(daemon.workers[0]) == "S"


def few_descriptors() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def test_with_few_descriptors_every_client_is_served(
    handyproxy, proxy, connect
):
    """40 connections need 80 descriptors; there are 64 in all."""
    handyproxy("-max-per-client", "0", workers=1, prepare=few_descriptors)
    proxy.behaviour = hand_over()
    clients = [connect() for _ in range(40)]
    served_at_first = wait_until_steady(lambda: len(proxy.requests))
    assert 10 <= served_at_first < 40
    for _ in clients:
        upstream = proxy.tunnel()
        upstream.send(b"your turn")
        upstream.wait_until_delivered()
        upstream.reset()
    for client in clients:
        assert client.receive_to_end() == (b"your turn", RESET)


def test_more_connections_than_descriptors_may_be_asked_for(
    handyproxy, open_tunnel
):
    """The daemon starts with the descriptors that it can get."""
    daemon = handyproxy(
        "-max-connections", "100000", prepare=few_descriptors
    )
    client, upstream = open_tunnel()
    client.send(b"x")
    assert upstream.receive(1) == b"x"
    assert daemon.process.poll() is None


@pytest.fixture
def accepts(tmp_path, monkeypatch, shims):
    """For handyproxy(..., preload=accepts.library): accepts.moved(N), the bytes
    that a worker had moved when it accepted client N."""
    page = tmp_path / "accepts"
    page.write_bytes(bytes(8 * 4002))
    monkeypatch.setenv("HANDYPROXY_ACCEPTS", str(page))

    class Accepts:
        library = shims("accepts")

        @staticmethod
        def count() -> int:
            return struct.unpack_from("Q", page.read_bytes())[0]

        @staticmethod
        def moved(client: int) -> int:
            twice = struct.unpack_from("Q", page.read_bytes(), 16 + 8 * client)
            return twice[0] // 2

    return Accepts


def read_on(peer: Peer) -> None:
    with contextlib.suppress(OSError):
        while peer.socket.recv(1 << 20):
            pass


def test_bulk_streams_do_not_keep_new_clients_waiting(
    handyproxy, proxy, start_origin, connect, accepts
):
    """Clients have come while one worker moves many bulk streams. Until the last
    of them is accepted, the streams may move so much, on any machine."""
    streams, clients = 60, 300
    origin = start_origin(endless_source([0]))
    daemon = handyproxy(workers=1, preload=accepts.library)
    for _ in range(streams):
        in_background(read_on, connect(origin.address))
    wait_until(lambda: daemon.totals()["spliced"] > 64 << 20, "bulk streams")
    with daemon.still(daemon.workers[0]):
        proxy.behaviour = answer(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        for _ in range(clients):
            connect()
    wait_until(lambda: accepts.count() == streams + clients, "all are accepted")
    moved = accepts.moved(streams + clients - 1) - accepts.moved(streams)
    assert moved < 100 << 20
