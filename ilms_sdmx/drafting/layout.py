"""The `tables` section of a draft: where each table begins, its headings, its rules and checks."""

from __future__ import annotations

import re

from ilms_sdmx.drafting.begin import begin_of
from ilms_sdmx.drafting.found import Found
from ilms_sdmx.drafting.levels import indents
from ilms_sdmx.drafting.model import Analysis
from ilms_sdmx.drafting.rules import check_lines, counts_in_thousands, rule_lines
from ilms_sdmx.drafting.text import comment, pattern, quoted
from ilms_sdmx.tables.cells import Kind, column_letters
from ilms_sdmx.words import power_of, words_in

_PAIR = re.compile(r"\s*[\d.,\s]*\d\s*\([\d.,\s]*\d\)\s*")
#: What a draft proposes for a row that is a year, and for a number with another in brackets.
_YEAR_ROW = r"/^\(?\d{4}\)?$/"
_PAIR_GROUPS = r"([\d.,]+)\s*\(([\d.,]+)\)"
#: Statuses of figures that are not final, as a title says them; the first that is read counts.
_NOT_FINAL = ("P", "E")


def has_pairs(found: Found) -> bool:
    """Whether most cells of text hold one number and another in brackets."""
    texts = [cell.text for _, cell in found.cells() if cell.kind is Kind.TEXT]
    return bool(texts) and sum(bool(_PAIR.fullmatch(t)) for t in texts) > len(texts) / 2


def needs_sex(analysis: Analysis) -> bool:
    """Whether the draft itself tells the sexes apart, by rules or by pairs in a cell."""
    sexes = any(why.startswith("SEX_") for *_, why in analysis.roles)
    return analysis.heading_of("sex") is None and (sexes or has_pairs(analysis.found))


def table_lines(
    analysis: Analysis, constants: dict[str, tuple[str, str]], sheets: list[str]
) -> list[str]:
    """Lines of one table.

    Parameters
    ----------
    constants
        Headings that are the same in the whole table, each with a comment.
    sheets
        Names of all sheets of the workbook; a table names its own where they are fewer.
    """
    lines = [f"  - name: {analysis.name}"]
    if len(sheets) > len(analysis.founds):
        lines.append(f"    sheets: {_sheets(analysis, sheets)}")
    lines += _begin(analysis)
    lines += _rows(analysis)
    if analysis.columns:
        names = [head.name for head in analysis.columns.values()] + [
            "~" for _ in analysis.found.numbered
        ]
        lines.append(f"    columns: [{', '.join(names)}]")
        spread = [
            head.name for row, head in analysis.columns.items() if analysis.found.is_spread(row)
        ]
        if spread:
            why = comment("decide: a blank header repeats the one to its left")
            lines.append(f"    fill_columns: [{', '.join(spread)}]{why}")
    elif analysis.found.data:
        labels = ", ".join(
            f"value_{n + 1}" if n else "value" for n in range(len(analysis.found.data))
        )
        lines.append(
            f"    column_labels: [{labels}]  # decide: no header says what the figures are"
        )
    lines += _blocks(analysis)
    lines += _status(analysis)
    in_rows = counts_in_thousands(analysis)
    if analysis.thousand in analysis.titles and analysis.thousand:
        power = power_of(analysis.thousand)
        lines.append(f"    multiplier: {power}{comment('decide: ' + analysis.thousand)}")
    elif analysis.thousand and not in_rows:
        lines.append(
            f"    # decide: multiplier {power_of(analysis.thousand)}? {quoted(analysis.thousand)}"
        )
    if constants:
        lines.append("    set:")
        lines += [
            f"      {name}: {quoted(value)}{comment(why)}"
            for name, (value, why) in constants.items()
        ]
    lines += _cells(analysis)
    lines += rule_lines(analysis)
    return lines + check_lines(analysis)


def _status(analysis: Analysis) -> list[str]:
    """Status of all figures where the title or the name of the sheet says that they are not final."""
    for text in (*analysis.near, analysis.sheet):
        statuses = {word.value for word in words_in(text, "status")}
        for status in _NOT_FINAL:
            if status in statuses:
                return [f"    status: {status}{comment('decide: ' + text)}"]
    return []


