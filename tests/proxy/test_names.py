# SPDX-License-Identifier: MIT
"""The upstream's name, which a process of its own looks up, as connections see
it. They wait for the first addresses, follow changes, and keep the last
addresses."""

import os
import re
import signal

import pytest

from behaviour import hand_over
from daemon import children_of, comm_of
from lab import PROXY_ADDRESS, SECOND_PROXY_ADDRESS
from peer import RESET
from waiting import duration, wait_until

NAME = "upstream.test"


@pytest.fixture(autouse=True)
def no_names(lab):
    lab.set_hosts({})
    yield
    lab.set_hosts({})


@pytest.fixture
def both(proxy, start_proxy):
    """The upstream, and the address to which it will move, with the same port."""
    second = start_proxy(SECOND_PROXY_ADDRESS, proxy.address[1])
    for one in (proxy, second):
        one.behaviour = hand_over()
    return proxy, second


def upstream_of(proxy) -> str:
    return f"{NAME}:{proxy.address[1]}"


def resolver_of(daemon) -> list[int]:
    return [p for p in children_of(daemon.pid) if comm_of(p) == "handyproxy:dns"]


def reload(daemon) -> None:
    os.kill(daemon.pid, signal.SIGHUP)


def is_served_by(connect, proxy, others=()) -> None:
    """A new connection reaches this proxy."""
    asked = [len(one.requests) for one in others]
    client = connect()
    upstream = proxy.tunnel()
    client.send(b"hello")
    assert upstream.receive(5) == b"hello"
    assert [len(one.requests) for one in others] == asked
    client.reset()


@pytest.mark.expects_errors
def test_connections_wait_for_a_name_that_is_not_known_yet(
    lab, handyproxy, proxy, connect
):
    daemon = handyproxy(upstream=upstream_of(proxy))
    daemon.wait_for_log("warning resolver: .*does not resolve, connections wait")
    proxy.behaviour = hand_over()
    clients = [connect() for _ in range(20)]
    for client in clients:
        client.send(b"hello")
    assert clients[0].stays_silent()
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    for _ in clients:
        assert proxy.tunnel().receive(5) == b"hello"
    # Workers that started before and after the answer both know it.
    os.kill(daemon.workers[0], signal.SIGKILL)
    wait_until(lambda: len(daemon.workers) == 2, "it is replaced")
    is_served_by(connect, proxy)


@pytest.mark.parametrize("way", ["a reload", "TERM"])
def test_a_client_that_waits_for_a_name_in_a_draining_worker_is_served(
    way, lab, handyproxy, proxy, connect, configuration
):
    file = configuration("idle-timeout 1h")
    daemon = handyproxy(
        "-config", file, "-drain-timeout", "1h", upstream=upstream_of(proxy),
        workers=1,
    )
    proxy.behaviour = hand_over()
    client = connect()
    client.send(b"hello")
    wait_until(lambda: daemon.totals()["accepted"] == 1, "it is in")
    old = daemon.workers[0]
    if way == "TERM":
        os.kill(old, signal.SIGTERM)
    else:
        configuration("idle-timeout 2h")
        reload(daemon)
    wait_until(lambda: comm_of(old) == "handyproxy:d0", "it drains")
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    assert proxy.tunnel().receive(5) == b"hello"


def test_another_port_uses_the_known_addresses(
    lab, handyproxy, proxy, start_proxy, connect, configuration
):
    """The name need not be known any more, because its addresses are known."""
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    file = configuration(f"upstream-proxy {upstream_of(proxy)}", "workers 2")
    daemon = handyproxy("-config", file, upstream="")
    proxy.behaviour = hand_over()
    is_served_by(connect, proxy)
    lab.set_hosts({})
    second = start_proxy()
    second.behaviour = hand_over()
    workers = daemon.workers
    configuration(f"upstream-proxy {upstream_of(second)}", "workers 2")
    reload(daemon)
    wait_until(
        lambda: len(daemon.workers) == 2 and not set(daemon.workers) & set(workers),
        "both are replaced",
    )
    is_served_by(connect, second, [proxy])


def test_a_name_that_stays_unknown_ends_in_the_dial_timeout(
    handyproxy, proxy, connect
):
    daemon = handyproxy(
        "-dial-timeout", duration(0.5), upstream=upstream_of(proxy)
    )
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_warning(client=client.address)
    assert line.has(upstream=upstream_of(proxy))
    assert line["cause"]


