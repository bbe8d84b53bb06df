# SPDX-License-Identifier: MIT
"""A worker or a resolver that was taken over. Whatever it writes to the master,
the master neither dies nor hangs nor believes it. The other children go on."""

import os
import signal
import socket
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from behaviour import hand_over
from children import (
    HAS_SANITIZER,
    Kind,
    bad_messages,
    line_message,
    list_request,
    message,
    one_address,
)
from connect_proxy import ESTABLISHED
from daemon import children_of, comm_of
from faults import PIPE, RESOLVER, STATUS, STDERR, WORKERS, Deed
from honest import Upstream, command
from lab import SECOND_PROXY_ADDRESS
from peer import RESET, connect as connect_peer, join
from waiting import PATIENCE, SCALE, noise, wait_until

LIAR = "handyproxy:w0"
LONGEST_LINE = 2000


@pytest.fixture
def open_tunnel(lab, origin):
    opened = []

    def open_one():
        with lab.client:
            client = connect_peer(origin)
        client.send(command("echo", 0, 0) + b"here")
        assert client.receive(4) == b"here"
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture
def daemon(handyproxy, faults):
    return handyproxy("-log-level", "info", preload=faults.library)


@pytest.fixture
def tunnels(daemon, open_tunnel):
    """One tunnel in each worker."""
    clients = []
    for pid in daemon.workers:
        with daemon.alone(pid):
            clients.append(open_tunnel())
    return clients


def assert_killed_alone(daemon, tunnels, guilty) -> None:
    """The guilty worker's tunnel ends and the other tunnel goes on. The guilty
    worker is replaced."""
    assert tunnels[0].receive_to_end()[1] == RESET
    daemon.wait_for_log(
        f"worker 0 wrote what none of ours writes, killed pid={guilty}"
    )
    tunnels[1].send(b"unharmed")
    assert tunnels[1].receive(8) == b"unharmed"
    wait_until(
        lambda: len(set(daemon.workers) - {guilty}) == 2,
        "worker 0 is there again",
    )


def say(daemon, faults, payload: bytes, target: int, open_tunnel) -> None:
    """Makes worker 0 write this."""
    faults.payload = payload
    with daemon.alone(daemon.workers[0]):
        with faults.given("recv", Deed.WRITE, target, process=LIAR):
            open_tunnel()
    assert faults.met("recv") == 1


@pytest.mark.parametrize(
    "wrong", ["kind", "direction", "child", "upstream", "level", "length"]
)
def test_a_worker_that_writes_a_bad_message_is_killed(
    daemon, faults, tunnels, rng, wrong
):
    guilty = daemon.workers[0]
    faults.payload = bad_messages(rng)[wrong]
    with faults.given("recv", Deed.WRITE, PIPE, process=LIAR):
        tunnels[0].send(b"now")
        assert_killed_alone(daemon, tunnels, guilty)


def test_a_message_cut_short_swallows_no_more_than_its_length(
    daemon, faults, tunnels, open_tunnel
):
    """The following bytes complete the message; the bytes behind them may then
    form a message or not. In no case does the master wait for more bytes."""
    say(daemon, faults, line_message(b"words" * 50)[:-1], PIPE, open_tunnel)
    with daemon.alone(daemon.workers[0]):
        clients = [open_tunnel() for _ in range(3)]
    for client in clients:  # each leaves a line, and the first may be the last
        client.reset()
    daemon.totals()
    tunnels[1].send(b"unharmed")
    assert tunnels[1].receive(8) == b"unharmed"


def open_tunnel_of(daemon, open_tunnel, number: int):
    with daemon.alone(daemon.workers[number]):
        return open_tunnel()


FORGERIES = {
    "line-end": b"\n2026-11-23T06:01:55.123Z error master: forged ",
    "carriage-return": b"\r2026-11-23T06:01:55.123Z error master: forged ",
    "terminal": b"\x1b[2J\x1b]0;forged\x07\x9b31m",
    "nul": b"before\0behind",
    "format": b"%s%n%p%1000000d",
    "high": bytes(range(128, 256)),
}


