# SPDX-License-Identifier: MIT
"""handyproxy -top: what it shows in a terminal, its keys, any size, and that it
leaves the terminal as it was."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from typing import Iterator

import pytest

from daemon import PROGRAM, state_of
from peer import join
from waiting import PATIENCE, wait_until


class Terminal:
    """-top on a pseudo-terminal: what it has written, as a VT100 shows it."""

    def __init__(self, *options: str, rows: int = 24, columns: int = 100):
        self.master, self._slave = pty.openpty()
        self.rows, self.columns = rows, columns
        self._set_size()
        self.before = termios.tcgetattr(self._slave)
        self.raw = b""
        self._screen: list[str] = []
        self.process = subprocess.Popen(
            [PROGRAM, "-top", *options],
            stdin=self._slave, stdout=self._slave, stderr=self._slave,
            start_new_session=True, preexec_fn=self._take_terminal,
        )

    @staticmethod
    def _take_terminal() -> None:
        """As a shell starts it: the tests may run where these are ignored."""
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        for number in signal.SIGINT, signal.SIGQUIT:
            signal.signal(number, signal.SIG_DFL)

    def _set_size(self) -> None:
        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def resize(self, rows: int, columns: int) -> None:
        """The kernel sends SIGWINCH."""
        self.rows, self.columns = rows, columns
        self._set_size()

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def read(self) -> None:
        while select.select([self.master], [], [], 0.02)[0]:
            try:
                self.raw += os.read(self.master, 1 << 16)
            except OSError:
                return

    def forget(self) -> None:
        self.read()
        self.raw = b""

    @property
    def lines(self) -> list[str]:
        """The last whole picture."""
        self.read()
        pictures = self.raw.split(b"\x1b[H")[1:]
        whole = [p for p in pictures if p.endswith((b"\x1b[K", b"\x1b[J"))]
        return show(whole[-1]) if whole else []

    def wait_for(self, pattern: str) -> list[str]:
        """A picture with this in it."""

        def find() -> list[str] | None:
            lines = self.lines
            return lines if re.search(pattern, "\n".join(lines), re.M) else None

        try:
            return wait_until(find, f"{pattern!r} in the terminal")
        except AssertionError as error:
            shown = "\n".join(self.lines)
            raise AssertionError(f"{error}\n{shown}\n{self.raw[-500:]!r}") from None

    def is_as_before(self) -> bool:
        return termios.tcgetattr(self._slave) == self.before

    def wait(self) -> int:
        """The exit status; what was still to be read is read."""
        wait_until(lambda: self._has_ended(), "it ends")
        self.read()
        return self.process.returncode

    def _has_ended(self) -> bool:
        self.read()
        return self.process.poll() is not None

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self.master)
        os.close(self._slave)


_SEQUENCE = re.compile(rb"\x1b\[([0-9;?]*)([A-Za-z])")
ALLOWED = {b"H", b"J", b"K", b"m"}


def show(picture: bytes) -> list[str]:
    """The lines of one picture; nothing but a VT100's sequences may be in it."""
    for _, final in _SEQUENCE.findall(picture):
        assert final in ALLOWED, picture
    text = _SEQUENCE.sub(b"", picture)
    assert b"\x1b" not in text
    # The terminal adds a carriage return to each line end.
    lines = re.split("\r+\n", text.decode("ascii"))
    assert all(line.isprintable() for line in lines), lines
    return lines


@pytest.fixture
def top(status) -> Iterator:
    """top(): the live view of the instance, once it has drawn something."""
    opened: list[Terminal] = []

    def start(*options: str, **more) -> Terminal:
        options = options or ("-status-address", status.option)
        opened.append(Terminal(*options, **more))
        opened[-1].wait_for("q quits")
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def proxy(honest_proxy):
    return honest_proxy


