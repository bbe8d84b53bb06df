# SPDX-License-Identifier: MIT
"""log_devlog.py SOCKET FILE [deaf] - a syslog daemon: each datagram to SOCKET
becomes a line of FILE. A deaf one reads nothing before SIGUSR1."""

import os
import signal
import socket
import sys


def main() -> None:
    path, file, *deaf = sys.argv[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path + ".new")
    os.chmod(path + ".new", 0o666)
    os.rename(path + ".new", path)
    if deaf:
        signal.sigwait({signal.SIGUSR1})
    with open(file, "ab", buffering=0) as log:
        while True:
            log.write(sock.recv(65536) + b"\n")


if __name__ == "__main__":
    main()
