"""Linear programmes over the figures of a release, solved by HiGHS."""

from __future__ import annotations

from typing import Any

import numpy as np

from ilms_sdmx.analysis.protection.release import Equations
from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.validation.coded.columns import Array

#: What is less than this is no change of a figure.
TOLERANCE = 1e-6


class Programme:
    """Linear programme with one column a figure and one row an equation.

    Parameters
    ----------
    equations
        The equations; their figures are numbers of columns.
    lower, upper
        Bounds of each column.
    row_lower, row_upper
        Bounds of totals less parts in each equation.
    integers
        How many columns, from the first, take whole numbers only.
    """

    def __init__(
        self,
        equations: Equations,
        lower: Array,
        upper: Array,
        row_lower: Array,
        row_upper: Array,
        integers: int = 0,
    ) -> None:
        highspy = _core_of_highs()
        self._optimal = highspy.HighsModelStatus.kOptimal
        self._solver = highspy._Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        model = highspy.HighsLp()
        model.num_col_ = len(lower)
        model.num_row_ = len(equations)
        model.col_cost_ = np.zeros(len(lower))
        model.col_lower_ = np.asarray(lower, dtype=float)
        model.col_upper_ = np.asarray(upper, dtype=float)
        model.row_lower_ = np.asarray(row_lower, dtype=float)
        model.row_upper_ = np.asarray(row_upper, dtype=float)
        order = np.argsort(equations.equation, kind="stable")
        counts = np.bincount(equations.equation, minlength=len(equations))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        model.a_matrix_.index_ = equations.figure[order].astype(np.int32)
        model.a_matrix_.value_ = equations.sign[order].astype(float)
        if integers:
            whole = [highspy.HighsVarType.kInteger] * integers
            others = [highspy.HighsVarType.kContinuous] * (len(lower) - integers)
            model.integrality_ = [*whole, *others]
        self._solver.passModel(model)
        self._columns = np.arange(len(lower), dtype=np.int32)

    def cost(self, cost: Array) -> None:
        """Set what each unit of each column costs."""
        columns = self._columns
        self._solver.changeColsCost(len(columns), columns, np.asarray(cost, dtype=float))

    def bound(self, columns: Array, lower: Array, upper: Array) -> None:
        """Set the bounds of some columns."""
        numbers = np.asarray(columns, dtype=np.int32)
        self._solver.changeColsBounds(
            len(numbers),
            numbers,
            np.asarray(lower, dtype=float),
            np.asarray(upper, dtype=float),
        )

    def add_row(self, columns: Array, values: Array, lower: float) -> None:
        """Add an equation that is at least `lower`."""
        numbers = np.asarray(columns, dtype=np.int32)
        coefficients = np.asarray(values, dtype=float)
        self._solver.addRow(lower, np.inf, len(numbers), numbers, coefficients)

    def limit_time(self, seconds: float) -> None:
        """Let one solution take so many seconds from now."""
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(0.0, seconds))

    def solve(self) -> Array | None:
        """Columns of the cheapest solution; None where there is none."""
        self._solver.run()
        if self._solver.getModelStatus() != self._optimal:
            return None
        return np.array(self._solver.getSolution().col_value)

    def best_so_far(self) -> Array | None:
        """Columns of the best solution that was found, proven or not; None without one."""
        self._solver.run()
        information = self._solver.getInfo()
        if information.primal_solution_status != 2:
            return None
        return np.array(self._solver.getSolution().col_value)

    @property
    def duals(self) -> Array:
        """What one more in each equation would cost, at the solution that was found last."""
        return np.array(self._solver.getSolution().row_dual)

    @property
    def objective(self) -> float:
        """Cost of the solution that was found last."""
        return float(self._solver.getInfo().objective_function_value)


def _core_of_highs() -> Any:
    """Core of HiGHS; the class around it greets on standard output, where our own output is."""
    try:
        from highspy import _core
    except ImportError:
        raise ProtectionError(
            "protection needs the solver HiGHS: pip install 'ilms-sdmx[protection]'"
        ) from None
    return _core
