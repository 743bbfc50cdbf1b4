"""Sending a package to a .Stat Suite or a Fusion Metadata Registry, each file once."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from ilms_sdmx.downloads.secret import public
from ilms_sdmx.downloads.uploading import Reply, Signing, UncertainError, send
from ilms_sdmx.errors import ExchangeError, FetchError, NotFoundError, ResponseError
from ilms_sdmx.findings import Finding, Report
from ilms_sdmx.outputs.exchange.ledger import FAILED, SENT, WAITING, Ledger
from ilms_sdmx.outputs.exchange.packages import Package, check_package, read_package
from ilms_sdmx.outputs.exchange.registration import structures_message
from ilms_sdmx.outputs.exchange.tracing import Tracing

#: Seconds between two questions whether a receiver is ready, and in all.
PAUSE, PATIENCE = 30.0, 300.0
#: Words of a receiver for something that is done.
_DONE = frozenset({"completed", "complete", "done"})
_FAILED = frozenset(
    {"failed", "error", "cancelled", "timedout", "incorrectdsd", "invalidref", "missingdsd"}
)


@dataclass(frozen=True)
class Target:
    """Where a package goes.

    Parameters
    ----------
    kind
        `stat` or `fmr`.
    address
        Address of the transfer service with its version (`https://host/3`), or of the registry.
    structures
        Address of the structure service of a .Stat Suite (`https://host/rest`); empty where the
        structures are there already.
    dataspace
        Data space of a .Stat Suite.
    registration
        Registration message for a registry; none by default.
    secret
        Token, or name and password.
    """

    kind: str
    address: str
    structures: str = ""
    dataspace: str = ""
    registration: Path | None = None
    secret: Signing | None = None

    @property
    def name(self) -> str:
        """Name in findings, notes and receipts: no password that the address may have."""
        return f"{self.kind}:{public(self.address)}"


@dataclass(frozen=True)
class Step:
    """One request: what goes where."""

    what: str
    path: Path
    address: str


@dataclass
class Waiting:
    """How long a receiver is waited for; both can be changed for tests."""

    pause: float = PAUSE
    patience: float = PATIENCE
    sleep: Callable[[float], None] = field(default=time.sleep)


def plan_sending(package: Package, target: Target, *, only_check: bool = False) -> list[Step]:
    """Requests that sending a package makes, in order.

    Raises
    ------
    ExchangeError
        There is no such kind of receiver.
    """
    base = target.address.rstrip("/")
    steps = []
    if target.kind == "stat":
        verb = "validate" if only_check else "import"
        if target.structures and not only_check:
            for path in package.structures:
                address = f"{target.structures.rstrip('/')}/structure"
                steps.append(Step("structures", path, address))
        for path in package.data:
            steps.append(Step(verb, path, f"{base}/{verb}/sdmxFile"))
        return steps
    if target.kind == "fmr":
        if not only_check:
            for path in package.structures:
                steps.append(Step("structures", path, f"{base}/ws/secure/sdmxapi/rest"))
        for path in package.data:
            steps.append(Step("validate", path, f"{base}/ws/public/data/load"))
        if target.registration is not None and not only_check:
            address = f"{base}/ws/secure/sdmxapi/rest"
            steps.append(Step("registration", target.registration, address))
        return steps
    raise ExchangeError(f"expected stat:URL or fmr:URL; found {target.kind!r}")


def send_package(
    folder: Path,
    target: Target,
    *,
    only_check: bool = False,
    again: bool = False,
    waiting: Waiting | None = None,
) -> Report:
    """Send a package, and say what the receiver answered, figure by figure.

    A file that the receiver has taken is not sent again; one of which no answer came is sent
    again only where `again` says so.

    Parameters
    ----------
    folder
        The package.
    target
        Where it goes.
    only_check
        Let the receiver check the data without keeping them.
    again
        Send once more what went out without an answer.
    waiting
        How long the receiver is waited for.

    Raises
    ------
    ExchangeError
        The package is damaged, or a file went out before and no answer came.
    FetchError
        The receiver cannot be reached, refuses the token, or answers what it does not document.
    """
    report = check_package(folder)
    if report.errors:
        raise ExchangeError(f"{folder} is not as it was prepared: `submit check` says more")
    package = read_package(folder)
    ledger = Ledger(folder)
    pausing = waiting or Waiting()
    findings: list[Finding] = []
    for step in plan_sending(package, target, only_check=only_check):
        tracing = Tracing(package, step.path, target.name)
        sender = _Sender(step, target, ledger, tracing, pausing)
        found = sender.send(again=again)
        findings += found
        if Report.of(found).errors:
            break
    return Report.of(findings)


@dataclass
class _Sender:
    """One request on its way."""

    step: Step
    target: Target
    ledger: Ledger
    tracing: Tracing
    waiting: Waiting

    @property
    def what(self) -> str:
        """What is sent, as the ledger names it."""
        return f"{self.step.what} {self.step.path.name}"

    def send(self, *, again: bool) -> list[Finding]:
        """Send the file unless it was taken already, and read what is answered."""
        content = self.step.path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        known = self.ledger.state_of(self.target.name, self.what, digest)
        # What is only checked is kept nowhere, and may be checked again.
        is_kept = self.step.what != "validate"
        if known is not None and is_kept:
            if known.state == SENT:
                return []
            if known.state == WAITING:
                return self._wait(known.id, digest)
        self.ledger.begin(self.target.name, self.what, digest, again=again or not is_kept)
        try:
            reply = _post(self.step, self.target, content)
            _refuse_login(reply, self.target)
            found, id = _read_reply(self.step, self.target, reply, self.tracing)
        except UncertainError:
            raise
        except FetchError:
            self._end(digest, FAILED)
            raise
        if Report.of(found).errors or not id:
            self._end(digest, FAILED if Report.of(found).errors else SENT)
            return found
        self._end(digest, WAITING, id)
        return found + self._wait(id, digest)

    def _end(self, digest: str, state: str, id: str = "") -> None:
        self.ledger.end(self.target.name, self.what, digest, state, id)

    def _wait(self, id: str, digest: str) -> list[Finding]:
        """Ask until the receiver is done, and read what it found."""
        waited = 0.0
        while True:
            answer = _status(self.target, id)
            word = str(answer.get("executionStatus") or answer.get("Status") or "").lower()
            if word in _DONE or word in _FAILED:
                break
            if waited >= self.waiting.patience:
                raise FetchError(
                    f"{self.target.name} is not done after {waited:.0f} seconds: send the"
                    f" package again later, it is not sent twice but asked for ({id})",
                    self.target.address,
                )
            self.waiting.sleep(self.waiting.pause)
            waited += self.waiting.pause
        logs = _find_logs(answer, self.tracing)
        errors = _find_errors(answer, self.tracing)
        found = [*logs, *errors]
        outcome = str(answer.get("outcome", "")).lower()
        is_failed = word in _FAILED or outcome in ("error", "failed")
        if is_failed and not Report.of(found).errors:
            found.append(self.tracing.finding(f"{word} {outcome}".strip()))
        self._end(digest, FAILED if Report.of(found).errors else SENT, id)
        return found


def _post(step: Step, target: Target, content: bytes) -> Reply:
    """Send one file as the receiver wants it."""
    if step.what == "structures":
        headers = {"Content-Type": "application/xml"}
        if target.kind == "stat":
            headers["Content-Type"] = "application/vnd.sdmx.structure+xml;version=2.1"
            return send(step.address, body=content, headers=headers, secret=target.secret)
        headers["Action"] = "Replace"
        body = structures_message(content)
        return send(step.address, body=body, headers=headers, secret=target.secret)
    if step.what == "registration":
        headers = {"Content-Type": "application/xml"}
        return send(step.address, body=content, headers=headers, secret=target.secret)
    # SDMX media types are refused by the transfer service: the format is found in the bytes.
    plain = "text/csv" if step.path.suffix == ".csv" else "text/xml"
    part = (step.path.name, content, plain)
    if target.kind == "fmr":
        return send(step.address, files={"uploadFile": part})
    form = {"dataspace": target.dataspace, "validationType": "1"}
    return send(step.address, files={"file": part}, form=form, secret=target.secret)


def _refuse_login(reply: Reply, target: Target) -> None:
    if reply.status in (401, 403):
        raise NotFoundError(
            f"{target.name} refuses the login ({reply.status}): it may have expired; get a new"
            " one and send again, nothing was taken",
            reply.url,
        )
    if reply.status == 413:
        raise ResponseError(
            "the file is larger than the receiver takes: prepare the package with a smaller"
            " limit",
            reply.url,
        )


def _read_reply(
    step: Step, target: Target, reply: Reply, tracing: Tracing
) -> tuple[list[Finding], str]:
    """What an answer says, and the id by which to ask again; empty for none."""
    if step.what in ("structures", "registration"):
        return _read_structures(reply, tracing), ""
    if reply.status >= 400:
        return [tracing.finding(_message(reply))], ""
    answer = reply.json()
    if target.kind == "fmr":
        uid = answer.get("uid") if isinstance(answer, dict) else None
        if not answer.get("Success") or not isinstance(uid, str):
            return [tracing.finding(_message(reply))], ""
        return [], uid
    number = re.search(r"\d+", str(answer.get("message", "")))
    if number is None:
        raise ResponseError(f"no number of the request in {_message(reply)!r}", reply.url)
    return [], number[0]


def _message(reply: Reply) -> str:
    """Words of an answer, without the marks around them."""
    try:
        answer = reply.json()
    except ResponseError:
        return " ".join(re.sub(r"<[^>]+>", " ", reply.text).split())[:400]
    if isinstance(answer, dict):
        for name in ("message", "Message", "detail", "title", "Error"):
            if answer.get(name):
                return str(answer[name])
    return reply.text[:400]


def _read_structures(reply: Reply, tracing: Tracing) -> list[Finding]:
    """Failures and warnings of each artefact: a failure can be inside a 200."""
    try:
        root = etree.fromstring(reply.body, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as error:
        if reply.status >= 400:
            return [tracing.finding(_message(reply))]
        raise ResponseError("expected XML about the structures", reply.url) from error
    found = []
    for status in root.iter("{*}StatusMessage"):
        word = str(status.get("status", ""))
        if word.lower() == "success":
            continue
        texts = [str(text).strip() for text in status.itertext() if str(text).strip()]
        severity = "warning" if word.lower() == "warning" else "error"
        found.append(tracing.finding(f"{word}: {' '.join(texts)}", severity))
    if not found and reply.status >= 400:
        found.append(tracing.finding(_message(reply)))
    return found


def _status(target: Target, id: str) -> Mapping[str, Any]:
    base = target.address.rstrip("/")
    if target.kind == "fmr":
        reply = send(f"{base}/ws/public/data/loadStatus?uid={id}", method="GET")
    else:
        form = {"dataspace": target.dataspace, "id": id}
        reply = send(f"{base}/status/request", form=form, secret=target.secret)
    _refuse_login(reply, target)
    answer = reply.json()
    if reply.status >= 400 or not isinstance(answer, dict):
        raise ResponseError(f"no state of the request {id}: {_message(reply)}", reply.url)
    return answer


def _find_logs(answer: Mapping[str, Any], tracing: Tracing) -> Iterator[Finding]:
    """Findings of the log of a transfer service."""
    for line in answer.get("logs") or ():
        level = str(line.get("level", "")).lower()
        if level in ("error", "fatal"):
            yield tracing.finding(str(line.get("message", "")))
        elif level in ("warn", "warning"):
            yield tracing.finding(str(line.get("message", "")), "warning")


def _find_errors(answer: Mapping[str, Any], tracing: Tracing) -> Iterator[Finding]:
    """Findings of the report of a registry."""
    for dataset in answer.get("Datasets") or ():
        for part in dataset.get("ValidationReport") or ():
            for error in part.get("Errors") or ():
                text = error.get("Message") or error.get("ErrorMessage") or part.get("Type")
                words = [str(text or "")]
                for name in ("Key", "Keys", "Obs", "ObsKey", "Position"):
                    if error.get(name):
                        words.append(str(error[name]))
                yield tracing.finding(" ".join(words))
