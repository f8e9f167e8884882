"""Train the built-in encoder on shapes world, and write it where the package ships it.

Ordinary contrastive training under the conditions of real encoders; see README.md.
"""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

import dohyo.encoders.builtin
from dohyo.demo.captions import vocabulary
from dohyo.encoders.builtin.encoder import NAMES, VOCABULARY_FILE, load
from dohyo.encoders.builtin.tokenizer import Tokenizer
from export import write_encoder
from figures import measure
from pictures import TrainingSet, draw_training_set
from towers import ImageTower, TextTower, parameters

TEMPERATURE: Final = 0.01
"""Where CLIP's learnt temperature ends up, and where its clamp holds it; fixed here."""

BATCH: Final = 256
LEARNING_RATE: Final = 1e-3
WEIGHT_DECAY: Final = 0.05
WARM_UP: Final = 0.05  # share of all steps
SHIPPED: Final = Path(dohyo.encoders.builtin.__file__).parent


def main() -> None:
    """Draw, train, export, measure."""
    options = _options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    tokenizer = Tokenizer.from_words(vocabulary())
    image, text = ImageTower(), TextTower(len(tokenizer.words), tokenizer.length)
    print(f"{parameters(image):,} + {parameters(text):,} parameters")
    start = time.perf_counter()
    data = draw_training_set(options.pictures, options.seed, tokenizer, processes=options.threads)
    print(f"{len(data.pixels):,} pictures drawn in {time.perf_counter() - start:.0f} s")
    example = torch.from_numpy(data.pixels[:2]), torch.from_numpy(data.ids[:2, 0])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / VOCABULARY_FILE).write_text(tokenizer.to_json(), encoding="utf-8")
    trained, untrained = NAMES
    write_encoder(options.out / untrained, image, text, *example)
    train(image, text, data, tokenizer, epochs=options.epochs, seed=options.seed)
    write_encoder(options.out / trained, image, text, *example)
    print(f"{time.perf_counter() - start:.0f} s in all")
    if options.out == SHIPPED:
        for name in NAMES:
            print(json.dumps({"encoder": name, **asdict(measure(load(name)))}, indent=1))


def train(
    image: ImageTower,
    text: TextTower,
    data: TrainingSet,
    tokenizer: Tokenizer,
    *,
    epochs: int,
    seed: int,
) -> None:
    """Train both towers in place, with AdamW and one cycle of warm-up and cosine decay."""
    rng = np.random.default_rng(seed)
    weights = [*image.parameters(), *text.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * (len(data.pixels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=steps, pct_start=WARM_UP
    )
    start = time.perf_counter()
    image.train()
    text.train()
    for epoch in range(1, epochs + 1):
        losses = []
        for pixels, ids in data.batches(BATCH, tokenizer, rng):
            loss = info_nce(image(torch.from_numpy(pixels)), text(torch.from_numpy(ids)))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        seconds = time.perf_counter() - start
        print(f"epoch {epoch} of {epochs}: loss {np.mean(losses):.3f}, {seconds:.0f} s", flush=True)


def info_nce(image: Tensor, text: Tensor) -> Tensor:
    """Return CLIP's symmetric loss of (n, d) unit rows, row i of both being a pair."""
    logits = image @ text.T / TEMPERATURE
    target = torch.arange(len(logits))
    return (
        functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
    ) / 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder for the files")
    parser.add_argument("--pictures", type=int, default=40_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
