"""A certificate of this machine for the tests of TLS."""

import shutil
import ssl
import subprocess

import pytest


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The path of a certificate for 127.0.0.1, and a server's context with it."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=loopback", "-keyout", "key.pem"),
            *("-out", "cert.pem", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context
