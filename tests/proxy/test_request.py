# SPDX-License-Identifier: MIT
"""What the upstream proxy is asked, and when it receives bytes."""

import pytest

from behaviour import hand_over, hand_over_unanswered
from connect_proxy import ESTABLISHED
from peer import RESET


@pytest.mark.parametrize(
    "family, address, target",
    [
        ("ipv4", "93.184.216.34", b"93.184.216.34:8443"),
        ("ipv6", "2001:DB8:0:0::0034", b"[2001:db8::34]:8443"),
    ],
    ids=["ipv4", "ipv6"],
)
def test_the_request_is_connect_and_host_and_nothing_else(
    address, target, handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over()
    connect((address, 8443))
    assert proxy.request().raw == (
        b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (target, target)
    )


def test_no_byte_of_the_client_is_sent_before_the_2xx(
    handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over_unanswered()
    client = connect()
    client.send(b"first bytes")
    upstream = proxy.tunnel()
    assert upstream.stays_silent()
    upstream.send(b"HTTP/1.1 100 Continue\r\n\r\n" + ESTABLISHED[:-1])
    assert upstream.stays_silent()
    upstream.send(ESTABLISHED[-1:])
    assert upstream.receive(11) == b"first bytes"


def test_no_byte_of_the_client_is_sent_to_a_proxy_that_refuses(
    handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over_unanswered()
    client = connect()
    client.send(b"secret")
    upstream = proxy.tunnel()
    upstream.send(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    assert upstream.receive_to_end()[0] == b""
    assert client.end() == RESET


def test_a_client_that_leaves_before_the_answer_cancels_the_request(
    handyproxy, proxy, connect
):
    """The client's RST also ends the connection to the upstream."""
    daemon = handyproxy("-log-level", "info")
    proxy.behaviour = hand_over_unanswered()
    client = connect()
    upstream = proxy.tunnel()
    client.reset()
    assert upstream.end() == RESET
    daemon.wait_for_closed(result="client_reset")


def test_a_client_that_has_ended_its_stream_before_the_answer_is_served(
    handyproxy, proxy, connect
):
    """The client's FIN waits, as its bytes do."""
    handyproxy()
    proxy.behaviour = hand_over_unanswered()
    client = connect()
    client.send(b"question")
    client.finish()
    upstream = proxy.tunnel()
    assert upstream.stays_silent()
    upstream.send(ESTABLISHED)
    assert upstream.receive_to_end() == (b"question", "fin")
    upstream.send(b"answer")
    upstream.finish()
    assert client.receive_to_end() == (b"answer", "fin")
