"""The two towers: a small convolutional network and a small transformer."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

DIMENSION: Final = 128
WIDTH: Final = 64
HEADS: Final = 4
LAYERS: Final = 2


class ImageTower(nn.Module):
    """Pixels (n, 64, 64, 3) uint8 to unit rows (n, DIMENSION) float32."""

    def __init__(self) -> None:
        """Draw the first weights from torch's global generator."""
        super().__init__()
        # (channels in, channels out, stride): 64 -> 32 -> 16 -> 16 -> 8 -> 8 -> 8 pixels
        plan = [(3, 24, 2), (24, 48, 2), (48, 64, 1), (64, 96, 2), (96, 96, 1), (96, 128, 1)]
        self.blocks = nn.Sequential(*(_block(*row) for row in plan))
        self.project = nn.Linear(128 * 5, DIMENSION)

    def forward(self, pixels: Tensor) -> Tensor:
        """Scale the pixels here, so that preprocessing is part of the exported file."""
        x = self.blocks(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1)
        # What there is, anywhere, and roughly where: the mean of all and of each quarter.
        pooled = [functional.avg_pool2d(x, size).flatten(1) for size in (8, 4)]
        return functional.normalize(self.project(torch.cat(pooled, dim=1)), dim=1)


class TextTower(nn.Module):
    """Token ids (n, length) int64, 0 for padding, to unit rows (n, DIMENSION) float32."""

    def __init__(self, words: int, length: int) -> None:
        """Draw the first weights for a vocabulary of `words`, sentences of `length` ids."""
        super().__init__()
        self.word = nn.Embedding(words, WIDTH)
        self.position = nn.Parameter(torch.randn(length, WIDTH) * 0.1)
        self.layers = nn.ModuleList(_Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.project = nn.Linear(WIDTH, DIMENSION)

    def forward(self, ids: Tensor) -> Tensor:
        """Average over the words; padding neither attends nor counts."""
        real = (ids != 0).float()
        blocked = (1 - real)[:, None, None, :] * -1e4
        x = self.word(ids) + self.position
        for layer in self.layers:
            x = layer(x, blocked)
        x = (self.norm(x) * real[..., None]).sum(1) / real.sum(1, keepdim=True)
        return functional.normalize(self.project(x), dim=1)


class _Layer(nn.Module):
    """A pre-norm transformer layer, spelt out so that it exports to plain operators."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_one, self.norm_two = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.think = nn.Sequential(
            nn.Linear(WIDTH, 3 * WIDTH), nn.GELU(), nn.Linear(3 * WIDTH, WIDTH)
        )

    def forward(self, x: Tensor, blocked: Tensor) -> Tensor:
        length = x.shape[1]
        query, key, value = (
            part.reshape(-1, length, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self.query_key_value(self.norm_one(x)).chunk(3, dim=-1)
        )
        score = query @ key.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + blocked
        mixed = (score.softmax(-1) @ value).transpose(1, 2).reshape(-1, length, WIDTH)
        x = x + self.out(mixed)
        return x + self.think(self.norm_two(x))


def _block(channels: int, filters: int, stride: int) -> nn.Sequential:
    conv = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(filters), nn.ReLU())


def parameters(*towers: nn.Module) -> int:
    """Return the number of trained figures."""
    return sum(weight.numel() for tower in towers for weight in tower.parameters())
