# SPDX-License-Identifier: MIT
"""The contenders' tasks, and the figures that are measured."""

import os
import re
import ssl
import statistics
from dataclasses import dataclass
from typing import Callable

import lab
import latency
import processes
from contenders import CONNECT, RELAY, RELAY_BESIDE
from session import HOST_NAME, Failed, Session

MILLION = 1_000_000
MIB = 1 << 20
GIB = 1 << 30
SLICES = 5  # of a measurement, whose median counts: other load is bursty


@dataclass
class Busy:
    """The number of tunnels of a session that exchange bytes at once. With a
    single busy tunnel the result depends on the scheduler. It differs by a
    factor of two if the next process wakes on the same CPU or on an idle one.
    Pinned to one CPU, the figure is the relay's own. That is measured first, so
    that the unpinned measurement always begins from the same state."""
    key: str
    tunnels: int
    held: bool
    words: str


BUSY = (Busy("1 held", 1, True, "1 busy tunnel, all on one CPU"),
        Busy("1", 1, False, "1 busy tunnel"),
        Busy("50", 50, False, "50 busy tunnels"))


@dataclass
class Sizes:
    connections: int = 2_000  # a slice
    bulk_bytes: int = GIB // 2
    streams: tuple = (1, 4, 100)
    idle: tuple = (0, 1_000, 3_000, 8_000)
    exchanges_alone: int = 10_000  # a slice, over 1 busy tunnel
    exchanges: int = 20_000  # a slice, over more
    memory_tunnels: int = 3_000
    workers: tuple = (1, 2, 4, 8)
    spread_workers: tuple = (2, 4, 8)
    capacity: int = 9_500
    answers: int = 9


QUICK = Sizes(connections=300, bulk_bytes=GIB // 16, idle=(0, 300),
              exchanges_alone=300, exchanges=1_000, memory_tunnels=300,
              workers=(1, 4), spread_workers=(2, 4), capacity=1_000, answers=3)


@dataclass
class Row:
    """A line of the table. `wall` rows are in a table of their own, and so are
    round trips of a link with a delay."""
    key: str
    title: str
    digits: int = 1
    ours_only: bool = False
    wall: bool = False
    trips: bool = False


@dataclass
class Workload:
    name: str
    rows: list
    run: Callable  # (bench, contender, record): record(key, value)
    ours_only: bool = False
    task: str = CONNECT
    on_demand: bool = False  # it takes long, and is left out unless named


def client_hello(path):
    """A ClientHello with a name, made by this machine's TLS library."""
    out = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), out, server_hostname=HOST_NAME)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    with open(path, "wb") as file:
        file.write(out.read())
    return os.path.getsize(path)


def measure_slices(session, words, count):
    """CPU and wall-clock microseconds for each of `count` equal operations."""
    slices = [session.measure(f"{words} {count}") for _ in range(SLICES)]
    cpu = [cpu for cpu, _ in slices if cpu is not None]
    wall = [wall for _, wall in slices]
    return (statistics.median(cpu) * MILLION / count if cpu else None,
            statistics.median(wall) * MILLION / count)


def measure_rate(bench, contender, **how):
    with Session(bench, contender, **how) as session:
        session.command("connect 200")  # pages in, ARP, memory of its own
        return measure_slices(session, "connect", bench.sizes.connections)


def rate(sizes):
    def run(bench, contender, record):
        cpu, wall = measure_rate(bench, contender)
        record("connection", cpu)
        record("connection wall", wall)

    return Workload("rate", [
        Row("connection", "CPU µs per connection: open, 64 bytes each way, "
            "close"),
        Row("connection wall", "µs per connection", wall=True),
    ], run)


def ipv6(sizes):
    """IPv6 clients, in turn with IPv4 clients of the same listener."""
    def run(bench, contender, record):
        for family in (True, False):
            cpu, _ = measure_rate(bench, contender, ipv6=family,
                                  options=lambda _: ["-local-address", "::"])
            record("connection, IPv6" if family else "connection, both", cpu)

    return Workload("ipv6", [
        Row("connection, both", "CPU µs per connection, -local-address ::, "
            "over IPv4", ours_only=True),
        Row("connection, IPv6", "the same, over IPv6", ours_only=True),
    ], run, ours_only=True)


