"""Conditions on components, `c[TIME_PERIOD]=ge:2020+le:2023`, and which figures fulfil them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ilms_sdmx.errors import RequestError
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    import pandas as pd

#: Operators of the standard.
OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "co", "nc", "sw", "ew")
#: Component whose values are periods.
TIME = "TIME_PERIOD"
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_@$-]*")
_TEST = re.compile(r"(?:(?P<operator>[a-z]{2}):)?(?P<value>.*)", re.DOTALL)
#: Most tests of one condition, and most letters of one value.
_MOST_TESTS, _MOST_LETTERS = 2_000, 500


@dataclass(frozen=True, slots=True)
class ValueTest:
    """One test of a value.

    Parameters
    ----------
    operator
        One of `OPERATORS`.
    value
        What it is compared with.
    """

    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Condition on a component: one of several alternatives, all tests of which hold.

    Parameters
    ----------
    component
        Its id.
    alternatives
        Tests of each alternative.
    """

    component: str
    alternatives: tuple[tuple[ValueTest, ...], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Values that the component may have, where only these are named; empty otherwise."""
        values = []
        for tests in self.alternatives:
            if len(tests) != 1 or tests[0].operator != "eq":
                return ()
            values.append(tests[0].value)
        return tuple(values)


def parse_condition(component: str, text: str) -> Condition:
    """Condition as a query says it: `,` is or, `+` is and.

    Raises
    ------
    RequestError
        There is no such operator, or it is longer than the service takes.

    Examples
    --------
    >>> parse_condition("FREQ", "A,Q").codes
    ('A', 'Q')
    >>> parse_condition("TIME_PERIOD", "ge:2020+le:2023").alternatives
    ((ValueTest(operator='ge', value='2020'), ValueTest(operator='le', value='2023')),)
    """
    if _ID.fullmatch(component) is None:
        raise RequestError(400, f"expected the id of a component, found {component[:60]!r}")
    alternatives = []
    count = 0
    for alternative in text.split(","):
        tests = []
        for each in alternative.split("+"):
            tests.append(_test(component, each))
            count += 1
        alternatives.append(tuple(tests))
    if count > _MOST_TESTS:
        raise RequestError(413, f"expected at most {_MOST_TESTS} values of {component}")
    return Condition(component, tuple(alternatives))


def _test(component: str, text: str) -> ValueTest:
    match = _TEST.fullmatch(text)
    assert match is not None
    operator = match["operator"]
    value = match["value"]
    if operator is not None and operator not in OPERATORS:
        if component == TIME:
            return ValueTest("eq", text)
        known = ", ".join(OPERATORS)
        raise RequestError(400, f"expected an operator of {known}, found {operator!r}")
    if not value or len(value) > _MOST_LETTERS:
        raise RequestError(400, f"expected a value of {component}, found {value[:60]!r}")
    if component == TIME and parse_period(value) is None:
        raise RequestError(400, f"expected a period such as 2020 or 2020-Q1, found {value!r}")
    return ValueTest(operator or "eq", value)


def which_fulfil(figures: pd.DataFrame, conditions: Iterable[Condition]) -> np.ndarray:
    """Which figures fulfil all conditions; each distinct value is tested once.

    Raises
    ------
    RequestError
        The data have no such component.
    """
    fulfilled = np.ones(len(figures), dtype=bool)
    for condition in conditions:
        if condition.component not in figures.columns:
            known = ", ".join(map(str, figures.columns))
            raise RequestError(
                422, f"expected one of the components {known}, found {condition.component!r}"
            )
        fulfilled &= _which(figures[condition.component], condition)
    return fulfilled


def _which(column: pd.Series[Any], condition: Condition) -> np.ndarray:
    import pandas as pd

    codes, distinct = pd.factorize(column.astype("str"))
    known = []
    for value in distinct.tolist():
        known.append(_fulfils(str(value), condition))
    # The last answers the number of a missing value, -1.
    known.append(False)
    answers = np.array(known, dtype=bool)
    return answers[codes]


def _fulfils(value: str, condition: Condition) -> bool:
    """Whether a value fulfils a condition."""
    holds = _time_holds if condition.component == TIME else _holds
    fulfilled = False
    for tests in condition.alternatives:
        fulfilled |= all(holds(value, test) for test in tests)
    return fulfilled


def _holds(value: str, test: ValueTest) -> bool:
    """Whether a text fulfils a test; numbers are compared as numbers."""
    wanted = test.value
    match test.operator:
        case "eq":
            return value == wanted
        case "ne":
            return value != wanted
        case "co":
            return wanted in value
        case "nc":
            return wanted not in value
        case "sw":
            return value.startswith(wanted)
        case "ew":
            return value.endswith(wanted)
    return _is_ordered(_sign(value, wanted), test.operator)


def _sign(value: str, wanted: str) -> int:
    """-1, 0 or 1 as a value is below, equal to or above another one."""
    left: Any = value
    right: Any = wanted
    try:
        left, right = float(value), float(wanted)
    except ValueError:
        left, right = value, wanted
    return int(left > right) - int(left < right)


def _is_ordered(sign: int, operator: str) -> bool:
    allowed = {"lt": (-1,), "le": (-1, 0), "gt": (1,), "ge": (0, 1)}
    return sign in allowed[operator]


def _time_holds(value: str, test: ValueTest) -> bool:
    """Whether a period fulfils a test, by its days; text tests compare what is written."""
    if test.operator in ("co", "nc", "sw", "ew"):
        return _holds(value, test)
    period = parse_period(value)
    bound = parse_period(test.value)
    if period is None or bound is None:
        return test.operator == "ne"
    is_same = (period.start, period.end) == (bound.start, bound.end)
    match test.operator:
        case "eq":
            return is_same
        case "ne":
            return not is_same
        case "lt":
            return period.end <= bound.start
        case "le":
            return period.end <= bound.end
        case "gt":
            return period.start >= bound.end
    return period.start >= bound.start