@pytest.mark.parametrize("words", FORGERIES.values(), ids=FORGERIES.keys())
@pytest.mark.parametrize("target", [PIPE, STDERR], ids=["pipe", "stderr"])
def test_a_line_is_one_line_of_its_process(
    daemon, faults, open_tunnel, words, target
):
    """Whatever the line contains, it is never read as another process's line."""
    payload = words * (1800 // len(words)) + b"\n"
    if target == PIPE:
        payload = line_message(payload)
    say(daemon, faults, payload, target, open_tunnel)
    daemon.totals()
    for line in daemon.log:
        assert line.level, f"not a line of ours: {line.text!r}"
        assert len(line.text) < LONGEST_LINE
        assert line.text.isprintable() and line.text.isascii()
        assert not line.words.startswith("forged")
        assert line.process != "master" or "forged" not in line.text
    assert any(line.process == "worker 0" for line in daemon.log)


FLOODS = {"pipe": PIPE, "stderr": STDERR, "both": PIPE | STDERR}


@pytest.fixture(params=FLOODS.values(), ids=FLOODS.keys())
def flood(request, daemon, faults, open_tunnel):
    """Worker 0 does nothing but write valid lines."""
    doomed = open_tunnel_of(daemon, open_tunnel, 0)
    faults.payload = line_message(b"words" * 50)
    with faults.given("recv", Deed.FLOOD, request.param, process=LIAR):
        doomed.send(b"now")
        wait_until(lambda: faults.met("recv") == 1, "the flood")
        yield


def test_in_a_flood_of_lines_the_others_go_on(daemon, flood, honest):
    """Lines are lost, even the master's own, but the master goes on working."""
    clients = honest()
    clients.wait_for(20)
    clients.stop()
    old = daemon.workers[1]
    begin = time.monotonic()
    os.kill(old, signal.SIGTERM)
    wait_until(lambda: old not in daemon.workers, "worker 1 is replaced")
    assert time.monotonic() - begin < 5 * SCALE + noise()


# As log_quota.h has it.
LOG_BURST = 512 * 1024
LOG_BYTES_A_SECOND = 8 * 1024


def test_a_flood_of_lines_fills_no_disk(daemon, flood):
    """What is logged of a child is bounded, by the number of its bytes."""
    begin = time.monotonic()

    def losses() -> int:
        lines = [line for line in daemon.log if line.process == "worker 0"]
        return sum("log lines dropped" in line.words for line in lines)

    wait_until(lambda: losses() >= 2, "lines of the flood are dropped")
    logged = sum(
        len(line.text) + 1
        for line in daemon.log
        if line.process == "worker 0"
    )
    seconds = time.monotonic() - begin + 1
    assert logged < LOG_BURST + LOG_BYTES_A_SECOND * seconds + 64 * 1024


def test_in_a_flood_of_lines_a_stop_is_no_later(daemon, flood):
    begin = time.monotonic()
    daemon.terminate()
    assert daemon.process.wait(PATIENCE) == 0
    assert time.monotonic() - begin < 6 * SCALE + noise()


@pytest.mark.parametrize("byte", [0xFF, 0x7F, 0x01])
def test_counters_may_hold_anything(daemon, faults, open_tunnel, byte):
    """The master only adds the counters up. It goes on serving, also when the
    guilty worker drains or dies, and the successor has all of its worker limit."""
    doomed = open_tunnel_of(daemon, open_tunnel, 0)
    liar = daemon.workers[0]
    with faults.given("recv", Deed.SCRIBBLE, byte, process=LIAR):
        doomed.send(b"now")
        wait_until(lambda: faults.met("recv") == 1, "the counters are wrong")
    daemon.totals(are_true=False)
    os.kill(liar, signal.SIGTERM)
    # The liar has the name of a worker until it drains.
    wait_until(
        lambda: len(daemon.workers) == 2 and liar not in daemon.workers,
        "worker 0 is there again",
    )
    with daemon.alone(daemon.workers[0]):
        open_tunnel()
    daemon.totals(are_true=False)


def test_counters_of_a_retired_worker_take_no_capacity(
    handyproxy, faults, proxy, configuration, open_tunnel
):
    """The retired worker reports more tunnels than its limit ever was."""
    lines = [f"upstream-proxy {join(proxy.address)}", "max-connections 8"]
    file = configuration(*lines, "workers 4")
    daemon = handyproxy(
        "-config", file, upstream="", workers=4, preload=faults.library
    )
    doomed = open_tunnel_of(daemon, open_tunnel, 3)
    configuration(*lines, "workers 1")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(lambda: len(children_of(daemon.pid)) == 2, "one drains")
    with faults.given("recv", Deed.SCRIBBLE, 0xFF, process="handyproxy:d3"):
        doomed.send(b"now")
        wait_until(lambda: faults.met("recv") == 1, "the counters are wrong")
    daemon.totals(are_true=False)  # the master has looked at them
    for _ in range(4):
        open_tunnel()


def test_counters_that_change_all_the_time_keep_no_worker_awake(
    handyproxy, faults, open_tunnel
):
    """A worker that drains leaves its successor more or fewer connections, and
    has the master look at that as often as it can."""
    daemon = handyproxy(
        "-drain-timeout", "1h", workers=1, preload=faults.library
    )
    doomed = open_tunnel()
    liar = daemon.workers[0]
    os.kill(liar, signal.SIGTERM)
    wait_until(
        lambda: daemon.workers not in ([], [liar]), "it has a successor"
    )
    faults.payload = message(Kind.FULL, 0)
    begin = time.monotonic()
    with (
        faults.given("recv", Deed.FLICKER, PIPE, process="handyproxy:d0"),
        faults.counted("read", WORKERS) as reads,
    ):
        doomed.send(b"now")
        wait_until(lambda: faults.met("recv") == 1, "the flood")
        time.sleep(1)
        count = reads()
    assert 1 < count < 20 * (time.monotonic() - begin + 1)


def client_table_of(pid: int) -> tuple[int, int]:
    """Where the table of its clients is that it may write."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        place, access, *_ = line.split()
        if "/memfd:clients" in line and access == "rw-s":
            begin, end = (int(word, 16) for word in place.split("-"))
            return begin, end
    raise AssertionError("it has no table")


@pytest.mark.parametrize("byte", [b"\1", b"\xff"], ids=["clients", "silent"])
def test_a_worker_that_counts_too_many_clients_is_killed(
    byte, daemon, open_tunnel
):
    """The other workers would refuse those clients, or connections of this host
    to those destinations, of which the keys begin with 0xff."""
    liar, honest = daemon.workers
    begin, end = client_table_of(liar)
    with open(f"/proc/{liar}/mem", "r+b", buffering=0) as memory:
        memory.seek(begin)
        memory.write(byte * (end - begin))
    daemon.wait_for_log(f"error master: worker . wrote .* pid={liar}")
    wait_until(
        lambda: liar not in daemon.workers and len(daemon.workers) == 2,
        "it is replaced",
    )
    with daemon.alone(honest):
        open_tunnel()


def test_a_worker_that_drains_cannot_have_its_successor_killed(
    handyproxy, open_tunnel
):
    """A table of clients belongs to one process until that has died."""
    daemon = handyproxy("-drain-timeout", "1m")
    liar, honest = daemon.workers
    with daemon.alone(liar):
        open_tunnel()
    os.kill(liar, signal.SIGTERM)
    wait_until(
        lambda: len(daemon.workers) == 2 and liar not in daemon.workers,
        "it has a successor",
    )
    successor = daemon.workers[0]
    begin, end = client_table_of(liar)
    with open(f"/proc/{liar}/mem", "r+b", buffering=0) as memory:
        memory.seek(begin)
        memory.write(b"\1" * (end - begin))
    daemon.wait_for_log(f"error master: worker . wrote .* pid={liar}")
    daemon.wait_for_log(f"worker 0 died of signal 9 .* pid={liar}$")
    assert daemon.workers == [successor, honest]


def memory_of(pid: int, key: str) -> int:
    """In bytes: proc(5)."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return 1024 * int(
            next(line for line in file if line.startswith(key)).split()[1]
        )