def ready(sizes):
    """Beside each other, with ready connections and without."""
    def run(bench, contender, record):
        for number in (0, 4):
            cpu, _ = measure_rate(
                bench, contender,
                options=lambda _: ["-ready-connections", str(number)])
            record(f"connection, {number} ready", cpu)

    return Workload("ready", [
        Row(f"connection, {number} ready", "CPU µs per connection, "
            f"-ready-connections {number}", ours_only=True)
        for number in (0, 4)
    ], run, ours_only=True)


def status(sizes):
    """Beside each other, with the status process and without."""
    def run(bench, contender, record):
        for address, key in ("", "none"), ("127.0.0.1:9", "on"):
            options = ["-status-address", address] if address else []
            how = {"options": lambda _, options=options: options,
                   "more_processes": 1 if address else 0}
            cpu, _ = measure_rate(bench, contender, **how)
            record(f"connection, status {key}", cpu)
            with Session(bench, contender, **how) as session:
                session.command("open 50")
                cpu, _ = measure_slices(
                    session, "exchange 50", sizes.exchanges)
            record(f"round trip, status {key}", cpu)

    rows = []
    for key, words in ("none", "no status process"), ("on", "-status-address"):
        rows += [
            Row(f"connection, status {key}", f"CPU µs per connection, {words}",
                ours_only=True),
            Row(f"round trip, status {key}", "CPU µs per 64-byte round trip, "
                f"50 tunnels, {words}", ours_only=True),
        ]
    return Workload("status", rows, run, ours_only=True)


def relay(sizes):
    def run(bench, contender, record):
        with Session(bench, contender, task=RELAY) as session:
            session.command("request 200")
            cpu, wall = measure_slices(session, "request", sizes.connections)
        record("request", cpu)
        record("request wall", wall)

    return Workload("relay", [
        Row("request", "CPU µs per plain HTTP request, relayed: GET, 64 bytes "
            "of body, one a connection"),
        Row("request wall", "µs per plain HTTP request", wall=True),
    ], run, task=RELAY)


def relay_beside(sizes):
    tunnels = 4

    def run(bench, contender, record):
        with Session(bench, contender, give=MIB, take=MIB,
                     task=RELAY_BESIDE) as session:
            session.command("request 200")
            seconds, bulk = session.measure_beside(
                tunnels, f"request {sizes.connections}", SLICES)
        record("requests beside tunnels",
               sizes.connections / statistics.median(seconds))
        record("tunnels beside requests", bulk / MIB)

    return Workload("relay-bulk", [
        Row("requests beside tunnels", f"relayed requests a second beside "
            f"{tunnels} bulk tunnels", 0, wall=True),
        Row("tunnels beside requests", "MiB a second of these tunnels, 1 MiB "
            "up and down in turn", 0, wall=True),
    ], run, task=RELAY_BESIDE, on_demand=True)


def tls(sizes):
    def run(bench, contender, record):
        path = os.path.join(bench.directory, "hello")
        length = client_hello(path)
        cpu, wall = measure_rate(bench, contender, give=length, hello=path,
                                 sniff=True)
        record("hello", cpu)
        record("hello wall", wall)

    return Workload("tls", [
        Row("hello", "the same, ClientHello as first bytes (ours: sniffing)"),
        Row("hello wall", "the same, ClientHello as first bytes", wall=True),
    ], run)


