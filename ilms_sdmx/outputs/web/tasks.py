"""Tasks of the child process: what reads a workbook, its mapping, or the database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import all_or_none, make_folder, replacing
from ilms_sdmx.outputs.desk import Desk, Mark
from ilms_sdmx.outputs.desk.history import StaleError
from ilms_sdmx.outputs.desk.questions import search_codes

if TYPE_CHECKING:
    from ilms_sdmx.conversion import Conversion
    from ilms_sdmx.datasets import Dataset

#: Called with steps done and steps in all.
Told = Callable[[int, int], None]
#: Findings that a page lists; all are in the report.
_MOST_FINDINGS = 300
#: Desks that are kept, so that a click does not read the workbook again.
_DESKS: dict[tuple[str, str], Desk] = {}
_MOST_DESKS = 3
#: Rules of findings that say what a later edition has changed.
_OF_EDITIONS = frozenset({"edition-changed"})


def warm() -> None:
    """Read what every task needs, before somebody waits for it."""
    import pandas as pd

    pd.DataFrame({"x": ["1"]}, dtype="str")


def _desk(workbook: str, mapping: str) -> Desk:
    """Desk of a workbook, with its cells as they were read before."""
    key = workbook, mapping
    desk = _DESKS.pop(key, None)
    if desk is None:
        desk = Desk(workbook, mapping)
    _DESKS[key] = desk
    while len(_DESKS) > _MOST_DESKS:
        _DESKS.pop(next(iter(_DESKS)))
    return desk


def begin(told: Told, workbook: str, mapping: str, area: str) -> dict[str, Any]:
    """Draft the mapping of a workbook that has none."""
    told(0, 1)
    desk = Desk.begun(workbook, mapping, area=area)
    desk.document()
    told(1, 1)
    return {"state": desk.history.current().number}


def view(told: Told, workbook: str, mapping: str, output: str, language: str) -> dict[str, Any]:
    """Write the sheets, questions and findings of the mapping as it is, for the page."""
    from ilms_sdmx.conversion.undecided import SKIP
    from ilms_sdmx.findings.languages import translated
    from ilms_sdmx.outputs.desk.sheets import sheet_roles
    from ilms_sdmx.tables.xlsx.appearance import appearances

    desk = _desk(workbook, mapping)
    state = desk.history.current()
    conversion = desk.convert(undecided=SKIP, progress=told)
    report = translated(conversion.report, language)
    looks = appearances(desk.path)
    sheets = []
    for sheet in sheet_roles(conversion):
        look = looks.get(sheet.name)
        shown = asdict(sheet)
        shown["widths"] = {} if look is None else dict(look.widths)
        shown["is_rtl"] = look is not None and look.is_right_to_left
        sheets.append(shown)
    seen = {
        "state": state.number,
        "sheets": sheets,
        "questions": [asdict(question) for question in desk.questions()],
        "findings": _findings(report),
        "count": len(report),
        "summary": conversion.summary(),
        "size": conversion.size,
        "counts": conversion.counts,
        "datasets": [dataset.dataflow for dataset in conversion.mapping.datasets],
        "area": conversion.mapping.source.get("area", ""),
    }
    path = Path(output)
    make_folder(path.parent)
    with replacing(path) as stream:
        stream.write(json.dumps(seen, ensure_ascii=False).encode())
    return {"state": state.number}


def _findings(report: Any) -> list[dict[str, Any]]:
    """Findings for people, without the questions, which have a place of their own."""
    listed = []
    for finding in report:
        if finding.rule in ("undecided", "open-question"):
            continue
        listed.append(
            {
                "rule": finding.rule,
                "severity": str(finding.severity),
                "sheet": finding.place.sheet,
                "cell": finding.place.cell,
                "message": finding.message,
                "fix": finding.fix,
                "is_of_edition": finding.rule in _OF_EDITIONS,
            }
        )
    return listed[:_MOST_FINDINGS]


def answer(
    told: Told,
    workbook: str,
    mapping: str,
    line: int,
    action: str,
    value: str,
    similar: bool,
    expected: int,
) -> dict[str, Any]:
    """Answer a question."""
    desk = _desk(workbook, mapping)
    state = desk.answer(line, action, value, similar=similar, expected=expected)
    return {"state": state.number}


def mark(
    told: Told, workbook: str, mapping: str, said: Mapping[str, Any], expected: int
) -> dict[str, Any]:
    """Say what a cell, row, column or block is."""
    of = tuple(said["of"])
    meant = Mark(said["sheet"], said["cell"], said["role"], said["extent"], said["why"], of)
    state = _desk(workbook, mapping).mark(meant, expected=expected)
    return {"state": state.number}


def write(told: Told, workbook: str, mapping: str, text: str, expected: int) -> dict[str, Any]:
    """Write the mapping file as a person has edited it."""
    state = _desk(workbook, mapping).write(text, expected=expected)
    return {"state": state.number}


def sources(told: Told, workbook: str, mapping: str, sheet: str, cell: str) -> list[Any]:
    """Observations that a cell becomes, and where each component comes from."""
    found = []
    for observation in _desk(workbook, mapping).sources(sheet, cell):
        components = [asdict(source) for source in observation["components"]]
        found.append({**observation, "components": components})
    return found


def search(told: Told, codelist: str, prefix: str, typed: str) -> list[dict[str, str]]:
    """Codes that a person may mean."""
    return [asdict(choice) for choice in search_codes(codelist, prefix, typed)]


def produce(
    told: Told,
    workbook: str,
    mapping: str,
    results: str,
    prepared: str,
    partial: bool,
    language: str,
) -> dict[str, Any]:
    """Convert and validate, and write everything that goes with it."""
    from ilms_sdmx.conversion import write_conversion
    from ilms_sdmx.findings.languages import translated
    from ilms_sdmx.outputs.reports.annotations import annotate
    from ilms_sdmx.outputs.reports.catalogues import catalogue
    from ilms_sdmx.outputs.reports.conversion import conversion_page
    from ilms_sdmx.outputs.reports.pages import write_page
    from ilms_sdmx.outputs.reports.validation import validation_page
    from ilms_sdmx.validation import validate

    desk = Desk(workbook, mapping)
    conversion = desk.convert(progress=lambda done, of: told(done, of + 3))
    folder = Path(results)
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    words = catalogue(language)
    told(7, 9)
    checked = None
    if conversion.datasets:
        checked = validate(list(conversion.datasets))
    is_right = conversion.exit_code < 2
    told(8, 9)
    with all_or_none():
        write_page(
            conversion_page(conversion, words=words, created=prepared),
            folder / "conversion.html",
        )
        annotate(conversion, folder / f"{desk.path.stem}.annotated.xlsx", desk.path, words)
        if checked is not None:
            page = validation_page(checked, *conversion.datasets, words=words)
            write_page(page, folder / "validation.html")
        if is_right or (partial and not conversion.is_stopped):
            write_conversion(
                conversion,
                folder,
                prepared=prepared,
                partial=partial,
                inputs=(desk.path, desk.mapping),
            )
    told(9, 9)
    report = translated(conversion.report, language)
    return {
        "exit_code": conversion.exit_code,
        "is_written": bool(list(folder.glob("*.manifest.json"))),
        "summary": conversion.summary(),
        "size": conversion.size,
        "counts": conversion.counts,
        "errors": len(report.errors),
        "findings": _findings(report),
        "validation": _severities(checked),
        "checked": _findings(translated(checked, language)) if checked is not None else [],
        "areas": _values(conversion, "REF_AREA"),
        "periods": _values(conversion, "TIME_PERIOD"),
        "flows": [dataset.dataflow for dataset in _of_ilo(conversion)],
        "files": _files(folder),
    }


def _severities(report: Any) -> dict[str, int]:
    """Number of findings of each severity; none where nothing was validated."""
    from ilms_sdmx.findings import Severity

    if report is None:
        return {}
    return {str(severity): len(report.of_severity(severity)) for severity in Severity}


def _values(conversion: Conversion, name: str) -> list[str]:
    """Values of a component in all data sets."""
    values: set[str] = set()
    for dataset in conversion.datasets:
        if name in dataset.observations:
            values.update(dataset.observations[name].astype("str"))
    return sorted(values)


def _files(folder: Path) -> list[str]:
    """Names of the files that can be downloaded."""
    names = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            names.append(path.relative_to(folder).as_posix())
    return names


def _of_ilo(conversion: Conversion) -> list[Dataset]:
    """Data sets of the ILO's own dataflows."""
    return [one for one in conversion.datasets if one.dataflow not in conversion.own]