@pytest.fixture
def echo(connect, origin):
    """echo(BYTES): a tunnel that has moved so many each way."""

    def open_one(size: int, **options):
        peer = connect(address=origin, **options)
        peer.send(b"\0echo 0 0".ljust(48))
        peer.send(b"x" * size)
        assert peer.receive(size) == b"x" * size
        return peer

    return open_one


def tunnels(lines: list[str]) -> list[str]:
    """The lines below the head of the list."""
    start = next(i for i, line in enumerate(lines) if "DOWN/s" in line)
    return [line for line in lines[start + 1:-1] if line.strip()]


def test_it_shows_verdict_totals_upstreams_and_tunnels(
    serve, top, echo, origin, proxy
):
    serve()
    peer = echo(1000)
    terminal = top()
    terminal.wait_for(r"^1 open of [\d,]+ ")
    lines = terminal.wait_for(re.escape(join(origin)))
    assert lines[0].startswith("all well")
    assert any(line.startswith(join(proxy.address)) for line in lines)
    client = join(peer.socket.getsockname())
    assert [client in line for line in tunnels(lines)] == [True]
    assert lines[-1].startswith("q quits")


def test_keys(serve, top, echo, origin):
    """Old and large, young and small, and two to one client."""
    serve()
    old = echo(1)
    time.sleep(1.1)
    large = echo(200_000)
    terminal = top()
    terminal.wait_for("order: rate")
    addresses = [join(p.socket.getsockname()) for p in (old, large)]
    terminal.press(b"s")
    terminal.wait_for("order: bytes")
    assert addresses[1] in tunnels(terminal.wait_for("order: bytes"))[0]
    terminal.press(b"s")
    assert addresses[0] in tunnels(terminal.wait_for("order: age"))[0]
    terminal.press(b"s")
    terminal.wait_for("order: rate")
    terminal.press(b"c")
    rows = tunnels(terminal.wait_for(r"by client \(on\)"))
    assert [row.split()[-2:] for row in rows] == [["2", "10.0.0.5"]]
    terminal.press(b"d")
    rows = tunnels(terminal.wait_for(r"by destination \(on\)"))
    assert [row.split()[-2:] for row in rows] == [["2", origin[0]]]
    terminal.press(b"d")
    rows = tunnels(terminal.wait_for(r"by destination$"))
    assert len(rows) == 2
    # Keys that mean nothing, an arrow among them, do nothing.
    terminal.press(b"x\x1b[A\x00 \xff")
    terminal.wait_for("order: rate")
    terminal.press(b"q")
    assert terminal.wait() == 0
    assert terminal.is_as_before()


@pytest.mark.parametrize("key", [b"q", b"Q", b"\x03", b"\x1c"])
def test_the_terminal_is_left_as_it_was(key, serve, top):
    """By a key, and by those that make signals."""
    serve()
    terminal = top()
    assert not terminal.is_as_before()
    terminal.press(key)
    codes = {b"\x03": -signal.SIGINT, b"\x1c": -signal.SIGQUIT}
    assert terminal.wait() == codes.get(key, 0)
    assert terminal.is_as_before()
    # The other screen is left, and the cursor is seen again.
    assert terminal.raw.count(b"\x1b[?1049h") == 1
    assert terminal.raw.endswith(b"\x1b[?1049l\x1b[?25h")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_the_terminal_as_it_was(number, serve, top):
    serve()
    terminal = top()
    terminal.process.send_signal(number)
    assert terminal.wait() == -number
    assert terminal.is_as_before()
    assert terminal.raw.endswith(b"\x1b[?1049l\x1b[?25h")


def test_it_can_be_stopped_and_goes_on(serve, top):
    serve()
    terminal = top()
    terminal.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: state_of(terminal.process.pid) == "T", "it stands still")
    terminal.process.send_signal(signal.SIGCONT)
    terminal.forget()
    terminal.wait_for("q quits")
    # ^Z, where a shell would take over. Without one the kernel does not stop
    # it, and it draws again.
    terminal.press(b"\x1a")
    terminal.forget()
    terminal.wait_for("q quits")
    terminal.press(b"q")
    assert terminal.wait() == 0
    assert terminal.is_as_before()


