# SPDX-License-Identifier: MIT
"""Plain HTTP requests on -http-relay-ports: one a connection, as a proxy
request. Whatever else the first bytes are, they go through a tunnel."""

import errno
import hashlib
import os
import queue
import signal

import pytest

from behaviour import (
    answer,
    answer_and_close,
    answer_and_reset,
    answer_probes,
    hand_over,
    hand_over_unanswered,
    stay_silent,
)
from conftest import ORIGIN_ADDRESS
from connect_proxy import Exchange
from daemon import Daemon
from flood import Flood
from lab import SECOND_PROXY_ADDRESS
from modes import (
    assert_moved_by,
    every_family,
    every_transfer_mode,
    every_transfer_way,
)
from peer import (
    FIN,
    RESET,
    Peer,
    in_background,
    join,
    pattern,
    pattern_bytes,
    pattern_checksum,
)
from processes import cpu_share
from waiting import PATIENCE, SCALE, duration, wait_until
from test_credentials import (  # pylint: disable=unused-import
    BASIC,
    credentials,
    refusal,
)

PORT = 80
HTTP = (ORIGIN_ADDRESS, PORT)
RELAY = ("-http-relay-ports", "80,8080", "-log-level", "info")
REQUEST = b"GET /a?b HTTP/1.1\r\nHost: example.test\r\nX: y\r\n\r\n"
SENT = (
    b"GET http://example.test/a?b HTTP/1.1\r\nHost: example.test\r\nX: y\r\n"
    b"Connection: close\r\n\r\n"
)
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
POST = b"POST / HTTP/1.1\r\nHost: a.test\r\n"
SENT_POST = b"POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\n"
CLOSE = b"Connection: close\r\n\r\n"
SENT_START = "POST http:"


@pytest.fixture
def relay(proxy, connect, addresses):
    """relay(BYTES): the client's end after it has sent them, and the
    upstream's, which has read a request's head. Its bytes are in
    proxy.request().raw."""

    def begin(
        *pieces: bytes, address=None, finish=False
    ) -> tuple[Peer, Peer]:
        proxy.then(hand_over_unanswered())
        client = connect(address or (addresses.origin, PORT))
        for piece in pieces:
            client.send(piece)
            client.wait_until_delivered()
        if finish:
            client.finish()
        return client, proxy.tunnel()

    return begin


@pytest.fixture
def tunnelled(proxy, connect):
    """tunnelled(BYTES): checks that they go through a tunnel, unchanged."""

    def check(*pieces: bytes, address=HTTP, finish=False) -> str:
        number = len(proxy.requests) + 1
        proxy.then(hand_over())
        client = connect(address)
        for piece in pieces:
            client.send(piece)
            client.wait_until_delivered()
        if finish:
            client.finish()
        upstream = proxy.tunnel()
        whole = b"".join(pieces)
        assert upstream.receive(len(whole)) == whole
        if finish:
            assert upstream.end() == FIN
        client.reset()
        request = proxy.request(number)
        assert request.method == "CONNECT"
        return request.target

    return check


def finish_exchange(client: Peer, upstream: Peer, response=RESPONSE) -> None:
    """The upstream closes, as it was told, and then the client."""
    upstream.send(response)
    upstream.finish()
    assert client.receive_to_end() == (response, FIN)
    assert upstream.end() == FIN
    client.finish()


# Whole, in two, byte by byte.
SPLITS = {
    "whole": [REQUEST],
    "two": [REQUEST[:20], REQUEST[20:]],
    "bytes": [REQUEST[i : i + 1] for i in range(len(REQUEST))],
}


