# SPDX-License-Identifier: MIT
"""Several upstreams: which of them is asked, when the next one is, and when one
is down."""

import contextlib
import errno
import os
import signal
import socket
import threading
import time

import pytest

from behaviour import (
    DeafListener,
    answer,
    answer_and_close,
    answer_and_reset,
    answer_probes,
    hand_over,
    hand_over_unanswered,
    stay_silent,
)
from connect_proxy import ESTABLISHED
from daemon import comm_of
from lab import (
    CLIENT_ADDRESS,
    ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    ROUTER_OTHER_ADDRESS,
    SECOND_PROXY_ADDRESS,
)
from peer import FIN, RESET, connect as connect_peer, join
from test_failures import LOCAL_PORTS, NO_LOCAL_PORT
from waiting import SCALE, duration, noise, wait_until

REFUSED = b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n"
FROM_FIRST = hand_over(ESTABLISHED + b"first")
FROM_SECOND = hand_over(ESTABLISHED + b"other")


@pytest.fixture
def first(proxy):
    proxy.behaviour = answer_probes(FROM_FIRST)
    return proxy


@pytest.fixture
def second(start_proxy):
    second = start_proxy(SECOND_PROXY_ADDRESS)
    second.behaviour = answer_probes(FROM_SECOND)
    return second


@pytest.fixture
def start(handyproxy, first, second):
    """start(OPTION...): with both upstreams, the first one preferred."""

    def start_one(*options, workers=1, more="", **rest):
        return handyproxy(
            "-log-level", "info", *options,
            upstream=f"{join(first.address)},{join(second.address)}{more}",
            workers=workers, **rest,
        )

    return start_one


def asked(proxy) -> int:
    """The tunnels that the proxy was asked for."""
    return sum(request.method == "CONNECT" for request in proxy.requests)


def probes(proxy) -> int:
    return sum(request.method == "OPTIONS" for request in proxy.requests)


def served_by(client) -> bytes:
    return client.receive(5)


def lines(daemon, words: str, at_least: int = 0) -> list:
    """The lines with these words, once there are so many: they come later than
    what they tell of."""

    def find() -> list:
        return [line for line in daemon.log if line.words == words]

    wait_until(lambda: len(find()) >= at_least, f"{at_least} lines: {words}")
    return find()


# --- which one is asked


def test_the_first_of_the_list_is_asked(start, first, second, connect):
    daemon = start()
    for _ in range(3):
        assert served_by(connect()) == b"first"
    assert asked(second) == 0 and probes(first) == 0 and probes(second) == 0
    assert daemon.warnings() == []


def test_a_refused_dial_leads_to_the_next(start, first, second, connect):
    """The first connection finds the upstream down; those that follow do not
    dial it any more."""
    first.stop()
    daemon = start("-check-interval", "1h")
    upstream = join(first.address)
    assert served_by(connect()) == b"other"
    passed = daemon.wait_for_log("upstream passed over")
    assert passed.level == "info"
    assert passed.has(
        upstream=upstream, cause="Connection refused",
        next=join(second.address), destination=f"{ORIGIN_ADDRESS}:443",
    )
    assert passed["client"].startswith(CLIENT_ADDRESS)
    daemon.wait_for_warning(
        upstream=upstream, cause="Connection refused",
        next=join(second.address),
    )
    for _ in range(3):
        assert served_by(connect()) == b"other"
    assert len(lines(daemon, "upstream is down")) == 1
    assert len(lines(daemon, "upstream passed over")) == 1


def test_a_dead_upstream_costs_failover_after_once(
    lab, handyproxy, second, connect
):
    with lab.upstream:
        deaf = DeafListener(PROXY_ADDRESS)
    daemon = handyproxy(
        "-failover-after", duration(1), "-check-interval", "1h",
        upstream=f"{join(deaf.address)},{join(second.address)}", workers=1,
    )
    assert served_by(connect()) == b"other"
    line = daemon.wait_for_warning(upstream=join(deaf.address))
    assert line.has(cause="timed out", next=join(second.address))
    for _ in range(5):
        assert served_by(connect()) == b"other"
    assert len(daemon.warnings()) == 1
    deaf.stop()


