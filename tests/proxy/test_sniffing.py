# SPDX-License-Identifier: MIT
"""The host's name in the client's first bytes. However the search ends, the
origin gets every byte in order."""

import time

import pytest

from behaviour import hand_over
from first_bytes import (
    client_hello,
    client_hello_with,
    in_records,
    name_end,
    request_head,
    request_head_of,
)
from lab import ORIGIN_ADDRESS
from modes import every_family
from peer import FIN, RESET, Peer, in_background, join, pattern_bytes
from waiting import SCALE, duration, wait_until

NAME = "www.example.test"
PORT = 443
IP = f"{ORIGIN_ADDRESS}:{PORT}"

# A test that has to wait for this timeout fails.
FOREVER = ("-sniff-timeout", "1h")


@pytest.fixture
def sniffed(lab, proxy, connect, addresses):
    """sniffed(BYTES): the target that the proxy is asked for after a client has
    sent these bytes, piece by piece. It also checks that the bytes arrive."""

    def target_of(
        *pieces: bytes, port=PORT, finish=False, read_apart=False
    ) -> str:
        proxy.then(hand_over())
        number = len(proxy.requests) + 1
        client = connect((addresses.origin, port))
        for piece in pieces[:-1]:
            client.send(piece)
            client.wait_until_delivered()
            if read_apart:
                lab.wait_until_read(client.address)
        client.send(pieces[-1])
        if finish:
            client.finish()
        upstream = proxy.tunnel()
        whole = b"".join(pieces)
        assert upstream.receive(len(whole)) == whole
        if finish:
            assert upstream.end() == FIN
        else:
            assert_open(client, upstream)
        return proxy.request(number).target

    return target_of


def assert_open(client: Peer, upstream: Peer) -> None:
    client.send(b"ping")
    assert upstream.receive(4) == b"ping"
    upstream.send(b"pong")
    assert client.receive(4) == b"pong"


def one_by_one(data: bytes) -> list[bytes]:
    """Sends each byte in a segment of its own."""
    return [bytes([value]) for value in data]


# Names


def test_without_the_option_nothing_is_sniffed(handyproxy, sniffed):
    handyproxy()
    assert sniffed(request_head(f"Host: {NAME}")) == IP
    assert sniffed(client_hello(NAME)) == IP


@every_family
def test_the_name_of_a_tls_hello_is_asked_for(handyproxy, sniffed):
    handyproxy(*FOREVER)
    assert sniffed(client_hello(NAME)) == f"{NAME}:{PORT}"


@every_family
def test_the_name_of_a_http_host_is_asked_for(handyproxy, sniffed):
    handyproxy(*FOREVER)
    assert sniffed(request_head(f"Host: {NAME}")) == f"{NAME}:{PORT}"


@every_family
def test_an_address_is_no_name_and_the_destination_is_asked_for(
    addresses, handyproxy, sniffed
):
    handyproxy(*FOREVER)
    for host in ("[2001:db8::1]", "192.0.2.1"):
        assert sniffed(request_head(f"Host: {host}")) == join(
            (addresses.origin, PORT)
        )


@pytest.mark.parametrize(
    "head",
    [
        request_head(f"hOSt:{NAME}"),
        request_head("A: b", f"Host: \t {NAME} ", "C: d"),
        request_head(f"Host: {NAME}:8080"),
        request_head(f"Host: {NAME}.").replace(b"GET", b"BREW"),
        request_head(f"Host: {NAME}").replace(b"GET", b"get"),
        request_head(f"Host: {NAME}").replace(b"GET", b"connect"),
        request_head(f"Host: {NAME}").replace(b"\r\n", b"\n"),
        request_head("Host: other.test", target=f"http://{NAME}/x"),
        request_head(target=f"http://{NAME}:81/x"),
        request_head(f"Host: {NAME}").replace(b"1.1", b"1.0"),
        request_head(f"Host: {NAME}") + b"body",
        b"\r\n" + request_head(f"Host: {NAME}"),
    ],
    ids=["any-case", "among-others", "with-port", "any-method",
         "small-letters", "no-CONNECT", "bare-lf", "absolute-form-wins",
         "absolute-form", "http-1.0", "with-body",
         "behind-an-empty-line"],
)
def test_http_requests_of_all_kinds_name_the_host(head, handyproxy, sniffed):
    handyproxy(*FOREVER)
    assert sniffed(head) == f"{NAME}:{PORT}"


