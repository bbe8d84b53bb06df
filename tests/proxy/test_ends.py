# SPDX-License-Identifier: MIT
"""FIN as FIN, RST as RST, half-close, and the bytes before each end.

The test plays both ends itself. Where several events must happen before
HandyProxy sees them, its workers are stopped meanwhile."""

import threading

import pytest

from behaviour import relay_until_fin
from modes import (
    every_family,
    every_transfer_mode,
    every_transfer_way,
    from_either_side,
)
from origin import answer_after_fin, reset_after
from peer import (
    FIN,
    RESET,
    in_background,
    join,
    pattern,
    pattern_bytes,
    pattern_checksum,
)
from waiting import duration, wait_until, wait_until_steady

# Fits the first window of a connection, so that the kernel sends it at once.
SMALL = pattern_bytes(8000, seed=9)

# Fits the receive buffer of a connection from which nothing is read.
MEDIUM = pattern_bytes(40_000, seed=10)

BULK = 4 << 20


@from_either_side
@every_transfer_way
def test_a_half_closed_tunnel_goes_on_the_other_way(
    turn, handyproxy, settled, open_tunnel
):
    daemon = handyproxy("-log-level", "info")
    before = settled(daemon)
    first, second = turn(open_tunnel())
    first.send(b"all I have to say")
    first.finish()
    assert second.receive_to_end() == (b"all I have to say", FIN)
    assert first.stays_silent()
    sender = in_background(second.send_and_finish, pattern(BULK, seed=11))
    assert first.checksum_to_end() == (BULK, pattern_checksum(BULK, 11), FIN)
    sender.join()
    daemon.wait_for_closed(result="done")
    daemon.wait_for_descriptors(before)


@from_either_side
def test_a_fin_without_any_byte_is_passed_on(turn, handyproxy, open_tunnel):
    handyproxy()
    first, second = turn(open_tunnel())
    first.finish()
    assert second.end() == FIN
    second.send(b"still here")
    assert first.receive(10) == b"still here"


@from_either_side
def test_a_fin_follows_what_a_slow_reader_has_not_taken_yet(
    turn, handyproxy, open_tunnel
):
    handyproxy()
    first, second = turn(open_tunnel(receive_buffer=4096))
    sender = in_background(first.send_and_finish, pattern(BULK, seed=12))
    assert second.checksum_to_end() == (BULK, pattern_checksum(BULK, 12), FIN)
    sender.join()


@every_family
@from_either_side
def test_a_reset_is_passed_on(turn, handyproxy, settled, open_tunnel):
    daemon = handyproxy("-log-level", "info")
    before = settled(daemon)
    first, second = turn(open_tunnel())
    first.reset()
    assert second.end() == RESET
    daemon.wait_for_closed()
    daemon.wait_for_descriptors(before)


def test_a_reset_of_the_origin_comes_through_the_proxy(
    handyproxy, start_origin, connect
):
    origin = start_origin(reset_after(5))
    handyproxy()
    client = connect(origin.address)
    client.send(b"hello")
    assert client.end() == RESET


def test_the_log_says_which_side_has_reset(handyproxy, open_tunnel):
    daemon = handyproxy("-log-level", "info")
    client, upstream = open_tunnel()
    address = client.address
    client.reset()
    daemon.wait_for_closed(client=address, result="client_reset")
    client, upstream = open_tunnel()
    upstream.reset()
    daemon.wait_for_closed(client=client.address, result="upstream_reset")


@from_either_side
@every_transfer_way
def test_bytes_before_a_reset_arrive(turn, handyproxy, open_tunnel):
    daemon = handyproxy()
    first, second = turn(open_tunnel())
    daemon.stop_workers()
    first.send(SMALL)
    first.wait_until_delivered()
    first.reset()
    daemon.continue_workers()
    assert second.receive_to_end() == (SMALL, RESET)


@from_either_side
@every_transfer_mode
def test_bytes_and_fin_before_a_reset_arrive(
    turn, handyproxy, settled, open_tunnel
):
    """A side that has sent its FIN has sent everything; a RST behind it
    discards nothing."""
    daemon = handyproxy()
    before = settled(daemon)
    first, second = turn(open_tunnel())
    daemon.stop_workers()
    first.send(MEDIUM)
    first.finish()
    first.wait_until_delivered()
    first.reset()
    daemon.continue_workers()
    assert second.receive_to_end() == (MEDIUM, FIN)
    daemon.wait_for_descriptors(before)