@pytest.mark.parametrize("end", [answer_and_close, answer_and_reset])
def test_an_answer_that_ends_at_any_byte_leads_to_the_next(
    start, first, second, connect, end
):
    daemon = start()
    for length in range(len(ESTABLISHED)):
        first.behaviour = answer_probes(end(ESTABLISHED[:length]))
        assert served_by(connect()) == b"other"
    assert asked(first) == asked(second) == len(ESTABLISHED)
    passed = lines(daemon, "upstream passed over", len(ESTABLISHED))
    assert len(passed) == len(ESTABLISHED)
    assert daemon.warnings() == []


def test_garbage_leads_to_the_next(start, first, second, connect):
    first.behaviour = answer_probes(answer(b"SSH-2.0-OpenSSH_9.2\r\n"))
    daemon = start()
    assert served_by(connect()) == b"other"
    passed = daemon.wait_for_log("upstream passed over")
    assert passed.has(upstream=join(first.address), cause="malformed header")


def test_a_header_that_is_too_long_leads_to_the_next(
    start, first, second, connect
):
    first.behaviour = answer_probes(
        answer(ESTABLISHED[:-2] + b"X: " + b"x" * 16400)
    )
    start()
    assert served_by(connect()) == b"other"


@pytest.mark.parametrize("status", [401, 407, 500, 502, 503, 504])
def test_a_fast_refusal_leads_to_the_next(
    start, first, second, connect, status
):
    first.behaviour = answer_probes(answer(REFUSED % status))
    daemon = start("-failover-after", "1h")
    for _ in range(2):
        assert served_by(connect()) == b"other"
    passed = daemon.wait_for_log("upstream passed over")
    assert passed.has(status=status, next=join(second.address))
    assert asked(first) == 2, "no status means that an upstream is down"
    assert probes(first) == 0
    assert daemon.warnings() == []


@pytest.mark.parametrize("status", [300, 400, 403, 404, 405, 429, 501, 505])
def test_any_other_refusal_is_the_answer(
    start, first, second, connect, status
):
    first.behaviour = answer_probes(answer(REFUSED % status))
    daemon = start("-failover-after", "1h")
    assert connect().end() == RESET
    line = daemon.wait_for_warning(status=status)
    assert line.has(upstream=join(first.address))
    assert "tried" not in line.values
    assert asked(second) == 0


def test_a_slow_refusal_is_the_answer(start, first, second, connect):
    """It took longer than -failover-after: a timeout of the proxy's own."""
    first.behaviour = answer_probes(hand_over_unanswered())
    daemon = start("-failover-after", "20ms")
    client = connect()
    upstream = first.tunnel()
    assert client.stays_silent()
    upstream.send(REFUSED % 503)
    assert client.end() == RESET
    daemon.wait_for_warning(status=503)
    assert asked(second) == 0


def test_a_response_timeout_ends_the_connection(
    start, first, second, connect
):
    first.behaviour = answer_probes(stay_silent())
    daemon = start("-response-timeout", duration(0.3))
    assert connect().end() == RESET
    daemon.wait_for_warning(cause="timed out", upstream=join(first.address))
    assert asked(second) == 0


def test_each_upstream_has_the_response_timeout_anew(
    start, first, second, connect
):
    first.behaviour = answer_probes(hand_over_unanswered())
    second.behaviour = answer_probes(hand_over_unanswered())
    start("-response-timeout", duration(4), "-failover-after", "1h")
    client = connect()
    for proxy, reply in ((first, REFUSED % 503), (second, ESTABLISHED)):
        upstream = proxy.tunnel()
        assert client.stays_silent()
        client.socket.settimeout(2.4 * SCALE)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        upstream.send(reply)
    upstream.send(b"hello")
    client.socket.settimeout(20 * SCALE)
    assert client.receive(5) == b"hello"


def test_the_time_for_dials_stands_still_while_an_upstream_is_asked(
    start, first, second, connect
):
    first.behaviour = answer_probes(hand_over_unanswered())
    start("-dial-timeout", duration(1), "-failover-after", "1h")
    client = connect()
    upstream = first.tunnel()
    client.socket.settimeout(1.5 * SCALE)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    client.socket.settimeout(20 * SCALE)
    upstream.reset()
    assert served_by(client) == b"other"


