# SPDX-License-Identifier: MIT
"""What hostile clients and a hostile upstream do. Each attack is a function of
the field and a random.Random. It returns the number of inputs that it sent
when it is over, and fails if HandyProxy misbehaves."""

import itertools
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from resource import RLIMIT_NOFILE, setrlimit
from typing import Callable

from connect_proxy import ESTABLISHED, Exchange, Request
from daemon import Daemon
from faults import Deed, Faults
from honest import Act, Upstream, reset_or
from lab import OTHER_ORIGIN_ADDRESS, Lab, Namespace, default_backend
from mutation import corpus, cut, mutate
from peer import FIN, RESET, Peer, connect, pattern_bytes
from processes import count_files
from waiting import PATIENCE, SCALE, noise, wait_until

HELLOS = corpus("tls_client_hello", "http_request_head")
ANSWERS = corpus("connect_response")
REQUESTS = corpus("relay_head")
BODIES = corpus("request_body")

# Plain HTTP is relayed on these; all else takes the ports below.
# None of these is a port that the kernel gives the honest clients' origin: the
# upstream knows by the port whose act a connection meets.
RELAY_PORTS = range(61000, 65536)

# The daemon has to be started with these timeouts, so that waiting for them is
# short.
RESPONSE_SECONDS = 8
SILENCE_SECONDS = 8
OPTIONS = (
    "-sniff-timeout", f"{round(300 * SCALE)}ms",
    "-http-relay-ports", f"{RELAY_PORTS[0]}-{RELAY_PORTS[-1]}",
    "-http-head-timeout", f"{round(SILENCE_SECONDS * SCALE * 1000)}ms",
    "-response-timeout", f"{round(RESPONSE_SECONDS * SCALE * 1000)}ms",
    "-idle-timeout", f"{round(SILENCE_SECONDS * SCALE * 1000)}ms",
    "-half-closed-timeout", f"{round(SILENCE_SECONDS * SCALE * 1000)}ms",
    "-ready-connections", "4",
)

DESCRIPTORS = 512