@from_either_side
@pytest.mark.parametrize("end", [FIN, RESET])
def test_a_write_that_meets_a_reset_does_not_hide_what_came_before(
    end, turn, handyproxy, open_tunnel
):
    """The first side sends, perhaps ends its stream, and resets. Bytes are on
    their way to it: writing them fails before its own bytes are read."""
    daemon = handyproxy()
    first, second = turn(open_tunnel())
    daemon.stop_workers()
    second.send(b"on its way")
    second.wait_until_delivered()
    first.send(SMALL)
    if end == FIN:
        first.finish()
    first.wait_until_delivered()
    first.reset()
    daemon.continue_workers()
    assert second.receive_to_end() == (SMALL, end)


@from_either_side
@every_transfer_mode
def test_a_slow_reader_still_gets_all_before_a_fin_and_a_reset(
    turn, handyproxy, open_tunnel
):
    """HandyProxy has the bytes when the RST comes. The reader's buffer is
    small, and the reader has not read anything."""
    handyproxy()
    client, upstream = open_tunnel(receive_buffer=4096)
    upstream.limit_receive_buffer(4096)
    first, second = turn((client, upstream))
    first.send(MEDIUM)
    first.finish()
    first.wait_until_delivered()
    first.reset()
    assert second.receive_to_end() == (MEDIUM, FIN)


@from_either_side
def test_a_reset_after_the_fin_was_passed_on_ends_the_tunnel(
    turn, handyproxy, settled, open_tunnel
):
    """Only the RST itself shows that the reader has gone."""
    daemon = handyproxy()
    before = settled(daemon)
    first, second = turn(open_tunnel())
    first.finish()
    assert second.end() == FIN
    first.reset()
    wait_until(second.is_reset, "the RST is passed on")
    daemon.wait_for_descriptors(before)


@from_either_side
def test_a_reset_against_a_fin_is_a_reset(turn, handyproxy, open_tunnel):
    """The side that had sent its own FIN learns that the other side's stream is
    incomplete."""
    handyproxy()
    first, second = turn(open_tunnel())
    first.finish()
    assert second.end() == FIN
    second.send(b"half an ans")
    assert first.receive(11) == b"half an ans"
    second.reset()
    assert first.end() == RESET


