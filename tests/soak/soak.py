# SPDX-License-Identifier: MIT
"""A year in ten minutes: clients that never stop, while workers are killed at
random. The configuration is reloaded, and the upstream's name is looked up. The
preferred of two upstreams is killed, stopped and started again, and some of the
clients go direct.

A kill stops the worker, lists the clients whose sockets it holds, and kills it.
A transfer that fails without being on the list of a kill is a loss. A proxy's
death excuses the transfers of that moment, but those that go direct. There must
be no loss. At the end memory and descriptors must be as at the start.

    tests/soak/soak --seconds 600
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "fixtures"))

# pylint: disable=wrong-import-position
from daemon import (
    Daemon,
    comm_of,
    open_files,
    proportional_set_size,
    state_of,
)
from lab import (
    OTHER_ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    ROUTER_ADDRESS,
    SECOND_PROXY_ADDRESS,
    Lab,
)
from traffic import Failure, OriginServer, ProxyServer, Site, Transfers
from waiting import wait_until, wait_until_steady

KILL_EVERY = (1.0, 4.0)
RELOAD_EVERY = 10.0
PROXY_EVERY = (2.0, 8.0)
# A stopped proxy is down after 15 s.
STOP_SECONDS = (2.0, 18.0)
# Clients that go direct have an address of their own: netfilter would give one
# of two connections from the same port to different origins another port, by
# which a kill's list would not find it.
DIRECT_CLIENT = "10.0.0.6"
SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT)
NAME = "upstream.test"

# How much the memory of a process may grow: pages that it touches once.
MEMORY_SLACK = 256 << 10
# AddressSanitizer keeps freed memory for a while.
SANITIZER_SLACK = 512 << 20


@dataclass(frozen=True)
class Kill:
    time: float
    clients: frozenset[str]


@dataclass(frozen=True)
class Measure:
    """Memory and descriptors of the master, and of the worker with the most."""

    master_files: int
    master_bytes: int
    worker_files: int
    worker_bytes: int
    processes: int

    def __str__(self) -> str:
        return (
            f"{self.processes} processes, "
            f"master {self.master_files} descriptors {self.master_bytes >> 10} KiB, "
            f"worker {self.worker_files} descriptors {self.worker_bytes >> 10} KiB"
        )

    def is_no_more_than(self, before: "Measure", slack: int) -> bool:
        return (
            self.processes == before.processes
            and self.master_files <= before.master_files
            and self.worker_files <= before.worker_files
            and self.master_bytes <= before.master_bytes + slack
            and self.worker_bytes <= before.worker_bytes + slack
        )


class MortalProxy:
    """A proxy that is killed, stopped and brought back."""

    def __init__(self, lab: Lab, folder: Path, choose: random.Random) -> None:
        self._lab = lab
        self._folder = folder
        self._random = choose
        self._server = ProxyServer(lab, folder, SECOND_PROXY_ADDRESS)
        self.upstream = self._server.upstream
        self.deaths: list[float] = []
        self.stops = 0
        self._is_stopped = False
        self.is_well = True

    def torment(self) -> float:
        """Returns the seconds until it is to be brought back."""
        self.is_well = False
        self._is_stopped = self._random.random() < 0.5
        if self._is_stopped:
            self.stops += 1
            os.kill(self._server.process.pid, signal.SIGSTOP)
            return self._random.choice(STOP_SECONDS)
        self.deaths.append(time.monotonic())
        self._server.process.kill()
        self._server.process.wait()
        return self._random.uniform(0.1, 3.0)

    def bring_back(self) -> None:
        if self.is_well:
            return
        if self._is_stopped:
            os.kill(self._server.process.pid, signal.SIGCONT)
        else:
            self._server = ProxyServer(
                self._lab, self._folder, SECOND_PROXY_ADDRESS,
                self._server.port,
            )
        self.is_well = True

    def close(self) -> None:
        self.bring_back()
        self._server.stop()


class Soak:
    """pause_seconds: between the transfers of each client."""

    def __init__(
        self, lab: Lab, folder: Path, workers: int, seed: int, pause_seconds: float = 0
    ) -> None:
        self._lab = lab
        self._pause_seconds = pause_seconds
        self._random = random.Random(seed)
        self._workers = workers
        self._configuration = folder / "handyproxy.conf"
        self._kills: list[Kill] = []
        self._reloads = 0
        self._resolvers_killed = 0
        lab.set_hosts({NAME: [PROXY_ADDRESS]})
        self._site = Site(lab, folder)
        self._proxy = MortalProxy(lab, folder, self._random)
        self._direct = OriginServer(lab, folder, OTHER_ORIGIN_ADDRESS)
        self._configure()
        self._daemon = Daemon(
            lab,
            f"{self._proxy.upstream},{NAME}:{self._site.proxy_port}",
            (
                "-config", str(self._configuration), "-drain-timeout", "1h",
                "-check-interval", "1s", "-ready-connections", "4",
                "-ready-timeout", "2s",
                "-route", f"{OTHER_ORIGIN_ADDRESS} direct",
            ),
            workers,
        )
        lab.redirect(self._daemon.port)
        lab.client.ip(f"address add {DIRECT_CLIENT}/24 dev router")
        lab.client.ip(f"route add {OTHER_ORIGIN_ADDRESS} via {ROUTER_ADDRESS} "
                      f"src {DIRECT_CLIENT}")

    # What the administrator does

    def _configure(self) -> None:
        self._configuration.write_text(
            f"idle-timeout {self._reloads // 2 + 1}h\n", encoding="ascii"
        )
        self._configuration.chmod(0o644)

    def _reload(self) -> None:
        """Every other reload changes a setting that replaces the workers."""
        self._reloads += 1
        self._configure()
        os.kill(self._daemon.pid, signal.SIGHUP)

    # What goes wrong

    def _children(self) -> list[int]:
        """Asks the kernel for the children, without reading all of /proc."""
        pid = self._daemon.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in listed.split()]

    def _kill_one(self) -> None:
        """Kills a process other than the master, perhaps a draining worker."""
        children = self._children()
        if not children:
            return
        pid = self._random.choice(children)
        name = comm_of(pid)
        if name == "handyproxy:dns":
            self._resolvers_killed += 1
            os.kill(pid, signal.SIGKILL)
            return
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            return
        wait_until(lambda: state_of(pid) in "TXZ", f"{name} stands still")
        self._kills.append(Kill(time.monotonic(), self._clients_of(pid)))
        try:
            os.kill(pid, self._random.choice(SIGNALS))
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass  # it had drained

    def _clients_of(self, pid: int) -> frozenset[str]:
        try:
            held = set(open_files(pid))
        except FileNotFoundError:
            return frozenset()
        return frozenset(
            row["remote"]
            for row in self._lab.router.tcp_sockets()
            if f"socket:[{row['inode']}]" in held
            and row["local"].endswith(f":{self._daemon.port}")
        )

    # What must not have been lost

    def _is_expected(self, failure: Failure) -> bool:
        return any(
            failure.client in kill.clients
            and failure.started <= kill.time <= failure.ended
            for kill in self._kills
        )

    def _is_of_proxy(self, failure: Failure) -> bool:
        return any(
            failure.started <= death <= failure.ended
            for death in self._proxy.deaths
        )

    def _losses(self, by_proxy: Transfers, direct: Transfers) -> list[Failure]:
        failures = [
            f for f in by_proxy.failures if not self._is_of_proxy(f)
        ]
        return [
            f for f in failures + direct.failures if not self._is_expected(f)
        ]

    def _settle(self) -> Measure:
        """Waits until no connection is open, no worker drains, and all workers
        have started."""
        pid = self._daemon.pid
        wait_until(
            lambda: len(self._children()) == self._workers + 1
            and len(self._daemon.workers) == self._workers,
            "every process is there and no other",
            seconds=60,
        )
        wait_until(lambda: self._daemon.totals()["open"] == 0, "nothing is open")
        wait_until(
            lambda: not self._ready_sockets(), "no ready connection is left"
        )
        self._daemon.wait_until_at_rest()
        wait_until_steady(lambda: len(open_files(pid)))
        workers = self._daemon.workers
        return Measure(
            len(open_files(pid)),
            proportional_set_size(pid),
            max(self._daemon.descriptors().values()),
            max(proportional_set_size(worker) for worker in workers),
            len(self._children()) + 1,
        )

    def _ready_sockets(self) -> list[dict]:
        """Where nothing is open: those of the router to an upstream."""
        return [
            row
            for row in self._lab.router.tcp_sockets()
            if row["remote"].partition(":")[0]
            in (PROXY_ADDRESS, SECOND_PROXY_ADDRESS)
            and row["state"] == "established"
        ]

    def _transfers_direct(self) -> Transfers:
        return Transfers(
            self._lab.client, self._direct.address, 2, 1, self._pause_seconds
        )

    def _warm_up(self) -> None:
        """Waits until each worker has touched the memory that it needs, and has
        seen that both upstreams are up."""
        with self._site.transfers(pause_seconds=self._pause_seconds) as transfers:
            transfers.go_on(200)
        assert not transfers.failures, transfers.failures
        with self._transfers_direct() as transfers:
            transfers.go_on(100)
        assert not transfers.failures, transfers.failures
        wait_until(self._are_all_up, "all upstreams are up")

    def _are_all_up(self) -> bool:
        start = len(self._daemon.log)
        self._daemon.totals(are_true=False)
        self._daemon.wait_for_line(
            "of direct", lambda line: line.has(upstream="direct"), start
        )
        return not any(
            line.has(down=number)
            for line in self._daemon.log[start:]
            for number in range(1, 100)
        )

    def run(self, seconds: float) -> None:
        """Raises AssertionError if anything was lost."""
        self._warm_up()
        before = self._settle()
        print(f"before: {before}", flush=True)
        started = time.monotonic()
        with self._site.transfers(
            small=6, large=3, pause_seconds=self._pause_seconds
        ) as transfers, self._transfers_direct() as direct:
            self._torment(transfers, started + seconds)
            self._proxy.bring_back()
            transfers.go_on(100)
            direct.go_on(50)
        losses = self._losses(transfers, direct)
        # The last generation must also have touched its memory.
        self._warm_up()
        after = self._settle()
        print(f"after: {after}", flush=True)
        listed = sum(len(kill.clients) for kill in self._kills)
        print(
            f"soak: {time.monotonic() - started:.0f} s, "
            f"{transfers.finished} transfers, {transfers.bytes / (1 << 30):.1f} GiB, "
            f"{len(self._kills)} workers and {self._resolvers_killed} resolvers "
            f"killed, {len(self._proxy.deaths)} deaths and {self._proxy.stops} "
            f"stops of a proxy, {direct.finished} transfers direct, "
            f"{self._reloads} reloads, {len(transfers.failures)} failures "
            f"of {listed} listed, {len(losses)} losses",
            flush=True,
        )
        for loss in losses:
            print(f"lost: {loss}", flush=True)
        assert not losses
        slack = SANITIZER_SLACK if self._is_sanitized() else MEMORY_SLACK
        assert after.is_no_more_than(before, slack), f"{before} -> {after}"
        self._check_log()

    def _torment(self, transfers: Transfers, end: float) -> None:
        now = time.monotonic()
        kill_at = now + self._random.uniform(*KILL_EVERY)
        reload_at, say_at = now + RELOAD_EVERY / 2, now + 60
        proxy_at = now + self._random.uniform(*PROXY_EVERY)
        while (now := time.monotonic()) < end:
            assert self._daemon.process.poll() is None, "the master is gone"
            if now >= kill_at:
                self._kill_one()
                kill_at = now + self._random.uniform(*KILL_EVERY)
            if now >= reload_at:
                self._reload()
                reload_at = now + RELOAD_EVERY
            if now >= proxy_at:
                proxy_at = now + self._turn_proxy()
            if now >= say_at:
                print(f"{transfers.finished} transfers so far", flush=True)
                say_at = now + 60
            time.sleep(0.05)

    def _turn_proxy(self) -> float:
        """Returns the seconds until its next turn."""
        if self._proxy.is_well:
            return self._proxy.torment()
        self._proxy.bring_back()
        return self._random.uniform(*PROXY_EVERY)

    def _is_sanitized(self) -> bool:
        return "libasan" in Path(f"/proc/{self._daemon.pid}/maps").read_text()

    def _check_log(self) -> None:
        """Each death is in the log, and no other error."""
        told = [line for line in self._daemon.log if line.level == "error"]
        other = [line.text for line in told if " died of signal " not in line.text]
        assert not other, other

    def close(self) -> None:
        self._lab.stop_redirecting()
        self._lab.client.ip(f"route delete {OTHER_ORIGIN_ADDRESS}")
        self._lab.client.ip(f"address delete {DIRECT_CLIENT}/24 dev router")
        try:
            self._daemon.stop()
        finally:
            self._daemon.kill()
            self._site.close()
            self._direct.stop()
            self._proxy.close()
            self._lab.set_hosts({})

    @property
    def log(self) -> str:
        return self._daemon.log_text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 16))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    # A sanitizer would turn the signal into an exit status.
    os.environ["ASAN_OPTIONS"] = "handle_segv=0:" + os.environ.get("ASAN_OPTIONS", "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        lab = Lab(folder)
        soak = Soak(lab, folder, options.workers, options.seed)
        try:
            soak.run(options.seconds)
        except AssertionError as error:
            print(f"{soak.log}\nFAILED: {error}", flush=True)
            return 1
        finally:
            soak.close()
            lab.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
