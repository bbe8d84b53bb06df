# SPDX-License-Identifier: MIT
"""Every byte arrives, in order, whatever the sizes and speeds."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from behaviour import hand_over
from flood import Flood
from modes import (
    assert_moved_by,
    every_transfer_mode,
    every_transfer_way,
    from_either_side,
)
from origin import banner, echo, endless_source, sink, source
from peer import FIN, in_background, pattern, pattern_bytes, pattern_checksum
from waiting import wait_until, wait_until_steady

KIB, MIB = 1 << 10, 1 << 20
SIZES = [0, 1, 2, 64 * KIB + 1, 16 * MIB, 64 * MIB]
BULK = 16 * MIB
SEND_BUFFERS = "net.ipv4.tcp_wmem"

every_size = pytest.mark.parametrize("size", SIZES)


@every_transfer_way
@every_size
def test_download_arrives_whole(
    size, transfer_mode, handyproxy, start_origin, connect
):
    origin = start_origin(source(size, seed=1))
    daemon = handyproxy()
    client = connect(origin.address)
    assert client.checksum_to_end() == (size, pattern_checksum(size, 1), FIN)
    client.finish()
    if size >= BULK:
        assert_moved_by(transfer_mode, daemon)


@every_transfer_way
@every_size
def test_upload_arrives_whole(
    size, transfer_mode, handyproxy, start_origin, connect
):
    origin = start_origin(sink)
    daemon = handyproxy()
    client = connect(origin.address)
    checksum = client.send_all(pattern(size, seed=2))
    client.finish()
    assert origin.result() == (size, checksum, FIN)
    assert client.end() == FIN
    if size >= BULK:
        assert_moved_by(transfer_mode, daemon)


@every_transfer_mode
@pytest.mark.parametrize("is_last", [False, True], ids=["within", "last"])
def test_an_urgent_byte_keeps_its_place(
    is_last, handyproxy, start_origin, connect
):
    """splice(2) stops at the urgent byte. If the FIN has come, too, splice(2)
    reports the end of the stream there."""
    origin = start_origin(sink)
    handyproxy()
    client = connect(origin.address)
    sent = pattern_bytes(BULK) + b"!"
    client.send(sent[:-1])
    client.socket.send(b"!", socket.MSG_OOB)
    if not is_last:
        sent += b"more" * 10000
        client.send(sent[BULK + 1 :])
    client.finish()
    size, checksum, end = origin.result()
    assert (size, end) == (len(sent), FIN)
    assert checksum == sha256(sent).hexdigest()


@every_transfer_way
@every_size
def test_both_directions_at_once_arrive_whole(
    size, handyproxy, start_origin, connect
):
    origin = start_origin(source(size, seed=3))
    handyproxy()
    client = connect(origin.address)
    sender = in_background(client.send_and_finish, pattern(size, seed=4))
    assert client.checksum_to_end() == (size, pattern_checksum(size, 3), FIN)
    sender.join()
    assert origin.result() == (size, pattern_checksum(size, 4), FIN)


@every_transfer_mode
def test_a_conversation_of_small_messages(handyproxy, start_origin, connect):
    origin = start_origin(echo)
    handyproxy()
    client = connect(origin.address)
    for number in range(500):
        message = b"message %d" % number
        client.send(message)
        assert client.receive(len(message)) == message


@every_transfer_way
def test_small_and_bulk_take_turns_in_one_tunnel(
    handyproxy, start_origin, connect
):
    """Bytes moved one way must not overtake bytes moved the other way."""
    origin = start_origin(echo)
    handyproxy()
    client = connect(origin.address)
    for size in [1, 3 * MIB, 1, 2, 700 * KIB, 64 * KIB, 1, 2 * MIB + 7]:
        data = pattern_bytes(size, seed=size)
        sender = in_background(client.send, data)
        assert client.receive(size) == data
        sender.join()


@every_transfer_way
def test_200_connections_at_once_each_with_its_own_bytes(
    handyproxy, settled, proxy, start_origin, connect
):
    origin = start_origin(echo)
    daemon = handyproxy()
    before = settled(daemon)
    everybody_is_connected = threading.Barrier(200)

    def converse(number: int) -> bool:
        payload = pattern_bytes(100_000 + number, seed=number)
        client = connect(origin.address)
        everybody_is_connected.wait()
        sender = in_background(client.send_and_finish, [payload])
        answer = client.receive_to_end()
        sender.join()
        return answer == (payload, FIN)

    with ThreadPoolExecutor(200) as everybody:
        assert all(everybody.map(converse, range(200)))
    assert len(proxy.requests) == 200
    daemon.wait_for_descriptors(before)


@every_transfer_mode
def test_a_slow_reader_of_a_fast_source_costs_no_memory(
    handyproxy, start_origin, connect
):
    """Without back-pressure the source would never stop sending."""
    sent = [0]
    origin = start_origin(endless_source(sent))
    daemon = handyproxy()
    before = daemon.memory()
    clients = [connect(origin.address, receive_buffer=4096) for _ in range(8)]
    wait_until_steady(lambda: sent[0])
    assert sent[0] > 0
    assert daemon.memory() - before < 4 * MIB
    for client in clients:
        client.receive(1)


def stall(client, size=500_000) -> None:
    """Reads a part of a bulk stream, and then nothing."""
    client.receive(size)


@pytest.mark.parametrize("transfer_mode", ["copy"])
def test_bytes_for_readers_that_stall_have_a_budget(
    handyproxy, start_origin, connect
):
    """A peak is bounded, and goes when the readers go, but for one."""
    size = 3 * MIB
    origin = start_origin(source(size, seed=18))
    daemon = handyproxy(workers=1)
    before = daemon.memory()
    clients = [
        connect(origin.address, receive_buffer=1 << 15) for _ in range(320)
    ]
    wait_until_steady(lambda: moved_bytes(daemon))
    assert daemon.memory() - before < 6 * MIB
    for client in clients[:-8]:
        client.reset()
    for client in clients[-8:-1]:
        assert client.checksum_to_end() == (
            size, pattern_checksum(size, 18), FIN
        )
        client.close()
    daemon.wait_until_at_rest()
    wait_until(
        lambda: daemon.memory() - before < 1 * MIB, "the memory is given back"
    )
    assert clients[-1].checksum_to_end() == (
        size, pattern_checksum(size, 18), FIN
    )


def test_readers_that_stall_leave_the_pipes_to_others(
    handyproxy, start_origin, connect
):
    """More of them than there are pipes have each had one when they stalled."""
    size = 16 * MIB
    origin = start_origin(source(size, seed=19))
    daemon = handyproxy(workers=1)
    stalled = [
        connect(origin.address, receive_buffer=1 << 15) for _ in range(24)
    ]
    for client in stalled:
        stall(client)
    wait_until_steady(lambda: moved_bytes(daemon))

    def is_spliced() -> bool:
        before = daemon.totals()["spliced"]
        client = connect(origin.address)
        assert client.checksum_to_end() == (
            size, pattern_checksum(size, 19), FIN
        )
        client.close()
        return daemon.totals()["spliced"] - before > size // 2

    wait_until(is_spliced, "another stream is spliced")
    for client in stalled[::8]:
        rest, end = client.receive_to_end()
        assert pattern_bytes(size, seed=19).endswith(rest)
        assert (len(rest), end) == (size - 500_000, FIN)


@from_either_side
@every_transfer_mode
def test_a_slow_reader_gets_every_byte(turn, handyproxy, open_tunnel):
    """The tunnel fills up and stops, and then goes on."""
    handyproxy()
    reader, sender = turn(open_tunnel(receive_buffer=4096))
    reader.limit_receive_buffer(4096)
    flood = Flood(sender, last=sender.finish, seed=5)
    flood.wait_until_stopped()
    flood.end_after(4 * MIB)
    reader.limit_receive_buffer(1 * MIB)
    assert reader.checksum_to_end() == (*flood.result(), FIN)


@every_transfer_mode
def test_small_send_buffers_get_every_byte(
    lab, handyproxy, start_origin, connect
):
    """The kernel takes a part of each write, and a part of the unsent bytes."""
    size = 4 * MIB
    before = lab.router.sysctl(SEND_BUFFERS, "4096 4608 9216")
    try:
        origin = start_origin(source(size, seed=16))
        handyproxy()
        client = connect(origin.address)
        sender = in_background(client.send_and_finish, pattern(size, seed=17))
        assert client.checksum_to_end() == (
            size, pattern_checksum(size, 16), FIN
        )
        sender.join()
        assert origin.result() == (size, pattern_checksum(size, 17), FIN)
    finally:
        lab.router.sysctl(SEND_BUFFERS, before)


def test_one_direction_at_rest_does_not_stop_the_other(
    handyproxy, open_tunnel
):
    """The client does not read, but it still sends."""
    handyproxy()
    client, upstream = open_tunnel(receive_buffer=4096)
    flood = in_background(upstream.send_until_stopped)
    for number in range(100):
        message = b"%08d" % number
        client.send(message)
        assert upstream.receive(8) == message
    client.reset()
    flood.join()


def test_a_server_that_speaks_first_is_heard(handyproxy, start_origin, connect):
    origin = start_origin(banner(b"SSH-2.0-test\r\n"))
    handyproxy()
    client = connect(origin.address)
    assert client.receive(14) == b"SSH-2.0-test\r\n"
    client.send(b"SSH-2.0-client\r\n")
    assert client.receive(16) == b"SSH-2.0-client\r\n"


def test_bytes_of_the_client_from_before_the_answer_come_first(
    handyproxy, proxy, connect
):
    handyproxy()
    early, late = pattern_bytes(30_000, seed=7), pattern_bytes(30_000, seed=8)
    proxy.behaviour = hand_over()
    client = connect()
    client.send(early)
    upstream = proxy.tunnel()
    client.send(late)
    client.finish()
    assert upstream.receive_to_end() == (early + late, FIN)


def moved_bytes(daemon) -> int:
    return daemon.totals()["received"]

