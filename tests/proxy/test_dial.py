# SPDX-License-Identifier: MIT
"""Connecting to the upstream's addresses."""

import os
import signal
import time

import pytest

from behaviour import DeafListener, hand_over
from connect_proxy import ESTABLISHED
from lab import (
    ORIGIN_ADDRESS,
    OTHER_ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    PROXY_ADDRESS_V6,
    ROUTER_OTHER_ADDRESS,
    SECOND_PROXY_ADDRESS,
)
from peer import RESET, end_tunnel, join
from processes import cpu_share
from waiting import SCALE, duration, noise, wait_until


@pytest.fixture
def both_orders(lab):
    """Makes two names for the two addresses, each with another address first.
    Whatever order the resolver prefers, the bad address is first for one of the
    names."""
    addresses = [PROXY_ADDRESS, SECOND_PROXY_ADDRESS]
    lab.set_hosts({"one.test": addresses, "two.test": addresses[::-1]})
    return ["one.test", "two.test"]


def test_upstream_by_ipv6(handyproxy, start_proxy, connect):
    proxy = start_proxy(PROXY_ADDRESS_V6)
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    handyproxy(upstream=join(proxy.address))
    assert connect().receive(5) == b"hello"


def test_a_refused_upstream_by_ipv6_is_written_with_brackets(
    handyproxy, start_proxy, connect
):
    proxy = start_proxy(PROXY_ADDRESS_V6)
    upstream = join(proxy.address)
    proxy.stop()
    daemon = handyproxy(upstream=upstream)
    assert connect().end() == RESET
    assert upstream.startswith("[fd00:")
    daemon.wait_for_warning(upstream=upstream, cause="Connection refused")


@pytest.fixture
def link_local(lab):
    """An address of the upstream's host that needs an interface."""
    lab.upstream.ip("address add fe80::5/64 dev router nodad")
    yield "fe80::5"
    lab.upstream.ip("address delete fe80::5/64 dev router")


@pytest.mark.parametrize("by_number", [False, True], ids=["name", "number"])
def test_a_link_local_upstream_by_interface(
    by_number, link_local, lab, handyproxy, start_proxy, connect
):
    """The log has the interface's name, whatever the option has."""
    proxy = start_proxy("::")
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    port = proxy.address[1]
    zone = "upstream"
    if by_number:
        zone = str(lab.router.interface_index("upstream"))
    daemon = handyproxy(
        "-log-level", "info", upstream=f"[{link_local}%{zone}]:{port}"
    )
    client = connect()
    assert client.receive(5) == b"hello"
    client.reset()
    upstream = f"[{link_local}%upstream]:{port}"
    daemon.wait_for_closed(upstream=upstream)
    proxy.stop()
    assert connect().end() == RESET
    daemon.wait_for_warning(upstream=upstream, cause="Connection refused")


def test_upstream_on_this_host_by_name(lab, handyproxy, start_proxy, connect):
    """localhost is often ::1 first, where no process listens."""
    proxy = start_proxy("127.0.0.1", namespace=lab.router)
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    handyproxy(upstream=f"localhost:{proxy.address[1]}")
    assert connect().receive(5) == b"hello"


def test_a_refused_address_is_followed_by_the_next(
    both_orders, handyproxy, proxy, connect
):
    """Only the first of the two has a proxy."""
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    for name in both_orders:
        daemon = handyproxy(upstream=f"{name}:{proxy.address[1]}")
        assert connect().receive(5) == b"hello"
        assert daemon.warnings() == []


def test_without_ipv6_the_upstreams_other_address_serves(
    lab, shims, handyproxy, start_proxy, connect
):
    """The name server answers with both addresses; the IPv6 address comes first."""
    proxy = start_proxy("127.0.0.1", namespace=lab.router)
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    lab.set_hosts({"proxy.test": ["127.0.0.1", "::1"]})
    daemon = handyproxy(
        upstream=f"proxy.test:{proxy.address[1]}", workers=1,
        preload=shims("no_ipv6"),
    )
    for _ in range(3):
        assert connect().receive(5) == b"hello"
    assert daemon.warnings() == []


