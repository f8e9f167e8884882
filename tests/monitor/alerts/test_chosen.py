"""Options of a command become channels, or a sentence."""

from pathlib import Path

import pytest

from dohyo.errors import UsageError
from dohyo.monitor.alerts import channels_from

HOOK = "https://alerts.example.com/dohyo"


@pytest.fixture
def secret(tmp_path) -> Path:
    path = tmp_path / "secret"
    path.write_text("0123456789abcdef0123456789abcdef\n")
    return path


@pytest.fixture
def user(tmp_path) -> Path:
    path = tmp_path / "user"
    path.write_text("bot@example.com\npass word\n")
    return path


def test_nothing_asked_for_is_no_channel():
    assert channels_from(environ={}) == ()


def test_each_address_is_a_channel_of_its_own(secret, user):
    found = channels_from(
        webhook=[HOOK, HOOK, f"{HOOK}/2"],
        webhook_secret_file=secret,
        mail_to=["a@example.com", "b@example.com"],
        smtp="mail.example.com:587",
        smtp_user_file=user,
        environ={},
    )
    assert [each.name.split(":")[:2] for each in found] == [
        *([["webhook", "alerts.example.com"]] * 2),
        *([["mail", "example.com"]] * 2),
    ]
    assert len({each.name for each in found}) == 4


def test_the_secret_may_be_in_the_environment_and_a_file_goes_first(secret):
    given = {"DOHYO_WEBHOOK_SECRET": "from the environment"}
    assert channels_from(webhook=[HOOK], environ=given)[0]._secret == b"from the environment"
    found = channels_from(webhook=[HOOK], webhook_secret_file=secret, environ=given)
    assert found[0]._secret == b"0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("sender", "with_user", "wanted"),
    [(None, True, "bot@example.com"), (None, False, "a@example.com"), ("x@y.org", True, "x@y.org")],
)
def test_who_a_letter_is_from(user, sender, with_user, wanted):
    mail = channels_from(
        mail_to=["a@example.com"],
        mail_from=sender,
        smtp="[::1]:25",
        smtp_user_file=user if with_user else None,
    )[0]
    assert (mail._sender, mail._host, mail._port) == (wanted, "::1", 25)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"webhook": [HOOK]}, "needs a secret"),
        ({"webhook": [HOOK], "webhook_secret_file": Path("nowhere")}, "Cannot read nowhere"),
        ({"webhook_secret_file": Path("x")}, "no webhook"),
        ({"mail_to": ["a@example.com"]}, "Mail needs a server"),
        ({"smtp": "localhost:25"}, "nobody to write to"),
        ({"mail_from": "a@example.com"}, "nobody to write to"),
        *(
            ({"mail_to": ["a@example.com"], "smtp": smtp}, "is no mail server")
            for smtp in (
                "localhost",
                "localhost:",
                ":25",
                "a b:25",
                "h:0",
                "h:65536",
                "h:²",
                "é:25",
            )
        ),
        ({"mail_to": ["nobody"], "smtp": "localhost:25"}, "is no e-mail address"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(given, said):
    with pytest.raises(UsageError, match=said):
        channels_from(**given, environ={})


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"", "holds no secret"),
        (b"\xff\xfe" * 20, "holds no secret"),
        (b"x" * 5000, "holds no secret"),
        (b"short", "5 bytes"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused(tmp_path, held, said):
    (tmp_path / "secret").write_bytes(held)
    with pytest.raises(UsageError, match=said):
        channels_from(webhook=[HOOK], webhook_secret_file=tmp_path / "secret", environ={})


@pytest.mark.parametrize("held", ["bot\n", "bot\npass\nmore\n", "\npass\n"])
def test_a_file_that_is_no_user_is_refused(tmp_path, held):
    (tmp_path / "user").write_text(held)
    with pytest.raises(UsageError, match="two lines") as caught:
        channels_from(
            mail_to=["a@example.com"], smtp="h:25", smtp_user_file=tmp_path / "user", environ={}
        )
    assert "pass\n" not in str(caught.value)
