# SPDX-License-Identifier: MIT
"""Honest clients, and their origin. Their transfers must be complete, whatever
others do to HandyProxy meanwhile."""

import errno
import hashlib
import itertools
import random
import threading
import time
from collections import Counter
from typing import Callable, NamedTuple

from connect_proxy import ConnectProxy, Exchange, Request, relay
from connect_proxy import ESTABLISHED, split_target
from lab import Lab
from peer import (
    FIN,
    RESET,
    Peer,
    connect,
    in_background,
    pattern,
    pattern_bytes,
)
from waiting import PATIENCE, wait_until

COMMAND_BYTES = 48

Act = Callable[[Exchange, Request], None]


# --- the upstream


class Upstream(ConnectProxy):
    """Relays honestly, except to ports for which an act is set. It does not
    trust HandyProxy: each request must be a well-formed CONNECT, or a plain one
    as HandyProxy writes it."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self.behaviour = self._dispatch
        self.acts: dict[int, Act] = {}
        self.bad_requests: list[bytes] = []

    def remember(self, request: Request) -> None:
        """HandyProxy must send exactly one well-formed request."""
        if not (is_proper_relay if is_plain(request) else is_proper)(request):
            self.bad_requests.append(request.raw)

    def _dispatch(self, exchange: Exchange) -> None:
        request = exchange.read_request()
        if request is not None:
            port = int(request.target.split("/")[2 if is_plain(request) else 0]
                       .split("?")[0].rpartition(":")[2])
            self.acts.get(port, relay_to_origin)(exchange, request)


_HOST_BYTES = set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  b"0123456789-_.")


def is_plain(request: Request) -> bool:
    return request.method != "CONNECT"


# For the next hop alone, and never sent on.
HOP_BY_HOP = {
    "host", "connection", "proxy-connection", "keep-alive", "te", "upgrade",
    "http2-settings", "proxy-authorization",
}


def is_proper_relay(request: Request) -> bool:
    scheme, empty, authority = request.target.split("/")[:3]
    authority = authority.split("?")[0]
    fields = [line.partition(":")[0].lower() for line in request.header]
    return (
        (scheme, empty) == ("http:", "")
        and request.version.startswith("HTTP/1.")
        and request.header[0] == f"Host: {authority}"
        and request.header[-1] == "Connection: close"
        and not HOP_BY_HOP & set(fields[1:-1])
        and set(authority.encode("latin-1")) <= _HOST_BYTES | {ord(":")}
        and not any(byte < 32 and byte != 9 for line in request.header
                    for byte in line.encode("latin-1"))
    )


def is_proper(request: Request) -> bool:
    host, port = split_target(request.target)
    return (
        request.raw
        == b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n"
        % ((request.target.encode(),) * 2)
        and 0 < port < 65536
        and len(host) <= 253
        and set(host.encode("latin-1")) <= _HOST_BYTES
        and not any(label == "" for label in host.split("."))
        and host.rpartition(".")[2].lower() != "localhost"
    )


def relay_to_origin(exchange: Exchange, request: Request) -> None:
    origin = exchange.connect_origin(request)
    if origin is not None:
        exchange.send(ESTABLISHED)
        relay(exchange.socket, origin)


# --- the origin: a client's first bytes are its command


def command(verb: str, size: int, seed: int) -> bytes:
    """The command's first byte is neither TLS nor HTTP, so that no scanner
    waits for more bytes."""
    return f"\0{verb} {size} {seed}".ljust(COMMAND_BYTES).encode()


def obey(peer: Peer) -> None:
    """The origin's service."""
    first = peer.receive(1)
    if first != b"\0":
        while not first.endswith(b"\r\n\r\n"):
            first += peer.receive(1)
        peer.receive(1)
    verb, size, seed = peer.receive(COMMAND_BYTES - 1).split()
    if verb == b"download":
        peer.send_all(pattern(int(size), int(seed)))
        peer.finish()
        peer.checksum_to_end()
    elif verb == b"upload":
        count, checksum, end = peer.checksum_to_end()
        peer.send(f"{count} {checksum} {end}".encode())
    else:
        while data := peer.socket.recv(1 << 18):
            peer.send(data)


# --- transfers: each returns how it ended, FIN or RESET. A FIN requires all
# bytes, a RESET a first part of them; else the transfer fails.


def download(client: Peer, size: int, seed: int) -> str:
    data = pattern_bytes(size, seed)
    client.send(command("download", size, seed))
    client.finish()
    return judge(receive_part(client, data), data)


def upload(client: Peer, size: int, seed: int) -> str:
    data = pattern_bytes(size, seed)
    client.send(command("upload", size, seed) + data)
    client.finish()
    answer, end = client.receive_to_end()
    if end == FIN:
        wanted = f"{size} {hashlib.sha256(data).hexdigest()} {FIN}"
        assert answer.decode() == wanted, f"the origin got {answer!r}"
    return end


