"""Webhooks: signed, bounded in time, never led elsewhere."""

import json
import socket
import time

import pytest
from tests.monitor.alerts.receiver import SECRET, receiving
from tests.monitor.alerts.rows import message

from dohyo.errors import UsageError
from dohyo.monitor import verify_signature
from dohyo.monitor.alerts import Trouble, Webhook


@pytest.fixture
def receiver():
    with receiving() as held:
        yield held


def trouble(hook: Webhook) -> Trouble:
    with pytest.raises(Trouble) as caught:
        hook.send(message())
    return caught.value


def test_the_receiver_can_verify_what_it_gets(receiver):
    Webhook(receiver.url, SECRET).send(message(5))
    head, body = receiver.got[0]
    assert verify_signature(SECRET, head["Dohyo-Signature"], body)
    assert not verify_signature(SECRET, head["Dohyo-Signature"], body + b" ")
    assert not verify_signature(SECRET, head["Dohyo-Signature"], body, now=time.time() + 301)
    assert head["Content-Type"] == "application/json"
    assert head["Host"] in receiver.url
    # The signature covers the body alone, so the key must be in it too.
    assert json.loads(body) == message(5).body | {"delivery": head["Dohyo-Delivery"]}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_one(receiver, status):
    receiver.status = status
    Webhook(receiver.url, SECRET).send(message())


@pytest.mark.parametrize(
    ("status", "slow", "own", "doubtful"),
    [
        *((status, False, False, False) for status in (408, 409, 425, 429, 502, 503, 504)),
        *((status, True, False, False) for status in (401, 403, 404, 410)),
        *((status, True, True, False) for status in (400, 413, 422)),
        *((status, False, False, True) for status in (500, 501)),
    ],
)
def test_what_a_refusal_means(receiver, status, slow, own, doubtful):
    receiver.status = status
    found = trouble(Webhook(receiver.url, SECRET))
    assert found.why == f"HTTP {status}"
    assert (found.slow, found.own, found.doubtful) == (slow, own, doubtful)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    with receiving() as elsewhere:
        receiver.status, receiver.head = status, {"Location": elsewhere.url}
        found = trouble(Webhook(receiver.url, SECRET))
        assert "not followed" in found.why
        assert found.slow
        assert elsewhere.got == []
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), (" 7 ", 7), ("soon", None), ("-5", None), ("9" * 400, None)],
)
def test_what_the_receiver_asks_for_is_heard(receiver, said, seconds):
    receiver.status, receiver.head = 429, {"Retry-After": said}
    assert trouble(Webhook(receiver.url, SECRET)).retry_after == seconds


def test_a_date_to_wait_for_is_heard(receiver):
    receiver.status, receiver.head = 503, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert trouble(Webhook(receiver.url, SECRET)).retry_after > 10**9
    receiver.head = {"Retry-After": "Sat, 01 Jan 2000 00:00:00 GMT"}
    assert trouble(Webhook(receiver.url, SECRET)).retry_after == 0


@pytest.mark.parametrize("slow", ["silent", "drip"])
def test_a_slow_receiver_is_left_in_time(receiver, slow):
    receiver.slow = slow
    begun = time.monotonic()
    found = trouble(Webhook(receiver.url, SECRET, seconds=0.3))
    assert found.why == "no answer within 0.3 s"
    assert time.monotonic() - begun < 3


def test_a_receiver_that_is_not_there_is_trouble():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert "refused" in trouble(Webhook(url, SECRET)).why


def test_a_receiver_that_speaks_no_http_is_trouble():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        hook = Webhook(f"http://127.0.0.1:{server.getsockname()[1]}/", SECRET, seconds=0.2)
        assert not trouble(hook).slow


def test_https_is_spoken_to_a_receiver_whose_certificate_is_trusted(certificate, monkeypatch):
    path, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with receiving(context) as receiver:
        Webhook(receiver.url, SECRET).send(message())
        assert len(receiver.got) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    with receiving(certificate[1]) as receiver:
        found = trouble(Webhook(receiver.url, SECRET))
        assert found.why.startswith("certificate: ")
        assert found.slow
        assert receiver.got == []


def test_a_handshake_that_never_ends_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:
        hook = Webhook(f"https://127.0.0.1:{server.getsockname()[1]}/", SECRET, seconds=0.2)
        begun = time.monotonic()
        assert trouble(hook).why == "no answer within 0.2 s"
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://alerts.example.com/", "http://alerts.example.com unencrypted"),
        ("http://127.0.0.1.example.com/", "unencrypted"),
        ("http://localhost.example.com/", "unencrypted"),
        ("http://0.0.0.0/", "unencrypted"),
        ("https://user:pass@example.com/", "with a user"),
        ("https://example.com/\r\nX: y", "spaces"),
        ("https://example.com/ a", "spaces"),
        ("https://example.com:99999/", "no address"),
        ("https://[::1/", "no address"),
        ("ftp://example.com/", "does not begin"),
        ("file:///etc/passwd", "does not begin"),
        ("https:///path", "does not begin"),
        ("", "spaces"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_a_sentence(url, why):
    with pytest.raises(UsageError, match=r"^A webhook cannot go to .+\. [A-Z].+\.$") as caught:
        Webhook(url, SECRET)
    assert why in caught.value.what
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]:80/x"])
def test_this_machine_may_be_told_unencrypted(url):
    assert Webhook(url, SECRET)


def test_a_short_secret_is_refused():
    with pytest.raises(UsageError, match="has 15 bytes"):
        Webhook("https://example.com/", b"s" * 15)


def test_neither_secret_nor_path_is_ever_shown():
    hook = Webhook("https://example.com/very-secret-path?token=abc", SECRET)
    shown = f"{hook!r} {hook} {hook.name}"
    assert "example.com" in shown
    assert not any(word in shown for word in (SECRET.decode(), "very-secret", "abc"))


def test_two_addresses_of_one_host_are_two_channels_with_lasting_names():
    first, second = (Webhook(f"https://example.com/{n}", SECRET).name for n in "ab")
    assert first != second
    assert first == Webhook("https://example.com/a", b"another secret of 16").name