def _converted(told: Told, workbook: str, mapping: str) -> Conversion:
    return Desk(workbook, mapping).convert(progress=lambda done, of: told(done, of + 1))


def compare(told: Told, workbook: str, mapping: str, results: str) -> dict[str, Any]:
    """Set the figures next to the comparators that are shipped."""
    from ilms_sdmx.analysis.comparison.comparisons import compare as compare_figures
    from ilms_sdmx.analysis.comparison.snapshots import snapshot
    from ilms_sdmx.outputs.reports.catalogues import catalogue
    from ilms_sdmx.outputs.reports.comparison import comparison_page
    from ilms_sdmx.outputs.reports.comparison_words import sentences
    from ilms_sdmx.outputs.reports.pages import write_page

    conversion = _converted(told, workbook, mapping)
    comparison = compare_figures(conversion, *snapshot())
    folder = Path(results)
    make_folder(folder)
    write_page(comparison_page(comparison), folder / "comparison.html")
    told(7, 7)
    said = list(sentences(comparison, catalogue("en")))
    return {"sentences": [str(sentence) for sentence in said], "files": _files(folder)}


def add(
    told: Told, workbook: str, mapping: str, database: str, prepared: str
) -> dict[str, Any]:
    """Add the figures to the database."""
    from datetime import datetime

    from ilms_sdmx.database import Database

    conversion = _converted(told, workbook, mapping)
    kept = Database(database)
    at = prepared
    if (Path(database) / "manifest.json").exists():
        at = kept.time_from(datetime.fromisoformat(prepared))
    added = kept.add(conversion, Path(workbook).stem, at=at)
    told(7, 7)
    numbers = {}
    for name in ("observations", "added", "changed", "removed"):
        numbers[name] = int(getattr(added, name))
    return {"name": added.name, **numbers}


