# SPDX-License-Identifier: MIT
"""-status-address: what may be in its place, whose the socket is, and what is
left of it."""

import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from daemon import PROGRAM, state_of
from status import Status, process_of
from waiting import PATIENCE, wait_until



@pytest.fixture
def start_fails(lab):
    """start_fails(ADDRESS): the one line that a start with it ends with."""

    def start(address: str) -> str:
        with lab.router:
            result = subprocess.run(
                [PROGRAM, "-local-port", str(lab.router.free_port()),
                 "-status-address", address],
                capture_output=True, text=True, timeout=PATIENCE, check=False,
            )
        assert (result.returncode, result.stdout) == (1, ""), result
        lines = result.stderr.splitlines()
        assert lines[-1].startswith(f"handyproxy: ") and address in lines[-1]
        return lines[-1]

    return start


def listen(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(path))
    sock.listen()
    return sock


def test_the_socket_is_of_user_and_group(serve, status):
    daemon = serve("-group", "4711")
    file = os.lstat(status.address)
    assert stat.S_ISSOCK(file.st_mode)
    assert stat.S_IMODE(file.st_mode) == 0o660
    if os.getuid() == 0 and daemon.user != 0:
        assert (file.st_uid, file.st_gid) == (daemon.user, 4711)


def test_it_is_removed_at_the_end(serve, status):
    daemon = serve()
    daemon.stop()
    assert not os.path.lexists(status.address)


def test_what_a_crash_left_does_not_stop_a_start(mortal, serve, status):
    daemon = mortal("-status-address", status.option)
    first = os.lstat(status.address).st_ino
    daemon.kill()
    assert os.path.lexists(status.address)
    daemon = serve()
    assert os.lstat(status.address).st_ino != first


def test_a_stale_socket_in_a_folder_of_roots_is_replaced(
    serve, status, folder
):
    """At the end it cannot be removed from there, at the next start it is."""
    folder.chmod(0o755)
    serve().stop()
    if os.path.lexists(status.address):
        os.chmod(status.address, 0o400)
    assert serve().process.poll() is None


def test_a_living_instance_keeps_its_socket(serve, status, start_fails):
    daemon = serve()
    file = os.lstat(status.address)
    assert "another process listens on it" in start_fails(status.option)
    assert os.lstat(status.address).st_ino == file.st_ino
    assert status.get("/metrics")
    # Also where it is too busy to take the connection.
    os.kill(process_of(daemon), signal.SIGSTOP)
    wait_until(lambda: state_of(process_of(daemon)) == "T", "it stands still")
    held = []
    try:
        fill_queue(status.address, held)
        assert "another process listens on it" in start_fails(status.option)
    finally:
        os.kill(process_of(daemon), signal.SIGCONT)
        for sock in held:
            sock.close()


def fill_queue(path: str, held: list[socket.socket]) -> None:
    """Connects until the kernel takes no more."""
    while True:
        held.append(socket.socket(socket.AF_UNIX))
        held[-1].setblocking(False)
        try:
            held[-1].connect(path)
        except BlockingIOError:
            return


def test_nothing_but_a_socket_is_replaced(start_fails, folder):
    """Links are not followed, wherever they lead."""
    victim = folder / "victim"
    listen(victim).close()
    (folder / "file").write_text("kept")
    (folder / "folder").mkdir()
    (folder / "link").symlink_to(victim)
    (folder / "dangling").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe")
    for name in "file", "folder", "link", "dangling", "pipe":
        path = folder / name
        before = os.lstat(path)
        assert "it exists and is no socket" in start_fails(str(path))
        assert os.lstat(path).st_ino == before.st_ino
    assert (folder / "file").read_text() == "kept"
    assert victim.exists() and not (folder / "nothing").exists()
    assert "No such file" in start_fails(str(folder / "none/socket"))


def test_a_port_that_is_taken_ends_the_start(lab, start_fails):
    with lab.router, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "Address already in use" in start_fails(f"127.0.0.1:{port}")


def test_the_socket_of_a_successor_stays(handyproxy, serve, status):
    """It has another inode than the one that is to be removed."""
    old = serve()
    os.unlink(status.address)
    serve()
    old.stop()
    assert status.get("/metrics")


@pytest.mark.parametrize("address", ["::1", "::", "0.0.0.0", "10.0.0.1"])
def test_addresses(address, lab, handyproxy):
    """Where others can reach it, the start warns."""
    port = lab.router.free_port()
    status = Status((address, port), lab.router)
    daemon = handyproxy("-status-address", status.option)
    status.wait_until_it_answers()
    assert status.get("/metrics")
    is_public = address != "::1"
    assert ("is open to other hosts" in daemon.log_text) == is_public
    if address == "::":
        assert Status(("127.0.0.1", port), lab.router).get("/metrics")
    if address == "0.0.0.0":
        assert Status(("10.1.0.1", port), lab.upstream).get("/metrics")


def test_without_ipv6_in_the_kernel_all_of_ipv4_is_served(
    lab, shims, handyproxy
):
    port = lab.router.free_port()
    daemon = handyproxy(
        "-status-address", f"[::]:{port}", preload=shims("no_ipv6")
    )
    Status(("127.0.0.1", port), lab.router).wait_until_it_answers()
    line = daemon.wait_for_log(r"-status-address \[::\]: this kernel has no IPv6")
    assert line.level == "notice"


def test_a_daemon_keeps_a_relative_path(lab, folder):
    """It is absolute before the daemon leaves its folder."""
    pid_file = folder / "pid"
    with lab.router:
        subprocess.run(
            [PROGRAM, "-local-port", str(lab.router.free_port()), "-daemon",
             "-pid-file", "pid", "-status-address", "./socket",
             "-log-to", "log"],
            cwd=folder, check=True, timeout=PATIENCE,
        )
    pid = int(pid_file.read_text())
    try:
        Status(str(folder / "socket"), lab.router).wait_until_it_answers()
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: state_of(pid) in "XZ", "it ends")
        assert not (folder / "socket").exists()
    finally:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