def test_the_destinations_port_is_asked_for_whatever_host_says(
    handyproxy, sniffed
):
    handyproxy(*FOREVER)
    head = request_head(f"Host: {NAME}:8080", target=f"http://{NAME}:81/")
    assert sniffed(head, port=8888) == f"{NAME}:8888"


@pytest.mark.parametrize("size", [1, 100, 16384])
def test_a_tls_hello_over_several_records(size, handyproxy, sniffed):
    hello = in_records(client_hello(NAME), size)
    handyproxy(*FOREVER)
    assert sniffed(hello) == f"{NAME}:{PORT}"


def test_a_tls_hello_longer_than_a_segment(handyproxy, sniffed):
    hello = client_hello(NAME, more_bytes=5000)
    assert len(hello) > 5000
    handyproxy(*FOREVER)
    assert sniffed(hello) == f"{NAME}:{PORT}"


@pytest.mark.parametrize(
    "first_bytes",
    [client_hello(NAME), request_head(f"Host: {NAME}")],
    ids=["tls", "http"],
)
def test_first_bytes_one_by_one(first_bytes, handyproxy, sniffed):
    handyproxy(*FOREVER)
    assert sniffed(*one_by_one(first_bytes)) == f"{NAME}:{PORT}"


def test_the_longest_name_is_valid(handyproxy, sniffed):
    name = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert len(name) == 253
    handyproxy(*FOREVER)
    assert sniffed(client_hello(name)) == f"{name}:{PORT}"
    assert sniffed(request_head(f"Host: {name}.")) == f"{name}:{PORT}"


NO_NAMES = {
    "empty": "",
    "too-long": ".".join(["a" * 63] * 4)[:254],
    "empty-label": "www..test",
    "leading-dot": ".www.test",
    "dot": ".",
    "two-trailing-dots": "www.test..",
    "blank": "www example.test",
    "at": "user@www.test",
    "slash": "www.test/x",
    "control": "www\x01.test",
    "quote": 'www".test',
    "umlaut": "www.\xe4.test",
    "ipv4": "203.0.113.9",
    "ipv4-short": "127.1",
    "ipv4-number": "2130706433",
    "ipv4-hex": "0x7f000001",
    "hex-label": "www.0x10",
    "digits-label": "www.123",
    "ipv6": "[2001:db8::1]",
    "localhost": "localhost",
    "localhost-dot": "localhost.",
    "localhost-capital": "LocalHost",
    "below-localhost": "www.localhost",
}


@pytest.mark.parametrize("name", NO_NAMES.values(), ids=NO_NAMES.keys())
def test_what_is_no_valid_name_is_not_asked_for(name, handyproxy, sniffed):
    handyproxy(*FOREVER)
    assert sniffed(request_head(f"Host: {name}")) == IP
    if len(name) > 5:
        assert sniffed(client_hello_with(name.encode("latin-1"))) == IP


@pytest.mark.parametrize(
    "head",
    [
        request_head(f"Host: {NAME}", f"Host: {NAME}"),
        request_head(f"Host: {NAME}", "A: b", "host: other.test"),
        request_head("Host: www.", " example.test"),
        request_head(f"Host: {NAME}", " folded"),
        request_head("A: b"),
        request_head().replace(b"1.1", b"1.0"),
    ],
    ids=["duplicate", "two", "obs-fold", "obs-fold-behind", "none", "1.0"],
)
def test_requests_that_do_not_name_their_host(head, handyproxy, sniffed):
    """The head is complete, so HandyProxy waits for no more bytes."""
    handyproxy(*FOREVER)
    assert sniffed(head) == IP


# Limits


@pytest.mark.parametrize(
    "missing, target", [(0, f"{NAME}:{PORT}"), (1, IP)], ids=["met", "missed"]
)
def test_the_limit_of_bytes_by_one_in_tls(
    missing, target, handyproxy, sniffed
):
    hello = client_hello(NAME)
    limit = name_end(hello, NAME) - missing
    handyproxy(*FOREVER, "-sniff-max-bytes", str(limit))
    assert sniffed(hello) == target
    for at in (limit - 1, limit):
        assert sniffed(hello[:at], hello[at:], read_apart=True) == target


@pytest.mark.parametrize(
    "size, target", [(2000, f"{NAME}:{PORT}"), (2001, IP)],
    ids=["met", "missed"],
)
def test_the_limit_of_bytes_by_one_in_http(size, target, handyproxy, sniffed):
    handyproxy(*FOREVER, "-sniff-max-bytes", "2000")
    head = request_head_of(size, NAME)
    assert sniffed(head) == target
    for at in (1000, 1999):
        assert sniffed(head[:at], head[at:], read_apart=True) == target