def test_the_last_upstreams_failure_is_logged(start, first, second, connect):
    first.behaviour = answer_probes(answer(REFUSED % 503))
    second.behaviour = answer_probes(answer_and_close(b""))
    daemon = start("-failover-after", "1h")
    assert connect().end() == RESET
    line = daemon.wait_for_warning(upstream=join(second.address))
    assert line.has(
        cause="closed before the end of its header", tried=2,
        destination=f"{ORIGIN_ADDRESS}:443",
    )
    assert asked(first) == 1 and asked(second) == 1


def test_the_status_of_the_last_upstream_is_logged(
    start, first, second, connect
):
    first.behaviour = answer_probes(answer_and_close(b""))
    second.behaviour = answer_probes(answer(REFUSED % 504))
    daemon = start("-failover-after", "1h")
    assert connect().end() == RESET
    line = daemon.wait_for_warning(upstream=join(second.address))
    assert line.has(status=504, reason="Refused", tried=2)


def test_no_byte_of_the_client_is_sent_before_the_answer(
    start, first, second, connect
):
    """What the client sent early goes to the upstream that opens the tunnel,
    once and whole."""
    first.behaviour = answer_probes(answer(REFUSED % 503))
    start("-failover-after", "1h")
    client = connect()
    client.send(b"from the client")
    tunnel = second.tunnel()
    assert tunnel.receive(15) == b"from the client"
    assert first.end()[0] == b""


# --- down, and up again


def test_an_upstream_that_ends_its_answers_is_down_if_a_probe_fails(
    start, first, second, connect
):
    first.behaviour = answer_and_close(b"")
    daemon = start("-check-interval", "1h")
    assert served_by(connect()) == b"other"
    line = daemon.wait_for_line(
        "that it is down", lambda line: line.words == "upstream is down"
    )
    assert line.has(
        upstream=join(first.address), next=join(second.address),
        cause="closed before the end of its header",
    )
    before = asked(first)
    for _ in range(3):
        assert served_by(connect()) == b"other"
    assert asked(first) == before


def test_an_upstream_that_ends_its_answers_stays_up_if_a_probe_succeeds(
    start, first, second, connect
):
    first.behaviour = answer_probes(answer_and_close(b""))
    daemon = start()
    assert served_by(connect()) == b"other"
    wait_until(lambda: probes(first) == 1, "the first upstream is probed")
    assert served_by(connect()) == b"other"
    assert asked(first) == 2
    assert lines(daemon, "upstream is down") == []


@pytest.mark.parametrize("error", [errno.ENOBUFS, errno.ENOMEM])
def test_a_probe_that_this_host_has_no_memory_for_says_nothing(
    start, first, second, connect, fail_sends, error
):
    """The next one is good."""
    first.behaviour = answer_probes(answer_and_close(b""))
    daemon = start("-check-interval", "1h", preload=fail_sends("OPTIONS", error))
    assert served_by(connect()) == b"other"
    wait_until(lambda: probes(first) == 1, "the first upstream is probed")
    assert lines(daemon, "upstream is down") == []


@pytest.mark.parametrize("error", [errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM])
def test_a_request_waits_while_this_host_lacks_memory(
    start, first, second, connect, fail_sends, error
):
    daemon = start(preload=fail_sends("CONNECT", error))
    assert served_by(connect()) == b"first"
    assert asked(second) == 0 and probes(first) == 0
    assert daemon.warnings() == []


def test_the_response_timeout_runs_while_this_host_lacks_memory(
    start, first, second, connect, fail_sends
):
    daemon = start(
        "-response-timeout", duration(0.5),
        preload=fail_sends("CONNECT", errno.ENOBUFS, until_reset=True),
    )
    assert connect().end() == RESET
    daemon.wait_for_warning(cause="timed out", upstream=join(first.address))
    assert asked(first) == 0 and asked(second) == 0


def test_a_reset_soon_after_the_dial_is_no_dial_that_fails(
    lab, handyproxy, second, connect
):
    """The proxy resets before the worker has looked: it is suspected, and its
    probe is good."""
    with lab.upstream:
        deaf = DeafListener(PROXY_ADDRESS)
    daemon = handyproxy(
        "-log-level", "info", "-failover-after", "1h",
        upstream=f"{join(deaf.address)},{join(second.address)}", workers=1,
    )
    client = connect()
    lab.wait_until_dialled(deaf.address)
    with daemon.still(*daemon.workers):
        deaf.accept_from(ROUTER_OTHER_ADDRESS).reset()
    assert served_by(client) == b"other"
    passed = daemon.wait_for_log("upstream passed over")
    assert passed.has(cause="Connection reset by peer")
    probe = deaf.accept_from(ROUTER_OTHER_ADDRESS)
    probe.receive(len(b"OPTIONS * HTTP/1.0\r\n\r\n"))
    probe.send(b"HTTP/1.0 200 OK\r\n\r\n")
    assert probe.end() in (FIN, RESET)
    assert lines(daemon, "upstream is down") == []
    deaf.stop()


