"""Tokens: read from the environment or the keyring, sent, and shown nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from ilms_sdmx.errors import NotFoundError

_HIDDEN = "***"
_QUERY = re.compile(
    r"(?i)((?:^|&)[^=&]*(?:token|api_?key|subscription-key|password|secret)[^=&]*=)[^&]*"
)


class Secret(AuthBase):
    """A bearer token that prints as `***`; as an `auth` of requests it signs the request."""

    __slots__ = ("_token",)

    def __init__(self, token: str, url: str = "") -> None:
        bare = re.sub(r"(?i)^\s*bearer\s+", "", token).strip()
        if not bare or not re.fullmatch(r"[!-~]+", bare):
            raise NotFoundError(
                "expected a token of printable characters without spaces: paste it again", url
            )
        self._token = bare

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Request with the token in its Authorization header."""
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a token is not pickled")

    def hide(self, text: str) -> str:
        """Text without the token, should a service echo it."""
        return text.replace(self._token, _HIDDEN)

    def reveal(self) -> str:
        """The token itself, for a form that asks for it; never for a text that is shown."""
        return self._token

    def shows_in(self, body: bytes) -> bool:
        """Whether the token is in the bytes."""
        return self._token.encode() in body


def find_token(variable: str, url: str, environment: Mapping[str, str] | None = None) -> Secret:
    """Token of a service, from an environment variable or the keyring (`ilms-sdmx`).

    Raises
    ------
    NotFoundError
        There is none; the message says where to put it.
    """
    known = os.environ if environment is None else environment
    value = known.get(variable, "") or from_keyring(variable)
    if not value.strip():
        hint = f"set {variable}, or run `keyring set ilms-sdmx {variable}`"
        raise NotFoundError(f"this service wants a token and there is none: {hint}", url)
    return Secret(value, url)


def from_keyring(variable: str) -> str:
    """Entry of the keyring; empty where there is none, or no keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return keyring.get_password("ilms-sdmx", variable) or ""
    except KeyringError:
        return ""


def public(url: str) -> str:
    """URL as it may be shown and stored: no user, no password, no token in the query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        parts._replace(netloc=host, query=_QUERY.sub(rf"\1{_HIDDEN}", parts.query))
    )