def questionnaire(
    told: Told, workbook: str, mapping: str, results: str, area: str, period: str
) -> dict[str, Any]:
    """Fill the questionnaire of the ILO with the figures."""
    from io import BytesIO

    from ilms_sdmx.outputs.questionnaire import (
        fill_questionnaire,
        form_tables,
        write_questionnaire,
    )

    conversion = _converted(told, workbook, mapping)
    empty = BytesIO()
    write_questionnaire(form_tables(area, period), empty)
    filled = fill_questionnaire(empty.getvalue(), _of_ilo(conversion))
    folder = Path(results)
    make_folder(folder)
    with replacing(folder / f"questionnaire_{area}_{period}.xlsx") as stream:
        stream.write(filled.content)
    told(7, 7)
    return {
        "written": filled.written,
        "findings": _findings(filled.report),
        "files": _files(folder),
    }


def package(
    told: Told,
    workbook: str,
    mapping: str,
    results: str,
    sender: str,
    receiver: str,
    prepared: str,
) -> dict[str, Any]:
    """Prepare a package for a receiver."""
    from ilms_sdmx.outputs.exchange import prepare_package

    conversion = _converted(told, workbook, mapping)
    folder = Path(results)
    make_folder(folder)
    target = folder / f"package-{receiver}"
    shutil.rmtree(target, ignore_errors=True)
    made = prepare_package(
        _of_ilo(conversion), target, to=receiver, sender=sender, prepared=prepared
    )
    told(7, 7)
    return {
        "id": made.package.id,
        "count": len(made.package.files),
        "findings": _findings(made.report),
        "files": _files(folder),
    }


#: Tasks by name.
TASKS: dict[str, Callable[..., Any]] = {
    "begin": begin,
    "view": view,
    "answer": answer,
    "mark": mark,
    "write": write,
    "sources": sources,
    "search": search,
    "produce": produce,
    "compare": compare,
    "add": add,
    "questionnaire": questionnaire,
    "package": package,
}
#: Kind of the error of an edit that comes too late.
STALE = StaleError.__name__
