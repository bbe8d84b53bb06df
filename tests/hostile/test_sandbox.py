# SPDX-License-Identifier: MIT
"""The sandbox in the whole program. A call that no worker ever makes kills the
worker that makes it, and nothing else."""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import struct
import tempfile
from pathlib import Path

import pytest

from children import FORBIDDEN, HAS_SANITIZER, SHARED
from faults import RESOLVER, Deed
from honest import Upstream, command
from lab import PROXY_ADDRESS
from peer import FIN, RESET, connect as connect_peer, join
from waiting import wait_until

@pytest.fixture(params=FORBIDDEN, ids=lambda deed: deed.name.lower())
def deed(request) -> Deed:
    return request.param


def open_tunnel(lab, origin):
    """Opens a tunnel through the running worker."""
    with lab.client:
        client = connect_peer(origin)
    client.send(command("echo", 0, 0) + b"here")
    assert client.receive(4) == b"here"
    return client


def test_a_forbidden_call_kills_its_worker_alone(
    lab, handyproxy, faults, origin, deed
):
    daemon = handyproxy(workers=2, preload=faults.library)
    guilty, other = daemon.workers
    with daemon.alone(guilty):
        doomed = open_tunnel(lab, origin)
    with daemon.alone(other):
        bystander = open_tunnel(lab, origin)
    with faults.given("recv", deed, process="handyproxy:w0"):
        doomed.send(b"now")
        assert doomed.end() == RESET
    line = daemon.wait_for_log("worker 0 was killed by its sandbox")
    assert line.level == "error" and "1 connections lost" in line.words
    assert "-sandbox off" not in line.text
    bystander.send(b"unharmed")
    assert bystander.receive(8) == b"unharmed"
    wait_until(
        lambda: len(set(daemon.workers) - {guilty}) == 2,
        "worker 0 is there again",
    )
    assert daemon.workers[1] == other
    with daemon.alone(daemon.workers[0]):
        open_tunnel(lab, origin).close()
    bystander.finish()
    assert bystander.end() == FIN


def test_before_the_first_accept_the_log_names_the_remedy(
    lab, handyproxy, faults, origin, deed
):
    """A libc whose calls the filter does not know causes an outage, so the log
    must name the remedy. The client is served by the next worker."""
    daemon = handyproxy(workers=1, preload=faults.library)
    with faults.given("accept4", deed):
        open_tunnel(lab, origin).close()
        line = daemon.wait_for_log("worker 0 was killed by its sandbox")
    assert "-sandbox off" in line.text


def test_without_the_sandbox_the_same_call_harms_nobody(
    lab, handyproxy, faults, origin, deed
):
    """This shows that the sandbox kills in the tests above."""
    daemon = handyproxy("-sandbox", "off", workers=1, preload=faults.library)
    workers = daemon.workers
    client = open_tunnel(lab, origin)
    with faults.given("recv", deed):
        client.send(b"now")
        assert client.receive(3) == b"now"
    assert faults.met("recv") == 1
    assert daemon.workers == workers


@pytest.mark.parametrize(
    "deed", SHARED, ids=lambda deed: deed.name.lower()
)
def test_a_worker_cannot_change_the_listener_of_all(
    lab, handyproxy, faults, origin, deed
):
    """It is killed before it has changed anything."""
    daemon = handyproxy(workers=2, preload=faults.library)
    guilty, other = daemon.workers
    with daemon.alone(other):
        bystander = open_tunnel(lab, origin)
    with faults.given("accept4", deed, process="handyproxy:w0"):
        with daemon.alone(guilty):
            open_tunnel(lab, origin).close()
        daemon.wait_for_log("worker 0 was killed by its sandbox")
    bystander.send(b"unharmed")
    assert bystander.receive(8) == b"unharmed"
    wait_until(lambda: len(daemon.workers) == 2, "worker 0 is there again")
    open_tunnel(lab, origin).close()
    daemon.terminate()
    daemon.wait_for_log("stopped")
    assert "listening socket" not in daemon.log_text


