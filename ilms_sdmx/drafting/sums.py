"""Arithmetic of a recognised table: sums that agree, and shares of 100."""

from __future__ import annotations

from decimal import Decimal

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.drafting.found import Found, row_texts
from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.drafting.model import Analysis, Sum, plain
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.tables.cells import PLAIN, Kind
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Separators

#: End of a question about a row that is the sum of some rows only, those next to it or indented below it.
ADD_UP = "add up to it"
#: What is said of a row that counts where all others are shares.
A_COUNT = "a count, the other rows are shares"


def find_shares(analysis: Analysis, way: Separators) -> None:
    """Rows whose total is 100 in every column: shares, but for rows with larger figures."""
    found = analysis.found
    for column, head in analysis.rows.items():
        values = {
            row_label(analysis, r, column): [
                v for c in found.data if (v := number_at(analysis, (r, c), way)) is not None
            ]
            for r in found.body
        }
        hundred = [t for t, vs in values.items() if len(vs) > 1 and set(vs) == {Decimal(100)}]
        if len(hundred) != 1:
            continue
        counts = [label for label, vs in values.items() if any(v > 100 for v in vs)]
        analysis.roles = [role for role in analysis.roles if role[0] != head.name]
        analysis.roles += [
            (head.name, label, "total", f"decide: {A_COUNT}") for label in counts
        ]
        analysis.roles.append((head.name, hundred[0], "total", ""))
        analysis.roles.append(
            (head.name, "/./", "percent", f"decide: {hundred[0]!r} is 100 in every column")
        )


def number_at(analysis: Analysis, at: At, way: Separators) -> Decimal | None:
    """Figure at a place as it is shown, None where none can be read."""
    cell = analysis.found.grid.cells.get(at)
    if cell is None:
        return None
    if isinstance(cell.value, Decimal):
        percent = cell.style is not PLAIN and cell.style.format.percent
        return cell.value.scaleb(2) if percent else cell.value
    numbers = read_number(cell.text, way).numbers if cell.kind is Kind.TEXT else ()
    return Decimal(numbers[0].value) if numbers and numbers[0].value else None


#: Headings of a figure with their labels.
Key = tuple[tuple[str, str], ...]


def keys_of(analysis: Analysis) -> dict[At, Key]:
    """Headings of every figure of a table, by its place."""
    found = analysis.found
    rows = [(head.name, found.filled(c)) for c, head in analysis.rows.items()]
    columns = [(head.name, found.head(r)) for r, head in analysis.columns.items()]
    blocks = [("period", _blocks(found))] if found.blocks else []
    blocks += [(analysis.block.name, found.group_of())] if analysis.block else []
    keys: dict[At, Key] = {}
    for row, column in (at for at, _ in found.cells()):
        own = [(name, _shown(analysis, labels[row])) for name, labels in rows]
        own += [(name, labels[row]) for name, labels in blocks]
        keys[row, column] = (*own, *((name, labels[column]) for name, labels in columns))
    return keys


def _blocks(found: Found) -> dict[int, str]:
    """Heading row above each row with figures."""
    above = {r: max((b for b in found.blocks if b < r), default=None) for r in found.body}
    return {r: row_texts(found.grid, [b])[0] if b is not None else "" for r, b in above.items()}


def by_labels(analysis: Analysis, way: Separators) -> dict[Key, Decimal]:
    """Figures of a table by their headings."""
    values = {key: number_at(analysis, at, way) for at, key in keys_of(analysis).items()}
    return {key: value for key, value in values.items() if value is not None}


def find_sums(analysis: Analysis, way: Separators) -> None:
    """Totals of rows and of columns that are the sum of the others, and those that are more."""
    found = analysis.found
    percent = {
        label for _, label, bucket, _ in analysis.roles if bucket in {"percent", "ignore"}
    }
    columns = [
        c for c in found.data if not any(found.head(r)[c] in percent for r in found.header)
    ]
    for column, head in analysis.rows.items():
        labels = {row: row_label(analysis, row, column) for row in found.body}
        others = [found.filled(c) for c in analysis.rows if c != column and c < max(found.data)]
        groups = _grouped(found.body, [*others, *_over_rows(analysis)])
        lines = [
            [(labels[r], number_at(analysis, (r, c), way)) for r in group]
            for c in columns
            for group in groups
        ]
        _compare(analysis, head, lines)
    counted = [r for r in found.body if not _is_percent(analysis, r)]
    if analysis.block is not None:
        texts = found.group_of()
        groups = _grouped(counted, [found.filled(c) for c in analysis.rows])
        lines = [
            [(texts[r], number_at(analysis, (r, c), way)) for r in group]
            for c in columns
            for group in groups
        ]
        _compare(analysis, analysis.block, lines)
    _sum_columns(analysis, columns, counted, way)


