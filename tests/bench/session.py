# SPDX-License-Identifier: MIT
"""One measurement: a fixture, a contender and a load generator that are
started for it, checked against each other at its end, and stopped."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import lab
import processes
from contenders import CONNECT, RELAY, RELAY_BESIDE

COMMAND_LIMIT_SECONDS = 120
TUNNEL_PORT, REQUEST_PORT = 443, 80
HOST_NAME = "www.example.com"  # in ClientHello and request


class Failed(Exception):
    """A contender did not do its task; the message says why."""


class Program:
    """A child whose output is read with a time limit."""

    def __init__(self, name, command, directory):
        self.name = name
        self.errors_path = os.path.join(directory, f"{name}.stderr")
        with open(self.errors_path, "wb") as errors:
            self.child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, text=True, bufsize=1)

    def read_line(self, limit_seconds):
        ready, _, _ = select.select([self.child.stdout], [], [],
                                    limit_seconds)
        if not ready:
            raise Failed(f"{self.name}: no answer in {limit_seconds} s")
        return self.child.stdout.readline()

    def errors(self):
        with open(self.errors_path, errors="replace") as file:
            return file.read()

    def last_words(self):
        lines = self.errors().strip().splitlines()
        return lines[-1] if lines else f"{self.name}: said nothing"

    def end_input(self):
        """Closes the child's stdin; returns its further output, after it has
        exited with 0."""
        words, _ = self.child.communicate(timeout=30)
        if self.child.returncode != 0:
            raise Failed(self.last_words())
        return words

    def close(self):
        """Call this after the child was killed, if it had not ended by itself."""
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


def kill_all():
    """Kills all descendants, orphans included. This is the first process of its
    namespace, so orphans are its children."""
    for pid in processes.tree(os.getpid())[1:]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def reap_orphans():
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def wait_until(condition, what, limit_seconds=10):
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"{what} after {limit_seconds} s")
        time.sleep(0.005)


def is_listening(pid, port):
    """Whether its network namespace has a listening socket on the port."""
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/{pid}/net/{name}") as file:
                if any(line.split()[1].endswith(f":{port:04X}")
                       and line.split()[3] == "0A"
                       for line in file.readlines()[1:]):
                    return True
        except FileNotFoundError:
            pass
    return False


class Session:
    """Use it with `with`: a session that ends without an exception was checked."""

    def __init__(self, bench, contender, give=64, take=64, hello=None,
                 concurrency=50, workers=2, sniff=False, info_log=False,
                 options=lambda port: [], task=CONNECT, ipv6=False,
                 more_processes=0):
        """options(PORT): more options for ours, whose upstream has this port,
        and the processes that they make."""
        self.bench = bench
        self.contender = contender
        self.give, self.take, self.hello = give, take, hello
        self.concurrency = concurrency
        self.workers = workers
        self.sniff = sniff and contender.is_ours
        self.info_log = info_log
        self.options = options
        self.task = task
        self.ipv6 = ipv6
        self.more_processes = more_processes
        self.tunnels = self.exchanges = self.busy_tunnels = 0
        self.fixture = self.relay = self.load = self.busy_load = None

    def __enter__(self):
        try:
            client, destination, upstream = lab.fresh_addresses(self.ipv6)
            port = self._start_fixture(client, destination)
            address, ports = upstream, (port, port)
            if self.contender.relays:
                self._start_relay(upstream, port)
                address, ports = destination, (TUNNEL_PORT, REQUEST_PORT)
            self.load = self._start_load(
                "load", address, ports[self.task != CONNECT])
            if self.task == RELAY_BESIDE:
                self.busy_load = self._start_load(
                    "busy-load", address, ports[0])
        except BaseException:
            self._stop_all()
            raise
        return self

    def _start_fixture(self, client, destination):
        head = self.give if self.hello else 64
        command = [self.bench.program("upstream"), "-t", str(self.give),
                   "-g", str(self.take), "-n", str(head), "-p",
                   lab.ROUTER if self.contender.relays else client]
        if self.task != CONNECT:
            command += ["-r",
                        f"http://{HOST_NAME}" if self.contender.relays else ""]
        if self.task != RELAY and self.contender.sends_connect:
            target = HOST_NAME if self.sniff else (
                f"[{destination}]" if self.ipv6 else destination)
            command += ["-c", f"{target}:{TUNNEL_PORT}"]
        self.fixture = Program(
            "upstream",
            lab.inside("upstream", *self.bench.pinned(command, is_end=True)),
            self.bench.directory)
        words = self.fixture.read_line(10).split()
        if len(words) != 2 or words[0] != "port":
            raise Failed(self.fixture.last_words())
        return int(words[1])

    def _start_relay(self, upstream, port):
        command = self.contender.command(self, upstream, port)
        self.relay = Program(
            "relay",
            lab.inside("router", *self.bench.pinned(command, is_end=False)),
            self.bench.directory)
        pid = self.relay.child.pid
        expected = (self.contender.processes(self.workers)
                    + self.more_processes)

        def ready():
            if self.relay.child.poll() is not None:
                raise Failed(f"it ended: {self.relay.last_words()}")
            return (is_listening(pid, lab.PORT)
                    and len(processes.tree(pid)) == expected)

        wait_until(ready, f"not listening with {expected} processes")
        processes.settle(self.relay_pids())

    def _start_load(self, name, address, port):
        command = [self.bench.program("load"), "-a", address, "-p", str(port),
                   "-g", str(self.give), "-t", str(self.take),
                   "-c", str(self.concurrency)]
        if self.hello:
            command += ["-f", self.hello]
        if self.task != CONNECT:
            command += ["-r", HOST_NAME]
        return Program(
            name,
            lab.inside("client", *self.bench.pinned(command, is_end=True)),
            self.bench.directory)

    def relay_pids(self):
        return processes.tree(self.relay.child.pid)

    def command(self, words):
        """Gives the load generator a command; returns the seconds that it took."""
        seconds = self._ask(self.load, words)
        count = int(words.split()[-1]) if words != "close" else 0
        self.exchanges += count
        if not words.startswith("exchange"):
            self.tunnels += count
        return seconds

    def _ask(self, load, words):
        try:
            load.child.stdin.write(words + "\n")
            answer = load.read_line(COMMAND_LIMIT_SECONDS).split()
        except BrokenPipeError:
            answer = []
        if len(answer) != 2 or answer[0] != "ok":
            raise Failed(self._reason(load))
        return float(answer[1])

    def _exchange_until(self, stop):
        """Returns the number of exchanges."""
        done = 0
        while not stop.is_set():
            self._ask(self.busy_load,
                      f"exchange {self.busy_tunnels} {self.busy_tunnels}")
            done += self.busy_tunnels
        return done

    def measure_beside(self, tunnels, words, times):
        """Gives the command so often while so many tunnels give and take bytes.
        Returns the seconds of each, and the bytes a second of the tunnels."""
        self._ask(self.busy_load, f"open {tunnels}")
        self.busy_tunnels = tunnels
        stop = threading.Event()
        start = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            try:
                exchanges = pool.submit(self._exchange_until, stop)
                seconds = [self.command(words) for _ in range(times)]
            finally:
                stop.set()
            done = exchanges.result()
        took = time.monotonic() - start
        self.exchanges += tunnels + done
        return seconds, done * (self.give + self.take) / took

    def _reason(self, load):
        """What each program said last. Which failed first is not known: a client
        that leaves without its request is an error to the upstream, too."""
        load.child.wait(timeout=30)
        reason = load.last_words()
        if self.fixture.child.poll() is not None:
            reason += f"; the upstream: {self.fixture.last_words()}"
        if self.relay and self.relay.child.poll() is not None:
            reason += "; the relay ended"
        if self.relay and self.relay.errors():
            reason += f"; its log: {self.relay.last_words()}"
        return reason

    def measure(self, words):
        """The same as command(), with the seconds of CPU that the contender
        used (None if there is no contender)."""
        if not self.contender.relays:
            return None, self.command(words)
        pids = self.relay_pids()
        before = processes.cpu_nanoseconds(pids)
        wall = self.command(words)
        processes.settle(pids)
        if self.relay_pids() != pids:
            raise Failed("a process of the relay ended or was replaced")
        return (processes.cpu_nanoseconds(pids) - before) / 1e9, wall

    @contextlib.contextmanager
    def held_to_one_cpu(self, wanted):
        """Pins the contender and both ends to one CPU for a while, if wanted."""
        if not wanted:
            yield
            return
        threads = [thread for pid in processes.tree(os.getpid())[1:]
                   for thread in processes.threads(pid)]
        before = {thread: os.sched_getaffinity(thread) for thread in threads}
        try:
            for thread, cpus in before.items():
                os.sched_setaffinity(thread, {min(cpus)})
            yield
        finally:
            for thread, cpus in before.items():
                if os.path.exists(f"/proc/{thread}"):
                    os.sched_setaffinity(thread, cpus)

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self._finish()
        finally:
            self._stop_all()

    def _finish(self):
        """Each end counts, and both counts must equal the requested number."""
        self.command("close")
        self.load.end_input()
        if self.busy_load:
            self._ask(self.busy_load, "close")
            self.busy_load.end_input()
        tunnels = self.tunnels if self.task == CONNECT else self.busy_tunnels
        if not self.contender.sends_connect:
            tunnels = 0
        connections = self.tunnels + self.busy_tunnels
        expected = (f"connections {connections} tunnels {tunnels} "
                    f"exchanges {self.exchanges}\n")
        served = self.fixture.end_input()
        if served != expected:
            raise Failed(f"upstream served {served.strip()}, "
                         f"expected {expected.strip()}")
        if self.relay:
            self.relay.child.terminate()
            try:
                self.relay.child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                raise Failed("it did not stop at SIGTERM") from None
            if self.contender.is_ours and self.relay.child.returncode != 0:
                raise Failed("it stopped with status "
                             f"{self.relay.child.returncode}")

    def _stop_all(self):
        kill_all()
        for program in (self.load, self.busy_load, self.relay, self.fixture):
            if program:
                program.close()
        reap_orphans()