def echo(client: Peer, size: int, seed: int) -> str:
    """Transfers bytes by a name, both ways at once."""
    data = pattern_bytes(size, seed)
    client.send(b"GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n")
    client.send(command("echo", size, seed))
    sender = in_background(_send_and_finish, client, data)
    part = receive_part(client, data)
    sender.join()
    return judge(part, data)


KINDS = {"download": download, "upload": upload, "echo": echo}


class Part(NamedTuple):
    client: Peer
    size: int


def _send_and_finish(client: Peer, data: bytes) -> None:
    try:
        client.send(data)
        client.finish()
    except OSError:
        # The sender has met the RST before the receiver.
        client.was_reset = True


def receive_part(client: Peer, expected: bytes) -> Part:
    """Fails at the first wrong byte."""
    size = 0
    try:
        while chunk := client.socket.recv(1 << 18):
            assert expected.startswith(chunk, size), f"wrong behind {size}"
            size += len(chunk)
    except ConnectionResetError:
        client.was_reset = True
    return Part(client, size)


def judge(part: Part, expected: bytes) -> str:
    if part.client.was_reset:
        return RESET
    whole = len(expected)
    assert part.size == whole, f"FIN after {part.size} of {whole} bytes"
    return FIN


def run_transfer(
    origin: tuple[str, int], kind: str, size: int, seed: int
) -> str:
    """Connects from the calling thread's namespace."""
    return reset_or(lambda client: KINDS[kind](client, size, seed), origin)


def reset_or(action: Callable[[Peer], str], origin: tuple, **options) -> str:
    """The action's result for a new connection, or RESET."""
    try:
        with connect(origin, **options) as client:
            return RESET if client.was_reset else action(client)
    except OSError as error:
        if is_reset(error):
            return RESET
        raise


def is_reset(error: BaseException) -> bool:
    """Whether the error is one of the two that a RST causes."""
    return isinstance(error, OSError) and error.errno in (
        errno.ECONNRESET,
        errno.EPIPE,
        errno.ENOTCONN,
    )


class Loss(NamedTuple):
    at: float
    kind: str
    what: str
    is_reset: bool


class Honest:
    """Transfers one after the other, with a pause between them, several at once,
    and two long tunnels."""

    THREADS = 2
    LASTING = 2
    SIZES = (0, 1, 2, 1000, (1 << 16) + 1, 300_000, 1_500_000)

    def __init__(
        self, lab: Lab, origin: tuple[str, int], seed: int, pause_seconds: float = 0
    ) -> None:
        self._lab = lab
        self._origin = origin
        self._pause_seconds = pause_seconds
        self._seeds = itertools.count(seed * 1_000_003)
        self._stopping = threading.Event()
        self.done: Counter[str] = Counter()
        self.losses: list[Loss] = []
        work = [self._transfer] * self.THREADS + [self._last] * self.LASTING
        self._threads = [
            threading.Thread(target=self._run, args=(each,), daemon=True)
            for each in work
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, work: Callable[[random.Random], None]) -> None:
        rng = random.Random(next(self._seeds))
        with self._lab.client:
            while not self._stopping.is_set():
                work(rng)
                self._stopping.wait(self._pause_seconds)

    def _lose(self, kind: str, what: str, is_reset: bool) -> None:
        self.losses.append(Loss(time.monotonic(), kind, what, is_reset))

    def _note(self, kind: str, error: BaseException) -> None:
        if isinstance(error, OSError) and error.errno == errno.ENETUNREACH:
            self._stopping.wait(0.05)  # the client's own link is down
        else:
            self._lose(kind, repr(error), is_reset(error))

    def _transfer(self, rng: random.Random) -> None:
        kind, size = rng.choice(list(KINDS)), rng.choice(self.SIZES)
        try:
            end = run_transfer(self._origin, kind, size, rng.getrandbits(30))
        except (AssertionError, OSError, EOFError) as error:
            self._note(kind, error)
            return
        if end == FIN:
            self.done[kind] += 1
        else:
            self._lose(kind, end, True)

    def _last(self, rng: random.Random) -> None:
        """One long tunnel, with a question and its answer at a time."""
        try:
            with connect(self._origin) as client:
                client.send(command("echo", 0, 0))
                for _ in range(200):
                    question = rng.randbytes(rng.choice((1, 100, 5000)))
                    client.send(question)
                    assert client.receive(len(question)) == question
                    self.done["ping"] += 1
                    if self._stopping.wait(0.01):
                        break
                client.finish()
                if client.end() != FIN:
                    self._lose("ping", RESET, True)
        except (AssertionError, OSError, EOFError) as error:
            self._note("ping", error)

    def wait_for(self, more: int) -> None:
        """Waits until this many more transfers are complete."""
        wanted = self.transfers() + more
        wait_until(lambda: self.transfers() >= wanted, f"{more} transfers")

    def transfers(self) -> int:
        return sum(self.done[kind] for kind in KINDS)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE)
