# SPDX-License-Identifier: MIT
"""The alert rules and the dashboard that come with the program."""

import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import pytest

STATUS = Path(__file__).resolve().parent
ROOT = STATUS.parents[1]
RULES = ROOT / "scripts/prometheus-alerts.yml"
RULES_TEST = STATUS / "prometheus-alerts-test.yml"
DASHBOARD = ROOT / "scripts/grafana-dashboard.json"
NAME = re.compile(r"\bhandyproxy_[a-z_]+")

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed"
)


def assert_passes(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def expressions() -> list[str]:
    """What the dashboard asks for, its variables as Grafana fills them in."""
    targets = [
        target["expr"]
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for target in panel["targets"]
    ]
    filled = [expr.replace("$__rate_interval", "2m") for expr in targets]
    return [re.sub(r"\$(job|instance)\b", ".*", expr) for expr in filled]


@promtool
def test_the_alert_rules_are_rules():
    assert_passes("promtool", "check", "rules", str(RULES))


@promtool
def test_each_alert_fires_when_it_should_and_only_then():
    assert_passes("promtool", "test", "rules", str(RULES_TEST))


def test_each_alert_has_a_test():
    """That says when it fires."""
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    fired = r"""labels: '{alertname="(\w+)"|alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:"""
    tested = re.findall(fired, RULES_TEST.read_text())
    assert alerts
    assert {*alerts} == {name for pair in tested for name in pair if name}


def constant(path: str, name: str) -> int:
    """Of the source: a number, or a product."""
    factors = re.search(rf"\b{name} = ([\d *]+)", (ROOT / path).read_text())[1]
    return math.prod(map(int, factors.split("*")))


def expression(alert: str) -> str:
    found = rf"- alert: {alert}\n +expr:([^:]*\n)+? +\w+:"
    return re.search(found, RULES.read_text())[0]


def test_rules_and_pages_have_the_bounds_of_the_source():
    near = constant("src/status/verdict.c", "NEAR_PERCENT")
    median = constant("src/status/verdict_upstreams.c", "SLOW_MEDIAN_MS")
    times = constant("src/status/verdict_upstreams.c", "SLOW_TIMES")
    oldest = constant("src/ipc/upstream_counters.h", "UPSTREAM_SLOW_MS")
    assert f"> {near / 100:g}\n" in expression("HandyProxyNearLimit")
    assert f"> {median / 1000:g}\n" in expression("HandyProxySlowAnswers")
    for page in "src/doc/status.md", "src/handyproxy.8":
        words = " ".join((ROOT / page).read_text().split())
        assert re.search(rf"{near} % (or all )?of the connections, (of )?the accept", words)
        assert f"waited for {oldest // 1000} seconds, or the last minute's median" in words
        assert f"over {median // 1000} second and {times} times the hour's" in words
    manual = " ".join((ROOT / "src/handyproxy.8").read_text().split())
    assert f"slow to answer: after {oldest // 1000} seconds the log warns" in manual


@promtool
def test_the_dashboard_asks_in_promql(tmp_path: Path):
    """Each expression as a rule, since promtool checks rules."""
    rules = [
        {"record": f"panel_{number}", "expr": expr}
        for number, expr in enumerate(expressions())
    ]
    assert not [rule for rule in rules if "$" in rule["expr"]]
    path = tmp_path / "rules.json"  # which is YAML, too
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    assert_passes("promtool", "check", "rules", str(path))


def test_no_two_panels_of_the_dashboard_overlap():
    taken = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (at["x"] + right, at["y"] + down)
            for right in range(at["w"])
            for down in range(at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
