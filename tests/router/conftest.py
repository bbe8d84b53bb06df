# SPDX-License-Identifier: MIT
"""The router under test, its client and its upstream proxy. The router is a
machine of its own; the others are network namespaces, to which its cards lead:

      client             router                     upstream
    10.0.0.5 ---- lan 10.0.0.1  10.1.0.1 wan ---- 10.1.0.2
"""

import importlib.util
import os
from pathlib import Path
from typing import Iterator

import pytest

_path = Path(__file__).resolve().parents[1] / "proxy/conftest.py"
_spec = importlib.util.spec_from_file_location("proxy_conftest", _path)
_proxy_tests = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_proxy_tests)

# pylint: disable=wrong-import-position
from connect_proxy import ConnectProxy
from lab import CLIENT_ADDRESS, ORIGIN_ADDRESS, PROXY_ADDRESS, Namespace
from machine import FILES, Machine, tap
from origin import Origin, echo, http_page

pytest_configure = _proxy_tests.pytest_configure

PAGE = b"This page came through a small router.\n"


@pytest.fixture(scope="session")
def client() -> Iterator[Namespace]:
    namespace = Namespace("client")
    yield namespace
    namespace.close()


@pytest.fixture(scope="session")
def upstream() -> Iterator[Namespace]:
    namespace = Namespace("upstream")
    yield namespace
    namespace.close()


@pytest.fixture(scope="session")
def router(client: Namespace, upstream: Namespace) -> Iterator[Machine]:
    """Once it has booted."""
    if (FILES / "reason").exists():
        pytest.skip((FILES / "reason").read_text().strip())
    if not (FILES / "initramfs").exists():
        pytest.skip("there is nothing to boot: run make check-router")
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        pytest.skip(f"/dev/net/tun, for its cables: {error.strerror}")
    cables = [tap(client, "router"), tap(upstream, "router")]
    client.ip(f"address add {CLIENT_ADDRESS}/24 dev router")
    client.ip("route add default via 10.0.0.1")
    upstream.ip("link set lo up")
    upstream.ip(f"address add {PROXY_ADDRESS}/24 dev router")
    upstream.ip(f"address add {ORIGIN_ADDRESS}/32 dev lo")
    machine = Machine(cables)
    try:
        machine.wait_for_boot()
        yield machine
    finally:
        machine.close()


@pytest.fixture(scope="session")
def proxy(upstream: Namespace) -> Iterator[ConnectProxy]:
    """The upstream proxy, and an origin behind it: a page, and an echo."""
    with upstream:
        origins = [
            Origin((ORIGIN_ADDRESS, 80), http_page(PAGE)),
            Origin((ORIGIN_ADDRESS, 443), echo),
        ]
        the_proxy = ConnectProxy((PROXY_ADDRESS, 3128))
    yield the_proxy
    the_proxy.stop()
    for origin in origins:
        origin.stop()
