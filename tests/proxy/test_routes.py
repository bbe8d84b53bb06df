# SPDX-License-Identifier: MIT
"""Routes: connections that go another way than by -upstream-proxy."""

import os
import signal
import time

import pytest

from behaviour import (
    DeafListener,
    answer_probes,
    hand_over,
    hand_over_unanswered,
)
from connect_proxy import ESTABLISHED
from lab import (
    ORIGIN_ADDRESS,
    OTHER_ORIGIN_ADDRESS,
    ROUTER_OTHER_ADDRESS,
    SECOND_PROXY_ADDRESS,
    UNREACHABLE_ADDRESS,
)
from modes import every_family
from peer import FIN, RESET, join
from waiting import duration, wait_until

HTTP_REQUEST = "GET / HTTP/1.1\r\nHost: {}\r\n\r\n"


@pytest.fixture
def usual(proxy):
    """The upstream of those that no rule matches."""
    proxy.behaviour = hand_over(ESTABLISHED + b"usual")
    return proxy


@pytest.fixture
def other(start_proxy):
    other = start_proxy(SECOND_PROXY_ADDRESS)
    other.behaviour = hand_over(ESTABLISHED + b"other")
    return other


def greet(peer) -> tuple[bytes, str]:
    """An origin that speaks first, and returns what it received."""
    peer.send(b"world")
    return peer.receive_to_end()


def test_destinations_go_by_their_rules(handyproxy, usual, other, connect):
    handyproxy(
        "-route", f"{OTHER_ORIGIN_ADDRESS}/32   {join(other.address)}",
        "-route", f"198.51.100.0/24 {join(usual.address)}",
    )
    assert connect((OTHER_ORIGIN_ADDRESS, 443)).receive(5) == b"other"
    assert connect((ORIGIN_ADDRESS, 443)).receive(5) == b"usual"


def test_ipv6_destinations_go_by_their_rules(
    lab, handyproxy, usual, other, connect
):
    """Both families, by rules of each."""
    daemon = handyproxy(
        "-local-address", "::",
        "-route", f"2606:2800::35 {join(usual.address)}",
        "-route", f"2606:2800::/32,{OTHER_ORIGIN_ADDRESS} {join(other.address)}",
    )
    lab.redirect_ipv6(daemon.port)
    for address, server in {
        "2606:2800::35": b"usual",
        "2606:2800::36": b"other",
        "2606:2801::35": b"usual",
        OTHER_ORIGIN_ADDRESS: b"other",
        ORIGIN_ADDRESS: b"usual",
    }.items():
        assert connect((address, 443)).receive(5) == server, address


def test_names_go_by_their_rules(handyproxy, usual, other, connect):
    handyproxy(
        "-sniff-timeout", "1h",
        "-route", f"partner.test,.wide.test {join(other.address)}",
    )
    for name, server in {
        "partner.test": b"other",
        "WWW.Partner.Test.": b"other",
        "www.wide.test": b"other",
        "wide.test": b"usual",
        "mypartner.test": b"usual",
        "partner.test.example": b"usual",
    }.items():
        client = connect((ORIGIN_ADDRESS, 80))
        client.send(HTTP_REQUEST.format(name).encode())
        assert client.receive(5) == server, name


def test_the_first_rule_decides_by_address_or_by_name(
    handyproxy, usual, other, connect
):
    handyproxy(
        "-sniff-timeout", "1h",
        "-route", f"partner.test {join(other.address)}",
        "-route", f"{ORIGIN_ADDRESS} {join(usual.address)}",
        "-route", f"* {join(other.address)}",
    )
    client = connect((ORIGIN_ADDRESS, 80))
    client.send(HTTP_REQUEST.format("partner.test").encode())
    assert client.receive(5) == b"other"
    client = connect((ORIGIN_ADDRESS, 80))
    client.send(HTTP_REQUEST.format("else.test").encode())
    assert client.receive(5) == b"usual"
    client = connect((OTHER_ORIGIN_ADDRESS, 80))
    client.send(HTTP_REQUEST.format("else.test").encode())
    assert client.receive(5) == b"other"


def test_a_rules_list_fails_over_within_itself(
    handyproxy, usual, other, connect
):
    gone = join(other.address)
    other.stop()
    usual.behaviour = answer_probes(usual.behaviour)
    daemon = handyproxy(
        "-route", f"{ORIGIN_ADDRESS} {gone}",
        "-route", f"{OTHER_ORIGIN_ADDRESS} {gone},{join(usual.address)}",
        "-check-interval", "1h", workers=1,
    )
    assert connect((OTHER_ORIGIN_ADDRESS, 443)).receive(5) == b"usual"
    assert connect((ORIGIN_ADDRESS, 443)).end() == RESET
    daemon.wait_for_warning(
        upstream=gone, cause="Connection refused",
        destination=f"{ORIGIN_ADDRESS}:443",
    )


# --- direct


