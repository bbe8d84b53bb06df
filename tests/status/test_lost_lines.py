# SPDX-License-Identifier: MIT
"""Lines that the log has lost are counted at /metrics, whichever process lost
them, and the log says the same number."""

import os
import re
import signal
from typing import Iterator

import pytest

from daemon import Daemon
from disk import Disk, slow_disk, wait_for_writer, writers_of
from status import Status
from waiting import wait_until

METRIC = "handyproxy_log_lines_dropped_total"
LINES = 30
# At -log-level debug these have more lines than the pipe of a worker.
MANY = 150


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    with slow_disk(monkeypatch) as the_disk:
        yield the_disk


class Books:
    """Each connection has one line: it is in the log, or it is lost."""

    def __init__(self, disk: Disk, status: Status, open_tunnel) -> None:
        self._disk, self._status, self._open = disk, status, open_tunnel
        self._connections = 0
        self._highest = 0.0

    def connect(self, count: int) -> None:
        """Opens and ends them. Their lines are under way then."""
        for _ in range(count):
            client, _ = self._open()
            client.reset()
        self._connections += count

    def wait_until_ended(self) -> None:
        name = 'handyproxy_connections_ended_total{result="client_reset"}'
        wait_until(
            lambda: self._status.metrics()[name] == self._connections,
            "all have ended",
        )

    def dropped(self) -> float:
        """As the metric has it, which never falls."""
        number = self._status.metrics()[METRIC]
        assert number >= self._highest
        self._highest = number
        return number

    def said(self) -> int:
        found = re.findall(r": (\d+) log lines dropped$", self._disk.text(), re.M)
        return sum(map(int, found))

    def written(self) -> int:
        return self._disk.text().count(" connection closed ")

    def wait_until_lost(self, least: int) -> None:
        """At least so many lines."""
        wait_until(lambda: self.dropped() >= least, f"{least} lines lost")

    def wait_until_balanced(self) -> float:
        """Returns how many are lost, but for lines of other kinds."""

        def balance() -> bool:
            lost = self.dropped()
            return lost == self.said() >= self._connections - self.written()

        wait_until(balance, "each line that was lost is counted, and said")
        return self._connections - self.written()


@pytest.fixture
def books(disk: Disk, status: Status, open_tunnel) -> Books:
    return Books(disk, status, open_tunnel)


@pytest.mark.expects_errors
def test_lines_that_the_log_writer_loses_are_counted(
    serve, shims, disk, books, configuration
):
    """The disk is full; the writer dies, with lines in its pipe; and it stays as
    it is while the configuration is read again."""
    options = "-config", configuration(), "-log-level", "info"
    daemon: Daemon = serve(
        *options, "-log-to", str(disk.log), preload=shims("slow_disk")
    )
    writer = wait_for_writer(daemon)
    assert books.dropped() == 0
    disk.fill()
    books.connect(LINES)
    books.wait_until_lost(LINES)
    disk.go_on()
    lost = books.wait_until_balanced()
    assert lost == LINES
    disk.stop()
    books.connect(LINES)
    books.wait_until_ended()
    os.kill(writer, signal.SIGKILL)
    wait_until(lambda: writers_of(daemon) not in ([], [writer]), "another writer")
    disk.go_on()
    books.connect(1)
    lost_more = books.wait_until_balanced()
    assert lost_more == 2 * LINES
    os.kill(daemon.pid, signal.SIGHUP)
    disk.wait_for("configuration read again")
    books.connect(1)
    assert books.wait_until_balanced() == lost_more


def test_lines_that_a_worker_cannot_send_are_counted(serve, disk, books):
    daemon: Daemon = serve(
        "-log-level", "debug", "-log-to", str(disk.log), workers=1
    )
    with daemon.still(daemon.pid):
        books.connect(MANY)
    books.connect(1)
    assert books.wait_until_balanced() > 0
