"""The whole tree of errors that public functions raise.

::

    IlmsError
    ├─ StructureError   no such dataflow, codelist or code; names the nearest
    ├─ TableError       the workbook cannot be read as the layout says
    ├─ MappingError     the mapping file itself is wrong: file, line, what was expected
    ├─ MessageError     bytes that are not the SDMX message they should be: file, line, element
    │  ├─ IncompleteError  the message says itself that it is cut off; carries what was read
    │  └─ LateGroupError   a group comes after its rows: read the message whole, not in batches
    ├─ ValidationError  a data set with errors was about to be written; carries the report
    │  └─ UndecidedError   the mapping has open questions: answer them
    ├─ ProtectionError  a release cannot be protected as asked; says what to publish less
    ├─ DatabaseError    a database is damaged, foreign or asked what it cannot say
    ├─ ExchangeError    a package cannot be made, read or sent
    ├─ EstimateError    an estimate cannot be made, or would be used for what it cannot say
    ├─ RequestError     a request to the SDMX service that it cannot answer; carries the status
    ├─ OutputError      a file cannot be written; carries its path
    └─ FetchError       carries the URL
       ├─ UnavailableError   time-out, 429, 403 burst, 5xx after the retries: try again later
       ├─ NotFoundError      the service knows no such dataflow or key: do not try again
       └─ ResponseError      not what the service documents: upstream changed, tell us

A call that cannot go on raises one of these; data that is wrong is reported in a `Report`.
Messages say: expected X at place, found Y, fix it by Z.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ilms_sdmx.findings import Report


class IlmsError(Exception):
    """Root of the tree; `exit_code` is what the command line answers with."""

    exit_code = 3

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy with all that an error carries, for another process as well."""
        return _error_again, (type(self), self.args, dict(self.__dict__))


def _error_again(
    kind: type[IlmsError], arguments: tuple[Any, ...], carried: dict[str, Any]
) -> IlmsError:
    """Error as it was when it was packed."""
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(carried)
    return error


class StructureError(IlmsError, LookupError):
    """No dataflow, codelist or code of that id; the message names the nearest ones."""


class TableError(IlmsError, ValueError):
    """The file is no workbook, or not the one the layout describes."""

    exit_code = 4


class MappingError(IlmsError, ValueError):
    """The mapping file itself is wrong; the message names file, line and what was expected."""


class MessageError(IlmsError, ValueError):
    """Bytes that are not the SDMX message they should be; the message names line or element."""

    exit_code = 4


class IncompleteError(MessageError):
    """The message says itself that something is missing; `message` is what could be read.

    `message` is a `Message`; None where it was read in batches, which have been given before.
    """

    exit_code = 2

    def __init__(self, text: str, message: Any = None) -> None:
        super().__init__(text)
        self.message = message


class LateGroupError(MessageError):
    """Attributes come after rows they concern, which were given before: read it whole."""


class ValidationError(IlmsError, ValueError):
    """A data set with errors was about to be written; `report` says which."""

    exit_code = 2

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


class UndecidedError(ValidationError):
    """A data set was about to be written under a mapping with open questions."""

    exit_code = 3


class ProtectionError(IlmsError, ValueError):
    """A release cannot be protected as asked; the message says what to change."""

    exit_code = 2


class DatabaseError(IlmsError, ValueError):
    """A database is damaged, or asked what it cannot say; names the file and what is good."""

    exit_code = 4


class ExchangeError(IlmsError, ValueError):
    """A package cannot be made, read or sent; the message says why and what to do."""

    exit_code = 3


class EstimateError(IlmsError, ValueError):
    """An estimate cannot be made of these inputs, or not be used so; the message says why."""

    exit_code = 3


class RequestError(IlmsError, ValueError):
    """A request to the SDMX service that it cannot answer; `status` is that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class OutputError(IlmsError, OSError):
    """A file or stream cannot be written; `path` is what the person called it."""

    exit_code = 4

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


class FetchError(IlmsError, OSError):
    """A service did not give what was asked; `url` is the address (never with a token)."""

    exit_code = 4

    def __init__(self, message: str, url: str) -> None:
        super().__init__(message)
        self.url = url

    def __str__(self) -> str:
        if not self.url:
            return str(self.args[0])
        return f"{self.args[0]} ({self.url})"


class UnavailableError(FetchError):
    """Time-out, 429, a burst of 403 or 5xx after all retries: try again later."""


class NotFoundError(FetchError, LookupError):
    """The service knows no such dataflow or key: trying again does not help."""


class ResponseError(FetchError):
    """The answer is not what the service documents: upstream changed, please report it."""
