#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An upstream proxy that knows the address of example.com:

    quickstart_proxy.py USER ADDRESS:PORT EXAMPLE_COM [STATUS [PASSWORD]]

USER is a number. STATUS, if given, is the answer to CONNECT to port 80, but for
407 with the PASSWORD of alice. Plain requests are relayed. Prints each request."""

import os
import signal
import socket
import sys
from base64 import b64encode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))

# pylint: disable=wrong-import-position
from connect_proxy import (
    ESTABLISHED,
    ConnectProxy,
    Exchange,
    Request,
    relay,
    split_target,
)


def relay_plain(exchange: Exchange, request: Request) -> None:
    host, _slash, path = request.target.removeprefix("http://").partition("/")
    with socket.create_connection((host, 80)) as origin:
        origin.sendall(
            f"{request.method} /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()
        )
        while data := origin.recv(65536):
            exchange.send(data)


def main() -> None:
    user, listen, example_com, *status = sys.argv[1:]
    # The user that this process becomes may not be able to read modules.
    "example.com".encode("idna")
    os.setuid(int(user))

    def is_refused(request: Request) -> bool:
        if len(status) > 1:
            wanted = b64encode(b"alice:" + status[1].encode()).decode()
            return f"Proxy-Authorization: Basic {wanted}" not in request.header
        return bool(status) and split_target(request.target)[1] == 80

    def behave(exchange: Exchange) -> None:
        request = exchange.read_request()
        if request is None:
            return
        if request.method != "CONNECT":
            relay_plain(exchange, request)
            return
        if is_refused(request):
            exchange.refuse(int(status[0]), "Not Here")
            return
        origin = exchange.connect_origin(request)
        if origin is not None:
            exchange.send(ESTABLISHED)
            relay(exchange.socket, origin)

    proxy = ConnectProxy(split_target(listen), lambda line: print(line, flush=True))
    proxy.hosts["example.com"] = example_com
    proxy.behaviour = behave
    print("ready", flush=True)
    signal.pause()


main()