def limit_descriptors() -> None:
    """Runs in the daemon's process, before the program starts."""
    setrlimit(RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


BULK = pattern_bytes(3_000_000)
PORTS = range(1024, 32768)


class Field:
    """The place of an attack: the lab, the daemon, the upstream and the origins."""

    THREADS = 8

    def __init__(
        self, lab: Lab, daemon: Daemon, upstream: Upstream, faults: Faults
    ) -> None:
        self.lab = lab
        self.daemon = daemon
        self.upstream = upstream
        self.faults = faults
        self._ports = itertools.cycle(PORTS)
        self._relay_ports = itertools.cycle(RELAY_PORTS)
        self._lock = threading.Lock()

    def destination(self, act: Act, relayed=False) -> tuple[str, int]:
        """A destination for which the upstream behaves in this way."""
        with self._lock:
            port = next(self._relay_ports if relayed else self._ports)
            self.upstream.acts[port] = act
        return (OTHER_ORIGIN_ADDRESS, port)

    def connect(self, act: Act, relayed=False, **options) -> Peer:
        with self.lab.client:
            return connect(self.destination(act, relayed), **options)

    def run(
        self,
        rng: random.Random,
        clients: list[Callable[["Field", random.Random], None]],
    ) -> int:
        """Runs some at once. Each has a random.Random of its own, which does
        not depend on the others' speed."""
        with ThreadPoolExecutor(self.THREADS) as threads:
            runs = [
                threads.submit(client, self, random.Random(rng.getrandbits(64)))
                for client in clients
            ]
        for run in runs:
            run.result()
        return len(runs)


# --- acts of the upstream


def echo(exchange: Exchange, _request: Request) -> None:
    exchange.send(ESTABLISHED)
    while data := exchange.socket.recv(1 << 16):
        exchange.send(data)


def silence(exchange: Exchange, _request: Request) -> None:
    """Sends nothing until the client leaves."""
    while exchange.socket.recv(1 << 16):
        pass


def send_bulk(exchange: Exchange, request: Request) -> None:
    exchange.send(ESTABLISHED)
    exchange.send(BULK)
    silence(exchange, request)


# --- what comes first: mutated hellos and heads


def first_bytes(field: Field, rng: random.Random, count: int = 60) -> int:
    """Whatever the first bytes are, they reach the origin unchanged."""
    return field.run(rng, [_say_first] * count)


def _say_first(field: Field, rng: random.Random) -> None:
    data = mutate(rng, HELLOS)
    ending = rng.choice(("finish", "reset", "wait"))
    with field.connect(echo) as client:
        for piece in cut(rng, data):
            client.send(piece)
        if ending == "reset":
            client.reset()
            return
        if ending == "finish":
            client.finish()
        assert client.receive(len(data)) == data
        if ending == "finish":
            assert client.end() == FIN
        else:
            client.reset()


# --- mutated answers


def answers(field: Field, rng: random.Random, count: int = 60) -> int:
    """The client receives a part of the upstream's bytes, or all of them. With
    a FIN, which must be the upstream's, it has received all of them."""
    return field.run(rng, [_hear_answer] * count)


def _hear_answer(field: Field, rng: random.Random) -> None:
    data = mutate(rng, ANSWERS) + rng.choice((b"", b"bytes of the origin"))
    pieces = list(cut(rng, data))
    ending = rng.choice(("finish", "reset", "wait"))

    def act(exchange: Exchange, request: Request) -> None:
        peer = Peer(exchange.socket)
        for piece in pieces:
            peer.send(piece)
        if ending == "finish":
            peer.finish()
        if ending == "reset":
            peer.reset()
        else:
            silence(exchange, request)

    with field.connect(act) as client:
        # The client leaves an open tunnel without bytes after a moment.
        client.socket.settimeout(0.3 * SCALE)
        got, end = b"", None
        try:
            while chunk := client.socket.recv(1 << 16):
                got += chunk
            end = FIN
        except ConnectionResetError:
            end = RESET
        except TimeoutError:
            client.reset()
        end = RESET if client.was_reset else end
        assert got in data, f"{got!r} of {data!r}"
        if end == FIN:
            assert ending == "finish", "a FIN that no peer has sent"
            assert data.endswith(got), f"{got!r}, FIN, of {data!r}"


# --- slowness


def slow_clients(field: Field, rng: random.Random, count: int = 30) -> int:
    """The client sends a byte of the ClientHello at a time. In the end the
    tunnel is made by address."""
    clients = [field.connect(echo) for _ in range(count)]
    hellos = [rng.choice(HELLOS)[:10] for _ in clients]
    for at in range(10):
        for client, hello in zip(clients, hellos):
            client.send(hello[at : at + 1])
        time.sleep(0.02)
    for client, hello in zip(clients, hellos):
        assert client.receive(len(hello)) == hello
        client.reset()
    return count


def slow_answers(field: Field, rng: random.Random, count: int = 30) -> int:
    """A header that never ends: no byte extends its timeout."""

    def act(exchange: Exchange, _request: Request) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            exchange.send(b"X: %d\r\n" % rng.randrange(10))
            time.sleep(0.05)

    clients = [field.connect(act) for _ in range(count)]
    begin = time.monotonic()
    for client in clients:
        assert client.end() == RESET
        client.close()
    took = time.monotonic() - begin
    assert took < 4 * RESPONSE_SECONDS * SCALE + noise()
    return count


def slow_readers(field: Field, rng: random.Random, count: int = 12) -> int:
    """The client reads a little of a bulk stream at a time, and then nothing more."""

    def read(client: Peer) -> str:
        at = 0
        for _ in range(20):
            part = client.socket.recv(rng.randrange(1, 5000))
            assert BULK.startswith(part, at)
            at += len(part)
            time.sleep(0.01)
        client.reset()
        return RESET

    def one(own_field: Field, _rng: random.Random) -> None:
        with own_field.lab.client:
            reset_or(read, own_field.destination(send_bulk),
                     receive_buffer=4096)

    return field.run(rng, [one] * count)


# --- floods of silent clients


def silent_clients(field: Field, rng: random.Random, count: int = 200) -> int:
    clients = [field.connect(silence) for _ in range(count)]
    rng.shuffle(clients)
    for number, client in enumerate(clients):
        if number % 2:
            client.reset()
        else:
            client.close()
    return count


# --- relayed requests


def relayed_requests(
    field: Field, rng: random.Random, count: int = 60
) -> int:
    """Whatever heads, bodies and responses are, the upstream gets one request
    that is right, or a CONNECT; a response is complete or reset."""
    done = field.run(rng, [_request] * count)
    assert field.daemon.totals(are_true=False)["relayed"] > 0
    return done


def _request(field: Field, rng: random.Random) -> None:
    response = b"HTTP/1.1 200 OK\r\n\r\n" + BULK[: rng.choice((0, 9, 600_000))]
    if rng.randrange(2):
        response = mutate(rng, ANSWERS)
    ending = rng.choice(("finish", "reset", "wait"))

    def act(exchange: Exchange, request: Request) -> None:
        if request.method == "CONNECT":
            echo(exchange, request)
            return
        exchange.send(response)
        exchange.socket.shutdown(socket.SHUT_WR)
        silence(exchange, request)

    data = mutate(rng, REQUESTS)
    if rng.randrange(2):
        data = RELAYED + mutate(rng, BODIES)
    with field.connect(act, relayed=True) as client:
        try:
            for piece in cut(rng, data):
                client.send(piece)
            if ending == "finish":
                client.finish()
            elif ending == "wait":
                client.receive_to_end()
        except OSError:
            pass  # reset before all was sent
        if ending == "reset":
            client.reset()


RELAYED = (
    b"POST /a HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
)


# --- resets in each state


def resets(field: Field, rng: random.Random, rounds: int = 5) -> int:
    """Resets by either side, in each state and mode of moving bytes."""
    clients = list(RESETS) * rounds
    rng.shuffle(clients)
    return field.run(rng, clients)


def _reset_sniffing(field: Field, rng: random.Random) -> None:
    hello = rng.choice(HELLOS)
    client = field.connect(echo)
    client.send(hello[: rng.randrange(1, 60)])
    client.reset()


def _reset_at_once(field: Field, _rng: random.Random) -> None:
    field.connect(silence).reset()


def _client_resets_answering(field: Field, rng: random.Random) -> None:
    asked = threading.Event()

    def act(exchange: Exchange, request: Request) -> None:
        exchange.send(ESTABLISHED[: rng.randrange(30)])
        asked.set()
        silence(exchange, request)

    client = field.connect(act)
    client.send(b"\0")
    assert asked.wait(PATIENCE)
    client.reset()


def _upstream_resets_answering(field: Field, rng: random.Random) -> None:
    def act(exchange: Exchange, _request: Request) -> None:
        peer = Peer(exchange.socket)
        peer.send(ESTABLISHED[: rng.randrange(30)])
        peer.reset()

    with field.connect(act) as client:
        client.send(b"\0")
        assert client.end() == RESET


def _client_resets_tunnel(field: Field, rng: random.Random) -> None:
    """The client resets a bulk stream after none of it, after some of it, or
    after its own FIN."""
    client = field.connect(send_bulk, receive_buffer=1 << 15)
    client.send(b"\0")
    size = rng.choice((1, 1000, 200_000, 600_000))
    if rng.randrange(2):
        client.finish()
    assert BULK.startswith(client.receive(size))
    client.reset()


def _upstream_resets_tunnel(field: Field, rng: random.Random) -> None:
    """The bytes before the reset arrive, or a first part of them; no FIN does."""
    size = rng.choice((0, 1, 1000, 200_000, len(BULK)))

    def act(exchange: Exchange, _request: Request) -> None:
        peer = Peer(exchange.socket)
        peer.send(ESTABLISHED + BULK[:size])
        peer.reset()

    with field.connect(act) as client:
        client.send(b"\0")
        got, end = client.receive_to_end()
        assert end == RESET and BULK[:size].startswith(got)


def _upstream_resets_behind_its_fin(field: Field, _rng: random.Random) -> None:
    """The upstream resets while the client sends, so the next write fails with
    EPIPE. The origin's bytes before that are complete."""

    def act(exchange: Exchange, _request: Request) -> None:
        peer = Peer(exchange.socket)
        peer.send(ESTABLISHED + b"the last words")
        peer.finish()
        peer.receive(1000)
        peer.reset()

    with field.connect(act) as client:
        client.send(b"\0")
        assert client.receive(14) == b"the last words"
        client.send_until_stopped()


def _upstream_resets_a_reader(field: Field, _rng: random.Random) -> None:
    """A client sends in bulk and nothing reads; then a RST comes."""

    def act(exchange: Exchange, _request: Request) -> None:
        peer = Peer(exchange.socket)
        peer.send(ESTABLISHED)
        peer.receive(100_000)
        peer.reset()

    with field.connect(act) as client:
        client.send_until_stopped()


RESETS = (
    _reset_sniffing,
    _reset_at_once,
    _client_resets_answering,
    _upstream_resets_answering,
    _client_resets_tunnel,
    _upstream_resets_tunnel,
    _upstream_resets_behind_its_fin,
    _upstream_resets_a_reader,
)


def resets_while_dialling(
    field: Field, rng: random.Random, count: int = 30
) -> int:
    """The route to the upstream fails for a moment: all clients are dialling,
    and leave."""
    del rng
    field.lab.upstream.ip("link set router down")
    try:
        clients = [field.connect(silence) for _ in range(count)]
        for client in clients:
            client.send(b"\0")
        wait_until(
            lambda: _dialling(field.lab.router) >= count, "all of them dial"
        )
        for client in clients:
            client.reset()
    finally:
        field.lab.upstream.ip("link set router up")
    return count


def _dialling(router: Namespace) -> int:
    """The number of the router's sockets in SYN_SENT."""
    return sum(row["state"] == "connecting" for row in router.tcp_sockets())


# --- peers that vanish


def drop(namespace: Namespace, ports: list[int]) -> None:
    """Packets that the router sends from these ports are lost from now on."""
    if default_backend() == "nft":
        rules = "".join(
            f'iifname "router" tcp sport {port} drop\n' for port in ports
        )
        namespace.run("nft", "-f", "-", text=f"""
            table ip vanished
            delete table ip vanished
            table ip vanished {{
                chain in {{
                    type filter hook input priority 0
                    {rules}
                }}
            }}""")
        return
    namespace.run("iptables", "-w", "-F", "INPUT")
    for port in ports:
        namespace.run("iptables", "-w", "-A", "INPUT", "-i", "router",
                      "-p", "tcp", "--sport", str(port), "-j", "DROP")


def reserve(namespace: Namespace, ports: list[int]) -> None:
    """Keeps a packet filter's ports from connections that come later. So the
    other end may still have its sockets when the filter is gone."""
    name = "net.ipv4.ip_local_reserved_ports"
    before = namespace.sysctl(name).split()
    namespace.sysctl(name, ",".join([*before, *map(str, ports)]))


def vanishing_upstream(
    field: Field, rng: random.Random, count: int = 6
) -> int:
    """A peer vanishes in the middle of a transfer: no bytes, no FIN and no RST
    come from it. The silence ends the tunnel, with a RST."""
    ports: list[int] = []

    def act(exchange: Exchange, _request: Request) -> None:
        ports.append(exchange.socket.getpeername()[1])
        exchange.send(ESTABLISHED)
        # The upstream's end gives up at last, because nothing tells it.
        exchange.socket.settimeout(4 * SILENCE_SECONDS * SCALE)
        while True:
            exchange.send(BULK)

    clients = [
        field.connect(act, receive_buffer=1 << 15) for _ in range(count)
    ]
    try:
        for client in clients:
            client.send(b"\0")
            assert BULK.startswith(client.receive(rng.randrange(1, 300_000)))
        reserve(field.lab.router, ports)
        drop(field.lab.upstream, ports)
        for client in clients:
            assert client.checksum_to_end()[2] == RESET
            client.close()
    finally:
        drop(field.lab.upstream, [])
    return count


def link_down(field: Field, rng: random.Random) -> int:
    """The link fails for less than a timeout: TCP sends again, and no byte is lost."""
    link = rng.choice((field.lab.upstream, field.lab.client))
    link.ip("link set router down")
    time.sleep(0.2)
    link.ip("link set router up")
    if link is field.lab.client:
        link.ip("route replace default via 10.0.0.1")
    return 1


# --- descriptors


def exhaustion(field: Field, rng: random.Random, count: int = 30) -> int:
    """The workers have only a few descriptors left. New clients wait, and are
    accepted when that is over."""
    start = len(field.daemon.log)
    left = rng.randrange(4)
    with field.faults.given("accept4", Deed.HOARD, left, every=1):
        clients = [field.connect(echo) for _ in range(count)]
        for client in clients:
            client.send(b"waiting")
        field.daemon.wait_for_log("no means for another connection", start)
    with field.faults.given("poll", Deed.RELEASE, every=1):
        for client in clients:
            assert client.receive(7) == b"waiting"
        wait_until(
            lambda: all(
                count_files(pid, pipes=False) < DESCRIPTORS // 2
                for pid in field.daemon.workers
            ),
            "each worker has its descriptors again",
        )
    for client in clients:
        client.reset()
    return count


# Attacks that must harm no honest client.
HARMLESS = {
    attack.__name__: attack
    for attack in (
        first_bytes,
        relayed_requests,
        answers,
        slow_clients,
        slow_answers,
        slow_readers,
        silent_clients,
        resets,
        resets_while_dialling,
        vanishing_upstream,
        link_down,
        exhaustion,
    )
}
