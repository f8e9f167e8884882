"""Sentences to numbers: the fixed vocabulary of the built-in encoder."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

PAD: Final = "<pad>"
START: Final = "<start>"
UNKNOWN: Final = "<unk>"
SPECIAL: Final = (PAD, START, UNKNOWN)

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """Lower-case words to ids; padding is id 0, so a zero says where a sentence ends.

    Raises
    ------
    ValueError
        If the vocabulary repeats a word or does not begin with the special tokens.
    """

    words: tuple[str, ...]
    length: int = 32
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the vocabulary and index it."""
        if self.words[: len(SPECIAL)] != SPECIAL or len(set(self.words)) != len(self.words):
            raise ValueError(f"a vocabulary begins with {SPECIAL} and repeats no word")
        object.__setattr__(self, "_ids", {word: i for i, word in enumerate(self.words)})

    @classmethod
    def from_words(cls, words: Iterable[str]) -> "Tokenizer":
        """Return a tokenizer for the words of a grammar."""
        return cls((*SPECIAL, *words))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Tokenizer":
        """Return the tokenizer that `to_json` wrote."""
        stored = json.loads(text)
        return cls(tuple(stored["words"]), stored["length"])

    def to_json(self) -> str:
        """Return the vocabulary as one JSON object."""
        return json.dumps({"length": self.length, "words": self.words}, indent=1) + "\n"

    def encode(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return ids, shape (n, length); what exceeds the length is cut off."""
        ids = np.full((len(texts), self.length), self._ids[PAD], dtype=np.int64)
        unknown = self._ids[UNKNOWN]
        for row, text in zip(ids, texts, strict=True):
            words = _WORD.findall(text.lower())[: self.length - 1]
            row[0] = self._ids[START]
            row[1 : len(words) + 1] = [self._ids.get(word, unknown) for word in words]
        return ids

    def decode(self, ids: NDArray[np.int64]) -> tuple[str, ...]:
        """Return the sentences that rows of ids stand for, unknown words as `<unk>`."""
        silent = {self._ids[PAD], self._ids[START]}
        return tuple(" ".join(self.words[i] for i in row if i not in silent) for row in ids)