def test_ipv6_alone_on_a_system_without_it_is_a_dial_that_fails(
    shims, handyproxy, proxy, connect
):
    upstream = f"[{PROXY_ADDRESS_V6}]:{proxy.address[1]}"
    daemon = handyproxy(upstream=upstream, preload=shims("no_ipv6"))
    assert connect().end() == RESET
    daemon.wait_for_warning(
        upstream=upstream, cause="Address family not supported by protocol"
    )


def test_a_socket_of_the_other_family_is_not_used_again(
    lab, handyproxy, start_proxy, connect
):
    """The upstream's first address has gone while sockets connected to it wait;
    the second is of the other family."""
    ipv6 = start_proxy("::1", namespace=lab.router)
    port = ipv6.address[1]
    ipv4 = start_proxy("127.0.0.1", port, namespace=lab.router)
    lab.set_hosts({"proxy.test": ["127.0.0.1", "::1"]})
    daemon = handyproxy(upstream=f"proxy.test:{port}", workers=1)
    line = daemon.wait_for_log(r"is at upstream=\S+ upstream=\S+")
    first, second = ipv4, ipv6
    if "is at upstream=[::1]" in line.text:
        first, second = ipv6, ipv4
    first.behaviour = hand_over()
    second.behaviour = hand_over(ESTABLISHED + b"hello")
    tunnels = [(connect(), first.tunnel()) for _ in range(8)]
    for tunnel in tunnels[1:]:
        end_tunnel(*tunnel)
    first.stop()
    assert connect().receive(5) == b"hello"
    assert daemon.warnings() == []


def test_a_socket_of_another_interface_is_not_used_again(
    lab, handyproxy, start_proxy, connect
):
    """A socket keeps the interface of the link-local address that it was
    connected to."""
    there = start_proxy("::")
    here = start_proxy("::", namespace=lab.client)
    here.behaviour = hand_over(ESTABLISHED + b"hello")
    there_at = lab.upstream.link_local("router")
    here_at = lab.client.link_local("router")
    daemon = handyproxy(
        "-route",
        f"{ORIGIN_ADDRESS} [{here_at}%client]:{here.address[1]}",
        upstream=f"[{there_at}%upstream]:{there.address[1]}", workers=1,
    )
    there.behaviour = hand_over()
    tunnels = [
        (connect((OTHER_ORIGIN_ADDRESS, 443)), there.tunnel())
        for _ in range(8)
    ]
    for tunnel in tunnels[1:]:
        end_tunnel(*tunnel)
    # The first socket is one that was reserved before.
    for client in [connect() for _ in range(4)]:
        assert client.receive(5) == b"hello"
    assert daemon.warnings() == []


def test_an_address_that_cannot_be_reached_is_dialled_once(
    handyproxy, connect
):
    """No host has the address: the router's own kernel gives up."""
    upstream = "10.1.0.99:3128"
    daemon = handyproxy("-dial-timeout", "1h", upstream=upstream)
    assert connect().end() == RESET
    daemon.wait_for_warning(upstream=upstream, cause="No route to host")


def test_a_silent_address_is_followed_by_the_next_and_abandoned(
    both_orders, lab, handyproxy, proxy, connect
):
    """The silent address gets three seconds. A worker that still waited for its
    socket then would never sleep."""
    port = proxy.address[1]
    with lab.upstream:
        deaf = DeafListener(SECOND_PROXY_ADDRESS, port)
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    for name in both_orders:
        daemon = handyproxy(upstream=f"{name}:{port}", workers=1)
        client = connect()
        assert client.receive(5) == b"hello"
        assert cpu_share(daemon.workers, 0.3 * SCALE) < 0.5
        client.reset()
        assert cpu_share(daemon.workers, 0.3 * SCALE) < 0.5
    deaf.stop()


def test_if_all_addresses_fail_the_last_one_is_named(
    both_orders, handyproxy, proxy, connect
):
    port = proxy.address[1]
    proxy.stop()
    daemon = handyproxy(upstream=f"{both_orders[0]}:{port}")
    assert connect().end() == RESET
    line = daemon.wait_for_warning(cause="Connection refused")
    assert line["upstream"] in (
        f"{PROXY_ADDRESS}:{port}",
        f"{SECOND_PROXY_ADDRESS}:{port}",
    )


