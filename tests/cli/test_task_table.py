"""The table of a task on the terminal."""

import numpy as np
import pytest

from dohyo.cli.tables import task_table
from dohyo.corpus import Corpus
from dohyo.corrections.recipe import Recipe
from dohyo.verification.evaluate import Pool
from dohyo.verification.scenes import scenes
from dohyo.verification.tasks.registry import every_task
from dohyo.words import LANGUAGES, Words
from worlds import paired


@pytest.fixture(scope="module")
def tasks():
    rng = np.random.default_rng(0)
    plain = paired(rng, 100)
    corpus = Corpus.from_arrays(
        plain.image,
        plain.text,
        labels=np.arange(100) % 4,
        class_texts=rng.normal(size=(4, 16)).astype(np.float32),
        class_names=list("abcd"),
    )
    return every_task(scenes(Pool(corpus), [Recipe(method="center")] * 4), seed=0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_every_task_has_a_row_and_a_name(tasks, language):
    words = Words(language)
    for name, task in tasks.items():
        table = task_table(name, task, words)
        shown = list(table.columns[0].cells)
        assert table.title == words(f"table.task.{name}")
        assert len(shown) == len(task.figures) == len(set(shown))
        assert not set(shown) & set(task.figures)


def test_figures_are_those_of_the_task(tasks):
    task = tasks["hubness"]
    table = task_table("hubness", task, Words())
    row = list(task.figures).index("never_found")
    told = [list(column.cells)[row] for column in table.columns]
    each = task.figures["never_found"]
    low, high = np.quantile(each.change.replicates, [0.025, 0.975])
    assert told[1:] == [
        f"{each.before.value:.3f}",
        f"{each.after.value:.3f}",
        f"{each.change.value:+.3f}",
        f"{low:.3f} … {high:.3f}",
        f"{each.p:.2g}",
    ]
