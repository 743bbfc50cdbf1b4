"""Drafts of lists of codes: columns headed as components, as in SDMX-CSV or ILOSTAT's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ilms_sdmx import structures
from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.drafting.sections.text import comment, inline, listed, question, quoted
from ilms_sdmx.errors import StructureError
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
            return {"": _dataflow_of(self)}
        return {text: _id_of(text) for text in named}


def coded_list(sheets: Sequence[Grid]) -> CodedList | None:
    """List of codes on the only sheet of a workbook; None where it is another table."""
    filled = [sheet for sheet in sheets if sheet.cells]
    if len(filled) != 1:
        return None
    [grid] = filled
    columns: dict[str, int] = {}
    for column in grid.filled.get(0, ()):
        component = _component_of(grid, column)
        if component:
            columns.setdefault(component, column)
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
    return [component.id for component in structure.dimensions.components]


def _attributes(dataflow: str) -> list[str]:
    structure = structures.dataflow(dataflow).structure
    return [component.id for component in structure.attributes.components]


def _id_of(text: str) -> str:
    """Id of the dataflow that a text names, empty where there is no such."""
    _, _, id_and_version = text.rpartition(":")
    name, _, _ = id_and_version.partition("(")
    for id in (name, f"DF_{name}"):
        try:
            return str(structures.dataflow(id).id)
        except StructureError:
            continue
    return ""


def _dataflow_of(coded: CodedList) -> str:
    """Only dataflow that has the measure and the dimensions of a list, empty for none."""
    measures = coded.values("MEASURE")
    fitting: list[str] = []
    for dataflow in structures.dataflows():
        dimensions = set(_dimensions(dataflow.id)) - _OF_ALL
        has_all = dimensions <= coded.columns.keys()
        if has_all and measures == [_measure_of(dataflow.id)]:
            fitting.append(dataflow.id)
    sizes = [len(_dimensions(id)) for id in fitting]
    most = max(sizes, default=0)
    if sizes.count(most) != 1:
        return ""
    return fitting[sizes.index(most)]


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
        lines.append(f"      - name: {component.lower()}")
        lines.append(f"        header: {quoted(coded.header(component))}")
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
    are_numbers = [_is_number(dataflow) for dataflow in coded.dataflows.values()]
    if not any(are_numbers) or _MULTIPLIER in coded.columns:
        return []
    asked = question("3, as figures of ILOSTAT are thousands, or 0 for persons?")
    return [f"    multiplier: ?{asked}"]


def _dataset_lines(coded: CodedList, area: str) -> list[str]:
    """Lines of the data sets, one for each dataflow."""
    lines = ["datasets:"]
    for text, dataflow in coded.dataflows.items():
        title = comment(_title(dataflow))
        lines.append(f"  - dataflow: ILO:{dataflow}(1.0){title}")
        lines.append("    tables: [table_1]")
        if text:
            where = inline([(_DATAFLOW.lower(), quoted(text))])
            lines.append(f"    where: {where}")
        lines.append("    components:")
        for component in (*_dimensions(dataflow), *_attributes(dataflow)):
            lines += _component_lines(coded, component, dataflow, area)
    return lines


def _is_number(dataflow: str) -> bool:
    """Whether a dataflow has numbers, not rates or means."""
    return dataflow.endswith("_NB")


def _title(dataflow: str) -> str:
    return str(structures.dataflow(dataflow).name)


def _component_lines(
    coded: CodedList, component: str, dataflow: str, area: str
) -> Iterable[str]:
    """Line of a component: its column, or what the dataflow says; none where nothing does."""
    name = component.lower()
    is_number = _is_number(dataflow)
    which_area = question("which country?")
    said = {
        "REF_AREA": area or f"?{which_area}",
        "MEASURE": _measure_of(dataflow),
        "UNIT_MEASURE_TYPE": dataflow.rpartition("_")[2],
        "UNIT_MEASURE": "PS" if is_number else "PT",
    }
    if component == _MULTIPLIER:
        yield f"      {component}: {3 if is_number else 0}"
    elif component == _TIME:
        yield f"      {component}: {{period: {name}}}"
    elif component == _STATUS:
        return
    elif component in coded.columns:
        yield f"      {component}: {{from: {name}}}"
    elif component in said:
        yield f"      {component}: {said[component]}"
