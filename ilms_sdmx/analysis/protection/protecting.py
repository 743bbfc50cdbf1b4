"""Protection of data sets before they are published, and the test of what others can see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ilms_sdmx.analysis.protection.attack import Attacker, Interval
from ilms_sdmx.analysis.protection.perturbation import perturbed
from ilms_sdmx.analysis.protection.release import Release
from ilms_sdmx.analysis.protection.result import Protection
from ilms_sdmx.analysis.protection.rewriting import (
    of_same_persons,
    with_values,
    without_figures,
)
from ilms_sdmx.analysis.protection.rounding import rounded
from ilms_sdmx.analysis.protection.rules import Primary, ProtectionRules, find_primary
from ilms_sdmx.analysis.protection.suppression import Suppression, suppress
from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.findings import Finding, Report, find
from ilms_sdmx.structures.reading.resolving import Structure
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import signs
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.intake import Intake

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("suppression", "rounding", "perturbation")
#: What keeps a reason from being that of a rule.
_SUM = "sum"
_SAME_PERSONS = "same persons"


def protect(
    data: Any,
    *more: Any,
    rules: ProtectionRules | None = None,
    method: str = "suppression",
    must: Sequence[Mapping[str, str]] = (),
    contributors: str = "",
    previous: Any = None,
    base: int = 5,
    secret: str = "",
    seconds: float = 60.0,
    structure: Structure = None,
) -> Protection:
    """Protect tables that go out together, so that no figure tells about few persons.

    Parameters
    ----------
    data, more
        Data sets, messages, or files of messages: all tables of one release.
    rules
        Rules by which a figure must not be published; by default at least 3 persons.
    method
        `suppression` hides figures, and others so that no sum gives them back: it guarantees
        that each hidden figure of too few persons can be anything between none and the minimum.
        `rounding` brings all figures to multiples of `base` and keeps all sums. `perturbation`
        adds noise that is the same for a figure wherever it is printed; sums then miss by a
        little.
    must
        Figures that must be published: parts of keys, as `{"SEX": "SEX_T"}`.
    contributors
        Column of observations, or of their provenance, with the persons behind each figure; by
        default a figure in whole persons is their number.
    previous
        What an earlier release published of the same figures.
    base
        Base of rounding: 3 or 5.
    secret
        Secret text of the office, for perturbation. It is kept nowhere.
    seconds
        Time for the search. After it, whole sums are hidden around what is left, and the report
        says so.
    structure
        Structure of foreign data.

    Returns
    -------
    Protection
        The data sets as they may go out, and what became of each figure.

    Raises
    ------
    ProtectionError
        The method or the rules are none, or no rounding was found in time.
    MessageError, StructureError
        As `validate`.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset, protect
    >>> figures = pd.DataFrame(
    ...     {"REF_AREA": "KHM", "FREQ": "A", "MEASURE": "POP_MNAS_NB",
    ...      "SEX": ["SEX_F", "SEX_M", "SEX_T"], "CRS": "CRS_RES_TOTAL", "TIME_PERIOD": "2010",
    ...      "OBS_VALUE": ["2", "133", "135"]},
    ...     dtype="str")
    >>> components = Components(tuple(figures)[:6])
    >>> release = protect(Dataset(figures, components, "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"))
    >>> release.datasets[0].observations["OBS_STATUS"].fillna("").tolist()
    ['C', '', 'C']
    """
    if method not in METHODS:
        raise ProtectionError(f"expected {', '.join(METHODS)}, found {method}")
    taken = Intake.of([data, *more], structure)
    if not taken.tables:
        raise ProtectionError("expected one or more data sets, found none")
    before = Intake.of([previous], structure).tables if previous is not None else ()
    work = _Work(taken.tables, before, rules or ProtectionRules(), must, contributors)
    findings = [*taken.findings, *work.findings()]
    if method == "suppression":
        return work.suppressed(findings, seconds)
    if method == "rounding":
        values = rounded(work.release, base, seconds)
        return work.changed(findings, method, values, float(base))
    values = perturbed(work.release, secret)
    return work.changed(findings, method, values, np.nan)


def find_disclosures(
    data: Any, *more: Any, minimum: int = 3, structure: Structure = None
) -> Report:
    """Test what anybody can work out about the hidden figures of published tables.

    Every figure that is withheld (OBS_STATUS or CONF_STATUS say it) is looked at, with all that
    the tables publish and all that adds up to what in and between them.

    Parameters
    ----------
    data, more
        Data sets, messages, or files of messages that were published together.
    minimum
        Least number of possible values that a hidden figure of few persons must keep.
    structure
        Structure of foreign data.

    Returns
    -------
    Report
        `disclosed-cell` for each hidden figure that is known, or known too nearly.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset, find_disclosures
    >>> figures = pd.DataFrame(
    ...     {"REF_AREA": "KHM", "FREQ": "A", "MEASURE": "POP_MNAS_NB",
    ...      "SEX": ["SEX_F", "SEX_M", "SEX_T"], "CRS": "CRS_RES_TOTAL", "TIME_PERIOD": "2010",
    ...      "OBS_VALUE": [None, "133", "135"], "OBS_STATUS": ["C", None, None]},
    ...     dtype="str")
    >>> components = Components(tuple(figures)[:6], attributes={"OBS_STATUS": ("OBS_VALUE",)})
    >>> report = find_disclosures(Dataset(figures, components))
    >>> print(report.findings[0].message)
    Anybody can work out the hidden figure: it is 2.
    """
    taken = Intake.of([data, *more], structure)
    if not taken.tables:
        return Report()
    release = Release.of(taken.tables)
    known = np.isfinite(release.value)
    attacker = Attacker(release, known)
    findings = []
    for figure in np.flatnonzero(release.withheld).tolist():
        interval = attacker.interval(figure)
        finding = _find_disclosure(release, figure, interval, minimum)
        if finding is not None:
            findings.append(finding)
    return Report(tuple(findings))


def _find_disclosure(
    release: Release, figure: int, interval: Interval | None, minimum: int
) -> Finding | None:
    """Finding of a hidden figure that is known too well; None where it is not."""
    place = _place(release, figure)
    if interval is None:
        return find("disclosed-cell", place, case="contradiction")
    is_narrow = interval.lower < minimum and interval.width < minimum
    if not is_narrow and not interval.is_exact:
        return None
    case = "" if interval.is_exact else "narrow"
    return find(
        "disclosed-cell",
        place,
        case=case,
        lower=_number(interval.lower),
        upper=_number(interval.upper),
        minimum=minimum,
    )


def _place(release: Release, figure: int) -> Any:
    table, row = release.entry_of(figure)
    return table.place(row)


def _number(value: float) -> str:
    """Number as a person writes it, without the dust of a solver."""
    shown = round(value, 3)
    return f"{shown:g}" if shown % 1 else f"{shown:.0f}"


class _Work:
    """A release on its way to being protected."""

    def __init__(
        self,
        tables: tuple[Coded, ...],
        before: tuple[Coded, ...],
        rules: ProtectionRules,
        must: Sequence[Mapping[str, str]],
        contributors: str,
    ) -> None:
        self._count = len(tables)
        self.tables = tables
        all_tables = (*tables, *before)
        persons = _contributors(all_tables, contributors) if contributors else ()
        self.release = Release.of(all_tables, persons)
        self._is_new = self._figures_of_tables(range(self._count))
        old = range(self._count, len(all_tables))
        self._published_before = self._figures_of_tables(old, published=True)
        self._rules = rules
        self._primary = self._find_primary()
        self._must = self._find_must(must) | self._published_before

    def findings(self) -> Iterator[Finding]:
        """What the rules could not look at, and what is known already."""
        is_counted = self._is_new & np.isfinite(self.release.value)
        is_unknown = is_counted & ~np.isfinite(self.release.contributors)
        count = int(is_unknown.sum())
        if count:
            first = int(np.flatnonzero(is_unknown)[0])
            yield find("contributors-unknown", _place(self.release, first), count=count)
        for figure in self._known_already.tolist():
            read = _number(float(self.release.value[figure]))
            yield find("published-before", _place(self.release, figure), read=read)

    def suppressed(self, findings: list[Finding], seconds: float) -> Protection:
        """Release with figures hidden."""
        suppression = suppress(self.release, self._primary, self._must, seconds)
        for figure in suppression.unprotected:
            persons = _number(float(self.release.contributors[figure]))
            place = _place(self.release, figure)
            findings.append(find("unprotected-cell", place, contributors=persons))
        if suppression.is_hasty:
            findings.append(find("protection-hasty", seconds=f"{seconds:g}"))
        masks = self.release.rows_of(suppression.hidden)
        datasets = []
        parts = []
        attacker = Attacker(self.release, ~suppression.hidden)
        for number, table in enumerate(self.tables):
            others = of_same_persons(table, masks[number], self._hidden_signs(suppression))
            datasets.append(without_figures(table, masks[number] | others))
            parts.append(self._cells(number, attacker, masks[number], others))
        return Protection(
            tuple(datasets),
            _stacked(parts),
            Report(tuple(findings)),
            "suppression",
            self._published(suppression.hidden),
            suppression.least,
            suppression.gap,
        )

    def changed(
        self, findings: list[Finding], method: str, values: Array, within: float
    ) -> Protection:
        """Release with figures rounded or perturbed; rates and means are hidden."""
        datasets = []
        for number, table in enumerate(self.tables):
            figures = self._figure_of_rows(number)
            datasets.append(with_values(table, figures, values))
        cells = self._changed_cells(values, within)
        nothing = np.zeros(len(self.release), dtype=bool)
        return Protection(
            tuple(datasets),
            cells,
            Report(tuple(findings)),
            method,
            self._published(nothing),
            np.nan,
            np.nan,
        )

    def _figures_of_tables(self, numbers: range, published: bool = False) -> Array:
        """Mask of the figures of some tables, of those that have a value if asked for."""
        mask = np.zeros(len(self.release), dtype=bool)
        for number in numbers:
            table = self.release.tables[number]
            of_table = self.release.table == number
            figures = self.release.figure[of_table]
            if published:
                value = table.figures.value[self.release.row[of_table]]
                figures = figures[np.isfinite(value)]
            mask[figures] = True
        return mask

    def _find_primary(self) -> Primary:
        primary = find_primary(self.release, self._rules)
        is_known = (primary.reason != "") & self._published_before
        self._known_already = np.flatnonzero(is_known & self._is_new)
        reason = primary.reason.copy()
        reason[~self._is_new | is_known] = ""
        return Primary(reason, primary.down, primary.up)

    def _find_must(self, must: Sequence[Mapping[str, str]]) -> Array:
        """Mask of the figures that match one of the parts of keys."""
        mask = np.zeros(len(self.release), dtype=bool)
        for part in must:
            is_met = False
            for number, table in enumerate(self.tables):
                rows = _matching(table, part)
                of_table = self.release.table == number
                is_match = rows[self.release.row[of_table]]
                mask[self.release.figure[of_table][is_match]] = True
                is_met = is_met or bool(is_match.any())
            if not is_met:
                text = ", ".join(f"{name}={code}" for name, code in part.items())
                raise ProtectionError(
                    f"expected a figure that must be published with {text}, found none in the"
                    " tables"
                )
        return mask

    def _hidden_signs(self, suppression: Suppression) -> set[int]:
        """Signs of the keys of all hidden figures, whatever measure they are of."""
        hidden: set[int] = set()
        masks = self.release.rows_of(suppression.hidden)
        for table, mask in zip(self.release.tables, masks, strict=True):
            hidden.update(signs(table)[mask].tolist())
        return hidden

    def _figure_of_rows(self, number: int) -> Array:
        """Figure of each row of a table; -1 where the row counts no persons."""
        figures = np.full(len(self.tables[number]), -1)
        of_table = self.release.table == number
        figures[self.release.row[of_table]] = self.release.figure[of_table]
        return figures

    def _cells(
        self, number: int, attacker: Attacker, hidden: Array, others: Array
    ) -> pd.DataFrame:
        """Hidden rows of a table with their reasons and what can be worked out."""
        table = self.tables[number]
        figures = self._figure_of_rows(number)
        rows = []
        for row in np.flatnonzero(hidden | others).tolist():
            if others[row]:
                rows.append(_cell(table, row, _SAME_PERSONS, np.nan, np.nan))
                continue
            figure = int(figures[row])
            reason = self._primary.reason[figure] or _SUM
            interval = attacker.interval(figure)
            lower = interval.lower if interval else np.nan
            upper = interval.upper if interval else np.nan
            rows.append(_cell(table, row, reason, round(lower, 6), round(upper, 6)))
        return _frame(rows)

    def _changed_cells(self, values: Array, within: float) -> pd.DataFrame:
        """Rows whose figure is another now, and what can be worked out of it."""
        rows = []
        for number, table in enumerate(self.tables):
            figures = self._figure_of_rows(number)
            for row in np.flatnonzero(figures >= 0).tolist():
                figure = int(figures[row])
                value = values[figure]
                if value != self.release.value[figure] and np.isfinite(value):
                    lower = max(value - within, 0.0)
                    reason = self._primary.reason[figure] or _SUM
                    rows.append(_cell(table, row, reason, lower, value + within))
        return _frame(rows)

    def _published(self, hidden: Array) -> pd.DataFrame:
        """What is still published of each table, and which sums can still be added up."""
        import pandas as pd

        equations = self.release.equations
        is_open = hidden | ~np.isfinite(self.release.value)
        is_whole = equations.count(is_open) == 0
        rows = []
        for number, table in enumerate(self.tables):
            figures = np.unique(self._figure_of_rows(number))
            figures = figures[figures >= 0]
            of_table = np.zeros(len(self.release), dtype=bool)
            of_table[figures] = True
            terms = np.bincount(equations.equation, minlength=len(equations))
            is_of_table = equations.count(of_table) == terms
            rows.append(
                {
                    "dataflow": table.name,
                    "figures": len(figures),
                    "published": int((~is_open[figures]).sum()),
                    "sums": int((is_of_table & is_whole).sum()),
                    "all_sums": int(is_of_table.sum()),
                }
            )
        return pd.DataFrame(rows)


def _contributors(tables: Sequence[Coded], column: str) -> list[Array]:
    """Persons behind each row of each table."""
    import pandas as pd

    of_tables = []
    for table in tables:
        stated = table.numbers(column)
        if stated is None:
            provenance = table.dataset.provenance
            if provenance is None or column not in provenance:
                raise ProtectionError(
                    f"expected a column {column} with the persons behind each figure of"
                    f" {table.name}, found none"
                )
            of_rows = provenance[column].reindex(table.dataset.observations.index)
            numbers = pd.to_numeric(of_rows, errors="coerce").to_numpy(dtype=np.float64)
            stated = numbers if table.origin is None else numbers[table.origin]
        of_tables.append(stated)
    return of_tables


def _matching(table: Coded, part: Mapping[str, str]) -> Array:
    """Mask of the rows whose key has all codes of a part."""
    mask = np.ones(len(table), dtype=bool)
    for name, code in part.items():
        if name not in table.dimensions:
            return np.zeros(len(table), dtype=bool)
        mask &= table.having(name, [code])
    return mask


def _cell(table: Coded, row: int, reason: str, lower: float, upper: float) -> dict[str, object]:
    return {
        "dataflow": table.name,
        "key": ".".join(table.key(row).values()),
        "reason": reason,
        "lower": lower,
        "upper": upper,
    }


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=["dataflow", "key", "reason", "lower", "upper"])


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return _frame([])
    return pd.concat(filled, ignore_index=True)
