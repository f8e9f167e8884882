"""What people are told of an alarm: `message_of`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dohyo.monitor.plain import plain
from dohyo.words import Words
from dohyo.words.words import MINUS

SCHEMA_VERSION = 1
Event = Literal["alarm", "proposal", "recovered", "silence"]

TOLD: Mapping[str, tuple[str, ...]] = {
    "drift": (
        *("stream", "share", "began", "earliest", "latest"),
        *("began_batch", "earliest_batch", "latest_batch"),
        *("began_at", "earliest_at", "latest_at"),
    ),
    "encoder": ("expected", "found", "latest"),
    "canary": (
        *("expected", "found", "why"),
        *("image_cosine", "text_cosine", "recall_before", "recall_after"),
    ),
    "silence": ("since", "seconds", "usual"),
    "refused": ("batches", "latest"),
}
"""What leaves the machine of an alarm's detail, by `kind_of`; nothing else ever does. Why a batch
was refused stays here, since it may quote a file."""
UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
WANTED = ("stage", "percent", "map", "strength", "interleave")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent.

    Attributes
    ----------
    key : the same each time the same is sent, so that who receives it twice can drop one
    subject : one line
    body : for programs, as JSON; its `text` is for people
    """

    key: str
    subject: str
    body: dict[str, Any]


def message_of(alarm: Mapping[str, Any], words: Words) -> Message:
    """Return what people are told of an alarm.

    It holds names of streams and of batches, times and counts: never vectors, captions, labels,
    or anything that a file holds.

    Parameters
    ----------
    alarm : row of the ledger's `alarms`; its detail as a dict, or as the JSON it is kept as
    """
    kind, detail, sentence = str(alarm["kind"]), _told(alarm), kind_of(alarm)
    filled = {name: _shown(value) for name, value in detail.items()}
    if sentence == "canary":
        filled |= of_canary(detail, words)
    if kind == "drift":
        filled |= _of_drift(detail, words)
    if kind == "silence":
        filled |= {name: _span(detail[name], words) for name in ("seconds", "usual")}
    watch = plain(str(alarm["watch"]))
    return _message(
        f"alarm-{alarm['number']}",
        "silence" if kind == "silence" else "alarm",
        words,
        sentence,
        filled | {"watch": watch, "number": alarm["number"]},
        {"watch": watch, "alarm": alarm["number"], "kind": kind, "at": _kept(alarm["at"])}
        | {"detail": detail},
    )


def kind_of(alarm: Mapping[str, Any]) -> str:
    """Return an alarm's kind; "canary" for another encoder that its canary has noticed.

    Parameters
    ----------
    alarm : row of the ledger's `alarms`, as in `message_of`
    """
    kind = str(alarm["kind"])
    return "canary" if kind == "encoder" and "canary" in _parsed(alarm["detail"]) else kind


def of_canary(detail: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Return two sentences: `because`, how the encoder has changed, and `shown`, the figures.

    Parameters
    ----------
    detail : of an alarm whose `kind_of` is "canary"
    """
    figures = {
        short: "–" if detail[name] is None else f"{detail[name]:.3f}".replace("-", MINUS)
        for short, name in (
            *(("image", "image_cosine"), ("text", "text_cosine")),
            *(("before", "recall_before"), ("after", "recall_after")),
        )
    }
    return {
        "because": words(f"alerts.canary.why.{detail['why']}"),
        "shown": words("alerts.canary.shown", **figures),
    }


def message_of_recovery(alarm: Mapping[str, Any], words: Words) -> Message:
    """Return what people are told when an alarm is over, such as batches that come again.

    Parameters
    ----------
    alarm : row of the ledger's `alarms`, as in `message_of`
    """
    watch, kind = plain(str(alarm["watch"])), str(alarm["kind"])
    return _message(
        f"recovered-{alarm['number']}",
        "recovered",
        words,
        "back" if kind == "silence" else "recovered",
        {"watch": watch, "number": alarm["number"]},
        {"watch": watch, "alarm": alarm["number"], "kind": kind, "at": _kept(alarm["at"])}
        | {"detail": _told(alarm)},
    )


def message_of_proposal(proposal: Mapping[str, Any], words: Words, *, watch: str = "") -> Message:
    """Return what people are told of a proposal that waits for them.

    Parameters
    ----------
    proposal : row of the ledger's `proposals`; `wanted` as a dict, or as the JSON it is kept as
    watch : whose alarm it answers
    """
    wanted = {k: v for k, v in _parsed(proposal["wanted"]).items() if k in WANTED}
    detail = {
        "proposal": proposal["number"],
        "collection": plain(str(proposal["collection"])),
        "by": plain(str(proposal["by"])),
        "wanted": {name: _kept(value) for name, value in wanted.items()},
    }
    changes = ", ".join(f"{name} {_shown(value)}" for name, value in detail["wanted"].items())
    return _message(
        f"proposal-{proposal['number']}",
        "proposal",
        words,
        "proposal",
        {"number": proposal["number"], "collection": detail["collection"], "changes": changes},
        {"watch": plain(watch), "alarm": proposal["alarm"], "kind": "proposal"}
        | {"at": _kept(proposal["at"]), "detail": detail},
    )


def _message(
    key: str,
    event: Event,
    words: Words,
    sentence: str,
    filled: Mapping[str, Any],
    body: Mapping[str, Any],
) -> Message:
    subject = plain(words(f"alerts.{sentence}.subject", **filled))
    text = words(f"alerts.{sentence}.text", **filled)
    head = {"schema_version": SCHEMA_VERSION, "event": event, "language": words.language}
    said = {"subject": subject, "text": text}
    return Message(key=key, subject=subject, body=head | dict(body) | said)


def _told(alarm: Mapping[str, Any]) -> dict[str, Any]:
    detail = _parsed(alarm["detail"])
    return {name: _kept(detail.get(name)) for name in TOLD[kind_of(alarm)]}


def _parsed(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return dict(found)


def _kept(value: Any) -> Any:
    """Return what may be sent of a value: a number or one plain line."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None  # JSON has no other numbers
    return plain(str(value))


def _shown(value: Any) -> Any:
    """Return a value as a sentence shows it; times to the minute, in UTC."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        try:
            return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M} UTC"
        except ValueError:
            return plain(value)
    return "?" if value is None else value


def _of_drift(detail: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return what the sentences of a drift show: names in place of codes, and figures rounded."""
    share = detail["share"]
    found: dict[str, Any] = {
        "stream": _stream(str(detail["stream"]), words),
        "share": "?" if share is None else f"{100 * share:.0f}",
        "ago": _shown(detail["began"]),
    }
    for which in ("began", "earliest", "latest"):
        batch = detail[f"{which}_batch"]
        found[which] = words("alerts.ago", n=_shown(detail[which])) if batch is None else batch
    return found


def _span(seconds: float | None, words: Words) -> str:
    """Return a time span as people say it, in the largest unit of which there are two."""
    if seconds is None:
        return "?"
    size, unit = next((s, u) for s, u in UNITS if seconds >= 2 * s or s == 1)
    return words(f"alerts.{unit}", n=round(seconds / size, 1))


def _stream(code: str, words: Words) -> str:
    """Return the reader's name of a stream, such as image_direction_2; its code if it has none."""
    for name in (code, re.sub(r"_\d+$", "", code)):
        try:
            return words(f"monitor.stream.{name}")
        except KeyError:
            continue
    return plain(code)
