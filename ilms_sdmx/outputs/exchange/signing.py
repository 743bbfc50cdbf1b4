"""A detached signature of a package: Ed25519 over its manifest, which has every hash."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

from ilms_sdmx.errors import ExchangeError
from ilms_sdmx.findings import Finding, Place, find

SIGNATURE = "manifest.sig"


def sign_manifest(
    manifest: bytes, key: str | os.PathLike[str], password: bytes | None = None
) -> bytes:
    """Signature of a manifest, as text of base64.

    Parameters
    ----------
    manifest
        Bytes of the manifest.
    key
        Private key (PEM): `openssl genpkey -algorithm ed25519 -out key.pem` makes one.
    password
        Of the key, where it has one.

    Raises
    ------
    ExchangeError
        The extra is not installed, or it is no such key.
    """
    serialization, keys = _cryptography()
    try:
        private = serialization.load_pem_private_key(Path(key).read_bytes(), password)
    except (OSError, ValueError, TypeError) as error:
        raise ExchangeError(f"{key} is no private key that can be read: {error}") from error
    if not isinstance(private, keys.Ed25519PrivateKey):
        raise ExchangeError(f"{key}: expected a key of Ed25519")
    signature: bytes = private.sign(manifest)
    return base64.b64encode(signature) + b"\n"


def find_wrong_signature(
    folder: Path, manifest: str, key: str | os.PathLike[str] | None
) -> list[Finding]:
    """Findings of a package whose signature is not that of its manifest.

    Without a key nothing can be said of a signature; with one, its absence is a finding too.

    Raises
    ------
    ExchangeError
        The extra is not installed, or it is no public key of Ed25519.
    """
    if key is None:
        return []
    serialization, keys = _cryptography()
    from cryptography.exceptions import InvalidSignature

    try:
        public = serialization.load_pem_public_key(Path(key).read_bytes())
    except (OSError, ValueError) as error:
        raise ExchangeError(f"{key} is no public key that can be read: {error}") from error
    if not isinstance(public, keys.Ed25519PublicKey):
        raise ExchangeError(f"{key}: expected a key of Ed25519")
    try:
        signature = base64.b64decode((folder / SIGNATURE).read_bytes(), validate=False)
        public.verify(signature, (folder / manifest).read_bytes())
    except (OSError, ValueError, InvalidSignature):
        return [find("package-signature", Place(file=SIGNATURE), read=Path(key).name)]
    return []


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise ExchangeError(
            "signatures need an extra: pip install 'ilms-sdmx[submission]'"
        ) from error
    return serialization, ed25519
