# SPDX-License-Identifier: MIT
"""A short run of tests/soak, which takes ten minutes in full."""

import os
import random
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "soak"))

# pylint: disable=wrong-import-position
from soak import Soak


def test_kills_and_reloads_under_traffic_lose_nothing(lab, monkeypatch):
    # A sanitizer would turn the signal into an exit status.
    options = os.environ.get("ASAN_OPTIONS", "")
    monkeypatch.setenv("ASAN_OPTIONS", "handle_segv=0:" + options)
    seed = random.randrange(1 << 16)
    print("seed", seed)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        soak = Soak(lab, Path(folder), workers=3, seed=seed, pause_seconds=0.05)
        try:
            soak.run(20)
        finally:
            print(soak.log)
            soak.close()