def test_a_probe_is_a_request_without_an_origin(start, first, connect):
    first.behaviour = answer_probes(answer_and_close(b""))
    start()
    connect().receive(5)
    wait_until(lambda: probes(first) == 1, "the upstream is probed")
    raw = [r.raw for r in first.requests if r.method == "OPTIONS"]
    assert raw == [b"OPTIONS * HTTP/1.0\r\n\r\n"]


def test_two_good_probes_bring_it_back_for_new_connections(
    lab, start, first, second, start_proxy, connect
):
    port = first.address[1]
    first.stop()
    daemon = start("-check-interval", duration(0.3))
    old = connect()
    assert served_by(old) == b"other"
    again = start_proxy(PROXY_ADDRESS, port)
    again.behaviour = answer_probes(FROM_FIRST)
    line = daemon.wait_for_log("upstream is up again")
    assert line.level == "notice"
    assert line.has(upstream=join(again.address))
    assert probes(again) == 2
    assert served_by(connect()) == b"first"
    assert old.stays_silent()
    assert len(lines(daemon, "upstream is down")) == 1


def test_one_good_probe_brings_nothing_back(
    start, first, second, start_proxy, connect
):
    port = first.address[1]
    first.stop()
    daemon = start("-check-interval", duration(0.2))
    assert served_by(connect()) == b"other"
    again = start_proxy(PROXY_ADDRESS, port)
    good = answer_probes(FROM_FIRST)
    bad = answer_and_close(b"")
    again.then(good, bad, good, bad, good, bad)
    again.behaviour = bad
    wait_until(lambda: probes(again) >= 7, "it is probed")
    assert served_by(connect()) == b"other"
    assert lines(daemon, "upstream is up again") == []
    assert asked(again) == 0


def test_a_worker_that_drains_probes_nothing(
    start, first, second, start_proxy, connect, configuration
):
    """It has tunnels alone, which stay with their upstreams; its successor has
    not seen yet that the first upstream is down."""
    port = first.address[1]
    first.stop()
    daemon = start(
        "-config", configuration(), "-check-interval", duration(0.2)
    )
    (old,) = daemon.workers
    tunnel = connect()
    assert served_by(tunnel) == b"other"
    again = start_proxy(PROXY_ADDRESS, port)
    again.behaviour = answer_and_close(b"")
    wait_until(lambda: probes(again) >= 2, "it is probed")
    configuration("failover-after 7s")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(lambda: comm_of(old) == "handyproxy:d0", "the worker drains")
    before = probes(again)
    for _ in range(10):  # each is longer than an interval
        assert tunnel.stays_silent()
        time.sleep(0.3 * SCALE)
    assert probes(again) <= before + 1, "a probe may have been under way"
    totals = len(daemon.log)
    daemon.totals()
    line = daemon.wait_for_log(
        f"counts of an upstream upstream={join(again.address)}", totals
    )
    assert line.has(up=1, down=0)


@pytest.mark.parametrize(
    "reply", [b"HTTP/1.1 405 No\r\n\r\n", b"HTTP/1.0 503 No\r\n\r\n",
              b"HTTP/1.1 200 OK\r\nServer: x\r\n"]
)
def test_any_status_line_is_a_good_probe(
    start, first, second, start_proxy, connect, reply
):
    port = first.address[1]
    first.stop()
    daemon = start("-check-interval", duration(0.2))
    assert served_by(connect()) == b"other"
    again = start_proxy(PROXY_ADDRESS, port)
    again.behaviour = answer(reply)
    daemon.wait_for_log("upstream is up again")


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 20", b"SSH-2.0-OpenSSH\r\n", b"HTTP/2 200 \r\n\r\n"]
)
def test_all_else_is_a_bad_probe(
    start, first, second, start_proxy, connect, reply
):
    port = first.address[1]
    first.stop()
    daemon = start("-check-interval", duration(0.1))
    assert served_by(connect()) == b"other"
    again = start_proxy(PROXY_ADDRESS, port)
    again.behaviour = answer_and_close(reply)
    wait_until(lambda: probes(again) >= 4, "it is probed")
    assert lines(daemon, "upstream is up again") == []


