#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A websocket client: websocket.py ADDRESS HOST. Sends messages to an origin
that returns each of them, and fails if one does not come back."""

import base64
import hashlib
import os
import socket
import struct
import sys

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(key: bytes) -> bytes:
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


def masked(message: bytes) -> bytes:
    """A final frame of text with a length of two bytes."""
    mask = os.urandom(4)
    data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(message))
    return struct.pack("!BBH", 0x81, 0x80 | 126, len(message)) + mask + data


def main() -> None:
    address, host = sys.argv[1:]
    key = base64.b64encode(os.urandom(16))
    with socket.create_connection((address, 80), 30) as sock:
        sock.sendall(
            b"GET /socket HTTP/1.1\r\nHost: %b\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: %b\r\n\r\n" % (host.encode(), key)
        )
        stream = sock.makefile("rb")
        assert stream.readline().startswith(b"HTTP/1.1 101 ")
        fields = [line.strip() for line in iter(stream.readline, b"\r\n")]
        assert b"Sec-WebSocket-Accept: " + accept_of(key) in fields, fields
        for size in 126, 1000, 65535:
            message = b"m" * size
            sock.sendall(masked(message))
            frame = struct.pack("!BBH", 0x81, 126, size) + message
            assert stream.read(len(frame)) == frame, size


main()