def data_of(pid: int) -> int:
    """The bytes of memory that it could fill."""
    return memory_of(pid, "VmData")


def data_limit_of(pid: int) -> int:
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        return int(
            next(line for line in file if "data size" in line).split()[3]
        )


@pytest.mark.skipif(HAS_SANITIZER, reason="A sanitizer maps terabytes")
@pytest.mark.parametrize("name", ["worker", "resolver"])
def test_a_child_fills_no_more_than_its_part_of_the_memory(
    name, lab, handyproxy, faults, proxy, open_tunnel
):
    """In MiB: 16 for a worker, and one for each 16 connections; 32 for the
    resolver. It asks for 1,024."""
    lab.set_hosts({"proxy.test": [proxy.address[0]]})
    daemon = handyproxy(
        "-max-connections", "64",
        upstream=f"proxy.test:{proxy.address[1]}", preload=faults.library,
    )
    daemon.wait_for_log("the upstream proxy.test is at")
    if name == "worker":
        pid, most = daemon.workers[0], 18 << 20
        doomed = open_tunnel_of(daemon, open_tunnel, 0)
        with faults.given("recv", Deed.TAKE_MEMORY, 1024, process=LIAR):
            doomed.send(b"now")
            wait_until(lambda: faults.met("recv") == 1, "it asks for memory")
            wait_until(lambda: data_of(pid) > most - (2 << 20), "it gets some")
    else:
        pid, most = resolver_of(daemon), 32 << 20
        faults.give("write", Deed.TAKE_MEMORY, 1024, process=RESOLVER)
        os.kill(daemon.pid, signal.SIGHUP)
        wait_until(lambda: faults.met("write") == 1, "it asks for memory")
        wait_until(lambda: data_of(pid) > most - (2 << 20), "it gets some")
    assert data_limit_of(pid) == most
    assert data_of(pid) <= most
    open_tunnel_of(daemon, open_tunnel, 1)