@pytest.mark.parametrize("value", [None, "0", "-1"])
def test_the_default_limit_is_8192_bytes(value, handyproxy, sniffed):
    option = ("-sniff-max-bytes", value) if value else ()
    handyproxy(*FOREVER, *option)
    assert sniffed(request_head_of(8192, NAME)) == f"{NAME}:{PORT}"
    assert sniffed(request_head_of(8193, NAME)) == IP


def test_a_higher_limit(handyproxy, sniffed):
    handyproxy(*FOREVER, "-sniff-max-bytes", "20000")
    assert sniffed(request_head_of(20000, NAME)) == f"{NAME}:{PORT}"
    assert sniffed(request_head_of(20001, NAME)) == IP


def test_more_bytes_than_the_limit_at_once(handyproxy, sniffed):
    """Bytes behind the limit are neither searched nor lost."""
    handyproxy(*FOREVER, "-sniff-max-bytes", "100")
    head = request_head("X: " + "x" * 200, f"Host: {NAME}")
    assert sniffed(head + pattern_bytes(100_000, seed=14)) == IP


# The end of the search


@pytest.mark.parametrize(
    "part",
    [b"", client_hello(NAME)[:50], request_head(f"Host: {NAME}")[:-1]],
    ids=["nothing", "tls", "http"],
)
def test_a_fin_ends_the_search(part, handyproxy, sniffed):
    handyproxy(*FOREVER)
    assert sniffed(part, finish=True) == IP


def test_a_fin_right_behind_the_name(handyproxy, sniffed):
    handyproxy(*FOREVER)
    head = request_head(f"Host: {NAME}")
    assert sniffed(head, finish=True) == f"{NAME}:{PORT}"


def test_a_reset_behind_a_fin_that_ended_the_search_is_passed_on(
    handyproxy, proxy, connect
):
    handyproxy(*FOREVER)
    proxy.behaviour = hand_over()
    client = connect()
    client.finish()
    upstream = proxy.tunnel()
    assert upstream.end() == FIN
    client.reset()
    wait_until(upstream.is_reset, "the RST is passed on")


@pytest.mark.parametrize("part", [b"", b"GET / HT"], ids=["nothing", "part"])
def test_a_reset_ends_the_connection(
    part, handyproxy, settled, proxy, connect
):
    daemon = handyproxy(*FOREVER, "-log-level", "info")
    before = settled(daemon)
    client = connect()
    client.send(part)
    client.wait_until_delivered()
    address = client.address
    client.reset()
    daemon.wait_for_closed(client=address, result="client_reset")
    daemon.wait_for_descriptors(before)
    assert proxy.requests == []


@pytest.mark.parametrize("part", [b"", b"GET / HT"], ids=["nothing", "part"])
def test_the_timeout_ends_the_search(part, handyproxy, sniffed):
    """A client that waits for the server's first bytes is delayed by the
    timeout, and no longer."""
    handyproxy("-sniff-timeout", duration(0.3))
    start = time.monotonic()
    assert sniffed(part) == IP
    assert time.monotonic() - start >= 0.3 * SCALE


def test_a_timeout_of_0_is_one_second(handyproxy, sniffed):
    handyproxy("-sniff-timeout", "0")
    start = time.monotonic()
    assert sniffed(b"") == IP
    assert time.monotonic() - start >= 1
    # On a busy machine the hello may come later than that.
    wait_until(
        lambda: sniffed(client_hello(NAME)) == f"{NAME}:{PORT}", "a name"
    )


def test_bytes_that_come_slowly_do_not_prolong_the_timeout(
    handyproxy, proxy, connect
):
    handyproxy("-sniff-timeout", duration(0.5))
    proxy.behaviour = hand_over()
    client = connect()
    sent = [b"GET / HTTP/1.1\r\nX: "]
    client.send(sent[0])

    def another_byte_ends_it() -> bool:
        client.send(b"x")
        sent.append(b"x")
        return not client.stays_silent() or bool(proxy.requests)

    wait_until(another_byte_ends_it, "the proxy is asked")
    assert proxy.request().target == IP
    whole = b"".join(sent)
    assert proxy.tunnel().receive(len(whole)) == whole


