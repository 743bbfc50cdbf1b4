"""Drafts of lists of codes: columns headed as components, as in SDMX-CSV or ILOSTAT's files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ilms_sdmx import structures
from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.drafting.sections.text import comment, inline, listed, question, quoted
from ilms_sdmx.errors import StructureError
from ilms_sdmx.periods import read_period
from ilms_sdmx.structures import facts
from ilms_sdmx.words import words_in
from ilms_sdmx.words.text import clean

_VALUE, _TIME, _STATUS, _MULTIPLIER = "OBS_VALUE", "TIME_PERIOD", "OBS_STATUS", "UNIT_MULT"
#: Headers of other files for a component, or for the dataflow.
_NAMES = {
    "TIME": _TIME,
    "VALUE": _VALUE,
    "INDICATOR": "DATAFLOW",
    "STRUCTURE_ID": "DATAFLOW",
}
_DATAFLOW = "DATAFLOW"
#: Headers of classifications whose codes say the dimension.
_CLASSIFICATION = "CLASSIF"
#: Fewest columns with the name of a component, the value and the time not counted.
_FEWEST = 2
#: Code of the ILO, which begins with its dimension.
_CODE = re.compile(r"([A-Z]+)(?:_[A-Z0-9]+)+")
#: Most dataflows of which a question names the titles.
_MOST_TITLES = 12
_STATUSES = frozenset("EPBUF")
#: Dimensions that a list may leave out: one value is that of all figures.
_OF_ALL = frozenset({"REF_AREA", "FREQ", "MEASURE"})


@dataclass(frozen=True, eq=False)
class CodedList:
    """A list of which each row is an observation, and each column a component.

    Parameters
    ----------
    grid
        Sheet of the list.
    columns
        Component to its column, that of the dataflow too.
    """

    grid: Grid
    columns: Mapping[str, int]

    @cached_property
    def rows(self) -> range:
        """Rows below the header."""
        return range(1, self.grid.rows)

    def header(self, component: str) -> str:
        """Text over the column of a component."""
        column = self.columns[component]
        text = self.grid.text((0, column))
        return clean(text)

    def values(self, component: str) -> list[str]:
        """Distinct texts of the column of a component, none where there is none."""
        column = self.columns.get(component)
        if column is None:
            return []
        texts: dict[str, None] = {}
        for row in self.rows:
            text = self.grid.text((row, column))
            texts[clean(text)] = None
        return list(texts)

    @cached_property
    def dataflows(self) -> dict[str, str]:
        """Text of the column of dataflows to the dataflow; one blank text without a column."""
        named = self.values(_DATAFLOW)
        if not named:
            return {"": self.fitting[0] if self.fitting else ""}
        return {text: _id_of(text) for text in named}

    @cached_property
    def fitting(self) -> list[str]:
        """Dataflows that have the measure, if there is one, and the dimensions of the list."""
        measures = self.values("MEASURE")
        sizes: dict[str, int] = {}
        for dataflow in structures.dataflows():
            id = str(dataflow.id)
            dimensions = set(_dimensions(id)) - _OF_ALL
            is_measured = not measures or measures == [_measure_of(id)]
            if is_measured and dimensions <= self.columns.keys():
                sizes[id] = len(dimensions)
        most = max(sizes.values(), default=0)
        return [id for id, size in sizes.items() if size == most]

    @property
    def is_asked(self) -> bool:
        """Whether several dataflows fit, and nothing in the list says which it is."""
        return _DATAFLOW not in self.columns and len(self.fitting) > 1


def coded_list(sheets: Sequence[Grid], area: str) -> CodedList | None:
    """List of codes on the only sheet of a workbook; None where it is another table.

    Parameters
    ----------
    area
        Code of the country whose list it is, empty for none.
    """
    filled = [sheet for sheet in sheets if sheet.cells]
    if len(filled) != 1:
        return None
    [grid] = filled
    columns: dict[str, int] = {}
    for column in grid.filled.get(0, ()):
        component = _component_of(grid, column)
        if component:
            columns.setdefault(component, column)
    if not {_VALUE, _TIME} <= columns.keys():
        columns = _with_words(grid, columns, area)
    others = columns.keys() - {_VALUE, _TIME, _DATAFLOW}
    if not {_VALUE, _TIME} <= columns.keys() or len(others) < _FEWEST:
        return None
    found = CodedList(grid, columns)
    return found if all(found.dataflows.values()) else None


def _component_of(grid: Grid, column: int) -> str:
    """Component that the header of a column names, empty for none."""
    header = clean(grid.text((0, column)))
    name = header.upper().replace(" ", "_")
    name = _NAMES.get(name, name)
    if name.startswith(_CLASSIFICATION):
        code = grid.text((1, column))
        name, _, _ = code.partition("_")
    return name if name in {_VALUE, _DATAFLOW, *_components()} else ""


def _with_words(grid: Grid, columns: Mapping[str, int], area: str) -> dict[str, int]:
    """Columns with those that words head, as far as their codes, times and figures say which.

    The same where any column stays unknown, or no column has codes of the ILO.
    """
    completed = _with_codes(grid, columns, area)
    sexes = completed.get("SEX")
    if sexes is None:
        return dict(columns)
    texts = _texts_below(grid, sexes)
    if _component_of_codes(texts) != "SEX":
        return dict(columns)
    rest = _unknown(grid, completed)
    times = [column for column in rest if _has_years(grid, column)]
    if _TIME not in completed and len(times) == 1:
        completed[_TIME] = times[0]
        rest.remove(times[0])
    if _VALUE not in completed and len(rest) == 1:
        completed[_VALUE] = rest.pop()
    if rest:
        return dict(columns)
    return completed


def _unknown(grid: Grid, columns: Mapping[str, int]) -> list[int]:
    """Columns with a header that no component has."""
    known = set(columns.values())
    headed = grid.filled.get(0, ())
    return [column for column in headed if column not in known]


def _with_codes(grid: Grid, columns: Mapping[str, int], area: str) -> dict[str, int]:
    """Columns with those of codes of the ILO, and with that of the country of the list."""
    completed = dict(columns)
    for column in _unknown(grid, columns):
        texts = _texts_below(grid, column)
        component = _component_of_codes(texts)
        if set(texts) == {area}:
            component = "REF_AREA"
        if component:
            completed.setdefault(component, column)
    return completed


def _has_years(grid: Grid, column: int) -> bool:
    """Whether a column has times by its header too: a count alone may look like a year."""
    header = grid.text((0, column))
    if not words_in(header, "year"):
        return False
    texts = _texts_below(grid, column)
    return all(map(_is_time, texts))


def _texts_below(grid: Grid, column: int) -> list[str]:
    """Texts of a column below the header."""
    return [clean(grid.text((row, column))) for row in range(1, grid.rows)]


def _is_time(text: str) -> bool:
    return read_period(text).is_time


def _component_of_codes(texts: Iterable[str]) -> str:
    """Dimension of which all texts are codes of the ILO, as `SEX_F`; empty for none."""
    names: set[str] = set()
    for text in texts:
        code = _CODE.fullmatch(text)
        names.add(code[1] if code else "")
    name = names.pop() if len(names) == 1 else ""
    return name if name in _components() else ""


@lru_cache(maxsize=1)
def _components() -> frozenset[str]:
    """Dimensions and attributes of all dataflows of the ILMS."""
    names: set[str] = set()
    for dataflow in structures.dataflows():
        names.update(_dimensions(dataflow.id))
        names.update(_attributes(dataflow.id))
    return frozenset(names)


def _dimensions(dataflow: str) -> list[str]:
    structure = structures.dataflow(dataflow).structure
    dimensions = structure.dimensions.components
    return [component.id for component in dimensions]


def _attributes(dataflow: str) -> list[str]:
    structure = structures.dataflow(dataflow).structure
    attributes = structure.attributes.components
    return [component.id for component in attributes]


def _id_of(text: str) -> str:
    """Id of the dataflow that a text names, empty where there is no such."""
    _, _, id_and_version = text.rpartition(":")
    name, _, _ = id_and_version.partition("(")
    for id in (name, f"DF_{name}"):
        try:
            dataflow = structures.dataflow(id)
            return str(dataflow.id)
        except StructureError:
            continue
    return ""


def _measure_of(dataflow: str) -> str:
    """Measure of a dataflow: `EMP_MFRC_NB` of `DF_EMP_MFRC_SEX_CCT_NB`."""
    _, topic, group, *_, kind = dataflow.split("_")
    return f"{topic}_{group}_{kind}"


def list_lines(coded: CodedList, area: str) -> list[str]:
    """Lines of the tables and data sets of a list of codes."""
    return [*_table_lines(coded), "", *_dataset_lines(coded, area)]


def _table_lines(coded: CodedList) -> list[str]:
    """Lines of the table: each component is a heading, the value the only column."""
    others = [component for component in coded.columns if component != _VALUE]
    first_column = coded.grid.filled[0][0]
    begin = clean(coded.grid.text((0, first_column)))
    pinned = inline(_pinned(coded))
    lines = ["tables:", "  - name: table_1", f"    begin: {quoted(begin)}"]
    lines += ["    read:", f"      labels: {pinned}", "    rows:"]
    for component in others:
        name = component.lower()
        header = quoted(coded.header(component))
        lines.append(f"      - name: {name}")
        lines.append(f"        header: {header}")
    lines.append("    columns: [value]")
    rules = [*_rules_of_multiplier(coded), *_rules_of_status(coded)]
    lines += _multiplier_of_ilostat(coded)
    if rules:
        lines += ["    rules:", *rules]
    return lines


def _pinned(coded: CodedList) -> list[tuple[str, str]]:
    """Labels of the value, of multipliers and of statuses, which no code map reads."""
    header = quoted(coded.header(_VALUE))
    pinned = [("value", listed([header]))]
    for component in (_MULTIPLIER, _STATUS):
        texts = coded.values(component)
        if texts:
            labels = listed(map(quoted, texts))
            pinned.append((component.lower(), labels))
    return pinned


def _rules_of_multiplier(coded: CodedList) -> list[str]:
    """Rules of the powers of ten in a column of their own."""
    lines: list[str] = []
    for text in coded.values(_MULTIPLIER):
        if text.isdigit() and int(text):
            where = inline([(_MULTIPLIER.lower(), quoted(text))])
            lines.append(f"      - where: {where}")
            lines.append(f"        multiplier: {text}")
    return lines


def _rules_of_status(coded: CodedList) -> list[str]:
    """Rules of the statuses in a column of their own, by the letters of SDMX."""
    lines: list[str] = []
    for text in coded.values(_STATUS):
        if text in {"", "A"}:
            continue
        code, why = text, comment("as in the list of SDMX")
        if text not in _STATUSES:
            code, why = quoted("?"), question("E, P, B, U, F or A?")
        where = inline([(_STATUS.lower(), quoted(text))])
        lines.append(f"      - where: {where}")
        lines.append(f"        status: {code}{why}")
    return lines


def _multiplier_of_ilostat(coded: CodedList) -> list[str]:
    """Line that asks for the power of ten where no column says it: ILOSTAT's is 3."""
    dataflows = list(coded.dataflows.values())
    if coded.is_asked:
        dataflows = coded.fitting
    units = list(map(_unit_of, dataflows))
    if _MULTIPLIER in coded.columns or not any(unit.persons for unit in units):
        return []
    asked = question("3, as figures of ILOSTAT are thousands, or 0 for persons?")
    return [f"    multiplier: ?{asked}"]


