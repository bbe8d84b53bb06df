# SPDX-License-Identifier: MIT
"""What strangers do to the status address. As a program, a process of its own:

    strangers.py ATTACK HOST PORT FILE

A byte from standard input begins the attack, and another one ends it: then no
connection is left, and a byte is the answer. FILE says how often it acted."""

import contextlib
import os
import select
import sys
import time
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))

# pylint: disable=wrong-import-position
from status import Status, get, parse

PLACES = 64

Act = Callable[[], None]


def drip(status: Status) -> Act:
    """Slowloris: a byte of a head now and then, on many connections."""
    kept: list = []

    def act() -> None:
        if len(kept) < 3 * PLACES:
            kept.append(status.connect())
        for peer in kept[:]:
            try:
                peer.socket.settimeout(1)
                peer.send(b"G")
            except OSError:
                kept.remove(peer)
                peer.close()
        time.sleep(0.01)

    return act


def flood(status: Status) -> Act:
    """Asks, and leaves."""

    def act() -> None:
        peer = status.connect()
        peer.send(get("/"))
        peer.reset()

    return act


def garbage(status: Status) -> Act:
    def act() -> None:
        with status.connect() as peer:
            peer.send(os.urandom(2000))

    return act


def rebinding(status: Status) -> Act:
    """A page in a browser asks, on many connections, by a name that a stranger
    has led to this address."""
    request = get("/", "Origin: http://evil.test", host="evil.test")

    def act() -> None:
        with contextlib.ExitStack() as stack:
            peers = [stack.enter_context(status.connect()) for _ in range(16)]
            for peer in peers:
                peer.send(request)
            for peer in peers:
                assert parse(*peer.receive_to_end()).status == 403

    return act


def lists(status: Status) -> Act:
    """Many open connections are listed, again and again."""

    def act() -> None:
        answer = status.ask(get("/tunnels.json?limit=1000"))
        if answer.status == 503:
            raise ConnectionRefusedError("other lists are made")
        assert answer.status == 200

    return act


ATTACKS = {act.__name__: act for act in (drip, flood, garbage, rebinding, lists)}


def main() -> None:
    name, host, port, path = sys.argv[1:]
    status = Status((host, int(port)), contextlib.nullcontext())
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    count = 0
    while os.read(0, 1):
        act = ATTACKS[name](status)
        while not select.select([0], [], [], 0)[0]:
            try:
                act()
            except OSError:  # it was turned away: that is no act
                continue
            count += 1
            os.pwrite(fd, b"%d" % count, 0)
        del act
        os.write(1, os.read(0, 1))


if __name__ == "__main__":
    main()
