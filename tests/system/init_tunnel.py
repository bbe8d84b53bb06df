# SPDX-License-Identifier: MIT
"""Two ends of a tunnel: an upstream that grants each CONNECT and echoes, and a
client. The client writes the time, in tenths of a second, into a file whenever
a byte comes back."""

import socket
import sys
import threading
import time


def serve(sock: socket.socket) -> None:
    with sock:
        while not sock.recv(4096).endswith(b"\r\n\r\n"):
            pass
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while data := sock.recv(4096):
                sock.sendall(data)
        except ConnectionResetError:
            pass


def upstream() -> None:
    listener = socket.create_server(("127.0.0.1", 3128))
    while True:
        sock, _address = listener.accept()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()


def client(path: str) -> None:
    with (
        socket.create_connection(("198.51.100.1", 80)) as sock,
        open(path, "w", encoding="ascii") as times,
    ):
        try:
            while True:
                sock.sendall(b".")
                if not sock.recv(1):
                    return
                print(int(time.time() * 10), file=times, flush=True)
                time.sleep(0.1)
        except (BrokenPipeError, ConnectionResetError):
            pass


if __name__ == "__main__":
    {"upstream": upstream, "client": client}[sys.argv[1]](*sys.argv[2:])
