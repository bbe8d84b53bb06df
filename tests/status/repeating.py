# SPDX-License-Identifier: MIT
"""Something that goes on in the background of a test."""

import threading
from typing import Callable

from peer import in_background


class Repeating:
    """Does the same again and again, until the end of its block. An error that
    is not forgiven fails the test there."""

    def __init__(self, act: Callable[[], object], *forgiven: type) -> None:
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self._forgiven = forgiven
        self.count = 0
        self._thread = in_background(self._run, act)

    def _run(self, act: Callable[[], object]) -> None:
        while not self._stopping.is_set():
            try:
                act()
            except self._forgiven:
                pass
            except BaseException as error:
                self._error = error
                return
            self.count += 1

    def __enter__(self) -> "Repeating":
        return self

    def __exit__(self, error_type: type | None, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        if error_type is None and self._error is not None:
            raise self._error
