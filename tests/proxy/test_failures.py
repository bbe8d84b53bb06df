# SPDX-License-Identifier: MIT
"""The client gets a RST, and the log gives the reason."""

import pytest

from behaviour import (
    DeafListener,
    answer,
    answer_and_close,
    answer_and_reset,
    hand_over,
    stay_silent,
)
from conftest import DESTINATION
from lab import PROXY_ADDRESS, SECOND_PROXY_ADDRESS, UNREACHABLE_ADDRESS
from peer import RESET, join
from test_response import MOST_HEADER_BYTES, header_of
from waiting import duration, wait_until

# The system's error messages differ between glibc and musl.
NO_ROUTE = ("No route to host", "Host is unreachable")
NO_LOCAL_PORT = ("Cannot assign requested address", "Address not available")

LOCAL_PORTS = "net.ipv4.ip_local_port_range"

BAD_HEADERS = {
    "not-http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "other-protocol": b"ICAP/1.0 200 OK\r\n\r\n",
    "no-status": b"HTTP/1.1\r\n\r\n",
    "short-status": b"HTTP/1.1 20 OK\r\n\r\n",
    "long-status": b"HTTP/1.1 2000 OK\r\n\r\n",
    "letters-in-status": b"HTTP/1.1 2OO OK\r\n\r\n",
    "negative-status": b"HTTP/1.1 -200 OK\r\n\r\n",
    "no-space": b"HTTP/1.1200 OK\r\n\r\n",
    "one-byte-too-many": header_of(MOST_HEADER_BYTES + 1),
    "line-without-end": b"HTTP/1.1 200 " + b"O" * (MOST_HEADER_BYTES + 1000),
    "lines-without-end": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000,
}


def assert_refused(client, handyproxy, **values):
    """The checks that all rows of the table have in common."""
    assert client.end() == RESET
    return handyproxy.wait_for_warning(
        client=client.address, destination=join(DESTINATION), **values
    )


def test_upstream_refuses_connections(handyproxy, proxy, connect):
    upstream = join(proxy.address)
    proxy.stop()
    daemon = handyproxy()
    assert_refused(
        connect(), daemon, upstream=upstream, cause="Connection refused"
    )


def test_upstream_is_unreachable(handyproxy, connect):
    upstream = f"{UNREACHABLE_ADDRESS}:3128"
    daemon = handyproxy(upstream=upstream)
    line = assert_refused(connect(), daemon, upstream=upstream)
    assert line["cause"] in NO_ROUTE


def test_upstream_does_not_answer_the_dial(lab, handyproxy, connect):
    with lab.upstream:
        deaf = DeafListener(PROXY_ADDRESS)
    upstream = join(deaf.address)
    daemon = handyproxy("-dial-timeout", duration(0.3), upstream=upstream)
    assert_refused(connect(), daemon, upstream=upstream, cause="timed out")
    deaf.stop()


def test_name_of_upstream_is_unknown_at_the_dial_timeout(
    lab, handyproxy, connect
):
    lab.set_hosts({})
    upstream = "nowhere.test:3128"
    daemon = handyproxy("-dial-timeout", duration(0.3), upstream=upstream)
    line = assert_refused(connect(), daemon, upstream=upstream)
    assert line["cause"]


def test_no_local_port_is_left(lab, handyproxy, proxy, start_proxy, connect):
    """Two local ports allow two tunnels to each of two addresses, but no fifth
    tunnel."""
    port = proxy.address[1]
    second = start_proxy(SECOND_PROXY_ADDRESS, port)
    proxy.behaviour = second.behaviour = hand_over()
    lab.set_hosts({"proxy.test": [PROXY_ADDRESS, SECOND_PROXY_ADDRESS]})
    daemon = handyproxy(upstream=f"proxy.test:{port}")
    before = lab.router.sysctl(LOCAL_PORTS, "50000 50001")
    try:
        for number in range(1, 5):
            connect()
            wait_until(
                lambda: len(proxy.requests + second.requests) == number,
                f"tunnel {number}",
            )
        line = assert_refused(connect(), daemon)
    finally:
        lab.router.sysctl(LOCAL_PORTS, before)
    assert line["cause"] in NO_LOCAL_PORT
    assert len(proxy.requests) == 2
    assert line["upstream"].endswith(f":{port}")
    assert "ip_local_port_range" in line.text
    assert "tcp_tw_reuse" in line.text


