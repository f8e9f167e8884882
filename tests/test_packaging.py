"""What is packaged names options and metrics that exist."""

import configparser
import json
import re
from pathlib import Path

import pytest
import yaml

from dohyo.serve.metrics import Metrics

PACKAGING = Path(__file__).parents[1] / "packaging"


@pytest.mark.parametrize("name", ["Containerfile", "dohyo.service"])
def test_every_option_of_the_command_exists(name):
    from typer.main import get_command

    from dohyo.cli.main import app

    known = {o for p in get_command(app).commands["serve"].params for o in p.opts}
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


def test_grafana_asks_for_metrics_that_exist():
    metrics = Metrics()
    known = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    known |= {family.name for family in metrics.registry.collect()}
    known |= {f"{name}_{end}" for name in known for end in ("total", "bucket", "sum", "count")}
    asked = re.findall(r"dohyo_\w+", (PACKAGING / "grafana.json").read_text())
    assert asked
    assert set(asked) <= known
    json.loads((PACKAGING / "grafana.json").read_text())