def test_a_frozen_upstream_is_left_by_those_that_wait_for_it(
    start, first, second, connect
):
    """Its kernel accepts, and it answers nothing: after ten seconds without a
    byte it is probed, and the probe fails after five. Until then new
    connections go on asking it."""
    first.behaviour = hand_over_unanswered()
    daemon = start("-check-interval", "1h")
    waiting = [connect() for _ in range(3)]
    wait_until(lambda: asked(first) == 3, "all three ask the first")
    assert lines(daemon, "upstream is down") == []
    for client in waiting:
        client.socket.settimeout(60 * SCALE)
        assert served_by(client) == b"other"
    line = daemon.wait_for_log("upstream is down")
    assert line.has(cause="timed out", next=join(second.address))
    assert served_by(connect()) == b"other"
    assert asked(first) == 3


def test_an_upstream_whose_tunnels_move_is_not_suspected(
    start, first, second, connect
):
    """A request waits, as a far origin does not answer; a tunnel's bytes show
    that the upstream lives."""
    start("-check-interval", "1h")
    tunnel = connect()
    assert served_by(tunnel) == b"first"
    end = first.tunnel()
    first.behaviour = hand_over_unanswered()
    waiting = connect()
    wait_until(lambda: asked(first) == 2, "the second asks")
    for _ in range(13):
        end.send(b"x")
        assert tunnel.receive(1) == b"x"
        waiting.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            waiting.socket.recv(1)
    assert probes(first) == 0


def test_a_single_upstream_is_never_down_and_never_probed(
    handyproxy, first, connect
):
    upstream = join(first.address)
    first.stop()
    daemon = handyproxy(upstream=upstream, workers=1)
    for _ in range(2):
        assert connect().end() == RESET
    daemon.wait_for_warning(upstream=upstream, cause="Connection refused")
    assert lines(daemon, "upstream is down") == []


def test_the_lack_of_a_local_port_is_no_evidence(
    lab, start, first, second, connect
):
    """Two local ports allow two tunnels to each upstream."""
    daemon = start()
    before = lab.router.sysctl(LOCAL_PORTS, "50000 50001")
    try:
        tunnels = [connect() for _ in range(3)]
        served = [served_by(client) for client in tunnels]
        assert served == [b"first", b"first", b"other"]
        tunnels[0].reset()
        wait_until(
            lambda: served_by(connect()) == b"first", "the first is asked again"
        )
    finally:
        lab.router.sysctl(LOCAL_PORTS, before)
    assert lines(daemon, "upstream is down") == []
    passed = lines(daemon, "upstream passed over", 1)[0]
    assert passed["cause"] in NO_LOCAL_PORT


def test_a_probe_tries_the_addresses_in_turn(
    lab, handyproxy, first, second, connect
):
    """A dead address of two does not make the upstream dead. Whatever order the
    resolver prefers, it is the first of one of the names."""
    first.behaviour = answer_probes(answer_and_close(b""))
    addresses = [PROXY_ADDRESS, SECOND_PROXY_ADDRESS]
    lab.set_hosts({"one.test": addresses, "two.test": addresses[::-1]})
    for name in ("one.test", "two.test"):
        before = asked(first), probes(first)
        daemon = handyproxy(
            upstream=f"{name}:{first.address[1]},{join(second.address)}",
            workers=1,
        )
        assert served_by(connect()) == b"other"
        wait_until(lambda: probes(first) > before[1], "it is probed")
        assert served_by(connect()) == b"other"
        assert lines(daemon, "upstream is down") == []
        assert asked(first) == before[0] + 2


