"""A certificate made at start, for this machine's names alone; what signed it is forgotten at once."""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

__all__ = ["Certificate", "make_certificate"]


@dataclass(frozen=True)
class Certificate:
    """`context` is for a server. `pin` is the SHA-256 of the public key in base64, by which Chromium can be told to
    trust it and no other: `--ignore-certificate-errors-spki-list=PIN`."""

    context: ssl.SSLContext
    pin: str


def make_certificate(names: Iterable[str]) -> Certificate:
    """One for these hosts. Its key is in a temporary file only while OpenSSL reads it."""
    issued = trustme.CA().issue_cert(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    public = load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()).public_key()
    digest = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return Certificate(context, base64.b64encode(digest).decode())
