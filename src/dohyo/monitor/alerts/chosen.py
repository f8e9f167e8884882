"""The channels that the options of a command name."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dohyo.errors import UsageError
from dohyo.monitor.alerts.channel import Channel
from dohyo.monitor.alerts.mail import Mail
from dohyo.monitor.alerts.webhook import Webhook
from dohyo.monitor.plain import plain

SECRET = "DOHYO_WEBHOOK_SECRET"
"""Environment variable with the secret, where no file holds it."""
MOST_BYTES = 4_096
"""Of a file with a secret; another file was meant where it is larger."""


def channels_from(
    *,
    webhook: Sequence[str] = (),
    webhook_secret_file: Path | None = None,
    mail_to: Sequence[str] = (),
    mail_from: str | None = None,
    smtp: str | None = None,
    smtp_user_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Channel, ...]:
    """Return the channels that were asked for; nothing is sent yet.

    Parameters
    ----------
    webhook : addresses (--webhook), which share the secret
    webhook_secret_file : with the secret (--webhook-secret-file); else `DOHYO_WEBHOOK_SECRET`
    mail_to : addresses (--mail-to), each a channel of its own
    mail_from : the sender (--mail-from); else the SMTP user if that is an address, else the first
        of `mail_to`
    smtp : host:port of the server (--smtp)
    smtp_user_file : user in the first line, password in the second (--smtp-user-file)
    environ : the process's own if left out

    Raises
    ------
    UsageError
        If one of them cannot be used, or needs another that is missing.
    """
    found: list[Channel] = []
    if webhook:
        given = os.environ if environ is None else environ
        secret = _secret(webhook_secret_file, given)
        found += [Webhook(url, secret) for url in dict.fromkeys(webhook)]
    elif webhook_secret_file is not None:
        raise UsageError("There is a secret and no webhook.", hint="Add --webhook https://….")
    if mail_to:
        host, port = _server(smtp)
        user, password = _user(smtp_user_file)
        sender = mail_from or (user if user and "@" in user else mail_to[0])
        found += [
            Mail(each, sender=sender, host=host, port=port, user=user, password=password)
            for each in dict.fromkeys(mail_to)
        ]
    elif smtp is not None or smtp_user_file is not None or mail_from is not None:
        raise UsageError("There is a mail server and nobody to write to.", hint="Add --mail-to.")
    return tuple(found)


def _secret(path: Path | None, environ: Mapping[str, str]) -> bytes:
    if path is not None:
        return _read(path).strip().encode()
    if not environ.get(SECRET):
        raise UsageError(
            "A webhook needs a secret for its signature.",
            hint=f"openssl rand -hex 32 > secret; --webhook-secret-file secret (or set {SECRET}).",
        )
    return environ[SECRET].strip().encode()


def _server(smtp: str | None) -> tuple[str, int]:
    if smtp is None:
        raise UsageError("Mail needs a server.", hint="Add --smtp mail.example.com:587.")
    host, _, port = smtp.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    right = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536
    if not right or not host or not host.isascii() or not plain(host).isprintable() or " " in host:
        raise UsageError(
            f"{plain(smtp)!r} is no mail server.",
            hint="Take host:port, such as mail.example.com:587 (STARTTLS) or …:465 (TLS).",
        )
    return host, int(port)


def _user(path: Path | None) -> tuple[str | None, str | None]:
    if path is None:
        return None, None
    lines = _read(path).splitlines()
    if len(lines) != 2 or not all(lines):
        raise UsageError(
            f"{path} has not the two lines of an SMTP user.",
            hint="The first line is the user, the second the password.",
        )
    return lines[0].strip(), lines[1]


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            held = file.read(MOST_BYTES + 1)
        text = held.decode("utf-8")
    except OSError as error:
        raise UsageError(
            f"Cannot read {path}: {error.strerror}.", hint="Check its path and permissions."
        ) from error
    except UnicodeDecodeError:
        text = ""
    if not text.strip() or len(held) > MOST_BYTES:
        raise UsageError(
            f"{path} holds no secret.", hint="Name a small text file with the secret alone."
        )
    return text