def routes(sizes):
    """Two upstreams, of which the first serves, and rules that match nothing
    but have to be asked: networks, and names for those that are sniffed."""
    networks = [f"10.{100 + i // 128}.{i % 128}.0/24" for i in range(256)]
    names = [f"host-{i}.elsewhere.example" for i in range(128)]

    def options(matches):
        def for_port(port):
            first, second = f"{lab.UPSTREAM_NAME}:{port}", "192.0.2.1:3128"
            rules = [f"{','.join(matches[i:i + 8])} direct"
                     for i in range(0, len(matches), 8)]
            return ["-upstream-proxy", f"{first},{second}",
                    *(word for rule in rules for word in ("-route", rule))]
        return for_port

    def run(bench, contender, record):
        cpu, _ = measure_rate(bench, contender, options=options(networks))
        record("connection, 256 rules", cpu)
        path = os.path.join(bench.directory, "hello")
        length = client_hello(path)
        cpu, _ = measure_rate(bench, contender, give=length, hello=path,
                              sniff=True,
                              options=options(networks[:128] + names))
        record("hello, 256 rules", cpu)

    return Workload("routes", [
        Row("connection, 256 rules", "CPU µs per connection, two upstreams "
            "and 256 rules", ours_only=True),
        Row("hello, 256 rules", "the same, ClientHello as first bytes",
            ours_only=True),
    ], run, ours_only=True)


def workers(sizes):
    def run(bench, contender, record):
        for count in sizes.workers:
            cpu, _ = measure_rate(bench, contender, workers=count)
            record(f"connection, {count} workers", cpu)

    return Workload("workers", [
        Row(f"connection, {count} workers",
            f"CPU µs per connection, {count} "
            f"worker{'s' if count > 1 else ''}", ours_only=True)
        for count in sizes.workers
    ], run, ours_only=True)


def bulk(sizes, way, streams):
    each = sizes.bulk_bytes // streams
    gib = each * streams / GIB
    key = f"{way} {streams}"

    def run(bench, contender, record):
        give, take = (64, each) if way == "down" else (each, 64)
        with Session(bench, contender, give=give, take=take,
                     concurrency=streams) as session:
            cpu, wall = session.measure(f"connect {streams}")
        record(key, cpu and cpu / gib)
        record(f"{key} wall", wall / gib)

    title = f"{way}, {streams} stream{'s' if streams > 1 else ''}"
    return Workload("bulk", [
        Row(key, f"CPU s per GiB {title}", 2),
        Row(f"{key} wall", f"s per GiB {title}", 2, wall=True),
    ], run)


def round_trips(sizes):
    def measure(session, busy, idle, record):
        count = (sizes.exchanges_alone if busy.tunnels == 1
                 else sizes.exchanges)
        with session.held_to_one_cpu(busy.held):
            cpu, wall = measure_slices(session, f"exchange {busy.tunnels}",
                                       count)
        record(f"round trip {busy.key}/{idle}", cpu)
        record(f"round trip {busy.key}/{idle} wall", wall)

    def run(bench, contender, record):
        with Session(bench, contender) as session:
            session.command(f"open {max(busy.tunnels for busy in BUSY)}")
            opened = 0
            for idle in sizes.idle:
                if idle > opened:
                    session.command(f"open {idle - opened}")
                    opened = idle
                for busy in BUSY:
                    measure(session, busy, idle, record)

    rows = []
    for busy in BUSY:
        for idle in sizes.idle:
            title = f"64-byte round trip, {busy.words}"
            title += f", beside {idle:,} idle" if idle else ""
            key = f"round trip {busy.key}/{idle}"
            rows.append(Row(key, f"CPU µs per {title}"))
            rows.append(Row(f"{key} wall", f"µs per {title}", wall=True))
    return Workload("round-trips", rows, run)


def memory(sizes):
    def run(bench, contender, record):
        if not contender.relays:
            return
        with Session(bench, contender) as session:
            pids = session.relay_pids()
            pss = processes.pss_bytes(pids)
            record("resting", pss / 1024)
            session.command("connect 50")
            held = processes.descriptors_kept(pids)
            session.command(f"open {sizes.memory_tunnels}")
            processes.settle(pids)
            record("tunnel", (processes.pss_bytes(pids) - pss)
                   / sizes.memory_tunnels)
            # A worker's socket for its next client may be open or not.
            record("descriptors",
                   round((processes.descriptors_kept(pids) - held)
                         / sizes.memory_tunnels, 2))

    return Workload("memory", [
        Row("tunnel", "bytes of process memory per idle tunnel", 0),
        Row("resting", "KiB of process memory, all processes, no tunnel", 0),
        Row("descriptors", "descriptors per idle tunnel", 2),
    ], run)


