# SPDX-License-Identifier: MIT
"""The targets of the relay, each compared with figures of one run."""

import report
import workloads

REDSOCKS = ("redsocks", "redsocks, splice")
BEST = ("HAProxy", "redsocks, splice")


def _figure(value):
    return "–" if value is None else f"{value:,.2f}"


def _row(results, work, key, bound_words, bound):
    """One line of the table; bound is None if its baseline was not measured."""
    ours = results.median(key, "ours")
    if results.failed(key, "ours"):
        verdict = "failed"
    elif ours is None or bound is None:
        verdict = "not measured"
    else:
        verdict = "reached" if ours <= bound else "missed"
    return [work, _figure(ours), bound_words, _figure(bound), verdict]


def _least(results, key, names, factor):
    values = [results.median(key, name) for name in names]
    values = [value for value in values if value is not None]
    return factor * min(values) if values else None


def _own(results, key, factor):
    value = results.median(key, "ours")
    return None if value is None else factor * value


def rows(results, sizes):
    def against(work, key, names, factor, words):
        return _row(results, work, key, words,
                    _least(results, key, names, factor))

    def against_own(work, key, other, factor, words):
        return _row(results, work, key, words, _own(results, other, factor))

    def absolute(work, key, bound, words):
        return _row(results, work, key, words, bound)

    found = [
        against("CPU µs per connection", "connection", REDSOCKS, 0.7,
                "0.7 of redsocks, the better setting"),
        against("CPU µs per connection", "connection", ("HAProxy",), 1.15,
                "1.15 of HAProxy"),
        against_own("the same over IPv6", "connection, IPv6",
                    "connection, both", 1.03, "1.03 of ours over IPv4"),
        against("CPU µs per relayed request", "request", ("HAProxy",), 1,
                "HAProxy"),
        against_own("the same, 4 workers", "connection, 4 workers",
                    "connection, 1 workers", 1.25, "1.25 of ours with 1"),
        against_own("the same, sniffing a ClientHello", "hello",
                    "connection", 1.1, "1.1 of ours without"),
        against_own("the same, two upstreams and 256 rules",
                    "connection, 256 rules", "connection", 1.02,
                    "1.02 of ours without"),
        against_own("the same, sniffing a ClientHello", "hello, 256 rules",
                    "hello", 1.02, "1.02 of ours without"),
    ]
    for way in ("down", "up"):
        found.append(against(f"CPU s per GiB {way}, 4 streams", f"{way} 4",
                             ("redsocks, splice",), 0.8,
                             "0.8 of redsocks with splice"))
        found.append(against_own(f"CPU s per GiB {way}, 100 streams",
                                 f"{way} 100", f"{way} 1", 1.2,
                                 "1.2 of ours at 1"))
    for busy in workloads.BUSY:
        work = f"CPU µs per round trip, {busy.words}"
        key = f"round trip {busy.key}"
        found.append(against(work, f"{key}/0", BEST, 1,
                             "the better of HAProxy, redsocks with splice"))
        for idle in sizes.idle[1:]:
            found.append(against_own(f"{work}, beside {idle:,} idle",
                                     f"{key}/{idle}", f"{key}/0", 1.15,
                                     "1.15 of ours beside none"))
    found += [
        absolute("bytes of memory per idle tunnel", "tunnel", 512, "512"),
        absolute("KiB of memory without tunnels", "resting", 1536,
                 "1.5 MiB"),
        absolute("descriptors per idle tunnel", "descriptors", 2, "2"),
        absolute("KiB of the binary, stripped, static with musl", "binary",
                 150, "150"),
    ]
    for count in sizes.spread_workers:
        found.append(absolute(f"busiest of {count} workers, connections",
                              f"spread, {count} workers", 1.5,
                              "1.5 of the mean"))
        found.append(absolute(f"busiest of {count} workers, tunnels",
                              f"spread of tunnels, {count} workers", 1.5,
                              "1.5 of the mean"))
    return found


def table(lines):
    return report.table(["work", "ours", "at most", "that is", "verdict"],
                        lines, words=(0, 2, 4))