@pytest.mark.skipif(HAS_SANITIZER, reason="A sanitizer lets much through")
@pytest.mark.parametrize("name", ["worker", "resolver"])
def test_a_child_gets_no_memory_that_its_limit_does_not_count(
    name, lab, by_name, faults, proxy, open_tunnel
):
    """Shared memory and stacks; it asks for 1,024 MiB of each."""
    if name == "worker":
        pid = by_name.workers[0]
        doomed = open_tunnel_of(by_name, open_tunnel, 0)
        before = memory_of(pid, "VmSize")
        with faults.given("recv", Deed.TAKE_SHARED, 1024, process=LIAR):
            doomed.send(b"now")
            assert doomed.receive(3) == b"now"
        assert faults.met("recv") == 1
    else:
        pid = resolver_of(by_name)
        before = memory_of(pid, "VmSize")
        faults.give("write", Deed.TAKE_SHARED, 1024, process=RESOLVER)
        lab.set_hosts({"proxy.test": [SECOND_PROXY_ADDRESS]})
        os.kill(by_name.pid, signal.SIGHUP)
        by_name.wait_for_log(f"proxy.test is at.*{SECOND_PROXY_ADDRESS}")
        assert faults.met("write") == 1
    assert memory_of(pid, "VmSize") < before + (64 << 20)


def test_a_resolver_starts_no_more_threads(by_name):
    """They would use up the processes of its user, which the master needs."""
    with open(f"/proc/{resolver_of(by_name)}/limits", encoding="ascii") as file:
        line = next(line for line in file if "processes" in line)
    assert line.split()[2:4] == ["0", "0"]


@pytest.mark.skipif(HAS_SANITIZER, reason="A sanitizer maps terabytes")
def test_a_worker_with_more_connections_may_fill_more_memory(
    handyproxy, proxy, configuration
):
    """Its limit can be raised by a reload, which leaves it in place."""
    lines = [f"upstream-proxy {join(proxy.address)}", "workers 1"]
    file = configuration(*lines, "max-connections 16")
    daemon = handyproxy("-config", file, upstream="", workers=1)
    workers = daemon.workers
    assert data_limit_of(workers[0]) == 17 << 20
    configuration(*lines, "max-connections 160")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(
        lambda: data_limit_of(workers[0]) == 26 << 20, "its limit is raised"
    )
    assert daemon.workers == workers


