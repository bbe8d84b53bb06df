# SPDX-License-Identifier: MIT
"""Inputs made from a saved corpus by a few changes, as in tests/fuzz/harness.c.
The same random.Random makes the same inputs."""

import random
from pathlib import Path
from typing import Iterator

CORPUS = Path(__file__).resolve().parents[1] / "fuzz/corpus"
MOST_BYTES = 24 * 1024

# Bytes that have a meaning for one of the parsers.
_TELLING = b"\0\1\2\x10\x16\x20\x40\x7f\x80\xff\r\n\t :./?#@[]0129aAhHxX-_%"


def corpus(*names: str) -> list[bytes]:
    """The contents of all files in these folders, in the order of their names."""
    return [
        path.read_bytes()
        for name in names
        for path in sorted((CORPUS / name).iterdir())
    ]


def mutate(rng: random.Random, inputs: list[bytes]) -> bytes:
    """One of the inputs, changed in up to four places."""
    data = bytearray(rng.choice(inputs))
    for _ in range(rng.randrange(5)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(8)
        if kind == 0:
            data[at:at] = bytes([rng.randrange(256)]) * rng.randrange(1, 2000)
        elif kind == 1:
            other = rng.choice(inputs)
            data[at:at] = other[rng.randrange(len(other) + 1) :]
        elif kind == 2:
            del data[at : at + rng.randrange(len(data) + 1)]
        elif at < len(data):
            data[at] = _changed(rng, data[at])
    return bytes(data[:MOST_BYTES])


def _changed(rng: random.Random, byte: int) -> int:
    return rng.choice(
        (
            byte ^ 1 << rng.randrange(8),
            rng.randrange(256),
            (byte + rng.randrange(-4, 5)) % 256,
            rng.choice(_TELLING),
        )
    )


def cut(rng: random.Random, data: bytes) -> Iterator[bytes]:
    """Cuts the data into pieces: one, a few, or many small ones."""
    most = rng.choice((len(data), len(data) // 3, 7)) or 1
    while data:
        length = rng.randrange(1, most + 1)
        yield data[:length]
        data = data[length:]