@every_family
@pytest.mark.parametrize("pieces", SPLITS.values(), ids=SPLITS.keys())
def test_a_request_is_relayed(pieces, addresses, handyproxy, proxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(*pieces)
    assert proxy.request().raw == SENT
    assert upstream.stays_silent()
    finish_exchange(client, upstream)
    line = daemon.wait_for_closed(client=client.address)
    assert line.has(
        destination=join((addresses.origin, PORT)), host="example.test",
        mode="relay", status=200, result="done", received=len(RESPONSE),
        sent=len(SENT), upstream=join(proxy.address),
    )
    assert not daemon.warnings()


def test_totals_count_relayed_requests(handyproxy, relay):
    daemon = handyproxy(*RELAY)
    finish_exchange(*relay(REQUEST))
    daemon.wait_for_closed()
    totals = daemon.totals()
    assert (totals["relayed"], totals["tunnelled"]) == (1, 0)


REWRITTEN = {
    "no-host": (
        b"GET / HTTP/1.0\n\n",
        b"GET http://%b/ HTTP/1.0\r\nHost: %b\r\n"
        % (ORIGIN_ADDRESS.encode(), ORIGIN_ADDRESS.encode()) + CLOSE,
    ),
    "other-port-in-host": (
        b"GET / HTTP/1.1\r\nHost: a.test:8080\r\n\r\n",
        b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n" + CLOSE,
    ),
    "absolute": (
        b"\r\nGET HTTP://a.test?b HTTP/1.1\r\nHost: b.test\r\n\r\n",
        b"GET http://a.test?b HTTP/1.1\r\nHost: a.test\r\n" + CLOSE,
    ),
    "asterisk": (
        b"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n",
        b"OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n" + CLOSE,
    ),
    "hop-by-hop": (
        b"GET / HTTP/1.1\r\nA: 1\r\nConnection: keep-alive, B, upgrade\r\n"
        b"Keep-Alive: 5\r\nProxy-Connection: keep-alive\r\nB: 2\r\nC: 3\r\n"
        b"TE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
        b"Proxy-Authorization: Basic eDp5\r\nHost: a.test\r\n\r\n",
        b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nA: 1\r\nC: 3\r\n"
        + CLOSE,
    ),
}


@pytest.mark.parametrize(
    "request_head, sent", REWRITTEN.values(), ids=REWRITTEN.keys()
)
def test_the_head_is_rewritten(request_head, sent, handyproxy, proxy, relay):
    handyproxy(*RELAY)
    finish_exchange(*relay(request_head))
    assert proxy.request().raw == sent


@pytest.mark.parametrize("port", [80, 8080])
@pytest.mark.parametrize("family", ["ipv6"])
def test_an_ipv6_destination_is_said_in_brackets(
    port, addresses, handyproxy, proxy, relay
):
    handyproxy(*RELAY)
    head = b"GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"
    finish_exchange(*relay(head, address=(addresses.origin, port)))
    authority = b"[%b]" % addresses.origin.encode()
    authority += b":8080" if port == 8080 else b""
    assert proxy.request().raw == (
        b"GET http://%b/ HTTP/1.1\r\nHost: %b\r\n" % (authority, authority)
        + CLOSE
    )


def test_the_destinations_port_is_said_where_it_is_not_80(
    handyproxy, proxy, relay
):
    handyproxy(*RELAY)
    finish_exchange(*relay(REQUEST, address=(ORIGIN_ADDRESS, 8080)))
    assert proxy.request().raw == SENT.replace(
        b"example.test", b"example.test:8080"
    )


TUNNELLED = {
    "connect": b"CONNECT a.test:80 HTTP/1.1\r\n\r\n",
    "preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "scheme": b"GET https://a.test/ HTTP/1.1\r\n\r\n",
    "user": b"GET http://u:p@a.test/ HTTP/1.1\r\n\r\n",
    "http-0.9": b"GET /\r\n",
    "tls": b"\x16\x03\x01\x02",
    "ssh": b"SSH-2.0-x\r\n",
    "websocket": b"GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n"
                 b"Connection: Upgrade\r\n\r\n",
    "obs-fold": b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    "no-colon": b"GET / HTTP/1.1\r\nA\r\n\r\n",
    "control": b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
    "space-before-colon": b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
    "nul": b"GET / HTTP/1.1\r\nA: \0\r\n\r\n",
    "bare-cr": b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
    "space-in-target": b"GET /a b HTTP/1.1\r\n\r\n",
    "two-hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "bad-host": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "bad-port": b"GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n",
    "length-and-chunked": POST + b"Content-Length: 1\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n",
    "two-lengths": POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "long-length": POST + b"Content-Length: 1234567890123456789\r\n\r\n",
    "coding": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "chunked-1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "names-host": b"GET / HTTP/1.1\r\nConnection: host\r\n\r\n",
    "long-head": b"GET / HTTP/1.1\r\nA: " + b"b" * 65536 + b"\r\n\r\n",
}


@pytest.mark.parametrize("data", TUNNELLED.values(), ids=TUNNELLED.keys())
def test_what_is_no_plain_request_is_tunnelled(
    data, handyproxy, tunnelled
):
    handyproxy(*RELAY)
    assert tunnelled(data) == f"{ORIGIN_ADDRESS}:{PORT}"


DECIDED = {
    "connect": b"CONNECT ",
    "preface": b"PRI *",
    "scheme": b"GET f",
    "not-http": b"\0",
    "method": b"A" * 33,
}


@pytest.mark.parametrize("data", DECIDED.values(), ids=DECIDED.keys())
def test_the_first_byte_that_decides_makes_the_tunnel(
    data, handyproxy, tunnelled
):
    """No more than these comes, so that nothing else can decide."""
    handyproxy(*RELAY, "-http-head-timeout", "1h")
    tunnelled(data)


@pytest.mark.parametrize("data", [b"", b"GET", REQUEST[:-1]])
def test_a_fin_inside_the_head_makes_a_tunnel(data, handyproxy, tunnelled):
    handyproxy(*RELAY, "-http-head-timeout", "1h")
    tunnelled(*([data] if data else []), finish=True)


def test_tunnelled_first_bytes_are_sniffed_as_configured(
    handyproxy, tunnelled
):
    handyproxy(*RELAY, "-sniff-timeout", "1h")
    head = b"GET / HTTP/1.1\r\nHost: a.test\r\nA\r\n\r\n"
    assert tunnelled(TUNNELLED["websocket"]) == "a.test:80"
    assert tunnelled(head) == f"{ORIGIN_ADDRESS}:80"
    assert tunnelled(TUNNELLED["tls"], finish=True) == f"{ORIGIN_ADDRESS}:80"


def test_other_ports_are_not_relayed(handyproxy, tunnelled):
    handyproxy(*RELAY)
    tunnelled(REQUEST, address=(ORIGIN_ADDRESS, 81))


def test_without_the_option_nothing_is_relayed(handyproxy, tunnelled):
    handyproxy()
    tunnelled(REQUEST)


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\n"])
def test_a_head_that_does_not_come_in_time(data, handyproxy, proxy, connect):
    daemon = handyproxy(*RELAY, "-http-head-timeout", duration(0.3))
    client = connect(HTTP)
    client.send(data)
    assert client.end() == RESET
    line = daemon.wait_for_closed(client=client.address)
    assert line["result"] == "idle_timeout"
    assert not daemon.warnings()
    assert not proxy.requests


def test_bytes_do_not_prolong_the_wait_for_the_head(
    handyproxy, proxy, connect
):
    daemon = handyproxy(*RELAY, "-http-head-timeout", duration(1))
    client = connect(HTTP)
    client.send(REQUEST[:-2])

    def is_left() -> bool:
        try:
            client.send(b"x")
        except (ConnectionResetError, BrokenPipeError):
            return True
        return False

    wait_until(is_left, "the client is left")
    daemon.wait_for_closed(client=client.address, result="idle_timeout")
    assert not proxy.requests


def test_a_name_sniffer_does_not_end_the_wait_for_the_head(
    handyproxy, proxy, relay, connect
):
    handyproxy(*RELAY, "-sniff-timeout", "1ms", "-http-head-timeout", "1h")
    proxy.then(hand_over_unanswered())
    client = connect(HTTP)
    client.send(REQUEST[:-2])
    assert client.stays_silent()
    assert not proxy.requests
    client.send(REQUEST[-2:])
    finish_exchange(client, proxy.tunnel())


# --- The body


BODIES = {
    "length": (b"Content-Length: 5\r\n", b"hello"),
    "zero": (b"Content-Length: 0\r\n", b""),
    "chunked": (
        b"Transfer-Encoding: chunked\r\n",
        b"5;a=\"b\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
    ),
}


@pytest.mark.parametrize("how", ["at-once", "apart", "bytes"])
@pytest.mark.parametrize(
    "fields, body", BODIES.values(), ids=BODIES.keys()
)
def test_the_body_is_passed_on_and_no_byte_behind_it(
    fields, body, how, handyproxy, proxy, relay
):
    handyproxy(*RELAY)
    head, rest = POST + fields + b"\r\n", body + REQUEST
    pieces = {
        "at-once": [head + rest],
        "apart": [head, rest],
        "bytes": [head, *(rest[i : i + 1] for i in range(len(rest)))],
    }[how]
    client, upstream = relay(*pieces)
    assert proxy.request().raw == SENT_POST + fields + CLOSE
    assert upstream.receive(len(body)) == body
    assert upstream.stays_silent()
    client.send(REQUEST)
    assert upstream.stays_silent()
    finish_exchange(client, upstream)


def test_an_interim_response_comes_before_the_body(handyproxy, relay):
    handyproxy(*RELAY)
    client, upstream = relay(
        POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    )
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    upstream.send(interim)
    assert client.receive(len(interim)) == interim
    client.send(b"hello")
    assert upstream.receive(5) == b"hello"
    finish_exchange(client, upstream)


MALFORMED = {
    "size": b"x\r\n",
    "bare-lf": b"5\nhello\n0\n\n",
    "long-size": b"0" * 16,
    "data-end": b"1\r\nxy",
    "long-line": b"1;" + b"a" * 5000,
    "trailers": b"0\r\n" + b"A: b\r\n" * 5000,
}


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_ends_both_sides(
    body, apart, handyproxy, proxy, connect
):
    daemon = handyproxy(*RELAY)
    proxy.then(hand_over_unanswered())
    client = connect(HTTP)
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    if apart:
        client.send(head)
        upstream = proxy.tunnel()
        client.send(body)
        assert upstream.receive_to_end()[1] == RESET
    else:
        client.send(head + body)
    assert client.end() == RESET
    daemon.wait_for_warning(
        client=client.address, cause="malformed request body"
    )


@pytest.mark.parametrize("body", [b"", b"hell"])
def test_a_fin_inside_the_body_ends_both_sides(body, handyproxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(POST + b"Content-Length: 5\r\n\r\n")
    client.send(body)
    client.finish()
    assert upstream.receive_to_end() == (body, RESET)
    assert client.end() == RESET
    daemon.wait_for_closed(client=client.address, mode="relay")
    assert not daemon.warnings()


SIZE = 100 << 20


@every_transfer_way
def test_a_large_response(transfer_mode, handyproxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    upstream.send(head)
    sender = in_background(upstream.send_and_finish, pattern(SIZE))
    assert client.receive(len(head)) == head
    size, checksum, end = client.checksum_to_end()
    sender.join()
    assert (size, end) == (SIZE, FIN)
    assert checksum == pattern_checksum(SIZE)
    client.finish()
    assert upstream.end() == FIN
    assert_moved_by(transfer_mode, daemon)


def http_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def receive_http_chunk(peer: Peer) -> bytes:
    """The next chunk's data; b"" for the last."""
    line = b""
    while not line.endswith(b"\r\n"):
        line += peer.receive(1)
    return peer.receive(int(line, 16) + 2)[:-2]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body(chunked, handyproxy, proxy, relay):
    handyproxy(*RELAY)
    if chunked:
        fields = b"Transfer-Encoding: chunked\r\n\r\n"
    else:
        fields = b"Content-Length: %d\r\n\r\n" % SIZE
    client, upstream = relay(POST + fields)

    def send() -> None:
        for data in pattern(SIZE):
            client.send(http_chunk(data) if chunked else data)
        if chunked:
            client.send(b"0\r\n\r\n")

    sender = in_background(send)
    checksum, left = hashlib.sha256(), SIZE
    while left:
        if chunked:
            data = receive_http_chunk(upstream)
        else:
            data = upstream.receive(min(left, 1 << 16))
        checksum.update(data)
        left -= len(data)
    if chunked:
        assert receive_http_chunk(upstream) == b""
    sender.join()
    assert checksum.hexdigest() == pattern_checksum(SIZE)
    assert upstream.stays_silent()
    finish_exchange(client, upstream)


@every_transfer_mode
def test_both_directions_at_once(handyproxy, relay):
    """The response comes while the body is sent."""
    handyproxy(*RELAY)
    size = 16 << 20
    client, upstream = relay(POST + b"Content-Length: %d\r\n\r\n" % size)
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    upstream.send(head)
    assert client.receive(len(head)) == head
    senders = [
        in_background(client.send_all, pattern(size, 1)),
        in_background(upstream.send_all, pattern(size, 2)),
    ]
    bodies = [[], []]
    readers = [
        in_background(lambda: bodies[0].append(upstream.receive(size))),
        in_background(lambda: bodies[1].append(client.receive(size))),
    ]
    for thread in senders + readers:
        thread.join()
    assert bodies[0] == [pattern_bytes(size, 1)]
    assert bodies[1] == [pattern_bytes(size, 2)]
    finish_exchange(client, upstream)


MORE = 4 << 20


@every_transfer_mode
def test_a_slow_client_gets_the_whole_response(handyproxy, proxy, connect):
    """The relay fills up and stops, and then goes on."""
    handyproxy(*RELAY)
    proxy.then(hand_over_unanswered())
    client = connect(HTTP, receive_buffer=4096)
    client.send(REQUEST)
    upstream = proxy.tunnel()
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    upstream.send(head)
    flood = Flood(upstream, last=upstream.finish)
    flood.wait_until_stopped()
    flood.end_after(MORE)
    client.limit_receive_buffer(1 << 20)
    assert client.receive(len(head)) == head
    assert client.checksum_to_end() == (*flood.result(), FIN)
    client.finish()
    assert upstream.end() == FIN


def test_a_slow_upstream_gets_the_whole_body(handyproxy, relay):
    handyproxy(*RELAY)
    client, upstream = relay(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    upstream.limit_receive_buffer(4096)
    flood = Flood(client, lambda: client.send(b"0\r\n\r\n"), frame=http_chunk)
    flood.wait_until_stopped()
    flood.end_after(MORE)
    upstream.limit_receive_buffer(1 << 20)
    size, checksum = 0, hashlib.sha256()
    while data := receive_http_chunk(upstream):
        checksum.update(data)
        size += len(data)
    assert (size, checksum.hexdigest()) == flood.result()
    finish_exchange(client, upstream)


def test_both_sides_have_back_pressure(handyproxy, relay, settled):
    """Neither a client that does not read nor an upstream that does not makes
    the daemon keep what the other one sends."""
    daemon = handyproxy(*RELAY, workers=1)
    before = daemon.memory()
    client, upstream = relay(POST + b"Content-Length: 999999999\r\n\r\n")
    client.fill()
    upstream.send(b"HTTP/1.1 200 OK\r\n\r\n")
    upstream.fill()
    assert daemon.memory() - before < 4 << 20
    client.reset()
    assert upstream.receive_to_end()[1] == RESET


# --- Behind the request


def test_pipelined_requests_do_not_cost_the_response(handyproxy, relay):
    """They are read also behind our FIN: closing with them unread would reset
    the connection, and the client would lose what it has not read."""
    handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    client.limit_receive_buffer(1 << 16)
    sender = in_background(client.send_all, [REQUEST * 1000] * 20)
    body = pattern_bytes(2 << 20)
    writer = in_background(
        upstream.send_and_finish, [b"HTTP/1.1 200 OK\r\n\r\n", body]
    )
    sender.join()
    data, end = client.receive_to_end()
    writer.join()
    assert data[19:] == body and end == FIN
    client.send(REQUEST)
    client.finish()
    assert upstream.end() == FIN


def test_a_client_that_does_not_end_is_left(handyproxy, relay):
    daemon = handyproxy(*RELAY, "-half-closed-timeout", duration(0.5))
    client, upstream = relay(REQUEST)
    upstream.send(RESPONSE)
    upstream.finish()
    assert client.receive_to_end() == (RESPONSE, FIN)
    daemon.wait_for_closed(client=client.address, result="done", status=200)


def test_a_clients_fin_is_not_passed_on(handyproxy, relay):
    handyproxy(*RELAY)
    client, upstream = relay(REQUEST, finish=True)
    assert upstream.stays_silent()
    upstream.send(RESPONSE)
    assert client.receive(len(RESPONSE)) == RESPONSE
    upstream.finish()
    assert client.end() == FIN
    assert upstream.end() == FIN


def test_a_clients_fin_starts_the_half_closed_timeout(handyproxy, relay):
    daemon = handyproxy(*RELAY, "-half-closed-timeout", duration(0.5))
    client, upstream = relay(REQUEST)
    upstream.send(RESPONSE)
    assert client.receive(len(RESPONSE)) == RESPONSE
    client.finish()
    assert client.end() == RESET
    assert upstream.receive_to_end()[1] == RESET
    daemon.wait_for_closed(client=client.address, result="idle_timeout")


def test_silence_ends_a_relay(handyproxy, relay):
    daemon = handyproxy(*RELAY, "-idle-timeout", duration(0.5))
    client, upstream = relay(REQUEST)
    upstream.send(RESPONSE)
    assert client.receive_to_end() == (RESPONSE, RESET)
    assert upstream.receive_to_end()[1] == RESET
    daemon.wait_for_closed(client=client.address, result="idle_timeout")


# --- The response


HEADS = {
    "200": b"HTTP/1.1 200 OK\r\n\r\n",
    "lf": b"HTTP/1.0 404\n\n",
    "interim": b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
    "401": b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n\r\nbody",
    "403": b"HTTP/1.1 403 No\r\n\r\n",
    "garbage-behind": b"HTTP/1.1 999 x\r\n\0\xff",
}


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_the_response_is_passed_on_untouched(head, apart, handyproxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    if apart:
        for i in range(len(head)):
            upstream.send(head[i : i + 1])
            upstream.wait_until_delivered()
    else:
        upstream.send(head)
    upstream.finish()
    assert client.receive_to_end() == (head, FIN)
    client.finish()
    status = int(head.split(b"HTTP/1.")[-1][2:5])
    daemon.wait_for_closed(client=client.address, status=status)
    assert not daemon.warnings()


def test_the_line_at_the_end_has_no_status_of_an_interim_response(
    handyproxy, relay
):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    interim = b"HTTP/1.1 103 Hints\r\n\r\n"
    upstream.send(interim + interim[:-2])  # a second one, which is not whole
    assert client.receive(len(interim)) == interim
    client.reset()
    line = daemon.wait_for_closed(mode="relay", result="client_reset")
    assert "status" not in line.values


BAD_HEADS = {
    "not-http": b"SSH-2.0-x\r\n",
    "http-2": b"HTTP/2 200 OK\r\n",
    "letters": b"HTTP/1.1 2xx OK\r\n",
    "four-digits": b"HTTP/1.1 2000 OK\r\n",
    "switched": b"HTTP/1.1 101 Up\r\n\r\n\x81\x05",
    "long": b"HTTP/1.1 200 " + b"O" * 16384,
}


@pytest.mark.parametrize("head", BAD_HEADS.values(), ids=BAD_HEADS.keys())
def test_an_answer_that_is_no_http(head, handyproxy, proxy, connect):
    daemon = handyproxy(*RELAY)
    proxy.behaviour = answer(head)
    client = connect(HTTP)
    client.send(REQUEST)
    data, end = client.receive_to_end()
    assert end == RESET
    assert data in (b"", BAD_HEADS["switched"][:-2])
    daemon.wait_for_warning(client=client.address)


@pytest.mark.parametrize("end", [answer_and_close, answer_and_reset])
@pytest.mark.parametrize(
    "part", [b"", b"HTTP/1.1 200 OK", b"HTTP/1.1 100 C\r\n\r\n"]
)
def test_an_end_before_the_status_line_is_whole(
    part, end, handyproxy, proxy, connect
):
    daemon = handyproxy(*RELAY)
    proxy.behaviour = end(part)
    client = connect(HTTP)
    client.send(REQUEST)
    data, how = client.receive_to_end()
    assert how == RESET
    assert data == (part if b"100" in part else b"")
    line = daemon.wait_for_warning(
        client=client.address, upstream=join(proxy.address)
    )
    assert line["cause"]


def test_an_end_later_is_a_fin(handyproxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    finish_exchange(client, upstream, RESPONSE[:-2])
    daemon.wait_for_closed(client=client.address, result="done")
    assert not daemon.warnings()


def test_a_reset_later_is_a_reset(handyproxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    upstream.send(RESPONSE)
    upstream.wait_until_delivered()
    upstream.reset()
    assert client.receive_to_end() == (RESPONSE, RESET)
    daemon.wait_for_closed(client=client.address, result="upstream_reset")


@pytest.mark.parametrize("when", ["head", "request", "response"])
def test_the_clients_reset_is_passed_on(when, handyproxy, proxy, connect):
    daemon = handyproxy(*RELAY)
    proxy.then(hand_over_unanswered())
    client = connect(HTTP)
    if when == "head":
        client.send(REQUEST[:10])
        client.wait_until_delivered()
        client.reset()
    else:
        client.send(REQUEST)
        upstream = proxy.tunnel()
        if when == "response":
            upstream.send(RESPONSE)
            assert client.receive(len(RESPONSE)) == RESPONSE
        client.reset()
        assert upstream.receive_to_end()[1] == RESET
    daemon.wait_for_closed(result="client_reset")


def test_an_early_response_ends_the_upload(handyproxy, relay):
    """The upstream needs no more of the body, and says so."""
    daemon = handyproxy(*RELAY)
    client, upstream = relay(POST + b"Content-Length: 99999999\r\n\r\nhello")
    assert upstream.receive(5) == b"hello"
    response = b"HTTP/1.1 413 Large\r\n\r\n"
    upstream.send(response)
    upstream.finish()
    assert client.receive_to_end() == (response, FIN)
    client.send(bytes(1 << 20))
    client.finish()
    daemon.wait_for_closed(client=client.address, result="done", status=413)


def test_the_response_does_not_begin_in_time(handyproxy, proxy, connect):
    daemon = handyproxy(*RELAY, "-response-timeout", duration(0.5))
    proxy.behaviour = stay_silent()
    client = connect(HTTP)
    client.send(REQUEST)
    assert client.end() == RESET
    daemon.wait_for_warning(client=client.address, cause="timed out")
    assert proxy.end()[1] == RESET


def test_the_time_for_the_response_begins_with_the_end_of_the_request(
    handyproxy, relay
):
    daemon = handyproxy(*RELAY, "-response-timeout", duration(0.5))
    client, upstream = relay(POST + b"Content-Length: 5\r\n\r\nhell")
    assert upstream.receive(4) == b"hell"
    upstream.socket.settimeout(1 * SCALE)
    with pytest.raises(TimeoutError):
        upstream.socket.recv(1)
    client.send(b"o")
    assert upstream.receive(1) == b"o"
    upstream.send(b"H")
    upstream.socket.settimeout(1 * SCALE)
    with pytest.raises(TimeoutError):
        upstream.socket.recv(1)
    upstream.socket.settimeout(60 * SCALE)
    upstream.send(RESPONSE[1:])
    upstream.finish()
    assert client.receive_to_end() == (RESPONSE, FIN)
    client.finish()
    daemon.wait_for_closed(client=client.address, result="done")


# --- Several upstreams


def methods(proxy) -> list[str]:
    return [request.method for request in proxy.requests]


WITH_BODY = POST + b"Content-Length: 5\r\n\r\nhello"


@pytest.fixture
def second(start_proxy):
    return start_proxy(SECOND_PROXY_ADDRESS)


def test_an_upstream_that_takes_no_byte_leads_to_the_next(
    handyproxy, proxy, second, connect, credentials, fail_sends
):
    """The next one gets the request anew, with credentials of its own."""
    proxy.behaviour = answer_probes(stay_silent())
    second.behaviour = hand_over_unanswered()
    daemon = handyproxy(
        *RELAY,
        "-upstream-credentials", f"{join(proxy.address)}={credentials()}",
        upstream=f"{join(proxy.address)},{join(second.address)}",
        workers=1, preload=fail_sends(SENT_START, errno.ECONNRESET),
    )
    client = connect(HTTP)
    client.send(WITH_BODY)
    upstream = second.tunnel()
    assert second.request().raw == SENT_POST + b"Content-Length: 5\r\n" + CLOSE
    assert upstream.receive(5) == b"hello"
    assert upstream.stays_silent()
    finish_exchange(client, upstream)
    line = daemon.wait_for_log("upstream passed over")
    assert line.has(
        upstream=join(proxy.address), next=join(second.address),
        cause="Connection reset by peer",
    )
    line = daemon.wait_for_closed(client=client.address)
    assert line.has(
        mode="relay", status=200, upstream=join(second.address)
    )
    assert daemon.totals()["relayed"] == 1
    assert "POST" not in methods(proxy)


def test_an_upstream_that_takes_no_byte_leads_to_the_origin(
    handyproxy, proxy, start_origin, connect, credentials, fail_sends
):
    """Where `direct` comes next, the request is as the client has sent it,
    without credentials."""
    proxy.behaviour = answer_probes(stay_silent())

    def serve(peer: Peer) -> None:
        assert peer.receive(len(WITH_BODY)) == WITH_BODY
        peer.send(RESPONSE)

    origin = start_origin(serve)
    handyproxy(
        "-http-relay-ports", str(origin.address[1]),
        "-upstream-credentials", credentials(),
        upstream=f"{join(proxy.address)},direct",
        workers=1, preload=fail_sends(SENT_START, errno.ECONNRESET),
    )
    client = connect(origin.address)
    client.send(WITH_BODY)
    assert client.receive(len(RESPONSE)) == RESPONSE


def test_the_last_upstream_that_takes_no_byte_fails_the_connection(
    handyproxy, proxy, connect, fail_sends
):
    daemon = handyproxy(
        *RELAY, workers=1, preload=fail_sends(SENT_START, errno.ECONNRESET)
    )
    client = connect(HTTP)
    client.send(WITH_BODY)
    assert client.end() == RESET
    daemon.wait_for_warning(
        client=client.address, upstream=join(proxy.address),
        cause="Connection reset by peer",
    )
    assert not proxy.requests


@pytest.mark.parametrize("error", [errno.EAGAIN, errno.ENOBUFS])
def test_an_upstream_is_kept_while_this_host_lacks_memory(
    error, handyproxy, proxy, second, connect, fail_sends
):
    proxy.behaviour = hand_over_unanswered()
    handyproxy(
        *RELAY, upstream=f"{join(proxy.address)},{join(second.address)}",
        workers=1, preload=fail_sends(SENT_START, error),
    )
    client = connect(HTTP)
    client.send(WITH_BODY)
    upstream = proxy.tunnel()
    assert upstream.receive(5) == b"hello"
    finish_exchange(client, upstream)
    assert not second.requests


@pytest.fixture
def short_of_memory(handyproxy, proxy, fail_sends, connect):
    """short_of_memory(DESTINATION, NEXT): a request that waits for memory for
    its first byte, until the upstream has reset the connection. Meanwhile the
    worker sleeps. The daemon, the client's end and the upstream's; the list
    goes on with NEXT."""
    accepted: queue.SimpleQueue[Peer] = queue.SimpleQueue()

    def keep(exchange: Exchange) -> None:
        exchange.is_handed_over = True
        accepted.put(Peer(exchange.socket))

    def begin(destination, following: str) -> tuple[Daemon, Peer, Peer]:
        proxy.behaviour = keep
        daemon = handyproxy(
            "-http-relay-ports", str(destination[1]), "-log-level", "debug",
            "-check-interval", "1h",
            upstream=f"{join(proxy.address)},{following}", workers=1,
            preload=fail_sends(SENT_START, errno.ENOBUFS, until_reset=True),
        )
        client = connect(destination)
        client.send(WITH_BODY)
        upstream = accepted.get(timeout=PATIENCE)
        daemon.wait_for_log("connection is (sending|relaying) a request")
        daemon.wait_until_at_rest()
        assert cpu_share(daemon.workers, 0.3 * SCALE) < 0.5
        return daemon, client, upstream

    return begin


def test_an_upstream_that_resets_during_a_shortage_leads_to_the_next(
    second, short_of_memory
):
    second.behaviour = hand_over_unanswered()
    daemon, client, upstream = short_of_memory(HTTP, join(second.address))
    upstream.reset()
    upstream = second.tunnel()
    assert second.request().raw == SENT_POST + b"Content-Length: 5\r\n" + CLOSE
    assert upstream.receive(5) == b"hello"
    finish_exchange(client, upstream)
    line = daemon.wait_for_closed(client=client.address)
    assert line.has(mode="relay", upstream=join(second.address))


def test_an_upstream_that_goes_down_during_a_shortage_is_left(
    proxy, short_of_memory, start_origin, connect
):
    origin = start_origin(lambda peer: peer.receive(len(WITH_BODY)))
    daemon, *_ = short_of_memory(origin.address, "direct")
    proxy.stop()
    connect((ORIGIN_ADDRESS, 443))
    daemon.wait_for_log("upstream is down")
    assert origin.result() == WITH_BODY


NO_ANSWERS = {
    "fin": answer_and_close(b""),
    "reset": answer_and_reset(b""),
    "cut": answer_and_close(b"HTTP/1.1 20"),
    "garbage": answer(b"SSH-2.0-x\r\n"),
}


@pytest.mark.parametrize("end", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_a_request_that_was_sent_is_not_sent_again(
    end, handyproxy, proxy, second, connect
):
    """The upstream is suspected: it is probed, and the probe fails, so that
    the next connection goes to the other one."""
    proxy.behaviour = end
    second.behaviour = hand_over_unanswered()
    daemon = handyproxy(
        *RELAY, "-check-interval", "1h",
        upstream=f"{join(proxy.address)},{join(second.address)}", workers=1,
    )
    client = connect(HTTP)
    client.send(REQUEST)
    assert client.end() == RESET
    line = daemon.wait_for_log("upstream is down")
    assert line.has(upstream=join(proxy.address), next=join(second.address))
    assert not second.requests
    client = connect(HTTP)
    client.send(REQUEST)
    finish_exchange(client, second.tunnel())
    assert methods(proxy).count("GET") == 1


def test_a_status_never_leads_to_the_next(handyproxy, proxy, second, connect):
    """A CONNECT with such an answer goes on to the next upstream."""
    handyproxy(
        *RELAY, "-failover-after", "1h",
        upstream=f"{join(proxy.address)},{join(second.address)}",
    )
    response = b"HTTP/1.1 503 Unavailable\r\n\r\npage"
    proxy.then(answer_and_close(response), answer(refusal(407)))
    client = connect(HTTP)
    client.send(REQUEST)
    assert client.receive_to_end() == (response, FIN)
    client = connect(HTTP)
    client.send(REQUEST)
    assert client.end() == RESET
    assert not second.requests


def test_an_upstream_that_ends_relays_stays_up_if_a_probe_succeeds(
    handyproxy, proxy, second, connect
):
    proxy.behaviour = answer_probes(answer_and_close(b""))
    daemon = handyproxy(
        *RELAY, upstream=f"{join(proxy.address)},{join(second.address)}",
        workers=1,
    )
    for _ in range(2):
        client = connect(HTTP)
        client.send(REQUEST)
        assert client.end() == RESET
        wait_until(
            lambda: "OPTIONS" in methods(proxy), "the upstream is probed"
        )
    assert not second.requests
    assert "upstream is down" not in [line.words for line in daemon.log]


# --- Credentials


def test_credentials_are_sent_in_each_request(
    handyproxy, proxy, relay, credentials
):
    handyproxy(*RELAY, "-upstream-credentials", credentials())
    finish_exchange(*relay(REQUEST))
    assert proxy.request().raw == SENT.replace(
        CLOSE, BASIC.encode() + b"\r\n" + CLOSE
    )


def test_fields_for_connect_are_not_sent(handyproxy, proxy, relay):
    handyproxy(*RELAY, "-connect-header", "User-Agent: x")
    finish_exchange(*relay(REQUEST))
    assert proxy.request().raw == SENT


@pytest.mark.parametrize("interim", [b"", b"HTTP/1.1 103 Hints\r\n\r\n"])
def test_407_never_reaches_the_client(interim, handyproxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    upstream.send(interim)
    assert client.receive(len(interim)) == interim
    upstream.send(refusal(407, ["NTLM", "Basic"]) + b"page")
    assert client.end() == RESET
    line = daemon.wait_for_warning(
        client=client.address, status=407, reason="Go away",
        offers="NTLM,Basic",
    )
    assert "-upstream-credentials" in line.words


@pytest.mark.parametrize("cut", [False, True])
def test_401_is_passed_on_with_a_warning_where_credentials_are_set(
    cut, handyproxy, relay, credentials
):
    path = credentials()
    daemon = handyproxy(*RELAY, "-upstream-credentials", path)
    client, upstream = relay(REQUEST)
    response = refusal(401)[: -2 if cut else None]
    finish_exchange(client, upstream, response)
    line = daemon.wait_for_warning(
        client=client.address, status=401, offers="Basic"
    )
    assert f"the upstream refuses the credentials in {path}" in line.words
    daemon.wait_for_closed(client=client.address, result="done", status=401)


def test_three_407_brake_relays_and_another_answer_ends_the_row(
    handyproxy, proxy, connect, relay, credentials
):
    daemon = handyproxy(
        *RELAY, "-upstream-credentials", credentials(), workers=1
    )

    def is_refused() -> None:
        client = connect(HTTP)
        client.send(REQUEST)
        assert client.end() == RESET

    proxy.then(*[answer(refusal(407))] * 2)
    is_refused()
    is_refused()
    finish_exchange(*relay(REQUEST), refusal(401))
    proxy.then(*[answer(refusal(407))] * 3)
    for _ in range(5):
        is_refused()
    assert len(proxy.requests) == 6
    daemon.wait_for_warning(cause="credentials refused")


# --- What ends a relay


@pytest.mark.parametrize(
    "status, relayed, port, is_named",
    [
        (403, 81, 80, True), (405, 81, 80, True), (404, 81, 80, False),
        (403, 81, 443, False), (403, 80, 80, False),
    ],
)
def test_a_refused_port_80_names_the_option(
    status, relayed, port, is_named, handyproxy, proxy, connect
):
    daemon = handyproxy("-http-relay-ports", str(relayed))
    proxy.behaviour = answer(b"HTTP/1.1 %d No\r\n\r\n" % status)
    client = connect((ORIGIN_ADDRESS, port))
    if port == relayed:
        client.send(TUNNELLED["websocket"])
    assert client.end() == RESET
    line = daemon.wait_for_warning(client=client.address, status=status)
    assert ("see -http-relay-ports" in line.words) == is_named


@pytest.mark.parametrize("begun", [False, True])
def test_a_drain_resets_both_sides(begun, handyproxy, relay):
    daemon = handyproxy(*RELAY)
    client, upstream = relay(REQUEST)
    if begun:
        upstream.send(RESPONSE)
        assert client.receive(len(RESPONSE)) == RESPONSE
    daemon.terminate()
    assert client.end() == RESET
    assert upstream.receive_to_end()[1] == RESET


@pytest.mark.expects_errors
def test_a_crash_resets_both_sides(handyproxy, relay):
    daemon = handyproxy(*RELAY, workers=1)
    client, upstream = relay(REQUEST)
    upstream.send(RESPONSE)
    assert client.receive(len(RESPONSE)) == RESPONSE
    os.kill(daemon.workers[0], signal.SIGKILL)
    assert client.end() == RESET
    assert upstream.receive_to_end()[1] == RESET


def test_descriptors_are_the_same_afterwards(
    handyproxy, relay, proxy, connect, settled
):
    daemon = handyproxy(*RELAY)
    before = settled(daemon)
    for _ in range(20):
        finish_exchange(*relay(REQUEST))
        client, upstream = relay(REQUEST)
        client.reset()
        assert upstream.receive_to_end()[1] == RESET
        proxy.then(answer(b"x"))
        client = connect(HTTP)
        client.send(REQUEST)
        assert client.end() == RESET
    daemon.wait_for_descriptors(before)
