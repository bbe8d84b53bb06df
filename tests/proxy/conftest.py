# SPDX-License-Identifier: MIT
"""What the tests of connections have in common.

`python3 -m pytest tests/proxy` works as it is, as root and as a user: outside
of `tests/fixtures/enter` pytest starts itself again inside. The environment:

HANDYPROXY           the program to test (build/gcc/handyproxy)
HANDYPROXY_EXTRA     options for every start of it
HANDYPROXY_VALGRIND  1: run it under valgrind
TEST_TIMEOUT_SCALE   stretches every wait on slow machines
TEST_TCP_BUFFERS     the size of socket buffers, instead of the kernel's
CI                   true: a skip that tests/may-skip.txt does not list fails
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Callable, Iterator

import pytest

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
sys.path.insert(0, str(FIXTURES))

# pylint: disable=wrong-import-position
import daemon
import lab as network
import peer as peers
from behaviour import ScriptedProxy, hand_over
from daemon import Daemon
from lab import (
    ADDRESSES,
    ORIGIN_ADDRESS,
    PROXY_ADDRESS,
    Addresses,
    Lab,
)
from origin import Origin, Service
from peer import Peer, join
from shims import build_shim
from traffic import Site
from waiting import PATIENCE, wait_until

SHIMS = {"copy": "no_splice", "tiny_pipes": "tiny_pipes"}

# A destination where nothing has to answer, because the test plays the
# upstream's end.
DESTINATION = (ORIGIN_ADDRESS, 443)

def pytest_configure(config: pytest.Config) -> None:
    if not network.is_inside():
        # The new process must write to the same place as this process.
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            capture.stop_global_capturing()
        enter = str(FIXTURES / "enter")
        os.execv(enter, [enter, sys.executable, *sys.orig_argv[1:]])
    config.addinivalue_line(
        "markers", "expects_errors: HandyProxy logs errors in this test"
    )
    # If a signal ends pytest early, the fixtures are still cleaned up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_sessionstart() -> None:
    if not os.access(daemon.PROGRAM, os.X_OK):
        pytest.exit(f"{daemon.PROGRAM} is missing: build it first", 2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """A failed test shows the daemon's log and state."""
    report = (yield).get_result()
    for one in getattr(item, "daemons", []):
        if report.failed:
            report.sections.append(("HandyProxy's log", one.log_text))
            report.sections.append(("HandyProxy's processes", one.state_text))


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    """Bounds the whole test, besides the bounds of its single waits."""

    def give_up(_signal: int, _frame: object) -> None:
        raise AssertionError("the test did not end in time")

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 4 * PATIENCE)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.fixture(scope="session")
def shims(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Builds the shims that are preloaded into the daemon, each when first needed."""
    folder = tmp_path_factory.mktemp("shims")

    return lambda name: build_shim(name, folder)


@pytest.fixture
def fail_sends(monkeypatch, shims) -> Callable[..., Path]:
    """fail_sends(START, ERROR): a shim for the daemon. The first send(2) of what
    begins so fails, or each until the peer has reset its connection."""

    def prepare(start: str, error: int, until_reset: bool = False) -> Path:
        monkeypatch.setenv("HANDYPROXY_FAIL_SENDS", start)
        monkeypatch.setenv("HANDYPROXY_FAIL_ERROR", str(error))
        if until_reset:
            monkeypatch.setenv("HANDYPROXY_FAIL_UNTIL_RESET", "1")
        return shims("fail_sends")

    return prepare


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    the_lab = Lab(tmp_path_factory.mktemp("lab"))
    yield the_lab
    the_lab.close()


@pytest.fixture
def start_proxy(lab: Lab) -> Iterator[Callable[..., ScriptedProxy]]:
    """start_proxy(ADDRESS, PORT): an upstream proxy that relays honestly."""
    started: list[ScriptedProxy] = []

    def start(address: str = PROXY_ADDRESS, port: int = 0, namespace=None):
        with namespace or lab.upstream:
            started.append(ScriptedProxy((address, port)))
        return started[-1]

    yield start
    for proxy in started:
        proxy.stop()


@pytest.fixture
def proxy(start_proxy) -> ScriptedProxy:
    """The upstream proxy."""
    return start_proxy()


@pytest.fixture
def family() -> str:
    """Of client and destination. Tests in which it matters have both."""
    return "ipv4"


@pytest.fixture
def addresses(family: str) -> Addresses:
    return ADDRESSES[family]


@pytest.fixture
def start_origin(
    lab: Lab, addresses: Addresses
) -> Iterator[Callable[..., Origin]]:
    started: list[Origin] = []

    def start(service: Service, address: str | None = None) -> Origin:
        with lab.upstream:
            started.append(Origin((address or addresses.origin, 0), service))
        return started[-1]

    yield start
    for origin in started:
        origin.stop()


@pytest.fixture
def transfer_mode() -> str:
    """The way of moving bytes. Tests that relay many bytes choose other ways."""
    return "splice"


@pytest.fixture
def handyproxy(
    request: pytest.FixtureRequest,
    lab: Lab,
    proxy: ScriptedProxy,
    shims: Callable[[str], Path],
    transfer_mode: str,
    family: str,
) -> Iterator[Callable[..., Daemon]]:
    """handyproxy("-option", "value", workers=1) starts it in the router, with
    all of the client's connections redirected to it. At the end of the test it
    must stop cleanly, and have told of no error but in those that expect
    some."""
    started: list[Daemon] = []
    request.node.daemons = started

    def start(*options: str, upstream: str | None = None, **more) -> Daemon:
        if transfer_mode in SHIMS:
            more["preload"] = shims(SHIMS[transfer_mode])
        if upstream is None:
            upstream = join(proxy.address)
        if family == "ipv6":
            options = ("-local-address", "::", *options)
        try:
            started.append(Daemon(lab, upstream, options, **more))
        except daemon.CannotPreload as reason:
            pytest.skip(str(reason))
        lab.redirect(started[-1].port)
        if family == "ipv6":
            lab.redirect_ipv6(started[-1].port)
        return started[-1]

    yield start
    lab.stop_redirecting()
    try:
        for one in started:
            one.stop()
            if not expects_errors(request.node):
                one.assert_no_error()
    finally:
        for one in started:
            one.kill()


@pytest.fixture
def crash_is_a_crash(monkeypatch):
    """A sanitizer would turn the signal into an exit status."""
    options = os.environ.get("ASAN_OPTIONS", "")
    monkeypatch.setenv("ASAN_OPTIONS", "handle_segv=0:" + options)


@pytest.fixture
def mortal(
    lab: Lab, proxy: ScriptedProxy
) -> Iterator[Callable[..., Daemon]]:
    """Like handyproxy, for a master that does not end cleanly."""
    started: list[Daemon] = []

    def start(*options: str, upstream: str | None = None, **more) -> Daemon:
        if upstream is None:
            upstream = join(proxy.address)
        started.append(Daemon(lab, upstream, options, **more))
        lab.redirect(started[-1].port)
        return started[-1]

    yield start
    lab.stop_redirecting()
    for one in started:
        one.assert_no_report()
        one.kill()


def expects_errors(test: pytest.Item) -> bool:
    """Whether the test expects errors. Tests of other folders declare that
    themselves."""
    return (
        test.get_closest_marker("expects_errors") is not None
        or test.path.parent.name != "proxy"
    )


@pytest.fixture
def connect(
    lab: Lab, handyproxy, addresses: Addresses
) -> Iterator[Callable[..., Peer]]:
    """connect(ADDRESS): the client's end of a connection. All are reset at the
    end, before HandyProxy is stopped."""
    opened: list[Peer] = []

    def open_one(address=None, namespace=None, **options) -> Peer:
        with namespace or lab.client:
            client = peers.connect(
                address or (addresses.origin, 443), **options
            )
        opened.append(client)
        return client

    yield open_one
    for one in opened:
        if not one.is_closed:
            one.reset()


@pytest.fixture
def site(lab: Lab, tmp_path: Path) -> Iterator[Site]:
    the_site = Site(lab, tmp_path)
    yield the_site
    the_site.close()


@pytest.fixture
def configuration(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """configuration("idle-timeout 1h"): the file's lines from now on. The
    daemon's user reads it again."""
    folder = Path("/run") / tmp_path.name  # pytest's folders are root's alone
    folder.mkdir(mode=0o755)
    path = folder / "handyproxy.conf"

    def write(*lines: str) -> str:
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o644)
        return str(path)

    write()
    yield write
    shutil.rmtree(folder)


