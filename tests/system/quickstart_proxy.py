#!/usr/bin/env python3
"""An upstream proxy that knows the address of example.com:

    quickstart_proxy.py USER ADDRESS:PORT EXAMPLE_COM [STATUS]

USER is a number. STATUS, if given, is the answer to CONNECT to port 80. Prints
each CONNECT."""

import os
import signal
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


def main() -> None:
    user, listen, example_com, *status = sys.argv[1:]
    # The user that this process becomes may not be able to read modules.
    "example.com".encode("idna")
    os.setuid(int(user))

    def behave(exchange: Exchange) -> None:
        request = exchange.read_request()
        if request is None:
            return
        if status and split_target(request.target)[1] == 80:
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