def _dataset_lines(coded: CodedList, area: str) -> list[str]:
    """Lines of the data sets, one for each dataflow."""
    lines = ["datasets:"]
    for text, dataflow in coded.dataflows.items():
        lines.append(f"  - dataflow: {_dataflow_value(coded, dataflow)}")
        lines.append("    tables: [table_1]")
        if text:
            where = inline([(_DATAFLOW.lower(), quoted(text))])
            lines.append(f"    where: {where}")
        lines.append("    components:")
        for component in (*_dimensions(dataflow), *_attributes(dataflow)):
            lines += _component_lines(coded, component, dataflow, area)
    return lines


def _dataflow_value(coded: CodedList, dataflow: str) -> str:
    """Dataflow with its title, or the question which of several it is."""
    if not coded.is_asked:
        return f"ILO:{dataflow}(1.0){comment(_title(dataflow))}"
    named: list[str] = []
    for id in coded.fitting[:_MOST_TITLES]:
        title = _title(id)
        candidate = f"ILO:{id}(1.0) ({title})"
        named.append(candidate)
    candidates = ", ".join(named)
    return _open(f"{candidates}, or another?")


@dataclass(frozen=True)
class _Unit:
    """What a dataflow says of the unit of its figures.

    Parameters
    ----------
    measure
        Unit, empty where the currency may be any.
    kind
        `NB` for numbers, `RT` for rates.
    power
        Power of ten.
    """

    measure: str
    kind: str
    power: str

    @property
    def persons(self) -> bool:
        """Whether persons are counted."""
        return self.measure == "PS"


