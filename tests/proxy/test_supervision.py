# SPDX-License-Identifier: MIT
"""A process that dies loses its own connections, and no others."""

import os
import re
import resource
import signal
import socket
import time

import pytest

from behaviour import answer, hand_over
from daemon import Daemon, children_of, comm_of, open_files, state_of
from lab import run
from peer import FIN, RESET, end_tunnel
from processes import cpu_share
from waiting import PATIENCE, duration, wait_until

# A worker that loops without progress is killed after this time.
HANG_SECONDS = 35


pytestmark = pytest.mark.usefixtures("crash_is_a_crash")


def clients_of(daemon: Daemon, lab, pid: int) -> set[str]:
    """The addresses of the clients whose connections this worker holds."""
    held = set(open_files(pid))
    return {
        row["remote"]
        for row in lab.router.tcp_sockets()
        if f"socket:[{row['inode']}]" in held
        and row["local"].endswith(f":{daemon.port}")
    }


def stop_and_list(daemon: Daemon, lab, pid: int) -> set[str]:
    """Stops the worker first, so that the list stays correct."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: state_of(pid) == "T", "the worker stands still")
    return clients_of(daemon, lab, pid)


@pytest.mark.expects_errors
@pytest.mark.parametrize("number", [0, 1])
def test_a_crash_under_traffic_disturbs_no_other_worker(
    number, lab, handyproxy, site
):
    daemon = handyproxy(upstream=site.upstream, workers=3)
    doomed: set[str] = set()
    with site.transfers(small=4, large=3) as transfers:
        for _ in range(3):
            transfers.go_on()
            pid = daemon.workers[number]
            doomed |= stop_and_list(daemon, lab, pid)
            os.kill(pid, signal.SIGSEGV)
            os.kill(pid, signal.SIGCONT)
            wait_until(
                lambda: len(set(daemon.workers) - {pid}) == 3,
                "the worker is replaced",
            )
        transfers.go_on()
    assert [f for f in transfers.failures if f.client not in doomed] == []
    deaths = re.findall(rf"worker {number} died of signal 11", daemon.log_text)
    assert len(deaths) == 3, daemon.log_text


def test_a_client_whose_bytes_cannot_be_delivered_is_no_hang(
    handyproxy, open_tunnel
):
    """The upstream has gone, and bytes that it had sent are still on their way."""
    daemon = handyproxy(workers=1)
    client, upstream = open_tunnel(receive_buffer=4096)
    upstream.fill()
    upstream.reset()
    worker = daemon.workers
    until = time.monotonic() + HANG_SECONDS
    while time.monotonic() < until:
        client.send(b"is anybody there")
        time.sleep(0.1)
    assert daemon.workers == worker
    assert client.receive_to_end()[1] == RESET


@pytest.mark.expects_errors
def test_the_log_of_a_workers_death_counts_the_lost_connections(
    handyproxy, open_tunnel
):
    daemon = handyproxy(workers=2)
    with daemon.alone(daemon.workers[0]):
        lost = [open_tunnel() for _ in range(5)]
    with daemon.alone(daemon.workers[1]):
        kept = open_tunnel()
    os.kill(daemon.workers[0], signal.SIGSEGV)
    line = daemon.wait_for_log(r" error master: worker 0 .*signal 11")
    assert "5 connections lost" in line.text
    for client, upstream in lost:
        assert client.end() == RESET
        assert upstream.end() == RESET
    kept[0].send(b"still here")
    assert kept[1].receive(10) == b"still here"


@pytest.mark.expects_errors
def test_a_connection_that_comes_while_no_worker_runs_waits(
    handyproxy, proxy, connect
):
    """After the second early death in a row, the successor starts with a delay."""
    daemon = handyproxy(workers=1)
    proxy.behaviour = hand_over()
    for _ in range(2):
        pid = daemon.workers[0]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: state_of(pid) in "XZ", "it is dead")
        client = connect()
        client.send(b"hello")
        assert proxy.tunnel().receive(5) == b"hello"
        client.reset()


@pytest.mark.parametrize("workers", [2, 4, 8])
def test_a_stopped_worker_delays_no_new_connection(
    workers, handyproxy, proxy, connect
):
    """This holds for each worker, as not all workers wait for clients at all times."""
    daemon = handyproxy(workers=workers)
    proxy.behaviour = hand_over()
    for pid in daemon.workers[:: workers - 1]:
        with daemon.still(pid):
            for _ in range(200):
                connect()
            for _ in range(200):
                proxy.tunnel()


@pytest.mark.expects_errors
def test_the_counters_of_the_dead_are_in_the_totals(handyproxy, open_tunnel):
    daemon = handyproxy(workers=2)
    client, upstream = open_tunnel()
    client.send(b"x" * 1000)
    assert upstream.receive(1000)
    wait_until(lambda: daemon.totals()["sent"] == 1000, "they are counted")
    for pid in daemon.workers:
        os.kill(pid, signal.SIGKILL)
    assert client.end() == RESET
    wait_until(
        lambda: daemon.log_text.count("died of signal 9") == 2, "both are dead"
    )
    wait_until(lambda: len(daemon.workers) == 2, "the workers are replaced")
    totals = daemon.totals()
    assert (totals["accepted"], totals["tunnelled"]) == (1, 1)
    assert (totals["sent"], totals["open"]) == (1000, 0)


def test_200_connections_leave_no_descriptor(handyproxy, site):
    daemon = handyproxy(upstream=site.upstream, workers=2)
    with site.transfers() as transfers:
        # The descriptors that a worker opens only once are open then.
        transfers.go_on()
    wait_until(lambda: daemon.totals()["open"] == 0, "all are over")
    before = daemon.descriptors(), len(open_files(daemon.pid))
    with site.transfers(small=8) as transfers:
        transfers.go_on(200)
    assert transfers.failures == []
    wait_until(lambda: daemon.totals()["open"] == 0, "all are over")
    daemon.wait_for_descriptors(before[0])
    assert len(open_files(daemon.pid)) == before[1]


# A master that is gone


def test_workers_of_a_killed_master_finish_and_go(
    lab, mortal, open_tunnel
):
    daemon = mortal("-drain-timeout", "1h", workers=3)
    workers = daemon.workers
    client, upstream = open_tunnel()
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.process.wait(PATIENCE)
    with lab.router:
        # The port is free, though the tunnel is still open.
        wait_until(lambda: can_bind(daemon.port), "the port is free")
    upstream.send(b"the rest")
    assert client.receive(8) == b"the rest"
    end_tunnel(client, upstream)
    wait_until(
        lambda: all(state_of(pid) in "XZ" for pid in workers), "all have left"
    )


def can_bind(port: int) -> bool:
    try:
        socket.create_server(("0.0.0.0", port)).close()
    except OSError:
        return False
    return True


def test_workers_of_a_killed_master_reset_what_does_not_end(
    mortal, open_tunnel
):
    daemon = mortal("-drain-timeout", duration(0.5), workers=2)
    workers = daemon.workers
    client, upstream = open_tunnel()
    os.kill(daemon.pid, signal.SIGKILL)
    assert client.end() == RESET
    assert upstream.end() == RESET
    wait_until(
        lambda: all(state_of(pid) in "XZ" for pid in workers), "all have left"
    )


def test_a_successor_serves_while_the_old_workers_finish(
    lab, mortal, monkeypatch, open_tunnel
):
    old = mortal("-drain-timeout", "1h")
    client, upstream = open_tunnel()
    os.kill(old.pid, signal.SIGKILL)
    old.process.wait(PATIENCE)
    with lab.router:
        wait_until(lambda: can_bind(old.port), "the port is free")
    monkeypatch.setattr(lab.router, "free_port", lambda: old.port)
    mortal()
    another, its_upstream = open_tunnel()
    for one, other in ((client, upstream), (another, its_upstream)):
        one.send(b"hello")
        assert other.receive(5) == b"hello"


def test_a_stopped_master_costs_only_log_lines(
    handyproxy, site, tmp_path
):
    """The workers do not wait until there is room in their pipes to the master."""
    file = tmp_path / "log"
    daemon = handyproxy(
        "-log-level", "info", "-log-to", str(file),
        upstream=site.upstream, workers=1,
    )
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        with site.transfers(large=1) as transfers:
            # Far more lines than a pipe holds.
            transfers.go_on(600)
        assert transfers.failures == []
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    # The lines in the pipe, and the number of dropped lines, come with the next
    # line.
    with site.transfers(small=1, large=0) as more:
        more.go_on(1)
    finished = transfers.finished + more.finished

    def all_are_told_of() -> bool:
        log = file.read_text()
        dropped = re.findall(
            r" warning worker 0: (\d+) log lines dropped$", log, re.M
        )
        told = log.count("connection closed")
        return bool(dropped) and told + sum(map(int, dropped)) >= finished

    wait_until(all_are_told_of, "each line is there or counted")


# Stops


def test_a_second_term_ends_open_tunnels_at_once(handyproxy, open_tunnel):
    daemon = handyproxy("-drain-timeout", "1h")
    client, upstream = open_tunnel()
    daemon.terminate()
    daemon.wait_for_log("notice master: stopping")
    assert client.stays_silent()
    daemon.terminate()
    assert client.end() == RESET
    assert upstream.end() == RESET
    assert daemon.process.wait(PATIENCE) == 0


def test_a_drain_timeout_of_0_is_at_once(handyproxy, open_tunnel):
    daemon = handyproxy("-drain-timeout", "0")
    client, upstream = open_tunnel()
    daemon.terminate()
    assert client.end() == RESET
    assert upstream.end() == RESET
    assert daemon.process.wait(PATIENCE) == 0


def test_connections_that_are_no_tunnels_yet_may_become_one_during_a_stop(
    handyproxy, proxy, connect
):
    daemon = handyproxy("-drain-timeout", "1h", "-sniff-timeout", "1h")
    client = connect()
    wait_until(lambda: daemon.totals()["accepted"] == 1, "it is sniffed at")
    daemon.terminate()
    daemon.wait_for_log("notice master: stopping")
    proxy.then(hand_over())
    client.send(b"SSH-2.0-nobody\r\n")
    upstream = proxy.tunnel()
    assert upstream.receive(16) == b"SSH-2.0-nobody\r\n"
    end_tunnel(client, upstream)
    assert daemon.process.wait(PATIENCE) == 0


def test_a_stop_ends_as_soon_as_the_last_tunnel(handyproxy, open_tunnel):
    daemon = handyproxy("-drain-timeout", "1h", workers=4)
    tunnels = [open_tunnel() for _ in range(8)]
    daemon.terminate()
    wait_until(
        lambda: not daemon.workers, "workers with tunnels are draining, others have ended"
    )
    for client, upstream in tunnels:
        end_tunnel(client, upstream)
    assert daemon.process.wait(PATIENCE) == 0


# Signals


def test_signals_to_the_children_disturb_no_tunnel(handyproxy, open_tunnel):
    daemon = handyproxy(workers=2)
    client, upstream = open_tunnel()
    children = children_of(daemon.pid)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGPIPE):
        for pid in children:
            os.kill(pid, number)
    client.send(b"hello")
    assert upstream.receive(5) == b"hello"
    assert sorted(children_of(daemon.pid)) == sorted(children)


def test_term_drains_a_worker_and_it_is_replaced(
    handyproxy, proxy, open_tunnel
):
    daemon = handyproxy("-drain-timeout", "1h", workers=1)
    client, upstream = open_tunnel()
    old = daemon.workers[0]
    os.kill(old, signal.SIGTERM)
    wait_until(lambda: comm_of(old) == "handyproxy:d0", "it has another name")
    wait_until(lambda: daemon.workers not in ([], [old]), "it is replaced")
    another, its_upstream = open_tunnel()
    for one, other in ((client, upstream), (another, its_upstream)):
        one.send(b"hello")
        assert other.receive(5) == b"hello"
    end_tunnel(client, upstream)
    wait_until(lambda: state_of(old) == "X", "it leaves with its tunnel")
    assert another.stays_silent()


def test_a_client_that_arrives_with_the_drain_message_gets_the_next_worker(
    handyproxy, proxy, connect
):
    """The listener is ready, and is closed in the same turn of the loop."""
    daemon = handyproxy(workers=1)
    proxy.behaviour = hand_over()
    with daemon.still(daemon.workers[0]):
        os.kill(daemon.workers[0], signal.SIGTERM)
        client = connect()
    client.send(b"hello")
    assert proxy.tunnel().receive(5) == b"hello"
    assert not daemon.warnings()


def test_a_worker_that_was_sent_term_has_the_drain_timeout(
    handyproxy, open_tunnel
):
    daemon = handyproxy("-drain-timeout", duration(0.5), workers=2)
    client, upstream = open_tunnel()
    for pid in daemon.workers:
        os.kill(pid, signal.SIGTERM)
    assert client.end() == RESET
    assert upstream.end() == RESET


def test_a_group_that_gets_term_drains_like_a_master_that_does(
    handyproxy, open_tunnel
):
    daemon = handyproxy("-drain-timeout", "1h")
    client, upstream = open_tunnel()
    os.killpg(daemon.pid, signal.SIGTERM)
    upstream.send(b"the rest")
    upstream.finish()
    assert client.receive_to_end() == (b"the rest", FIN)
    client.finish()
    assert upstream.end() == FIN
    assert daemon.process.wait(PATIENCE) == 0


# Forks that fail


@pytest.mark.expects_errors
def test_without_a_fork_the_others_go_on(lab, handyproxy, site):
    daemon = handyproxy(upstream=site.upstream, workers=2)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    with site.transfers(small=3, large=1) as transfers:
        transfers.go_on()
        set_soft_limit(daemon, "nproc", 1)
        pid = daemon.workers[0]
        doomed = stop_and_list(daemon, lab, pid)
        os.kill(pid, signal.SIGKILL)
        daemon.wait_for_log("error master: cannot start worker 0")
        transfers.go_on(100)
        set_soft_limit(daemon, "nproc", hard)
        wait_until(lambda: len(daemon.workers) == 2, "it is replaced")
        transfers.go_on()
    assert [f for f in transfers.failures if f.client not in doomed] == []


def test_a_master_that_cannot_wait_for_its_children_stops_all_the_same(
    handyproxy, open_tunnel
):
    """ppoll(2) accepts no more slots than RLIMIT_NOFILE."""
    daemon = handyproxy(workers=1)
    client, upstream = open_tunnel()
    set_soft_limit(daemon, "nofile", 0)
    assert cpu_share([daemon.pid], 0.5) < 0.5
    client.send(b"hello")
    assert upstream.receive(5) == b"hello"
    end_tunnel(client, upstream)
    daemon.terminate()
    assert daemon.process.wait(PATIENCE) == 0


def test_a_master_that_cannot_wait_for_its_children_hears_them(
    handyproxy, proxy, connect
):
    daemon = handyproxy(workers=1)
    proxy.behaviour = answer(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    set_soft_limit(daemon, "nofile", 0)
    daemon.totals()  # ends the wait that began before
    assert connect().end() == RESET
    daemon.wait_for_warning(status=403)


def test_a_worker_that_cannot_poll_neither_spins_nor_stops_its_tunnels(
    handyproxy, open_tunnel
):
    """poll(2) accepts no more slots than RLIMIT_NOFILE, and fails at once."""
    daemon = handyproxy(workers=1)
    (worker,) = daemon.workers
    client, upstream = open_tunnel()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    set_soft_limit(daemon, "nofile", 1, worker)
    assert cpu_share([worker], 0.5) < 0.5
    for _ in range(3):
        client.send(b"hello")
        assert upstream.receive(5) == b"hello"
    set_soft_limit(daemon, "nofile", hard, worker)
    end_tunnel(*open_tunnel())
    end_tunnel(client, upstream)
    assert daemon.workers == [worker]


def set_soft_limit(
    daemon: Daemon, resource_name: str, limit: int, pid: int | None = None
) -> None:
    """Of the master, or of the process. The daemon's own user may do that even
    where root may not."""
    command = ["prlimit", "--pid", str(pid or daemon.pid)]
    command += [f"--{resource_name}={limit}:"]
    if daemon.user != 0:
        user = str(daemon.user)
        command = ["setpriv", "--reuid", user, "--regid", user,
                   "--clear-groups", *command]
    run(*command)
