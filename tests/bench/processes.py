# SPDX-License-Identifier: MIT
"""The kernel's figures for a tree of processes: time, memory, descriptors."""

import os
import time

CPUCLOCK_SCHED = 2  # of the kernel's posix-timers.h


def _stat(pid):
    """The fields of /proc/PID/stat after the command's closing bracket."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()


def tree(root):
    """The process ids of root and all below it, in order of age."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                parents[int(name)] = int(_stat(name)[1])
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we were reading
    found = [root]
    for pid in found:
        found += sorted(p for p, parent in parents.items() if parent == pid)
    return found


def comm(pid):
    with open(f"/proc/{pid}/comm") as file:
        return file.read().strip()


def threads(pid):
    return [int(name) for name in os.listdir(f"/proc/{pid}/task")]


def cpu_nanoseconds(pids):
    """The user and system time of all threads, those that ended included: the
    clocks of clock_getcpuclockid(3). Softirq work that the kernel does while a
    thread runs counts as the thread's own, as in utime and stime."""
    return sum(time.clock_gettime_ns(~pid << 3 | CPUCLOCK_SCHED)
               for pid in pids)


def settle(pids, limit_seconds=5):
    """Waits until the processes have used no CPU for a moment."""
    deadline = time.monotonic() + limit_seconds
    before = -1
    while time.monotonic() < deadline:
        now = cpu_nanoseconds(pids)
        if now == before:
            return
        before = now
        time.sleep(0.02)


def pss_bytes(pids):
    """Their own memory plus their part of the memory that they share with others."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def descriptors_kept(pids, steady_seconds=0.3, limit_seconds=5):
    """The descriptors of all processes, after none has been opened or closed
    for a while. A socket that served a connection may wait a moment for another
    one."""
    deadline = time.monotonic() + limit_seconds
    before, since = -1, time.monotonic()
    while time.monotonic() < deadline:
        now = sum(map(descriptors, pids))
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > steady_seconds:
            break
        time.sleep(0.02)
    return before
