# SPDX-License-Identifier: MIT
"""Each call of a worker fails with each error that it can have. The connections
that meet the fault may end with a RST; nothing else may suffer."""

import contextlib
import errno
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

import pytest

from connect_proxy import ESTABLISHED
from daemon import state_of
from errors import ERRORS
from faults import ANY_CHILD, Deed
from honest import command, obey, reset_or, run_transfer
from lab import ORIGIN_ADDRESS, ROUTER_ADDRESS
from origin import Origin
from peer import FIN, RESET, Peer, in_background, join, pattern_bytes
from peer import connect as connect_peer
from processes import count_files, cpu_share
from waiting import PATIENCE, SCALE, wait_until, wait_until_steady

# Which calls fail: the first, a later one, or each third; as in give().
ONCE = (1, 0)
LATER = (3, 0)
EACH_THIRD = (1, 3)

# After these errors of accept(2), the worker accepts no connection for a
# second.
RESTS = {"EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"}

# After a failure of these calls, the worker accepts no connection for a second.
RESERVING = ("socket", "setsockopt", "mmap")
# A worker makes these calls for its first connections, or for many at once.
OF_YOUTH = (
    "calloc", "fcntl", "ioctl", "pipe2", "reallocarray", "timerfd_settime"
)
OF_CROWDS = ("mmap", "munmap", "reallocarray")
# After these errors a worker does not make the call again.
GIVES_UP = ("EINVAL", "ENOSYS")

CROWD = 140

# The most pipes through which a worker splices: ROLE_PIPES_MAX.
PIPES_MOST = 16


@pytest.fixture(scope="module", autouse=True)
def small_buffers(lab):
    """Small buffers, so that receivers are full early and many bytes stay unsent."""
    name = "net.ipv4.tcp_wmem"
    before = lab.router.sysctl(name, "4096 16384 65536")
    yield
    lab.router.sysctl(name, before)


class Ground:
    """One worker, its clients, and its orders."""

    def __init__(self, lab, daemon, faults, origin) -> None:
        self.lab = lab
        self.daemon = daemon
        self.faults = faults
        self.origin = origin
        self.renewals = 0

    @property
    def worker(self) -> int:
        return self.daemon.workers[0]

    def renew_worker(self) -> None:
        """Replaces the worker by a drain, which is no death and causes no delay."""
        self.renewals += 1
        old = self.worker
        os.kill(old, signal.SIGTERM)
        wait_until(
            lambda: self.daemon.workers not in ([], [old])
            and state_of(old) in "XZ",
            "another worker",
        )
        self.daemon.wait_until_at_rest()

    def run(self, *actions) -> list[str]:
        """Runs each action in a thread of its own, in the client's namespace;
        returns how they ended."""
        ends: list[str] = []
        errors: list[BaseException] = []

        def run_one(action) -> None:
            try:
                with self.lab.client:
                    ends.append(action())
            except BaseException as error:  # pylint: disable=broad-except
                errors.append(error)

        for thread in [in_background(run_one, action) for action in actions]:
            thread.join()
        if errors:
            raise errors[0]
        return ends

    def transfer(self, kind: str, size: int, to=None):
        return lambda: run_transfer(to or self.origin, kind, size, 1)

    def stall_and_reset(self) -> str:
        return reset_or(stall_and_reset, self.origin, receive_buffer=1 << 15)

    def mixed(self) -> list[str]:
        """Transfers that use nearly every call of the worker."""
        return self.run(
            self.transfer("download", 300_000),
            self.transfer("echo", 200_000),
            self.transfer("upload", 300_000),
            self.stall_and_reset,
        )

    def crowd(self) -> list[str]:
        """Many tunnels at once."""
        clients = []
        ends = []
        try:
            with self.lab.client:
                for _ in range(CROWD):
                    clients.append(connect_peer(self.origin))
            for client in clients:
                client.send(command("echo", 0, 0) + b"x")
            for client in clients:
                ends.append(FIN if client.receive(1) == b"x" else RESET)
        finally:
            for client in clients:
                client.reset()
        return ends

    def descriptors(self) -> int:
        """The worker's descriptors, after ended connections are closed. They
        include the socket kept ready for the next client, unless many clients
        came at once."""
        return wait_until_steady(lambda: count_files(self.worker, pipes=False))

    def wait_for_descriptors(self, before: int) -> None:
        wait_until(
            lambda: count_files(self.worker, pipes=False) <= before,
            "descriptors are back to what they were",
        )

    @contextlib.contextmanager
    def bystander(self) -> Iterator[None]:
        """A tunnel that is open before, during and after the fault."""
        with self.lab.client, connect_peer(self.origin) as client:
            client.send(command("echo", 0, 0) + b"here")
            assert client.receive(4) == b"here"
            yield
            client.send(b"still here")
            assert client.receive(10) == b"still here"