@pytest.fixture
def direct(handyproxy, usual):
    """direct(OPTION...): everything goes direct."""

    def start(*options, **more):
        return handyproxy(
            "-route", "* direct", "-log-level", "info", *options, **more
        )

    return start


@every_family
def test_direct_connects_to_the_destination(
    direct, usual, start_origin, connect
):
    origin = start_origin(greet)
    daemon = direct()
    client = connect(origin.address)
    assert client.receive(5) == b"world"
    client.send(b"from the client")
    client.finish()
    assert origin.result() == (b"from the client", FIN)
    assert client.end() == FIN
    line = daemon.wait_for_closed(upstream="direct", result="done")
    assert line.has(destination=join(origin.address), sent=15, received=5)
    assert usual.requests == []


def test_direct_alone_is_a_list(handyproxy, start_origin, connect):
    origin = start_origin(greet)
    daemon = handyproxy(upstream="direct", workers=1)
    daemon.wait_for_log("upstream direct")
    assert connect(origin.address).receive(5) == b"world"


def test_an_origin_that_speaks_first_is_heard_at_once(
    direct, usual, start_origin, connect, handyproxy
):
    """It may not speak before the last segment of the handshake has come."""
    origin = start_origin(greet)

    def fastest() -> float:
        times = []
        for _ in range(10):
            began = time.monotonic()
            assert len(connect(origin.address).receive(5)) == 5
            times.append(time.monotonic() - began)
        return min(times)

    handyproxy(workers=1)
    by_proxy = fastest()
    direct(workers=1)
    assert fastest() < by_proxy + 0.1


def test_direct_has_no_upstream_before_it_is_chosen(
    direct, start_origin, connect
):
    origin = start_origin(greet)
    daemon = direct("-log-level", "debug")
    assert connect(origin.address).receive(5) == b"world"
    line = daemon.wait_for_log("connection is routing")
    assert "upstream" not in line.values


def test_direct_sends_what_was_sniffed_first(direct, start_origin, connect):
    """The name decides nothing: the destination is the client's."""
    origin = start_origin(lambda peer: peer.receive_to_end())
    direct("-sniff-timeout", "1h")
    client = connect(origin.address)
    request = HTTP_REQUEST.format("elsewhere.test").encode()
    client.send(request + b"and more")
    client.finish()
    assert origin.result() == (request + b"and more", FIN)


def test_direct_forwards_a_fin_whatever_half_close_says(
    direct, start_origin, connect
):
    origin = start_origin(lambda peer: (peer.receive_to_end(), peer.send(b"!")))
    direct("-half-close", "hold")
    client = connect(origin.address)
    client.send(b"all")
    client.finish()
    assert client.receive(1) == b"!"


def test_direct_passes_a_reset_on(direct, start_origin, connect):
    origin = start_origin(lambda peer: (peer.receive(1), peer.reset()))
    daemon = direct()
    client = connect(origin.address)
    client.send(b"x")
    assert client.end() == RESET
    daemon.wait_for_closed(upstream="direct", result="upstream_reset")


def test_a_reset_soon_after_the_dial_is_passed_on_behind_the_bytes(
    lab, direct, connect
):
    """The origin sends and resets before the worker has looked."""
    with lab.upstream:
        deaf = DeafListener(ORIGIN_ADDRESS)
    daemon = direct("-log-level", "debug", workers=1)
    client = connect(deaf.address)
    lab.wait_until_dialled(deaf.address)
    with daemon.still(*daemon.workers):
        origin = deaf.accept_from(ROUTER_OTHER_ADDRESS)
        origin.send(b"world")
        origin.wait_until_delivered()
        origin.reset()
    assert client.receive_to_end() == (b"world", RESET)
    daemon.wait_for_closed(upstream="direct", result="upstream_reset")
    deaf.stop()


def test_a_reset_at_once_is_no_dial_that_failed(direct, start_origin, connect):
    """It may come before connect(2) is asked again."""
    origin = start_origin(lambda peer: peer.reset())
    daemon = direct(workers=1)
    number = 50
    for _ in range(number):
        assert connect(origin.address).end() == RESET
    wait_until(
        lambda: sum(
            line.words == "connection closed" for line in daemon.log
        ) == number,
        "all have ended",
    )
    assert all(
        line.has(upstream="direct", result="upstream_reset")
        for line in daemon.log if line.words == "connection closed"
    )
    assert daemon.warnings() == []


def test_a_direct_dial_that_fails_is_told(lab, direct, connect):
    address = (ORIGIN_ADDRESS, lab.upstream.free_port())
    daemon = direct()
    assert connect(address).end() == RESET
    line = daemon.wait_for_warning(
        upstream="direct", destination=join(address)
    )
    assert line["cause"] == "Connection refused"
    assert "tried" not in line.values


