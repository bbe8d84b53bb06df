# SPDX-License-Identifier: MIT
"""Tells where connections end, as the netfilter rules decide.

serve ADDRESS PORT...  accepts on the ports (TCP; UDP as well on the first) and
                       answers each with one line: "redirected to PORT for
                       ADDRESS:PORT" (SO_ORIGINAL_DST), or "direct to ADDRESS:PORT"
tcp ADDRESS PORT [SOURCE], udp ADDRESS PORT [SOURCE]
                       prints the answer, or "refused", or "silence" when
                       no answer came for $PATIENCE seconds
proxy PORT [UID]       an HTTP proxy on 127.0.0.1 for CONNECT; becomes UID after it
                       has bound the port
through PORT ADDRESS PORT
                       prints the answer that comes through the proxy on PORT
"""
import os
import selectors
import socket
import struct
import sys

SO_ORIGINAL_DST = IP6T_SO_ORIGINAL_DST = 80
PATIENCE_SECONDS = float(os.environ.get("PATIENCE", 60))


def original_destination(connection):
    if connection.family == socket.AF_INET:
        packed = connection.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16)
        port, address = struct.unpack_from("!2xH4s", packed)
    else:
        packed = connection.getsockopt(socket.IPPROTO_IPV6, IP6T_SO_ORIGINAL_DST, 28)
        port, address = struct.unpack_from("!2xH4x16s", packed)
    return socket.inet_ntop(connection.family, address), port


def destination_line(connection):
    local = connection.getsockname()[:2]
    try:
        original = original_destination(connection)
    except FileNotFoundError:  # no conntrack here
        original = local
    if original == local:
        return "direct to %s:%d\n" % local
    return "redirected to %d for %s:%d\n" % ((local[1],) + original)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def bound_socket(address, port, kind):
    server = socket.socket(family_of(address), kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if server.family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind((address, int(port)))
    if kind == socket.SOCK_STREAM:
        server.listen(16)
    return server


def answer(server):
    if server.type == socket.SOCK_DGRAM:
        _, client = server.recvfrom(64)
        server.sendto(b"direct\n", client)
        return
    connection, _ = server.accept()
    with connection:
        connection.sendall(destination_line(connection).encode())


def serve(address, *ports):
    with selectors.DefaultSelector() as selector:
        for port in ports:
            server = bound_socket(address, port, socket.SOCK_STREAM)
            selector.register(server, selectors.EVENT_READ)
        server = bound_socket(address, ports[0], socket.SOCK_DGRAM)
        selector.register(server, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _ in selector.select():
                answer(key.fileobj)


def ask(kind, address, port, source=None):
    try:
        with socket.socket(family_of(address), kind) as client:
            client.settimeout(PATIENCE_SECONDS)
            if source:
                client.bind((source, 0))
            client.connect((address, int(port)))
            if kind == socket.SOCK_DGRAM:
                client.send(b"?")
            return client.recv(64).decode().strip()
    except (ConnectionRefusedError, PermissionError):
        # EPERM: the packet was rejected before it left this host
        return "refused"
    except TimeoutError:
        return "silence"


def proxy(port, uid=None):
    server = bound_socket("127.0.0.1", port, socket.SOCK_STREAM)
    if uid:
        os.setuid(int(uid))
    print("ready", flush=True)
    while True:
        client, _ = server.accept()
        with client:
            _, target, _ = client.recv(4096).decode().split(" ", 2)
            line = ask(socket.SOCK_STREAM, *target.split(":"))
            client.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + line.encode())


def through(proxy_port, address, port):
    with socket.create_connection(("127.0.0.1", proxy_port)) as client:
        client.settimeout(PATIENCE_SECONDS)
        request = "CONNECT %s:%s HTTP/1.0\r\n\r\n" % (address, port)
        client.sendall(request.encode())
        lines = client.makefile().readlines()
    return lines[-1].strip() if lines else "nothing"


def main(verb, *arguments):
    if verb == "serve":
        serve(*arguments)
    elif verb == "proxy":
        proxy(*arguments)
    elif verb == "through":
        print(through(*arguments))
    else:
        kind = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}[verb]
        print(ask(kind, *arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
