"""Mail goes to a real SMTP server, and what goes wrong is one error."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from knowledge_base.mail.sending import Letter, MailError, send
from tests.mail_server import MailServer, running_mail_server
from tests.ports import free_port

LETTER = Letter("ada@example.gov.uk", "Your account: choose a password", "Grüße,\n\nhttp://guidance.example.gov.uk/x\n")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as running:
        yield running


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for localhost, which this machine trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"guidance", b"secret")
    return AuthResult(success=is_right, handled=is_right)


def test_letter_arrives_as_it_was_written(server: MailServer) -> None:
    send(server.settings, LETTER)

    letter = server.next_letter()
    assert letter["To"] == "ada@example.gov.uk"
    assert letter["From"] == "guidance@example.gov.uk"
    assert letter["Subject"] == LETTER.subject
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@example.gov.uk>")
    assert letter["Date"]
    assert letter.get_content().replace("\r\n", "\n") == LETTER.text


def test_sender_may_have_a_name(server: MailServer) -> None:
    send(replace(server.settings, sender="Council guidance <guidance@example.gov.uk>"), LETTER)

    letter = server.next_letter()
    assert letter["From"] == "Council guidance <guidance@example.gov.uk>"
    assert letter["Message-ID"].endswith("@example.gov.uk>")


def test_starttls_and_password(certificate: ssl.SSLContext) -> None:
    options = {"tls_context": certificate, "authenticator": authenticate, "auth_required": True}
    with running_mail_server(require_starttls=True, **options) as server:
        settings = replace(server.settings, host="localhost", security="starttls", username="guidance")

        send(replace(settings, password="secret"), LETTER)

        assert server.next_letter()["To"] == "ada@example.gov.uk"
        with pytest.raises(MailError):
            send(replace(settings, password="wrong"), LETTER)


def test_tls_from_the_start(certificate: ssl.SSLContext) -> None:
    with running_mail_server(ssl_context=certificate, server_hostname="localhost") as server:
        send(replace(server.settings, host="localhost", security="tls"), LETTER)

        assert server.next_letter()["To"] == "ada@example.gov.uk"


def test_nothing_is_sent_to_a_server_of_another_name(certificate: ssl.SSLContext) -> None:
    with running_mail_server(tls_context=certificate) as server:
        with pytest.raises(MailError):
            send(replace(server.settings, host="127.0.0.1", security="starttls"), LETTER)

        assert server.letters.empty()


def test_nothing_is_sent_without_tls_where_it_is_wanted(server: MailServer) -> None:
    with pytest.raises(MailError):
        send(replace(server.settings, security="starttls"), LETTER)

    assert server.letters.empty()


@pytest.mark.parametrize(
    "to",
    [
        "refused@example.gov.uk",
        "no address",
        "ada@example.gov.uk\nBcc: eve@example.com",
        "ada@example.gov.uk.",
        "ada@.uk",
    ],
)
def test_what_the_server_or_the_address_does_not_allow_is_one_error(server: MailServer, to: str) -> None:
    with pytest.raises(MailError):
        send(server.settings, replace(LETTER, to=to))

    assert server.letters.empty()


def test_server_that_is_down_is_one_error_and_the_letter_stays_out_of_the_log(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(MailError):
        send(replace(server.settings, port=free_port()), LETTER)

    assert "was not sent" in caplog.text
    assert "/x" not in caplog.text
    assert "ada@" not in caplog.text
