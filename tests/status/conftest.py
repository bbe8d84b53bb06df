# SPDX-License-Identifier: MIT
"""What the tests of the status have in common; tests/proxy/conftest.py describes
the environment."""

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Callable, Iterator

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "hostile"))


def _load(name: str, path: Path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_hostile_tests = _load("hostile_conftest", TESTS / "hostile/conftest.py")
_proxy_tests = sys.modules["proxy_conftest"]

pytest_configure = _proxy_tests.pytest_configure
pytest_sessionstart = _proxy_tests.pytest_sessionstart
pytest_runtest_makereport = _proxy_tests.pytest_runtest_makereport
time_limit = _proxy_tests.time_limit
shims = _proxy_tests.shims
lab = _proxy_tests.lab
start_proxy = _proxy_tests.start_proxy
proxy = _proxy_tests.proxy
family = _proxy_tests.family
addresses = _proxy_tests.addresses
start_origin = _proxy_tests.start_origin
transfer_mode = _proxy_tests.transfer_mode
handyproxy = _proxy_tests.handyproxy
mortal = _proxy_tests.mortal
connect = _proxy_tests.connect
open_tunnel = _proxy_tests.open_tunnel
configuration = _proxy_tests.configuration
seed = _hostile_tests.seed
origin = _hostile_tests.origin
honest = _hostile_tests.honest

# pylint: disable=wrong-import-position
from daemon import Daemon
from honest import Upstream
from lab import PROXY_ADDRESS, Lab
from status import Status


@pytest.fixture
def honest_proxy(lab: Lab) -> Iterator[Upstream]:
    """What honest clients need in place of `proxy`."""
    with lab.upstream:
        upstream = Upstream((PROXY_ADDRESS, 0))
    yield upstream
    upstream.stop()
    assert not upstream.bad_requests


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the daemon's user may make and remove files; pytest's folders are
    root's alone."""
    path = Path("/run") / f"{tmp_path.name}-status"
    path.mkdir()
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def kind() -> str:
    """Of -status-address. Tests in which it matters have both."""
    return "unix"


@pytest.fixture
def status(kind: str, lab: Lab, folder: Path) -> Status:
    """The value of -status-address, and a client of it."""
    if kind == "unix":
        return Status(str(folder / "socket"), lab.router)
    return Status(("127.0.0.1", lab.router.free_port()), lab.router)


@pytest.fixture
def serve(handyproxy, status: Status) -> Iterator[Callable[..., Daemon]]:
    """serve(OPTION...): HandyProxy with -status-address, as soon as it has
    something to show."""

    def start(*options: str, **more) -> Daemon:
        daemon = handyproxy(
            "-status-address", status.option, *options, **more
        )
        status.wait_until_it_answers()
        return daemon

    return start
