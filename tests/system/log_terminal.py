# SPDX-License-Identifier: MIT
"""log_terminal.py KIND FILE COMMAND... - runs COMMAND with a terminal that is
stopped, or a socket that is not read, as its standard error. From SIGUSR1 on
its output goes into FILE. FILE.pid has the command's pid. Exits with the
command's exit status."""

import os
import signal
import socket
import subprocess
import sys
import termios


def open_terminal() -> tuple[int, int]:
    ours, theirs = os.openpty()
    attributes = termios.tcgetattr(theirs)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    termios.tcflow(theirs, termios.TCOOFF)
    return ours, theirs


def open_socket() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def main() -> int:
    kind, path, *command = sys.argv[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    ours, theirs = open_terminal() if kind == "terminal" else open_socket()
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs
    )
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(f"{child.pid}\n")
    os.rename(path + ".new", path + ".pid")
    signal.sigwait({signal.SIGUSR1})
    if kind == "terminal":
        termios.tcflow(theirs, termios.TCOON)
    os.close(theirs)
    copy(ours, path)
    return child.wait()


def copy(source: int, path: str) -> None:
    """Copies until the other end is closed."""
    with open(path, "wb", buffering=0) as file:
        try:
            while data := os.read(source, 65536):
                file.write(data)
        except OSError:  # a terminal's way to say so
            pass


if __name__ == "__main__":
    sys.exit(main())