def test_if_all_are_down_all_are_tried_in_order(
    start, first, second, start_proxy, connect
):
    ports = first.address[1], second.address[1]
    first.stop()
    second.stop()
    daemon = start("-check-interval", "1h")
    for _ in range(2):
        assert connect().end() == RESET
    line = daemon.wait_for_warning(tried=2)
    assert line.has(
        upstream=join(second.address), cause="Connection refused"
    )
    down = lines(daemon, "upstream is down")
    assert [one["upstream"] for one in down] == [
        join(first.address), join(second.address),
    ]
    assert down[0]["next"] == join(second.address)
    assert "next" not in down[1].values
    again = start_proxy(SECOND_PROXY_ADDRESS, ports[1])
    again.behaviour = FROM_SECOND
    assert served_by(connect()) == b"other"


def test_one_that_does_not_resolve_is_passed_over(
    handyproxy, second, connect
):
    """It is waited for until two seconds after the start."""
    daemon = handyproxy(
        upstream=f"nobody.test:3128,{join(second.address)}", workers=1
    )
    began = time.monotonic()
    assert served_by(connect()) == b"other"
    assert time.monotonic() - began < 3 * SCALE + noise()
    assert served_by(connect()) == b"other"
    assert daemon.warnings() == []


def test_the_last_failure_is_logged_where_the_next_does_not_resolve(
    handyproxy, first, connect
):
    """The name is waited for until two seconds after the start; then it is
    passed over, and the failure is the other one's."""
    upstream = join(first.address)
    first.stop()
    daemon = handyproxy(upstream=f"{upstream},nobody.test:3128", workers=1)
    failures = {
        "name unknown": "nobody.test:3128", "Connection refused": upstream
    }

    def fail() -> str:
        start_of_log = len(daemon.log)
        assert connect().end() == RESET
        line = daemon.wait_for_log(
            f"cannot connect .* destination={ORIGIN_ADDRESS}:443", start_of_log
        )
        assert line.has(upstream=failures[line["cause"]])
        return line["cause"]

    wait_until(lambda: fail() == "Connection refused", "it is passed over")


def test_connections_wait_if_none_resolves(
    lab, handyproxy, first, connect
):
    lab.set_hosts({})
    port = first.address[1]
    handyproxy(upstream=f"one.test:{port},two.test:{port}", workers=1)
    client = connect()
    client.socket.settimeout(3 * SCALE)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    client.socket.settimeout(20 * SCALE)
    lab.set_hosts({"two.test": [PROXY_ADDRESS]})
    assert served_by(client) == b"first"


# --- direct


def test_direct_at_the_end_is_taken_when_the_others_are_down(
    start, first, second, start_origin, connect
):
    first.stop()
    second.stop()
    daemon = start("-check-interval", "1h", more=",direct")
    origin = start_origin(lambda peer: peer.send(b"world"))
    for _ in range(2):
        assert served_by(connect(origin.address)) == b"world"
    down = lines(daemon, "upstream is down", 2)
    assert down[0]["next"] == join(second.address)
    assert down[1]["next"] == "direct"
    passed = lines(daemon, "upstream passed over", 2)
    assert [one["next"] for one in passed] == [join(second.address), "direct"]


def test_the_failure_of_direct_is_the_last(lab, start, first, second, connect):
    first.stop()
    second.stop()
    daemon = start("-check-interval", "1h", more=",direct")
    assert connect((ORIGIN_ADDRESS, lab.upstream.free_port())).end() == RESET
    line = daemon.wait_for_warning(upstream="direct")
    assert line.has(cause="Connection refused", tried=3)


def test_direct_is_not_taken_after_a_status(
    start, first, second, start_origin, connect
):
    first.behaviour = answer_probes(answer(REFUSED % 503))
    second.stop()
    daemon = start(
        "-failover-after", "1h", "-check-interval", "1h", more=",direct"
    )
    origin = start_origin(lambda peer: peer.send(b"world"))
    assert connect(origin.address).end() == RESET
    line = daemon.wait_for_warning(tried=2)
    assert line.has(upstream=join(second.address), cause="Connection refused")


def test_direct_is_taken_after_an_answer_that_ends_early(
    start, first, second, start_origin, connect
):
    first.behaviour = answer_probes(answer_and_close(b"HTTP/1.1 2"))
    second.behaviour = answer_probes(answer(b"garbage\r\n"))
    start("-check-interval", "1h", more=",direct")
    origin = start_origin(lambda peer: peer.send(b"world"))
    assert served_by(connect(origin.address)) == b"world"


# --- totals


