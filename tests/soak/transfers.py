"""Both ends of the soak's transfers, as processes of their own, so that their
work does not hold up the hand that kills.

    transfers.py serve ADDRESS PORT_FILE
    transfers.py run ADDRESS PORT SMALL LARGE

`run` says what happens in lines of JSON: each failure, and ten times a second
how much was finished. Both end with SIGTERM, `run` after its last transfers.
"""

import contextlib
import dataclasses
import json
import os
import signal
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "fixtures"), str(TESTS / "proxy")]

# pylint: disable=wrong-import-position
from connect_proxy import write_whole
from origin import Origin
from traffic import Client, serve

_told: list[int] = []


def serve_until_term(address: str, port_file: str) -> None:
    origin = Origin((address, 0), serve)
    write_whole(port_file, f"{origin.port}\n")
    signal.sigwait({signal.SIGTERM})


def tell(clients: list[Client]) -> None:
    for number, client in enumerate(clients):
        for failure in client.failures[_told[number] :]:
            print(json.dumps(dataclasses.asdict(failure)))
            _told[number] += 1
    finished = sum(client.finished for client in clients)
    size = sum(client.bytes for client in clients)
    print(json.dumps({"finished": finished, "bytes": size}), flush=True)


def run_until_term(address: str, port: str, small: str, large: str) -> None:
    here = contextlib.nullcontext()
    count = int(small) + int(large)
    clients = [
        Client(here, (address, int(port)), number, number >= int(small))
        for number in range(count)
    ]
    _told.extend([0] * count)
    for client in clients:
        client.start()
    while signal.sigtimedwait({signal.SIGTERM}, 0.1) is None:
        tell(clients)
    for client in clients:
        client.stop()
    for client in clients:
        client.join()
    tell(clients)


def main() -> None:
    # Before there are threads, so that all of them leave it to sigwait().
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    {"serve": serve_until_term, "run": run_until_term}[sys.argv[1]](*sys.argv[2:])
    sys.stdout.flush()
    os._exit(0)  # the origin's threads do not end by themselves


if __name__ == "__main__":
    main()
