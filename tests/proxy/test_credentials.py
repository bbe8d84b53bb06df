# SPDX-License-Identifier: MIT
"""Upstreams that want credentials: what is sent to whom, what the log says when
they are refused, how often they are tried, and who can see them."""

import contextlib
import os
import re
import resource
import signal
import struct
import subprocess
import time
from base64 import b64encode

import pytest

from behaviour import answer, answer_and_close, hand_over
from daemon import PROGRAM, children_of, comm_of
from lab import SECOND_PROXY_ADDRESS
from peer import RESET, end_tunnel, join
from status import NAME as STATUS_NAME, Status
from waiting import duration, wait_until

USER, PASSWORD = "alice", "open:sesame, \xe4"
SECRET = b64encode(f"{USER}:{PASSWORD}".encode("latin-1")).decode()
BASIC = f"Proxy-Authorization: Basic {SECRET}"

CHALLENGES = {
    "basic": (["Basic realm=\"a, NTLM\""], "Basic"),
    "one-field": (["Negotiate, NTLM, Basic realm=x"], "Negotiate,NTLM,Basic"),
    "fields": (["Negotiate", "NTLM", "basic realm=x"], "Negotiate,NTLM,basic"),
    "order": (["Basic realm=x, Negotiate"], "Basic,Negotiate"),
    "ntlm": (["NTLM"], "NTLM"),
    "digest": (["Digest realm=\"Basic\", nonce=\"b\", qop=\"auth\""], "Digest"),
    "none": ([], ""),
}


@pytest.fixture
def credentials(configuration):
    """credentials("user", "password"): a file that has them, which the
    daemon's user can read again."""
    folder = os.path.dirname(configuration())

    def write(user=USER, password=PASSWORD, name="credentials") -> str:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(f"{user}\n{password}\n".encode("latin-1"))
        os.chmod(path, 0o640)
        if os.geteuid() == 0:
            group = subprocess.run(
                ["id", "-g", "nobody"], capture_output=True, check=True
            )
            os.chown(path, -1, int(group.stdout))
        return path

    return write


@pytest.fixture
def start_from_file(handyproxy, configuration, proxy):
    """start_from_file(PATH): a daemon whose configuration names the file with
    the credentials."""

    def start(path: str):
        file = configuration(
            f"upstream-proxy {join(proxy.address)}",
            f"upstream-credentials {path}", "workers 1",
        )
        return handyproxy("-config", file, upstream="", workers=1)

    return start


def refusal(status: int, challenges=("Basic realm=x",)) -> bytes:
    field = b"WWW" if status == 401 else b"Proxy"
    return b"HTTP/1.1 %d Go away\r\n%s\r\n" % (
        status,
        b"".join(
            b"%s-Authenticate: %s\r\n" % (field, challenge.encode())
            for challenge in challenges
        ),
    )


def settings(proxy, *options: str) -> tuple[str, ...]:
    return ("-upstream-proxy", join(proxy.address), "-workers", "1", *options)


def test_they_are_sent_unasked_in_each_connect(
    handyproxy, proxy, connect, credentials, open_tunnel
):
    handyproxy("-upstream-credentials", credentials())
    for number in 1, 2:
        client, upstream = open_tunnel()
        header = proxy.request(number).header
        assert header[0].startswith("Host: ")
        assert header[1:] == [BASIC]
        end_tunnel(client, upstream)


def test_nothing_is_sent_without(handyproxy, proxy, open_tunnel):
    handyproxy()
    open_tunnel()
    assert len(proxy.request().header) == 1


def test_fields_are_added_to_each_connect(
    handyproxy, proxy, credentials, open_tunnel
):
    handyproxy(
        "-connect-header", "User-Agent: HandyProxy (a; b)",
        "-upstream-credentials", credentials(),
        "-connect-header", "X-Empty:",
    )
    open_tunnel()
    assert proxy.request().header[1:] == [
        BASIC, "User-Agent: HandyProxy (a; b)", "X-Empty:"
    ]


def test_fields_of_the_command_line_replace_those_of_the_file(
    handyproxy, proxy, configuration, open_tunnel
):
    path = configuration("connect-header A: 1", "connect-header B: 2")
    handyproxy("-config", path)
    open_tunnel()
    assert proxy.request().header[1:] == ["A: 1", "B: 2"]
    handyproxy("-config", path, "-connect-header", "C: 3")
    open_tunnel()
    assert proxy.request(2).header[1:] == ["C: 3"]


