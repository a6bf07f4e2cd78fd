"""headers_server/certificate.py: https for this machine's names, by a certificate that nobody has trusted before."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName, load_der_x509_certificate

from headers_server.folder import folder_server, serve_folder
from headers_server.origin import Origin
from headers_server.profiles import find
from headers_server.server import HeadersServer


@pytest.fixture
def server(tmp_path: Path, run: Callable[[HeadersServer], HeadersServer]) -> HeadersServer:
    return run(folder_server(tmp_path, find("https")))


def presented(origin: Origin) -> bytes:
    """The certificate, in DER, of whoever answers there."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", origin.port), 5) as plain,
        context.wrap_socket(plain, server_hostname=origin.host) as secure,
    ):
        found = secure.getpeercert(binary_form=True)
    assert found
    return found


def test_the_certificate_is_for_this_machine_alone_and_is_the_one_that_is_pinned(server: HeadersServer) -> None:
    assert str(server.origins[0]).startswith("https://localhost:")
    certificate = load_der_x509_certificate(presented(server.origins[0]))
    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    assert names.get_values_for_type(DNSName) == ["localhost"]
    assert {str(address) for address in names.get_values_for_type(IPAddress)} == {"127.0.0.1", "::1"}
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert server.pin == base64.b64encode(hashlib.sha256(public).digest()).decode()


def test_nobody_trusts_it_unasked(server: HeadersServer) -> None:
    origin = server.origins[0]
    with (
        socket.create_connection(("127.0.0.1", origin.port), 5) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost"),
    ):
        pass


def test_each_start_makes_another_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def pin() -> str | None:
        async with HeadersServer([], scheme="https") as server:
            return server.pin

    assert asyncio.run(pin()) != asyncio.run(pin())
    assert list(tmp_path.iterdir()) == []


def test_how_to_trust_it_is_said(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        said: list[str] = []
        told = asyncio.Event()

        def say(line: str) -> None:
            said.append(line)
            if "spki" in line:
                told.set()

        task = asyncio.create_task(serve_folder(tmp_path, "https", port=0, say=say))
        await asyncio.wait_for(told.wait(), 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return said

    said = asyncio.run(scenario())
    assert said[-2].startswith("at https://localhost:")
    assert "--ignore-certificate-errors-spki-list=" in said[-1]
