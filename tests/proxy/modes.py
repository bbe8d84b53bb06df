# SPDX-License-Identifier: MIT
"""What tests of relaying run with: each way of moving bytes, each direction, each
family of the client's address."""

import pytest

from daemon import Daemon

every_transfer_mode = pytest.mark.parametrize(
    "transfer_mode", ["copy", "splice", "tiny_pipes"]
)

# turn((CLIENT, UPSTREAM)): which of them is the first of the test.
from_either_side = pytest.mark.parametrize(
    "turn", [lambda pair: pair, reversed], ids=["client", "upstream"]
)

# The same, and once over IPv6: how bytes are moved does not depend on the family.
every_transfer_way = pytest.mark.parametrize(
    "transfer_mode, family",
    [
        ("copy", "ipv4"), ("splice", "ipv4"), ("tiny_pipes", "ipv4"),
        ("splice", "ipv6"),
    ],
)

every_family = pytest.mark.parametrize("family", ["ipv4", "ipv6"])


def assert_moved_by(mode: str, handyproxy: Daemon) -> None:
    """Checks after a bulk transfer that its bytes were moved in the test's mode."""
    spliced = handyproxy.totals()["spliced"]
    if mode == "copy":
        assert spliced == 0
    else:
        assert spliced > 0
