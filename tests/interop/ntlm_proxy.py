#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A proxy that wants NTLM credentials, and accepts any:

    ntlm_proxy.py ADDRESS:PORT

Prints ready, then each CONNECT that it grants, with the user's name."""

import base64
import signal
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))

# pylint: disable=wrong-import-position
from connect_proxy import (
    ESTABLISHED,
    ConnectProxy,
    Exchange,
    relay,
    split_target,
)

# [MS-NLMP] 2.2.2.1: the name of a domain, and the end of the list.
_DOMAIN = "test".encode("utf-16-le")
_TARGET = struct.pack("<HH", 2, len(_DOMAIN)) + _DOMAIN + bytes(4)

# [MS-NLMP] 2.2.1.2: no target name; Unicode, NTLM, extended session security,
# and the list above.
CHALLENGE = (
    b"NTLMSSP\0"
    + struct.pack("<IHHII", 2, 0, 0, 48, 0x00888201)
    + b"8 bytes."
    + bytes(8)
    + struct.pack("<HHI", len(_TARGET), len(_TARGET), 48)
    + _TARGET
)


def message(header: list[str]) -> bytes:
    """The client's NTLM message; empty if there is none."""
    for line in header:
        name, _colon, value = line.partition(":")
        scheme, _space, text = value.strip().partition(" ")
        if name.lower() == "proxy-authorization" and scheme == "NTLM":
            return base64.b64decode(text)
    return b""


def user_name(authenticate: bytes) -> str:
    """[MS-NLMP] 2.2.1.3: length and offset at byte 36."""
    length, _room, offset = struct.unpack_from("<HHI", authenticate, 36)
    name = authenticate[offset : offset + length]
    return name.decode("utf-16-le" if b"\0" in name else "ascii")


def demand(exchange: Exchange, scheme: str) -> None:
    exchange.send(
        b"HTTP/1.1 407 Proxy Authentication Required\r\n"
        b"Proxy-Authenticate: " + scheme.encode() + b"\r\n"
        b"Content-Length: 0\r\nProxy-Connection: keep-alive\r\n\r\n"
    )


def behave(exchange: Exchange) -> None:
    while True:
        request = exchange.read_request()
        if request is None:
            return
        said = message(request.header)
        kind = struct.unpack_from("<I", said, 8)[0] if said else 0
        if kind == 3:
            break
        if kind == 1:
            demand(exchange, "NTLM " + base64.b64encode(CHALLENGE).decode())
        else:
            demand(exchange, "NTLM")
    print(f"{user_name(said)}: {request.target}", flush=True)
    origin = exchange.connect_origin(request)
    if origin is not None:
        exchange.send(ESTABLISHED)
        relay(exchange.socket, origin)


def main() -> None:
    proxy = ConnectProxy(split_target(sys.argv[1]), lambda line: None)
    proxy.behaviour = behave
    print("ready", flush=True)
    signal.pause()


main()
