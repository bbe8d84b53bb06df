# SPDX-License-Identifier: MIT
"""IPv6 and IPv4 clients of one listener, `-local-address ::`."""

import os
import signal

import pytest

from behaviour import hand_over, hand_over_unanswered
from lab import ADDRESSES
from peer import FIN, RESET, end_tunnel, join
from traffic import Site
from waiting import wait_until

BOTH = pytest.mark.parametrize("family", ["ipv6"])
IPV4, IPV6 = ADDRESSES["ipv4"], ADDRESSES["ipv6"]


@BOTH
def test_both_families_come_in_by_one_socket(
    lab, handyproxy, proxy, connect
):
    """An IPv4 client is written as one everywhere."""
    daemon = handyproxy("-log-level", "info", workers=1)
    for addresses in (IPV4, IPV6):
        proxy.then(hand_over())
        client = connect((addresses.origin, 443))
        name = client.address
        end_tunnel(client, proxy.tunnel())
        line = daemon.wait_for_closed(client=name)
        assert line["destination"] == join((addresses.origin, 443))
        assert name.strip("[").startswith(addresses.client)
    targets = [request.target for request in proxy.requests]
    assert targets == [join((a.origin, 443)) for a in (IPV4, IPV6)]
    listening = [
        row for row in lab.router.tcp_sockets() if row["state"] == "listening"
    ]
    assert len(listening) == 1
    assert "ffff" not in daemon.log_text


@BOTH
def test_what_is_refused_to_ipv4_is_refused_here_too(
    handyproxy, proxy, connect
):
    """On a listener of both families."""
    daemon = handyproxy()
    for address, cause in {
        (IPV4.router, 80): "this host's own address",
        (IPV4.router, daemon.port): "not redirected",
        ("169.254.7.7", 80): "link-local address",
        proxy.address: "the destination is the upstream",
    }.items():
        assert connect(address).end() == RESET
        daemon.wait_for_warning(destination=join(address), cause=cause)
    assert proxy.requests == []


@BOTH
def test_both_families_under_load_and_reloads(
    handyproxy, ipv4_and_ipv6_sites, configuration
):
    ipv4, ipv6 = ipv4_and_ipv6_sites
    daemon = handyproxy(
        "-config", configuration(), upstream=ipv4.upstream, workers=2
    )
    with ipv4.transfers(2, 1) as old, ipv6.transfers(2, 1) as new:
        for number in range(3):
            before = daemon.workers
            configuration(f"idle-timeout {number + 1}h")
            os.kill(daemon.pid, signal.SIGHUP)
            wait_until(
                lambda: len(daemon.workers) == 2
                and not set(daemon.workers) & set(before),
                "all workers are replaced",
            )
            old.go_on(5)
            new.go_on(5)
    assert old.failures == []
    assert new.failures == []


@pytest.fixture
def ipv4_and_ipv6_sites(lab, tmp_path):
    sites = []
    for name, addresses in ADDRESSES.items():
        folder = tmp_path / name
        folder.mkdir()
        sites.append(Site(lab, folder, addresses.origin))
    yield sites
    for site in sites:
        site.close()


def test_without_ipv6_in_the_kernel_ipv4_is_served(
    lab, shims, handyproxy, proxy, connect
):
    proxy.behaviour = hand_over()
    daemon = handyproxy("-local-address", "::", preload=shims("no_ipv6"))
    assert daemon.wait_for_log("has no IPv6").level == "notice"
    daemon.wait_for_log(rf"listening on 0\.0\.0\.0:{daemon.port}")
    connect()
    assert proxy.request().target == join((IPV4.origin, 443))


@BOTH
def test_connections_of_this_host_without_an_answer_are_a_loop(
    lab, handyproxy, proxy, connect
):
    """By its own IPv6 addresses, which no worker may ask netlink for."""
    daemon = handyproxy("-max-per-client", "0", workers=1)
    lab.stop_redirecting()
    lab.redirect_output(daemon.port, daemon.user or None, "ip6")
    proxy.behaviour = hand_over_unanswered()
    for _ in range(64):
        connect(namespace=lab.router)
    connect((IPV6.other_origin, 443), namespace=lab.router)
    assert connect(namespace=lab.router).end() == RESET
    daemon.wait_for_warning(
        destination=join((IPV6.origin, 443)),
        cause="many connections of this host to one destination, and no answer",
    )


@BOTH
def test_an_upstream_of_ipv6_serves_both(
    handyproxy, start_proxy, start_origin, connect
):
    proxy = start_proxy("fd00:1::2")
    handyproxy(upstream=join(proxy.address))
    for addresses in (IPV4, IPV6):
        origin = start_origin(lambda peer: peer.send(b"hello"), addresses.origin)
        client = connect(origin.address)
        assert client.receive_to_end() == (b"hello", FIN)
