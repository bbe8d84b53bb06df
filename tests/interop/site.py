#!/usr/bin/env python3
"""An origin of pages: site.py ADDRESS PORT [CERTIFICATE]

GET /page returns a line, GET /bytes/N that many bytes, and PUT the SHA-256 of
the request's body. With a certificate it speaks TLS. Prints ready."""

import hashlib
import http.server
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/bytes/"):
            count = int(self.path.removeprefix("/bytes/"))
            self._answer((b"0123456789abcdef" * (count // 16 + 1))[:count])
        else:
            self._answer(b"a page of the site\n")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(hashlib.sha256(body).hexdigest().encode() + b"\n")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

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
