# SPDX-License-Identifier: MIT
"""How long a client waits for its first answer, in round trips of the link
between router and upstream. The link is two TUN devices whose packets this
process passes on late; all else is near, so that the delay is all that counts.
"""

import collections
import contextlib
import ctypes
import fcntl
import os
import socket
import statistics
import struct
import threading
import time

import lab
from session import Failed, Session

ROUND_TRIP_SECONDS = 0.08
ADDRESS = "198.51.100.1"  # of the upstream, over the link
DESTINATION = (f"{lab.REDIRECTED}.255.1", 443)
QUESTION, BANNER = b"?" * 64, b"220 welcome\r\n"
PAUSE_SECONDS = 0.25  # a ready connection is replaced meanwhile
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
CLONE_NEWNET = 0x40000000

LIBC = ctypes.CDLL(None, use_errno=True)

NETWORK = f"""
-n router address add 10.3.0.1 peer 10.3.0.2 dev slow
-n router link set slow up
-n router route add {ADDRESS} via 10.3.0.2
-n upstream address add 10.3.0.2 peer 10.3.0.1 dev slow
-n upstream link set slow up
-n upstream address add {ADDRESS}/32 dev lo
-n upstream route add default via 10.3.0.1 table 100
-n upstream rule add from {ADDRESS} table 100
"""


@contextlib.contextmanager
def host(name):
    """Sockets and devices that this thread makes are on that host."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if LIBC.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        LIBC.setns(before, CLONE_NEWNET)
        os.close(before)
        os.close(there)


def tun_open(name):
    with host(name):
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(fd, TUNSETIFF,
                    struct.pack("16sH22x", b"slow", IFF_TUN_NO_PI))
    return fd


def start(action, *arguments):
    threading.Thread(target=action, args=arguments, daemon=True).start()


class Direction:
    """Packets of one device come out of the other half a round trip later."""

    def __init__(self, source, sink):
        self._source, self._sink = source, sink
        self._packets = collections.deque()
        self._arrived = threading.Semaphore(0)
        start(self._take)
        start(self._give)

    def _take(self):
        while True:
            packet = os.read(self._source, 1 << 16)
            self._packets.append(
                (time.monotonic() + ROUND_TRIP_SECONDS / 2, packet))
            self._arrived.release()

    def _give(self):
        while True:
            self._arrived.acquire()
            due, packet = self._packets.popleft()
            time.sleep(max(0, due - time.monotonic()))
            os.write(self._sink, packet)


class Link:
    """It stays for the rest of the run."""
    _made = None

    @classmethod
    def make(cls):
        if cls._made is None:
            cls._made = cls()

    def __init__(self):
        near, far = tun_open("router"), tun_open("upstream")
        for line in NETWORK.strip().splitlines():
            lab.run("ip", *line.split())
        self.directions = Direction(near, far), Direction(far, near)


class Upstream:
    """A proxy, or a bare origin. It answers, or speaks first."""

    def __init__(self, is_proxy, speaks_first):
        self._is_proxy, self._speaks_first = is_proxy, speaks_first
        with host("upstream"):
            self._listener = socket.create_server((ADDRESS, 0), backlog=100)
        self.port = self._listener.getsockname()[1]
        start(self._accept)

    def _accept(self):
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            start(self._serve, sock)

    def _serve(self, sock):
        answer = BANNER if self._speaks_first else b""
        with sock, contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._is_proxy:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    more = sock.recv(4096)
                    if not more:
                        return
                    head += more
                answer = b"HTTP/1.1 200 OK\r\n\r\n" + answer
            sock.sendall(answer)
            while data := sock.recv(4096):
                sock.sendall(data)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class LatencySession(Session):
    """A contender alone. One worker, so that each connection finds what the one
    before has left ready."""

    def __init__(self, bench, contender, upstream, options):
        super().__init__(bench, contender, workers=1, options=options)
        self._upstream = upstream

    def __enter__(self):
        try:
            if self.contender.relays:
                self._start_relay(ADDRESS, self._upstream.port)
        except BaseException:
            self._stop_all()
            raise
        return self

    def _finish(self):
        """Whether each client was served is known already."""


def wait_for_answer(destination, speaks_first):
    """The seconds from the beginning to the first byte of the answer."""
    with host("client"):
        sock = socket.socket()
    with sock:
        sock.settimeout(30)
        begin = time.monotonic()
        try:
            sock.connect(destination)
            if not speaks_first:
                sock.sendall(QUESTION)
            answer = sock.recv(len(QUESTION))
        except OSError as error:
            raise Failed(f"no answer: {error}") from None
        seconds = time.monotonic() - begin
    if answer != (BANNER if speaks_first else QUESTION):
        raise Failed(f"answered {answer!r}")
    return seconds


def measure(bench, contender, speaks_first, count, options=lambda port: []):
    """The median in round trips. What only the first client waits for, such as
    the look-up of a name, does not count."""
    Link.make()
    upstream = Upstream(contender.sends_connect, speaks_first)
    destination = (DESTINATION if contender.relays
                   else (ADDRESS, upstream.port))
    seconds = []
    try:
        with LatencySession(bench, contender, upstream, options):
            for _ in range(1 + count):
                seconds.append(wait_for_answer(destination, speaks_first))
                time.sleep(PAUSE_SECONDS)
    finally:
        upstream.close()
    return statistics.median(seconds[1:]) / ROUND_TRIP_SECONDS
