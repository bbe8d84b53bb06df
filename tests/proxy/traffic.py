"""Clients that never stop: each connects, transfers something with a checksum,
ends properly, and begins anew. What goes wrong is kept with the client's own
address, so that a test can say whether it was to be expected."""

import functools
import hashlib
import threading
import time
from dataclasses import dataclass

from lab import Namespace
from origin import Origin
from peer import FIN, Peer, connect, pattern, pattern_checksum
from waiting import wait_until

# Kind of the transfer, its size and the seed of its pattern.
_HEADER = "{:1}{:010}{:05}"
_HEADER_SIZE = 16

SMALL = (0, 1, 1460, 20_000, 65_537)
LARGE = (1 << 20, 5 << 20)
SEEDS = 4


@dataclass(frozen=True)
class Failure:
    client: str
    transfer: str
    what: str
    # By the monotonic clock.
    started: float
    ended: float


def serve(peer: Peer) -> None:
    """The origin's side of a transfer."""
    header = peer.receive(_HEADER_SIZE).decode("ascii")
    kind, size, seed = header[0], int(header[1:11]), int(header[11:])
    if kind == "D":
        peer.send_all(pattern(size, seed))
    else:
        checksum = hashlib.sha256()
        left = size
        while left and (chunk := peer.socket.recv(min(left, 1 << 18))):
            checksum.update(chunk)
            left -= len(chunk)
        peer.send(checksum.hexdigest().encode("ascii"))
    peer.finish()
    # The client's FIN comes once it has everything.
    peer.receive_to_end()


@functools.cache
def _checksum(size: int, seed: int) -> str:
    return pattern_checksum(size, seed)


class Wrong(Exception):
    """What came is not what was sent."""


class Client(threading.Thread):
    def __init__(
        self, namespace: Namespace, origin: tuple[str, int], number: int, large: bool
    ) -> None:
        super().__init__(daemon=True)
        self._namespace = namespace
        self._origin = origin
        self._number = number
        self._sizes = LARGE if large else SMALL
        self.finished = 0
        self.bytes = 0
        self.failures: list[Failure] = []
        self._has_to_stop = threading.Event()

    def run(self) -> None:
        count = self._number
        with self._namespace:
            while not self._has_to_stop.is_set():
                kind = "DU"[count % 2]
                size = self._sizes[count // 2 % len(self._sizes)]
                self._transfer(kind, size, count % SEEDS)
                count += 1

    def _transfer(self, kind: str, size: int, seed: int) -> None:
        client, transfer = "?", f"{kind} {size}"
        started = time.monotonic()
        try:
            with connect(self._origin) as peer:
                client = peer.address
                peer.send(_HEADER.format(kind, size, seed).encode("ascii"))
                if kind == "D":
                    _download(peer, size, seed)
                else:
                    _upload(peer, size, seed)
                peer.finish()
        except (OSError, Wrong) as error:
            what = f"{type(error).__name__}: {error}"
            self.failures.append(
                Failure(client, transfer, what, started, time.monotonic())
            )
        else:
            self.finished += 1
            self.bytes += size

    def stop(self) -> None:
        self._has_to_stop.set()


def _download(peer: Peer, size: int, seed: int) -> None:
    got = peer.checksum_to_end()
    if got != (size, _checksum(size, seed), FIN):
        raise Wrong(f"{got[0]} of {size} bytes, then {got[2]}")


def _upload(peer: Peer, size: int, seed: int) -> None:
    peer.send_all(pattern(size, seed))
    answer, end = peer.receive_to_end()
    if (answer.decode("ascii"), end) != (_checksum(size, seed), FIN):
        raise Wrong(f"the origin says {answer[:8]!r}, then {end}")


class Traffic:
    """`with Traffic(namespace, origin) as traffic:` keeps going inside."""

    def __init__(
        self, namespace: Namespace, origin: Origin, small: int = 4, large: int = 2
    ) -> None:
        self.clients = [
            Client(namespace, origin.address, number, number >= small)
            for number in range(small + large)
        ]

    def __enter__(self) -> "Traffic":
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        for client in self.clients:
            client.stop()
        for client in self.clients:
            client.join()

    @property
    def finished(self) -> int:
        return sum(client.finished for client in self.clients)

    @property
    def bytes(self) -> int:
        return sum(client.bytes for client in self.clients)

    @property
    def failures(self) -> list[Failure]:
        return [f for client in self.clients for f in client.failures]

    def go_on(self, more: int = 20) -> None:
        """Returns once each client has finished a transfer and all of them
        together so many."""
        before = [client.finished for client in self.clients]
        wait_until(
            lambda: all(c.finished > b for c, b in zip(self.clients, before))
            and self.finished >= sum(before) + more,
            f"all clients go on; failures: {self.failures}",
        )
