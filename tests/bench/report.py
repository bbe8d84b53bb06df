# SPDX-License-Identifier: MIT
"""Results as a Markdown table, as JSON, and as lines printed while they come in."""

import json
import os
import platform
import statistics
import time


class Results:
    """Samples and failures by row and contender; a row that failed in any
    round counts as failed."""

    def __init__(self):
        self.samples = {}
        self.failures = {}

    def add(self, key, name, value):
        if value is not None:
            self.samples.setdefault(key, {}).setdefault(name, []).append(value)

    def fail(self, key, name, reason):
        self.failures.setdefault(key, {}).setdefault(name, []).append(reason)

    def failed(self, key, name):
        return name in self.failures.get(key, {})

    def median(self, key, name):
        """Returns None if the row failed or does not apply to the contender."""
        values = self.samples.get(key, {}).get(name)
        if values is None or self.failed(key, name):
            return None
        return statistics.median(values)


def machine(contenders):
    with open("/proc/cpuinfo") as file:
        models = [line.partition(":")[2].strip() for line in file
                  if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "memory_mib": (os.sysconf("SC_PAGE_SIZE")
                       * os.sysconf("SC_PHYS_PAGES")) >> 20,
        "load_before": os.getloadavg()[0],
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "contenders": {c.name: c.version for c in contenders},
    }


def cell(results, row, name):
    if results.failed(row.key, name):
        return "failed"
    value = results.median(row.key, name)
    return "–" if value is None else f"{value:,.{row.digits}f}"


def table(header, lines, words=(0,)):
    """A Markdown table; `words` are the columns that hold no numbers."""
    ruler = ["---" if column in words else "--:"
             for column in range(len(header))]
    return "\n".join(f"| {' | '.join(line)} |"
                     for line in [header, ruler, *lines])


def results_table(results, rows, names, first):
    lines = [[row.title] + [cell(results, row, name) for name in names]
             for row in rows]
    return table([first] + names, lines)


def failures_list(results, rows, names):
    """The reasons of failures, once for each contender and reason, however many
    rows failed."""
    hit = {}
    for row in rows:
        for name in names:
            if results.failed(row.key, name):
                reason = results.failures[row.key][name][0]
                hit.setdefault((name, reason), []).append(row.title)
    return "\n".join(
        f"- {name}: {reason} ({len(titles)} row"
        f"{'s' if len(titles) > 1 else ''}, the first: {titles[0]})"
        for (name, reason), titles in hit.items())


def markdown(bench, results, rows, contenders, absent):
    about = bench.machine
    names = [c.name for c in contenders]
    relays = [c.name for c in contenders if c.relays]
    parts = [
        f"{about['cores']} cores of {about['cpu']}, Linux {about['kernel']}, "
        f"load average {about['load_before']:.1f} at the start; medians of "
        f"{bench.rounds} interleaved round{'s' if bench.rounds > 1 else ''}; "
        f"{about['time']}.",
        "Contenders: " + "; ".join(
            f"{c.name} ({c.version})" for c in contenders)
        + ". HAProxy does less for tunnels: it relays without CONNECT.",
    ]
    if absent:
        parts.append(f"Left out, not installed: {', '.join(absent)}.")
    cpu_rows = [row for row in rows if not row.wall and not row.trips]
    trip_rows = [row for row in rows if row.trips]
    wall_rows = [row for row in rows if row.wall]
    if cpu_rows and relays:
        parts.append(results_table(results, cpu_rows, relays,
                                   "whole process tree"))
    if wall_rows:
        parts.append("Wall clock, which on a machine shared with both ends "
                     "is noise, beside the limit:")
        parts.append(results_table(results, wall_rows, names, "wall clock"))
    if trip_rows:
        parts.append("Round trips between router and upstream, over a link "
                     "with a delay:")
        parts.append(results_table(results, trip_rows, names, "round trips"))
    failures = failures_list(results, rows, names)
    if failures:
        parts.append("Failed:\n\n" + failures)
    parts.append("Set in the namespaces: " + ", ".join(
        f"`{name} = {value}`" for name, value in bench.sysctls.items()) + ".")
    return "\n\n".join(parts) + "\n"


def write_json(path, bench, results, rows):
    with open(path, "w") as file:
        json.dump({
            "machine": bench.machine,
            "sysctls": bench.sysctls,
            "rounds": bench.rounds,
            "sizes": vars(bench.sizes),
            "rows": {row.key: {
                "title": row.title,
                "samples": results.samples.get(row.key, {}),
                "failures": results.failures.get(row.key, {}),
            } for row in rows},
        }, file, indent=1, ensure_ascii=False)
        file.write("\n")
