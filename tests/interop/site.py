#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An origin of pages: site.py ADDRESS PORT [CERTIFICATE]

GET /page returns a line, GET /bytes/N that many bytes, GET /status/N an answer
of that status without a body, GET /hints an interim answer first, GET /headers
the fields of the request, GET /files/NAME a file of the folder that SITE_FILES
names, and PUT the SHA-256 of the request's body. GET /socket is a websocket
that returns each message. With a certificate it speaks TLS. Prints ready."""

import base64
import hashlib
import http.server
import os
import ssl
import struct
import sys
from pathlib import Path

WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/bytes/"):
            count = int(self.path.removeprefix("/bytes/"))
            self._answer((b"0123456789abcdef" * (count // 16 + 1))[:count])
        elif self.path.startswith("/status/"):
            self.send_response(int(self.path.removeprefix("/status/")))
            self.end_headers()
        elif self.path == "/headers":
            self._answer(str(self.headers).encode())
        elif self.path.startswith("/files/"):
            self._send_file(Path(self.path).name)
        elif self.path == "/socket":
            self._return_messages()
        else:
            if self.path == "/hints":
                self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            self._answer(b"a page of the site\n")

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        body = hashlib.sha256()
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body.update(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
        else:
            body.update(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(body.hexdigest().encode() + b"\n")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_file(self, name: str) -> None:
        path = Path(os.environ["SITE_FILES"], name)
        if path.is_file():
            self._answer(path.read_bytes())
        else:
            self.send_error(404)

    def _return_messages(self) -> None:
        """For frames that have a length of two bytes."""
        key = self.headers["Sec-WebSocket-Key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + WEBSOCKET).digest())
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept.decode())
        self.end_headers()
        self.close_connection = True
        while start := self.rfile.read(4):
            size = struct.unpack("!BBH", start)[2]
            mask = self.rfile.read(4)
            data = self.rfile.read(size)
            data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
            self.wfile.write(struct.pack("!BBH", 0x81, 126, size) + data)

    def log_message(self, *_arguments: object) -> None:
        pass


def main() -> None:
    address, port, *certificate = sys.argv[1:]
    server = http.server.ThreadingHTTPServer((address, int(port)), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate[0])
        # The handshake is for the connection's thread: a client that is silent
        # must not keep the others out.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    print("ready", flush=True)
    server.serve_forever()


main()
