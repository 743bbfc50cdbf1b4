"""References of a request to artefacts: agencies, ids and versions, with their wildcards."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ilms_sdmx.errors import RequestError

#: Any agency, id or version.
ANY = "*"
#: Words for any, for the latest stable version, and for the latest one.
_WORDS = {"all": ANY, "latest": "~"}
_ID = re.compile(r"[A-Za-z0-9_@$][A-Za-z0-9_@$.-]*")
#: A version: parts of numbers, of which one may be followed by a wildcard, with an extension.
_VERSION = re.compile(r"\d+(?:[+~*])?(?:\.\d+[+~*]?){1,2}(?:-[A-Za-z0-9-]+)?")
_WHOLE = re.compile(r"[+~*]")
#: Most values in one place of a path.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Reference:
    """Artefacts that a request names; any of an empty tuple.

    Parameters
    ----------
    agencies, ids
        Agencies and ids.
    versions
        Versions with their wildcards: `1.0`, `~`, `2+.0.0`.
    """

    agencies: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    def names(self, agency: str, id: str, version: str = "1.0") -> bool:
        """Whether an artefact is one of those.

        >>> reference_of("ILO", "DF_X", "+").names("ILO", "DF_X", "1.0")
        True
        """
        if self.agencies and agency not in self.agencies:
            return False
        if self.ids and id not in self.ids:
            return False
        if not self.versions:
            return True
        return any(_is_version(pattern, version) for pattern in self.versions)


def reference_of(agency: str = "", id: str = "", version: str = "") -> Reference:
    """Reference of the parts of a path; a part that is empty or a wildcard is any.

    Raises
    ------
    RequestError
        A part is no identifier, or no version with at most one wildcard.
    """
    agencies = _values(agency, _ID, "agency")
    ids = _values(id, _ID, "id of an artefact")
    versions = []
    for each in _split(version):
        word = _WORDS.get(each, each)
        if word == ANY:
            return Reference(agencies, ids)
        _check_version(word)
        versions.append(word)
    return Reference(agencies, ids, tuple(versions))


def _values(text: str, form: re.Pattern[str], what: str) -> tuple[str, ...]:
    """Values of one place of a path; none where any is asked for."""
    values = []
    for each in _split(text):
        word = _WORDS.get(each, each)
        if word == ANY:
            return ()
        if form.fullmatch(word) is None:
            raise RequestError(400, f"expected an {what}, found {each[:60]!r}")
        values.append(word)
    return tuple(values)


def _split(text: str) -> list[str]:
    """Values between commas, and between signs of plus but where one is a wildcard."""
    if not text:
        return []
    parts = re.split(r",|\+(?=[A-Za-z0-9])", text)
    if len(parts) > _MOST:
        raise RequestError(413, f"expected at most {_MOST} values in one place")
    return [part.strip() for part in parts]


def _check_version(text: str) -> None:
    """Refuse what is no version, and wildcards that the standard does not know.

    Raises
    ------
    RequestError
        Such a version.
    """
    if _WHOLE.fullmatch(text):
        return
    wildcards = re.findall(r"[+~*]", text)
    parts = text.partition("-")[0].split(".")
    is_known = _VERSION.fullmatch(text) is not None and len(wildcards) <= 1
    if len(parts) == 2 and wildcards:
        is_known = False
    if not is_known:
        known = "1.0, 1.2.3, +, ~, * or a wildcard behind one part such as 2.3+.0"
        raise RequestError(400, f"expected a version as {known}, found {text[:40]!r}")


def _is_version(pattern: str, version: str) -> bool:
    """Whether a version is one that a pattern names, where there is no other version."""
    if _WHOLE.fullmatch(pattern):
        return True
    if not re.search(r"[+~*]", pattern):
        return pattern == version
    wanted = pattern.split(".")
    known = version.split(".")
    if len(wanted) != len(known):
        return False
    for part, number in zip(wanted, known, strict=True):
        if part[-1] in "+~*":
            return int(number) >= int(part[:-1])
        if part != number:
            return False
    return True
