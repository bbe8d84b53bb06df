# SPDX-License-Identifier: MIT
"""The log's lines about connections."""

import re
import time

import pytest

from behaviour import answer, hand_over, hand_over_unanswered
from modes import every_family
from lab import PROXY_ADDRESS
from peer import FIN, RESET, join
from waiting import wait_until

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
    r"(error|warning|notice|info|debug) (master|resolver|worker \d+): .+"
)


def test_every_line_has_time_level_process_and_words(
    handyproxy, proxy, connect, open_tunnel
):
    daemon = handyproxy("-log-level", "debug")
    open_tunnel()[0].reset()
    proxy.behaviour = answer(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    assert connect().end() == RESET
    daemon.wait_for_warning(status=403)
    daemon.stop()
    for line in daemon.log:
        assert LINE.fullmatch(line.text), line.text


@every_family
def test_a_refused_tunnel_reads_as_promised(
    addresses, handyproxy, proxy, connect
):
    daemon = handyproxy()
    proxy.behaviour = answer(b"HTTP/1.1 403 No such luck\r\n\r\n")
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_warning(status=403)
    assert re.fullmatch(r"worker \d+", line.process)
    assert re.search(
        f" client={re.escape(client.address)}"
        f" destination={re.escape(join((addresses.origin, 443)))}"
        f" upstream={re.escape(join(proxy.address))}"
        ' status=403 reason="No such luck"$',
        line.text,
    )


@every_family
def test_a_finished_connection_is_counted(
    addresses, handyproxy, proxy, open_tunnel
):
    daemon = handyproxy("-log-level", "info")
    client, upstream = open_tunnel()
    address = client.address
    client.send(b"12345")
    client.finish()
    assert upstream.receive_to_end() == (b"12345", "fin")
    upstream.send(b"1234567")
    upstream.finish()
    assert client.receive_to_end() == (b"1234567", "fin")
    line = daemon.wait_for_closed(client=address)
    assert line.has(
        destination=join((addresses.origin, 443)),
        upstream=join(proxy.address), sent=5, received=7, result="done",
    )
    assert re.fullmatch(r"\d+(\.\d+)?", line["duration"])


@pytest.mark.parametrize("family", ["ipv6"])
def test_a_link_local_client_has_its_interface(
    lab, addresses, handyproxy, proxy, connect
):
    """In a worker that drains, too."""
    daemon = handyproxy(
        "-log-level", "info", "-drain-timeout", "1h", workers=1
    )
    proxy.behaviour = hand_over()
    source = lab.client.link_local("router")
    client = connect(source=f"{source}%router")
    name = f"[{source}%client]:{client.socket.getsockname()[1]}"
    upstream = proxy.tunnel()
    daemon.terminate()
    wait_until(lambda: not daemon.workers, "the worker drains")
    client.finish()
    assert upstream.end() == FIN
    upstream.finish()
    assert client.end() == FIN
    daemon.wait_for_closed(
        client=name, destination=join((addresses.origin, 443)), result="done"
    )


def test_finished_connections_are_not_logged_at_notice(handyproxy, open_tunnel):
    daemon = handyproxy()
    client, upstream = open_tunnel()
    client.reset()
    assert upstream.end() == RESET
    daemon.stop()
    assert "connection closed" not in daemon.log_text


def test_a_failed_connection_is_closed_with_an_error(
    handyproxy, proxy, connect
):
    daemon = handyproxy("-log-level", "info")
    proxy.behaviour = answer(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_closed(client=client.address)
    assert line.has(result="error", sent=0, received=0)


def test_bytes_of_a_peer_are_escaped(handyproxy, proxy, connect):
    """The reason contains a line end and a key=value pair."""
    daemon = handyproxy()
    proxy.behaviour = answer(
        b'HTTP/1.1 403 \x1b[31mred\x07 \xe4\xff " status=200 \\\r\n\r\n'
    )
    assert connect().end() == RESET
    line = daemon.wait_for_warning(status=403)
    assert line.text.isascii() and line.text.isprintable()
    assert line.has(upstream=join(proxy.address))


def test_a_line_is_short_whatever_a_peer_sends(handyproxy, proxy, connect):
    daemon = handyproxy()
    proxy.behaviour = answer(b"HTTP/1.1 403 " + b"\xff" * 16000 + b"\r\n\r\n")
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_log("warning worker .* status=403 ")
    assert len(line.text) < 2000
    assert line.has(client=client.address)


def test_warnings_come_in_bursts_of_ten_and_then_are_counted(
    handyproxy, proxy, connect
):
    """There are 30 failures. At most ten lines come at once, then at most one a
    second. The lines say how many were left out, so that the numbers add up."""
    daemon = handyproxy(workers=1)
    proxy.stop()
    began = time.monotonic()
    with daemon.still(*daemon.workers):
        clients = [connect() for _ in range(30)]
    for client in clients:
        assert client.end() == RESET

    def told() -> int:
        refused = [line for line in daemon.log if line.level == "warning"]
        return sum(
            left_out(line) + bool("client" in line.values) for line in refused
        )

    wait_until(lambda: told() == 30, "all 30 are told of")
    lines = daemon.warnings()
    assert 10 <= len(lines) <= 12 + (time.monotonic() - began)
    assert any(left_out(line) > 1 for line in lines)


def left_out(line) -> int:
    match = re.search(r"(\d+) .*left out", line.words)
    return int(match[1]) if match else 0


def test_the_limit_of_warnings_is_per_kind(handyproxy, proxy, connect):
    """Twenty warnings of one kind do not suppress the first warning of another kind."""
    daemon = handyproxy(workers=1)
    proxy.behaviour = answer(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    for _ in range(20):
        assert connect().end() == RESET
    proxy.behaviour = answer(b"nonsense\r\n\r\n")
    client = connect()
    assert client.end() == RESET
    daemon.wait_for_warning(client=client.address)


def test_warnings_resume_once_it_is_quiet(handyproxy, proxy, connect):
    daemon = handyproxy(workers=1)
    proxy.stop()
    for client in [connect() for _ in range(40)]:
        assert client.end() == RESET
    wait_until(
        lambda: any(map(left_out, daemon.log)), "what was left out is told"
    )
    # The quiet time itself is tested here: each second allows one more line.
    time.sleep(1.5)
    client = connect()
    assert client.end() == RESET
    daemon.wait_for_warning(client=client.address)


def test_a_finished_connection_has_its_times(handyproxy, proxy, connect):
    """How long the dial and the answer took: the answer comes when the test
    lets it."""
    daemon = handyproxy("-log-level", "info", workers=1)
    proxy.behaviour = hand_over_unanswered()
    client = connect()
    upstream = proxy.tunnel()
    began = time.monotonic()
    time.sleep(0.3)
    waited = time.monotonic() - began - 0.002  # times are whole milliseconds
    upstream.send(b"HTTP/1.1 200 OK\r\n\r\n")
    upstream.finish()
    assert client.end() == FIN
    client.finish()
    line = daemon.wait_for_closed(client=client.address, result="done")
    assert 0 <= float(line["connect"])
    assert waited <= float(line["answer"]) <= float(line["duration"])


def test_times_that_did_not_happen_are_left_out(handyproxy, proxy, connect):
    daemon = handyproxy("-log-level", "info", workers=1)
    proxy.behaviour = answer(b"HTTP/1.1 403 No\r\n\r\n")
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_closed(client=client.address)
    assert line.has(result="error") and "answer" in line.values
    proxy.stop()
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_closed(client=client.address)
    assert "connect" not in line.values and "answer" not in line.values


def test_debug_has_a_line_for_each_state(handyproxy, open_tunnel):
    daemon = handyproxy(
        "-log-level", "debug", "-sniff-timeout", "10ms", workers=1
    )
    client, _ = open_tunnel()
    address = client.address
    client.reset()
    daemon.wait_for_closed(client=address)
    words = [
        line.words
        for line in daemon.log
        if line.level == "debug" and (line.values or {}).get("client") == address
    ]
    assert words == [
        "connection is sniffing",
        "connection is routing",
        "connection is dialling",
        "connection is sending a request",
        "connection is waiting for the answer",
        "connection is tunnelling",
    ]


@pytest.mark.parametrize(
    "bytes_, logged",
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_"),
        (b"\x16\x03\x01\xff", r"\x16\x03\x01\xff"),
    ],
    ids=["ssh", "tls"],
)
def test_an_answer_that_is_no_http_is_quoted(
    handyproxy, proxy, connect, bytes_, logged
):
    daemon = handyproxy(workers=1)
    proxy.behaviour = answer(bytes_)
    assert connect().end() == RESET
    line = daemon.wait_for_warning(cause="malformed header")
    assert line["first_bytes"] == logged


def test_a_header_of_http_is_not_quoted(handyproxy, proxy, connect):
    daemon = handyproxy(workers=1)
    proxy.behaviour = answer(b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n")
    assert connect().end() == RESET
    line = daemon.wait_for_warning(cause="malformed header")
    assert "first_bytes" not in line.values


def test_an_upstream_that_is_slow_to_answer(handyproxy, proxy, connect):
    """The master says so while requests wait, and when they do not any more."""
    daemon = handyproxy(workers=2)
    start = len(daemon.log)
    proxy.behaviour = hand_over_unanswered()
    clients = [connect() for _ in range(3)]
    upstreams = [proxy.tunnel() for _ in clients]
    slow = daemon.wait_for_log("warning master: upstream is slow to answer", start)
    assert slow.has(upstream=join(proxy.address), waiting=3)
    assert 10 <= int(slow["oldest"].removesuffix("s"))
    for upstream in upstreams:
        upstream.send(b"HTTP/1.1 200 OK\r\n\r\n")
    again = daemon.wait_for_log("notice master: upstream answers again", start)
    assert again.has(upstream=join(proxy.address))
    assert daemon.log[start:] == [slow, again]


def test_an_upstream_that_takes_no_connection(lab, handyproxy, connect, proxy):
    """Clients that give up one after the other never wait for long, and all of
    them wait for the same."""
    daemon = handyproxy(workers=1)
    start = len(daemon.log)
    with lab.black_hole(PROXY_ADDRESS):
        clients = [connect(), connect()]

        def one_gives_up() -> bool:
            clients.pop(0).reset()
            clients.append(connect())
            time.sleep(1)
            return bool(daemon.log[start:])

        wait_until(one_gives_up, "a warning")
        slow = daemon.wait_for_log(
            "warning master: upstream is slow to answer", start
        )
        assert slow.has(upstream=join(proxy.address))
        assert 1 <= int(slow["waiting"]) <= 3
        assert 10 <= int(slow["oldest"].removesuffix("s"))
    proxy.behaviour = hand_over()
    proxy.tunnel()
    daemon.wait_for_log("notice master: upstream answers again", start)
