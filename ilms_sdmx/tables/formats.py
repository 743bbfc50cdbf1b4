"""Number formats of spreadsheets.

What a stored number looks like on the page, and what a format changes.
"""

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

_BUDDHIST_CALENDAR, _THAI_NUMERALS = 7, 13
#: Number from which digits are shown as they are: rounding would need more digits than there
#: are.
_LARGEST_ROUNDED = Decimal(10) ** 20

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_LOCALE = re.compile(r"\[\$[^\]-]*-([0-9A-Fa-f]+)[^\]]*\]")
_BRACKET = re.compile(r"\[[^\]]*\]")
_DATE = re.compile(r"[ymdhsbe]", re.IGNORECASE)
_DIGITS = re.compile(r"[0#?][0#?,.]*")
_DATE_TOKEN = re.compile(r'"[^"]*"|\\.|y+|m+|d+|b+|e+|h+|s+|AM/PM|.', re.IGNORECASE)

#: Numbers whose text is kept: fewer than a long sheet has would all be forgotten on the way.
_MOST_NUMBERS = 1 << 18


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What one number format does: digits after the point, grouping, scaling, calendar.

    Parameters
    ----------
    thousands
        How many times the page divides by 1000 (`#,##0,` gives 1): what is printed is not what
        is stored.
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
    sections = _LITERAL.sub("", code).split(";")
    plain = _BRACKET.sub("", sections[0])
    letters = plain.lower()
    name = letters.strip()
    if name in {"general", "", "@"}:
        is_text = name == "@"
        return NumberFormat(code, is_text=is_text)
    calendar, numerals = _calendar_and_numerals(code)
    thai_digits = numerals == _THAI_NUMERALS
    has_exponent = "E+" in plain or "E-" in plain
    if not has_exponent and _DATE.search(plain):
        buddhist = calendar == _BUDDHIST_CALENDAR or "b" in letters
        return NumberFormat(code, is_date=True, buddhist=buddhist, thai_digits=thai_digits)
    in_brackets = False
    if len(sections) > 1:
        in_brackets = "(" in sections[1]
    return _of_digits(code, plain, in_brackets, thai_digits)


def _calendar_and_numerals(code: str) -> tuple[int, int]:
    """Numbers of the calendar and of the digits of the locale of a format, 0 for none."""
    locale = _LOCALE.search(code)
    if locale is None:
        return 0, 0
    digits = locale.group(1)
    number = int(digits[-8:], 16)
    calendar = number >> 16 & 0xFF
    numerals = number >> 24 & 0xFF
    return calendar, numerals


def _of_digits(code: str, plain: str, in_brackets: bool, thai_digits: bool) -> NumberFormat:
    """Reading of a format of numbers by its digits, points and commas."""
    digits = max(_DIGITS.findall(plain), key=len, default="")
    whole, point, fraction = digits.partition(".")
    tail = whole
    if point:
        tail = fraction
    tail_without_commas = tail.rstrip(",")
    thousands = len(tail) - len(tail_without_commas)
    whole_without_commas = whole.rstrip(",")
    is_grouped = "," in whole_without_commas
    decimals = None
    if digits and "/" not in plain and "E" not in plain:
        decimals = len(fraction.rstrip(","))
    return NumberFormat(
        code,
        percent="%" in plain,
        thousands=thousands,
        decimals=decimals,
        grouped=is_grouped,
        brackets=in_brackets,
        thai_digits=thai_digits,
    )


def plain_number(value: Decimal) -> str:
    """Lexical form of a number without exponent, at the 15 digits that a spreadsheet keeps."""
    if not value.is_finite() or abs(value.adjusted()) > 308:
        raise ValueError(f"{value} is no number that a sheet can hold")
    if len(value.as_tuple().digits) > 15:
        value = Decimal(format(value, ".15g"))
    text = format(value, "f")
    if "." not in text:
        return text
    return text.rstrip("0").rstrip(".")


@lru_cache(maxsize=_MOST_NUMBERS)
def display(value: Decimal, code: str) -> str:
    """Text that the page shows for a stored number under a number format.

    >>> cells = [("1234567", "#,##0,"), ("0.123", "0.0%"), ("5", '0" p"')]
    >>> tuple(display(Decimal(number), format) for number, format in cells)
    ('1,235', '12.3%', '5 p')
    """
    before, after = around(value, code)
    return f"{before}{_digits(value, number_format(code))}{after}".strip()


def _digits(value: Decimal, form: NumberFormat) -> str:
    """Digits, sign and percent sign that a number shows."""
    if form.decimals is None:
        return plain_number(value)
    scaled = _scaled(value, form)
    text = format(abs(scaled), ",f" if form.grouped else "f")
    if form.percent:
        text += "%"
    if scaled < 0:
        text = f"({text})" if form.brackets else f"-{text}"
    return _in_digits_of(text, form)


def _scaled(value: Decimal, form: NumberFormat) -> Decimal:
    """Number as the page shows it: in thousands or percent, rounded to the decimals shown."""
    power = -3 * form.thousands
    if form.percent:
        power += 2
    scaled = value.scaleb(power)
    if abs(scaled) >= _LARGEST_ROUNDED:
        return scaled
    step = Decimal(1).scaleb(-(form.decimals or 0))
    return scaled.quantize(step, ROUND_HALF_UP)


def _in_digits_of(text: str, form: NumberFormat) -> str:
    if form.thai_digits:
        return text.translate(THAI_DIGITS)
    return text


def shows_digits(value: Decimal, code: str) -> bool:
    """Whether the page shows any digit of a number; `0;-0;` and `"n.a."` hide some or all.

    >>> [shows_digits(Decimal(5), code) for code in ('"n.a."', "#,##0;;", ";0", '[<10]"s";0')]
    [False, True, False, False]
    """
    _, section = section_of(value, code)
    return section.digits or not code


def display_date(value: datetime, code: str) -> str:
    """Text that the page shows for a date.

    Years of the Buddhist Era where the format says so.
    """
    form = number_format(code)
    if not form.is_date:
        has_time = value.hour or value.minute
        if has_time:
            return value.isoformat(" ")
        return value.date().isoformat()
    first_section = code.split(";")[0]
    tokens = _DATE_TOKEN.findall(_LOCALE.sub("", first_section))
    text = "".join(_date_token(token, value, form) for token in tokens)
    return _in_digits_of(text, form)


def _date_token(token: str, value: datetime, form: NumberFormat) -> str:
    """Text of one part of a date format: `yyyy`, `mmm`, or a sign between."""
    kind, width = token[0].lower(), len(token)
    if kind == "d":
        return _named(value, value.day, width, "%a", "%A")
    if not token.isalpha():
        return token.strip('"').lstrip("\\")
    if kind == "m":
        return _named(value, value.month, width, "%b", "%B")
    if kind == "h":
        return f"{value.hour:0{width}d}"
    if kind == "s":
        return f"{value.second:0{width}d}"
    if kind not in "ybe":
        return token
    year = value.year + 543 if form.buddhist else value.year
    is_short = width < 3 and kind != "e"
    if is_short:
        return f"{year % 100:02d}"
    return str(year)


def _named(value: datetime, number: int, width: int, short: str, long: str) -> str:
    """Day or month of a date in digits, or by its short or long name."""
    if width < 3:
        return f"{number:0{width}d}"
    return value.strftime(short if width == 3 else long)
