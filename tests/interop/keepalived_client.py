#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A client that begins a new connection ten times a second, whatever becomes of
those before: keepalived_client.py ADDRESS PORT. Each fetches a page; it prints when
it began and when it had the page, in milliseconds since the machine was started."""

import socket
import sys
import threading
import time


def uptime_ms() -> int:
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)


def fetch(address: tuple[str, int]) -> None:
    begin = uptime_ms()
    try:
        with socket.create_connection(address, 60) as sock:
            sock.sendall(b"GET /page HTTP/1.0\r\n\r\n")
            page = b"".join(iter(lambda: sock.recv(65536), b""))
    except OSError:
        return
    if page.endswith(b"a page of the site\n"):
        print(begin, uptime_ms(), flush=True)


def main() -> None:
    address = sys.argv[1], int(sys.argv[2])
    while True:
        threading.Thread(target=fetch, args=(address,), daemon=True).start()
        time.sleep(0.1)


main()
