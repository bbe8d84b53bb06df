# SPDX-License-Identifier: MIT
"""The options of a tunnel's sockets, read from the worker's own descriptors."""

import contextlib
import ctypes
import os
import socket
import struct
from typing import Callable, Iterator

import pytest

from daemon import Daemon, open_files
from peer import end_tunnel
from waiting import wait_until, wait_until_steady

LIBC = ctypes.CDLL(None)
SYS_PIDFD_GETFD = 438


def copies_of_sockets(pid: int) -> Iterator[socket.socket]:
    """Duplicates of all sockets of a process."""
    pidfd = os.pidfd_open(pid)
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            if os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
                fd = LIBC.syscall(SYS_PIDFD_GETFD, pidfd, int(name), 0)
                assert fd != -1
                yield socket.socket(fileno=fd)
    finally:
        os.close(pidfd)


@pytest.fixture(params=["new", "used again"])
def tunnel_sockets(
    request, handyproxy, open_tunnel, open_tunnel_again
):
    """The two sockets of a tunnel in the worker."""
    daemon = handyproxy(workers=1)
    if request.param == "new":
        client, upstream = open_tunnel()
    else:
        client, upstream = open_tunnel_again(end_tunnel)
    ends = {
        upstream.socket.getpeername(): "upstream",
        client.socket.getsockname(): "client",
    }
    found = {}
    with contextlib.ExitStack() as copies:
        for copy in copies_of_sockets(daemon.workers[0]):
            copies.enter_context(copy)
            try:
                names = copy.getsockname(), copy.getpeername()
            except OSError:
                continue
            side = ends.get(names[0]) or ends.get(names[1])
            if side:
                found[side] = copy
        yield found


def listens(sock: socket.socket) -> bool:
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1


def disconnect(sock: socket.socket) -> None:
    nobody = struct.pack("=H14x", socket.AF_UNSPEC)
    assert LIBC.connect(sock.fileno(), nobody, len(nobody)) == 0


@pytest.fixture
def listener_of() -> Iterator[Callable[[Daemon], socket.socket]]:
    """listener_of(daemon): a copy of the socket that all workers share. What
    the test does to it, a worker that was taken over could do without the
    sandbox."""
    with contextlib.ExitStack() as copies:

        def copy_of(daemon: Daemon) -> socket.socket:
            sockets = [
                copies.enter_context(copy)
                for copy in copies_of_sockets(daemon.workers[0])
            ]
            return next(sock for sock in sockets if listens(sock))

        yield copy_of


def assert_serves(open_tunnel) -> None:
    client, upstream = open_tunnel()
    client.send(b"hello")
    assert upstream.receive(5) == b"hello"


@pytest.mark.expects_errors
def test_a_listener_that_a_worker_has_closed_to_all_is_opened_again(
    handyproxy, open_tunnel, listener_of
):
    """By connect(2) with AF_UNSPEC."""
    daemon = handyproxy()
    workers = daemon.workers
    listener = listener_of(daemon)
    disconnect(listener)
    assert not listens(listener)
    wait_until(lambda: listens(listener), "it listens again")
    line = daemon.wait_for_log("a worker has changed the listening socket")
    assert line.level == "error" and "did not listen" in line.words
    assert_serves(open_tunnel)
    assert daemon.workers == workers


@pytest.mark.expects_errors
def test_an_option_of_the_listener_that_a_worker_has_changed_is_restored(
    handyproxy, open_tunnel, listener_of
):
    """Clients that send nothing would not be accepted, and a crash would look
    like the end of a download."""
    daemon = handyproxy()
    listener = listener_of(daemon)
    off = struct.pack("ii", 0, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, off)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60)
    line = daemon.wait_for_log("a worker has changed the listening socket")
    assert line.level == "error"
    assert "SO_LINGER" in line.words or "TCP_DEFER_ACCEPT" in line.words

    def is_restored() -> bool:
        tcp = socket.IPPROTO_TCP
        linger = listener.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        defers = listener.getsockopt(tcp, socket.TCP_DEFER_ACCEPT)
        return linger == struct.pack("ii", 1, 0) and defers == 0

    wait_until(is_restored, "both options are restored")
    assert_serves(open_tunnel)


@pytest.mark.expects_errors
def test_workers_that_go_on_changing_the_listener_are_killed(
    handyproxy, open_tunnel, listener_of
):
    """One of them is at work, and clients of the others get nothing either."""
    daemon = handyproxy()
    workers = daemon.workers
    listener = listener_of(daemon)

    def is_healed() -> bool:
        if set(daemon.workers) & set(workers):
            disconnect(listener)
            return False
        return True

    wait_until(is_healed, "all workers are killed")
    daemon.wait_for_log("changed again, all workers are killed")
    wait_until(lambda: listens(listener), "it listens again")
    wait_until(lambda: len(daemon.workers) == 2, "there are new workers")
    assert_serves(open_tunnel)


SIDES = ["client", "upstream"]


@pytest.mark.parametrize("side", SIDES)
def test_a_vanished_peer_is_noticed(side, tunnel_sockets):
    """Keepalive: after 60 s of silence 4 probes, 15 s apart."""
    sock = tunnel_sockets[side]
    tcp = socket.IPPROTO_TCP
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert sock.getsockopt(tcp, socket.TCP_KEEPIDLE) == 60
    assert sock.getsockopt(tcp, socket.TCP_KEEPINTVL) == 15
    assert sock.getsockopt(tcp, socket.TCP_KEEPCNT) == 4


@pytest.mark.parametrize("side", SIDES)
def test_whatever_kills_the_worker_ends_in_a_reset(side, tunnel_sockets):
    linger = tunnel_sockets[side].getsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, 8
    )
    assert struct.unpack("ii", linger) == (1, 0)


@pytest.mark.parametrize("side", SIDES)
def test_small_messages_are_not_held_back(side, tunnel_sockets):
    sock = tunnel_sockets[side]
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


def test_an_idle_tunnel_holds_two_descriptors(handyproxy, settled, open_tunnel):
    daemon = handyproxy(workers=1)
    settled(daemon)

    def files() -> int:
        """The socket for the next client may be among them."""
        return wait_until_steady(lambda: len(open_files(daemon.workers[0])))

    before = files()
    for _ in range(10):
        open_tunnel()
    assert files() == before + 20
