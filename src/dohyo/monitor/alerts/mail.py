"""A message as an e-mail of plain text."""

import hashlib
import re
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from dohyo.errors import UsageError
from dohyo.monitor.alerts.channel import SECONDS, Trouble
from dohyo.monitor.alerts.deadline import deadline
from dohyo.monitor.alerts.message import Message
from dohyo.monitor.alerts.webhook import is_loopback
from dohyo.monitor.plain import plain

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
TLS_PORT = 465
WHOLE = 30.0
"""Seconds for the whole conversation, which has many turns."""


class Mail:
    """An address that gets every message; one for each person, who do not see each other.

    The connection is encrypted: at once on port 465, by STARTTLS on any other. Only to this machine
    may it be plain.

    Parameters
    ----------
    to, sender : addresses
    host, port : of the SMTP server
    user, password : where the server wants them
    seconds : until a turn without an answer ends
    context : of TLS, the system's if left out

    Raises
    ------
    UsageError
        If an address is none.
    """

    def __init__(
        self,
        to: str,
        *,
        sender: str,
        host: str,
        port: int,
        user: str | None = None,
        password: str | None = None,
        seconds: float = SECONDS,
        context: ssl.SSLContext | None = None,
    ) -> None:
        for each in (to, sender):
            if not ADDRESS.fullmatch(each):
                raise UsageError(
                    f"{plain(each)!r} is no e-mail address.",
                    hint="Take one like oncall@example.com, without a name.",
                )
        self._to, self._sender, self._host, self._port = to, sender, host, port
        self._user, self._password = user, password
        self._seconds, self._context = seconds, context
        mark = hashlib.sha256(to.encode()).hexdigest()[:8]
        self.name = f"mail:{to.rpartition('@')[2]}:{mark}"
        """The domain, and a mark that tells two people there apart."""

    def __repr__(self) -> str:
        return f"<Mail {self.name}>"

    def send(self, message: Message) -> None:
        """Deliver one message; see `Channel.send`."""
        letter = self._letter(message)
        try:
            client = self._client()
            with client, deadline(WHOLE, lambda: client.sock):
                self._protect(client)
                if self._user is not None:
                    client.login(self._user, self._password or "")
                client.send_message(letter)
        except smtplib.SMTPAuthenticationError as error:
            raise Trouble(f"SMTP {error.smtp_code}: the user was refused", slow=True) from None
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _trouble(code, said) from None
        except smtplib.SMTPResponseException as error:
            raise _trouble(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Trouble(plain(str(error)), slow=True) from None
        except (OSError, smtplib.SMTPException) as error:
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
                raise Trouble(f"no answer within {self._seconds:g} s") from None
            raise Trouble(plain(str(error) or type(error).__name__)) from None

    def _client(self) -> smtplib.SMTP:
        if self._port != TLS_PORT:
            return smtplib.SMTP(self._host, self._port, timeout=self._seconds)
        context = self._context or ssl.create_default_context()
        return smtplib.SMTP_SSL(self._host, self._port, timeout=self._seconds, context=context)

    def _protect(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if self._port == TLS_PORT:
            return
        if is_loopback(self._host) and not client.has_extn("starttls"):
            return
        # Where the server has none, this fails, and no password has been said.
        client.starttls(context=self._context or ssl.create_default_context())

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["Subject"] = plain(message.subject)  # one line, whoever named the things in it
        letter["From"], letter["To"] = self._sender, self._to
        letter["Date"] = format_datetime(datetime.now(UTC))
        letter["Message-ID"] = f"<{message.key}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter["Dohyo-Delivery"] = message.key
        letter.set_content(str(message.body.get("text", message.subject)))
        return letter


def _trouble(code: int, said: str | bytes) -> Trouble:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Trouble(plain(f"SMTP {code}: {text}"), slow=code >= 500, own=code in (552, 554))
