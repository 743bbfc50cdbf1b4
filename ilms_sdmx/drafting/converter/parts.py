"""Parts of a mapping file from the elements of a parameter sheet, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ilms_sdmx.drafting.converter.extents import Extent
from ilms_sdmx.drafting.converter.parameters import Element, Parameters
from ilms_sdmx.mapping.exchange.texts import label
from ilms_sdmx.mapping.layout import GIVEN
from ilms_sdmx.mapping.model import MappedValue
from ilms_sdmx.tables.addresses import column_letters, column_number, position
from ilms_sdmx.tables.cells import Sheet
from ilms_sdmx.words.text import clean, folded

#: Components that hold the time.
TIME = ("TIME_PERIOD", "TIME")
#: Settings that say nothing to a mapping file, and why.
BEYOND = {
    "SkipObservationWithValue": "list the value under markers or corrections",
    "SkipIncompleteKeys": "figures whose key is not complete are errors here, never skipped",
    "RoundingPrecision": "values are written as they are, never rounded",
    "RoundToFit": "values are written as they are, never rounded",
    "formatValues": "numbers are read as they are stored, with their percent sign or thousands",
    "CodesFromExternalFile": "name its codes in a code map",
    "SubfieldSeparator": "one value is written for each component",
    "ErrorIfEmpty": "blank cells are no figures",
    "MaxEmptyColumns": "the columns end where the sheet ends",
}

Line = dict[str, Any]


@dataclass(frozen=True)
class Parts:
    """Parts of a mapping file that elements of a parameter sheet give, and what they leave.

    Parameters
    ----------
    rows, columns
        Headings of the label columns, and of the header rows.
    headings
        Headings that are in one cell of the sheet.
    beside
        Headings that are in cells next to the figures.
    codes
        Name of a code map to label to code.
    components
        Component to its place in the mapping file.
    left
        Words for what a mapping file cannot say.
    """

    rows: tuple[Line, ...] = ()
    columns: tuple[Line, ...] = ()
    headings: tuple[Line, ...] = ()
    beside: tuple[Line, ...] = ()
    codes: Mapping[str, dict[str, str]] = field(default_factory=dict)
    components: Mapping[str, Any] = field(default_factory=dict)
    left: tuple[str, ...] = ()

    def __add__(self, other: Parts) -> Parts:
        """Parts of both."""
        rows = self.rows + other.rows
        columns = self.columns + other.columns
        headings = self.headings + other.headings
        beside = self.beside + other.beside
        codes = {**self.codes, **other.codes}
        components = {**self.components, **other.components}
        left = self.left + other.left
        return Parts(rows, columns, headings, beside, codes, components, left)


@dataclass(frozen=True)
class _Reading:
    """One parameter sheet with its data sheets, from which elements are read.

    Parameters
    ----------
    parameters
        Parameter sheet.
    extent
        Place of the figures.
    sheets
        Data sheets at hand, whose labels tell what codes are taken unchanged.
    suffix
        End of the names of headings and code maps, which differ between parameter sheets.
    step
        Columns from one figure to the next.
    """

    parameters: Parameters
    extent: Extent
    sheets: Sequence[Sheet]
    suffix: str
    step: int

    def labels(self, element: Element) -> list[str]:
        """Distinct labels of an element on the data sheets, in reading order."""
        labels: dict[str, None] = {}
        takes_part = element.how == "CELL" and element.part
        for sheet in self.sheets:
            for row, column in self._places(element, sheet):
                text = clean(sheet.filled(row, column).text)
                if takes_part:
                    text = _part_of_text(text, self.parameters.separator, element.part)
                if text:
                    labels[text] = None
        return list(labels)

    def _places(self, element: Element, sheet: Sheet) -> Iterator[tuple[int, int]]:
        """Places of the labels of an element; every `step`th column holds figures."""
        place = element.position
        if element.how == "COLUMN" and (place.isdigit() or place.isalpha()):
            number = _column_number(place)
            for row in self._rows(sheet):
                yield row, number
        elif element.how == "ROW" and place.isdigit():
            for column in self._columns():
                yield int(place), column
        elif element.is_cell:
            yield position(place)
        elif element.how == "OBS_LEVEL" and place.isdigit():
            for row in self._rows(sheet):
                for column in self._columns():
                    yield row, column + int(place)

    def _rows(self, sheet: Sheet) -> list[int]:
        """Rows of figures of a sheet."""
        bottom = self.extent.bottom or sheet.rows
        rows = range(self.extent.top, bottom + 1)
        return [row for row in rows if row not in self.extent.rows]

    def _columns(self) -> list[int]:
        """Columns of figures."""
        columns = range(self.extent.left, self.extent.right + 1, self.step)
        return [column for column in columns if column not in self.extent.columns]

    def codes(self, element: Element, labels: Sequence[str]) -> dict[str, str]:
        """Labels to codes; a label without a transcoding is its code, as in the Converter."""
        transcoding = self.parameters.transcoding.get(element.id, {})
        part = 0
        if element.how != "CELL":
            part = element.part
        codes: dict[str, str] = {}
        if part:
            for text in labels:
                value = _part_of_text(text, self.parameters.separator, part)
                if value:
                    codes[text] = transcoding.get(value, value)
        elif transcoding:
            codes.update(transcoding)
            for text in labels:
                codes.setdefault(text, text)
        return codes

    def code_map(self, element: Element) -> str:
        """Name of the code map of an element."""
        return f"{element.id.lower()}{self.suffix}"


def parts_of(
    parameters: Parameters, extent: Extent, sheets: Sequence[Sheet], suffix: str
) -> Parts:
    """Parts of a mapping file from one parameter sheet.

    Parameters
    ----------
    parameters, extent
        Parameter sheet, and the place of its figures.
    sheets
        Data sheets at hand, whose labels tell what codes are taken unchanged.
    suffix
        End of the names of headings and code maps, which must differ between parameter sheets.
    """
    reading = _Reading(parameters, extent, sheets, suffix, _step(parameters))
    parts = Parts()
    for element in parameters.elements:
        parts = parts + _parts_of_element(reading, element)
    return parts + Parts(left=_left_settings(parameters))


def _column_number(place: str) -> int:
    """Number of a column that is said by its number or its letters."""
    if place.isdigit():
        return int(place)
    return column_number(place)


def _step(parameters: Parameters) -> int:
    """Columns from one figure to the next: one more for each cell next to it that is named."""
    steps: set[str] = set()
    for element in parameters.elements:
        for place in (element, *element.halves):
            if place.how == "OBS_LEVEL":
                steps.add(place.position)
    return 1 + len(steps)


def _left_settings(parameters: Parameters) -> tuple[str, ...]:
    """Words for transcodings and settings that a mapping file cannot say."""
    left: list[str] = []
    element_ids = {element.id for element in parameters.elements}
    for name in parameters.transcoding:
        if name not in element_ids:
            left.append(f"the transcoding of {name}, which is no element")
    for name, value in parameters.settings.items():
        if name in BEYOND:
            left.append(f"{name} {value}: {BEYOND[name]}")
    if parameters.occurrences:
        left.append("Occurrences: checks of a validation")
    return tuple(left)


def _parts_of_element(reading: _Reading, element: Element) -> Parts:
    """Parts that one element gives."""
    if element.kind == "MES" and element.how != "FIX":
        words = f"{element.id}: measures are the figures themselves, from DataStart"
        return Parts(left=(words,))
    if element.how == "FIX":
        transcoding = reading.parameters.transcoding.get(element.id, {})
        value = transcoding.get(element.position, element.position)
        return Parts(components={element.id: value})
    if element.halves:
        return _parts_of_halves(reading, element)
    if element.how == "SKIP":
        return Parts()
    name = _heading_name(element, reading.suffix)
    place = _place(reading.parameters, element, name)
    if place is None:
        words = f"{element.id}: its position {element.how} {element.position}".rstrip()
        return Parts(left=(words,))
    return place + _component(reading, element, name)


def _heading_name(element: Element, suffix: str) -> str:
    """Name of the heading of an element; a name that a mapping file gives itself is changed."""
    name = element.id
    if element.how == "CELL":
        name = f"{element.id}{suffix}"
    if name in GIVEN:
        return f"{name}_"
    return name


def _parts_of_halves(reading: _Reading, element: Element) -> Parts:
    """Parts of an element with two places: the first label that is not blank counts."""
    first, second = element.halves
    name = f"{element.id}{reading.suffix}"
    first_place = _place(reading.parameters, first, name)
    other_name = f"{name} otherwise"
    second_place = _place(reading.parameters, second, other_name)
    if first_place is None or second_place is None or element.id in TIME:
        words = f"{element.id}: its position {element.how} {element.position}"
        return Parts(left=(words,))
    code_map = reading.code_map(element)
    codes = _codes_of_halves(reading, first, second)
    component = {"from": [name, other_name], "codes": code_map}
    both = Parts(codes={code_map: codes}, components={element.id: component})
    return first_place + second_place + both


def _codes_of_halves(reading: _Reading, first: Element, second: Element) -> dict[str, str]:
    """Pairs of labels to the code of the first label that is not blank."""
    first_labels = reading.labels(first)
    second_labels = reading.labels(second)
    first_codes = reading.codes(first, first_labels)
    second_codes = reading.codes(second, second_labels)
    codes: dict[str, str] = {}
    for pair in product([*first_labels, ""], [*second_labels, ""]):
        first_label, second_label = pair
        if second_label and not first_label:
            code = second_codes.get(second_label, second_label)
        else:
            code = first_codes.get(first_label, first_label)
        codes[label(MappedValue(pair, code))] = code
    return codes


def _place(parameters: Parameters, element: Element, name: str) -> Parts | None:
    """Place of an element where a mapping file names it; None where it cannot name it."""
    place = element.position
    is_letters = re.fullmatch(r"[A-Z]{1,3}", place) is not None
    if element.how == "SKIP":
        return None
    if element.how == "COLUMN" and (is_letters or place.isdigit()):
        letters = place
        if place.isdigit():
            letters = column_letters(int(place))
        return Parts(rows=({"name": name, "column": letters},))
    if element.how == "ROW" and place.isdigit():
        return Parts(columns=({"name": name, "row": place},))
    if element.is_cell:
        heading = {"name": name, "cell": place}
        if element.part:
            heading["text"] = _part_pattern(parameters.separator, element.part)
        return Parts(headings=(heading,))
    if element.how == "OBS_LEVEL" and place.isdigit() and int(place):
        return Parts(beside=({"name": name, "right": place},))
    return None


def _part_pattern(separator: str, part: int) -> str:
    """Regular expression whose group is one of the values of a cell."""
    apart = re.escape(separator)
    return rf"^(?:.*?{apart}){{{part - 1}}}\s*(.*?)\s*(?:{apart}|$)"


def _part_of_text(text: str, separator: str, part: int) -> str:
    """One of the values of a cell, empty where it has fewer."""
    values = text.split(separator)
    if part <= len(values):
        return values[part - 1].strip()
    return ""


def _component(reading: _Reading, element: Element, name: str) -> Parts:
    """Component that is read from a heading: by its codes, as a period, or unchanged."""
    codes = reading.codes(element, reading.labels(element))
    component: Line = {"from": name}
    if element.id in TIME:
        component = {"period": name}
        if codes:
            component["periods"] = codes
        components = {"TIME_PERIOD": component}
        return Parts(components=components, left=_left_spellings(element, codes))
    if not codes:
        return Parts(components={element.id: component})
    code_map = reading.code_map(element)
    component["codes"] = code_map
    values = codes
    if element.kind == "ATT":
        values = {**codes, "": ""}
    components = {element.id: component}
    left = _left_spellings(element, codes)
    return Parts(codes={code_map: values}, components=components, left=left)


def _left_spellings(element: Element, codes: Mapping[str, str]) -> tuple[str, ...]:
    """Words for labels that differ in the case of letters only and have two codes."""
    left: list[str] = []
    code_of_word: dict[str, str] = {}
    for text, code in codes.items():
        if code_of_word.setdefault(folded(text), code) != code:
            words = f"{text} is {code}, and the same word in other letters is not"
            left.append(f"{element.id}: {words}")
    return tuple(left)
