"""What is packaged names options and metrics that exist."""

import configparser
import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from tests.monitor.alerts.rows import MONDAY
from tests.monitor.watched import fill, fill_outbox

from dohyo.monitor.exposition import FAMILIES, exposition
from dohyo.rollout.ledger import Ledger
from dohyo.serve.metrics import Metrics

PACKAGING = Path(__file__).parents[1] / "packaging"


@pytest.mark.parametrize("name", ["Containerfile", "dohyo.service"])
def test_every_option_of_the_command_exists(name):
    from typer.main import get_command

    from dohyo.cli.main import app_of

    known = {o for p in get_command(app_of(("serve",))).commands["serve"].params for o in p.opts}
    text = (PACKAGING / name).read_text()
    line = next(each for each in text.splitlines() if each.startswith(("CMD", "ExecStart")))
    assert set(re.findall(r"--[a-z-]+", line)) <= known


def test_the_compose_file_and_the_unit_can_be_parsed():
    compose = yaml.safe_load((PACKAGING / "compose.yaml").read_text())
    assert compose["services"]["dohyo"]["cap_drop"] == ["ALL"]
    assert (PACKAGING.parent / compose["services"]["dohyo"]["build"]["dockerfile"]).is_file()
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string((PACKAGING / "dohyo.service").read_text())
    assert unit["Service"]["NoNewPrivileges"] == "yes"


@pytest.fixture
def told(tmp_path) -> dict[str, list[dict[str, str]]]:
    """The labels of every sample that the monitor can tell of, by name."""
    ledger = Ledger(tmp_path / "service.sqlite")
    fill(ledger)
    fill_outbox(ledger)
    families = text_string_to_metric_families(exposition(ledger, MONDAY))
    ledger.close()
    found: dict[str, list[dict[str, str]]] = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def rules() -> list[dict]:
    groups = yaml.safe_load((PACKAGING / "prometheus-rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_metric_can_be_told(told):
    """So that the tests below compare with what is really written."""
    assert set(told) == set(FAMILIES)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_rule_asks_for_what_exists(told, rule):
    asked = re.findall(r"(dohyo_\w+)(?:\{(\w+)=~?\"([^\"]*)\"\})?", rule["expr"])
    assert asked
    for name, label, values in asked:
        assert name in told
        if label:
            known = {labels[label] for labels in told[name]}
            assert set(values.split("|")) <= known
    shown = re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))
    assert set(shown) <= set(told[asked[0][0]][0])
    assert rule["labels"]["severity"] in ("info", "warning", "critical")
    assert {"summary", "description"} == set(rule["annotations"])


def test_both_sides_of_a_comparison_have_the_same_labels(told):
    """Prometheus pairs series of equal labels; others would silently never alarm."""
    for rule in rules():
        names = re.findall(r"dohyo_\w+", rule["expr"])
        assert len({frozenset(told[name][0]) for name in names}) == 1


def test_grafana_asks_for_metrics_that_exist(told):
    metrics = Metrics()
    known = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    known |= {family.name for family in metrics.registry.collect()}
    known |= {f"{name}_{end}" for name in known for end in ("total", "bucket", "sum", "count")}
    known |= set(told)
    asked = re.findall(r"dohyo_\w+", (PACKAGING / "grafana.json").read_text())
    assert asked
    assert set(asked) <= known
    json.loads((PACKAGING / "grafana.json").read_text())
