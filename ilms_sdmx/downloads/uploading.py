"""Sending to a service: each request once, answers within bounds, and no secret in any text."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from ilms_sdmx.downloads.secret import Secret, find_token, public
from ilms_sdmx.downloads.transport import LOOPBACK, session
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError, UnavailableError

#: Most bytes of an answer, and seconds until it begins.
_MOST_BYTES, _SECONDS = 50_000_000, 120


class Signing(Protocol):
    """What signs a request, and hides itself in texts."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Request with the secret in its header."""
        ...

    def hide(self, text: str) -> str:
        """Text without the secret."""
        ...


class Login(AuthBase):
    """A name and a password that print as `***`."""

    __slots__ = ("_name", "_word")

    def __init__(self, name: str, word: str) -> None:
        self._name, self._word = name, word

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Request with name and password in its Authorization header."""
        signed: PreparedRequest = HTTPBasicAuth(self._name, self._word)(r)
        return signed

    def __repr__(self) -> str:
        return "Login(***)"

    def hide(self, text: str) -> str:
        """Text without the password, plain or as in its header, should a service echo it."""
        header = b64encode(f"{self._name}:{self._word}".encode()).decode()
        text = text.replace(header, "***")
        return text.replace(self._word, "***") if self._word else text


class UncertainError(UnavailableError):
    """A request was sent and no whole answer came: whether it was taken is not known."""


@dataclass(frozen=True)
class Reply:
    """Answer to something that was sent."""

    status: int
    body: bytes
    url: str

    @property
    def text(self) -> str:
        """Body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Body as JSON.

        Raises
        ------
        ResponseError
            It is none.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            start = " ".join(self.text.split())[:120]
            raise ResponseError(f"expected JSON, found {start!r}", self.url) from error


def find_login(variable: str, url: str, environment: Mapping[str, str] | None = None) -> Login:
    """Name and password of a service, `NAME:PASSWORD` in the environment or the keyring.

    Raises
    ------
    NotFoundError
        There is none; the message says where to put it.
    """
    known = os.environ if environment is None else environment
    text = known.get(variable, "")
    if not text:
        from ilms_sdmx.downloads.secret import from_keyring

        text = from_keyring(variable)
    name, separator, word = text.partition(":")
    if not separator:
        hint = f"set {variable} to NAME:PASSWORD, or run `keyring set ilms-sdmx {variable}`"
        raise NotFoundError(f"this service wants a login and there is none: {hint}", url)
    return Login(name, word)


def token_of(
    issuer: str, client: str, variable: str, environment: Mapping[str, str] | None = None
) -> Secret:
    """Token of OpenID Connect for a program: client credentials at a token address.

    Parameters
    ----------
    issuer
        Token address, `https://host/realms/R/protocol/openid-connect/token`.
    client
        Id of the client.
    variable
        Environment variable, or entry of the keyring, with its secret.

    Raises
    ------
    NotFoundError
        There is no secret, or the issuer refuses it.
    """
    known = find_token(variable, issuer, environment)
    form = {"grant_type": "client_credentials", "client_id": client}
    reply = send(issuer, form=form, secret=None, hidden=known)
    if reply.status in (400, 401, 403):
        refused = f"the issuer refuses the client {client}: look at {variable}"
        raise NotFoundError(refused, public(issuer))
    answer = reply.json()
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if reply.status != 200 or not isinstance(token, str):
        raise ResponseError("the issuer answered without a token", public(issuer))
    return Secret(token, issuer)


def send(
    url: str,
    *,
    body: bytes = b"",
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    secret: Signing | None = None,
    hidden: Secret | None = None,
    method: str = "POST",
    seconds: float = _SECONDS,
) -> Reply:
    """Send one request, once: nothing is tried again, no redirect is followed.

    Parameters
    ----------
    url
        Address; HTTPS, but for this machine.
    body, files, form
        What is sent: bytes, or parts of a form as name to file name, bytes and media type, and
        fields.
    headers
        Further headers.
    secret
        Signs the request.
    hidden
        Secret of a client that goes into the form.
    seconds
        Until the answer must begin.

    Raises
    ------
    UncertainError
        The request went out and no whole answer came.
    UnavailableError
        The service cannot be reached; nothing was sent.
    ResponseError
        It answers with a redirect, or with more than can be an answer.
    """
    _refuse_open(url)
    shown = public(url)
    fields = dict(form or {})
    if hidden is not None:
        fields["client_secret"] = hidden.reveal()
    sent: dict[str, Any] = {"data": body or fields or None, "files": files or None}
    if files:
        sent["data"] = fields
    try:
        with session() as opened:
            opened.trust_env = True
            response = opened.request(
                method,
                url,
                headers=dict(headers or {}),
                auth=secret,
                timeout=(20, seconds),
                allow_redirects=False,
                stream=True,
                **sent,
            )
            content = _content(response, shown)
    except requests.exceptions.ConnectTimeout as error:
        silent = "the service does not answer; nothing was sent"
        raise UnavailableError(silent, shown) from error
    except requests.exceptions.ConnectionError as error:
        if _was_refused(error):
            raise UnavailableError("the service cannot be reached", shown) from error
        raise _uncertain(shown) from error
    except (requests.exceptions.RequestException, OSError) as error:
        raise _uncertain(shown) from error
    if 300 <= response.status_code < 400:
        raise ResponseError("the service redirects: give the address that it leads to", shown)
    hide = secret.hide if secret is not None else str
    body_shown = hide(content.decode("utf-8", "surrogateescape"))
    return Reply(response.status_code, body_shown.encode("utf-8", "surrogateescape"), shown)


def _uncertain(url: str) -> UncertainError:
    return UncertainError(
        "the request went out and no whole answer came: look at the receiver whether it was"
        " taken before you send it again",
        url,
    )


def _was_refused(error: BaseException) -> bool:
    """Whether no connection was made, so that nothing can have been sent."""
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


def _content(response: requests.Response, url: str) -> bytes:
    content = b""
    for chunk in response.iter_content(1 << 16):
        content += chunk
        if len(content) > _MOST_BYTES:
            raise ResponseError("the answer is larger than an answer can be", url)
    return content


def _refuse_open(url: str) -> None:
    """Refuse to send over an open line, but to this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return
    expected = "expected an https address: figures and tokens go over no open line"
    raise FetchError(expected, public(url))