def _unevenness(counts):
    return max(counts) * len(counts) / sum(counts)


def _held_by_worker(pids):
    return {pid: processes.descriptors(pid) for pid in pids
            if re.fullmatch(r"handyproxy:w\d+", processes.comm(pid))}


def spread(sizes):
    def held(bench, contender, count):
        """Tunnels that stay open: the number of each worker's descriptors shows
        its tunnels."""
        with Session(bench, contender, workers=count) as session:
            pids = session.relay_pids()
            before = _held_by_worker(pids)
            session.command(f"open {sizes.memory_tunnels}")
            after = _held_by_worker(pids)
        return _unevenness([after[pid] - before[pid] for pid in before])

    def short(bench, contender, count):
        """Short connections: the log says which worker had each."""
        with Session(bench, contender, workers=count,
                     info_log=True) as session:
            count_all = SLICES * sizes.connections
            session.command(f"connect {count_all}")
            processes.settle(session.relay_pids())
            log = session.relay.errors()
        found = re.findall(r" worker (\d+): connection closed ", log)
        if len(found) < 0.9 * count_all:
            raise Failed(f"{len(found)} of {count_all} connections in its "
                         "log")
        return _unevenness([found.count(str(n)) for n in range(count)])

    def run(bench, contender, record):
        for count in sizes.spread_workers:
            record(f"spread, {count} workers",
                   short(bench, contender, count))
            record(f"spread of tunnels, {count} workers",
                   held(bench, contender, count))

    rows = []
    for count in sizes.spread_workers:
        rows.append(Row(f"spread, {count} workers",
                        f"busiest of {count} workers against the mean, short "
                        "connections", 2, ours_only=True))
        rows.append(Row(f"spread of tunnels, {count} workers",
                        f"busiest of {count} workers against the mean, "
                        f"{sizes.memory_tunnels:,} tunnels", 2,
                        ours_only=True))
    return Workload("spread", rows, run, ours_only=True)


def capacity(sizes):
    def run(bench, contender, record):
        with Session(bench, contender, workers=1) as session:
            session.command(f"open {sizes.capacity}")
            cpu, _ = session.measure(f"exchange {sizes.capacity} "
                                     f"{sizes.capacity}")
        record("capacity", cpu * MILLION / sizes.capacity)

    return Workload("capacity", [
        Row("capacity", f"CPU µs per round trip over {sizes.capacity:,} "
            "tunnels of one worker, one each", ours_only=True),
    ], run, ours_only=True)


def first_answer(sizes):
    """Also with ready connections, where the contender has them."""
    ready = ["-ready-connections", "4"]

    def run(bench, contender, record):
        for speaks_first in (False, True):
            key = "server first" if speaks_first else "client first"
            record(key, latency.measure(bench, contender, speaks_first,
                                        sizes.answers))
            if contender.is_ours:
                record(f"{key}, ready", latency.measure(
                    bench, contender, speaks_first, sizes.answers,
                    lambda _: ready))

    rows = []
    for key in ("client first", "server first"):
        who = key.replace(" ", " speaks ")
        rows.append(Row(key, f"until the first answer, {who}", trips=True))
        rows.append(Row(f"{key}, ready", f"the same, {' '.join(ready)}",
                        trips=True, ours_only=True))
    return Workload("latency", rows, run)


def gather(sizes):
    bulks = [bulk(sizes, way, streams) for streams in sizes.streams
             for way in ("down", "up")]
    return [rate(sizes), ipv6(sizes), ready(sizes), status(sizes),
            relay(sizes), relay_beside(sizes), tls(sizes), routes(sizes),
            workers(sizes), *bulks, round_trips(sizes), memory(sizes),
            spread(sizes), capacity(sizes), first_answer(sizes)]


NAMES = list(dict.fromkeys(work.name for work in gather(QUICK)))
ON_DEMAND = [work.name for work in gather(QUICK) if work.on_demand]
