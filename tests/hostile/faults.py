# SPDX-License-Identifier: MIT
"""Orders to the daemon's children: the other side of the memory of
tests/fixtures/faults.c."""

import contextlib
import ctypes
import mmap
from enum import IntEnum
from pathlib import Path
from typing import Callable, Iterator

PAGE_BYTES = 1 << 16
ANY_CHILD = ""
WORKERS = "handyproxy:w"
RESOLVER = "handyproxy:dns"
STATUS = "handyproxy:stat"


class Deed(IntEnum):
    FAIL = 0
    SHORTEN = 1
    FORK = 2
    EXECUTE = 3
    OPEN = 4
    OPEN_UDP = 5
    KEEP = 6
    WRITE = 7
    FLOOD = 8
    SCRIBBLE = 9
    HOARD = 10
    RELEASE = 11
    LIMIT_MASTER = 12
    SIGNAL_MASTER = 13
    FORGET = 14
    UNLISTEN = 15
    DEFER = 16
    CONNECT = 17
    SEND_FAST = 18
    TRUNCATE = 19
    MAKE_FILE = 20
    TAKE_MEMORY = 21
    TAKE_SHARED = 22
    FLICKER = 23


PIPE = 1
STDERR = 2


class _Order(ctypes.Structure):
    _fields_ = [
        ("call", ctypes.c_char * 16),
        ("calls", ctypes.c_uint32),
        ("met", ctypes.c_uint32),
        ("first", ctypes.c_uint32),
        ("serial", ctypes.c_uint32),
        ("every", ctypes.c_uint32),
        ("deed", ctypes.c_uint32),
        ("argument", ctypes.c_int32),
        ("process", ctypes.c_char * 16),
    ]


class _Payload(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint32), ("bytes", ctypes.c_ubyte * 8192)]


class Faults:
    """For a daemon that is about to be started. It needs `library` preloaded,
    and HANDYPROXY_FAULTS in its environment for `path`."""

    def __init__(self, library: Path, path: Path) -> None:
        self.library = library
        self.path = path
        path.write_bytes(bytes(PAGE_BYTES))
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), PAGE_BYTES)
        self._payload = _Payload.from_buffer(self._page)

    def _order(self, call: str) -> _Order:
        offset = ctypes.sizeof(_Payload)
        while True:
            order = _Order.from_buffer(self._page, offset)
            if not order.call:
                order.call = call.encode()
            if order.call == call.encode():
                return order
            offset += ctypes.sizeof(_Order)

    def give(
        self,
        call: str,
        deed: Deed,
        argument: int = 0,
        first: int = 1,
        every: int = 0,
        process: str = WORKERS,
    ) -> None:
        """Gives an order to all processes whose name begins with `process`. It
        applies to the `first` such call, and to each `every`-th call after it,
        if given."""
        order = self._order(call)
        order.first = 0
        order.serial += 1
        order.calls = order.met = 0
        order.every = every
        order.deed = deed
        order.argument = argument
        order.process = process.encode()
        order.first = first

    def withdraw(self, call: str) -> None:
        self._order(call).first = 0

    def met(self, call: str) -> int:
        """The number of times that the order was carried out."""
        return self._order(call).met

    @contextlib.contextmanager
    def given(self, call: str, *order, **more) -> Iterator[None]:
        """give(), and withdraw() in the end."""
        self.give(call, *order, **more)
        try:
            yield
        finally:
            self.withdraw(call)

    @contextlib.contextmanager
    def counted(self, call: str, process: str) -> Iterator[Callable[[], int]]:
        """The number of such calls of those processes from now on."""
        never = (1 << 32) - 1
        with self.given(call, Deed.FAIL, first=never, process=process):
            yield lambda: self._order(call).calls

    @property
    def payload(self) -> bytes:
        return bytes(self._payload.bytes[: self._payload.length])

    @payload.setter
    def payload(self, data: bytes) -> None:
        ctypes.memmove(self._payload.bytes, data, len(data))
        self._payload.length = len(data)
