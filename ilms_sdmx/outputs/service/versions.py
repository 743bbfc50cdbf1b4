"""Versions of answers: the headers that name them, and whether a client has one already."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ilms_sdmx._files import __version__
from ilms_sdmx.database.manifest import Manifest, time_of
from ilms_sdmx.errors import RequestError
from ilms_sdmx.outputs.service.negotiation import Chosen
from ilms_sdmx.outputs.service.replies import Asked
from ilms_sdmx.outputs.service.requests import Request
from ilms_sdmx.structures.facts import EDITION

#: Kinds of requests whose answers change with the database, not with the package.
_OF_FIGURES = ("data", "availability", "registration")


def changed(manifest: Manifest, request: Request) -> str:
    """Time at which what is asked for last changed; empty where there is nothing."""
    if request.kind not in _OF_FIGURES:
        return EDITION
    return manifest.vintages[-1].time if manifest.vintages else ""


def refuse_earlier(request: Request) -> None:
    """Refuse structures as they were before those of the package, which are all there are.

    Raises
    ------
    RequestError
        501.
    """
    moment = request.time("asOf")
    if moment is not None and moment < time_of(EDITION):
        message = f"structures before {EDITION[:10]} are not kept: leave out asOf"
        raise RequestError(501, message)


def version_headers(
    manifest: Manifest, request: Request, asked: Asked, chosen: Chosen
) -> dict[str, str]:
    """Headers that say which version of which answer it is."""
    last = changed(manifest, request)
    # A registration names the address under which it was asked for.
    origin = asked.origin if request.kind == "registration" else ""
    version = (__version__, str(manifest.number), last, origin)
    parts = (*version, chosen.content_type, chosen.language, asked.path, asked.query)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    headers = {"ETag": f'W/"{digest[:32]}"', "Vary": "Accept, Accept-Language"}
    if last:
        modified = time_of(last).strftime("%a, %d %b %Y %H:%M:%S GMT")
        headers["Last-Modified"] = modified
    return headers


def is_known(asked: Asked, headers: dict[str, str], changed: str) -> bool:
    """Whether the client has the answer already."""
    if asked.if_none_match:
        marks = [mark.strip() for mark in asked.if_none_match.split(",")[:100]]
        return "*" in marks or headers["ETag"] in marks
    if not asked.if_modified_since or not changed:
        return False
    since = _date(asked.if_modified_since)
    return since is not None and time_of(changed).replace(microsecond=0) <= since


def _date(text: str) -> datetime | None:
    """Time of a header, as HTTP and as JavaScript write it; None for anything else."""
    try:
        time = parsedate_to_datetime(text[:100].partition("(")[0])
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