def test_a_worker_that_calls_an_address_silent_moves_no_client(
    lab, handyproxy, faults, start_proxy, connect
):
    """The other worker asks the address itself, and believes the answer."""
    connections = []

    def start(name, *address):
        def behaviour(exchange):
            connections.append(name)
            hand_over(ESTABLISHED + name)(exchange)

        proxy = start_proxy(*address)
        proxy.behaviour = behaviour
        return proxy

    one = start(b"one")
    two = start(b"two", SECOND_PROXY_ADDRESS, one.address[1])
    lab.set_hosts({"proxy.test": [one.address[0], two.address[0]]})
    daemon = handyproxy(
        upstream=f"proxy.test:{one.address[1]}", preload=faults.library
    )

    def ask(number):
        with daemon.alone(daemon.workers[number]):
            return connect().receive(3)

    favourite = ask(1)
    host, port = (one if favourite == b"one" else two).address
    faults.payload = one_address(Kind.SILENT, host, port)
    with faults.given("recv", Deed.WRITE, PIPE, process=LIAR):
        other = ask(0)
    assert faults.met("recv") == 1
    wait_until(
        lambda: connections.count(favourite) == 2 + (other == favourite),
        "worker 1 asks the address itself",
    )
    assert [ask(1) for _ in range(3)] == [favourite] * 3


# --- the resolver


@pytest.fixture
def by_name(lab, handyproxy, faults, proxy):
    """A daemon whose upstream the resolver has to look up."""
    lab.set_hosts({"proxy.test": [proxy.address[0]]})
    daemon = handyproxy(
        upstream=f"proxy.test:{proxy.address[1]}", preload=faults.library
    )
    daemon.wait_for_log("the upstream proxy.test is at")
    return daemon


def resolver_of(daemon) -> int:
    found = []

    def find() -> bool:
        found[:] = [
            pid
            for pid in children_of(daemon.pid)
            if comm_of(pid) == "handyproxy:dns"
        ]
        return bool(found)

    wait_until(find, "a resolver")
    return found[0]


def replace_resolver(daemon, faults, deed: Deed, argument: int = 0) -> None:
    """The new resolver does the deed instead of its first answer, or before it."""
    faults.give("write", deed, argument, process=RESOLVER)
    os.kill(resolver_of(daemon), signal.SIGKILL)
    wait_until(lambda: faults.met("write") == 1, "its first answer")


def answer_of_resolver(daemon, faults) -> bytes:
    """The message with the addresses. Other messages are shorter."""
    faults.payload = b""
    with faults.given("write", Deed.KEEP, 16, every=1, process=RESOLVER):
        os.kill(resolver_of(daemon), signal.SIGKILL)
        wait_until(lambda: faults.payload, "its first answer")
    return faults.payload


def test_a_resolver_that_answers_nonsense_is_killed(
    by_name, faults, rng, open_tunnel
):
    """The last addresses stay in use."""
    faults.payload = b"\xff\xff" + rng.randbytes(rng.randrange(2, 4000))
    replace_resolver(by_name, faults, Deed.WRITE, PIPE)
    by_name.wait_for_log("resolver wrote what none of ours writes, killed")
    faults.withdraw("write")
    open_tunnel()
    resolver_of(by_name)
    open_tunnel()


def test_repeated_bad_answers_delay_the_next_resolver(by_name, faults):
    """A process that dies early again and again is respawned with a delay."""
    faults.payload = b"\xff" * 4096
    with faults.given("write", Deed.WRITE, PIPE, every=1, process=RESOLVER):
        os.kill(resolver_of(by_name), signal.SIGKILL)
        wait_until(lambda: len(lies_of_resolver(by_name)) >= 4, "four lies")
    lies = lies_of_resolver(by_name)[:4]
    pids = {line.text.rpartition("pid=")[2] for line in lies}
    assert len(pids) == 4, "each is told of once"
    at = [
        datetime.fromisoformat(line.text.split()[0].rstrip("Z"))
        for line in lies
    ]
    # No delay before the first and second successor; then 1 s, then 2 s.
    assert at[2] - at[1] >= timedelta(seconds=0.9)
    assert at[3] - at[2] >= timedelta(seconds=1.9)