@pytest.mark.parametrize("with_port", [True, False])
def test_a_file_may_be_for_one_upstream(
    with_port, handyproxy, proxy, credentials, open_tunnel
):
    host, port = proxy.address
    named = f"{host}:{port}" if with_port else host
    handyproxy(
        "-upstream-credentials",
        f"{credentials('x', 'y', 'other')},{named}={credentials()}",
    )
    open_tunnel()
    assert proxy.request().header[1:] == [BASIC]


@pytest.mark.parametrize("named", [f"{SECOND_PROXY_ADDRESS}", "proxy.test:1"])
def test_a_host_that_is_no_upstream_is_an_error(named, credentials, proxy):
    run = subprocess.run(
        [PROGRAM, *settings(proxy), "-check",
         "-upstream-credentials", f"{named}={credentials()}"],
        capture_output=True, text=True, check=False,
    )
    assert run.returncode == 2
    assert f'-upstream-credentials "{named}": expected' in run.stderr


BAD_FILES = {
    "one-line": (b"sesame", 0o600),
    "three-lines": (b"a\nsesame\nb\n", 0o600),
    "two-empty-lines": (b"a\nsesame\n\n\n", 0o600),
    "colon": (b"ses:ame\nsesame\n", 0o600),
    "control": (b"a\nses\tame\n", 0o600),
    "long": (b"a\n" + b"sesame" * 43 + b"\n", 0o600),
    "for-others": (b"a\nsesame\n", 0o604),
}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    "content, mode", BAD_FILES.values(), ids=BAD_FILES.keys()
)
def test_a_file_that_is_wrong_ends_the_start(
    content, mode, check, lab, tmp_path, proxy
):
    path = tmp_path / "credentials"
    path.write_bytes(content)
    path.chmod(mode)
    with lab.router:
        run = subprocess.run(
            [PROGRAM, *settings(proxy), "-upstream-credentials", str(path),
             "-local-port", str(lab.router.free_port()),
             *(["-check"] if check else [])],
            capture_output=True, text=True, check=False,
        )
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert f"-upstream-credentials {path}: expected" in run.stderr
    assert "sesame" not in run.stderr


def test_a_link_to_a_file_will_do(
    handyproxy, proxy, credentials, open_tunnel
):
    path = credentials()
    os.symlink(path, path + ".link")
    handyproxy("-upstream-credentials", path + ".link")
    open_tunnel()
    assert proxy.request().header[1:] == [BASIC]


@pytest.mark.parametrize("status", [401, 407])
@pytest.mark.parametrize(
    "challenges, offers", CHALLENGES.values(), ids=CHALLENGES.keys()
)
def test_a_refusal_says_what_to_do(
    challenges, offers, status, handyproxy, proxy, connect
):
    daemon = handyproxy()
    proxy.behaviour = answer(refusal(status, challenges))
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_warning(
        client=client.address, status=status, reason="Go away", offers=offers
    )
    has_basic = not offers or "basic" in offers.lower()
    assert ("-upstream-credentials" in line.words) == has_basic
    assert ("cNTLM" in line.words) != has_basic


@pytest.mark.parametrize("status", [401, 407])
@pytest.mark.parametrize(
    "challenges, offers", CHALLENGES.values(), ids=CHALLENGES.keys()
)
def test_a_refusal_of_credentials_names_their_file(
    challenges, offers, status, handyproxy, proxy, connect, credentials
):
    path = credentials()
    daemon = handyproxy("-upstream-credentials", path)
    proxy.behaviour = answer(refusal(status, challenges))
    assert connect().end() == RESET
    line = daemon.wait_for_warning(status=status, offers=offers)
    has_basic = not offers or "basic" in offers.lower()
    refuses = f"the upstream refuses the credentials in {path}"
    assert (refuses in line.words) == has_basic
    assert ("cNTLM" in line.words) != has_basic


def test_a_refusal_whose_header_does_not_end_in_time_is_one(
    handyproxy, proxy, connect
):
    daemon = handyproxy("-response-timeout", duration(0.5))
    proxy.behaviour = answer(refusal(407)[:-2])
    assert connect().end() == RESET
    daemon.wait_for_warning(status=407, offers="Basic")


def refuse_thrice(connect, proxy, status=407):
    proxy.behaviour = answer(refusal(status))
    for _ in range(3):
        assert connect().end() == RESET


