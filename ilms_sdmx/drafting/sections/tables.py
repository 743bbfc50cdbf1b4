"""The `tables` section of a draft: where each table begins, its headings, rules and checks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.beginnings import beginning_of
from ilms_sdmx.drafting.recognition.cells import count_and_share, has_pairs
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.pairs import PAIR_GROUPS
from ilms_sdmx.drafting.recognition.periods import Decision
from ilms_sdmx.drafting.recognition.phrases import expression_of
from ilms_sdmx.drafting.recognition.printed import TOTAL, PrintedTable, is_whole_label
from ilms_sdmx.drafting.recognition.units import other_measure
from ilms_sdmx.drafting.sections.checks import check_lines
from ilms_sdmx.drafting.sections.rules import FLAG, rule_lines
from ilms_sdmx.drafting.sections.text import (
    comment,
    expression,
    indented,
    listed,
    pattern,
    question,
    quoted,
)
from ilms_sdmx.tables.cells import column_letters
from ilms_sdmx.words import power_of, says, words_in

#: What a draft proposes for a row that is a year.
_YEAR_ROW = r"^\(?\d{4}\)?$"
#: Statuses of figures that are not final, as a title says them; the first that is read counts.
_NOT_FINAL = ("P", "E")
#: Number in the words of a period, of any script: the next edition has another.
#: Year in the words of a unit, and what parts such words.
_YEAR = re.compile(r"\d{4}")
_BETWEEN_UNITS = re.compile(r"[,;()]")
_ANY_NUMBER = re.compile(r"\d+")
#: Most letters of a label of several rows that an expression names.
_BEGINNING_OF_LABEL = 24


def table_lines(
    analysis: Analysis,
    constants: Mapping[str, Decision],
    sheets: Sequence[str],
    pins: Sequence[str] = (),
) -> list[str]:
    """Lines of one table.

    Parameters
    ----------
    analysis
        Analysis of the table.
    constants
        Headings that are the same in the whole table.
    sheets
        Names of all sheets of the workbook; a table names its sheets where they are fewer.
    pins
        Lines of what the table was made from.
    """
    lines: list[str] = []
    names = {of_sheet.sheet for of_sheet in analysis.every_sheet}
    if len(sheets) > len(names):
        lines.append(f"sheets: {_sheets(analysis, sheets)}")
    lines += _begin_lines(analysis)
    lines += pins
    lines.append("rows:")
    for column, heading in analysis.rows.items():
        lines += indented(_row_lines(analysis.printed, column, heading), 2)
    lines += _column_lines(analysis)
    lines += _flag_lines(analysis.printed)
    lines += _block_lines(analysis)
    lines += _lone_label_lines(analysis.printed)
    lines += _status_lines(analysis)
    lines += _multiplier_lines(analysis)
    lines += _constant_lines(constants)
    lines += _pair_lines(analysis)
    lines += rule_lines(analysis)
    lines += check_lines(analysis)
    return [f"  - name: {analysis.name}", *indented(lines, 4)]


def _sheets(analysis: Analysis, sheets: Sequence[str]) -> str:
    """Pattern or list of the sheets of a table; their form where all of it have the table."""
    names = list(dict.fromkeys(of_sheet.sheet for of_sheet in analysis.every_sheet))
    if len(names) == 1:
        return pattern(names[0])
    first_name = expression_of(names[0])
    any_digits = re.sub(r"\d", r"\\d", first_name)
    form = f"^{any_digits}$"
    alike = list(filter(re.compile(form).search, sheets))
    if alike == names:
        return expression(form)
    return listed(map(pattern, names))


def _begin_lines(analysis: Analysis) -> list[str]:
    """Lines of the beginning of a table and of the size of its header."""
    beginning = beginning_of(analysis.every_printed)
    text = pattern(beginning.text)
    if beginning.is_expression:
        text = expression(beginning.text)
    doubt = ""
    if not beginning.is_unique:
        doubt = "the sheet has this text more than once"
    lines = [f"begin: {text}{question(doubt)}"]
    if beginning.is_title:
        lines.append("title: true")
    size = len(analysis.printed.header) + len(analysis.printed.numbered)
    if size != 1:
        lines.append(f"header: {size}")
    return lines


def _row_lines(printed: PrintedTable, column: int, heading: Heading) -> list[str]:
    """Lines of the heading of a column of labels."""
    lines = [f"name: {heading.name}{comment(_evidence_of_role(heading))}"]
    texts_over = printed.texts(printed.header, [column])
    text_over = next(filter(None, texts_over), "")
    if text_over:
        lines.append(f"header: {pattern(text_over)}")
    elif column > printed.last_data:
        number = printed.grid.column_numbers[column]
        lines.append(f"column: {column_letters(number)}")
    if column in printed.spread:
        columns = 1 + len(printed.spread[column])
        lines.append(f"spread: {columns}")
    if printed.is_grouping(column):
        why = question("a blank label repeats the one above")
        lines.append(f"fill: true{why}")
    indents = printed.indents(column)
    distinct_indents = set(indents.values())
    if len(distinct_indents) > 1:
        lines.append("indent: true")
    lines += _wrap_lines(printed, column)
    lines += _group_lines(printed, column)
    first_line, *further_lines = lines
    return [f"- {first_line}", *indented(further_lines, 2)]


def _group_lines(printed: PrintedTable, column: int) -> list[str]:
    """Lines of the labels that come again in each group of rows."""
    if not printed.grouped or column != printed.stubs[0]:
        return []
    texts = [printed.text(row, column) for row in printed.grouped]
    heads = listed(map(pattern, printed.heads))
    again = listed(map(pattern, dict.fromkeys(texts)))
    why = comment("the rows below each add up to it, but for the last")
    return [f"groups: {heads}{why}", f"in_groups: {again}"]


def _evidence_of_role(heading: Heading) -> str:
    """Words for what says the role of a heading, empty where all labels do."""
    if heading.role == "category":
        return "no breakdown of ILMS is recognised"
    if heading.share >= 1:
        return ""
    count = len(heading.labels)
    return f"{heading.share:.0%} of {count} labels say {heading.role}"


def _wrap_lines(printed: PrintedTable, column: int) -> list[str]:
    """Lines of labels that fill several rows."""
    if not any(printed.texts(printed.words, [column])):
        return []
    if column > printed.last_data:
        return ["wrap: near"]
    beginnings: dict[str, None] = {}
    for text in filter(None, printed.texts(printed.wrapped, [column])):
        beginnings[re.escape(text[:_BEGINNING_OF_LABEL])] = None
    if not beginnings:
        return []
    alternatives = "|".join(beginnings)
    why = question("these labels fill several rows")
    wrapped = expression(f"^({alternatives})")
    return [f"wrap: last{why}", f"wrapped: {wrapped}"]


def _column_lines(analysis: Analysis) -> list[str]:
    """Lines of the headings of the header rows, or of columns without any."""
    printed = analysis.printed
    if not analysis.columns:
        return _unnamed_column_lines(len(printed.data))
    names = [heading.name for heading in analysis.columns.values()]
    names += ["~"] * len(printed.numbered)
    lines = [f"columns: {listed(names)}"]
    spread: list[str] = []
    is_proven = True
    for row, heading in analysis.columns.items():
        if printed.is_spread(row):
            spread.append(heading.name)
            is_proven &= printed.repeats_below(row)
    if spread:
        why = question("a blank header repeats the one to its left")
        if is_proven:
            why = comment("the same headers come again below each of them")
        lines.append(f"fill_columns: {listed(spread)}{why}")
    return lines


def _flag_lines(printed: PrintedTable) -> list[str]:
    """Line of the flags next to the figures, which rules make statuses."""
    if not printed.flags:
        return []
    return ["beside:", f"  - {{name: {FLAG}, right: 1}}"]


def _unnamed_column_lines(count: int) -> list[str]:
    """Line with labels for columns of figures without a header."""
    if not count:
        return []
    labels = ["value"]
    for number in range(2, count + 1):
        labels.append(f"value_{number}")
    why = comment("no header says what the figures are")
    return [f"column_labels: {listed(labels)}{why}"]


def _block_lines(analysis: Analysis) -> list[str]:
    """Lines of the rows that head the rows below."""
    lines: list[str] = []
    if analysis.printed.blocks:
        lines += ["blocks:", "  name: period", f"  text: {expression(_YEAR_ROW)}"]
    block = analysis.table.block
    if block is not None:
        forms = list(map(expression_of, block.labels))
        if block.role == "period":
            forms = [_ANY_NUMBER.sub(r"\\p{Nd}+", form) for form in forms]
        words = "|".join(dict.fromkeys(forms))
        any_word = expression(f"^({words})$")
        lines += ["blocks:", f"  name: {block.name}", f"  text: {any_word}"]
        if analysis.printed.head_rows:
            lines.append(f"  figures: {TOTAL}{comment('the rows below add up to it')}")
    return lines


def _lone_label_lines(printed: PrintedTable) -> list[str]:
    """Lines of the rows that only have a label."""
    taken = {*printed.wrapped, *printed.groups}
    rows = [row for row in printed.words if row not in taken and not printed.is_shifted(row)]
    stubs = [column for column in printed.stubs if column < printed.last_data]
    texts = printed.texts(rows, stubs)
    why = question("a heading of rows, or a unit?")
    lines: list[str] = []
    for text in filter(None, texts):
        is_certain = is_whole_label(text)
        reason = comment("no figures") if is_certain else why
        lines.append(f"  - {pattern(text)}{reason}")
    if not lines:
        return []
    return ["labels:", *lines]


def _status_lines(analysis: Analysis) -> list[str]:
    """Status of all figures where the title or the sheet says that they are not final."""
    for text in (*analysis.table.near, analysis.sheet):
        statuses = {word.value for word in words_in(text, "status")}
        for status in _NOT_FINAL:
            if status in statuses:
                return [f"status: {status}{comment(text)}"]
    return []


def _multiplier_lines(analysis: Analysis) -> list[str]:
    """Line of the multiplier where words above the table, or in it, say thousands."""
    words = analysis.thousand
    if not words:
        return _fraction_lines(analysis)
    if _differs_by_year(words):
        asked = question(f"0 or {power_of(words)}, by a rule for each year? {quoted(words)}")
        return [f"multiplier: ?{asked}"]
    if _is_of_other_tables(analysis, words):
        asked = question(f"{power_of(words)}, as {words!r} above another table says?")
        return [f"multiplier: ?{asked}"]
    if words in {*analysis.table.near, *analysis.table.corner}:
        return [f"multiplier: {power_of(words)}{comment(words)}"]
    if analysis.table.says_thousand_for_all:
        return [f"multiplier: {power_of(words)}{question(words)}"]
    if analysis.counts_in_thousands:
        return []
    asked = question(f"{power_of(words)}, or 0? {quoted(words)}")
    return [f"multiplier: ?{asked}"]


def _fraction_lines(analysis: Analysis) -> list[str]:
    """Line that asks for the multiplier where persons have a fraction and no word says why."""
    counts = analysis.unit is None or analysis.unit.counts
    if not analysis.fraction or not counts:
        return []
    for heading in analysis.headings:
        if any(map(power_of, heading.labels)) or any(map(other_measure, heading.labels)):
            return []
    asked = question(f"3, or 0? {analysis.fraction} is no number of persons")
    return [f"multiplier: ?{asked}"]


def _differs_by_year(words: str) -> bool:
    """Whether words say a unit for one year and another for the next."""
    powers: set[int] = set()
    for piece in _BETWEEN_UNITS.split(words):
        power = power_of(piece)
        says_unit = power or says(piece, "unit")
        if says_unit and _YEAR.search(piece):
            powers.add(power)
    return len(powers) > 1


def _is_of_other_tables(analysis: Analysis, words: str) -> bool:
    """Whether words are above other tables, and the table has a title of its own."""
    table = analysis.table
    if words in table.near or words in table.corner or not table.near:
        return False
    return words in table.titles


def _constant_lines(constants: Mapping[str, Decision]) -> list[str]:
    """Lines of the headings that are the same in the whole table."""
    lines: list[str] = []
    for name, decision in constants.items():
        value = quoted(decision.value) if decision.value else "?"
        why = comment(decision.why)
        lines.append(f"  {name}: {value}{why}")
    if not lines:
        return []
    return ["set:", *lines]


def _pair_lines(analysis: Analysis) -> list[str]:
    """Lines of cells with one number and another in brackets, or with its share."""
    shares = count_and_share(analysis.printed)
    if shares:
        return [
            "cells:",
            f"  - text: {quoted(shares)}",
            "    parts:",
            "      - {bucket: observation}",
            "      - {bucket: percent}  # a percent behind each count",
        ]
    if not has_pairs(analysis.printed):
        return []
    why = "decide: what is the number in brackets?"
    for text in (*analysis.table.titles, *analysis.printed.head_texts):
        words = [word.word for word in words_in(text, "sex") if word.value == "F"]
        if words:
            why = f"{words[0]!r} in the header"
            break
    return [
        "cells:",
        f"  - text: {quoted(PAIR_GROUPS)}",
        "    parts:",
        "      - {sex: total}",
        f"      - {{sex: women, bucket: of_which}}{comment(why)}",
    ]