@pytest.mark.parametrize(
    "deed", SHARED, ids=lambda deed: deed.name.lower()
)
def test_without_a_filter_the_master_restores_the_listener(
    lab, handyproxy, faults, origin, deed
):
    daemon = handyproxy("-sandbox", "off", workers=2, preload=faults.library)
    workers = daemon.workers
    tunnels = []
    for worker in workers:
        with daemon.alone(worker):
            tunnels.append(open_tunnel(lab, origin))
    with faults.given("recv", deed, process="handyproxy:w0"):
        tunnels[0].send(b"now")
        line = daemon.wait_for_log("a worker has changed the listening socket")
    assert line.level == "error"
    open_tunnel(lab, origin).close()
    for tunnel in tunnels:
        tunnel.send(b"unharmed")
    assert tunnels[1].receive(8) == b"unharmed"
    assert tunnels[0].receive(11) == b"nowunharmed"
    assert daemon.workers == workers


def test_without_a_filter_who_changes_the_listener_again_is_killed(
    lab, handyproxy, faults, origin
):
    """The master cannot see which worker it is."""
    daemon = handyproxy("-sandbox", "off", workers=2, preload=faults.library)
    workers = set(daemon.workers)

    def are_killed():
        with lab.client, contextlib.suppress(OSError):
            connect_peer(origin).reset()
        return "all workers are killed" in daemon.log_text

    with faults.given(
        "accept4", Deed.UNLISTEN, every=1, process="handyproxy:w0"
    ):
        wait_until(are_killed, "the master has lost its patience")
    wait_until(
        lambda: len(set(daemon.workers) - workers) == 2, "two others serve"
    )
    wait_until(lambda: opens_tunnel(lab, origin), "the listener listens again")


def opens_tunnel(lab, origin) -> bool:
    try:
        open_tunnel(lab, origin).close()
    except (AssertionError, EOFError, OSError):
        return False
    return True


def landlock_version() -> int:
    """landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION)"""
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)


@pytest.fixture
def other_server(lab, faults):
    """A server beside the upstream. Its address is the payload."""
    with lab.upstream:
        server = socket.create_server((PROXY_ADDRESS, 0))
    server.setblocking(False)
    host, port = server.getsockname()
    faults.payload = (
        struct.pack("=H", socket.AF_INET)
        + struct.pack("!H", port)
        + socket.inet_aton(host)
        + bytes(8)
    )
    with server:
        yield server


