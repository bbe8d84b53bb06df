# SPDX-License-Identifier: MIT
"""What the hostile tests have in common; tests/proxy/conftest.py describes the
environment. Besides:

HOSTILE_SEED   what the attacks are drawn from (1): the same seed, the same
               bytes in the same order
"""

import importlib.util
import os
import random
import sys
from pathlib import Path
from typing import Callable, Iterator

import pytest

HOSTILE = Path(__file__).resolve().parent


def _load(name: str, path: Path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_proxy_tests = _load("proxy_conftest", HOSTILE.parent / "proxy/conftest.py")

pytest_configure = _proxy_tests.pytest_configure
pytest_sessionstart = _proxy_tests.pytest_sessionstart
pytest_runtest_makereport = _proxy_tests.pytest_runtest_makereport
shims = _proxy_tests.shims
lab = _proxy_tests.lab
start_proxy = _proxy_tests.start_proxy
family = _proxy_tests.family
addresses = _proxy_tests.addresses
start_origin = _proxy_tests.start_origin
transfer_mode = _proxy_tests.transfer_mode
handyproxy = _proxy_tests.handyproxy
connect = _proxy_tests.connect
configuration = _proxy_tests.configuration

# pylint: disable=wrong-import-position
from faults import Faults
from honest import Honest, Upstream, obey
from lab import PROXY_ADDRESS


@pytest.fixture
def seed() -> int:
    number = int(os.environ.get("HOSTILE_SEED", "1"))
    print(f"HOSTILE_SEED={number}")
    return number


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Each test has a random.Random of its own, so that a test alone draws what
    it draws among all tests."""
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def faults(shims, tmp_path: Path, monkeypatch) -> Faults:
    """For handyproxy(..., preload=faults.library)."""
    monkeypatch.setenv("HANDYPROXY_FAULTS", str(tmp_path / "orders"))
    return Faults(shims("faults"), tmp_path / "orders")


@pytest.fixture
def proxy(lab) -> Iterator[Upstream]:
    with lab.upstream:
        upstream = Upstream((PROXY_ADDRESS, 0))
    yield upstream
    upstream.stop()
    assert not upstream.bad_requests


@pytest.fixture
def origin(start_origin, proxy) -> tuple[str, int]:
    """The address of an origin that obeys honest clients."""
    address = start_origin(obey).address
    proxy.hosts["origin.test"] = address[0]
    return address


@pytest.fixture
def honest(lab, handyproxy, origin, seed) -> Iterator[Callable[[], Honest]]:
    """honest() starts honest clients. At the end no transfer may be lost."""
    started: list[Honest] = []

    def start() -> Honest:
        # Without a pause they would take a processor from other tests.
        started.append(Honest(lab, origin, seed, pause_seconds=0.05))
        return started[-1]

    yield start
    for one in started:
        one.stop()
        assert not one.losses
