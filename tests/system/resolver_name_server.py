# SPDX-License-Identifier: MIT
"""resolver_name_server.py ADDRESS BEHAVIOUR LOG - a name server. The file
BEHAVIOUR has the answer to each question: addresses, one a line, or one of the
words nxdomain, servfail, refused, notimp and silence. a=WORD or aaaa=WORD is
the answer to questions of that type alone. LOG gets a line for each question: the
time in milliseconds, type and name."""

import ipaddress
import socket
import struct
import sys
import time

A, AAAA = 1, 28
FAILURES = {"servfail": 2, "nxdomain": 3, "notimp": 4, "refused": 5}


def question_of(query: bytes) -> tuple[str, int, bytes]:
    """The name, the type, and the section's bytes."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    (kind,) = struct.unpack_from("!H", query, at + 1)
    return ".".join(labels), kind, query[12 : at + 5]


def header(query: bytes, failure: int, answers: int) -> bytes:
    return query[:2] + struct.pack("!HHHHH", 0x8180 | failure, 1, answers, 0, 0)


def records(behaviour: list[str], kind: int) -> list[bytes]:
    """The records have a lifetime of 0, so that they are not cached."""
    addresses = [ipaddress.ip_address(line) for line in behaviour]
    wanted = [a.packed for a in addresses if a.version == (4 if kind == A else 6)]
    return [
        struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(packed)) + packed
        for packed in wanted
    ]


def answer(query: bytes, behaviour: list[str]) -> bytes | None:
    _name, kind, question = question_of(query)
    own = f"{'aaaa' if kind == AAAA else 'a'}="
    words = [word.removeprefix(own) for word in behaviour if word.startswith(own)]
    behaviour = words or [word for word in behaviour if "=" not in word]
    if behaviour == ["silence"]:
        return None
    if behaviour[0] in FAILURES:
        return header(query, FAILURES[behaviour[0]], 0) + question
    found = records(behaviour, kind) if kind in (A, AAAA) else []
    return header(query, 0, len(found)) + question + b"".join(found)


def main() -> None:
    address, behaviour, log = sys.argv[1:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 53))
    with open(log, "a", encoding="ascii", buffering=1) as questions:
        print(0, 0, "ready", file=questions)
        while True:
            query, client = sock.recvfrom(4096)
            name, kind, _question = question_of(query)
            print(int(time.monotonic() * 1000), kind, name, file=questions)
            with open(behaviour, encoding="ascii") as file:
                said = answer(query, file.read().split())
            if said is not None:
                sock.sendto(said, client)


if __name__ == "__main__":
    main()
