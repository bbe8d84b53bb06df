"""The ways of moving bytes that a test of relaying goes through."""

import pytest

from daemon import Daemon

every_transfer_mode = pytest.mark.parametrize(
    "transfer_mode", ["copy", "splice", "tiny_pipes"]
)


def assert_moved_by(mode: str, handyproxy: Daemon) -> None:
    """After a bulk transfer, that it went the way the test is named for."""
    spliced = handyproxy.totals()["spliced"]
    if mode == "copy":
        assert spliced == 0
    else:
        assert spliced > 0
