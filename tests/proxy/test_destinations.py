# SPDX-License-Identifier: MIT
"""Which connections are accepted, and where they lead."""

import os
import shutil
import signal

import pytest

from behaviour import hand_over
from lab import (
    BACKENDS,
    ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    PROXY_ADDRESS_V6,
    ROUTER_ADDRESS,
    ROUTER_OTHER_ADDRESS,
    SECOND_PROXY_ADDRESS,
)
from modes import every_family
from peer import RESET, join
from waiting import wait_until

needs_nft = pytest.mark.skipif(
    shutil.which("nft") is None, reason="nft is not installed"
)


def assert_turned_away(client, handyproxy, proxy, **values):
    """The client gets a RST at once, a warning gives the reason, and the
    upstream gets nothing."""
    assert client.end() == RESET
    line = handyproxy.wait_for_warning(client=client.address, **values)
    assert "cause" in line.values
    assert proxy.requests == []
    return line


@every_family
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_tunnel_leads_to_the_original_destination(
    backend, family, addresses, lab, handyproxy, proxy, connect
):
    if shutil.which(backend) is None:
        pytest.skip(f"{backend} is not installed")
    daemon = handyproxy()
    lab.stop_redirecting()
    redirect = lab.redirect_ipv6 if family == "ipv6" else lab.redirect
    redirect(daemon.port, backend)
    proxy.behaviour = hand_over()
    destinations = [(addresses.other_origin, 1), (addresses.elsewhere, 65535)]
    for number, destination in enumerate(destinations, 1):
        connect(destination)
        request = proxy.request(number)
        assert request.target == join(destination)
        assert request.header == [f"Host: {join(destination)}"]


