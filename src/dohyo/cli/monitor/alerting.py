"""Options: who is told of an alarm."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dohyo.monitor.alerts import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """Who is told of an alarm, and how."""

    webhook: Annotated[
        list[str] | None, typer.Option(help="Tell an address of every alarm, https://….")
    ] = None
    webhook_secret_file: Annotated[
        Path | None,
        typer.Option(help="File with the secret of its signature, or DOHYO_WEBHOOK_SECRET."),
    ] = None
    mail_to: Annotated[
        list[str] | None, typer.Option(help="Tell somebody of every alarm by mail.")
    ] = None
    mail_from: Annotated[str | None, typer.Option(help="The sender of such mail.")] = None
    smtp: Annotated[str | None, typer.Option(help="Mail server, host:port.")] = None
    smtp_user_file: Annotated[
        Path | None, typer.Option(help="File with its user and password, a line each.")
    ] = None

    def channels(self) -> "tuple[Channel, ...]":
        """Return what was asked for.

        Raises
        ------
        UsageError
            If one of them cannot be used, or needs another that is missing.
        """
        from dohyo.monitor.alerts import channels_from

        return channels_from(
            webhook=self.webhook or (),
            webhook_secret_file=self.webhook_secret_file,
            mail_to=self.mail_to or (),
            mail_from=self.mail_from,
            smtp=self.smtp,
            smtp_user_file=self.smtp_user_file,
        )