def test_an_unreachable_destination_is_told(direct, connect):
    daemon = direct()
    assert connect((UNREACHABLE_ADDRESS, 443)).end() == RESET
    line = daemon.wait_for_warning(upstream="direct")
    assert line["cause"] in ("No route to host", "Network is unreachable")


def test_a_direct_dial_has_the_dial_timeout(lab, direct, connect):
    """The router's route for all else leads to a host that forwards nothing."""
    daemon = direct("-dial-timeout", duration(0.3))
    assert connect(("192.0.2.77", 443)).end() == RESET
    daemon.wait_for_warning(upstream="direct", cause="timed out")


def test_what_is_forbidden_stays_forbidden(lab, direct, usual, connect):
    daemon = direct()
    assert connect(("169.254.1.1", 80)).end() == RESET
    daemon.wait_for_warning(cause="link-local address")
    assert connect(usual.address).end() == RESET
    daemon.wait_for_warning(cause="the destination is the upstream")


def test_a_rules_upstream_is_a_loop_too(handyproxy, usual, other, connect):
    daemon = handyproxy("-route", f"192.0.2.0/24 {join(other.address)}")
    assert connect(other.address).end() == RESET
    daemon.wait_for_warning(cause="the destination is the upstream")


def test_a_reload_brings_other_rules(
    handyproxy, configuration, usual, other, connect
):
    path = configuration(
        f"upstream-proxy {join(usual.address)}", "workers 1",
        f"route {ORIGIN_ADDRESS} {join(other.address)}",
    )
    daemon = handyproxy("-config", path, upstream="", workers=1)
    assert connect().receive(5) == b"other"
    configuration(
        f"upstream-proxy {join(usual.address)}", "workers 1",
        f"route {OTHER_ORIGIN_ADDRESS} {join(other.address)}",
    )
    os.kill(daemon.pid, signal.SIGHUP)
    daemon.wait_for_log("workers are replaced")
    wait_until(lambda: connect().receive(5) == b"usual", "the new rules count")
    assert connect((OTHER_ORIGIN_ADDRESS, 443)).receive(5) == b"other"


def test_256_rules_are_asked(handyproxy, usual, other, connect):
    rules = [f"10.77.{i}.0/24 {join(usual.address)}" for i in range(255)]
    rules.append(f"{ORIGIN_ADDRESS} {join(other.address)}")
    handyproxy(*(word for rule in rules for word in ("-route", rule)))
    assert connect().receive(5) == b"other"


def test_a_connection_that_waits_counts_its_time_alone(
    handyproxy, usual, other, connect
):
    """One upstream that answers nothing delays no connection by another rule."""
    usual.behaviour = hand_over_unanswered()
    handyproxy(
        "-route", f"{OTHER_ORIGIN_ADDRESS} {join(other.address)}", workers=1
    )
    waiting = connect()
    assert connect((OTHER_ORIGIN_ADDRESS, 443)).receive(5) == b"other"
    assert waiting.stays_silent()


# --- plain HTTP that is relayed

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def relayed_by(*proxies) -> list[list[str]]:
    """The request targets that each proxy has seen."""
    return [[r.target for r in proxy.requests] for proxy in proxies]


def test_relayed_requests_go_by_name_without_sniffing(
    handyproxy, usual, other, connect
):
    usual.behaviour = other.behaviour = hand_over(ANSWER)
    handyproxy(
        "-http-relay-ports", "80", "-route", f"b.test {join(other.address)}"
    )
    for name in ("a.test", "b.test", "www.b.test"):
        client = connect((ORIGIN_ADDRESS, 80))
        client.send(HTTP_REQUEST.format(name).encode())
        assert client.receive(12) == b"HTTP/1.1 200"
    assert relayed_by(usual, other) == [
        ["http://a.test/"], ["http://b.test/", "http://www.b.test/"]
    ]


def test_a_relayed_request_to_a_direct_route_is_not_rewritten(
    handyproxy, usual, start_origin, connect
):
    origin = start_origin(lambda peer: peer.receive_to_end())
    handyproxy(
        "-http-relay-ports", str(origin.port), "-route", "x.test direct"
    )
    client = connect(origin.address)
    request = HTTP_REQUEST.format("x.test").encode()
    client.send(request)
    client.finish()
    assert origin.result() == (request, FIN)
    assert usual.requests == []


def test_a_relayed_request_goes_on_after_a_dial_that_failed(
    handyproxy, usual, other, connect
):
    usual.behaviour = answer_probes(hand_over(ANSWER))
    gone = join(other.address)
    other.stop()
    daemon = handyproxy(
        "-http-relay-ports", "80", "-check-interval", "1h",
        upstream=f"{gone},{join(usual.address)}", workers=1,
    )
    client = connect((ORIGIN_ADDRESS, 80))
    client.send(HTTP_REQUEST.format("a.test").encode())
    assert client.receive(12) == b"HTTP/1.1 200"
    assert relayed_by(usual) == [["http://a.test/"]]
    daemon.wait_for_warning(upstream=gone, next=join(usual.address))
