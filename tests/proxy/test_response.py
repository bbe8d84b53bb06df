# SPDX-License-Identifier: MIT
"""Which answers open the tunnel, however they are written."""

import pytest

from behaviour import answer_and_close, hand_over, hand_over_unanswered

MOST_HEADER_BYTES = 16 * 1024

OPENING = {
    "200": b"HTTP/1.1 200 Connection established\r\n\r\n",
    "201": b"HTTP/1.1 201 Created\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "299": b"HTTP/1.1 299 Whatever\r\n\r\n",
    "headers": b"HTTP/1.1 200 OK\r\nVia: 1.1 squid\r\nX-Cache:MISS\r\n\r\n",
    "content-length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    "content-length-0": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "connection-close": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    "bare-lf": b"HTTP/1.1 200 OK\nVia: 1.1 proxy\n\n",
    "mixed-line-ends": b"HTTP/1.1 200 OK\r\nVia: 1.1 proxy\n\r\n",
    "http-1.0": b"HTTP/1.0 200 OK\r\n\r\n",
    "no-reason": b"HTTP/1.1 200\r\n\r\n",
    "no-reason-but-space": b"HTTP/1.1 200 \r\n\r\n",
    "after-100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "after-103": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                 b"HTTP/1.1 200 OK\r\n\r\n",
    "after-many-1xx": b"HTTP/1.1 102 Processing\r\n\r\n" * 20
                      + b"HTTP/1.1 200 OK\r\n\r\n",
}

every_opening = pytest.mark.parametrize(
    "answer", OPENING.values(), ids=OPENING.keys()
)


def header_of(size: int) -> bytes:
    start = b"HTTP/1.1 200 OK\r\nX-Padding: "
    return start + b"x" * (size - len(start) - 4) + b"\r\n\r\n"


def assert_open(client, upstream) -> None:
    client.send(b"ping")
    assert upstream.receive(4) == b"ping"
    upstream.send(b"pong")
    assert client.receive(4) == b"pong"


@every_opening
def test_an_answer_in_one_piece_opens_the_tunnel(
    answer, handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over(answer)
    assert_open(connect(), proxy.tunnel())


@every_opening
def test_an_answer_byte_by_byte_opens_the_tunnel(
    answer, handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over(answer, segment_bytes=1)
    assert_open(connect(), proxy.tunnel())


@every_opening
def test_bytes_in_the_segment_of_the_answer_reach_the_client(
    answer, handyproxy, proxy, connect
):
    """The server speaks first, and its bytes look like header fields."""
    banner = b"220 mail.test ESMTP\r\n\r\n"
    handyproxy()
    proxy.behaviour = hand_over(answer + banner)
    client, upstream = connect(), proxy.tunnel()
    assert client.receive(len(banner)) == banner
    assert_open(client, upstream)


def test_much_behind_the_answer_reaches_the_client(handyproxy, proxy, connect):
    """The bytes exceed any buffer for headers."""
    flood = bytes(range(256)) * 1024
    handyproxy()
    proxy.behaviour = answer_and_close(OPENING["200"] + flood)
    assert connect().receive_to_end() == (flood, "fin")


def test_an_origin_that_ends_in_the_segment_of_the_answer(
    handyproxy, proxy, connect
):
    daemon = handyproxy()
    proxy.behaviour = hand_over_unanswered()
    client, upstream = connect(), proxy.tunnel()
    daemon.stop_workers()
    upstream.send(OPENING["200"] + b"bye")
    upstream.finish()
    upstream.wait_until_delivered()
    daemon.continue_workers()
    assert client.receive_to_end() == (b"bye", "fin")


@pytest.mark.parametrize("segment_bytes", [None, 61], ids=["whole", "slowly"])
def test_a_header_of_16_kib_opens_the_tunnel(
    segment_bytes, handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over(header_of(MOST_HEADER_BYTES), segment_bytes)
    assert_open(connect(), proxy.tunnel())