def upstream_totals(daemon) -> dict[str, dict[str, str]]:
    """The lines of the totals about upstreams, by upstream."""
    start = len(daemon.log)
    daemon.totals()
    daemon.wait_for_log("counts of an upstream", start)
    wait_until(
        lambda: len(lines(daemon, "counts of an upstream")) >= 2, "both lines"
    )
    return {
        line["upstream"]: line.values
        for line in daemon.log[start:]
        if line.words == "counts of an upstream"
    }


def test_the_totals_have_a_line_for_each_upstream(
    start, first, second, connect
):
    name, other = join(first.address), join(second.address)
    first.stop()
    daemon = start("-check-interval", "1h")
    tunnels = [connect() for _ in range(2)]
    for tunnel in tunnels:
        assert served_by(tunnel) == b"other"
    totals = upstream_totals(daemon)
    assert set(totals) == {name, other}
    dead = {"up": "0", "down": "1", "open": "0", "dialled": "0",
            "dial_failures": "1"}
    assert dead.items() <= totals[name].items()
    alive = {"up": "1", "down": "0", "open": "2", "dialled": "2",
             "dial_failures": "0"}
    assert alive.items() <= totals[other].items()
    for tunnel in tunnels:
        tunnel.reset()
    wait_until(
        lambda: upstream_totals(daemon)[other]["open"] == "0",
        "the tunnels are ended",
    )


# --- many


@contextlib.contextmanager
def many_addresses(lab, network: str):
    """The client has all addresses of the network."""
    lab.client.ip(f"route add local {network} dev lo")
    lab.router.ip(f"route add {network} via {CLIENT_ADDRESS}")
    try:
        yield
    finally:
        lab.router.ip(f"route delete {network}")
        lab.client.ip(f"route delete local {network} dev lo")


def served_at(lab, source: str) -> bytes:
    with lab.client, socket.socket() as sock:
        sock.bind((source, 0))
        sock.settimeout(20 * SCALE)
        sock.connect((ORIGIN_ADDRESS, 443))
        return sock.recv(5)


def test_spread_divides_clients_and_moves_only_those_of_a_dead_upstream(
    lab, start, first, second, start_proxy, handyproxy, connect
):
    third = start_proxy(PROXY_ADDRESS)
    third.behaviour = answer_probes(hand_over(ESTABLISHED + b"third"))
    daemon = start(
        "-upstream-order", "spread", "-check-interval", "1h",
        more=f",{join(third.address)}", workers=2,
    )
    clients = [f"10.0.{4 + i // 250}.{1 + i % 250}" for i in range(500)]
    with many_addresses(lab, "10.0.4.0/22"):
        before = {one: served_at(lab, one) for one in clients}
        for name in (b"first", b"other", b"third"):
            share = sum(server == name for server in before.values())
            assert abs(share - 500 / 3) < 0.3 * 500 / 3, before
        assert all(served_at(lab, c) == before[c] for c in clients[::25])
        second.stop()
        after = {one: served_at(lab, one) for one in clients}
    moved = {one for one in clients if before[one] != after[one]}
    assert moved == {one for one in clients if before[one] == b"other"}
    assert {after[one] for one in moved} == {b"first", b"third"}
    down = lines(daemon, "upstream is down", 1)
    assert {line["upstream"] for line in down} == {join(second.address)}


def test_a_reload_adds_and_drops_upstreams_without_a_lost_connection(
    lab, handyproxy, configuration, first, second, connect
):
    both = f"{join(first.address)},{join(second.address)}"
    path = configuration(f"upstream-proxy {both}", "workers 2")
    daemon = handyproxy("-config", path, upstream="", workers=2)
    failures = []
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            try:
                with lab.client:
                    client = connect_peer((ORIGIN_ADDRESS, 443))
                assert served_by(client) in (b"first", b"other")
                client.reset()
            except BaseException as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number, proxies in enumerate(
            (join(second.address), f"nobody.test,{both}", both,
             f"{join(second.address)},{join(first.address)}")
        ):
            configuration(f"upstream-proxy {proxies}", "workers 2")
            start_of_log = len(daemon.log)
            os.kill(daemon.pid, signal.SIGHUP)
            daemon.wait_for_log("workers are replaced", start_of_log)
            done = asked(first) + asked(second)
            wait_until(
                lambda: asked(first) + asked(second) >= done + 20,
                f"connections go on after reload {number}",
            )
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
