# SPDX-License-Identifier: MIT
"""Many plain HTTP requests beside tunnels that are busy, by both ends of the
benchmark: they check each byte, count what they serve, and end with an error at
the first thing that is wrong."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from lab import ORIGIN_ADDRESS, PROXY_ADDRESS, ROUTER_OTHER_ADDRESS
from peer import join
from waiting import PATIENCE

BENCH = Path(__file__).resolve().parents[1] / "bench"
SOURCES = {
    "load": ["load.c", "tunnels.c", "http.c", "wire.c"],
    "upstream": ["upstream.c", "http.c", "wire.c"],
}
HOST = "www.example.com"
REQUESTS = 2000  # less than a second's where nothing else runs
TUNNELS = 4
BULK = 1 << 19
TURN = 4 * TUNNELS  # exchanges: some tunnels go up while others go down


class Program:
    """An end of the benchmark on a host: a command a line, each answered."""

    def __init__(self, namespace, *command: str) -> None:
        with namespace:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                bufsize=1,
            )

    def line(self) -> str:
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return line

    def run(self, command: str) -> float:
        self.process.stdin.write(command + "\n")
        word, seconds = self.line().split()
        assert word == "ok"
        return float(seconds)

    def end(self) -> str:
        out, errors = self.process.communicate()
        assert self.process.returncode == 0, errors
        return out

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    for name, sources in SOURCES.items():
        subprocess.run(
            [*os.environ.get("CC", "cc").split(), "-O2", "-D_GNU_SOURCE"]
            + ["-o", folder / name, *(BENCH / source for source in sources)],
            check=True,
        )
    return folder


@pytest.fixture
def start(build):
    started: list[Program] = []

    def start_one(namespace, name: str, *options: str) -> Program:
        stalled = ["-s", f"{PATIENCE:.0f}"] if name == "load" else []
        started.append(
            Program(namespace, str(build / name), *options, *stalled)
        )
        return started[-1]

    yield start_one
    for program in started:
        if program.process.returncode is None:
            program.kill()


def load_options(port: int) -> list[str]:
    return [
        "-a", ORIGIN_ADDRESS, "-p", str(port),
        "-g", str(BULK), "-t", str(BULK), "-r", HOST,
    ]


def test_many_requests_beside_busy_tunnels(lab, start, handyproxy, settled):
    upstream = start(
        lab.upstream, "upstream", "-t", str(BULK), "-g", str(BULK), "-n", "64",
        "-p", ROUTER_OTHER_ADDRESS, "-c", join((ORIGIN_ADDRESS, 443)),
        "-r", f"http://{HOST}",
    )
    port = int(upstream.line().split()[1])
    daemon = handyproxy(
        "-http-relay-ports", "80", upstream=join((PROXY_ADDRESS, port))
    )
    before = settled(daemon)
    bulk = start(lab.client, "load", *load_options(443))
    clients = start(lab.client, "load", *load_options(80))
    bulk.run(f"open {TUNNELS}")
    times: list[float] = []
    requests = threading.Thread(
        target=lambda: times.append(clients.run(f"request {REQUESTS}"))
    )
    requests.start()
    exchanges = TUNNELS
    while requests.is_alive():
        bulk.run(f"exchange {TUNNELS} {TURN}")
        exchanges += TURN
    requests.join()
    print(f"{REQUESTS / times[0]:.0f} requests a second")
    bulk.run("close")
    clients.end()
    bulk.end()
    daemon.wait_for_descriptors(before)
    totals = daemon.totals()
    assert totals["relayed"] == REQUESTS
    assert totals["tunnelled"] == TUNNELS
    assert totals["done"] == REQUESTS + TUNNELS
    assert upstream.end() == (
        f"connections {REQUESTS + TUNNELS} tunnels {TUNNELS} "
        f"exchanges {REQUESTS + exchanges}\n"
    )
