"""Reading of a mapping of records: every error with file, line and what was expected."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ilms_sdmx._files import file_name, text_of
from ilms_sdmx.errors import IlmsError, MappingError
from ilms_sdmx.labels import area_code
from ilms_sdmx.labels.classifications import classification
from ilms_sdmx.mapping.file.nodes import Node, parse, with_nearest
from ilms_sdmx.mapping.note_types import note_types
from ilms_sdmx.microdata.classes import UNKNOWN, VERSIONS, codes_of_role, default_version
from ilms_sdmx.microdata.estimation.design import LONELY
from ilms_sdmx.microdata.estimation.replicates import METHODS, Replicates
from ilms_sdmx.microdata.files.reading import files_of
from ilms_sdmx.microdata.mapping.conditions import Condition
from ilms_sdmx.microdata.mapping.keys import KINDS, allowed_keys, required_keys
from ilms_sdmx.microdata.mapping.model import (
    STATUSES,
    Control,
    MicrodataMapping,
    PeriodFiles,
    PersonRule,
    RoleVariable,
    SampleDesign,
    Thresholds,
    Universe,
)
from ilms_sdmx.microdata.mapping.protection import read_protection
from ilms_sdmx.microdata.roles import roles
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.flows import ids
from ilms_sdmx.structures.identifiers import resolve

_AGES = re.compile(r"(\d{1,2})(?:\+|-(\d{1,3}))")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\d+(\.\d+)?")


def read_microdata_mapping(source: str | os.PathLike[str]) -> MicrodataMapping:
    """Mapping of records of a YAML file; its data and code files are looked for next to it.

    Raises
    ------
    MappingError
        For anything that is not as the format says: file, line, key, what was expected.
    """
    path = Path(source)
    try:
        text = text_of(path)
    except (OSError, ValueError) as error:
        problem = f"{path} cannot be read as a mapping of records"
        raise MappingError(f"{problem}: {error}.") from None
    return parse_microdata_mapping(text, file_name(path), path.parent)


def parse_microdata_mapping(
    text: str, name: str = "mapping.yaml", folder: Path | None = None
) -> MicrodataMapping:
    """Mapping of records of a text; `folder` is where its files are."""
    root = parse(text, name)
    fields = _fields(root, "microdata")
    version = fields["microdata"]
    if version.text() != "1":
        version.fail("version 1 of the format", repr(version.text()))
    reader = _Reader(folder or Path())
    values: dict[str, Any] = {}
    for key, read in reader.sections().items():
        if key in fields:
            values[key] = read(fields[key])
    if values.get("kind", "survey") != "survey":
        # Whoever counts everybody has no error of a sample.
        said = values.get("thresholds", {})
        values["thresholds"] = {"not_significant": 0, "unreliable": 0, **said}
    values["thresholds"] = Thresholds(**values.get("thresholds", {}))
    periods = values["periods"]
    _check_years(fields, periods)
    _check_roles(fields["variables"], values)
    _check_design(fields, values)
    digest = hashlib.sha256(b"\0".join([text.encode(), *reader.contents])).hexdigest()
    return MicrodataMapping(name=name, sha256=digest, **values)


def _fields(node: Node, section: str) -> dict[str, Node]:
    return node.fields(allowed_keys(section), required_keys(section))


def _check_years(fields: dict[str, Node], periods: Iterable[PeriodFiles]) -> None:
    """Refuse years of periods that have no file."""
    if "years" not in fields:
        return
    known = [each.period for each in periods]
    for _, node in fields["years"].items():
        for period in node.texts():
            if period not in known:
                node.fail(f"periods that have files ({', '.join(known)})", repr(period))


def _check_roles(node: Node, values: dict[str, Any]) -> None:
    """Refuse a mapping that lacks what its kind needs."""
    kind = values.get("kind", "survey")
    variables = values["variables"]
    if kind == "survey" and "weight" not in variables:
        node.fail(
            "a role `weight` (`weight: NAME`), or `kind: census`, where each counts as one",
            "none",
        )
    if kind in ("survey", "census") and not {"age", "birth_date"} & set(variables):
        node.fail("a role `age` or `birth_date`", "none")
    if kind in ("permits", "departures", "returns") and "start" not in variables:
        node.fail("a role `start`: the day of the permit, departure or return", "none")


def _check_design(fields: dict[str, Node], values: dict[str, Any]) -> None:
    """Refuse strata without a variable that tells sampling units apart."""
    design = values.get("design", SampleDesign())
    is_told = design.psu or "person" in values["variables"]
    if design.has_units and not is_told:
        fields["design"].fail(
            "`psu`, or a role `person` where persons themselves were drawn", "strata alone"
        )


class _Reader:
    """Sections of one mapping, and the contents of the files that it names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents: list[bytes] = []

    def sections(self) -> dict[str, Callable[[Node], Any]]:
        """Reader of each key."""
        return {
            "title": Node.text,
            "kind": lambda node: node.choice(KINDS),
            "area": lambda node: area_code(node.text()),
            "source": _texts_of("source"),
            "periods": self._periods,
            "years": _years,
            "quarters": lambda node: node.choice(("same", "apart")),
            "variables": self._variables,
            "universe": _universe,
            "design": _design,
            "thresholds": _thresholds,
            "protection": read_protection,
            "decimals": Node.integer,
            "controls": _controls,
            "tables": _tables,
            "notes": _notes,
        }

    def _periods(self, node: Node) -> tuple[PeriodFiles, ...]:
        periods = []
        for period, below in node.items():
            if parse_period(period) is None:
                below.fail("an SDMX period (2024, 2024-Q1, 2024-06)", repr(period))
            periods.append(self._period(period, below))
        return tuple(periods)

    def _period(self, period: str, node: Node) -> PeriodFiles:
        if not node.is_mapping:
            files = self._files(node, node.texts())
            addresses = _addresses(node.texts())
            return PeriodFiles(period, files, line=node.line, addresses=addresses)
        fields = _fields(node, "period")
        if ("file" in fields) == ("files" in fields):
            node.fail("either file or files", "both" if "file" in fields else "neither")
        listed = fields.get("file") or fields["files"]
        names = {}
        if "names" in fields:
            names = {key: below.text() for key, below in fields["names"].items()}
        columns = None
        if "columns" in fields:
            columns = self.folder / fields["columns"].text()
        return PeriodFiles(
            period,
            self._files(listed, listed.texts()),
            _text(fields, "encoding"),
            _text(fields, "separator"),
            columns,
            names,
            _number_text(fields, "factor", "1"),
            _day(fields),
            node.line,
            _addresses(listed.texts()),
        )

    def _files(self, node: Node, names: Iterable[str]) -> tuple[Path, ...]:
        found: list[Path] = []
        for name in names:
            if "://" in name:
                continue
            path = self.folder / name
            if not path.exists():
                node.fail("a file of records next to the mapping", repr(name))
            found += files_of(path)
        return tuple(found)

    def _variables(self, node: Node) -> dict[str, RoleVariable]:
        known = [role for role in roles() if role not in ("stratum", "psu")]
        variables = {}
        for role, below in node.items():
            if role not in known:
                listed = ", ".join(known)
                below.fail(f"one of the roles {listed}", with_nearest(role, known))
            variables[role] = self._variable(role, below)
        return variables

    def _variable(self, role: str, node: Node) -> RoleVariable:
        if not node.is_mapping:
            return RoleVariable(
                role, node.texts(), version=default_version(role), line=node.line
            )
        fields = _fields(node, "variable")
        version = default_version(role)
        if "version" in fields:
            version = fields["version"].choice(VERSIONS.get(role, ()))
        named = ("", "")
        if "classification" in fields:
            named = _classification(fields["classification"])
            version = classification(*named).revision
        codes = {}
        if "codes" in fields:
            codes = self._codes(fields["codes"], role, version)
        missing: tuple[str, ...] = ()
        if "missing" in fields:
            missing = fields["missing"].texts()
        return RoleVariable(
            role,
            fields["variable"].texts(),
            codes,
            missing,
            version,
            named,
            fields["digits"].integer() if "digits" in fields else 0,
            _text(fields, "weight"),
            fields["months"].integer() if "months" in fields else 12,
            node.line,
        )

    def _codes(self, node: Node, role: str, version: str) -> dict[str, str]:
        """Codes by value, of the mapping or of a CSV next to it."""
        known = codes_of_role(role, version)
        codes = {}
        if node.is_mapping:
            for value, below in node.items():
                code = UNKNOWN if below.is_null else below.text()
                _check_code(below, code, known)
                codes[value] = code
            return codes
        path = self.folder / node.text()
        try:
            content = path.read_bytes()
            rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        except (OSError, ValueError):
            node.fail("a CSV with value and code next to the mapping", repr(node.text()))
        self.contents.append(content)
        for number, row in enumerate(rows, 2):
            if row.get("value") is None or row.get("code") is None:
                node.fail("columns value and code", f"others in {path.name}, line {number}")
            code = row["code"].strip() or UNKNOWN
            if known and code not in known:
                found = f"{with_nearest(code, known)} in {path.name}, line {number}"
                node.fail(_listed(known), found)
            codes[row["value"].strip()] = code
        return codes


