# SPDX-License-Identifier: MIT
"""Tunnels that HandyProxy itself ends get a RST on both sides."""

import contextlib
import os
import signal
from typing import Iterator

import pytest

from lab import CLIENT_ADDRESS, PROXY_ADDRESS
from peer import FIN, RESET, Peer
from waiting import PATIENCE, duration, wait_until


def test_a_silent_tunnel_is_ended_by_the_idle_timeout(
    handyproxy, settled, open_tunnel
):
    daemon = handyproxy("-idle-timeout", duration(0.3), "-log-level", "info")
    before = settled(daemon)
    client, upstream = open_tunnel()
    assert client.end() == RESET
    assert upstream.end() == RESET
    daemon.wait_for_closed(client=client.address, result="idle_timeout")
    daemon.wait_for_descriptors(before)


def test_bytes_in_either_direction_keep_a_tunnel_alive(
    handyproxy, open_tunnel
):
    """Another tunnel, which is silent, shows when the timeout is over."""
    handyproxy("-idle-timeout", duration(3))
    client, upstream = open_tunnel()
    for sender, receiver in (upstream, client), (client, upstream):
        silent, _its_upstream = open_tunnel()
        while silent.stays_silent():
            sender.send(b"x")
            assert receiver.receive(1) == b"x"
        assert silent.end() == RESET
    assert client.end() == RESET


def test_a_tunnel_that_nobody_reads_from_is_ended_too(
    handyproxy, open_tunnel
):
    """A tunnel full of bytes that makes no progress is silent, too."""
    handyproxy("-idle-timeout", duration(0.5))
    client, upstream = open_tunnel(receive_buffer=4096)
    upstream.send_until_stopped()
    _rest, end = client.receive_to_end()
    assert end == RESET


def assert_stays_open(client: Peer, upstream: Peer) -> None:
    """For a while, and towards the client."""
    for _ in range(5):
        assert client.stays_silent()
    upstream.send(b"x")
    assert client.receive(1) == b"x"


def test_idle_timeout_0_means_never(handyproxy, open_tunnel):
    handyproxy("-idle-timeout", "0")
    assert_stays_open(*open_tunnel())


def test_a_half_closed_silent_tunnel_is_ended(handyproxy, open_tunnel):
    daemon = handyproxy(
        "-half-closed-timeout", duration(0.3), "-log-level", "info"
    )
    client, upstream = open_tunnel()
    client.finish()
    assert upstream.end() == FIN
    assert client.end() == RESET
    wait_until(upstream.is_reset, "the upstream gets a RST")
    daemon.wait_for_closed(client=client.address, result="idle_timeout")


def test_a_tunnel_half_closed_by_the_upstream_is_ended(
    handyproxy, open_tunnel
):
    handyproxy("-half-closed-timeout", duration(0.3))
    client, upstream = open_tunnel()
    upstream.finish()
    assert client.end() == FIN
    assert upstream.end() == RESET
    wait_until(client.is_reset, "the client gets a RST")


def test_a_held_fin_counts_as_half_closed(handyproxy, open_tunnel):
    handyproxy(
        "-half-close", "hold", "-half-closed-timeout", duration(0.3)
    )
    client, upstream = open_tunnel()
    client.finish()
    assert upstream.end() == RESET
    assert client.end() == RESET


def test_the_half_closed_timeout_leaves_open_tunnels_alone(
    handyproxy, open_tunnel
):
    handyproxy("-half-closed-timeout", duration(0.1))
    assert_stays_open(*open_tunnel())


def test_half_closed_timeout_0_means_never(handyproxy, open_tunnel):
    handyproxy("-half-closed-timeout", "0")
    client, upstream = open_tunnel()
    client.finish()
    assert upstream.end() == FIN
    assert_stays_open(client, upstream)


