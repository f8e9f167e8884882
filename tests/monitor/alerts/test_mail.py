"""Mail: plain text, encrypted on the way, one letter for each person."""

import socket
import ssl
from email import message_from_bytes
from email.policy import default

import pytest
from tests.monitor.alerts.letters import post_office
from tests.monitor.alerts.rows import alarm, message

from dohyo.errors import UsageError
from dohyo.monitor.alerts import Mail, Message, Trouble, message_of
from dohyo.words import Words

PEOPLE = {"to": "oncall@example.com", "sender": "dohyo@example.com", "host": "127.0.0.1"}


@pytest.fixture
def office():
    with post_office() as held:
        yield held


def trouble(mail: Mail) -> Trouble:
    with pytest.raises(Trouble) as caught:
        mail.send(message())
    return caught.value


def test_a_letter_is_plain_text_with_a_key(office):
    told = message(3)
    Mail(**PEOPLE, port=office.port).send(told)
    letter = message_from_bytes(office.got[0], policy=default)
    assert letter["Subject"] == told.subject
    assert letter["To"] == "oncall@example.com"
    assert letter["From"] == "dohyo@example.com"
    assert letter["Dohyo-Delivery"] == told.key
    assert letter["Message-ID"] == f"<{told.key}@example.com>"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().replace("\r\n", "\n") == told.body["text"]


def test_japanese_arrives_as_japanese(office):
    told = message_of(alarm(3), Words("ja"))
    Mail(**PEOPLE, port=office.port).send(told)
    letter = message_from_bytes(office.got[0], policy=default)
    assert letter["Subject"] == told.subject
    assert letter.get_content().replace("\r\n", "\n") == told.body["text"]


def test_line_breaks_in_a_subject_make_no_header(office):
    told = Message(key="k", subject="a\r\nBcc: x@example.com\r\n\r\nb", body={"text": "t\r\n.\r\n"})
    Mail(**PEOPLE, port=office.port).send(told)
    letter = message_from_bytes(office.got[0], policy=default)
    assert letter["Bcc"] is None
    assert "Bcc: x@example.com" in letter["Subject"]
    assert len([c for c in office.commands if c.startswith("rcpt")]) == 1
    assert len(office.got) == 1


def test_the_password_is_said_only_when_the_line_is_encrypted(certificate):
    path, context = certificate
    trusted = ssl.create_default_context(cafile=str(path))
    with post_office(context, auth=True) as office:
        who = {"user": "bot", "password": "pass word"}
        Mail(**PEOPLE, **who, port=office.port, context=trusted).send(message())
        assert len(office.got) == 1
        assert {"AUTH", "MAIL", "RCPT", "DATA"} <= set(office.secure)
        before = office.commands[: office.commands.index("STARTTLS")]
        assert all(each.lower().startswith("ehlo") for each in before)


@pytest.mark.parametrize("user", ["bot", None])
def test_a_server_without_encryption_gets_neither_password_nor_letter(monkeypatch, user):
    monkeypatch.setattr("dohyo.monitor.alerts.mail.is_loopback", lambda host: False)
    with post_office(auth=True) as office:
        found = trouble(Mail(**PEOPLE, user=user, password="secret", port=office.port))
    assert found.slow
    assert {each.split(" ")[0].upper() for each in office.commands} <= {"EHLO", "QUIT", "RSET"}


def test_a_certificate_that_nobody_vouches_for_gets_no_letter(certificate):
    with post_office(certificate[1]) as office:
        assert "certificate" in trouble(Mail(**PEOPLE, port=office.port)).why.lower()
        assert office.got == []


@pytest.mark.parametrize(
    ("command", "answer", "slow", "own"),
    [
        ("MAIL", "451 try later", False, False),
        ("MAIL", "550 not you", True, False),
        ("RCPT", "450 mailbox busy", False, False),
        ("RCPT", "550 no such user", True, False),
        ("DATA", "554 looks like spam", True, True),
        ("EHLO", "421 closing", False, False),
        ("AUTH", "535 wrong password", True, False),
    ],
)
def test_what_a_refusal_means(command, answer, slow, own):
    with post_office(auth=True) as office:
        office.refuse = {command: answer}
        if command == "EHLO":
            office.refuse["HELO"] = answer
        found = trouble(Mail(**PEOPLE, user="bot", password="pass", port=office.port))
    assert (found.slow, found.own) == (slow, own)
    assert answer[:3] in found.why
    assert "pass" not in found.why.replace("password", "")


def test_what_a_server_says_is_kept_as_one_plain_line(office):
    office.refuse = {"MAIL": "550 \x1b[31mred\u202e" + "x" * 400}
    why = trouble(Mail(**PEOPLE, port=office.port)).why
    assert why.isprintable()
    assert len(why) <= 200


def test_a_server_that_is_silent_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:
        mail = Mail(**PEOPLE, port=server.getsockname()[1], seconds=0.2)
        assert trouble(mail).why == "no answer within 0.2 s"


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b\r\nBcc: c@d", "a b@c", "Me <a@b>", "a@b,c@d", "é@example.com", "a@b>"],
)
def test_an_address_that_is_none_is_refused_in_a_sentence(address):
    for field in ("to", "sender"):
        with pytest.raises(UsageError, match="is no e-mail address"):
            Mail(**(PEOPLE | {field: address}), port=25)


def test_neither_address_nor_password_is_shown():
    mail = Mail(**PEOPLE, port=25, user="bot", password="hunter22")
    assert mail.name.startswith("mail:example.com:")
    assert "oncall" not in f"{mail!r} {mail.name}"
    assert "hunter22" not in repr(mail)
