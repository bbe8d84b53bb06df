"""The sandbox in the whole program. A call that no worker ever makes kills the
worker that makes it, and nothing else."""

import pytest

from children import FORBIDDEN
from faults import RESOLVER, Deed
from honest import command
from peer import FIN, RESET, connect as connect_peer
from waiting import wait_until

@pytest.fixture(params=FORBIDDEN, ids=lambda deed: deed.name.lower())
def deed(request) -> Deed:
    return request.param


def open_tunnel(lab, origin):
    """Opens a tunnel through the running worker."""
    with lab.client:
        client = connect_peer(origin)
    client.send(command("echo", 0, 0) + b"here")
    assert client.receive(4) == b"here"
    return client


def test_a_forbidden_call_kills_its_worker_alone(
    lab, handyproxy, faults, origin, deed
):
    daemon = handyproxy(workers=2, preload=faults.library)
    guilty, other = daemon.workers
    with daemon.alone(guilty):
        doomed = open_tunnel(lab, origin)
    with daemon.alone(other):
        bystander = open_tunnel(lab, origin)
    with faults.given("recv", deed, process="handyproxy:w0"):
        doomed.send(b"now")
        assert doomed.end() == RESET
    line = daemon.wait_for_log("worker 0 was killed by its sandbox")
    assert line.level == "error" and "1 connections lost" in line.words
    assert "-sandbox off" not in line.text
    bystander.send(b"unharmed")
    assert bystander.receive(8) == b"unharmed"
    wait_until(
        lambda: len(set(daemon.workers) - {guilty}) == 2,
        "worker 0 is there again",
    )
    assert daemon.workers[1] == other
    with daemon.alone(daemon.workers[0]):
        open_tunnel(lab, origin).close()
    bystander.finish()
    assert bystander.end() == FIN


def test_before_the_first_accept_the_log_names_the_remedy(
    lab, handyproxy, faults, origin, deed
):
    """A libc whose calls the filter does not know causes an outage, so the log
    must name the remedy. The client is served by the next worker."""
    daemon = handyproxy(workers=1, preload=faults.library)
    with faults.given("accept4", deed):
        open_tunnel(lab, origin).close()
        line = daemon.wait_for_log("worker 0 was killed by its sandbox")
    assert "-sandbox off" in line.text


def test_without_the_sandbox_the_same_call_harms_nobody(
    lab, handyproxy, faults, origin, deed
):
    """This shows that the sandbox kills in the tests above."""
    daemon = handyproxy("-sandbox", "off", workers=1, preload=faults.library)
    workers = daemon.workers
    client = open_tunnel(lab, origin)
    with faults.given("recv", deed):
        client.send(b"now")
        assert client.receive(3) == b"now"
    assert faults.met("recv") == 1
    assert daemon.workers == workers


@pytest.mark.parametrize(
    "deed", [Deed.EXECUTE, Deed.LIMIT_MASTER, Deed.SIGNAL_MASTER],
    ids=lambda deed: deed.name.lower(),
)
def test_the_resolver_is_killed_for_what_it_never_does(
    deed, lab, handyproxy, faults, proxy, origin
):
    lab.set_hosts({"proxy.test": [proxy.address[0]]})
    with faults.given("write", deed, process=RESOLVER):
        daemon = handyproxy(
            upstream=f"proxy.test:{proxy.address[1]}", preload=faults.library
        )
        daemon.wait_for_log("resolver was killed by its sandbox")
    daemon.wait_for_log("the upstream proxy.test is at")
    open_tunnel(lab, origin).close()