@pytest.mark.parametrize("status", [401, 407])
def test_three_refusals_brake(
    status, handyproxy, proxy, connect, credentials
):
    daemon = handyproxy("-upstream-credentials", credentials(), workers=1)
    refuse_thrice(connect, proxy, status)
    for _ in range(5):
        client = connect()
        assert client.end() == RESET
        line = daemon.wait_for_warning(client=client.address)
        assert "credentials" in line.text
    assert len(proxy.requests) == 3


def test_a_braked_upstream_leaves_its_connections_to_the_next(
    handyproxy, proxy, start_proxy, connect, credentials
):
    proxy.behaviour = answer(refusal(407))
    second = start_proxy(SECOND_PROXY_ADDRESS)
    second.behaviour = hand_over(b"HTTP/1.1 200 OK\r\n\r\nother")
    daemon = handyproxy(
        "-upstream-credentials", credentials(), "-failover-after", "1h",
        upstream=f"{join(proxy.address)},{join(second.address)}", workers=1,
    )
    for _ in range(8):
        assert connect().receive(5) == b"other"
    assert len(proxy.requests) == 3
    assert daemon.warnings() == []


def test_braked_upstreams_alone_fail_the_connection_at_once(
    handyproxy, proxy, start_proxy, connect, credentials
):
    second = start_proxy(SECOND_PROXY_ADDRESS)
    proxy.behaviour = second.behaviour = answer(refusal(407))
    daemon = handyproxy(
        "-upstream-credentials", credentials(), "-failover-after", "1h",
        upstream=f"{join(proxy.address)},{join(second.address)},direct",
        workers=1,
    )
    for _ in range(5):
        assert connect().end() == RESET
    daemon.wait_for_warning(cause="credentials refused")
    assert len(proxy.requests) == len(second.requests) == 3


def test_the_braked_upstream_is_named(
    handyproxy, proxy, connect, credentials
):
    upstream = join(proxy.address)
    daemon = handyproxy(
        "-upstream-credentials", credentials(), workers=1,
        upstream=f"nobody.test:3128,{upstream}",
    )
    refuse_thrice(connect, proxy)
    client = connect()
    assert client.end() == RESET
    line = daemon.wait_for_warning(client=client.address)
    assert line.has(upstream=upstream, cause="credentials refused")


def test_one_request_a_minute_tries_a_braked_upstream(
    handyproxy, proxy, connect, credentials, shims
):
    """The worker's minute takes a second and a half here. On a slow machine the
    times are longer, never shorter."""
    handyproxy(
        *("-upstream-credentials", credentials(), "-response-timeout", "2h"),
        *("-dial-timeout", "2h"),
        workers=1, preload=shims("fast_clock"),
    )
    proxy.behaviour = answer(refusal(407))

    def trial() -> tuple[float, float]:
        """When the next connection for which the upstream was asked began and
        ended."""
        number = len(proxy.requests)
        while True:
            begun = time.monotonic()
            assert connect().end() == RESET
            if len(proxy.requests) > number:
                return begun, time.monotonic()
            time.sleep(0.02)

    trials = [trial() for _ in range(5)]
    for (begun, _), (_, ended) in zip(trials[2:], trials[3:]):
        assert ended - begun > 1


def test_a_tunnel_ends_the_row(
    handyproxy, proxy, connect, credentials, open_tunnel
):
    handyproxy("-upstream-credentials", credentials(), workers=1)
    for _ in range(3):
        proxy.then(answer(refusal(407)), answer(refusal(407)))
        assert connect().end() == RESET
        assert connect().end() == RESET
        open_tunnel()
    assert len(proxy.requests) == 9