@every_transfer_mode
def test_a_reset_within_a_bulk_transfer_is_a_reset(
    handyproxy, settled, open_tunnel
):
    daemon = handyproxy()
    before = settled(daemon)
    client, upstream = open_tunnel()
    half_has_come = threading.Event()

    def send_and_reset() -> None:
        upstream.send(bytes(BULK))
        half_has_come.wait()
        upstream.reset()

    sender = in_background(send_and_reset)
    client.receive(BULK // 2)
    half_has_come.set()
    _data, end = client.receive_to_end()
    assert end == RESET
    sender.join()
    daemon.wait_for_descriptors(before)


@every_transfer_mode
def test_a_reader_that_resets_within_a_bulk_transfer_stops_the_sender(
    handyproxy, settled, open_tunnel
):
    daemon = handyproxy()
    before = settled(daemon)
    client, upstream = open_tunnel()
    sender = in_background(upstream.send_until_stopped)
    client.receive(BULK)
    client.reset()
    sender.join()
    daemon.wait_for_descriptors(before)


def test_hold_keeps_the_clients_fin_until_the_origin_has_ended(
    handyproxy, open_tunnel
):
    daemon = handyproxy("-half-close", "hold", "-log-level", "info")
    client, upstream = open_tunnel()
    client.send(b"question")
    client.finish()
    assert upstream.receive(8) == b"question"
    assert upstream.stays_silent()
    upstream.send(b"answer")
    assert client.receive(6) == b"answer"
    assert upstream.stays_silent()
    upstream.finish()
    assert upstream.end() == FIN
    assert client.end() == FIN
    daemon.wait_for_closed(result="done")


def test_hold_passes_the_upstreams_fin_on_at_once(handyproxy, open_tunnel):
    handyproxy("-half-close", "hold")
    client, upstream = open_tunnel()
    upstream.finish()
    assert client.end() == FIN
    client.send(b"still here")
    assert upstream.receive(10) == b"still here"
    client.finish()
    assert upstream.end() == FIN


def test_hold_does_not_hide_a_reset_behind_the_fin(handyproxy, open_tunnel):
    """The client was killed while it waited for its download."""
    handyproxy("-half-close", "hold")
    client, upstream = open_tunnel()
    client.finish()
    assert upstream.stays_silent()
    client.reset()
    upstream.end()
    wait_until(upstream.is_reset, "the RST is passed on")


@every_transfer_mode
def test_hold_saves_the_answer_from_a_proxy_that_drops_at_fin(
    handyproxy, proxy, start_origin, connect
):
    """The origin answers a complete question. With forward, such a proxy would
    have dropped the tunnel by then."""
    origin = start_origin(answer_to_line(BULK))
    proxy.behaviour = relay_until_fin()
    handyproxy("-half-close", "hold")
    client = connect(origin.address)
    client.send(b"question\n")
    client.finish()
    size, checksum, end = client.checksum_to_end()
    assert (size, checksum, end) == (BULK, pattern_checksum(BULK, 13), FIN)


def test_forward_is_the_default(handyproxy, start_origin, connect):
    """The origin waits for the FIN before it answers."""
    origin = start_origin(answer_after_fin(b"answer"))
    handyproxy()
    client = connect(origin.address)
    client.send(b"question")
    client.finish()
    assert client.receive_to_end() == (b"answer", FIN)
    assert origin.result() == b"question"


def answer_to_line(size):
    def serve(peer) -> None:
        while peer.receive(1) != b"\n":
            pass
        peer.send_all(pattern(size, seed=13))

    return serve


@pytest.fixture
def cut_off(lab, proxy, open_tunnel):
    """cut_off(TURN, DAEMON, BEFORE, FINISHES): a tunnel whose first side has
    sent, perhaps ended its stream, and reset. HandyProxy has seen the RST, and
    holds bytes for the second side, which has read nothing."""

    def cut(turn, before, finishes):
        client, upstream = open_tunnel(receive_buffer=4096)
        upstream.limit_receive_buffer(4096)
        first, second = turn((client, upstream))
        end = ("remote", first.address)
        if first is upstream:
            end = ("local", join(first.socket.getpeername()))
        if finishes:
            first.send(before)
            first.finish()
            first.wait_until_delivered()
        else:
            first.fill()
        first.reset()
        wait_until(
            lambda: not any(
                row[end[0]] == end[1] for row in lab.router.tcp_sockets()
            ),
            "HandyProxy's kernel has the RST",
        )
        return client, upstream, first, second

    return cut


@from_either_side
@every_transfer_mode
@pytest.mark.parametrize("finishes", [False, True], ids=["reset", "fin-reset"])
def test_nothing_is_read_for_a_side_that_has_reset(
    turn, finishes, transfer_mode, handyproxy, settled, cut_off
):
    """What the other side sends has nowhere to go. It stops at the back-pressure
    of a stream that nobody reads, and counts as neither sent nor received."""
    daemon = handyproxy("-log-level", "info")
    before = settled(daemon)
    client, upstream, first, second = cut_off(turn, MEDIUM, finishes)
    sent = [0]

    def send() -> None:
        try:
            while True:
                sent[0] += second.socket.send(bytes(1 << 16))
        except (ConnectionResetError, BrokenPipeError):
            second.was_reset = True

    sender = in_background(send)
    wait_until_steady(lambda: sent[0])
    data, _end = second.receive_to_end()
    assert data == MEDIUM if finishes else data
    sender.join()
    assert second.was_reset  # which only one of the two threads is told
    line = daemon.wait_for_closed()
    direction = "received" if first is client else "sent"
    result = "client_reset" if first is client else "upstream_reset"
    assert line.has(result=result, **{direction: 0})
    daemon.wait_for_descriptors(before)


@from_either_side
@pytest.mark.parametrize("finishes", [False, True], ids=["reset", "fin-reset"])
def test_a_reader_that_takes_nothing_hears_of_the_reset_in_time(
    turn, finishes, handyproxy, settled, cut_off
):
    """It goes on sending, which prolongs nothing."""
    daemon = handyproxy("-half-closed-timeout", duration(1))
    before = settled(daemon)
    _client, _upstream, _first, second = cut_off(turn, MEDIUM, finishes)
    second.send_until_stopped()
    assert second.was_reset
    daemon.wait_for_descriptors(before)
