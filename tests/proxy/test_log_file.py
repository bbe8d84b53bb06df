# SPDX-License-Identifier: MIT
"""The log file is written by a process of its own: a disk that stands still
delays nothing but the log. Standard error may be a file on such a disk, too:
the first wait shows it."""

import os
import re
import resource
import signal
import time
from pathlib import Path

import pytest

from daemon import Daemon
from disk import Disk, slow_disk, wait_for_writer, writers_of
from waiting import PATIENCE, wait_until

LINES_OF_A_FULL_PIPE = 3000
FILE_LIMIT = 64 * 1024


@pytest.fixture
def disk(monkeypatch):
    with slow_disk(monkeypatch) as the_disk:
        yield the_disk


@pytest.fixture
def start(handyproxy, shims, disk):
    def start_with(*options: str, starter=handyproxy) -> Daemon:
        return starter(
            "-log-to", str(disk.log), *options, preload=shims("slow_disk")
        )

    return start_with


@pytest.fixture(params=["file", "stderr"])
def start_either(request, start, handyproxy, shims, disk):
    """Like start, and with a standard error that is the file, and has been
    slow."""
    if request.param == "file":
        return start

    def start_with(*options: str, starter=handyproxy) -> Daemon:
        daemon = starter(
            *options, preload=shims("slow_disk"), prepare=stderr_to(disk.log)
        )
        be_slow(disk, daemon)
        return daemon

    return start_with


# As log_sink.c has it, and more.
SLOW_SECONDS = 1.2


def be_slow(disk: Disk, daemon: Daemon) -> None:
    """Until the daemon has noticed."""
    assert not writers_of(daemon), "it is not known yet that the disk is slow"

    def is_noticed() -> bool:
        disk.stop()
        ask_for_totals(daemon)
        wait_until_taken(daemon)
        time.sleep(SLOW_SECONDS)
        disk.go_on()
        ask_for_totals(daemon)
        wait_until_taken(daemon)
        return len(writers_of(daemon)) == 1

    wait_until(is_noticed, "standard error has a writer")


def stderr_to(path: Path):
    """As a shell does it for 2>>path."""

    def prepare() -> None:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(fd, 2)
        os.close(fd)

    return prepare


def ask_for_totals(daemon: Daemon) -> None:
    """Lines that are now on their way to the disk."""
    os.kill(daemon.pid, signal.SIGUSR1)


def wait_until_taken(daemon: Daemon) -> None:
    """The signal is not pending any more, so that the next one counts."""

    def is_pending() -> bool:
        status = Path(f"/proc/{daemon.pid}/status").read_text()
        pending = int(re.search(r"^ShdPnd:\s+(\w+)", status, re.M)[1], 16)
        return bool(pending & 1 << (signal.SIGUSR1 - 1))

    wait_until(lambda: not is_pending(), "the signal is taken")


def kill_worker(daemon: Daemon) -> None:
    """A worker dies, and has a successor."""
    doomed = daemon.workers[0]
    os.kill(doomed, signal.SIGKILL)
    wait_until(
        lambda: doomed not in daemon.workers and len(daemon.workers) == 2,
        "the worker is replaced",
    )


def test_a_disk_that_stands_still_delays_no_respawn(start_either, disk, open_tunnel):
    daemon = start_either("-log-level", "info")
    disk.stop()
    ask_for_totals(daemon)
    kill_worker(daemon)
    kill_worker(daemon)
    client, upstream = open_tunnel()
    client.send(b"unharmed")
    assert upstream.receive(8) == b"unharmed"
    assert "died of signal 9" not in disk.text()
    disk.go_on()
    disk.wait_for("worker 0 died of signal 9", 2)
    disk.wait_for("totals of all")


def test_a_disk_that_stands_still_delays_no_reload(start, disk):
    daemon = start()
    disk.stop()
    ask_for_totals(daemon)
    wait_until_taken(daemon)
    disk.log.rename(disk.log.with_suffix(".1"))
    os.kill(daemon.pid, signal.SIGHUP)
    kill_worker(daemon)
    disk.go_on()
    wait_until(disk.log.exists, "the log file is opened again")
    disk.wait_for("configuration read again")
    disk.wait_for("worker 0 died of signal 9")
    assert "totals of all" in disk.log.with_suffix(".1").read_text()
    assert "configuration read" not in disk.log.with_suffix(".1").read_text()


def test_a_reload_leaves_the_writer_of_standard_error_at_work(
    handyproxy, shims, disk
):
    daemon = handyproxy(
        preload=shims("slow_disk"), prepare=stderr_to(disk.log)
    )
    be_slow(disk, daemon)
    writers = writers_of(daemon)
    disk.stop()
    ask_for_totals(daemon)
    os.kill(daemon.pid, signal.SIGHUP)
    kill_worker(daemon)
    assert writers_of(daemon) == writers
    disk.go_on()
    disk.wait_for("configuration read again")
    disk.wait_for("worker 0 died of signal 9")