@pytest.mark.parametrize(
    "family, address",
    [
        ("ipv4", "192.168.7.7"), ("ipv4", "172.16.0.1"), ("ipv4", "100.64.0.1"),
        ("ipv6", "fd12::1"), ("ipv6", "64:ff9b::5db8:d822"),
    ],
)
def test_private_networks_are_destinations_like_others(
    address, handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over()
    connect((address, 80))
    assert proxy.request().target == join((address, 80))


@every_family
def test_a_direct_connection_is_reset(addresses, handyproxy, proxy, connect):
    daemon = handyproxy()
    address = (addresses.router, daemon.port)
    assert_turned_away(
        connect(address), daemon, proxy,
        cause="not redirected", destination=join(address),
    )


@every_family
def test_a_connection_without_conntrack_entry_is_reset(
    lab, handyproxy, proxy, connect
):
    """The connection's entry is flushed while it waits to be accepted."""
    daemon = handyproxy()
    daemon.stop_workers()
    client = connect()
    wait_until(lambda: daemon.waiting_connections == 1, "a connection waits")
    lab.forget_connections()
    daemon.continue_workers()
    line = daemon.wait_for_warning(cause="no conntrack entry")
    assert line["client"] == client.address
    assert proxy.requests == []


@needs_nft
def test_a_connection_translated_on_another_host_is_reset(
    lab, handyproxy, proxy, connect
):
    """The client's own host changes the destination. The router has no rules,
    so the kernel tracks no connections there."""
    daemon = handyproxy()
    lab.stop_redirecting()
    lab.client.run("nft", "-f", "-", text=f"""
        table ip translate {{
            chain output {{
                type nat hook output priority -100
                meta l4proto tcp dnat to {ROUTER_ADDRESS}:{daemon.port}
            }}
        }}""")
    try:
        client = connect(("203.0.113.9", 80))
        assert client.end() == RESET
        daemon.wait_for_warning(client=client.address)
        assert proxy.requests == []
    finally:
        lab.client.run("nft", "delete", "table", "ip", "translate")


@pytest.mark.parametrize(
    "address", ["0.1.2.3", "169.254.7.7"], ids=["0.0.0.0/8", "link-local"]
)
def test_a_forbidden_destination_is_reset(address, handyproxy, proxy, connect):
    daemon = handyproxy()
    assert_turned_away(
        connect((address, 80)), daemon, proxy, destination=f"{address}:80"
    )


@every_family
def test_the_hosts_own_addresses_are_forbidden(
    addresses, handyproxy, proxy, connect
):
    """The one of the interface that clients come in by, and another one's."""
    daemon = handyproxy()
    for address in (addresses.router, addresses.router_other):
        assert_turned_away(
            connect((address, 80)), daemon, proxy,
            destination=join((address, 80)), cause="this host's own address",
        )


@pytest.mark.parametrize("family", ["ipv6"])
def test_a_link_local_destination_is_reset(lab, handyproxy, proxy, connect):
    daemon = handyproxy()
    address = lab.router.link_local("client")
    client = lab.client.link_local("router")
    assert connect((f"{address}%router", 80)).end() == RESET
    line = daemon.wait_for_warning(
        destination=f"[{address}%client]:80", cause="link-local address"
    )
    assert line["client"].startswith(f"[{client}%client]:")
    assert proxy.requests == []


@needs_nft
def test_a_multicast_destination_is_reset(lab, handyproxy, proxy, connect):
    """connect(2) refuses such an address. So the destination is changed when
    packets leave the client, and changed back when answers arrive. (Of IPv6 the
    kernel drops answers that come from such an address.)"""
    daemon = handyproxy()
    lab.client.run("nft", "-f", "-", text="""
        table ip disguise {
            chain out {
                type filter hook postrouting priority 300
                ip daddr 203.0.113.9 ip daddr set 224.0.1.9
            }
            chain in {
                type filter hook prerouting priority -300
                ip saddr 224.0.1.9 ip saddr set 203.0.113.9
            }
        }""")
    try:
        assert_turned_away(
            connect(("203.0.113.9", 80)), daemon, proxy,
            destination="224.0.1.9:80",
        )
    finally:
        lab.client.run("nft", "delete", "table", "ip", "disguise")


@every_family
def test_an_address_is_forbidden_while_it_is_the_hosts_own(
    addresses, lab, handyproxy, proxy, connect
):
    """Interfaces get their addresses long after the daemon has started, and
    lose them."""
    daemon = handyproxy()
    proxy.behaviour = hand_over()
    destination = (addresses.elsewhere, 80)
    connect(destination)
    assert proxy.request().target == join(destination)
    lab.router.ip(f"address add {addresses.elsewhere} dev lo")
    try:
        wait_until(lambda: is_reset(connect(destination)), "it is refused")
        daemon.wait_for_warning(
            destination=join(destination), cause="this host's own address"
        )
    finally:
        lab.router.ip(f"address delete {addresses.elsewhere} dev lo")
    wait_until(lambda: not is_reset(connect(destination)), "it is served")


def is_reset(client) -> bool:
    return not client.stays_silent() and client.end() == RESET


@pytest.mark.parametrize(
    "family, address",
    [("ipv4", PROXY_ADDRESS), ("ipv6", PROXY_ADDRESS_V6)],
    ids=["ipv4", "ipv6"],
)
def test_a_redirect_loop_is_reset_and_the_log_says_what_to_do(
    address, handyproxy, start_proxy, connect
):
    proxy = start_proxy(address)
    daemon = handyproxy(upstream=join(proxy.address))
    line = assert_turned_away(
        connect(proxy.address), daemon, proxy, destination=join(proxy.address)
    )
    assert "loop" in line.words
    assert "exempt" in line.words
    assert "user" in line.words
    assert "address" in line.words


def test_each_address_of_the_upstream_is_a_loop(
    lab, handyproxy, proxy, connect
):
    port = proxy.address[1]
    lab.set_hosts({"proxy.test": [PROXY_ADDRESS, SECOND_PROXY_ADDRESS]})
    daemon = handyproxy(upstream=f"proxy.test:{port}")
    for address in (PROXY_ADDRESS, SECOND_PROXY_ADDRESS):
        assert_turned_away(
            connect((address, port)), daemon, proxy,
            destination=f"{address}:{port}",
        )


@pytest.mark.parametrize("host", [f"[::ffff:{PROXY_ADDRESS}]", "proxy.test"])
def test_an_upstream_that_is_written_as_ipv6_is_a_loop_too(
    host, lab, handyproxy, proxy, connect
):
    lab.set_hosts({"proxy.test": [f"::ffff:{PROXY_ADDRESS}"]})
    daemon = handyproxy(upstream=f"{host}:{proxy.address[1]}")
    line = assert_turned_away(connect(proxy.address), daemon, proxy)
    assert "loop" in line.words


def test_a_loop_is_noticed_once_the_upstreams_name_is_known(
    lab, handyproxy, proxy, connect
):
    """The connection was accepted before the name was known."""
    lab.set_hosts({})
    daemon = handyproxy(upstream=f"proxy.test:{proxy.address[1]}")
    client = connect(proxy.address)
    assert client.stays_silent()
    lab.set_hosts({"proxy.test": [PROXY_ADDRESS]})
    line = assert_turned_away(client, daemon, proxy)
    assert "loop" in line.words


@every_family
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_client_that_is_the_upstream_is_a_loop(
    known, addresses, lab, handyproxy, proxy, connect
):
    """A proxy within the redirected network. Perhaps its address is known only
    after the connection was accepted."""
    hosts = {"proxy.test": [addresses.client]}
    lab.set_hosts(hosts if known else {})
    daemon = handyproxy(upstream="proxy.test:3128")
    client = connect()
    if not known:
        assert client.stays_silent()
        lab.set_hosts(hosts)
    line = assert_turned_away(client, daemon, proxy)
    assert "loop" in line.words
    assert line.values["cause"] == "the client is the upstream"


def test_a_client_on_the_host_of_upstream_and_daemon_is_no_loop(
    lab, handyproxy, start_proxy, connect
):
    """The upstream is on the router, and so is the client."""
    upstream = start_proxy(ROUTER_OTHER_ADDRESS, namespace=lab.router)
    upstream.behaviour = hand_over()
    daemon = handyproxy(upstream=join(upstream.address))
    lab.stop_redirecting()
    lab.redirect_output(daemon.port, daemon.user or None)
    client = connect((ORIGIN_ADDRESS, 80), namespace=lab.router)
    assert client.address.startswith(f"{ROUTER_OTHER_ADDRESS}:")
    assert upstream.request().target == f"{ORIGIN_ADDRESS}:80"


SILENT_MAX = 64


@pytest.fixture
def this_host(lab, handyproxy, proxy):
    """this_host(WORKERS): a daemon for connections of its own host."""

    def start(workers: int):
        proxy.behaviour = hand_over()
        daemon = handyproxy(workers=workers)
        lab.stop_redirecting()
        lab.redirect_output(daemon.port, daemon.user or None)
        return daemon

    return start


@pytest.fixture
def open_silent(lab, proxy, connect):
    """open_silent(COUNT): both ends of tunnels of this host. No byte has come
    from the far side."""

    def open_them(count: int, port: int = 443):
        return [
            (connect((ORIGIN_ADDRESS, port), namespace=lab.router),
             proxy.tunnel())
            for _ in range(count)
        ]

    return open_them


def is_a_loop(daemon, client) -> None:
    assert client.end() == RESET
    line = daemon.wait_for_warning(
        client=client.address,
        cause="many connections of this host to one destination, "
        "and no answer",
    )
    assert "exempt the daemon's user" in line.words


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_many_silent_connections_of_this_host_are_a_loop(
    workers, lab, this_host, open_silent, connect
):
    """It is the number of all workers together, whichever accepts."""
    daemon = this_host(workers)
    tunnels = []
    for pid in daemon.workers:
        with daemon.alone(pid):
            tunnels += open_silent(SILENT_MAX // workers)
    destination = (ORIGIN_ADDRESS, 443)
    for pid in daemon.workers:
        with daemon.alone(pid):
            is_a_loop(daemon, connect(destination, namespace=lab.router))
            open_silent(1, port=444)
    # Another takes the place of one that is answered, or that ends, once its
    # worker has noted so.
    with daemon.alone(daemon.workers[0]):
        client, far = tunnels[0]
        far.send(b"a")
        assert client.receive(1) == b"a"
        open_silent(1)
        is_a_loop(daemon, connect(destination, namespace=lab.router))
        client, far = tunnels[1]
        far.reset()
        assert client.end() == RESET
        open_silent(1)
    is_a_loop(daemon, connect(destination, namespace=lab.router))


def test_connections_of_this_host_that_were_answered_are_no_loop(
    this_host, open_silent
):
    this_host(2)
    for _ in range(2 * SILENT_MAX):
        for client, far in open_silent(1):
            far.send(b"a")
            assert client.receive(1) == b"a"


@pytest.mark.expects_errors
def test_a_dead_workers_silent_connections_do_not_count(
    lab, this_host, open_silent, connect
):
    daemon = this_host(2)
    first, second = daemon.workers
    with daemon.alone(first):
        tunnels = open_silent(SILENT_MAX)
    os.kill(first, signal.SIGKILL)
    for client, _far in tunnels:
        assert client.end() == RESET
    wait_until(
        lambda: len(daemon.workers) == 2 and first not in daemon.workers,
        "the worker is replaced",
    )
    with daemon.alone(second):
        open_silent(SILENT_MAX)
        is_a_loop(
            daemon, connect((ORIGIN_ADDRESS, 443), namespace=lab.router)
        )


def test_another_port_of_the_upstreams_host_is_no_loop(
    handyproxy, proxy, connect
):
    handyproxy()
    proxy.behaviour = hand_over()
    connect((PROXY_ADDRESS, 22))
    assert proxy.request().target == f"{PROXY_ADDRESS}:22"