def stall(client: Peer) -> None:
    """A bulk stream to a client that stops reading, so that HandyProxy holds
    bytes, also in a pipe."""
    expected = pattern_bytes(3_000_000)
    client.send(command("download", len(expected), 0))
    client.finish()
    assert expected.startswith(client.receive(500_000))


def stall_and_reset(client: Peer) -> str:
    stall(client)
    client.reset()
    return FIN


@pytest.fixture
def ground(lab, handyproxy, faults, origin) -> Ground:
    daemon = handyproxy(
        "-sniff-timeout", "1s", "-log-level", "debug",
        workers=1, preload=faults.library,
    )
    return Ground(lab, daemon, faults, origin)


def whens(call: str, name: str) -> list[tuple[int, int]]:
    if call in RESERVING or (call == "accept4" and name in RESTS):
        return [ONCE]
    if call in OF_YOUTH or name in GIVES_UP:
        return [ONCE]
    return [ONCE, LATER, EACH_THIRD]


@pytest.mark.parametrize("call", ERRORS)
def test_a_failing_call_ends_no_more_than_its_connection(ground, call):
    worker = ground.worker
    work = ground.crowd if call in OF_CROWDS else ground.mixed
    assert set(work()) == {FIN}
    assert set(ground.mixed()) == {FIN}
    before = ground.descriptors()
    for name in ERRORS[call].split():
        met = 0
        for first, every in whens(call, name):
            met += meet(ground, call, name, first, every, work)
        # Some calls depend on what the kernel's buffers hold at the moment.
        for _ in range(10):
            met += 0 if met else meet(ground, call, name, *ONCE, work)
        assert met > 0, f"{call} was not called"
    if not ground.renewals:
        assert ground.daemon.workers == [worker]
        ground.wait_for_descriptors(before)
    assert cpu_share([ground.worker], 0.3 * SCALE) < 0.5
    ground.daemon.assert_no_error()


def test_a_socket_that_stays_in_the_set_serves_no_other_connection(ground):
    """Its events would be those of a connection that is no more."""
    worker = ground.worker
    with ground.bystander():
        for every in range(2, 6):
            with ground.faults.given(
                "epoll_ctl", Deed.FAIL, errno.ENOMEM, every=every
            ):
                ground.run(*[ground.transfer("upload", 100)] * 20)
    assert set(ground.mixed()) == {FIN}
    assert ground.daemon.workers == [worker]
    ground.daemon.assert_no_error()


def meet(ground, call, name, first, every, work) -> int:
    error = getattr(errno, name)
    around = [
        ground.bystander(),
        ground.faults.given(call, Deed.FAIL, error, first, every),
    ]
    if call in OF_YOUTH or name in GIVES_UP:
        ground.renew_worker()
    if call in OF_YOUTH:
        around.reverse()
    with contextlib.ExitStack() as stack:
        for one in around:
            stack.enter_context(one)
        ends = work()
    met = ground.faults.met(call)
    assert ends.count(RESET) <= met, f"{name} met {met} times, but {ends}"
    assert set(ground.mixed()) == {FIN}, f"behind {name}"
    return met