def test_a_disk_that_stands_still_delays_no_stop(start_either, disk):
    daemon = start_either()
    disk.stop()
    ask_for_totals(daemon)
    daemon.terminate()
    assert daemon.process.wait(PATIENCE) == 0
    assert "stopped" not in disk.text()
    disk.go_on()
    disk.wait_for("notice master: stopped$")


def test_lines_that_found_no_room_are_counted(start_either, disk):
    daemon = start_either()
    disk.stop()
    for _ in range(LINES_OF_A_FULL_PIPE):
        ask_for_totals(daemon)
        wait_until_taken(daemon)
    disk.go_on()
    disk.wait_for(r"warning master: \d+ log lines dropped$")
    daemon.stop()


def test_the_writers_own_lines_have_the_format_of_the_last_reload(
    start_either, handyproxy, disk
):
    """The writer counts what a file that may not grow has not taken."""
    config = disk.log.with_name("conf")
    config.write_text("log-format text\n")

    def start_limited(*options: str, prepare=lambda: None, **more) -> Daemon:
        def limit() -> None:
            prepare()
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, hard))

        return handyproxy(*options, prepare=limit, **more)

    daemon = start_either("-config", str(config), starter=start_limited)
    wait_for_writer(daemon)
    config.write_text("log-format json\n")
    os.kill(daemon.pid, signal.SIGHUP)
    disk.wait_for('"message":"configuration read again')

    def is_told() -> bool:
        ask_for_totals(daemon)
        wait_until_taken(daemon)
        if disk.log.stat().st_size >= FILE_LIMIT:
            os.truncate(disk.log, 0)
        return "log lines dropped" in disk.text()

    wait_until(is_told, "lines were lost")
    disk.wait_for(r'^\{.*"process":"master","message":"\d+ log lines dropped"}$')


def test_after_a_killed_master_the_last_lines_are_written(
    start_either, mortal, disk
):
    daemon = start_either(starter=mortal)
    disk.stop()
    ask_for_totals(daemon)
    wait_until_taken(daemon)
    kill_worker(daemon)
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.process.wait(PATIENCE)
    disk.go_on()
    disk.wait_for("worker 0 died of signal 9")


@pytest.mark.expects_errors
def test_a_writer_that_dies_is_replaced_and_writes_where_it_should(start, disk):
    daemon = start()
    writers = [wait_for_writer(daemon)]
    disk.log.rename(disk.log.with_suffix(".1"))
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(disk.log.exists, "the log file is opened again")
    os.kill(writers[0], signal.SIGKILL)
    wait_until(
        lambda: writers_of(daemon) not in ([], writers), "it has a successor"
    )
    disk.wait_for("log writer died of signal 9")
    ask_for_totals(daemon)
    disk.wait_for("totals of all")


def test_a_writer_opens_nothing_else_and_keeps_no_port(start_either, disk):
    daemon = start_either()
    writer = wait_for_writer(daemon)
    links = [
        os.readlink(link) for link in Path(f"/proc/{writer}/fd").iterdir()
    ]
    assert sum(link == str(disk.log) for link in links) == 1
    assert not any(link.startswith("socket:") for link in links)


def test_a_log_that_moves_to_standard_error_needs_no_writer(
    handyproxy, disk
):
    config = disk.log.with_name("conf")
    config.write_text(f"log-to {disk.log}\n")
    daemon = handyproxy("-config", str(config))
    wait_for_writer(daemon)
    config.write_text("log-to stderr\n")
    os.kill(daemon.pid, signal.SIGHUP)
    daemon.wait_for_log("configuration read again")
    wait_until(lambda: not writers_of(daemon), "the writer has ended")
    config.write_text(f"log-to {disk.log}\n")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for_writer(daemon)
    disk.wait_for("configuration read again")


def test_a_log_that_moves_from_a_slow_stderr_to_a_file_gets_another_writer(
    handyproxy, shims, disk
):
    """The old writer ends with its last line."""
    stderr, config = disk.log, disk.log.with_name("conf")
    config.write_text("log-to stderr\n")
    daemon = handyproxy(
        "-config", str(config),
        preload=shims("slow_disk"), prepare=stderr_to(stderr),
    )
    be_slow(disk, daemon)
    old = writers_of(daemon)
    disk.log = stderr.with_name("file")
    config.write_text(f"log-to {disk.log}\n")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(
        lambda: len(writers_of(daemon)) == 1 and writers_of(daemon) != old,
        "there is another writer",
    )
    disk.wait_for("configuration read again")
    kill_worker(daemon)
    disk.wait_for("died of signal 9")
    assert "died of signal 9" not in stderr.read_text()