def _unit_of(dataflow: str) -> _Unit:
    """Unit of the figures of a dataflow."""
    rows = facts.by_id("dataflows.csv")
    row = rows[dataflow.removeprefix("DF_")]
    measure = row["unit_measure"]
    kind = row["unit_measure_type"]
    power = row["unit_mult"]
    return _Unit(measure, kind, power)


def _title(dataflow: str) -> str:
    return str(structures.dataflow(dataflow).name)


def _asked_with_dataflow(fitting: Sequence[str]) -> dict[str, str]:
    """What several dataflows do not say alike, each with its question."""
    measure = _measure_of(fitting[0])
    asked = {"MEASURE": f"that of the dataflow, as {measure}"}
    measures: set[str] = set()
    kinds: set[str] = set()
    powers: set[str] = set()
    for dataflow in fitting:
        unit = _unit_of(dataflow)
        measures.add(unit.measure)
        kinds.add(unit.kind)
        powers.add(unit.power)
    if len(measures) > 1:
        asked["UNIT_MEASURE"] = "PS for persons, PT for percent, LC for money?"
    if len(kinds) > 1:
        asked["UNIT_MEASURE_TYPE"] = "NB for a number, RT for a rate?"
    if len(powers) > 1:
        asked[_MULTIPLIER] = "3 for persons, 0 for others?"
    return {name: _open(words) for name, words in asked.items()}


def _open(words: str) -> str:
    """Open value with its question."""
    return f"?{question(words)}"


def _component_lines(
    coded: CodedList, component: str, dataflow: str, area: str
) -> Iterable[str]:
    """Line of a component: its column, or what the dataflow says; none where nothing does."""
    unit = _unit_of(dataflow)
    said = {
        "REF_AREA": area or _open("which country?"),
        "MEASURE": _measure_of(dataflow),
        "UNIT_MEASURE_TYPE": unit.kind,
        "UNIT_MEASURE": unit.measure or _open("in what are the figures?"),
        _MULTIPLIER: unit.power,
    }
    if coded.is_asked:
        said |= _asked_with_dataflow(coded.fitting)
    name = component.lower()
    value = said.get(component, "")
    if component == _TIME:
        value = f"{{period: {name}}}"
    elif component in coded.columns and component != _MULTIPLIER:
        value = f"{{from: {name}}}"
    if value and component != _STATUS:
        yield f"      {component}: {value}"
