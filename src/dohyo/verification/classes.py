"""Hold out the images of a corpus that has classes and class prompts, but no pairs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dohyo.corpus import Corpus
from dohyo.rows import I64, take, unit_rows
from dohyo.stats.permutation import DRAWS, permutation_p
from dohyo.verification.evaluate import Corrector, Pool, fitted_on
from dohyo.verification.information import LEAST_HELD, Kept, joined_kept, keep, originals
from dohyo.verification.protocols import FOLDS, Split

ROWS = 20_000
"""Images that the test of zero-shot classes asks at most: a seeded sample."""


@dataclass(frozen=True, eq=False, slots=True)
class ClassPool(Pool):
    """A corpus without pairs, judged by the classes of its images.

    Its text side starts with the class prompts where it was made of them, see `io.class_texts`.
    """

    def alone(self, *, k: int, seed: int) -> Iterator[Split]:
        """Yield for each fold of the images a split whose gallery is that fold.

        The fit sees the other folds' images and every class prompt: whoever asks for classes has
        their names beforehand. It never sees a label. Further texts are held out by fold as well,
        unless they are too few; then they are all fitted on and none is in the gallery.
        """
        images = np.arange(len(self.corpus.image))
        prompts = leading_prompts(self.corpus)
        every_text = np.arange(len(self.corpus.text))
        for fold, held in enumerate(self.corpus.folds(k, seed)):
            texts = _held_texts(len(every_text), prompts, k, seed)[fold]
            yield Split(
                fold=fold,
                fit_image=np.setdiff1d(images, held),
                fit_text=np.setdiff1d(every_text, texts),
                gallery_image=held,
                gallery_text=texts,
                query_image=held,
                query_text=texts,
                queries_in_gallery=True,
            )

    def without(self, split: Split) -> "ClassPool":
        """Return the pool without what a split holds out."""
        corpus, images, texts = self.corpus, split.fit_image, split.fit_text
        return ClassPool(
            replace(
                corpus,
                image=take(corpus.image, images),
                text=take(corpus.text, texts),
                label=None if corpus.label is None else corpus.label[images],
                caption=None,
                picture=None,
                source=None,
                image_id=None,
                text_id=None,
            )
        )


def has_classes(corpus: Corpus) -> bool:
    """Return whether a corpus has to be judged by classes: it has them, and has no pairs."""
    return not corpus.paired and corpus.label is not None and corpus.class_text is not None


def leading_prompts(corpus: Corpus) -> int:
    """Return how many texts, from the first on, are the class prompts: all of them or none."""
    prompts = corpus.class_text
    if prompts is None or len(prompts) > len(corpus.text):
        return 0
    same = np.array_equal(unit_rows(prompts), corpus.unit("text", slice(0, len(prompts))))
    return len(prompts) if same else 0


def _held_texts(count: int, prompts: int, k: int, seed: int) -> list[I64]:
    """Return the texts that each fold holds out, none of them a prompt."""
    further = count - prompts
    if further < LEAST_HELD * k:
        return [np.empty(0, np.int64)] * k
    order = prompts + np.random.default_rng(seed).permutation(further)
    return [np.sort(order[fold::k]).astype(np.int64) for fold in range(k)]


def kept_by(
    pool: Pool,
    recipes: Sequence[Corrector] | Callable[[int], Sequence[Corrector]],
    *,
    k: int = FOLDS,
    seed: int = 0,
) -> list[Kept]:
    """Return what each correction keeps of each modality, and how well it tells classes.

    Parameters
    ----------
    recipes : what to try, or a function of the held-out fold that says so, as in `evaluate`
    """
    collected: list[list[Kept]] = []
    for split in pool.alone(k=k, seed=seed):
        evidence = pool.evidence(split.fit_image, split.fit_text)
        before = originals(pool.corpus, split, evidence, seed=seed)
        chosen = recipes(split.fold) if callable(recipes) else recipes
        found = [keep(before, fitted, strength) for fitted, strength in fitted_on(chosen, evidence)]
        collected = collected or [[] for _ in found]
        for parts, kept in zip(collected, found, strict=True):
            parts.append(kept)
    return [joined_kept(parts) for parts in collected]


def zero_shot_signal(corpus: Corpus, *, seed: int = 0) -> tuple[float, float, float]:
    """Test whether class prompts find the images of their class, before any correction.

    Returns
    -------
    (zero-shot accuracy, what is expected when labels are dealt anew, one-sided p-value)

    Notes
    -----
    Labels are permuted among the images, the predictions stay: exact (Phipson & Smyth 2010). On
    a seeded sample of 20,000 images where there are more.
    """
    if corpus.label is None or corpus.class_text is None:
        raise ValueError("no labels or no class prompts")
    rng = np.random.default_rng(seed)
    rows = np.arange(len(corpus.image))
    if len(rows) > ROWS:
        rows = np.sort(rng.choice(rows, ROWS, replace=False))
    scores = corpus.unit("image", rows) @ unit_rows(corpus.class_text).T
    told, label = scores.argmax(axis=1), corpus.label[rows]
    accuracy = float((told == label).mean())
    dealt = np.array([(told == rng.permutation(label)).mean() for _ in range(DRAWS)])
    return accuracy, float(dealt.mean()), permutation_p(accuracy, dealt)
