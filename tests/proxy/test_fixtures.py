# SPDX-License-Identifier: MIT
"""Tests of the fixtures themselves, where a mistake would hide the daemon's
mistakes."""

import signal
import subprocess
import sys

import pytest

from conftest import FIXTURES
from daemon import parse_line
from lab import ORIGIN_ADDRESS
from origin import answer_after_fin, echo
from peer import FIN, RESET, connect, pattern_bytes
from waiting import PATIENCE, wait_until


def test_a_line_of_the_log_is_taken_apart():
    line = parse_line(
        "2026-11-23T06:01:55.123Z warning worker 1: upstream refused the "
        "tunnel client=10.0.0.5:51234 upstream=[fd00::2]:3128 status=403 "
        'reason="a=b \\" c"'
    )
    assert (line.level, line.process) == ("warning", "worker 1")
    assert line.words == "upstream refused the tunnel"
    assert line.values == {
        "client": "10.0.0.5:51234",
        "upstream": "[fd00::2]:3128",
        "status": "403",
        "reason": 'a=b \\" c',
    }


def test_what_is_no_line_of_the_log_is_kept_as_it_is():
    assert parse_line("==12==ERROR: AddressSanitizer").level == ""


def test_the_pattern_depends_on_its_seed_and_place():
    data = pattern_bytes(300_000, seed=1)
    assert len(data) == 300_000
    assert data != pattern_bytes(300_000, seed=2)
    assert data[:65536] != data[65536:131072]


@pytest.fixture
def proxy_program(lab, tmp_path):
    """The fixture proxy as a program of its own, in the upstream's network."""
    port_file = tmp_path / "port"
    with lab.upstream:
        process = subprocess.Popen(
            [sys.executable, FIXTURES / "connect_proxy.py", "--log",
             "--listen", f"{ORIGIN_ADDRESS}:0", "--port-file", port_file],
            stderr=subprocess.PIPE, text=True,
        )
    wait_until(port_file.exists, "it has written its port")
    yield process, (ORIGIN_ADDRESS, int(port_file.read_text()))
    process.kill()
    process.communicate()


def ask(lab, address, request: bytes):
    with lab.upstream:
        client = connect(address)
    client.send(request + b"\r\n\r\n")
    return client


def test_the_proxy_program_relays_and_stops(lab, proxy_program, start_origin):
    process, address = proxy_program
    origin = start_origin(answer_after_fin(b"answer"))
    with ask(lab, address, b"CONNECT %s:%d HTTP/1.1"
             % (ORIGIN_ADDRESS.encode(), origin.port)) as client:
        assert client.receive(39).startswith(b"HTTP/1.1 200 ")
        client.send(b"question")
        client.finish()
        assert client.receive_to_end() == (b"answer", FIN)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert f"CONNECT {ORIGIN_ADDRESS}:" in process.stderr.read()


def test_the_proxy_program_passes_a_reset_on(lab, proxy_program, start_origin):
    origin = start_origin(echo)
    with ask(lab, proxy_program[1], b"CONNECT %s:%d HTTP/1.1"
             % (ORIGIN_ADDRESS.encode(), origin.port)) as client:
        client.receive(39)
        client.send(b"x")
        assert client.receive(1) == b"x"
        origin.reset_all()
        assert client.end() == RESET


@pytest.mark.parametrize(
    "request_line, status",
    [
        (b"GET http://site.test/ HTTP/1.1", 405),
        (b"CONNECT site.test HTTP/1.1", 400),
        (b"CONNECT 93.184.216.34:1 HTTP/1.1", 502),
        (b"CONNECT nowhere.test:80 HTTP/1.1", 502),
    ],
)
def test_the_proxy_program_refuses(request_line, status, lab, proxy_program):
    with ask(lab, proxy_program[1], request_line) as client:
        answer, end = client.receive_to_end()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert end == FIN
