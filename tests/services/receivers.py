"""A .Stat Suite and a registry on 127.0.0.1: they take what is sent, answer as theirs do, and fail when told to."""

from __future__ import annotations

import csv
import io
import json
import threading
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN, WORD = "tok-1234567890", "pass-word"
_SUBMITTED = """<?xml version="1.0"?>
<mes:RegistryInterface xmlns:mes="urn:m" xmlns:reg="urn:r"><mes:SubmitStructureResponse><reg:SubmissionResult>
<reg:StatusMessage status="{status}"><reg:MessageText><Text>{text}</Text></reg:MessageText></reg:StatusMessage>
</reg:SubmissionResult></mes:SubmitStructureResponse></mes:RegistryInterface>"""


class Receiver:
    """Service that keeps what it took, and the requests that it met.

    `fail` names what goes wrong: `unknown-dimension`, `structures`, `rows`, `warning`, `cut`, `token`,
    `large`, `redirect`, `no-number`, `echo`, `never`; `slow` is how often it is not ready.
    """

    def __init__(self) -> None:
        self.fail = ""
        self.slow = 0
        self.taken: list[tuple[str, bytes]] = []
        self.requests: list[tuple[str, str]] = []
        self.parts: list[str] = []
        self.asked = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def sent(self, path: str) -> int:
        return sum(each.startswith(path) for _, each in self.requests)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *arguments: object) -> None:
                pass

            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def _answer(self, body: bytes) -> None:
                path = urlsplit(self.path).path
                service.requests.append((self.command, path))
                kind = self.headers.get("Content-Type", "")
                status, answer, how = service.answer(path, self.headers, kind, body, self.path)
                if how == "cut":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b'{"mess')
                    self.close_connection = True
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "https://elsewhere.example/")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        return Handler

    def answer(
        self, path: str, headers: Any, kind: str, body: bytes, whole: str
    ) -> tuple[int, bytes, str]:
        raise NotImplementedError


def _fields(kind: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """Media type and content of each field of a form."""
    if kind.startswith("application/x-www-form-urlencoded"):
        return {
            name: ("", values[0].encode()) for name, values in parse_qs(body.decode()).items()
        }
    message = BytesParser(policy=HTTP).parsebytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + body
    )
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        fields[str(name)] = (part.get_content_type(), part.get_payload(decode=True) or b"")
    return fields


def _json(**values: object) -> bytes:
    return json.dumps(values).encode()