def test_a_dial_delays_no_other_connection(lab, handyproxy, connect, start_proxy):
    """There is one worker, and one connection that waits for a silent address.
    Meanwhile another connection is decided: it is refused as a loop."""
    with lab.upstream:
        deaf = DeafListener(PROXY_ADDRESS)
    daemon = handyproxy(
        "-dial-timeout", "1h", upstream=join(deaf.address), workers=1
    )
    waiting = connect()
    assert connect(deaf.address).end() == RESET
    daemon.wait_for_warning(destination=join(deaf.address))
    assert waiting.stays_silent()
    deaf.stop()


def test_the_dial_timeout_covers_all_addresses(
    both_orders, lab, handyproxy, connect
):
    with lab.upstream:
        one = DeafListener(PROXY_ADDRESS)
        two = DeafListener(SECOND_PROXY_ADDRESS, one.address[1])
    daemon = handyproxy(
        "-dial-timeout", duration(0.5),
        upstream=f"{both_orders[0]}:{one.address[1]}",
    )
    assert connect().end() == RESET
    daemon.wait_for_warning(cause="timed out")
    one.stop()
    two.stop()


def test_after_the_first_no_connection_waits_for_a_silent_address(
    both_orders, lab, handyproxy, proxy, connect
):
    """Those that come while the first waits go on with it. One of the names has
    the silent address first."""
    port = proxy.address[1]
    with lab.upstream:
        deaf = DeafListener(SECOND_PROXY_ADDRESS, port)
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    waits = []
    for name in both_orders:
        handyproxy(upstream=f"{name}:{port}", workers=1)
        began = time.monotonic()
        early = [connect() for _ in range(3)]
        for client in early:
            assert client.receive(5) == b"hello"
        first = time.monotonic() - began
        waits.append(first)
        for _ in range(5):
            began = time.monotonic()
            assert connect().receive(5) == b"hello"
            assert time.monotonic() - began < 2.9, "it waits, too"
    assert max(waits) > 2.9, "one name has the silent address first"
    assert max(waits) < 3.5 * SCALE + min(waits) + noise()
    deaf.stop()


@pytest.mark.expects_errors
def test_a_worker_that_finds_an_address_silent_tells_the_others(
    both_orders, lab, handyproxy, proxy, connect
):
    """Neither the clients of the other worker wait, nor those of the worker
    that comes after the first."""
    port = proxy.address[1]
    with lab.upstream:
        deaf = DeafListener(SECOND_PROXY_ADDRESS, port)
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")

    def wait_at(worker):
        with daemon.alone(worker):
            began = time.monotonic()
            assert connect().receive(5) == b"hello"
            return time.monotonic() - began

    found = 0
    for name in both_orders:
        daemon = handyproxy(
            "-check-interval", "1h", upstream=f"{name}:{port}", workers=2
        )
        first, second = daemon.workers
        if wait_at(first) < 2.9:
            continue
        found += 1
        assert wait_at(second) < 2.9, "the other worker's client waits, too"
        os.kill(first, signal.SIGKILL)
        wait_until(
            lambda: len(set(daemon.workers) - {first}) == 2,
            "the first has a successor",
        )
        (successor,) = set(daemon.workers) - {first, second}
        assert wait_at(successor) < 2.9, "the successor's client waits, too"
    assert found == 1, "one name has the silent address first"
    deaf.stop()


@pytest.fixture
def daemon_that_met_silence(both_orders, lab, handyproxy, start_proxy, connect):
    """daemon_that_met_silence(OPTION...): one whose upstream has an address
    that did not answer its first connection; and that address, and the proxy at
    the other one."""

    def start(*options):
        proxy = start_proxy()
        proxy.behaviour = hand_over(ESTABLISHED + b"hello")
        port = proxy.address[1]
        with lab.upstream:
            deaf = DeafListener(SECOND_PROXY_ADDRESS, port)
        for name in both_orders:
            daemon = handyproxy(*options, upstream=f"{name}:{port}", workers=1)
            began = time.monotonic()
            assert connect().receive(5) == b"hello"
            if time.monotonic() - began > 2.9:
                return daemon, deaf, proxy
        raise AssertionError("neither name has the silent address first")

    return start


