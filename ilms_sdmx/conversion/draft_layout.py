"""The `tables` section of a draft: where each table begins, its headings, its rules and checks."""

from __future__ import annotations

import re

from ilms_sdmx.conversion.draft_begin import begin_of
from ilms_sdmx.conversion.draft_headings import THOUSAND
from ilms_sdmx.conversion.draft_model import NUMBERING, Analysis, Basis
from ilms_sdmx.conversion.draft_sums import indents
from ilms_sdmx.conversion.draft_tables import Found, sheet_row
from ilms_sdmx.conversion.draft_text import comment, inline, pattern, quoted
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.tables.periods import read_period

_PAIR = re.compile(r"\s*[\d.,\s]*\d\s*\([\d.,\s]*\d\)\s*")
#: What a draft proposes for a row that is a year, and for a number with another in brackets.
_YEAR_ROW = r"/^\(?\d{4}\)?$/"
_PAIR_GROUPS = r"([\d.,]+)\s*\(([\d.,]+)\)"
_WOMEN = re.compile(r"nữ|หญิง|female|women|ស្រី|perempuan|wanita|babae|ຍິງ|mulheres|feto", re.IGNORECASE)


def has_pairs(found: Found) -> bool:
    """Whether most cells of text hold one number and another in brackets."""
    texts = [cell.text for _, cell in found.cells() if cell.kind is Kind.TEXT]
    return bool(texts) and sum(bool(_PAIR.fullmatch(t)) for t in texts) > len(texts) / 2


def needs_sex(analysis: Analysis) -> bool:
    """Whether the draft itself tells the sexes apart, by rules or by pairs in a cell."""
    sexes = any(why.startswith("SEX_") for *_, why in analysis.roles)
    return analysis.heading_of("sex") is None and (sexes or has_pairs(analysis.found))


def table_lines(analysis: Analysis, constants: dict[str, tuple[str, str]], sheets: list[str]) -> list[str]:
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
        names = [head.name for head in analysis.columns.values()] + ["~" for _ in analysis.found.numbered]
        lines.append(f"    columns: [{', '.join(names)}]")
        spread = [head.name for row, head in analysis.columns.items() if analysis.found.is_spread(row)]
        if spread:
            why = comment("decide: a blank header repeats the one to its left")
            lines.append(f"    fill_columns: [{', '.join(spread)}]{why}")
    elif analysis.found.data:
        labels = ", ".join(f"value_{n + 1}" if n else "value" for n in range(len(analysis.found.data)))
        lines.append(f"    column_labels: [{labels}]  # decide: no header says what the figures are")
    lines += _blocks(analysis)
    in_rows = counts_in_thousands(analysis)
    if analysis.thousand in analysis.titles and analysis.thousand:
        lines.append(f"    multiplier: 3{comment('decide: ' + analysis.thousand)}")
    elif analysis.thousand and not in_rows:
        lines.append(
            f"    # decide: multiplier 3?{comment(analysis.thousand)[3:] and ' ' + quoted(analysis.thousand)}"
        )
    if constants:
        lines.append("    set:")
        lines += [f"      {name}: {quoted(value)}{comment(why)}" for name, (value, why) in constants.items()]
    lines += _cells(analysis)
    lines += _rules(analysis)
    return lines + _checks(analysis)


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
        lines.append(f"      - name: {head.name}{comment(_said(head.role, head.share, len(head.labels)))}")
        if over:
            lines.append(f"        header: {pattern(over)}")
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


def wrapped_rows(found: Found) -> list[int]:
    """Rows of words directly above a row with figures or more words: the beginning of its label."""
    rows = []
    for row in reversed(found.words):
        below = row + 1
        follows = below in found.body or below in rows
        if follows and sheet_row(found.grid, below) - sheet_row(found.grid, row) == 1:
            rows.append(row)
    return sorted(rows)


def _wrap(found: Found, column: int) -> list[str]:
    words = [found.text(r, column) for r in found.words if found.text(r, column)]
    if not words:
        return []
    if column > max(found.data):
        return ["        wrap: near"]
    begins = [found.text(r, column) for r in wrapped_rows(found) if found.text(r, column)]
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
    wrapped = set(wrapped_rows(found))
    alone = [
        found.text(r, c) for r in found.words if r not in wrapped for c in found.stubs if c < max(found.data)
    ]
    if any(alone):
        lines.append("    labels:")
        lines += [
            f"      - {pattern(text)}  # decide: a heading of rows, or a unit?" for text in alone if text
        ]
    return lines


def _cells(analysis: Analysis) -> list[str]:
    if not has_pairs(analysis.found):
        return []
    texts = [*analysis.titles, *(t for r in analysis.found.header for t in analysis.found.head(r).values())]
    word = next((m.group() for t in texts if (m := _WOMEN.search(t))), "")
    why = f"{word!r} in the header" if word else "decide: what is the number in brackets?"
    return [
        "    cells:",
        f"      - text: {quoted(_PAIR_GROUPS)}",
        "        parts:",
        "          - {sex: total}",
        f"          - {{sex: women, bucket: of_which}}{comment(why)}",
    ]