def lies_of_resolver(daemon) -> list:
    return [
        line
        for line in daemon.log
        if "resolver wrote what none of ours writes" in line.words
    ]


def test_answers_changed_at_random_do_no_harm(
    by_name, faults, rng, open_tunnel
):
    """Some answers are refused, some are addresses without a proxy. The next
    resolver sends the right addresses again."""
    changed = bytearray(answer_of_resolver(by_name, faults))
    for _ in range(rng.randrange(1, 8)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    faults.payload = bytes(changed)
    replace_resolver(by_name, faults, Deed.WRITE, PIPE)
    open_tunnel()


def test_in_a_flood_of_answers_the_others_go_on(
    lab, by_name, faults, proxy, honest
):
    """The resolver sends two addresses in turn, as fast as it can; an honest
    proxy is at both."""
    with lab.upstream:
        second = Upstream((SECOND_PROXY_ADDRESS, proxy.address[1]))
    second.hosts = proxy.hosts
    answer = answer_of_resolver(by_name, faults)
    first_ip = socket.inet_aton(proxy.address[0])
    assert answer.count(first_ip) == 1
    other = answer.replace(first_ip, socket.inet_aton(SECOND_PROXY_ADDRESS))
    faults.payload = answer + other
    faults.give("write", Deed.FLOOD, PIPE, process=RESOLVER)
    os.kill(resolver_of(by_name), signal.SIGKILL)
    wait_until(lambda: faults.met("write") == 1, "the flood")
    clients = honest()
    clients.wait_for(20)
    by_name.totals()
    faults.withdraw("write")
    clients.stop()
    second.stop()
    assert not second.bad_requests


# --- the status process


@pytest.fixture
def ask_status(lab):
    """ask_status(PORT): a request to the status process, which may not answer."""
    asked = []

    def ask(port: int) -> None:
        with lab.router:
            asked.append(socket.create_connection(("127.0.0.1", port)))
        asked[-1].sendall(b"GET / HTTP/1.0\r\n\r\n")

    yield ask
    for client in asked:
        client.close()


def test_in_a_flood_of_requests_for_lists_workers_are_seldom_asked(
    lab, handyproxy, faults, proxy, ask_status, open_tunnel
):
    """No worker is kept awake by it, and none misses another message."""
    lab.set_hosts({"proxy.test": [proxy.address[0]]})
    port = lab.router.free_port()
    daemon = handyproxy(
        "-status-address", f"127.0.0.1:{port}",
        upstream=f"proxy.test:{proxy.address[1]}", preload=faults.library,
    )
    with lab.upstream:
        second = Upstream((SECOND_PROXY_ADDRESS, proxy.address[1]))
    second.hosts = proxy.hosts
    serve, served = second.behaviour, []
    second.behaviour = lambda exchange: served.append(1) or serve(exchange)
    daemon.wait_for_log("the upstream proxy.test is at")
    faults.payload = b"".join(list_request(n + 1) for n in range(200))
    with faults.given("recv", Deed.FLOOD, PIPE, process=STATUS):
        ask_status(port)
        wait_until(lambda: faults.met("recv") == 1, "the flood")
        begin = time.monotonic()
        with faults.counted("read", WORKERS) as reads:
            time.sleep(1)
            count = reads()
        seconds = time.monotonic() - begin
        assert count < 20 * (seconds + 1)
        lab.set_hosts({"proxy.test": [SECOND_PROXY_ADDRESS]})
        os.kill(daemon.pid, signal.SIGHUP)
        daemon.wait_for_log(f"proxy.test is at.*{SECOND_PROXY_ADDRESS}")
        for number, pid in enumerate(daemon.workers):
            with daemon.alone(pid):
                wait_until(
                    lambda known=number: open_tunnel() and len(served) > known,
                    "the worker uses the new address",
                )
    second.stop()
