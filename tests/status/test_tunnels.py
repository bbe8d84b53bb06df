# SPDX-License-Identifier: MIT
"""/tunnels.json: which connections are open, the first of all workers by an
order, and that nobody has to wait for the list."""

import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from behaviour import hand_over_unanswered
from daemon import children_of, comm_of
from lab import ORIGIN_ADDRESS
from peer import join
from waiting import PATIENCE, wait_until

KEYS = "worker client destination host upstream mode state age idle"
KEYS += " sent received sent_rate received_rate"


# So old may the samples of a list be when the next one is asked for.
SAMPLES_SECONDS = 4


class Lists:
    def __init__(self, path: Path) -> None:
        self.path = path

    def ask(self, query: str = "", method: str = "GET") -> tuple[int, bytes]:
        """Status and body of the answer."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(str(self.path))
            target = f"/tunnels.json{query}"
            sock.sendall(f"{method} {target} HTTP/1.0\r\n\r\n".encode())
            answer = b"".join(iter(lambda: sock.recv(1 << 16), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def get(self, query: str = "") -> list[dict]:
        status, body = self.ask(query)
        assert status == 200, body
        rows = json.loads(body)
        for row in rows:
            assert list(row) == KEYS.split()
            assert 0 <= row["idle"] <= row["age"]
        return rows

    def clients(self, query: str = "") -> list[str]:
        return [row["client"] for row in self.get(query)]

    def wait_for(self, clients: list[str], query: str = "") -> None:
        """A worker that does not get to run for seconds is left out."""
        wait_until(
            lambda: self.clients(query) == clients, f"{query} has {clients}"
        )


@pytest.fixture
def lists(folder: Path) -> Lists:
    return Lists(folder / "socket")


@pytest.fixture
def serve(handyproxy, lists):
    def start(*options: str, **more):
        daemon = handyproxy(
            "-status-address", str(lists.path), *options, **more
        )
        wait_until(
            lambda: any(
                comm_of(pid) == "handyproxy:stat"
                for pid in children_of(daemon.pid)
            ),
            "the status process runs",
        )
        return daemon

    return start


def test_a_tunnel_is_listed_with_what_the_log_says_of_it(
    serve, lists, proxy, open_tunnel
):
    serve("-sniff-timeout", "10ms", workers=1)
    client, upstream = open_tunnel()
    client.send(b"12345")
    assert upstream.receive(5) == b"12345"
    upstream.send(b"1234567")
    assert client.receive(7) == b"1234567"
    (row,) = lists.get()
    assert row["worker"] == 0
    assert row["client"] == client.address
    assert row["destination"] == join((ORIGIN_ADDRESS, 443))
    assert row["host"] is None
    assert row["upstream"] == join(proxy.address)
    assert (row["mode"], row["state"]) == ("connect", "tunnelling")
    assert (row["sent"], row["received"]) == (5, 7)
    assert (row["sent_rate"], row["received_rate"]) == (0, 0)
    assert row["age"] >= 1, "the list takes a second of samples"


def test_what_is_no_tunnel_yet_is_listed_too(serve, lists, proxy, connect):
    serve("-sniff-timeout", "1h", workers=1)
    proxy.behaviour = hand_over_unanswered()
    sniffed = connect()
    asking = connect()
    asking.send(b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
    proxy.tunnel()
    rows = {row["client"]: row for row in lists.get()}
    assert rows[sniffed.address]["state"] == "sniffing"
    assert rows[sniffed.address]["upstream"] is None
    assert rows[asking.address]["state"] == "answering"
    assert rows[asking.address]["host"] == "a.test"
    assert rows[asking.address]["upstream"] == join(proxy.address)


def test_a_relayed_request_and_a_direct_tunnel_have_their_mode(
    serve, lists, proxy, connect, start_origin
):
    serve("-http-relay-ports", "80", "-route", f"{ORIGIN_ADDRESS} direct")
    proxy.behaviour = hand_over_unanswered()
    relayed = connect(("93.184.216.35", 80))
    relayed.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    proxy.tunnel()
    origin = start_origin(lambda peer: peer.receive_to_end())
    direct = connect(origin.address)
    wait_until(
        lambda: {row["client"]: (row["mode"], row["state"], row["upstream"])
                 for row in lists.get()}
        == {
            relayed.address: ("relay", "relaying", join(proxy.address)),
            direct.address: ("direct", "tunnelling", "direct"),
        },
        "both are listed",
    )


def test_the_orders_and_the_limit(serve, lists, open_tunnel):
    """The last tunnel moves most, and the first has moved most."""
    serve(workers=2)
    pairs = [open_tunnel() for _ in range(4)]
    clients = [client.address for client, _ in pairs]
    pairs[0][0].send(bytes(1 << 16))
    assert pairs[0][1].receive(1 << 16) == bytes(1 << 16)
    lists.wait_for(clients, "?sort=age")
    lists.wait_for(clients[:2], "?sort=age&limit=2")
    lists.wait_for(clients[:1], "?sort=bytes&limit=1")
    wait_until(lambda: len(lists.get()) == 4, "all are listed")

    def is_first() -> bool:
        """Bytes count if they move behind a list that is not too old."""
        pairs[3][1].send(bytes(1000))
        pairs[3][0].receive(1000)
        rows = lists.get("?sort=rate&limit=1")
        return (
            [row["client"] for row in rows] == clients[3:]
            and rows[0]["received_rate"] > 0 == rows[0]["sent_rate"]
        )

    wait_until(is_first, "the one that moves bytes is the first")


def test_a_rate_is_what_was_moved_in_that_time(serve, lists, open_tunnel):
    """Of a client that sends all the time: its mean rate between two lists."""
    serve(workers=1)
    client, upstream = open_tunnel()
    over = threading.Event()

    def send_slowly() -> None:
        while not over.wait(0.01):
            client.send(bytes(5000))
            upstream.receive(5000)

    sender = threading.Thread(target=send_slowly)
    sender.start()
    seconds = SAMPLES_SECONDS
    try:
        while seconds >= SAMPLES_SECONDS:  # the first list is of no use
            (before,) = lists.get()
            time.sleep(1)
            (row,) = lists.get()
            seconds = row["age"] - before["age"]
    finally:
        over.set()
        sender.join()
    wanted = (row["sent"] - before["sent"]) / seconds
    assert row["sent_rate"] == pytest.approx(wanted, rel=0.01, abs=2)


def test_what_is_asked_wrongly(serve, lists):
    serve(workers=1)
    for query in ("?limit=0", "?limit=x", "?limit=-1", "?sort=x", "?sort="):
        assert lists.ask(query)[0] == 400, query
    for query in ("", "?", "?other=1", "?limit=100000&sort=age"):
        assert lists.get(query) == []
    assert lists.ask("", "HEAD") == (200, b"")
    assert lists.ask("/")[0] == 404


@pytest.mark.expects_errors
def test_a_worker_that_does_not_answer_is_left_out(
    serve, lists, open_tunnel
):
    """It stands still, and it dies meanwhile."""
    daemon = serve(workers=2)
    silent, other = daemon.workers
    with daemon.alone(silent):
        open_tunnel()
    with daemon.alone(other):
        listed, _ = open_tunnel()
    with daemon.still(silent):
        lists.wait_for([listed.address])
    asked = threading.Thread(target=lists.get)
    os.kill(silent, signal.SIGSTOP)
    asked.start()
    os.kill(silent, signal.SIGKILL)
    asked.join()
    lists.wait_for([listed.address])


def test_a_worker_that_drains_lists_its_tunnels(
    serve, lists, open_tunnel, configuration
):
    path = configuration("idle-timeout 1h")
    daemon = serve("-config", path, workers=1)
    old, _ = open_tunnel()
    workers = daemon.workers
    configuration("idle-timeout 2h")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(
        lambda: daemon.workers not in ([], workers), "there is another worker"
    )
    new, _ = open_tunnel()
    lists.wait_for([old.address, new.address], "?sort=age")


def test_many_ask_at_once(serve, lists, open_tunnel):
    serve(workers=2)
    clients = [open_tunnel()[0].address for _ in range(3)]
    queries = ["?sort=age", "?sort=age&limit=1", "?sort=age&limit=2"] * 5
    answers: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        answers[number] = lists.clients(queries[number])

    threads = [
        threading.Thread(target=ask, args=(n,)) for n in range(len(queries))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, query in enumerate(queries):
        limit = int(query.partition("limit=")[2] or 3)
        assert set(answers[number]) <= set(clients)
        assert len(answers[number]) <= limit
    lists.wait_for(clients, "?sort=age")


def test_of_thousands_each_is_listed_once(serve, lists, lab, connect, proxy):
    serve("-max-per-client", "0", workers=2)
    proxy.behaviour = hand_over_unanswered()
    peers = [connect() for _ in range(1100)]
    addresses = {peer.address for peer in peers}
    wait_until(
        lambda: len(lists.clients("?limit=1000")) == 1000, "all are served"
    )
    oldest = lists.clients("?limit=1000&sort=age")
    assert len(set(oldest)) == len(oldest)
    assert addresses > set(oldest)
    for peer in peers:
        peer.close()
