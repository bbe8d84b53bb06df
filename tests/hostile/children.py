# SPDX-License-Identifier: MIT
"""What a child that was taken over does. Like the attacks of attacks.py, these
are functions of the field and a random.Random. But they kill the worker that
they pick, or end some of its tunnels."""

import enum
import errno
import random
import socket
import struct
import time

from attacks import Field
from daemon import PROGRAM
from errors import ERRORS
from faults import PIPE, STDERR, Deed
from waiting import wait_until

# A sanitizer reads files for its report.
HAS_SANITIZER = b"__asan_init" in open(PROGRAM, "rb").read()
FORBIDDEN = [Deed.FORK, Deed.EXECUTE, Deed.OPEN_UDP]
FORBIDDEN += [] if HAS_SANITIZER else [Deed.OPEN]
# Without the sandbox these would harm the clients of all workers.
SHARED = [Deed.UNLISTEN, Deed.DEFER]


class Kind(enum.IntEnum):
    """Of message.h: those that are used here, and the last."""

    ADDRESSES = 0
    LIMIT = 1
    LINE = 4
    FULL = 7
    LOOKING = 9
    SILENT = 10
    LIST = 11
    LISTED = 12


ADDRESSES_MAX = 32  # UPSTREAM_ADDRESSES_MAX
ADDRESS_BYTES = 28


def message(kind: int, length: int, payload: bytes = b"") -> bytes:
    return struct.pack("=HH", kind, length) + payload


def one_address(
    kind=Kind.ADDRESSES, host="192.0.2.1", port=3128, upstream=0
) -> bytes:
    """By default what only the resolver may send."""
    address = struct.pack("=H", socket.AF_INET) + struct.pack(">H", port)
    address += socket.inet_aton(host)
    known = address.ljust(ADDRESS_BYTES * ADDRESSES_MAX, b"\0")
    payload = struct.pack("=II", upstream, 1) + known
    return message(kind, len(payload), payload)


def bad_messages(rng: random.Random) -> dict[str, bytes]:
    """Invalid messages, by what is wrong, whatever bytes follow."""
    level = struct.pack("=I", rng.randrange(5, 1 << 32))
    messages = {
        "kind": message(rng.randrange(Kind.LISTED + 1, 1 << 16), 0),
        "direction": message(Kind.LIMIT, 4),
        "child": one_address(),
        "upstream": one_address(Kind.SILENT, upstream=1),
        "level": message(Kind.LINE, 9, level),
        "length": message(Kind.LINE, rng.randrange(2000, 1 << 16)),
    }
    return {
        name: start + rng.randbytes(5 + rng.randrange(3000))
        for name, start in messages.items()
    }


def list_request(number: int) -> bytes:
    """A hundred tunnels, by their rates."""
    payload = struct.pack("=III", number, 100, 0)
    return message(Kind.LIST, len(payload), payload)


def line_message(words: bytes, level: int = 1) -> bytes:
    payload = struct.pack("=I", level) + words
    return message(Kind.LINE, len(payload), payload)


def _kill(field: Field, rng: random.Random, deed: Deed, argument=0) -> int:
    """A worker does the deed at its next recv(2), and is replaced."""
    number = rng.randrange(2)
    guilty = field.daemon.workers[number]
    name = f"handyproxy:w{number}"
    with field.faults.given("recv", deed, argument, process=name):
        wait_until(
            lambda: field.faults.met("recv") == 1, "a worker has to do it"
        )
        wait_until(
            lambda: guilty not in field.daemon.workers
            and len(field.daemon.workers) == 2,
            f"worker {number} is replaced",
        )
    return 1


def forbidden_calls(field: Field, rng: random.Random) -> int:
    return _kill(field, rng, rng.choice(FORBIDDEN + SHARED))


def lies(field: Field, rng: random.Random) -> int:
    field.faults.payload = rng.choice(list(bad_messages(rng).values()))
    return _kill(field, rng, Deed.WRITE, PIPE)


def floods_of_lines(field: Field, rng: random.Random) -> int:
    """A worker writes lines as fast as it can, by its pipe, by standard error,
    or by both."""
    words = rng.randbytes(rng.randrange(1, 1800))
    field.faults.payload = line_message(words)
    name = f"handyproxy:w{rng.randrange(2)}"
    target = rng.choice((PIPE, STDERR, PIPE | STDERR))
    with field.faults.given("recv", Deed.FLOOD, target, process=name):
        wait_until(lambda: field.faults.met("recv") == 1, "the flood")
        time.sleep(0.3)
    return 1


def scribbles(field: Field, rng: random.Random) -> int:
    """A worker overwrites its counters, which are wrong until it dies."""
    name = f"handyproxy:w{rng.randrange(2)}"
    byte = rng.randrange(256)
    with field.faults.given("recv", Deed.SCRIBBLE, byte, process=name):
        wait_until(lambda: field.faults.met("recv") == 1, "the counters")
    return 1


def failing_calls(field: Field, rng: random.Random) -> int:
    """Calls fail for a while. Failures at a worker's start have tests of their own."""
    call = rng.choice(list(ERRORS))
    name = rng.choice(ERRORS[call].split())
    if name in ("EINVAL", "ENOSYS"):
        name = "ENOMEM"  # after those a worker splices no more
    with field.faults.given(
        call,
        Deed.FAIL,
        getattr(errno, name),
        first=rng.randrange(1, 100),
        every=rng.choice((0, 3, 30, 300)),
    ):
        time.sleep(rng.random())
    return field.faults.met(call)


def short_moves(field: Field, rng: random.Random) -> int:
    """No call fails, but now and then bytes move one by one."""
    call = rng.choice(("recv", "send", "splice"))
    every = rng.choice((2, 5, 20))
    with field.faults.given(call, Deed.SHORTEN, every=every):
        time.sleep(rng.random())
    return field.faults.met(call)


KILLING = {each.__name__: each for each in (forbidden_calls, lies)}
HARMFUL = KILLING | {
    each.__name__: each
    for each in (floods_of_lines, scribbles, failing_calls, short_moves)
}
