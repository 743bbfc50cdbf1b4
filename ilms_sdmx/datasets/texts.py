"""Texts of values: what a component holds, written as SDMX writes it, or why it cannot be."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from numbers import Integral
from typing import Any

#: Whole numbers that a float holds exactly lie below this.
_EXACT = 1 << 53
_EXACT_SINGLE = 1 << 24
#: Significant digits that a float keeps, whatever the number: of 64 bits, and of 32.
_DIGITS = 15
_DIGITS_SINGLE = 6


def is_missing(value: Any) -> bool:
    """Whether a value says that there is none: `None`, `NaN`, `pandas.NA`, `pandas.NaT`."""
    if value is None:
        return True
    if isinstance(value, str | list | tuple | dict | set):
        return False
    # What is missing is not equal to itself; pandas' own sign says so in a word of its own.
    return type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def number_text(value: Any) -> str:
    """Number in plain digits: whole numbers exactly, floats to the digits that they keep.

    A float of 64 bits keeps 15 significant digits of any decimal number, one of 32 bits six:
    what is beyond them comes from the machine and not from the source, and is left out.

    Raises
    ------
    ValueError
        It is no number, or a whole number so large that a float has lost its last digits.

    Examples
    --------
    >>> number_text(0.1 + 0.2), number_text(3.0), number_text(1e16), number_text(2)
    ('0.3', '3', '10000000000000000', '2')
    """
    if isinstance(value, bool) or type(value).__name__ == "bool":
        raise ValueError("it is a truth value, not a number")
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Decimal):
        return _plain(value)
    is_single = getattr(value, "itemsize", 8) == 4
    if not isinstance(value, float) and not is_single:
        raise ValueError("it is no number")
    return _float_text(float(value), is_single)


def _float_text(number: float, is_single: bool) -> str:
    if math.isinf(number):
        raise ValueError("it is infinite")
    limit = _EXACT_SINGLE if is_single else _EXACT
    digits = _DIGITS_SINGLE if is_single else _DIGITS
    if number.is_integer() and abs(number) < limit:
        return str(int(number))
    text = format(number, f".{digits}g")
    if number.is_integer() and float(text) != number:
        raise ValueError("a float has lost the last digits of it: give it as text or integer")
    return _plain(Decimal(text))


def _plain(number: Decimal) -> str:
    """Number without exponent; a decimal keeps the digits that it is written with."""
    if not number.is_finite():
        raise ValueError("it is not finite")
    return format(number, "f")


def code_text(value: Any) -> str:
    """Code as text: 3.0 is the code `3`; blanks around a code are none of it.

    Raises
    ------
    ValueError
        It can be no code: a date, a truth value, a number with decimals.
    """
    if isinstance(value, str):
        return value.strip()
    text = number_text(value)
    if "." in text:
        raise ValueError("it has decimals, as no code has")
    return text


def attribute_text(value: Any) -> str:
    """Attribute as text: texts as they are, numbers and dates as SDMX writes them.

    Raises
    ------
    ValueError
        It is a list or another object.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return str(bool(value)).lower()
    if isinstance(value, datetime):
        at_midnight = value.tzinfo is None and value.time() == datetime.min.time()
        return value.date().isoformat() if at_midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return number_text(value)
    except ValueError as error:
        if isinstance(value, float):
            raise
        raise ValueError(f"expected a text or a number: {error}") from None


def measure_text(value: Any) -> str:
    """Measure as text: texts as they are without blanks around, numbers in plain digits.

    Raises
    ------
    ValueError
        It is neither text nor number.
    """
    if isinstance(value, str):
        return value.strip()
    return number_text(value)


def is_number(text: str) -> bool:
    """Whether a text is a number as SDMX writes it; empty and `NaN` say that there is none."""
    if text in ("", "NaN", "INF", "-INF"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and "_" not in text and "n" not in text.lower()
