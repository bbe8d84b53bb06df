# SPDX-License-Identifier: MIT
"""System calls per connection, counted by strace. strace slows the contender
down, so that a turn of its loop handles more events than usual. So the counts
of waiting calls are lower bounds; other counts are exact."""

import os
import signal
import subprocess

import processes
import report
from contenders import find
from session import Failed, Session, wait_until

CONNECTIONS = 1_000


def _traced(pid):
    for thread in processes.threads(pid):
        with open(f"/proc/{pid}/task/{thread}/status") as file:
            if "\nTracerPid:\t0\n" in file.read():
                return False
    return True


def _parse(path):
    """Returns {call: count} from the summary of strace -c."""
    counts = {}
    with open(path) as file:
        for line in file:
            words = line.split()
            if len(words) >= 5 and words[0][0].isdigit() and (
                    words[-1] != "total"):
                counts[words[-1]] = int(words[3])
    return counts


WORDS = {"connect": "connection", "relay": "relayed request"}
COMMANDS = {"connect": "connect", "relay": "request"}


def count(bench, contender, task):
    path = os.path.join(bench.directory, "strace")
    with Session(bench, contender, task=task) as session:
        session.command(f"{COMMANDS[task]} 200")
        pids = session.relay_pids()
        command = [find("strace"), "-c", "-f", "-o", path]
        for pid in pids:
            command += ["-p", str(pid)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
            wait_until(lambda: all(map(_traced, pids)), "strace not attached")
            session.command(f"{COMMANDS[task]} {CONNECTIONS}")
            tracer.send_signal(signal.SIGINT)
            tracer.wait(timeout=30)
    return _parse(path)


def table(bench, contenders, task):
    """Returns the table, or the reason why there is none. It has a line for
    each call that is made at least once in a hundred connections."""
    if task not in COMMANDS:
        return f"System calls of {task} are not counted."
    if not find("strace"):
        return "strace is not installed: system calls were not counted."
    counted = {}
    failures = []
    for contender in contenders:
        if not contender.relays or task not in contender.tasks:
            continue
        try:
            counted[contender.name] = count(bench, contender, task)
        except Failed as failure:
            failures.append(f"- {contender.name}: failed: {failure}")
    calls = {call for counts in counted.values()
             for call, often in counts.items() if often >= CONNECTIONS / 100}
    totals = {name: sum(counts.values()) for name, counts in counted.items()}
    order = sorted(calls, key=lambda call: -max(
        counts.get(call, 0) for counts in counted.values()))
    lines = [["all"] + [f"{total / CONNECTIONS:.2f}"
                        for total in totals.values()]]
    for call in order:
        lines.append([f"`{call}`"] + [
            f"{counts.get(call, 0) / CONNECTIONS:.2f}"
            for counts in counted.values()])
    made = report.table([f"system calls per {WORDS[task]}", *counted],
                        lines)
    return "\n\n".join([made] + failures)