NOT_SNIFFABLE = {
    "ssh": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "smtp": b"EHLO mail.example.test\r\n",
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "zero": b"\0",
    "tls-alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "server-hello": b"\x16\x03\x03\x00\x04\x02\x00\x00\x00",
    "high-bytes": bytes(range(128, 256)),
    "jdwp": b"JDWP-Handshake",
    "zookeeper": b"ruok",
    "memcached": b"get name\r\n",
    "git": b"0032git-upload-pack /a.git\0host=" + NAME.encode() + b"\0",
    "ssh-without-end": b"SSH-2.0-OpenSSH_9.2p1",
    "giop": b"GIOP\x01\x02\x01\0",
    "redis": b"*1\r\n$4\r\nPING\r\n",
    "stomp": b"CONNECT\nhost:" + NAME.encode() + b"\n\n\0",
    "lone-crlf": b"\r\n",
    "long-method": b"A" * 33,
    "connect": b"CONNECT other.test:443",
    "whole-connect": (
        b"CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n"
    ),
}


@pytest.mark.parametrize(
    "first_bytes", NOT_SNIFFABLE.values(), ids=NOT_SNIFFABLE.keys()
)
def test_what_cannot_hold_a_name_does_not_wait(
    first_bytes, handyproxy, sniffed
):
    handyproxy(*FOREVER)
    assert sniffed(first_bytes) == IP


def test_a_hello_without_a_name_does_not_wait(handyproxy, sniffed):
    """Its first bytes look like a ClientHello, but it has no name."""
    handyproxy(*FOREVER)
    hello = client_hello_with(b"127.0.0.1")
    assert sniffed(hello) == IP


# Ports


def test_each_scanner_looks_at_its_ports(handyproxy, sniffed):
    handyproxy(
        *FOREVER,
        "-sniff-tls-ports", "443,8443", "-sniff-http-ports", "80,8000-8100",
    )
    hello, head = client_hello(NAME), request_head(f"Host: {NAME}")
    for port in (443, 8443):
        assert sniffed(hello, port=port) == f"{NAME}:{port}"
        assert sniffed(head, port=port) == f"{ORIGIN_ADDRESS}:{port}"
    for port in (80, 8000, 8050, 8100):
        assert sniffed(head, port=port) == f"{NAME}:{port}"
        assert sniffed(hello, port=port) == f"{ORIGIN_ADDRESS}:{port}"


def test_a_port_on_neither_list_is_never_delayed(handyproxy, sniffed):
    handyproxy(
        *FOREVER, "-sniff-tls-ports", "443", "-sniff-http-ports", "none"
    )
    assert sniffed(b"", port=22) == f"{ORIGIN_ADDRESS}:22"
    assert sniffed(client_hello(NAME), port=444) == f"{ORIGIN_ADDRESS}:444"


def test_the_wrong_first_byte_for_the_only_scanner_does_not_wait(
    handyproxy, sniffed
):
    handyproxy(*FOREVER, "-sniff-tls-ports", "all", "-sniff-http-ports", "none")
    assert sniffed(b"G") == IP


def test_lists_of_ports_are_all_by_default(handyproxy, sniffed):
    handyproxy(*FOREVER)
    for port in (1, 65535):
        assert sniffed(client_hello(NAME), port=port) == f"{NAME}:{port}"


# The log


@every_family
def test_the_name_is_in_the_log(
    addresses, handyproxy, sniffed, connect, proxy
):
    daemon = handyproxy(*FOREVER, "-log-level", "info")
    sniffed(client_hello(NAME), finish=True)
    proxy.stop()
    client = connect()
    client.send(request_head(f"Host: {NAME}"))
    assert client.end() == RESET
    daemon.wait_for_warning(
        host=NAME, destination=join((addresses.origin, PORT)),
        client=client.address,
    )


def test_an_invalid_name_is_not_in_the_log(handyproxy, proxy, connect):
    daemon = handyproxy(*FOREVER)
    proxy.stop()
    client = connect()
    client.send(request_head("Host: evil name.test"))
    assert client.end() == RESET
    line = daemon.wait_for_warning(client=client.address)
    assert "host" not in line.values
    assert "evil" not in daemon.log_text


def test_bulk_behind_the_name_arrives_whole(handyproxy, proxy, connect):
    """The bytes are sent before the proxy has answered."""
    data = request_head(f"Host: {NAME}") + pattern_bytes(3_000_000, seed=15)
    handyproxy(*FOREVER)
    proxy.behaviour = hand_over()
    client = connect()
    sender = in_background(client.send_and_finish, [data])
    upstream = proxy.tunnel()
    assert upstream.receive_to_end() == (data, FIN)
    sender.join()
