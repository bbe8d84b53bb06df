"""Clients that never stop: each connects, transfers something with a checksum,
ends properly, and begins anew. What goes wrong is kept with the client's own
address, so that a test can say whether it was to be expected.

Both ends and the proxy between them are processes of their own, so that they
do not keep the test from what it does meanwhile:

    traffic.py serve ADDRESS PORT_FILE
    traffic.py run ADDRESS PORT SMALL LARGE

`run` says what happens in lines of JSON: each failure, and how much was
finished. Both end with SIGTERM, `run` after its last transfers.
"""

import dataclasses
import functools
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
if __name__ == "__main__":
    sys.path.insert(0, str(FIXTURES))

# pylint: disable=wrong-import-position
from connect_proxy import write_whole
from lab import ORIGIN_ADDRESS, PROXY_ADDRESS, Lab, Namespace
from origin import Origin
from peer import FIN, Peer, connect, pattern, pattern_checksum
from waiting import PATIENCE, wait_until

# Kind of the transfer, its size and the seed of its pattern.
_HEADER = "{:1}{:010}{:05}"
_HEADER_SIZE = 16

SMALL = (0, 1, 1460, 20_000, 65_537)
LARGE = (1 << 20, 5 << 20)
SEEDS = 4

TELL_EVERY = 0.05


@dataclasses.dataclass(frozen=True)
class Failure:
    client: str
    transfer: str
    what: str
    # By the monotonic clock.
    started: float
    ended: float


# What the processes do


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
    def __init__(self, origin: tuple[str, int], number: int, large: bool) -> None:
        super().__init__(daemon=True)
        self._origin = origin
        self._number = number
        self._sizes = LARGE if large else SMALL
        self._has_to_stop = threading.Event()
        self.finished = 0
        self.bytes = 0
        self.failures: list[Failure] = []

    def run(self) -> None:
        count = self._number
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


def serve_until_term(address: str, port_file: str) -> None:
    origin = Origin((address, 0), serve)
    write_whole(port_file, f"{origin.port}\n")
    signal.sigwait({signal.SIGTERM})


def run_until_term(address: str, port: str, small: str, large: str) -> None:
    clients = [
        Client((address, int(port)), number, number >= int(small))
        for number in range(int(small) + int(large))
    ]
    told = 0
    for client in clients:
        client.start()
    while signal.sigtimedwait({signal.SIGTERM}, TELL_EVERY) is None:
        told = _tell(clients, told)
    for client in clients:
        client.stop()
    for client in clients:
        client.join()
    _tell(clients, told)


def _tell(clients: list[Client], told: int) -> int:
    """How many failures are told of by now."""
    failures = [f for client in clients for f in list(client.failures)]
    failures.sort(key=lambda failure: failure.ended)
    for failure in failures[told:]:
        print(json.dumps(dataclasses.asdict(failure)))
    finished = sum(client.finished for client in clients)
    size = sum(client.bytes for client in clients)
    print(json.dumps({"finished": finished, "bytes": size}), flush=True)
    return len(failures)


# What a test sees of them


class Helper:
    """A process of the lab that ends with SIGTERM."""

    def __init__(self, namespace: Namespace, *command: str) -> None:
        with namespace:
            self.process = subprocess.Popen(
                [sys.executable, *command], stdout=subprocess.PIPE
            )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(3 * PATIENCE)


class Transfers(Helper):
    """`with site.transfers() as transfers:` keeps clients going inside."""

    def __init__(self, namespace: Namespace, port: int, small: int, large: int) -> None:
        super().__init__(
            namespace, __file__, "run", ORIGIN_ADDRESS, str(port), str(small), str(large)
        )
        self.finished = 0
        self.bytes = 0
        self.failures: list[Failure] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Transfers":
        return self

    def __exit__(self, *_exception: object) -> None:
        """Once this is over, all there is to tell is told."""
        self.stop()
        self._reader.join()

    def _read(self) -> None:
        for line in self.process.stdout:
            news = json.loads(line)
            if "finished" in news:
                self.finished, self.bytes = news["finished"], news["bytes"]
            else:
                self.failures.append(Failure(**news))

    def go_on(self, more: int = 30) -> None:
        """So many more transfers come to a good end."""
        before = self.finished
        wait_until(
            lambda: self.finished >= before + more,
            f"transfers go on; failures: {self.failures[-9:]}",
        )


class Site:
    """An origin, and a proxy that relays to it honestly."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._lab = lab
        ports = folder / "proxy.port", folder / "origin.port"
        proxy = str(FIXTURES / "connect_proxy.py")
        self._helpers = [
            Helper(
                lab.upstream, proxy, "--listen", f"{PROXY_ADDRESS}:0",
                "--port-file", str(ports[0]),
            ),
            Helper(lab.upstream, __file__, "serve", ORIGIN_ADDRESS, str(ports[1])),
        ]
        for file in ports:
            wait_until(file.exists, f"{file.name} is there")
        self.proxy_port, self._origin_port = (int(p.read_text()) for p in ports)
        self.upstream = f"{PROXY_ADDRESS}:{self.proxy_port}"

    def transfers(self, small: int = 4, large: int = 2) -> Transfers:
        return Transfers(self._lab.client, self._origin_port, small, large)

    def close(self) -> None:
        for helper in self._helpers:
            helper.stop()


def main() -> None:
    # Before there are threads, so that all of them leave it to sigwait().
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    {"serve": serve_until_term, "run": run_until_term}[sys.argv[1]](*sys.argv[2:])
    sys.stdout.flush()
    os._exit(0)  # the origin's threads do not end by themselves


if __name__ == "__main__":
    main()
