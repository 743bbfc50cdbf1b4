"""Arithmetic of a recognised table: sums that agree, shares of 100, rows that are parts of other rows."""

from __future__ import annotations

from decimal import Decimal

from ilms_sdmx.conversion.draft_headings import Heading
from ilms_sdmx.conversion.draft_model import Analysis, plain
from ilms_sdmx.conversion.draft_tables import Found
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Separators

#: Question about a row that is the sum of rows indented below it.
SUBTOTAL = "decide: the rows indented below add up to it"


def indents(found: Found, column: int) -> dict[int, int]:
    """Indent of the label of each row with figures, by the style of the cell or by leading blanks."""
    cells = {row: found.grid.cells.get((row, column)) for row in found.body}
    return {
        r: c.style.indent or len(c.text) - len(c.text.lstrip()) for r, c in cells.items() if c is not None
    }


def find_parts(analysis: Analysis, way: Separators) -> None:
    """Rows indented below a row with figures are parts of it, unless they are all of a total."""
    found = analysis.found
    for column, head in analysis.rows.items():
        levels = indents(found, column)
        named = {label for name, label, *_ in analysis.roles if name == head.name}
        if "/./" in named or len(set(levels.values())) < 2:
            continue
        parents: list[int] = []
        for row, level in levels.items():
            parents = [p for p in parents if levels[p] < level]
            label = _row_label(analysis, row, column)
            over = _row_label(analysis, parents[-1], column) if parents else ""
            if parents and _adds_up(analysis, parents[-1], levels, way):
                if over not in named:
                    analysis.roles.append((head.name, over, "total", SUBTOTAL))
                    named.add(over)
            elif parents and label not in named:
                analysis.roles.append((head.name, label, "of_which", f"decide: indented below {over!r}"))
            parents.append(row)


def _adds_up(analysis: Analysis, parent: int, levels: dict[int, int], way: Separators) -> bool:
    """Whether the rows directly below a total add up to it in every column."""
    below = [r for r in levels if r > parent]
    end = next((r for r in below if levels[r] <= levels[parent]), None)
    inside = [r for r in below if end is None or r < end]
    children = [r for r in inside if levels[r] == min(levels[i] for i in inside)]
    if levels[parent] > min(levels.values()):
        return False
    for column in analysis.found.data:
        total = _number(analysis, parent, column, way)
        parts = [v for r in children if (v := _number(analysis, r, column, way)) is not None]
        if total is not None and parts and abs(sum(parts) - total) > 1:
            return False
    return True


def find_shares(analysis: Analysis, way: Separators) -> None:
    """Rows whose total is 100 in every column: shares, but for rows with larger figures."""
    found = analysis.found
    for column, head in analysis.rows.items():
        values = {
            _row_label(analysis, r, column): [
                v for c in found.data if (v := _number(analysis, r, c, way)) is not None
            ]
            for r in found.body
        }
        hundred = [t for t, vs in values.items() if len(vs) > 1 and set(vs) == {Decimal(100)}]
        if len(hundred) != 1:
            continue
        counts = [label for label, vs in values.items() if any(v > 100 for v in vs)]
        analysis.roles = [role for role in analysis.roles if role[0] != head.name]
        analysis.roles += [
            (head.name, label, "total", "decide: a count, the other rows are shares") for label in counts
        ]
        analysis.roles.append((head.name, hundred[0], "total", ""))
        analysis.roles.append((head.name, "/./", "percent", f"decide: {hundred[0]!r} is 100 in every column"))


def _number(analysis: Analysis, row: int, column: int, way: Separators) -> Decimal | None:
    cell = analysis.found.grid.cells.get((row, column))
    if cell is None:
        return None
    if isinstance(cell.value, Decimal):
        return cell.value
    numbers = read_number(cell.text, way).numbers if cell.kind is Kind.TEXT else ()
    return Decimal(numbers[0].value) if numbers and numbers[0].value else None


def find_sums(analysis: Analysis, way: Separators) -> None:
    """Totals of rows and of columns that are the sum of the others, and those that are more."""
    found = analysis.found
    percent = {label for _, label, bucket, _ in analysis.roles if bucket in {"percent", "ignore"}}
    columns = [c for c in found.data if not any(found.head(r)[c] in percent for r in found.header)]
    for column, head in analysis.rows.items():
        labels = {row: _row_label(analysis, row, column) for row in found.body}
        lines = [[(labels[r], _number(analysis, r, c, way)) for r in found.body] for c in columns]
        _compare(analysis, head, lines)
    for row, head in analysis.columns.items():
        texts = found.head(row)
        lines = [[(texts[c], _number(analysis, r, c, way)) for c in columns] for r in found.body]
        _compare(analysis, head, lines)


def _row_label(analysis: Analysis, row: int, column: int) -> str:
    text = analysis.found.text(row, column)
    return plain(text) if analysis.numbering else text


def _compare(analysis: Analysis, head: Heading, lines: list[list[tuple[str, Decimal | None]]]) -> None:
    buckets = {label: bucket for name, label, bucket, _ in analysis.roles if name == head.name}
    inner = {label for name, label, _, why in analysis.roles if name == head.name and why == SUBTOTAL}
    totals = [label for label, bucket in buckets.items() if bucket == "total" and label not in inner]
    if len(totals) > 1:
        totals = [label for label in totals if row_kind(label).kind == "total"]
    if "/./" in buckets:
        return
    if len(totals) != 1 or head.role == "measure":
        return
    results = []
    for line in lines:
        total = next((v for label, v in line if label == totals[0]), None)
        parts = [
            v for label, v in line if buckets.get(label, "observation") == "observation" and v is not None
        ]
        if total is not None and parts:
            results.append((sum(parts), total))
    if not results:
        return
    agree = sum(abs(parts - total) <= 1 for parts, total in results)
    if agree == len(results) or agree > len(results) / 2:
        note = f"{agree} of {len(results)} sums agree"
        analysis.sums.append((head.name, totals[0], "equal", note))
    elif all(parts < total for parts, total in results):
        analysis.sums.append(
            (head.name, totals[0], "at_most", "decide: the parts add up to less than the total")
        )
    else:
        analysis.sums.append((head.name, totals[0], "equal", f"decide: {agree} of {len(results)} sums agree"))
