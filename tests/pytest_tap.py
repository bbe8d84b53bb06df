# SPDX-License-Identifier: MIT
"""A plugin for TAP in place of pytest's own output, a line as each test ends:
pytest -p pytest_tap"""

import os

import pytest


class Reporter:
    def __init__(self) -> None:
        # Opened before pytest captures the tests' output.
        self._out = os.fdopen(os.dup(1), "w", buffering=1)
        self._failures: list[str] = []
        self._skip: str | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failures.append(explanation(report))
            self._say_result("what is in it")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items:
            print(f"1..{len(session.items)}", file=self._out)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for the setup, the call and the teardown of each test."""
        if report.failed:
            self._failures.append(explanation(report))
        elif report.skipped:
            self._skip = str(report.longrepr[2]).removeprefix("Skipped: ")
        if report.when == "teardown":
            self._say_result(report.nodeid.partition("::")[2])

    def _say_result(self, name: str) -> None:
        word = "not ok" if self._failures else "ok"
        skip = "" if self._skip is None else f" # skip {self._skip}"
        print(f"{word} - {name}{skip}".replace("\n", " "), file=self._out)
        for line in "\n".join(self._failures).splitlines():
            print(f"# {line}", file=self._out)
        self._failures.clear()
        self._skip = None


def explanation(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The error comes first, because a long explanation is shown in part."""
    crash = getattr(report.longrepr, "reprcrash", None)
    first = [f"{crash.path}:{crash.lineno}: {crash.message}"] if crash else []
    sections = [f"{title}:\n{text}" for title, text in report.sections]
    return "\n".join([*first, report.longreprtext, *sections])


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    plugins = config.pluginmanager
    plugins.unregister(plugins.getplugin("terminalreporter"))
    plugins.register(Reporter(), "tap-reporter")
