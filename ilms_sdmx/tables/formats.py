"""Number formats of spreadsheets: what a stored number looks like on the page, and what a format changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from ilms_sdmx.tables.format_sections import around, section_of

#: Formats that files refer to by number only (ECMA-376 part 1, 18.8.30).
BUILT_IN: dict[int, str] = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "dd/mm/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "dd/mm/yyyy h:mm",
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
}
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_LOCALE = re.compile(r"\[\$[^\]-]*-([0-9A-Fa-f]+)[^\]]*\]")
_BRACKET = re.compile(r"\[[^\]]*\]")
_DATE = re.compile(r"[ymdhsbe]", re.IGNORECASE)
_DIGITS = re.compile(r"[0#?][0#?,.]*")
_DATE_TOKEN = re.compile(r'"[^"]*"|\\.|y+|m+|d+|b+|e+|h+|s+|AM/PM|.', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What one number format does: digits after the point, grouping, scaling, calendar.

    Parameters
    ----------
    thousands
        How many times the page divides by 1000 (`#,##0,` gives 1): what is printed is not what is stored.
    buddhist
        The page shows years of the Buddhist Era although the stored date is of the common era.
    """

    code: str = "General"
    is_date: bool = False
    is_text: bool = False
    percent: bool = False
    thousands: int = 0
    decimals: int | None = None
    grouped: bool = False
    brackets: bool = False
    buddhist: bool = False
    thai_digits: bool = False


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat:
    """Everything a number format code does, such as `#,##0.0,` or `[$-1070000]d/mm/yyyy`."""
    locale = int(found.group(1)[-8:], 16) if (found := _LOCALE.search(code)) else 0
    sections = _LITERAL.sub("", code).split(";")
    plain = _BRACKET.sub("", sections[0])
    if plain.strip().lower() in {"general", "", "@"}:
        return NumberFormat(code, is_text=plain.strip() == "@")
    calendar, numerals = locale >> 16 & 0xFF, locale >> 24 & 0xFF
    if "E+" not in plain and "E-" not in plain and _DATE.search(plain):
        buddhist = calendar == 7 or "b" in plain.lower()
        return NumberFormat(code, is_date=True, buddhist=buddhist, thai_digits=numerals == 13)
    digits = max(_DIGITS.findall(plain), key=len, default="")
    whole, _, fraction = digits.partition(".")
    tail = fraction if "." in digits else whole
    return NumberFormat(
        code,
        percent="%" in plain,
        thousands=len(tail) - len(tail.rstrip(",")),
        decimals=len(fraction.rstrip(","))
        if digits and "/" not in plain and "E" not in plain
        else None,
        grouped="," in whole.rstrip(","),
        brackets=len(sections) > 1 and "(" in sections[1],
        thai_digits=numerals == 13,
    )


def plain_number(value: Decimal) -> str:
    """Lexical form of a number without exponent, at the 15 digits that a spreadsheet keeps."""
    if not value.is_finite() or abs(value.adjusted()) > 308:
        raise ValueError(f"{value} is no number that a sheet can hold")
    if len(value.as_tuple().digits) > 15:
        value = Decimal(format(value, ".15g"))
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=65536)
def display(value: Decimal, code: str) -> str:
    """Text that the page shows for a stored number under a number format.

    >>> display(Decimal("1234567"), "#,##0,"), display(Decimal("0.123"), "0.0%"), display(Decimal(5), '0" p"')
    ('1,235', '12.3%', '5 p')
    """
    before, after = around(value, code)
    return f"{before}{_digits(value, number_format(code))}{after}".strip()


def _digits(value: Decimal, form: NumberFormat) -> str:
    """Digits, sign and percent sign that a number shows."""
    if form.decimals is None:
        return plain_number(value)
    scaled = value.scaleb(-3 * form.thousands + (2 if form.percent else 0))
    if abs(scaled) < Decimal(10) ** 20:
        scaled = scaled.quantize(Decimal(1).scaleb(-form.decimals), ROUND_HALF_UP)
    text = format(abs(scaled), ",f" if form.grouped else "f") + ("%" if form.percent else "")
    if scaled < 0:
        text = f"({text})" if form.brackets else f"-{text}"
    return text.translate(THAI_DIGITS) if form.thai_digits else text


def shows_digits(value: Decimal, code: str) -> bool:
    """Whether the page shows any digit of a number; `0;-0;` and `"n.a."` hide some or all.

    >>> [shows_digits(Decimal(5), code) for code in ('"n.a."', "#,##0;;", ";0", '[<10]"s";0')]
    [False, True, False, False]
    """
    return section_of(value, code)[1].digits or not code


def display_date(value: datetime, code: str) -> str:
    """Text that the page shows for a date: years of the Buddhist Era where the format says so."""
    form = number_format(code)
    if not form.is_date:
        return value.isoformat(" ") if value.hour or value.minute else value.date().isoformat()
    tokens = _DATE_TOKEN.findall(_LOCALE.sub("", code.split(";")[0]))
    text = "".join(_date_token(token, value, form) for token in tokens)
    return text.translate(THAI_DIGITS) if form.thai_digits else text


def _date_token(token: str, value: datetime, form: NumberFormat) -> str:
    kind, width = token[0].lower(), len(token)
    if kind in "ybe" and token.isalpha():
        year = value.year + (543 if form.buddhist else 0)
        return f"{year % 100:02d}" if width < 3 and kind != "e" else str(year)
    if kind == "d":
        return (
            f"{value.day:0{width}d}"
            if width < 3
            else value.strftime("%a" if width == 3 else "%A")
        )
    if kind == "m" and token.isalpha():
        return (
            f"{value.month:0{width}d}"
            if width < 3
            else value.strftime("%b" if width == 3 else "%B")
        )
    if kind in "hs" and token.isalpha():
        return f"{value.hour if kind == 'h' else value.second:0{width}d}"
    return token.strip('"').lstrip("\\")