def has_client(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.skipif(
    HAS_SANITIZER or landlock_version() < 4,
    reason="Landlock knows no ports here, or is not in use",
)
@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_a_worker_connects_to_the_ports_of_upstreams_alone(
    lab, handyproxy, faults, origin, other_server, sandbox
):
    daemon = handyproxy(
        "-sandbox", sandbox, workers=1, preload=faults.library
    )
    workers = daemon.workers
    client = open_tunnel(lab, origin)
    with faults.given("recv", Deed.CONNECT):
        client.send(b"now")
        assert client.receive(3) == b"now"
    assert faults.met("recv") == 1
    assert has_client(other_server) == (sandbox == "off")
    assert daemon.workers == workers


def has_plain_name_services() -> bool:
    """As most systems: hosts are looked up in files and by DNS."""
    file = Path("/etc/nsswitch.conf")
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return all(
        line.split() == ["hosts:", "files", "dns"]
        for line in lines
        if line.startswith("hosts:")
    )


@pytest.mark.skipif(
    HAS_SANITIZER or landlock_version() < 4 or not has_plain_name_services(),
    reason="Landlock knows no ports here, or name services need others",
)
@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_the_resolver_connects_to_name_servers_alone(
    lab, handyproxy, faults, proxy, origin, other_server, sandbox
):
    lab.set_hosts({"proxy.test": [proxy.address[0]]})
    with faults.given("write", Deed.CONNECT, process=RESOLVER):
        daemon = handyproxy(
            "-sandbox", sandbox,
            upstream=f"proxy.test:{proxy.address[1]}", preload=faults.library,
        )
        daemon.wait_for_log("the upstream proxy.test is at")
    assert faults.met("write") == 1
    assert has_client(other_server) == (sandbox == "off")
    open_tunnel(lab, origin).close()


def test_a_worker_does_not_connect_by_sending(
    lab, handyproxy, faults, origin, other_server
):
    """MSG_FASTOPEN, which Landlock does not see."""
    daemon = handyproxy(workers=1, preload=faults.library)
    client = open_tunnel(lab, origin)
    with faults.given("recv", Deed.SEND_FAST):
        client.send(b"now")
        assert client.end() == RESET
    daemon.wait_for_log("worker 0 was killed by its sandbox")
    assert not has_client(other_server)


def test_a_reload_that_changes_the_port_changes_what_workers_reach(
    lab, handyproxy, origin, proxy, configuration
):
    """Workers are replaced, as a sandbox cannot be widened."""
    with lab.upstream:
        second = Upstream((PROXY_ADDRESS, 0))
    second.hosts = proxy.hosts
    lines = ["workers 1", "log-level info"]
    file = configuration(f"upstream-proxy {join(proxy.address)}", *lines)
    daemon = handyproxy("-config", file, upstream="", workers=1)
    (old,) = daemon.workers
    open_tunnel(lab, origin).close()
    configuration(f"upstream-proxy {join(second.address)}", *lines)
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(lambda: old not in daemon.workers, "the worker is replaced")
    open_tunnel(lab, origin).close()
    daemon.wait_for_closed(upstream=join(second.address))
    second.stop()


@pytest.fixture
def open_folder():
    """A folder in which every user may make files, with a file that every user
    may truncate."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o777)
    file = folder / "file"
    file.write_bytes(b"content")
    file.chmod(0o666)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("sandbox", ["on", "off"])
@pytest.mark.parametrize(
    "deed", [Deed.TRUNCATE, Deed.MAKE_FILE], ids=lambda deed: deed.name.lower()
)
def test_the_resolver_changes_no_file(
    deed, lab, handyproxy, faults, proxy, origin, open_folder, sandbox
):
    """It goes on, as a module of the name service may try such things."""
    file = open_folder / ("file" if deed is Deed.TRUNCATE else "new")
    faults.payload = str(file).encode()
    lab.set_hosts({"proxy.test": [proxy.address[0]]})
    with faults.given("write", deed, process=RESOLVER):
        daemon = handyproxy(
            "-sandbox", sandbox,
            upstream=f"proxy.test:{proxy.address[1]}", preload=faults.library,
        )
        daemon.wait_for_log("the upstream proxy.test is at")
    assert faults.met("write") == 1
    content = {each.name: each.read_bytes() for each in open_folder.iterdir()}
    if sandbox == "on":
        assert content == {"file": b"content"}
    elif deed is Deed.TRUNCATE:
        assert content == {"file": b""}
    else:
        assert content == {"file": b"content", "new": b""}
    open_tunnel(lab, origin).close()
    assert "resolver was killed" not in daemon.log_text


@pytest.mark.parametrize(
    "deed",
    [Deed.EXECUTE, Deed.FORK, Deed.LIMIT_MASTER, Deed.SIGNAL_MASTER],
    ids=lambda deed: deed.name.lower(),
)
def test_the_resolver_is_killed_for_what_it_never_does(
    deed, lab, handyproxy, faults, proxy, origin
):
    lab.set_hosts({"proxy.test": [proxy.address[0]]})
    with faults.given("write", deed, process=RESOLVER):
        daemon = handyproxy(
            upstream=f"proxy.test:{proxy.address[1]}", preload=faults.library
        )
        daemon.wait_for_log("resolver was killed by its sandbox")
    daemon.wait_for_log("the upstream proxy.test is at")
    open_tunnel(lab, origin).close()