def _sheets(analysis: Analysis, sheets: list[str]) -> str:
    """Pattern or list of the sheets of a table; by their form where all sheets of that form have it."""
    own = [a.sheet for a in (analysis, *analysis.alike)]
    if len(own) == 1:
        return pattern(own[0])
    form = "^" + re.sub(r"\d", r"\\d", re.escape(own[0]).replace(r"\ ", " ")) + "$"
    if [name for name in sheets if re.search(form, name)] == own:
        return quoted(f"/{form}/")
    return f"[{', '.join(map(pattern, own))}]"


def _begin(analysis: Analysis) -> list[str]:
    begin = begin_of(analysis.founds)
    lines = [f"    begin: {begin.pattern}{comment(begin.doubt)}"]
    if begin.title:
        lines.append("    title: true")
    if (size := len(analysis.found.header) + len(analysis.found.numbered)) != 1:
        lines.append(f"    header: {size}")
    return lines


def _rows(analysis: Analysis) -> list[str]:
    found = analysis.found
    lines = ["    rows:"]
    for column, head in analysis.rows.items():
        over = next((found.text(r, column) for r in found.header if found.text(r, column)), "")
        lines.append(
            f"      - name: {head.name}{comment(_said(head.role, head.share, len(head.labels)))}"
        )
        if over:
            lines.append(f"        header: {pattern(over)}")
        elif column > max(found.data):
            lines.append(f"        column: {column_letters(found.grid.column_numbers[column])}")
        if column in found.spread:
            lines.append(f"        spread: {1 + len(found.spread[column])}")
        if found.is_grouping(column):
            lines.append("        fill: true  # decide: a blank label repeats the one above")
        if len(set(indents(found, column).values())) > 1:
            lines.append("        indent: true")
        lines += _wrap(found, column)
    return lines


def _said(role: str, share: float, count: int) -> str:
    if role == "category":
        return "decide: no breakdown of ILMS is recognised"
    return f"{share:.0%} of {count} labels say {role}" if share < 1 else ""


def _wrap(found: Found, column: int) -> list[str]:
    words = [found.text(r, column) for r in found.words if found.text(r, column)]
    if not words:
        return []
    if column > max(found.data):
        return ["        wrap: near"]
    begins = [found.text(r, column) for r in found.wrapped if found.text(r, column)]
    if not begins:
        return []
    alternatives = "|".join(dict.fromkeys(re.escape(text[:24]) for text in begins))
    return [
        "        wrap: last  # decide: these labels fill several rows",
        f"        wrapped: {quoted(f'/^({alternatives})/')}",
    ]


def _blocks(analysis: Analysis) -> list[str]:
    found = analysis.found
    lines = []
    if found.blocks:
        lines += ["    blocks:", "      name: period", f"      text: {quoted(_YEAR_ROW)}"]
    if analysis.block is not None:
        words = "|".join(map(re.escape, analysis.block.labels)).replace(r"\ ", " ")
        lines += [
            "    blocks:",
            f"      name: {analysis.block.name}",
            f"      text: {quoted(f'/^({words})$/')}",
        ]
    wrapped = {*found.wrapped, *found.groups}
    alone = [
        found.text(r, c)
        for r in found.words
        if r not in wrapped
        for c in found.stubs
        if c < max(found.data)
    ]
    if any(alone):
        lines.append("    labels:")
        lines += [
            f"      - {pattern(text)}  # decide: a heading of rows, or a unit?"
            for text in alone
            if text
        ]
    return lines


def _cells(analysis: Analysis) -> list[str]:
    if not has_pairs(analysis.found):
        return []
    texts = [
        *analysis.titles,
        *(t for r in analysis.found.header for t in analysis.found.head(r).values()),
    ]
    words = [word for text in texts for word in words_in(text, "sex")]
    word = next((word.word for word in words if word.value == "F"), "")
    why = f"{word!r} in the header" if word else "decide: what is the number in brackets?"
    return [
        "    cells:",
        f"      - text: {quoted(_PAIR_GROUPS)}",
        "        parts:",
        "          - {sex: total}",
        f"          - {{sex: women, bucket: of_which}}{comment(why)}",
    ]
