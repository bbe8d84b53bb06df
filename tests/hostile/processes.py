"""What /proc says of HandyProxy's processes."""

import os
import time
from pathlib import Path

from daemon import open_files


def count_files(pid: int, pipes: bool) -> int:
    """Its pipes, which a worker keeps for life, or all others."""
    files = open_files(pid)
    return sum(file.startswith("pipe") == pipes for file in files)


def cpu_seconds(pid: int) -> float:
    """Spent so far."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_share(pids: list[int], seconds: float) -> float:
    """Of one processor, by all of them, over so long a time."""
    before, begin = sum(map(cpu_seconds, pids)), time.monotonic()
    time.sleep(seconds)
    spent = sum(map(cpu_seconds, pids)) - before
    return spent / (time.monotonic() - begin)