def test_a_stop_resets_what_has_not_ended_in_time(handyproxy, open_tunnel):
    daemon = handyproxy(
        "-drain-timeout", duration(0.3), "-log-level", "info"
    )
    client, upstream = open_tunnel()
    daemon.terminate()
    assert client.end() == RESET
    assert upstream.end() == RESET
    daemon.wait_for_closed(client=client.address, result="drained")


def test_a_stop_lets_a_tunnel_end_in_time(handyproxy, open_tunnel, connect):
    daemon = handyproxy("-drain-timeout", "1h")
    client, upstream = open_tunnel()
    daemon.terminate()
    wait_until(lambda: is_refused(connect), "nothing is accepted any more")
    upstream.send(b"the rest")
    upstream.finish()
    assert client.receive_to_end() == (b"the rest", FIN)
    client.finish()
    assert upstream.end() == FIN
    assert daemon.process.wait(PATIENCE) == 0


def is_refused(connect) -> bool:
    try:
        connect().reset()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.expects_errors
def test_a_killed_worker_resets_its_tunnels_and_no_others(
    handyproxy, open_tunnel
):
    daemon = handyproxy(workers=2)
    first, second = daemon.workers
    with daemon.alone(first):
        doomed = open_tunnel()
    with daemon.alone(second):
        spared = open_tunnel()
    os.kill(first, signal.SIGKILL)
    assert doomed[0].end() == RESET
    assert doomed[1].end() == RESET
    assert spared[0].stays_silent()
    spared[0].send(b"alive")
    assert spared[1].receive(5) == b"alive"
    daemon.wait_for_log(" error master: worker 0 .*signal 9.* 1 connections? lost")
    wait_until(
        lambda: len(daemon.workers) == 2 and daemon.workers[0] != first,
        "the worker is replaced",
    )


@pytest.fixture
def vanish(lab):
    """with vanish(UPSTREAM): what HandyProxy sends to this address is lost."""

    @contextlib.contextmanager
    def lose(address: str, device: str) -> Iterator[None]:
        lab.router.ip(
            f"neighbour replace {address} dev {device} "
            "lladdr 02:00:00:00:00:99 nud permanent"
        )
        try:
            yield
        finally:
            lab.router.ip(f"neighbour delete {address} dev {device}")

    return lose


# By the fast clock the defaults are short.
LONG = ("-dial-timeout", "2h", "-response-timeout", "2h", "-idle-timeout", "0")

CLIENTS = (CLIENT_ADDRESS, "client")
UPSTREAMS = (PROXY_ADDRESS, "upstream")


@pytest.mark.parametrize(
    "turn, gone",
    [(lambda pair: pair, CLIENTS), (reversed, UPSTREAMS)],
    ids=["client", "upstream"],
)
def test_a_peer_that_vanishes_with_bytes_under_way_ends_the_tunnel(
    turn, gone, handyproxy, settled, shims, open_tunnel, vanish
):
    """Keepalive does not run while bytes wait for an acknowledgement."""
    daemon = handyproxy(
        "-log-level", "info", *LONG, preload=shims("fast_clock")
    )
    before = settled(daemon)
    first, second = turn(open_tunnel())
    second.send(b"still there?")
    assert first.receive(12) == b"still there?"
    with vanish(*gone):
        second.send(b"and now?")
        assert second.end() == RESET
    daemon.wait_for_closed(result="error")
    daemon.wait_for_descriptors(before)


def test_a_peer_that_takes_nothing_has_not_vanished(
    handyproxy, shims, open_tunnel, vanish
):
    """A paused download outlasts tunnels whose peers vanish meanwhile."""
    handyproxy(*LONG, preload=shims("fast_clock"))
    paused, source = open_tunnel(receive_buffer=4096)
    size = source.fill()
    for _ in range(3):
        client, _upstream = open_tunnel()
        with vanish(*UPSTREAMS):
            client.send(b"anybody there?")
            assert client.end() == RESET
    source.finish()
    assert paused.receive_to_end() == (bytes(size), FIN)