def _addresses(names: Iterable[str]) -> tuple[str, ...]:
    """Those names that are addresses in a cluster."""
    return tuple(name for name in names if "://" in name)


def _check_code(node: Node, code: str, known: tuple[str, ...]) -> None:
    if known and code not in known:
        node.fail(_listed(known), with_nearest(code, known))


def _listed(known: tuple[str, ...]) -> str:
    shown = ", ".join(known[:24])
    more = ", ..." if len(known) > 24 else ""
    return f"one of {shown}{more}"


def _classification(node: Node) -> tuple[str, str]:
    """Name and version of a classification."""
    name, _, version = node.text().strip().rpartition(" ")
    if not name and "-" in version:
        name, _, version = version.rpartition("-")
    try:
        known = classification(name, version)
    except IlmsError as error:
        node.fail("a classification and its version (PSIC 2009, ISIC Rev.4)", str(error))
    return known.classification, known.version


def _texts_of(section: str) -> Callable[[Node], dict[str, str]]:
    def read(node: Node) -> dict[str, str]:
        return {key: below.text() for key, below in _fields(node, section).items()}

    return read


def _text(fields: dict[str, Node], key: str) -> str:
    return fields[key].text() if key in fields else ""


def _number_text(fields: dict[str, Node], key: str, default: str) -> str:
    if key not in fields:
        return default
    text = fields[key].text()
    if not _NUMBER.fullmatch(text):
        fields[key].fail("a number above zero", repr(text))
    return text


