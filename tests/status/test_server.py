# SPDX-License-Identifier: MIT
"""The status process answers good requests, refuses others, and whatever is
done to it costs no tunnel anything."""

import os
import resource
import signal
import time
from pathlib import Path

import pytest

from daemon import open_files, state_of
from peer import FIN
from processes import cpu_share
from repeating import Repeating
from status import get, parse, process_of
from waiting import GLANCE, SCALE, wait_until

HOSTS = ["localhost", "LOCALHOST:9090", "127.0.0.1", "192.168.1.1:80", "[::1]:9090"]
FOREIGN_HOSTS = ["evil.example", "evil.example:9090", "localhost.evil.example", "127.1"]

HEAD_MAX = 4096
CONNECTIONS_MAX = 64
SECONDS_MAX = 10


def padded(size: int) -> bytes:
    """A request whose head has this many bytes."""
    empty = len(get("/metrics", "X: "))
    return get("/metrics", "X: " + "a" * (size - empty))


REFUSED = {
    b"GET /metrics\r\n\r\n": 400,
    b"GET /metrics HTTP/1.1\r\n\r\n": 400,
    b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n": 400,
    b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n": 400,
    b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n": 400,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": 400,
    b"SSH-2.0-OpenSSH_9.2\r\n": 400,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 505,
    b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n": 505,
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n": 405,
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n": 405,
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n": 405,
    b"DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n": 405,
    padded(HEAD_MAX + 1): 431,
    b"a" * 100_000: 431,
    get("/" + "a" * 5000): 431,
    get("/metric"): 404,
    get("/metrics/"): 404,
    get("//"): 404,
    get("/../etc/passwd"): 404,
    get("/%2e"): 404,
    **{get("/metrics", host=host): 403 for host in FOREIGN_HOSTS},
    b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n": 403,
}


def check_headers(answer) -> None:
    assert answer.headers["Connection"] == "close"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert int(answer.headers["Content-Length"]) == len(answer.body)


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_requests_get_their_answers(serve, status):
    daemon = serve()
    pid = process_of(daemon)
    for request, code in REFUSED.items():
        answer = status.ask(request)
        assert (answer.status, answer.end) == (code, FIN), request[:80]
        check_headers(answer)
        assert ("Allow" in answer.headers) == (code == 405)
        if code == 405:
            assert answer.headers["Allow"] == "GET, HEAD"
    for host in HOSTS:
        answer = status.ask(get("/metrics", host=host))
        assert answer.status == 200, host
        check_headers(answer)
        assert b"handyproxy_build_info" in answer.body
    assert status.ask(b"GET /metrics HTTP/1.0\r\n\r\n").status == 200
    assert status.ask(padded(HEAD_MAX)).status == 200
    assert process_of(daemon) == pid
    daemon.assert_no_error()


def test_a_head_has_no_body(serve, status):
    serve()
    for path, code in {"/": 200, "/metrics": 200, "/none": 404}.items():
        head = status.ask(get(path).replace(b"GET", b"HEAD"))
        body = status.ask(get(path))
        assert (head.status, body.status) == (code, code)
        assert head.body == b"" and body.body != b""
        assert set(head.headers) == set(body.headers)
        assert head.headers["Content-Type"] == body.headers["Content-Type"]
        assert int(head.headers["Content-Length"]) > 0


def test_browsers_get_html_others_text(serve, status):
    serve()
    html = status.get("/", "Accept: text/html,*/*;q=0.8")
    assert html.headers["Content-Type"] == "text/html; charset=utf-8"
    assert html.body.lower().startswith(b"<!doctype html>")
    for fields in [], ["Accept: */*"], ["Accept: text/plain"]:
        text = status.get("/", *fields)
        assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert b"<" not in text.body


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_a_head_may_come_in_any_two_parts(serve, status):
    serve()
    request = get("/metrics", "Accept: */*")
    for split in range(1, len(request)):
        with status.connect() as peer:
            peer.send(request[:split])
            peer.send(request[split:])
            assert parse(*peer.receive_to_end()).status == 200, split


def test_a_head_may_come_byte_by_byte(serve, status):
    serve()
    with status.connect() as peer:
        for byte in get("/metrics"):
            peer.send(bytes([byte]))
            time.sleep(0.001)
        assert parse(*peer.receive_to_end()).status == 200


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_bytes_behind_the_request_do_not_cost_the_answer(serve, status):
    """Unread bytes would make the kernel send a RST, perhaps before the answer
    is read."""
    serve()
    for request in get("/metrics"), get("/none"), b"POST / HTTP/1.1\r\n":
        with status.connect() as peer:
            peer.send(request + b"x" * 300_000)
            answer = parse(*peer.receive_to_end())
            assert answer.end == FIN
            assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_65_connections(serve, status):
    """There are 64 places. Where all are taken, the oldest gives way once it is
    a second old; the others have 10 seconds."""
    serve()
    begin = time.monotonic()
    held = [status.connect() for _ in range(CONNECTIONS_MAX)]
    assert status.get("/metrics")
    assert held[0].receive_to_end()[0] == b""
    # The one that asked has left its place again.
    assert all(peer.stays_silent() for peer in held[1:3] + held[-2:])
    assert time.monotonic() - begin < SECONDS_MAX * SCALE
    for peer in held[1:]:
        assert peer.receive_to_end()[0] == b""
    assert time.monotonic() - begin >= SECONDS_MAX - 1
    for peer in held:
        peer.close()
    assert status.get("/metrics")