REFUSALS = {
    "302": (302, "Found"),
    "400": (400, "Bad Request"),
    "403": (403, "Forbidden"),
    "404": (404, "Not Found"),
    "407": (407, "Proxy Authentication Required"),
    "500": (500, "Internal Server Error"),
    "502": (502, "Bad Gateway"),
    "503": (503, "Service Unavailable"),
    "long": (403, "Blocked by policy: " + "the category is social " * 7),
    "no-reason": (504, ""),
}


@pytest.mark.parametrize(
    "status, reason", REFUSALS.values(), ids=REFUSALS.keys()
)
def test_upstream_refuses_the_tunnel(
    status, reason, handyproxy, proxy, connect
):
    daemon = handyproxy()
    proxy.behaviour = answer(b"HTTP/1.1 %d %s\r\nContent-Length: 4\r\n\r\nbody"
                             % (status, reason.encode()))
    line = assert_refused(
        connect(), daemon, upstream=join(proxy.address),
        status=status, reason=reason,
    )
    assert "refused" in line.words
    assert proxy.end()[0] == b""


def test_407_says_that_the_proxy_wants_credentials(handyproxy, proxy, connect):
    daemon = handyproxy()
    proxy.behaviour = answer(
        b"HTTP/1.1 407 Proxy Authentication Required\r\n"
        b"Proxy-Authenticate: NTLM\r\n\r\n"
    )
    line = assert_refused(connect(), daemon, status=407)
    assert "credentials" in line.text


@pytest.mark.parametrize("status", [401, 407])
@pytest.mark.parametrize("end", [answer_and_close, answer_and_reset])
def test_a_refusal_that_is_cut_short_is_one(
    end, status, handyproxy, proxy, connect
):
    """Its header is read on for what it offers."""
    daemon = handyproxy()
    proxy.behaviour = end(
        b"HTTP/1.1 %d No\r\nProxy-Authenticate: NTLM\r\n" % status
    )
    assert_refused(connect(), daemon, status=status, reason="No")


@pytest.mark.parametrize(
    "header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys()
)
def test_the_answers_header_is_bad(header, handyproxy, proxy, connect):
    daemon = handyproxy()
    proxy.behaviour = answer(header)
    assert_refused(connect(), daemon, upstream=join(proxy.address))


@pytest.mark.parametrize(
    "part", [b"", b"HTT", b"HTTP/1.1 200 OK\r\nVia: 1.1 pro"],
    ids=["empty", "status-line", "header-line"],
)
def test_the_answer_ends_within_its_header(part, handyproxy, proxy, connect):
    daemon = handyproxy()
    proxy.behaviour = answer_and_close(part)
    line = assert_refused(connect(), daemon, upstream=join(proxy.address))
    assert line["cause"]


@pytest.mark.parametrize(
    "part", [b"", b"HTTP/1.1 200 OK\r\nVia"], ids=["empty", "header-line"]
)
def test_the_upstream_resets_within_its_header(
    part, handyproxy, proxy, connect
):
    daemon = handyproxy()
    proxy.behaviour = answer_and_reset(part)
    assert_refused(
        connect(), daemon,
        upstream=join(proxy.address), cause="Connection reset by peer",
    )


def test_the_answer_does_not_come_in_time(handyproxy, proxy, connect):
    daemon = handyproxy("-response-timeout", duration(0.3))
    proxy.behaviour = stay_silent()
    assert_refused(
        connect(), daemon, upstream=join(proxy.address), cause="timed out"
    )
    assert proxy.end() == (b"", RESET)


def test_the_answers_end_does_not_come_in_time(handyproxy, proxy, connect):
    """The timeout runs from the request to the end of the header."""
    daemon = handyproxy("-response-timeout", duration(0.3))
    proxy.behaviour = answer(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert_refused(connect(), daemon, cause="timed out")
    assert proxy.end() == (b"", RESET)


def test_a_failed_connection_leaves_no_descriptor(
    handyproxy, settled, proxy, connect
):
    daemon = handyproxy()
    before = settled(daemon)
    proxy.then(
        answer(b"HTTP/1.1 403 Forbidden\r\n\r\n"),
        answer_and_close(b"HTTP"),
        answer_and_reset(b"HTTP"),
        answer(BAD_HEADERS["lines-without-end"]),
    )
    for _ in range(4):
        assert connect().end() == RESET
    proxy.stop()
    assert connect().end() == RESET
    daemon.wait_for_descriptors(before)


def test_after_a_failure_the_next_connection_is_served(
    handyproxy, proxy, connect
):
    handyproxy()
    proxy.then(answer(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"), hand_over())
    assert connect().end() == RESET
    client = connect()
    proxy.tunnel().send(b"hello")
    assert client.receive(5) == b"hello"
