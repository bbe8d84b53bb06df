# SPDX-License-Identifier: MIT
"""The log as JSON: whatever peers and processes say, a line is one object."""

import json
import os
import re
import signal

import pytest

from behaviour import answer, hand_over_unanswered
from peer import FIN, RESET, join

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PROCESS = re.compile(r"master|resolver|worker \d+")
LEVELS = ["error", "warning", "notice", "info", "debug"]
NUMBERS = ["status", "sent", "received", "tried", "duration", "connect"]
NUMBERS += ["answer", "waiting", "oldest"]
STRINGS = ["client", "destination", "host", "upstream", "reason", "cause"]
STRINGS += ["result", "offers", "first_bytes"]

# Reasons of a refusal, and what an object says of each.
REASONS = {
    b"Forbidden": "Forbidden",
    b'say "no" \\ and \\xff': 'say "no" \\ and \\xff',
    b"\x01\x1b[31m\x7f\x80": "\x01\x1b[31m\x7f\N{REPLACEMENT CHARACTER}",
    "café \U0001f600\u202e\u2028".encode(): "café \U0001f600\u202e\u2028",
    b"\xed\xa0\x80\xed\xb0\x80\xc0\xaf": "\N{REPLACEMENT CHARACTER}" * 8,
    b'","level":"error","x":"': '","level":"error","x":"',
    b'x" status=200 client="y': 'x" status=200 client="y',
}


def parsed(text: str) -> dict:
    """A line, which must be what every line has to be."""
    assert len(text.encode("ascii")) < 2000
    pairs = json.loads(text, object_pairs_hook=list)
    line = dict(pairs)
    assert len(line) == len(pairs), f"a key twice: {text}"
    assert list(line)[:4] == ["time", "level", "process", "message"]
    assert TIME.fullmatch(line["time"]), text
    assert line["level"] in LEVELS, text
    assert PROCESS.fullmatch(line["process"]), text
    for key, value in line.items():
        assert key not in NUMBERS or type(value) in (int, float), text
        assert key not in STRINGS or type(value) is str, text
    return line


def wait_for(daemon, what: str, start: int = 0, **pairs: object) -> dict:
    """The first line whose message begins so, and which has these pairs."""
    found = []

    def is_it(line) -> bool:
        one = parsed(line.text)
        if one["message"].startswith(what) and pairs.items() <= one.items():
            found.append(one)
        return bool(found)

    daemon.wait_for_line(f"{what!r} with {pairs}", is_it, start)
    return found[0]


def refuse(proxy, connect, bytes_: bytes) -> str:
    """Has a client refused with this answer; returns the client's address."""
    proxy.behaviour = answer(bytes_)
    client = connect()
    address = client.address
    assert client.end() == RESET
    return address


@pytest.mark.expects_errors
def test_every_kind_of_line_is_an_object(handyproxy, proxy, connect):
    """Hostile ones, too: those of a proxy, of a client, and of a worker."""
    daemon = handyproxy(
        "-log-format", "json", "-log-level", "debug", "-sniff-timeout", "1h"
    )
    proxy.behaviour = hand_over_unanswered()
    waiting = connect()
    waiting.send(b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
    upstream = proxy.tunnel()
    for host in (b'a"b', b"\xff.test", b"x.test", b'a.test","level":"x'):
        proxy.behaviour = answer(b"HTTP/1.1 403 " + host + b"\r\n\r\n")
        client = connect()
        client.send(b"GET / HTTP/1.0\r\nHost: " + host + b"\r\n\r\n")
        assert client.end() == RESET
    wait_for(daemon, "upstream refused", host="x.test", status=403)
    worker = daemon.workers[0]
    with open(f"/proc/{worker}/fd/2", "wb", buffering=0) as stderr:
        stderr.write(b'a\x1b"\\x41 \xff\xed\xa0\x80 time=1 a=1 a=2\n')
        stderr.write(b"\xff" * 400 + b"\n" + b'"' * 400 + b"\n")
    said = 'a\x1b"\\x41 ' + "\ufffd" * 4 + " time=1 a=1 a=2"
    wait_for(daemon, "stderr: " + said, level="error")
    for sign in (signal.SIGUSR1, signal.SIGHUP):
        os.kill(daemon.pid, sign)
    assert "spliced" in wait_for(daemon, "totals of all", level="notice")
    wait_for(daemon, "configuration read again")
    slow = wait_for(daemon, "upstream is slow", upstream=join(proxy.address))
    assert slow["waiting"] == 1 and slow["oldest"] >= 10
    upstream.close()
    waiting.close()
    os.kill(worker, signal.SIGKILL)
    wait_for(daemon, "worker 0 died of signal 9", level="error", pid=worker)
    daemon.terminate()
    wait_for(daemon, "stopped")
    lines = [parsed(line.text) for line in daemon.log]
    assert {line["level"] for line in lines} == {*LEVELS}


def test_a_reason_is_what_the_proxy_sent(handyproxy, proxy, connect):
    daemon = handyproxy("-log-format", "json", workers=1)
    for reason, wanted in REASONS.items():
        head = b"HTTP/1.1 403 " + reason + b"\r\n\r\n"
        client = refuse(proxy, connect, head)
        line = wait_for(daemon, "upstream refused", client=client)
        assert line["reason"] == wanted
        assert line["status"] == 403
        assert line["level"] == "warning" and line["process"] == "worker 0"


def test_a_finished_connection_has_its_numbers(handyproxy, proxy, open_tunnel):
    daemon = handyproxy("-log-format", "json", "-log-level", "info", workers=1)
    client, upstream = open_tunnel()
    address = client.address
    client.send(b"12345")
    client.finish()
    assert upstream.receive_to_end() == (b"12345", FIN)
    upstream.send(b"1234567")
    upstream.finish()
    assert client.receive_to_end() == (b"1234567", FIN)
    line = wait_for(daemon, "connection closed", client=address)
    assert line["sent"] == 5 and line["received"] == 7
    assert line["result"] == "done"
    assert 0 <= line["connect"] <= line["duration"]
    assert 0 <= line["answer"] <= line["duration"]


def test_an_answer_that_is_no_http(handyproxy, proxy, connect):
    daemon = handyproxy("-log-format", "json", workers=1)
    client = refuse(proxy, connect, b"\x16\x03\x01\xff\"\\")
    line = wait_for(daemon, "", client=client, cause="malformed header")
    assert line["first_bytes"] == "\x16\x03\x01\N{REPLACEMENT CHARACTER}\"\\"
