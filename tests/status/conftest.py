# SPDX-License-Identifier: MIT
"""What the tests of the status have in common; tests/proxy/conftest.py describes
the environment."""

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).resolve().parents[1] / "proxy/conftest.py"
_SPEC = importlib.util.spec_from_file_location("proxy_conftest", _PATH)
_proxy_tests = importlib.util.module_from_spec(_SPEC)
sys.modules["proxy_conftest"] = _proxy_tests
_SPEC.loader.exec_module(_proxy_tests)

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
connect = _proxy_tests.connect
open_tunnel = _proxy_tests.open_tunnel
configuration = _proxy_tests.configuration