@pytest.mark.parametrize(
    "call, name",
    [
        ("connect", "ENETUNREACH"),
        ("connect", "EADDRNOTAVAIL"),
        ("epoll_ctl", "ENOMEM"),
        ("epoll_ctl", "ENOSPC"),
        ("send", "EPERM"),
    ],
)
def test_the_log_says_which_connection_met_which_fault(ground, call, name):
    """The fault happens before there is a tunnel."""
    error = getattr(errno, name)
    with ground.faults.given(call, Deed.FAIL, error):
        assert ground.run(ground.transfer("echo", 1000)) == [RESET]
    ground.daemon.wait_for_warning(
        cause=os.strerror(error), destination=join(ground.origin)
    )


def test_a_direct_connection_is_seen_without_getsockname(ground):
    """Without getsockname a redirected connection to the daemon's port number
    must still be served, and a direct connection be refused."""
    with ground.lab.upstream:
        twin = Origin((ORIGIN_ADDRESS, ground.daemon.port), obey)
    with ground.faults.given("getsockname", Deed.FAIL, errno.ENOBUFS, 1, 1):
        assert ground.run(ground.transfer("echo", 1000, to=twin.address)) == [
            FIN
        ]
        with ground.lab.client:
            direct = connect_peer((ROUTER_ADDRESS, ground.daemon.port))
        assert direct.end() == RESET
    assert ground.faults.met("getsockname") == 2
    twin.stop()


@pytest.mark.parametrize(
    "call, name",
    [
        ("accept4", "EMFILE"),
        ("accept4", "ENOBUFS"),
        ("socket", "ENFILE"),
    ],
)
def test_without_resources_clients_wait_and_the_worker_sleeps(ground, call, name):
    """Clients wait in the kernel's queue, and the log says so once."""
    ground.mixed()
    error = getattr(errno, name)
    cause = os.strerror(error)
    with ground.bystander(), ThreadPoolExecutor(1) as background:
        with ground.faults.given(call, Deed.FAIL, error, every=1):
            clients = background.submit(ground.mixed)
            ground.daemon.wait_for_warning(cause=cause)
            assert cpu_share([ground.worker], 0.5 * SCALE) < 0.3
        assert set(clients.result()) == {FIN}
    ground.daemon.wait_for_log("there are means for connections again")
    assert ground.daemon.log_text.count(cause) == 1


@pytest.mark.parametrize("call", ["recv", "send", "splice"])
def test_bytes_that_move_one_by_one_arrive_in_order(ground, call):
    with ground.faults.given(call, Deed.SHORTEN, first=2, every=3):
        assert set(ground.mixed()) == {FIN}
    assert ground.faults.met(call) > 0
    with ground.faults.given(call, Deed.SHORTEN, every=1):
        ends = ground.run(
            ground.transfer("echo", 500), ground.transfer("upload", 500)
        )
    assert ends == [FIN, FIN]


@pytest.mark.parametrize("before", [0, 1])
def test_a_reset_that_splice_swallows_is_no_fin(before, ground, proxy):
    """The kernel reports the reset neither then nor at the next read. Before
    that splice a shorter splice may happen that hides no reset."""
    faults = ground.faults

    def receive_and_reset(exchange, _request) -> None:
        exchange.send(ESTABLISHED)
        with Peer(exchange.socket) as peer:
            while faults.met("splice_out") <= before:
                peer.socket.recv(1 << 18)
            peer.reset()

    def push() -> bool:
        if faults.met("splice_out") <= before:
            try:
                client.socket.send(bytes(1 << 16))
            except BlockingIOError:
                pass
            except ConnectionResetError:
                client.was_reset = True
        return faults.met("splice_out") > before

    _, port = ground.origin
    proxy.acts[port] = receive_and_reset
    with ground.lab.client, connect_peer(ground.origin) as client:
        client.socket.setblocking(False)
        with faults.given("splice_out", Deed.FORGET, before, every=1):
            wait_until(push, "a splice out of a pipe")
        client.socket.settimeout(PATIENCE)
        assert client.end() == RESET
    del proxy.acts[port]
    assert set(ground.mixed()) == {FIN}


