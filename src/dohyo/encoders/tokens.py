"""What a fingerprint knows of a tokenizer."""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from dohyo.encoders.fingerprint import SENTENCES


def describe_tokenizer(
    tokenizer: Any, ids: Callable[[Sequence[str]], Any] | None = None
) -> dict[str, Any]:
    """Return the hash of its vocabulary and the ids of the probe sentences.

    Names, paths and versions have no part in it: the same tokenizer from another folder, or read
    by a newer library, is the same.

    Parameters
    ----------
    tokenizer : of open_clip, transformers or tokenizers
    ids : sentences to rows of ids, as the model is given them
    """
    described = {"vocabulary": _hash([_words(tokenizer), _merges(tokenizer)])}
    if ids is not None:
        described["ids"] = _hash([[int(each) for each in row] for row in ids(SENTENCES)])
    return described


def _words(tokenizer: Any) -> list[list[Any]]:
    held = getattr(tokenizer, "encoder", None)  # open_clip's own
    if not isinstance(held, Mapping):
        ask = getattr(tokenizer, "get_vocab", None)
        held = ask() if callable(ask) else {}
    if not isinstance(held, Mapping):  # a list, where the position is the id
        held = {word: number for number, word in enumerate(held)}
    return sorted([str(word), int(number)] for word, number in held.items())


def _merges(tokenizer: Any) -> list[str]:
    own = getattr(tokenizer, "bpe_ranks", None)
    if isinstance(own, Mapping):
        return [" ".join(pair) for pair in sorted(own, key=own.__getitem__)]
    write = getattr(getattr(tokenizer, "backend_tokenizer", tokenizer), "to_str", None)
    if not callable(write):
        return []
    merges = json.loads(write())["model"].get("merges") or []
    return [pair if isinstance(pair, str) else " ".join(pair) for pair in merges]


def _hash(content: Any) -> str:
    return sha256(json.dumps(content).encode()).hexdigest()