@pytest.fixture
def settled(connect, addresses) -> Callable[[Daemon], dict[int, int]]:
    """settled(DAEMON): the descriptors of its workers, each of which has seen
    a connection: they keep one socket ready for the next."""

    def descriptors(one: Daemon) -> dict[int, int]:
        for pid in one.workers:
            with one.alone(pid):
                assert connect((addresses.router, one.port)).end() == peers.RESET
        one.wait_until_at_rest()
        return one.descriptors()

    return descriptors


@pytest.fixture
def open_tunnel(lab: Lab, proxy: ScriptedProxy, connect):
    """open_tunnel(): both ends of a tunnel, (client, upstream), whose answer
    HandyProxy has read."""

    def open_one(**options) -> tuple[Peer, Peer]:
        proxy.then(hand_over())
        client = connect(**options)
        upstream = proxy.tunnel()
        upstream.wait_until_delivered()
        end = join(upstream.socket.getpeername())
        wait_until(
            lambda: not any(
                row["unread"] > 0
                for row in lab.router.tcp_sockets()
                if row["local"] == end
            ),
            "HandyProxy reads the answer",
        )
        return client, upstream

    return open_one


@pytest.fixture
def socket_towards(lab: Lab) -> Callable[[Peer], str]:
    """socket_towards(UPSTREAM): the socket of HandyProxy that is connected to
    the upstream's end of a tunnel. No other socket has the same number."""

    def inode(upstream: Peer) -> str:
        end = join(upstream.socket.getpeername())
        return next(
            row["inode"]
            for row in lab.router.tcp_sockets()
            if row["local"] == end and row["state"] == "established"
        )

    return inode


@pytest.fixture
def open_tunnel_again(open_tunnel, socket_towards):
    """open_tunnel_again(END): a tunnel through a socket that has served before,
    in tunnels that were ended by END(CLIENT, UPSTREAM). Another tunnel stays
    open meanwhile. A socket does not wait for long, so that it may take some
    tunnels until one meets it."""

    def open_one(end: Callable[[Peer, Peer], None]) -> tuple[Peer, Peer]:
        open_tunnel()
        seen: set[str] = set()

        def attempt() -> tuple[Peer, Peer] | None:
            client, upstream = open_tunnel()
            number = socket_towards(upstream)
            if number in seen:
                return client, upstream
            seen.add(number)
            end(client, upstream)
            return None

        return wait_until(attempt, "a socket serves again")

    return open_one