def test_any_size(serve, top, echo):
    serve()
    peers = [echo(10) for _ in range(5)]
    terminal = top()
    sizes = [(24, 80), (10, 40), (5, 20), (1, 1), (2, 3), (60, 300), (24, 100)]
    for rows, columns in sizes:
        terminal.resize(rows, columns)
        terminal.forget()

        def fits() -> bool:
            lines = terminal.lines
            return (
                bool(lines)
                and len(lines) <= rows
                and all(len(line) < max(columns, 2) for line in lines)
            )

        wait_until(fits, f"a picture of {rows} x {columns}")
    assert len(tunnels(terminal.wait_for("q quits"))) == len(peers)


def test_without_a_terminal_it_prints_once(serve, status, configuration, lab):
    daemon = serve()
    command = [PROGRAM, "-top", "-status-address", status.option]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert result.stdout.startswith("HandyProxy ") and result.stderr == ""
    assert "\x1b" not in result.stdout
    assert "all well" in result.stdout
    path = configuration(f"status-address {status.option}", "daemon")
    result = subprocess.run(
        [PROGRAM, "-top", "-config", path],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )
    assert "all well" in result.stdout
    daemon.assert_no_error()


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_where_no_instance_answers(kind, status, lab):
    """One line, and exit status 1, with a terminal and without."""
    command = [PROGRAM, "-top", "-status-address", status.option]
    with lab.router:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert f"no instance answers at {status.option}: " in result.stderr
    with lab.router:
        terminal = Terminal("-status-address", status.option)
    try:
        assert terminal.wait() == 1
        assert b"\x1b" not in terminal.raw
        assert terminal.raw.count(b"\n") == 1
        assert b"no instance answers" in terminal.raw
    finally:
        terminal.close()


def test_an_instance_that_goes_and_comes_back(mortal, top, status):
    daemon = mortal("-status-address", status.option)
    status.wait_until_it_answers()
    terminal = top()
    daemon.kill()
    terminal.wait_for("no instance answers")
    mortal("-status-address", status.option)
    terminal.wait_for(r"\A(all well|no worker)")
    terminal.press(b"q")
    assert terminal.wait() == 0


HOSTILE = b"\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\x00"


def test_a_hostile_instance_cannot_send_control_sequences(lab, status, folder):
    """Whoever listens there may say anything."""
    import json
    import socket
    import threading

    words = HOSTILE.decode("latin-1")
    row = {"client": words, "destination": words, "host": words, "age": 1e300,
           "upstream": words, "state": words, "sent": -1, "received": 1e308,
           "received_rate": 1e300}
    page = {"verdict": words, "severity": words,
            "upstreams": [{"name": words, "up": words, "open": 1e99,
                           "last_failure": {"cause": words}}],
            "history": {"seconds": [{"accepted": 1e300}] * 9, "minutes": []}}
    bodies = {"status": json.dumps(page, ensure_ascii=False),
              "tunnels": json.dumps([row] * 3, ensure_ascii=False)}

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer:
                    request = peer.recv(4096)
                    name = "status" if b"/status.json" in request else "tunnels"
                    body = bodies[name].encode("latin-1")
                    # Raw, as no writer of JSON would have it.
                    body = body.replace(b"\\u001b", b"\x1b")
                    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(status.address)
    listener.listen()
    thread = threading.Thread(target=serve, args=(listener,), daemon=True)
    thread.start()
    terminal = Terminal("-status-address", status.option)
    try:
        lines = terminal.wait_for("q quits")
        assert any("?[2J?]0;owned?" in line for line in lines)
        for key in b"c", b"d", b"s":
            terminal.press(key)
            terminal.forget()
            terminal.wait_for("q quits")
        terminal.press(b"q")
        assert terminal.wait() == 0
    finally:
        terminal.close()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