def test_a_silent_address_is_passed_over_until_the_interval_is_over(
    daemon_that_met_silence, start_proxy, connect
):
    daemon, deaf, proxy = daemon_that_met_silence("-check-interval", "1h")
    deaf.stop()
    again = start_proxy(*deaf.address)
    again.behaviour = hand_over(ESTABLISHED + b"other")
    upstream = join(proxy.address)
    proxy.stop()
    assert connect().end() == RESET
    daemon.wait_for_warning(upstream=upstream, cause="Connection refused")
    assert again.requests == []


def test_after_the_interval_a_silent_address_is_tried_last(
    daemon_that_met_silence, start_proxy, connect
):
    _daemon, deaf, proxy = daemon_that_met_silence("-check-interval", "1ms")
    assert connect().receive(5) == b"hello"
    deaf.stop()
    again = start_proxy(*deaf.address)
    again.behaviour = hand_over(ESTABLISHED + b"other")
    assert connect().receive(5) == b"hello"
    proxy.stop()
    assert connect().receive(5) == b"other"
    assert connect().receive(5) == b"other"


def test_a_dial_in_flight_follows_the_name(lab, handyproxy, proxy, connect):
    port = proxy.address[1]
    with lab.upstream:
        deaf = DeafListener(SECOND_PROXY_ADDRESS, port)
    proxy.behaviour = hand_over(ESTABLISHED + b"hello")
    lab.set_hosts({"one.test": [SECOND_PROXY_ADDRESS]})
    daemon = handyproxy(
        "-dial-timeout", "1h", upstream=f"one.test:{port}", workers=1
    )
    client = connect()
    assert client.stays_silent()
    lab.set_hosts({"one.test": [PROXY_ADDRESS]})
    os.kill(daemon.pid, signal.SIGHUP)
    assert client.receive(5) == b"hello"
    deaf.stop()


@pytest.mark.parametrize("number", [1, 2, 32])
def test_names_may_have_up_to_32_addresses(
    lab, handyproxy, start_proxy, connect, number
):
    """All but one refuse, and one of many is silent."""
    addresses = [f"10.1.0.{20 + i}" for i in range(number)]
    for address in addresses:
        lab.upstream.ip(f"address add {address}/24 dev router")
    try:
        proxy = start_proxy(addresses[-1])
        proxy.behaviour = hand_over(ESTABLISHED + b"hello")
        port = proxy.address[1]
        deaf = None
        if number > 2:
            with lab.upstream:
                deaf = DeafListener(addresses[number // 2], port)
        lab.set_hosts({"many.test": addresses})
        daemon = handyproxy(upstream=f"many.test:{port}", workers=1)
        began = time.monotonic()
        assert connect().receive(5) == b"hello"
        first = time.monotonic() - began
        began = time.monotonic()
        for _ in range(3):
            assert connect().receive(5) == b"hello"
        assert first < 3.5 * SCALE + (time.monotonic() - began) + noise()
        assert daemon.warnings() == []
        if deaf is not None:
            deaf.stop()
    finally:
        for address in addresses:
            lab.upstream.ip(f"address delete {address}/24 dev router")


def test_an_answer_of_an_old_address_is_not_taken_for_the_new_ones(
    lab, handyproxy, connect
):
    """While the worker stands still, its dial succeeds, and the name moves to
    an address that does not answer."""
    with lab.upstream:
        old = DeafListener(PROXY_ADDRESS)
        new = DeafListener(SECOND_PROXY_ADDRESS, old.address[1])
    lab.set_hosts({"one.test": [PROXY_ADDRESS]})
    daemon = handyproxy(
        "-log-level", "debug", "-dial-timeout", "1h",
        upstream=f"one.test:{old.address[1]}", workers=1,
    )
    connect()
    lab.wait_until_dialled(old.address)
    with daemon.still(*daemon.workers):
        lab.set_hosts({"one.test": [SECOND_PROXY_ADDRESS]})
        os.kill(daemon.pid, signal.SIGHUP)
        daemon.wait_for_log(
            f"the upstream one.test is at upstream={join(new.address)}"
        )
        answered = old.accept_from(ROUTER_OTHER_ADDRESS)
    assert connect(new.address).end() == RESET
    daemon.wait_for_warning(destination=join(new.address))
    asked = [line for line in daemon.log if "sending a request" in line.words]
    assert all(line["upstream"] == join(old.address) for line in asked)
    answered.reset()
    old.stop()
    new.stop()