def _rules(analysis: Analysis) -> list[str]:
    lines = []
    seen: set[tuple[str, str]] = set()
    for name, label, bucket, why in analysis.roles:
        if (name, label) in seen:
            continue
        seen.add((name, label))
        doubt = why if why.startswith("decide") else ""
        if bucket == "percent" and (bases := [b for b in analysis.bases if b.where.get(name) == label]):
            lines += [line for basis in bases for line in _basis(analysis, basis)]
            if all(len(basis.where) == 1 for basis in bases):
                continue
        lines += [
            f"      - where: {inline([(name, _where_text(analysis, label))])}",
            f"        bucket: {bucket}{comment(doubt)}",
        ]
        if bucket == "ignore":
            lines.append(f"        why: {quoted(why)}")
        if why.startswith("SEX_"):
            sex = "women" if why == "SEX_F" else "men"
            pairs = [(name, quoted(_same_but_sex(analysis, name, label))), ("sex", sex)]
            lines.append(f"        set: {inline(pairs)}  # decide: the same rows in all but sex")
    lines += _marked_periods(analysis)
    lines += _in_thousands(analysis)
    return ["    rules:", *lines] if lines else []


def _basis(analysis: Analysis, basis: Basis) -> list[str]:
    """Rule of percents with what they are a share or a change of."""
    where = inline((name, _where_text(analysis, label)) for name, label in basis.where.items())
    lines = [f"      - where: {where}", "        bucket: percent"]
    of = "left" if basis.left else _labels(basis.of)
    if basis.change:
        return [
            *lines,
            f"        change:{comment(basis.why)}",
            f"          of: {of}",
            f"          from: {_labels(basis.base)}",
        ]
    return [
        *lines,
        f"        share:{comment(basis.why)}",
        f"          of: {of}",
        f"          in: {_labels(basis.base)}",
    ]


def _labels(headings: dict[str, tuple[str, ...]]) -> str:
    """Headings with their labels on one line."""
    pairs = [
        (name, pattern(labels[0]) if len(labels) == 1 else f"[{', '.join(map(pattern, labels))}]")
        for name, labels in headings.items()
    ]
    return inline(pairs)


def counts_in_thousands(analysis: Analysis) -> list[tuple[str, str]]:
    """Rows that alone count where all others are shares, below words that say thousands."""
    counts = [(n, lb) for n, lb, _, why in analysis.roles if "a count" in why]
    words = [analysis.found.text(r, c) for r in analysis.found.words for c in analysis.found.stubs]
    return counts if analysis.thousand and analysis.thousand in words else []


def _in_thousands(analysis: Analysis) -> list[str]:
    """Rules for the rows and columns whose label says that they are in thousands."""
    lines = []
    for name, label in counts_in_thousands(analysis):
        where = inline([(name, _where_text(analysis, label))])
        lines += [f"      - where: {where}{comment('decide: ' + analysis.thousand)}", "        multiplier: 3"]
    for head in analysis.headings:
        labels = [label for label in head.labels if THOUSAND.search(label)]
        if len(labels) == len(head.labels) > 1:
            labels = ["/./"]
        for label in labels:
            lines += [
                f"      - where: {inline([(head.name, _where_text(analysis, label))])}",
                "        multiplier: 3",
            ]
    return lines


def _marked_periods(analysis: Analysis) -> list[str]:
    """Rules for years with a letter behind them: `2019p` is provisional."""
    head = analysis.heading_of("period")
    if head is None:
        return []
    lines = []
    for label in head.labels:
        mark = read_period(label).mark
        status = {"p": "P", "e": "E", "r": "A", "b": "B", "u": "U", "f": "F"}.get(mark, "")
        if mark:
            why = f"decide: what does {mark!r} behind the year mean?"
            lines.append(f"      - where: {inline([(head.name, pattern(label))])}{comment(why)}")
            lines.append(f"        status: {status or 'A'}")
    return lines


def _where_text(analysis: Analysis, label: str) -> str:
    return quoted(label) if label == "/./" else pattern(_shown(analysis, label))


def _shown(analysis: Analysis, label: str) -> str:
    return NUMBERING.sub("", label, count=1) if analysis.numbering else label


def total_label(analysis: Analysis, name: str) -> str:
    """Label of the total of a heading, `total` where none is printed."""
    found = (label for n, label, bucket, _ in analysis.roles if n == name and bucket == "total")
    return next(found, "total")


def _same_but_sex(analysis: Analysis, name: str, label: str) -> str:
    """Label that women or men are a part of: the total, or the period that stands before them."""
    head = next(h for h in analysis.headings if h.name == name)
    before = [t for t in head.labels[: head.labels.index(label)] if read_period(t, year=2000).time_period]
    return before[-1] if head.role == "period" and before else total_label(analysis, name)


def _checks(analysis: Analysis) -> list[str]:
    lines = []
    for known in analysis.sums:
        lines.append(f"      - total: {inline([(known.name, pattern(known.total))])}{comment(known.why)}")
        if known.parts:
            lines.append(f"        parts: {_labels({known.name: known.parts})}")
        if known.relation == "at_most":
            lines += ["        relation: at_most", "        why: not all parts are printed"]
    return ["    checks:", *lines] if lines else []