def test_other_statuses_do_not_end_the_row(
    handyproxy, proxy, connect, credentials
):
    handyproxy("-upstream-credentials", credentials(), workers=1)
    forbidden = answer(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    for _ in range(3):
        proxy.then(answer(refusal(407)), forbidden)
        assert connect().end() == RESET
        assert connect().end() == RESET
    assert len(proxy.requests) == 5


def test_without_credentials_nothing_brakes(handyproxy, proxy, connect):
    handyproxy(workers=1)
    refuse_thrice(connect, proxy)
    assert connect().end() == RESET
    assert len(proxy.requests) == 4


def test_other_credentials_release_the_brake(
    start_from_file, proxy, connect, credentials
):
    path = credentials("alice", "wrong")
    daemon = start_from_file(path)
    refuse_thrice(connect, proxy)
    assert connect().end() == RESET
    assert len(proxy.requests) == 3
    credentials()
    before = set(daemon.workers)
    os.kill(daemon.pid, signal.SIGHUP)
    daemon.wait_for_log("workers are replaced")
    wait_until(
        lambda: len(daemon.workers) == 1 and not before & set(daemon.workers),
        "another worker serves alone",
    )
    proxy.behaviour = hand_over()
    connect()
    assert BASIC in proxy.request(4).header


@pytest.mark.expects_errors
def test_credentials_that_cannot_be_read_again_stay(
    start_from_file, proxy, credentials, open_tunnel
):
    path = credentials()
    daemon = start_from_file(path)
    with open(path, "wb") as file:
        file.write(b"sesame")
    os.kill(daemon.pid, signal.SIGHUP)
    line = daemon.wait_for_log("old one stays")
    assert line.level == "error"
    assert path in line.text
    open_tunnel()
    assert proxy.request().header[1:] == [BASIC]
    assert "sesame" not in daemon.log_text


@pytest.mark.expects_errors
def test_a_file_for_root_alone_is_read_at_the_start_and_no_more(
    start_from_file, proxy, credentials, open_tunnel
):
    path = credentials()
    os.chmod(path, 0o600)
    daemon = start_from_file(path)
    open_tunnel()
    if daemon.user == os.geteuid():  # a user namespace that has no other user
        os.remove(path)
    os.kill(daemon.pid, signal.SIGHUP)
    line = daemon.wait_for_log("old one stays")
    assert line.level == "error"
    assert path in line.text
    open_tunnel()
    for number in 1, 2:
        assert proxy.request(number).header[1:] == [BASIC]


# Of an entry in /proc/PID/pagemap: the page is in memory, or swapped.
_PAGE_IS_THERE = 0b11 << 62


def pages_of(pid: int, start: int, end: int) -> list[int]:
    """The addresses of the pages that the process has touched. To read others
    would make them."""
    size = resource.getpagesize()
    count = (end - start) // size
    with open(f"/proc/{pid}/pagemap", "rb", 0) as table:
        table.seek(start // size * 8)
        entries = struct.unpack(f"={count}Q", table.read(8 * count))
    return [
        start + number * size
        for number, entry in enumerate(entries)
        if entry & _PAGE_IS_THERE
    ]


def memory_of(pid: int) -> bytes:
    """All that the process can write to, as root sees it."""
    found = []
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                match = re.match(r"(\w+)-(\w+) rw", line)
                if not match or "[v" in line:
                    continue
                start, end = int(match[1], 16), int(match[2], 16)
                if end - start > 1 << 30:
                    continue  # a sanitizer's own, of terabytes
                for address in pages_of(pid, start, end):
                    memory.seek(address)
                    with contextlib.suppress(OSError):
                        found.append(memory.read(resource.getpagesize()))
    return b"".join(found)


def limit_of_core(pid: int) -> str:
    with open(f"/proc/{pid}/limits", encoding="ascii") as limits:
        return next(line for line in limits if "core file" in line)


def names_of(daemon) -> dict[int, str]:
    """The name of each process, the resolver and the status process among
    them."""
    names: dict[int, str] = {}

    def find_names() -> bool:
        children = children_of(daemon.pid)
        names.update({pid: comm_of(pid) for pid in [daemon.pid, *children]})
        return {"handyproxy:dns", STATUS_NAME} <= set(names.values())

    wait_until(find_names, "the processes have their names")
    return names


@pytest.fixture
def status_pages(lab) -> Status:
    return Status(("127.0.0.1", lab.router.free_port()), lab.router)


def test_who_can_see_them(
    lab, handyproxy, proxy, credentials, status_pages, open_tunnel
):
    """Not other users, nor processes that do not send them; the password as it
    is no process, and the log and the status nothing."""
    host, port = proxy.address
    lab.set_hosts({"proxy.test": [host]})
    daemon = handyproxy(
        "-upstream-credentials", credentials(), "-log-level", "debug",
        "-status-address", status_pages.option, upstream=f"proxy.test:{port}",
    )
    open_tunnel()
    daemon.totals()
    status_pages.wait_until_it_answers()
    for page in "/", "/metrics", "/status.json", "/tunnels.json":
        text = status_pages.get(page).body.decode("latin-1")
        assert SECRET not in text
        assert PASSWORD not in text
    for pid, name in names_of(daemon).items():
        memory = memory_of(pid)
        assert PASSWORD.encode("latin-1") not in memory
        sends = name == "handyproxy" or name.startswith("handyproxy:w")
        assert (SECRET.encode() in memory) == sends, name
        assert os.stat(f"/proc/{pid}/mem").st_uid == 0
        assert re.search(r"\s0\s+0\s", limit_of_core(pid))
        with open(f"/proc/{pid}/cmdline", encoding="latin-1") as arguments:
            assert SECRET not in arguments.read()
    assert SECRET not in daemon.log_text
    assert PASSWORD not in daemon.log_text


def test_a_check_does_not_show_them(lab, credentials, proxy):
    with lab.router:
        run = subprocess.run(
            [PROGRAM, *settings(proxy), "-upstream-credentials", credentials(),
             "-log-level", "debug", "-check"],
            capture_output=True, text=True, check=False,
        )
    assert (run.returncode, run.stdout) == (0, "configuration ok\n")
    assert run.stderr == ""


def test_a_reload_that_brings_them_forbids_cores(
    handyproxy, proxy, credentials, configuration, monkeypatch
):
    """Of the processes that have them, the master included. A sanitizer would
    forbid them from the start."""
    options = os.environ.get("ASAN_OPTIONS", "")
    monkeypatch.setenv("ASAN_OPTIONS", f"{options}:disable_coredump=0")
    lines = f"upstream-proxy {join(proxy.address)}", "workers 1"
    daemon = handyproxy(
        "-config", configuration(*lines), upstream="", workers=1,
        prepare=lambda: resource.setrlimit(
            resource.RLIMIT_CORE,
            (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2,
        ),
    )
    allowed = limit_of_core(os.getpid()).split()[5]
    assert limit_of_core(daemon.pid).split()[4] == allowed
    before = daemon.workers
    configuration(*lines, f"upstream-credentials {credentials()}")
    os.kill(daemon.pid, signal.SIGHUP)
    daemon.wait_for_log("workers are replaced")
    wait_until(
        lambda: len(daemon.workers) == 1 and daemon.workers != before,
        "another worker serves alone",
    )
    daemon.wait_until_at_rest()
    for pid in [daemon.pid, *daemon.workers]:
        assert limit_of_core(pid).split()[4] == "0", comm_of(pid)
        assert os.stat(f"/proc/{pid}/mem").st_uid == 0


def test_another_user_sees_nothing(
    handyproxy, credentials, open_tunnel
):
    daemon = handyproxy("-upstream-credentials", credentials())
    open_tunnel()
    for pid in [daemon.pid, *daemon.workers]:
        user = os.stat(f"/proc/{pid}").st_uid
        run = subprocess.run(
            ["cat", f"/proc/{pid}/environ", f"/proc/{pid}/maps"],
            user=daemon.user, capture_output=True, check=False,
        )
        assert run.returncode != 0, user


@pytest.mark.usefixtures("crash_is_a_crash")
def test_a_crash_leaves_no_core(
    mortal, proxy, credentials, connect, tmp_path
):
    resource.setrlimit(
        resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2
    )
    daemon = mortal("-upstream-credentials", credentials())
    worker = daemon.workers[0]
    os.kill(worker, signal.SIGSEGV)
    line = daemon.wait_for_log("signal 11")
    assert "core" not in line.text
    assert limit_of_core(daemon.pid).split()[4] == "0"


# --- Several upstreams


@pytest.fixture
def second(start_proxy):
    other = start_proxy(SECOND_PROXY_ADDRESS)
    other.behaviour = hand_over()
    return other


def both(first, second) -> str:
    return f"{join(first.address)},{join(second.address)}"


def test_they_go_to_their_upstream_alone(
    handyproxy, proxy, second, connect, credentials
):
    handyproxy(
        "-upstream-credentials", f"{proxy.address[0]}={credentials()}",
        upstream=both(proxy, second),
    )
    proxy.behaviour = answer(refusal(407))
    connect()
    second.tunnel()
    assert BASIC in proxy.request().header
    assert len(second.request().header) == 1


def test_a_probe_has_none(
    handyproxy, proxy, second, connect, credentials
):
    handyproxy(
        "-upstream-credentials", credentials(), upstream=both(proxy, second),
        workers=1,
    )
    proxy.behaviour = answer_and_close(b"")
    connect()
    second.tunnel()
    probe = proxy.request(2)
    assert probe.raw == b"OPTIONS * HTTP/1.0\r\n\r\n"


def test_a_braked_upstream_is_passed_over(
    handyproxy, proxy, second, connect, credentials
):
    handyproxy(
        "-upstream-credentials", f"{proxy.address[0]}={credentials()}",
        upstream=both(proxy, second), workers=1,
    )
    proxy.behaviour = answer(refusal(407))
    for _ in range(6):
        connect()
        second.tunnel()
    assert len(proxy.requests) == 3
    assert len(second.requests) == 6