def test_bytes_without_memory_stay_in_the_senders_socket(ground):
    """Clients that do not read, where the kernel cannot splice: bytes that
    HandyProxy cannot keep it must not take."""
    expected = pattern_bytes(3_000_000)
    order = command("download", len(expected), 0)
    faults = ground.faults
    with ground.lab.client:
        clients = [connect_peer(ground.origin, 1 << 15) for _ in range(4)]
    for client in clients:
        client.send(order[:1])
    wait_until(
        lambda: ground.daemon.totals()["tunnelled"] == len(clients), "tunnels"
    )
    with faults.given("splice", Deed.FAIL, errno.EINVAL, every=1):
        with faults.given("mmap", Deed.FAIL, errno.ENOMEM, every=1):
            for client in clients:
                client.send(order[1:])
                client.finish()
            wait_until(lambda: faults.met("mmap"), "memory is wanted")
            for client in clients:
                assert client.receive_to_end() == (expected, FIN)
                client.close()
    assert set(ground.mixed()) == {FIN}


@pytest.mark.parametrize("call", ["recv", "send", "splice", "splice_out"])
@pytest.mark.parametrize("name", ["ENOMEM", "ENOBUFS"])
def test_a_shortage_of_memory_pauses_a_tunnel(ground, call, name):
    """Whichever call meets it, the tunnel goes on. While each call meets it, the
    worker sleeps between its attempts."""
    sent = pattern_bytes(2_000_000)
    error = getattr(errno, name)
    with ground.lab.client, connect_peer(ground.origin) as client:
        client.send(command("echo", 0, 0) + b"here")
        assert client.receive(4) == b"here"
        sender = in_background(client.send, sent)
        half = client.receive(len(sent) // 2)
        with ground.faults.given(call, Deed.FAIL, error, every=1):
            # Bytes for the calls to meet: those, or what does not fit on the
            # way.
            rest = in_background(lambda: (sender.join(), client.send(b"more")))
            assert cpu_share([ground.worker], 0.5 * SCALE) < 0.3
        with ground.faults.given(call, Deed.FAIL, error, every=4):
            assert half + client.receive(len(sent) - len(half)) == sent
        sender.join()
        rest.join()
        assert client.receive(4) == b"more"
        client.finish()
        assert client.end() == FIN
    assert set(ground.mixed()) == {FIN}


def test_a_kernel_that_stops_splicing_is_no_reason_for_more_pipes(ground):
    """The worker opens few pipes, whatever happens."""
    before = count_files(ground.worker, pipes=True)
    ground.mixed()
    with ground.faults.given("splice", Deed.FAIL, errno.EINVAL):
        ground.mixed()
    assert ground.faults.met("splice") == 1
    stalled = []
    for _ in range(3 * PIPES_MOST // 2):
        with ground.lab.client:
            stalled.append(connect_peer(ground.origin, 1 << 15))
        stall(stalled[-1])
    made = count_files(ground.worker, pipes=True) - before
    assert made <= 2 * PIPES_MOST
    for client in stalled:
        client.reset()
    assert set(ground.mixed()) == {FIN}


@pytest.mark.parametrize("call", ["epoll_create1", "malloc"])
def test_a_worker_that_cannot_begin_is_replaced(ground, call):
    old = ground.worker
    with ground.faults.given(
        call, Deed.FAIL, errno.ENOMEM, process=ANY_CHILD
    ):
        os.kill(old, signal.SIGKILL)
        ground.daemon.wait_for_log("worker 0: cannot start cause=")
        wait_until(
            lambda: ground.daemon.workers not in ([], [old]), "another worker"
        )
    assert set(ground.mixed()) == {FIN}


def test_a_client_leaves_while_its_request_waits(ground):
    """REQUESTING lasts only while the upstream's socket accepts no bytes."""
    ground.mixed()
    before = ground.descriptors()
    with ground.faults.given("send", Deed.FAIL, errno.EAGAIN, every=1):
        with ground.lab.client:
            client = connect_peer(ground.origin)
        client.send(b"\0")
        wait_until(lambda: ground.faults.met("send") > 2, "the request waits")
        address = client.address
        client.reset()
        ground.daemon.wait_for_closed(client=address)
    ground.wait_for_descriptors(before)
    assert set(ground.mixed()) == {FIN}