def _sum_columns(
    analysis: Analysis, columns: list[int], counted: list[int], way: Separators
) -> None:
    """Totals of header rows, in rows that count."""
    found = analysis.found
    rows = tuple(analysis.columns)
    where = _counting_rows(analysis) if len(counted) < len(found.body) else ()
    for row, head in analysis.columns.items():
        texts = found.head(row)
        below = [r for r in rows if r > row]
        total = _only_total(analysis, head)
        if (
            below
            and total
            and (line := _merged_total(analysis, total, texts, below[0], columns))
        ):
            at, parts = line
            pairs = [[(texts[at], (r, at)), *(("", (r, c)) for c in parts)] for r in counted]
            _compare(
                analysis,
                head,
                _figures(analysis, pairs, way),
                over=analysis.columns[below[0]].name,
            )
            continue
        groups = _grouped(columns, [found.head(r) for r in rows if r != row])
        pairs = [[(texts[c], (r, c)) for c in group] for r in counted for group in groups]
        _compare(analysis, head, _figures(analysis, pairs, way), where=where)


def _figures(
    analysis: Analysis, lines: list[list[tuple[str, At]]], way: Separators
) -> list[list[tuple[str, Decimal | None]]]:
    """Lines of labels with the figures at their places."""
    return [[(label, number_at(analysis, at, way)) for label, at in line] for line in lines]


def _merged_total(
    analysis: Analysis, total: str, texts: dict[int, str], below: int, columns: list[int]
) -> tuple[int, list[int]] | None:
    """Column of a total merged over the row below it, and the columns that row names, if all are parts."""
    labels = analysis.found.head(below)
    own = [c for c in columns if texts[c] == total and not labels[c]]
    parts = [c for c in columns if labels[c]]
    plain = {n for n, *_ in analysis.roles}.isdisjoint({analysis.columns[below].name})
    different = len({labels[c] for c in parts}) == len(parts)
    whole = len(own) == 1 and len(own) + len(parts) == len(columns)
    return (own[0], parts) if whole and plain and different and len(parts) > 1 else None


def _counting_rows(analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """Labels of the rows that alone count where all others are shares."""
    return tuple(
        (name, label) for name, label, _, why in analysis.roles if why.endswith(A_COUNT)
    )


def _over_rows(analysis: Analysis) -> list[dict[int, str]]:
    """Labels above groups of rows, by row: periods, and words that head a group."""
    found = analysis.found
    return [
        *([found.group_of()] if analysis.block else []),
        *([_blocks(found)] if found.blocks else []),
    ]


def _is_percent(analysis: Analysis, row: int) -> bool:
    """Whether a row holds percents: by its label, or as all rows do that are no counts, their 100 too."""
    for column, head in analysis.rows.items():
        own = {lb: bucket for n, lb, bucket, _ in analysis.roles if n == head.name}
        label = row_label(analysis, row, column)
        shared = "/./" in own and (head.name, label) not in _counting_rows(analysis)
        if shared or own.get(label, "") == "percent":
            return True
    return False


def _grouped(places: list[int], others: list[dict[int, str]]) -> list[list[int]]:
    """Rows or columns whose other labels are the same: only they can add up."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place in places:
        groups.setdefault(tuple(labels.get(place, "") for labels in others), []).append(place)
    return list(groups.values())


def row_label(analysis: Analysis, row: int, column: int) -> str:
    """Label of a row in a column, as the mapping compares it."""
    return _shown(analysis, analysis.found.label(row, column))


def _shown(analysis: Analysis, text: str) -> str:
    """Label as the mapping compares it."""
    return plain(text) if analysis.numbering else text


def _compare(
    analysis: Analysis,
    head: Heading,
    lines: list[list[tuple[str, Decimal | None]]],
    *,
    where: tuple[tuple[str, str], ...] = (),
    over: str = "",
) -> None:
    """Propose a check where a heading has one total, with how many sums agree."""
    total = _only_total(analysis, head)
    if not total:
        return
    buckets = {label: bucket for name, label, bucket, _ in analysis.roles if name == head.name}
    summed = [_sum(line, total, buckets) for line in lines]
    results = [
        (sum(parts.values()), amount)
        for parts, amount in summed
        if parts and amount is not None
    ]
    labels = {label for parts, amount in summed if amount is not None for label in parts}
    agree = sum(abs(parts - amount) <= 1 for parts, amount in results)
    if len(labels) == 1 and not agree and not over:
        if head.role == "sex":
            analysis.roles.append((head.name, labels.pop(), "of_which", ""))
    elif results:
        short = agree <= len(results) / 2 and all(parts < amount for parts, amount in results)
        analysis.sums.append(
            Sum(head.name, total, agree, len(results), short, where=where, over=over)
        )


def _only_total(analysis: Analysis, head: Heading) -> str:
    """Label of the total of a heading, empty where it has none, several, or shares."""
    own = [role for role in analysis.roles if role[0] == head.name]
    totals = [
        label for _, label, bucket, why in own if bucket == "total" and not why.endswith(ADD_UP)
    ]
    if len(totals) > 1:
        totals = [label for label in totals if row_kind(label).kind == "total"]
    shares = any(label == "/./" for _, label, *_ in own)
    return totals[0] if len(set(totals)) == 1 and not shares and head.role != "measure" else ""


def _sum(
    line: list[tuple[str, Decimal | None]], total: str, buckets: dict[str, str]
) -> tuple[dict[str, Decimal], Decimal | None]:
    """Parts of one line by label, those with the same label together, and its total."""
    parts: dict[str, Decimal] = {}
    for label, value in line:
        if value is not None and buckets.get(label, "observation") == "observation":
            parts[label] = parts.get(label, Decimal(0)) + value
    return parts, next((value for label, value in line if label == total), None)