def test_65_connections_without_a_descriptor_for_the_last(serve, status):
    """It waits until there is a descriptor; the process sleeps meanwhile."""
    daemon = serve("-user", "root")  # may be limited by us
    pid = process_of(daemon)
    held = [status.connect() for _ in range(CONNECTIONS_MAX)]
    wait_until(lambda: len(open_files(pid)) == 7 + CONNECTIONS_MAX, "all are there")
    most = 1 + max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, before[1]))
    last = status.connect()
    time.sleep(1)  # as long as the oldest keeps its place for certain
    assert cpu_share([pid], 1) < 0.1
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    last.send(get("/metrics"))
    assert parse(*last.receive_to_end()).status == 200
    for peer in held:
        peer.close()


def test_a_reader_that_does_not_read_keeps_nobody(serve, status):
    daemon = serve()
    pid = process_of(daemon)
    slow = [status.connect(receive_buffer=1) for _ in range(CONNECTIONS_MAX - 1)]
    for peer in slow:
        peer.send(get("/metrics"))
    for _ in range(20):
        assert status.get("/metrics")
    assert process_of(daemon) == pid
    for peer in slow:
        peer.close()


# --- the process


def voluntary_switches(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("voluntary_ctxt_switches:")[1].split()[0])


def test_it_sleeps_while_nobody_asks(serve, status):
    daemon = serve()
    pid = process_of(daemon)
    wait_until(lambda: state_of(pid) == "S", "it sleeps")
    time.sleep(2 * GLANCE)
    before = voluntary_switches(pid)
    time.sleep(2)
    assert voluntary_switches(pid) - before <= 2


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_it_has_nothing_but_its_own(serve, status):
    """Standard input, output and error, two pipes, its listener and epoll; and
    the workers have none of its sockets."""
    daemon = serve()
    pid = process_of(daemon)
    wait_until(lambda: len(open_files(pid)) == 7, "the last client is gone")
    sockets = {file for file in open_files(pid) if file.startswith("socket")}
    assert len(sockets) == 1
    for worker in daemon.workers:
        assert not sockets & set(open_files(worker))


@pytest.mark.parametrize("kind", ["unix", "tcp"])
@pytest.mark.expects_errors
def test_it_is_replaced_like_a_worker(serve, status):
    daemon = serve()
    first = process_of(daemon)
    before = status.metrics()["handyproxy_start_time_seconds"]
    for number in signal.SIGKILL, signal.SIGTERM, signal.SIGABRT:
        pid = process_of(daemon)
        os.kill(pid, number)
        wait_until(lambda: state_of(pid) in "XZ", "it is dead")
        # Who comes meanwhile waits in the queue of the socket.
        assert status.metrics()["handyproxy_start_time_seconds"] == before
        assert process_of(daemon) != pid
    assert daemon.log_text.count("error master: status died of signal") == 3
    assert process_of(daemon) != first


def test_other_signals_do_nothing(serve, status):
    daemon = serve()
    pid = process_of(daemon)
    for number in signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGPIPE:
        os.kill(pid, number)
        assert status.get("/metrics")
    assert process_of(daemon) == pid


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_a_reload_costs_no_answer(serve, status, configuration):
    """The new process serves before the old one stops, which ends with its last
    answer."""
    path = configuration("idle-timeout 1h")
    daemon = serve("-config", path)
    with Repeating(lambda: status.get("/metrics")) as asking:
        for hours in range(2, 5):
            before = process_of(daemon)
            late = status.connect()
            late.send(b"GET /metrics HTTP/1.1\r\n")
            assert late.stays_silent()  # it is accepted
            configuration(f"idle-timeout {hours}h")
            os.kill(daemon.pid, signal.SIGHUP)
            wait_until(lambda: process_of(daemon) != before, "another one runs")
            late.send(b"Host: localhost\r\n\r\n")
            assert parse(*late.receive_to_end()).status == 200
            late.close()
            wait_until(lambda: state_of(before) in "XZ", "the old one ends")
    assert asking.count > 0


def test_it_does_not_outlive_the_master(mortal, status):
    daemon = mortal("-status-address", status.option)
    pid = process_of(daemon)
    os.kill(daemon.pid, signal.SIGKILL)
    wait_until(lambda: state_of(pid) in "XZ", "it ends")


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_a_stop_ends_it_at_once(serve, status, open_tunnel):
    """A successor can have the address while tunnels drain."""
    daemon = serve("-drain-timeout", "1h")
    pid = process_of(daemon)
    held = status.connect()
    client, upstream = open_tunnel()
    daemon.terminate()
    wait_until(lambda: state_of(pid) in "XZ", "it ends")
    with pytest.raises(OSError):
        status.connect()
    assert held.receive_to_end()[0] == b""
    held.close()
    client.send(b"still here")
    assert upstream.receive(10) == b"still here"
    client.reset()


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_it_works_within_a_chroot(sandbox, serve, status, folder):
    empty = folder / "empty"
    empty.mkdir()
    daemon = serve("-chroot", str(empty), "-sandbox", sandbox)
    assert os.readlink(f"/proc/{process_of(daemon)}/root") == str(empty)
    assert status.get("/")
    daemon.assert_no_error()
