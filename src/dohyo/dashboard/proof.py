"""The report behind a proposal, shut off from the pages around it."""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from starlette.responses import Response

from dohyo.rollout.refusal import Refusal

LARGEST = 64 << 20


def proof(state: Path, alarm: int) -> Response:
    """Return the report that was written for an alarm.

    It holds names and captions that strangers wrote. Its own script, which copies tables, is all
    that may run, and without the page's origin: it can read no cookie and ask nothing.

    Parameters
    ----------
    alarm : its number; nothing else of a request reaches the path

    Raises
    ------
    Refusal
        404 if there is none.
    """
    there = state / "proposals" / f"alarm-{alarm:d}" / "report.html"
    try:
        if there.stat().st_size > LARGEST:
            raise _none()
        content = there.read_bytes()
    except OSError as error:
        raise _none() from error
    head = {"content-security-policy": policy(), "cache-control": "private, max-age=60"}
    return Response(content, media_type="text/html", headers=head)


@lru_cache
def policy() -> str:
    """Return what the report may do: show itself, and run the one script that we know."""
    script = files("dohyo.reports.page").joinpath("copy.js").read_bytes()
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    return (
        "sandbox allow-scripts; default-src 'none'; "
        f"script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _none() -> Refusal:
    return Refusal(
        404,
        "no_report",
        "There is no report of this alarm.",
        hint="Its adjustment may not be done.",
    )
