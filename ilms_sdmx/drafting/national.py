"""A data set of the office's own, with every heading of a table, so that nothing is lost."""

from __future__ import annotations

from ilms_sdmx.drafting.codes import CodeMap
from ilms_sdmx.drafting.components import (
    Drafted,
    choice,
    counts,
    frequency_lines,
    is_share,
    sex_line,
    time_lines,
)
from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.drafting.layout import needs_sex
from ilms_sdmx.drafting.model import Analysis
from ilms_sdmx.drafting.text import comment, quoted


def national(
    drafted: Drafted, analysis: Analysis, area: str, office: str, languages: tuple[str, ...]
) -> None:
    """Draft a data set of the office's own, with every heading of the table, so that nothing is lost."""
    title = next((t for t in reversed(analysis.titles) if t), analysis.sheet)
    lines = [
        f"  - dataflow: {office}:DF_{analysis.name.upper()}(1.0){comment('decide: a name of your own')}"
    ]
    lines += [f"    title: {quoted(title)}", f"    tables: [{analysis.name}]"]
    if wanted := counts(analysis):
        lines.append(
            "    where: {" + ", ".join(choice(n, t, False) for n, t in wanted.items()) + "}"
        )
    lines.append("    components:")
    lines.append(f"      REF_AREA: {area}")
    lines += [f"      {line}" for line in frequency_lines(drafted, [analysis])]
    sexed = {analysis.name} if needs_sex(analysis) else set()
    for head in analysis.headings:
        labels = [t for t in head.labels if not is_share(analysis, head, t)]
        single = head.role == "measure" and len(labels) < 2
        if (
            head.role in {"period", "number", "sex"}
            or _is_language(analysis, head)
            or single
            or not labels
        ):
            continue
        name = head.name.upper()
        over = next((t for t in _over(analysis, head) if t), head.name)
        codes = CodeMap(f"{analysis.name}_{head.name}", own=(analysis.name, head.name))
        for label in labels:
            match = head.matches.get(label)
            known = (
                match.code.removeprefix(head.prefix) if match and head.role == "country" else ""
            )
            codes.add_own(label, known)
        if sexed and "TOTAL" not in codes.names:
            codes.values["total"] = ("TOTAL", "")
        drafted.codes[codes.name] = codes
        lines.append(
            f"      {name}: {{from: {head.name}, codes: {codes.name}, name: {quoted(over)}}}"
        )
    lines.append("      " + sex_line(drafted, [analysis], sexed))
    lines += [f"      {line}" for line in time_lines([analysis])]
    lines += ["      UNIT_MEASURE: PS", "      UNIT_MULT: 0"]
    drafted.datasets += lines


def _is_language(analysis: Analysis, head: Heading) -> bool:
    """Whether a heading is the labels in a second language, right of the figures."""
    return any(h is head and c > max(analysis.found.data) for c, h in analysis.rows.items())


def _over(analysis: Analysis, head: Heading) -> list[str]:
    found = analysis.found
    return [
        found.text(r, c) for c, h in analysis.rows.items() if h is head for r in found.header
    ]
