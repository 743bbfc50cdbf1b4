"""Components of a mapping file from the elements of a parameter sheet, and what it has no word for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ilms_sdmx.drafting.parameter_ranges import Extent
from ilms_sdmx.drafting.parameter_sheets import Element, Parameters
from ilms_sdmx.mapping.imported_text import label
from ilms_sdmx.mapping.layout import GIVEN
from ilms_sdmx.mapping.model import MappedValue
from ilms_sdmx.tables.addresses import column_letters, column_number, position
from ilms_sdmx.tables.cells import Sheet
from ilms_sdmx.tables.text import clean, folded

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


@dataclass
class Parts:
    """Parts of a mapping file that the elements of one parameter sheet give, and what they leave."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    headings: list[dict[str, Any]] = field(default_factory=list)
    beside: list[dict[str, Any]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    components: dict[str, Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def parts_of(parameters: Parameters, extent: Extent, sheets: list[Sheet], suffix: str) -> Parts:
    """Parts of a mapping file from one parameter sheet.

    Parameters
    ----------
    sheets
        Data sheets at hand, whose labels tell what codes are taken as they stand.
    suffix
        End of the names of headings and code maps, which must differ between parameter sheets.
    """
    found = Parts()
    step = 1 + len({steps for e in parameters.elements for steps in _steps(e)})

    def labels(element: Element) -> list[str]:
        return _labels(element, extent, sheets, parameters, step)

    for element in parameters.elements:
        _add(found, element, parameters, labels, suffix)
    known = {e.id for e in parameters.elements}
    for name in [n for n in parameters.transcoding if n not in known]:
        found.left.append(f"the transcoding of {name}, which is no element")
    found.left += [
        f"{k} {v}: {BEYOND[k]}" for k, v in parameters.settings.items() if k in BEYOND
    ]
    if parameters.occurrences:
        found.left.append("Occurrences: checks of a validation")
    return found


def _steps(e: Element) -> list[str]:
    """Find the steps from a figure to the cells beside it that an element names."""
    return [own.position for own in (e, *_halves(e)) if own.how == "OBS_LEVEL"]


def _halves(e: Element) -> tuple[Element, ...]:
    """Places of an element with two of them, of which the second counts where the first is blank."""
    said = e.position.split()
    if e.how != "MIXED" or len(said) != 4:
        return ()
    pairs = [
        (how.upper(), *position.upper().partition("/")[::2])
        for how, position in (said[:2], said[2:])
    ]
    if not all(part.isdigit() or not part for _, _, part in pairs):
        return ()
    return tuple(
        Element(e.id, e.kind, how, place, int(part or 0)) for how, place, part in pairs
    )


#: Labels of an element on the data sheets at hand.
LabelsOf = Callable[[Element], list[str]]


def _add(
    found: Parts, e: Element, parameters: Parameters, labels: LabelsOf, suffix: str
) -> None:
    """Add what one element says."""
    name = f"{e.id}{suffix if e.how == 'CELL' else ''}"
    name = f"{name}_" if name in GIVEN else name
    if e.kind == "MES" and e.how != "FIX":
        found.left.append(f"{e.id}: measures are the figures themselves, from DataStart")
    elif e.how == "FIX":
        found.components[e.id] = parameters.transcoding.get(e.id, {}).get(
            e.position, e.position
        )
    elif _halves(e):
        _add_halves(found, e, parameters, labels, suffix)
    elif (problem := _placed(found, e, name, parameters)) is None:
        _component(found, e, name, parameters, labels(e), suffix)
    elif problem:
        found.left.append(f"{e.id}: {problem}")


def _add_halves(
    found: Parts, e: Element, parameters: Parameters, labels: LabelsOf, suffix: str
) -> None:
    """Add an element with two places: a code map of both labels takes the first that is not blank."""
    halves, names = _halves(e), (f"{e.id}{suffix}", f"{e.id}{suffix} otherwise")
    trial = Parts()
    places = [
        _placed(trial, half, name, parameters) for half, name in zip(halves, names, strict=True)
    ]
    if any(problem is not None for problem in places) or e.id in TIME:
        found.left.append(f"{e.id}: its position {e.how} {e.position}")
        return
    for own, more in ((found.rows, trial.rows), (found.columns, trial.columns)):
        own += more
    found.headings += trial.headings
    found.beside += trial.beside
    first, second = ([*labels(half), ""] for half in halves)
    values = [_lines(half, parameters, [*labels(half)]) for half in halves]
    lines: dict[str, str] = {}
    for pair in product(first, second):
        chosen = next((n for n, text in enumerate(pair) if text), 0)
        code = values[chosen].get(pair[chosen], pair[chosen])
        lines[label(MappedValue(pair, code))] = code
    found.codes[f"{e.id.lower()}{suffix}"] = lines
    found.components[e.id] = {"from": list(names), "codes": f"{e.id.lower()}{suffix}"}


def _placed(found: Parts, e: Element, name: str, parameters: Parameters) -> str | None:
    """Put the place of an element where a mapping file names it; words for what it cannot name."""
    letters = re.fullmatch(r"[A-Z]{1,3}", e.position)
    if e.how == "SKIP":
        return ""
    if e.how == "COLUMN" and (letters or e.position.isdigit()):
        found.rows.append({"name": name, "column": _letters(e.position)})
    elif e.how == "ROW" and e.position.isdigit():
        found.columns.append({"name": name, "row": e.position})
    elif e.how == "CELL" and re.fullmatch(r"[A-Z]{1,3}[1-9]\d*", e.position):
        part = {"text": _part_pattern(_separator(parameters), e.part)} if e.part else {}
        found.headings.append({"name": name, "cell": e.position, **part})
    elif e.how == "OBS_LEVEL" and e.position.isdigit() and int(e.position):
        found.beside.append({"name": name, "right": e.position})
    else:
        return f"its position {e.how} {e.position}".rstrip()
    return None


def _letters(text: str) -> str:
    return column_letters(int(text)) if text.isdigit() else text


def _separator(parameters: Parameters) -> str:
    return parameters.settings.get("ConceptSeparator", "") or ";"


def _part_pattern(separator: str, part: int) -> str:
    """Regular expression whose group is one of the values of a cell."""
    apart = re.escape(separator)
    return rf"^(?:.*?{apart}){{{part - 1}}}\s*(.*?)\s*(?:{apart}|$)"


def _component(
    found: Parts, e: Element, name: str, parameters: Parameters, labels: list[str], suffix: str
) -> None:
    """Add the component that is read from a heading: by its codes, as a period, or as it stands."""
    lines = _lines(e, parameters, labels)
    if e.id in TIME:
        found.components["TIME_PERIOD"] = {
            "period": name,
            **({"periods": lines} if lines else {}),
        }
    elif lines:
        codes = f"{e.id.lower()}{suffix}"
        found.codes[codes] = {**lines, "": ""} if e.kind == "ATT" else lines
        found.components[e.id] = {"from": name, "codes": codes}
    else:
        found.components[e.id] = {"from": name}
    known: dict[str, str] = {}
    for text, code in lines.items():
        if known.setdefault(folded(text), code) != code:
            found.left.append(
                f"{e.id}: {text} is {code}, and the same word in other letters is not"
            )


def _lines(e: Element, parameters: Parameters, labels: list[str]) -> dict[str, str]:
    """Labels to codes; a label without a transcoding is its own code, as in the Converter."""
    transcoding = parameters.transcoding.get(e.id, {})
    apart = e.part if e.how != "CELL" else 0
    if not transcoding and not apart:
        return {}
    if not apart:
        return {**transcoding, **{text: text for text in labels if text not in transcoding}}
    values = {text: _part(text, _separator(parameters), apart) for text in labels}
    return {text: transcoding.get(value, value) for text, value in values.items() if value}


def _part(text: str, separator: str, part: int) -> str:
    values = text.split(separator)
    return values[part - 1].strip() if part <= len(values) else ""


def _labels(
    e: Element, extent: Extent, sheets: list[Sheet], parameters: Parameters, step: int
) -> list[str]:
    """Distinct labels of an element on the data sheets, in reading order."""
    places = [(sheet, place) for sheet in sheets for place in _places(e, extent, sheet, step)]
    texts = [clean(sheet.filled(*place).text) for sheet, place in places]
    if e.how == "CELL" and e.part:
        texts = [_part(text, _separator(parameters), e.part) for text in texts]
    return list(dict.fromkeys(t for t in texts if t))


def _places(e: Element, extent: Extent, sheet: Sheet, step: int) -> Iterator[tuple[int, int]]:
    """Places of the labels of an element; every `step`th column holds figures."""
    bottom, right = extent.bottom or sheet.rows, extent.right
    rows = [r for r in range(extent.top, bottom + 1) if r not in extent.rows]
    columns = [c for c in range(extent.left, right + 1, step) if c not in extent.columns]
    if e.how == "COLUMN" and (e.position.isdigit() or e.position.isalpha()):
        number = int(e.position) if e.position.isdigit() else column_number(e.position)
        yield from ((row, number) for row in rows)
    elif e.how == "ROW" and e.position.isdigit():
        yield from ((int(e.position), column) for column in columns)
    elif e.how == "CELL" and re.fullmatch(r"[A-Z]{1,3}[1-9]\d*", e.position):
        yield position(e.position)
    elif e.how == "OBS_LEVEL" and e.position.isdigit():
        yield from ((row, column + int(e.position)) for row in rows for column in columns)
