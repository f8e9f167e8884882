"""The plan's gates are this corpus's figures, and its pages are two."""

import json
import math
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from tests.value.ledger import costs

from dohyo.estimate import Estimate
from dohyo.reports.document import document
from dohyo.reports.plan.page import render_plan
from dohyo.reports.plan.plan import plan_of
from dohyo.reports.plan.sample_size import sample_size
from dohyo.value.value import value_of
from dohyo.words import LANGUAGES, Words

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ENDINGS = ["correct", "no_signal", "too_few", "unpaired", "several_texts", "harmed", "undecided"]
CREATED = "2026-01-02T03:04:05+00:00"


@pytest.fixture(scope="module")
def report(every_ending, facts):
    def made(ending, language="en", given=None):
        findings = every_ending[ending]
        if given is not None:
            findings = replace(findings, value=value_of(findings.decision, given))
        return json.loads(json.dumps(document(findings, Words(language), facts)))

    return made


def test_a_sample_of_that_size_has_the_power_it_is_said_to_have():
    """Simulated: of many samples of n, four in five show the effect."""
    spread, effect, rng = 0.5, 0.1, np.random.default_rng(0)
    half = norm.ppf(0.975) * spread / math.sqrt(400)
    seen = Estimate(value=0.2, low=0.2 - half, high=0.2 + half, n=400, seed=0)
    n = sample_size(seen, effect, level=0.95, least=2)
    means = effect + spread * rng.normal(size=(4_000, n)).mean(axis=1)
    shown = (means - norm.ppf(0.95) * spread / math.sqrt(n) > 0).mean()
    assert 0.78 < shown < 0.83
    assert sample_size(seen, 10.0, level=0.95, least=40) == 40
    assert sample_size(seen, 0.0, level=0.95, least=40) is None


def test_the_gates_are_the_figures_found_here(report):
    told = report("correct")
    plan = plan_of(told, costs=None, run="out")
    gates = {gate.name: gate.figures for stage in plan.stages for gate in stage.gates}
    changes = [told["verify"][p]["change"] for p in ("unseen_query", "unseen_corpus")]
    lows = [each["mixed_recall_at_10"]["low"] for each in changes]
    values = [each["mixed_recall_at_10"]["value"] for each in changes]
    assert 100 * min(lows) <= gates["gain"]["points"] <= 100 * max(values)
    assert gates["harm"]["points"] == pytest.approx(3)
    rate = told["verify"]["unseen_query"]["base_rate"]["image"]
    assert gates["share_image"]["low"] == pytest.approx(100 * (rate - 0.15))
    kept = told["decision"]["information"]["neighbours_kept"]
    least = min(each["low"] for each in kept.values())
    assert 100 * least - 1e-9 <= gates["overlap"]["percent"]
    assert gates["judged"]["queries"] == plan.sizes.both >= 40


def test_the_costs_of_the_stages_add_up_to_the_one_off_cost(report):
    plan = plan_of(report("correct"), costs=costs(), run="out")
    once = sum(s.cost for s in plan.stages if s.name in ("pilot", "shadow", "roll_out"))
    assert once == pytest.approx(plan.value.worth.once.value)
    assert plan.stages[-1].cost == 100.0


def test_a_path_with_a_space_is_typed_in_quotes(report):
    plan = plan_of(report("correct"), costs=None, run="my out")
    assert any("'my out/map'" in each for stage in plan.stages for each in stage.commands)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ending_has_a_plan_in_both_languages(report, ending, language):
    told = report(ending, given=costs())
    plan = plan_of(told, costs=None, run="out")
    page = render_plan(plan, Words(language), created=CREATED)
    assert f'lang="{language}"' in page
    assert page.count('class="lamp on"') == 1
    assert Words(language)(f"light.{told['decision']['verdict']}") in page
    assert "None" not in page
    assert plan.to_json(Words(language))["verdict"] == told["decision"]["verdict"]
    assert render_plan(plan, Words(language), created=CREATED) == page


def test_an_older_report_without_codes_keeps_its_sentences(report):
    told = report("no_signal")
    del told["decision"]["reason_codes"]
    page = render_plan(plan_of(told, costs=None, run="out"), Words("ja"), created=CREATED)
    assert "There is nothing to align" in page


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ["correct", "no_signal", "undecided"])
def test_it_prints_on_exactly_two_pages(report, tmp_path, ending, language):
    plan = plan_of(report(ending, given=costs(hourly_cost=(20.0, 30.0, 50.0))), costs=None, run="o")
    assert len(pages(render_plan(plan, Words(language), created=CREATED), tmp_path)) == 2


def pages(document: str, folder) -> list[bytes]:
    """Return the page objects of the PDF that Chromium prints."""
    source, target = folder / "plan.html", folder / "plan.pdf"
    source.write_text(document, encoding="utf-8")
    switches = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}"),
    )
    subprocess.run(
        [CHROMIUM, *switches, f"--print-to-pdf={target}", source.as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )
    return [part for part in target.read_bytes().split(b"obj") if b"/Type /Page\n" in part]