def _day(fields: dict[str, Node]) -> str:
    if "day" not in fields:
        return ""
    text = fields["day"].text()
    if not _DAY.fullmatch(text) or parse_period(text) is None:
        fields["day"].fail("a day (2024-12-31)", repr(text))
    return text


def _years(node: Node) -> dict[str, tuple[str, ...]]:
    years = {}
    for year, below in node.items():
        if parse_period(year) is None:
            below.fail("a year", repr(year))
        years[year] = below.texts()
    return years


def _condition(node: Node) -> Condition:
    try:
        return Condition.read(node.text())
    except MappingError as error:
        where = f"{node.file}, line {node.line}, at {node.path}"
        raise MappingError(f"{where}: {error}.") from None


def _universe(node: Node) -> Universe:
    fields = _fields(node, "universe")
    persons = []
    for below in fields.get("persons", ()):
        rule = _fields(below, "rule")
        condition = _condition(rule["where"])
        persons.append(PersonRule(rule["name"].text(), condition, line=below.line))
    statuses = []
    for below in fields.get("statuses", ()):
        rule = _fields(below, "status")
        status = rule["status"].choice(STATUSES)
        condition = _condition(rule["when"])
        name = _text(rule, "name") or condition.text
        statuses.append(PersonRule(name, condition, status, below.line))
    first, last = _ages(fields)
    criteria = int(fields["criteria"].choice(("2", "3"))) if "criteria" in fields else 3
    icls = int(fields["icls"].choice(("13", "19"))) if "icls" in fields else 13
    concept = _text(fields, "concept")
    return Universe(tuple(persons), first, last, tuple(statuses), criteria, icls, concept)


def _ages(fields: dict[str, Node]) -> tuple[int, int | None]:
    if "working_age" not in fields:
        return 15, None
    text = fields["working_age"].text()
    match = _AGES.fullmatch(text)
    if match is None:
        fields["working_age"].fail("ages such as 15+ or 15-64", repr(text))
        raise AssertionError
    return int(match[1]), int(match[2]) if match[2] else None


def _design(node: Node) -> SampleDesign:
    fields = _fields(node, "design")
    made = None
    names: tuple[str, ...] = ()
    if "replicates" in fields:
        made, names = _replicates(fields["replicates"])
    return SampleDesign(
        fields["strata"].texts() if "strata" in fields else (),
        fields["psu"].texts() if "psu" in fields else (),
        _text(fields, "fpc"),
        _text(fields, "ssu"),
        _text(fields, "fpc2"),
        fields["lonely"].choice(LONELY) if "lonely" in fields else "adjust",
        made,
        names,
        node.line,
    )


def _replicates(node: Node) -> tuple[Replicates, tuple[str, ...]]:
    fields = _fields(node, "replicates")
    method = fields["method"].choice(METHODS)
    scale = float(_number_text(fields, "scale", "0"))
    if method == "jkn" and not scale:
        node.fail("a scale for jkn", "none")
    fay = float(_number_text(fields, "fay", "0"))
    about = fields["about"].choice(("mean", "full")) if "about" in fields else "mean"
    made = Replicates(method, scale, fay, about == "mean")
    return made, fields["variables"].texts()


def _thresholds(node: Node) -> dict[str, int]:
    fields = _fields(node, "thresholds")
    numbers = {}
    for key, below in fields.items():
        number = below.integer()
        if number < 0:
            below.fail("a number of persons, 0 or more", str(number))
        numbers[key] = number
    return numbers


def _controls(node: Node) -> tuple[Control, ...]:
    controls = []
    for below in node:
        fields = _fields(below, "control")
        persons = float(_number_text(fields, "persons", "0"))
        condition = _condition(fields["where"]) if "where" in fields else None
        control = Control(fields["name"].text(), fields["period"].text(), persons, condition)
        controls.append(control)
    return tuple(controls)


def _tables(node: Node) -> tuple[str, ...]:
    known = ids()
    tables = []
    for below in node if node.is_list else (node,):
        try:
            tables.append(resolve(below.text()).id)
        except IlmsError:
            below.fail("a dataflow of ILMS", with_nearest(below.text(), known))
    return tuple(tables)


def _notes(node: Node) -> dict[str, str]:
    known = note_types()
    notes = {}
    for code, below in node.items():
        if code not in known:
            below.fail(f"a note type of ILO ({', '.join(known)})", with_nearest(code, known))
        notes[code] = below.text()
    return notes
