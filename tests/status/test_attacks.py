# SPDX-License-Identifier: MIT
"""Whatever strangers do to the status address, honest tunnels go on, and none
takes longer. Exchanges over them are timed while the address is under attack
and, in turns, while that of another instance is: the processors are then as
busy."""

import math
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest

import strangers
from crowd_proxy import CrowdProxy, many_files
from lab import SECOND_PROXY_ADDRESS, Lab
from peer import Peer, join
from repeating import Repeating
from status import Status, process_of
from strangers import ATTACKS
from waiting import PATIENCE, wait_until

GREETING = b"hello"
QUESTION = b"question" * 16
# Other work on this machine makes exchanges of some rounds longer, but hardly of
# all: the best rounds are compared.
ROUNDS_MIN, ROUNDS_MAX = 3, 30
FACTOR = 5
BUSY = 50
# Tunnels that are listed. Each takes two of the files that this process may open.
LISTED = int(os.environ.get("STATUS_TUNNELS", "2000"))


@pytest.fixture
def proxy(honest_proxy):
    return honest_proxy


@pytest.mark.parametrize("attack", ["drip", "flood", "garbage", "rebinding"])
@pytest.mark.parametrize("kind", ["tcp"])
def test_attacks_cost_no_tunnel(attack, serve, status, honest):
    """Each attack lasts for 100 transfers of honest clients."""
    daemon = serve()
    pid = process_of(daemon)
    clients = honest()
    clients.wait_for(20)
    with Repeating(ATTACKS[attack](status), OSError) as attacker:
        clients.wait_for(100)
        wait_until(lambda: attacker.count >= 100, "the attack is one")
        assert status.get("/metrics")  # while it goes on
    assert process_of(daemon) == pid
    daemon.assert_no_error()


# --- timed


@pytest.fixture
def crowd(lab: Lab) -> Iterator[CrowdProxy]:
    with many_files():
        with lab.upstream:
            proxy = CrowdProxy(SECOND_PROXY_ADDRESS, GREETING)
        yield proxy
        proxy.stop()


Measure = Callable[[list[float]], float]


class Stranger:
    """An attack by a process of its own."""

    def __init__(self, name: str, status: Status, lab: Lab, file: Path) -> None:
        self._name = name
        self._file = file
        file.write_text("0")
        host, port = status.address
        command = [strangers.__file__, name, host, str(port), str(file)]
        with lab.router:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )

    def _acts(self) -> int:
        assert self._process.poll() is None, f"{self._name} has ended"
        return int(self._file.read_text())

    def time(self, clients: list[Peer], acts: int) -> list[float]:
        """How long exchanges take during so many acts."""
        seconds: list[float] = []
        begin = self._acts()
        self._process.stdin.write(b"!")
        wait_until(lambda: self._acts() > begin, f"{self._name} has begun")
        begin = self._acts()
        deadline = time.monotonic() + PATIENCE
        while not seconds or self._acts() < begin + acts:
            assert time.monotonic() < deadline, f"too few acts of {self._name}"
            seconds.extend(map(exchange, clients))
        self._process.stdin.write(b".")
        assert self._process.stdout.read(1) == b"."
        return seconds

    def __enter__(self) -> "Stranger":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait(PATIENCE)


def exchange(client: Peer) -> float:
    """How long it takes."""
    begin = time.perf_counter()
    client.send(QUESTION)
    assert client.receive(len(QUESTION)) == QUESTION
    return time.perf_counter() - begin


@pytest.fixture
def decoy(lab: Lab, handyproxy, crowd: CrowdProxy) -> Status:
    """The status address of another instance, which has no tunnel."""
    status = Status(("127.0.0.1", lab.router.free_port()), lab.router)
    handyproxy("-status-address", status.option, upstream=join(crowd.address))
    status.wait_until_it_answers()
    return status


@pytest.fixture
def assert_costs_no_time(
    status: Status, decoy: Status, lab: Lab, tmp_path: Path
) -> Callable[[str, list[Peer], Measure, int], None]:
    """The measure of how long exchanges take is about the same."""

    def check(name: str, clients: list[Peer], measure: Measure, acts: int) -> None:
        usual = attacked = math.inf
        with (
            Stranger(name, decoy, lab, tmp_path / f"{name}-elsewhere") as elsewhere,
            Stranger(name, status, lab, tmp_path / name) as here,
        ):
            for number in range(1, ROUNDS_MAX + 1):
                usual = min(usual, measure(elsewhere.time(clients, acts)))
                attacked = min(attacked, measure(here.time(clients, acts)))
                if number >= ROUNDS_MIN and attacked <= FACTOR * usual:
                    break
        told = f"{name}: {attacked:.6f} s, elsewhere {usual:.6f} s, {number} rounds"
        print(told)
        assert attacked <= FACTOR * usual, told

    return check


def tunnels(connect, count: int) -> list[Peer]:
    """That stand."""
    clients = [connect() for _ in range(count)]
    for client in clients:
        assert client.receive(len(GREETING)) == GREETING
    return clients


@pytest.mark.parametrize("kind", ["tcp"])
def test_attacks_cost_honest_tunnels_no_time(
    assert_costs_no_time, serve, crowd, connect
):
    serve("-max-per-client", "0", upstream=join(crowd.address))
    clients = tunnels(connect, BUSY)
    for name in "drip", "flood", "garbage", "rebinding":
        assert_costs_no_time(name, clients, statistics.median, acts=10)


@pytest.mark.parametrize("kind", ["tcp"])
def test_the_list_of_thousands_costs_busy_tunnels_no_time(
    assert_costs_no_time, serve, status, crowd, connect
):
    """No exchange waits for a list, of which there is one in half a second."""
    serve(
        "-max-per-client", "0", "-max-connections", str(2 * LISTED),
        upstream=join(crowd.address),
    )
    clients = tunnels(connect, LISTED)
    wait_until(
        lambda: len(status.json("/tunnels.json?limit=1000")) == min(LISTED, 1000),
        "they are listed",
    )
    assert_costs_no_time("lists", clients[:BUSY], max, acts=1)