def test_a_client_that_leaves_while_it_waits_for_a_name_is_forgotten(
    lab, handyproxy, proxy, connect
):
    daemon = handyproxy(upstream=upstream_of(proxy), workers=1)
    clients = [connect() for _ in range(10)]
    wait_until(lambda: daemon.totals()["accepted"] == 10, "all are in")
    for client in clients:
        client.reset()
    wait_until(lambda: daemon.totals()["open"] == 0, "all are forgotten")
    proxy.behaviour = hand_over()
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    reload(daemon)
    is_served_by(connect, proxy)
    assert len(proxy.requests) == 1


def test_an_upstream_that_moves_is_followed(lab, handyproxy, both, connect):
    first, second = both
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    daemon = handyproxy(upstream=upstream_of(first))
    first_client = connect()
    tunnel = first.tunnel()
    lab.set_hosts({NAME: [SECOND_PROXY_ADDRESS]})
    reload(daemon)
    daemon.wait_for_log(f"upstream={SECOND_PROXY_ADDRESS}:")
    for _ in range(4):
        is_served_by(connect, second, [first])
    # The first client's tunnel stays at the old address.
    first_client.send(b"hello")
    assert tunnel.receive(5) == b"hello"


def test_a_client_that_comes_after_new_addresses_uses_them(
    lab, handyproxy, both, connect
):
    first, second = both
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    daemon = handyproxy(upstream=upstream_of(first))
    is_served_by(connect, first)
    with daemon.still(*daemon.workers):
        lab.set_hosts({NAME: [SECOND_PROXY_ADDRESS]})
        reload(daemon)
        daemon.wait_for_log(f"upstream={SECOND_PROXY_ADDRESS}:")
        # The addresses and the client arrive before the worker runs.
        client = connect()
    client.send(b"hello")
    assert second.tunnel().receive(5) == b"hello"
    assert len(first.requests) == 1


def test_an_upstream_that_does_not_answer_any_more_is_looked_up_at_once(
    lab, handyproxy, both, connect
):
    """The old address refuses connections, which is noticed before any interval
    ends."""
    first, second = both
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    handyproxy(upstream=upstream_of(first))
    is_served_by(connect, first)
    first.stop()
    lab.set_hosts({NAME: [SECOND_PROXY_ADDRESS]})

    assert connect().end() == RESET
    # The failed dial has caused a look-up; the next connection is served.
    wait_until(lambda: connect().stays_silent(), "the new one is found")
    assert second.requests


@pytest.mark.expects_errors
def test_a_name_that_is_gone_keeps_its_last_addresses(
    lab, handyproxy, both, connect
):
    first, second = both
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    daemon = handyproxy(upstream=upstream_of(first))
    is_served_by(connect, first)
    lab.set_hosts({})
    reload(daemon)
    daemon.wait_for_log("does not resolve, its last addresses stay in use")
    is_served_by(connect, first, [second])
    # The addresses are also kept in a worker that never saw the name resolved.
    before = daemon.workers
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(
        lambda: len(set(daemon.workers) - set(before)) == 2,
        "both are replaced",
    )
    for _ in range(4):
        is_served_by(connect, first, [second])
    lab.set_hosts({NAME: [SECOND_PROXY_ADDRESS]})

    def moved() -> bool:
        reload(daemon)
        return f"upstream={SECOND_PROXY_ADDRESS}:" in daemon.log_text

    wait_until(moved, "it is followed when it is back")
    is_served_by(connect, second, [first])


@pytest.mark.expects_errors
def test_without_a_resolver_connections_go_on(
    lab, handyproxy, site
):
    lab.set_hosts({NAME: [PROXY_ADDRESS]})
    daemon = handyproxy(upstream=f"{NAME}:{site.proxy_port}")
    with site.transfers() as transfers:
        for _ in range(3):
            transfers.go_on()
            old = resolver_of(daemon)
            os.kill(old[0], signal.SIGKILL)
            wait_until(
                lambda: resolver_of(daemon) not in ([], old), "it is replaced"
            )
        transfers.go_on()
    assert transfers.failures == []
    assert len(re.findall("resolver died of signal 9", daemon.log_text)) == 3
