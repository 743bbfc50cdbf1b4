"""Device flow of OpenID Connect: a person allows a program in the browser of any device."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ilms_sdmx.downloads.secret import Secret, public
from ilms_sdmx.downloads.uploading import send
from ilms_sdmx.errors import NotFoundError, ResponseError, UnavailableError

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: Seconds between two questions, at the least and where nothing is said, and in all.
_LEAST, _USUAL, _MOST = 1, 5, 900
#: What an issuer says instead of a token, to what a person is told.
_REFUSALS = {
    "access_denied": "the person did not allow it",
    "expired_token": "nobody allowed it in time: send again",
    "invalid_client": "the issuer does not know the client",
    "unauthorized_client": "the client may not use the device flow",
}


def token_by_device(
    device: str,
    issuer: str,
    client: str,
    tell: Callable[[str], None],
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Secret:
    """Token that a person allows: the address and the code to enter there are told first.

    Parameters
    ----------
    device
        Device address, `https://host/realms/R/protocol/openid-connect/auth/device`.
    issuer
        Token address.
    client
        Id of the client; it needs no secret.
    tell
        Shows one sentence to the person.
    wait
        Waits for some seconds.

    Raises
    ------
    NotFoundError
        The person did not allow it, or not in time, or the client is unknown.
    ResponseError
        The issuer answers otherwise than the standard says.
    """
    asked = _asked(device, client)
    code = _text(asked, "device_code", device)
    tell(f"Open {_text(asked, 'verification_uri', device)} and enter the code {_code(asked)}.")
    step = max(_LEAST, _number(asked, "interval", _USUAL))
    left = min(_MOST, _number(asked, "expires_in", _MOST))
    form = {"grant_type": _GRANT, "client_id": client, "device_code": code}
    while left > 0:
        wait(step)
        left -= step
        answer = _object(send(issuer, form=form).json(), issuer)
        token = answer.get("access_token")
        if isinstance(token, str) and token:
            return Secret(token, issuer)
        error = str(answer.get("error", ""))
        if error == "slow_down":
            step += _USUAL
        elif error != "authorization_pending":
            raise _refusal(error, issuer)
    raise NotFoundError(_REFUSALS["expired_token"], public(issuer))


def _asked(device: str, client: str) -> dict[str, Any]:
    """What the issuer says about the device."""
    reply = send(device, form={"client_id": client, "scope": "openid"})
    if reply.status >= 500:
        raise UnavailableError("the issuer cannot answer now", public(device))
    answer = _object(reply.json(), device)
    if reply.status != 200:
        raise _refusal(str(answer.get("error", "")), device)
    return answer


def _refusal(error: str, address: str) -> NotFoundError | ResponseError:
    """Error of what an issuer says instead of a token."""
    if error in _REFUSALS:
        return NotFoundError(_REFUSALS[error], public(address))
    return ResponseError("the issuer answered without a token", public(address))


def _object(answer: Any, address: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise ResponseError("the issuer answered without a token", public(address))
    return answer


def _text(answer: dict[str, Any], name: str, address: str) -> str:
    """Text of an answer."""
    value = answer.get(name)
    if not isinstance(value, str) or not value.isprintable():
        raise ResponseError(f"the issuer answered without {name}", public(address))
    return value


def _code(answer: dict[str, Any]) -> str:
    """Code that a person enters."""
    return "".join(sign for sign in str(answer.get("user_code", "")) if sign.isprintable())


def _number(answer: dict[str, Any], name: str, usual: int) -> int:
    """Whole number of an answer, the usual one where it is none."""
    value = answer.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else usual
