"""The ways of moving bytes that each test of relaying runs with."""

import pytest

from daemon import Daemon

every_transfer_mode = pytest.mark.parametrize(
    "transfer_mode", ["copy", "splice", "tiny_pipes"]
)


def assert_moved_by(mode: str, handyproxy: Daemon) -> None:
    """Checks after a bulk transfer that its bytes were moved in the test's mode."""
    spliced = handyproxy.totals()["spliced"]
    if mode == "copy":
        assert spliced == 0
    else:
        assert spliced > 0
