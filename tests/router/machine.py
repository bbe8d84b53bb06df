# SPDX-License-Identifier: MIT
"""A router in qemu, of the kind that HandyProxy is for: a MIPS board with 64 MiB
of memory and two network cards. `prepare` makes what it boots."""

import fcntl
import os
import struct
import subprocess
import threading
from pathlib import Path

from lab import Namespace
from waiting import PATIENCE

FILES = Path(__file__).resolve().parents[2] / "build/router"

# An emulated machine is many times slower than the one that it runs on.
BOOT_PATIENCE = 4 * PATIENCE

# linux/if_tun.h
_TUNSETIFF = 0x400454CA
_IFF_TAP = 0x0002
_IFF_NO_PI = 0x1000


def tap(namespace: Namespace, name: str) -> int:
    """Makes a network interface in the namespace; the descriptor is the far end
    of its cable."""
    with namespace:
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        request = struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI)
        fcntl.ioctl(fd, _TUNSETIFF, request)
    namespace.ip(f"link set {name} up")
    return fd


class Machine:
    """Its console takes a line at a time. Interface N is on the cable N."""

    def __init__(self, cables: list[int]) -> None:
        cards = []
        for number, fd in enumerate(cables):
            cards += ["-netdev", f"tap,id=cable{number},fd={fd}"]
            cards += ["-device", f"virtio-net-pci,netdev=cable{number},romfile="]
        command = ["qemu-system-mipsel", "-M", "malta", "-m", "64", *cards]
        command += ["-vga", "none", "-display", "none", "-monitor", "none", "-serial", "stdio"]
        command += ["-kernel", str(FILES / "kernel")]
        command += ["-initrd", str(FILES / "initramfs")]
        command += ["-append", "console=ttyS0 quiet panic=1"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=cables,
        )
        for fd in cables:
            os.close(fd)
        self._output = ""
        self._has_ended = False
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self._commands = 0
        self._seen = 0

    def _read(self) -> None:
        while data := os.read(self._process.stdout.fileno(), 4096):
            with self._news:
                text = data.decode(errors="replace").replace("\r", "")
                self._output += text
                self._news.notify_all()
        with self._news:
            self._has_ended = True
            self._news.notify_all()

    @property
    def console(self) -> str:
        with self._news:
            return self._output

    def wait_for(self, line: str, seconds: float = PATIENCE) -> str:
        """Returns what came before the line since the last call, and the rest of
        the line."""
        with self._news:
            begin = self._seen

            def is_there() -> bool:
                place = self._output.find(line, begin)
                return place != -1 and "\n" in self._output[place:]

            self._news.wait_for(lambda: is_there() or self._has_ended, seconds)
            if not is_there():
                raise AssertionError(f"no {line!r}: {self._output[begin:]}")
            place = self._output.find(line, begin)
            self._seen = self._output.index("\n", place) + 1
            return self._output[begin : self._seen]

    def wait_for_boot(self) -> None:
        assert self.wait_for("router: up", BOOT_PATIENCE).endswith("status 0\n"), self.console

    def run(self, command: str, status: int = 0) -> str:
        """Returns the output of a command that must end with this status."""
        self._commands += 1
        end = f"end of {self._commands}, status "
        self.send(f"{{ {command}; }} 2>&1; echo '{end}'$?")
        before, _end, after = self.wait_for(end).rpartition(end)
        assert after.strip() == str(status), f"{command}: {before}{after}"
        return before

    def send(self, line: str) -> None:
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def reboot(self) -> None:
        self.send("reboot -f")
        self.wait_for_boot()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
