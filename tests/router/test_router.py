# SPDX-License-Identifier: MIT
"""The whole of it where it is meant to run: a real boot, a real kernel for a
small router, real netfilter, the init script, and an hour's incidents. No bulk
transfers: an emulated card is no measure of speed."""

import re

import pytest

from conftest import PAGE
from lab import ORIGIN_ADDRESS
from peer import FIN, connect
from waiting import wait_until

BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
LOG = "/var/log/handyproxy/log"
WORKERS = "handyproxy:w."
SCRIPTS = "/usr/local/libexec/handyproxy"


def fetches_a_page(client, proxy) -> None:
    """The page comes through the upstream proxy, which was asked for a tunnel."""
    before = len(proxy.requests)
    with client:
        peer = connect((ORIGIN_ADDRESS, 80))
    with peer:
        peer.send(b"GET / HTTP/1.0\r\n\r\n")
        answer, end = peer.receive_to_end()
    assert answer.endswith(b"\r\n\r\n" + PAGE) and end == FIN
    targets = [request.target for request in proxy.requests[before:]]
    assert targets == [f"{ORIGIN_ADDRESS}:80"]


def wait_for_log(router, pattern: str, start: int = 0) -> re.Match:
    """The first match in the router's log after this many bytes."""
    text = ""

    def is_there() -> re.Match | None:
        nonlocal text
        text = router.run(f"tail -c +{start + 1} {LOG}")
        return re.search(pattern, text)

    try:
        return wait_until(is_there, pattern)
    except AssertionError as error:
        raise AssertionError(f"{error}, in the log:\n{text}") from None


def log_size(router) -> int:
    return int(router.run(f"wc -c <{LOG}"))


def pids(router, pattern: str) -> list[str]:
    """Of the processes whose name matches."""
    listing = router.run("grep -s . /proc/[0-9]*/comm || true")
    return re.findall(rf"^/proc/(\d+)/comm:(?:{pattern})$", listing, re.M)


@pytest.mark.parametrize(
    "name",
    ["sandbox_test", "listener_test", "lister_test", "tunnel_list_test", "vanished_test",
     "silence_check_test"],
)
def test_a_unit_test_that_wants_a_real_kernel_passes(router, name):
    print(router.run(f"/root/{name}"))


def test_the_rules_are_up_after_the_boot(router):
    status = router.run(f"{SCRIPTS}/prerouting.sh status")
    assert re.search(r"redirect.*8443", status, re.I), status


def test_the_log_says_what_bounds_the_capacity(router):
    """A connection for each 64 KiB that the kernel leaves of 64 MiB, or half of
    the small conntrack table that it makes for so little memory."""
    kib = int(router.run("awk '/^MemTotal/ { print $2 }' /proc/meminfo"))
    entries = int(router.run("cat /proc/sys/net/netfilter/nf_conntrack_max"))
    match = wait_for_log(
        router,
        r"capacity (\d+) connections, bounded by (\w+) .*memory (\d+), "
        r"nf_conntrack_max (\d+)",
    )
    capacity, bound, memory, conntrack = match.groups()
    assert int(memory) == kib // 64
    assert int(conntrack) == entries // 2
    assert int(capacity) == min(int(memory), int(conntrack))
    assert {"memory": memory, "nf_conntrack_max": conntrack}[bound] == capacity


def test_a_page_comes_through(router, client, proxy):
    fetches_a_page(client, proxy)


def test_a_page_comes_through_with_the_rules_of_iptables(router, client, proxy):
    router.run(f"{SCRIPTS}/prerouting.sh down")
    rules = f"{SCRIPTS}/prerouting.sh up --interface lan --backend"
    router.run(f"{rules} iptables")
    assert "REDIRECT" in router.run("iptables -t nat -S")
    fetches_a_page(client, proxy)
    router.run(f"{SCRIPTS}/prerouting.sh down --backend iptables")
    router.run(f"{rules} nft")
    fetches_a_page(client, proxy)


def test_its_status_is_served(router):
    page = router.run("wget -qO- http://127.0.0.1:9090/")
    assert re.match(r"\s*HandyProxy router, version \d.*, up \d", page), page
    assert re.search(r"^connections +\d+ of \d+ ", page, re.M), page


def test_its_processes_need_little_memory(router, client, proxy):
    """PSS: each page that processes share is counted once. With tunnels open."""
    idle, before = pss_kib(router), len(proxy.requests)
    with client:
        peers = [connect((ORIGIN_ADDRESS, 443)) for _ in range(100)]
    wait_until(lambda: len(proxy.requests) >= before + 100, "the tunnels")
    busy = pss_kib(router)
    for peer in peers:
        peer.close()
    print(f"PSS: {idle} KiB idle, {busy} KiB with 100 tunnels")
    assert 100 < idle < 2304
    assert busy < idle + 256


def pss_kib(router) -> int:
    own = pids(router, "handyproxy.*")
    assert len(own) >= 3, own
    paths = " ".join(f"/proc/{pid}/smaps_rollup" for pid in own)
    return sum(map(int, re.findall(r"Pss: +(\d+)", router.run(f"grep ^Pss: {paths}"))))


def test_a_reload_is_followed(router, client, proxy):
    start, before = log_size(router), set(pids(router, WORKERS))
    router.run("echo log-level info >>/etc/handyproxy/handyproxy.conf")
    router.run("kill -HUP $(cat /run/handyproxy/handyproxy.pid)")
    wait_for_log(router, "configuration read again", start)
    wait_until(
        lambda: len(set(pids(router, WORKERS)) - before) == len(before) == 2
        and not before & set(pids(router, WORKERS)),
        "new workers",
    )
    fetches_a_page(client, proxy)
    wait_for_log(router, rf"connection closed .*{ORIGIN_ADDRESS}:80.*=done", start)


def test_a_killed_worker_is_replaced(router, client, proxy):
    start = log_size(router)
    [worker] = pids(router, "handyproxy:w0")
    router.run(f"kill -SEGV {worker}")
    wait_for_log(router, "error master: worker 0 .*signal 11", start)
    wait_until(
        lambda: pids(router, "handyproxy:w0") not in ([], [worker]),
        "another worker 0",
    )
    fetches_a_page(client, proxy)


def test_after_a_reboot_a_page_comes_through_again(router, client, proxy):
    before = router.run(BOOT_ID)
    router.reboot()
    assert router.run(BOOT_ID) != before
    fetches_a_page(client, proxy)