class StatSuite(Receiver):
    """Structure service under /rest, transfer service under /3, issuer of tokens under /token."""

    asked = 0

    def answer(
        self, path: str, headers: Any, kind: str, body: bytes, whole: str
    ) -> tuple[int, bytes, str]:
        if path == "/device":
            return self._device(_fields(kind, body))
        if path == "/token" and "device_code" in _fields(kind, body):
            return self._device_token(_fields(kind, body))
        if path == "/token":
            fields = _fields(kind, body)
            if fields.get("client_secret", ("", b""))[1] != WORD.encode():
                return 401, _json(error="unauthorized_client"), ""
            return 200, _json(access_token=TOKEN, expires_in=300), ""
        given = headers.get("Authorization", "")
        if given != f"Bearer {TOKEN}" or self.fail == "token":
            return 401, b"", ""
        if self.fail == "echo":
            return 500, f"bad request: {given}".encode(), ""
        if path == "/rest/structure":
            is_bad = self.fail == "structures"
            text = "artefact is final" if is_bad else "created"
            status = "Failure" if is_bad else "Success"
            self.taken.append(("structures", body))
            return 200, _SUBMITTED.format(status=status, text=text).encode(), ""
        if path == "/3/status/request":
            return self._status()
        return self._take(path, _fields(kind, body))

    def _device(self, fields: Any) -> tuple[int, bytes, str]:
        """Code of a device; a person allows it when it has been asked about three times."""
        if fields.get("client_id", ("", b""))[1] != b"office":
            return 401, _json(error="invalid_client"), ""
        self.asked = 0
        page = f"{self.url}/page"
        said = _json(
            device_code="D1",
            user_code="AB-CD",
            verification_uri=page,
            interval=1,
            expires_in=30,
        )
        return 200, said, ""

    def _device_token(self, fields: Any) -> tuple[int, bytes, str]:
        self.asked += 1
        if self.fail in ("access_denied", "expired_token"):
            return 400, _json(error=self.fail), ""
        if self.fail == "never" or self.asked < 3:
            word = "slow_down" if self.asked == 2 else "authorization_pending"
            return 400, _json(error=word), ""
        return 200, _json(access_token=TOKEN, expires_in=300), ""

    def _take(self, path: str, fields: dict[str, tuple[str, bytes]]) -> tuple[int, bytes, str]:
        media, content = fields["file"]
        self.parts.append(media)
        if media not in ("text/csv", "text/xml"):
            return 415, _json(message="media type"), ""
        if self.fail == "large":
            return 413, b"", ""
        if self.fail == "redirect":
            return 302, b"", ""
        if self.fail == "unknown-dimension":
            return 400, _json(message="Dimension PLANET is unknown."), ""
        self.taken.append((path.rpartition("/")[0].rpartition("/")[2], content))
        if self.fail == "no-number":
            return 200, _json(message="It has begun."), ""
        return (
            200,
            _json(success=True, message="The request with ID 42 was registered."),
            ("cut" if self.fail == "cut" else ""),
        )

    def _status(self) -> tuple[int, bytes, str]:
        self.asked += 1
        if self.asked <= self.slow or self.fail == "never":
            return 200, _json(executionStatus="InProgress"), ""
        logs = []
        outcome = "Success"
        if self.fail == "rows":
            outcome = "Error"
            logs = [{"level": "Error", "message": "Row 3: OBS_VALUE is no number."}]
        if self.fail == "warning":
            key = _first_key(self.taken[-1][1])
            logs = [{"level": "Warn", "message": f"Mandatory attribute missing at {key}"}]
        return 200, _json(executionStatus="Completed", outcome=outcome, logs=logs), ""


def _first_key(content: bytes) -> str:
    """Coordinate of the first row of a file, colons between the codes."""
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")
    return ":".join(rows[0][name] for name in names)


class Registry(Receiver):
    """Registry that takes structures and registrations by Basic auth, and validates for all."""

    def answer(
        self, path: str, headers: Any, kind: str, body: bytes, whole: str
    ) -> tuple[int, bytes, str]:
        if path == "/ws/secure/sdmxapi/rest":
            if not headers.get("Authorization", "").startswith("Basic "):
                return 401, b"", ""
            self.taken.append(("secure", body))
            status = "Failure" if self.fail == "structures" else "Success"
            return 200, _SUBMITTED.format(status=status, text="URN is wrong").encode(), ""
        if path == "/ws/public/data/load":
            if self.fail == "unreadable":
                return 400, _json(Success=False, Message="structure unknown"), ""
            self.taken.append(("load", _fields(kind, body)["uploadFile"][1]))
            return 200, _json(Success=True, uid="u-1"), ""
        self.asked += 1
        if self.asked <= self.slow:
            return 200, _json(Status="Validating"), ""
        if self.fail == "report":
            errors = [{"Message": "Invalid code", "Key": "PHL:A:POP_MNAO_NB:SEX_F:CDS_DES_THA"}]
            report = [{"Type": "Representation", "Errors": errors}]
            datasets = [{"KeysCount": 3, "ValidationReport": report}]
            return 200, _json(Status="Complete", Errors=True, Datasets=datasets), ""
        if self.fail == "dsd":
            return 200, _json(Status="MissingDSD"), ""
        return 200, _json(Status="Complete", Errors=False, Datasets=[]), ""
