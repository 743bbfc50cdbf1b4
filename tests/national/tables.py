"""National tables made from named factors; of each figure it is known what it says.

`ROWS` has every pair of values that go together; `made` builds the table of a row, and its next
edition where something is changed.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from io import BytesIO, StringIO
from itertools import product
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from tests.national.languages import WORDINGS, WRITTEN_IN, Wording, in_digits
from tests.national.pairs import Row, covering

FACTORS = {
    "language": tuple(WORDINGS),
    "layout": (
        "countries",
        "sexes_columns",
        "sexes_column",
        "sexes_rows",
        "tidy",
        "transposed",
        "months",
    ),
    "period": ("year", "buddhist", "quarter", "month", "day", "part"),
    "period_place": ("title", "header", "column", "row", "sheet", "file"),
    "unit": ("persons", "thousands", "none"),
    "unit_place": ("title", "beneath", "right", "corner", "header", "nowhere"),
    "depth": ("0", "1", "2"),
    "numerals": ("latin", *WRITTEN_IN),
    "separators": ("number", "comma", "point", "blank"),
    "marks": ("none", "footnote", "flag", "dash", "dots"),
    "totals": ("none", "first", "last", "sexes", "both"),
    "percents": ("none", "column", "cell"),
    "codes": ("none", "numbering", "letters", "digits"),
    "order": ("usual", "reversed"),
    "tables": ("one", "beneath", "beside"),
    "groups": ("repeated", "once"),
    "file": ("xlsx", "csv", "semicolon"),
    "topic": ("here", "abroad"),
}
#: Code of a country to its number at ISO; those of a table are drawn of these.
COUNTRIES = {
    "JPN": "392", "KOR": "410", "CHN": "156", "IND": "356", "BGD": "050", "NPL": "524",
    "PAK": "586", "LKA": "144", "AUS": "036", "NZL": "554", "GBR": "826", "USA": "840",
    "CAN": "124", "FRA": "250", "DEU": "276", "ITA": "380", "ESP": "724", "PRT": "620",
    "SAU": "682", "ARE": "784", "KWT": "414", "QAT": "634", "BRA": "076", "ZAF": "710",
}  # fmt: skip
#: A country that only a next edition has.
NEW_COUNTRY = "MEX"
TOTAL = "TOTAL"
#: Layouts with both sexes, and those whose rows are countries.
WITH_SEXES = {"sexes_columns", "sexes_column", "sexes_rows", "tidy", "months"}
WITH_COUNTRY_ROWS = {"countries", "sexes_columns", "sexes_column", "sexes_rows", "tidy"}
#: Where the names of countries and months are.
LABELS = Path(__file__).parents[2] / "dsd" / "labels"
STEP = {"usual": 1, "reversed": -1}


def together(row: Mapping[str, str]) -> bool:
    """Whether values go together: a file has one period where its name says it, and so on."""
    missing = dict.fromkeys(FACTORS, "") | dict(row)
    return not any(_clash(*rule, missing) for rule in RULES)


#: A factor, its values, another factor, and the only values of it that go with them.
Only = tuple[str, set[str], str, set[str]]
RULES: list[Only] = [
    ("unit", {"none"}, "unit_place", {"nowhere"}),
    ("unit_place", {"nowhere"}, "unit", {"none"}),
    *[("numerals", {name}, "language", {language}) for name, language in WRITTEN_IN.items()],
    ("period", {"buddhist"}, "language", {"th", "en", "km", "lo"}),
    ("period_place", {"sheet"}, "file", {"xlsx"}),
    ("period_place", {"sheet", "file"}, "tables", {"one"}),
    ("period_place", {"sheet", "file"}, "period", {"year", "buddhist", "quarter", "month"}),
    ("layout", {"tidy", "transposed"}, "period_place", {"column"}),
    ("layout", {"tidy"}, "tables", {"one"}),
    ("layout", {"months"}, "period_place", {"title", "row", "sheet", "file"}),
    ("layout", {"months"}, "period", {"year", "buddhist"}),
    ("layout", {"months"}, "language", {"en", "th", "km", "lo", "my", "fil"}),
    ("totals", {"sexes", "both"}, "layout", WITH_SEXES),
    ("codes", {"numbering", "letters", "digits"}, "layout", WITH_COUNTRY_ROWS),
    ("percents", {"column", "cell"}, "layout", WITH_COUNTRY_ROWS),
    ("percents", {"cell"}, "marks", {"none", "footnote", "dash", "dots"}),
    ("groups", {"once"}, "layout", {"sexes_column", "tidy", "months"}),
]


#: A plain table, and what others of one shape have different.
PLAIN = {
    "language": "en",
    "layout": "countries",
    "period": "year",
    "period_place": "header",
    "unit": "persons",
    "unit_place": "beneath",
    "depth": "0",
    "numerals": "latin",
    "separators": "number",
    "marks": "none",
    "totals": "last",
    "percents": "none",
    "codes": "none",
    "order": "usual",
    "tables": "one",
    "groups": "repeated",
    "file": "xlsx",
    "topic": "here",
}
SHAPES = {
    "years": {},
    "sexes": {"layout": "sexes_columns", "period_place": "title", "totals": "both"},
    "years_sexes": {"layout": "sexes_columns", "totals": "both"},
    "sexes_rows": {"layout": "sexes_column", "totals": "both"},
    "tidy": {"layout": "tidy", "period_place": "column", "totals": "none"},
    "blocks": {"layout": "sexes_rows", "totals": "both"},
    "months": {"layout": "months", "period_place": "title"},
    "transposed": {"layout": "transposed", "period_place": "column"},
}
#: What comes with a value that does not come alone.
_COMES_WITH = {
    "unit=none": {"unit_place": "nowhere"},
    "unit_place=nowhere": {"unit": "none"},
    "period=buddhist": {"language": "th"},
    **{f"unit_place={place}": {"unit": "thousands"} for place in FACTORS["unit_place"][:-1]},
    **{f"numerals={name}": {"language": language} for name, language in WRITTEN_IN.items()},
}


def plain_rows() -> dict[str, Row]:
    """Tables of each shape in which one factor is another, by `shape:factor=value`."""
    rows: dict[str, Row] = {}
    for shape, values in SHAPES.items():
        rows[shape] = PLAIN | values
        for name, members in FACTORS.items():
            for member in members:
                setting = f"{name}={member}"
                row = PLAIN | values | {name: member} | _COMES_WITH.get(setting, {})
                is_shape = name in {"layout", "period_place"}
                if not is_shape and row != rows[shape] and together(row):
                    rows[f"{shape}:{setting}"] = row
    return rows


def _clash(name: str, values: set[str], other: str, only: set[str], row: Row) -> bool:
    return row[name] in values and row[other] != "" and row[other] not in only


@cache
def rows() -> list[Row]:
    """Every pair of values that go together, in as few rows as are easily found."""
    return covering(FACTORS, together, seed=12)[0]


@dataclass(frozen=True)
class Known:
    """What a cell says.

    Parameters
    ----------
    kind
        `figure`, `percent`, `mark` or `code`.
    country, sex, periods
        Key; of the period each form that says the same.
    value
        Persons.
    """

    kind: str
    country: str = ""
    sex: str = ""
    periods: frozenset[str] = frozenset()
    value: Decimal = Decimal(0)


@dataclass(frozen=True)
class Edition:
    """What a next edition changes.

    Parameters
    ----------
    years
        By how many years it is later.
    figures
        Seed of its figures.
    shuffled
        Whether its countries have another order.
    fewer
        Number of countries that it lacks.
    country, unit, part
        Whether a country is new, the unit is another, the period is part of a year.
    """

    years: int = 0
    figures: int = 0
    shuffled: bool = False
    fewer: int = 0
    country: bool = False
    unit: bool = False
    part: bool = False


def applies(edition: Edition, row: Row) -> bool:
    """Whether a table of these values says what the edition changes."""
    if edition.unit:
        return row["unit"] != "none"
    return not edition.part or row["period"] in {"year", "buddhist"}


@dataclass
class Sheet:
    """Cells of a sheet with what is known of them, by row and column from 1."""

    name: str
    cells: dict[tuple[int, int], str | Decimal] = field(default_factory=dict)
    known: dict[tuple[int, int], Known] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    @property
    def last(self) -> tuple[int, int]:
        """Last row and last column."""
        return max(row for row, _ in self.cells), max(column for _, column in self.cells)


@dataclass(frozen=True)
class Table:
    """A file, and what its figures say by sheet and address."""

    row: Row
    name: str
    content: bytes
    area: str
    known: Mapping[tuple[str, str], Known]


def made(number: int, edition: Edition = Edition()) -> Table:
    """Table of a row of `rows()`, or its next edition."""
    return table_of(rows()[number], number, edition)


def table_of(row: Row, number: int, edition: Edition = Edition()) -> Table:
    """Table of these values."""
    plan = Plan(row, number, edition)
    sheets = list(_sheets(plan))
    name = f"workers_{number}"
    if row["period_place"] == "file":
        name += f" {plan.period(plan.first_year)}"
    suffix = "xlsx" if row["file"] == "xlsx" else "csv"
    content = _xlsx(sheets) if suffix == "xlsx" else _csv(sheets[0], row["file"])
    known = {}
    for sheet in sheets:
        for (line, column), what in sheet.known.items():
            known[sheet.name, f"{get_column_letter(column)}{line}"] = what
    return Table(row, f"{name}.{suffix}", content, plan.area, known)


class Plan:
    """Choices of one table."""

    def __init__(self, row: Row, number: int, edition: Edition) -> None:
        self.row = row
        self.edition = edition
        self.words: Wording = WORDINGS[row["language"]]
        self.area = (
            "THA"
            if row["period"] == "buddhist" and row["language"] == "en"
            else self.words.area
        )
        self.first_year = 2013 + number % 5 + edition.years
        self.title, self.heading = getattr(self.words, row["topic"])
        self.random = Random(1000 * number + edition.figures)
        self.countries = self._countries(Random(number))
        self.thousands = (row["unit"] == "thousands") != edition.unit

    @property
    def years_between(self) -> int:
        """By how many years the second table of a sheet is earlier, so that no key is twice."""
        return 20 if self.row["layout"] == "transposed" else 3

    def _countries(self, random: Random) -> list[str]:
        wanted = 5 if self.row["layout"] in {"transposed", "months"} else 20
        countries = random.sample(sorted(COUNTRIES), wanted)
        self.with_footnote = countries[2]
        if self.edition.shuffled:
            Random(self.edition.figures).shuffle(countries)
        countries = countries[: wanted - self.edition.fewer]
        if self.edition.country:
            countries.insert(3, NEW_COUNTRY)
        return countries

    def label(self, country: str) -> str:
        """Country in the language of the table."""
        if country == TOTAL:
            return self.words.total
        return country_names(self.row["language"])[country]

    def period(self, year: int) -> str:
        """What the table prints of a period."""
        kind = self.row["period"]
        if self.edition.part and kind in {"year", "buddhist"}:
            kind = "part"
        if kind == "buddhist":
            eras = {"th": "พ.ศ. ", "km": "ព.ស. ", "lo": "ພ.ສ. ", "en": "B.E. "}
            return eras[self.row["language"]] + str(year + 543)
        if kind == "year":
            return str(year)
        if kind == "quarter":
            return f"Q1 {year}"
        printed_year = year + 543 if self.row["language"] == "th" else year
        words = {"month": self.words.month, "day": self.words.day, "part": self.words.months}
        return words[kind].format(year=printed_year)

    def periods(self, year: int) -> frozenset[str]:
        """Forms of TIME_PERIOD of a year's period."""
        kind = self.row["period"]
        if self.edition.part and kind in {"year", "buddhist"}:
            kind = "part"
        forms = {
            "quarter": {f"{year}-Q1"},
            "month": {f"{year}-01", f"{year}-M01"},
            "day": {f"{year}-12-31"},
            "part": {f"{year}-S1", f"{year}-01/P6M", f"{year}-01-01/P6M"},
        }
        return frozenset(forms.get(kind, {str(year)}))

    def unit(self, thousands: bool) -> str:
        """Word of the unit."""
        return self.words.thousands if thousands else self.words.persons

    def printed(self, value: Decimal, thousands: bool) -> str | Decimal:
        """Figure as the sheet has it: a number, or its text."""
        shown = value / 1000 if thousands else value
        shown = shown.quantize(Decimal("0.1")) if thousands else shown
        if self.row["separators"] == "number" and self.row["numerals"] == "latin":
            return shown
        return in_digits(self.separated(shown), self.row["numerals"])

    def separated(self, number: Decimal) -> str:
        """Number with its separators."""
        group, decimal = {
            "number": ("", "."),
            "comma": (",", "."),
            "point": (".", ","),
            "blank": (" ", ","),
        }[self.row["separators"]]
        text = f"{number:,}".replace(",", "_").replace(".", decimal)
        return text.replace("_", group)


@cache
def country_names(language: str) -> dict[str, str]:
    """First name of each country in a language, Portuguese where Tetum has none."""
    sources = [("territories", "pt" if language == "tet" else language)]
    if language == "tet":
        sources.insert(0, ("countries", "tet"))
    names: dict[str, str] = {}
    for file, spoken in sources:
        with (LABELS / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                if line["kind"] == "country" and line["language"] == spoken:
                    names.setdefault(line["code"], line["label"])
    return names


@cache
def month_names(language: str) -> list[str]:
    """Names of the twelve months, the first of each in the list of words."""
    names: dict[int, str] = {}
    with (LABELS / "words.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            if line["kind"] == "month" and line["language"] == language:
                names.setdefault(int(line["value"]), line["word"].title())
    return [names[number] for number in range(1, 13)]


def _sheets(plan: Plan) -> Iterator[Sheet]:
    """Sheets of a table: one, or one for each year."""
    if plan.row["period_place"] != "sheet":
        name = "Sheet1" if plan.row["file"] == "xlsx" else ""
        sheet = Sheet(name)
        _fill(sheet, plan, 1, 1, plan.first_year, 0)
        if plan.row["tables"] != "one":
            last_row, last_column = sheet.last
            start = (
                (last_row + 3, 1) if plan.row["tables"] == "beneath" else (1, last_column + 2)
            )
            _fill(sheet, plan, *start, plan.first_year - plan.years_between, 1)
        yield sheet
        return
    for year in (plan.first_year, plan.first_year + 1):
        sheet = Sheet(in_digits(plan.period(year), plan.row["numerals"]))
        _fill(sheet, plan, 1, 1, year, 0)
        yield sheet


#: A value of each dimension: country, sex, year, month.
Key = dict[str, str]


def _fill(sheet: Sheet, plan: Plan, top: int, left: int, year: int, second: int) -> None:
    """Write one table with its title at a place."""
    _Block(sheet, plan, top, left, year, second).write()


class _Block:
    """One table with its title."""

    def __init__(
        self, sheet: Sheet, plan: Plan, top: int, left: int, year: int, second: int
    ) -> None:
        self.sheet, self.plan, self.row = sheet, plan, plan.row
        self.top, self.left, self.second = top, left, second
        changed = bool(second) and plan.row["unit"] != "none"
        self.thousands = plan.thousands != changed
        self.years = self._years(year)
        self.values = self._values()

    def _years(self, year: int) -> list[str]:
        place = self.row["period_place"]
        number = {"header": 3, "column": 2, "row": 2}.get(place, 1)
        if self.row["layout"] == "transposed":
            return [str(year - before) for before in range(20, 0, -1)]
        if place in {"header", "column", "row"} and self.row["layout"] != "transposed":
            return [str(year + later) for later in range(number)]
        return [str(year)]

    @property
    def months(self) -> list[str]:
        return [str(n) for n in range(1, 13)] if self.row["layout"] == "months" else [""]

    @property
    def sexes(self) -> list[str]:
        """Sexes that the table has, in their order."""
        if self.row["layout"] not in WITH_SEXES:
            return ["T"]
        sexes = ["M", "F"][:: STEP[self.row["order"]]]
        if self.row["totals"] in {"sexes", "both"}:
            sexes.insert(0 if self.row["order"] == "reversed" else 2, "T")
        return sexes

    @property
    def countries(self) -> list[str]:
        countries = list(self.plan.countries)
        if self.row["totals"] == "first":
            return [TOTAL, *countries]
        if self.row["totals"] in {"last", "both"}:
            return [*countries, TOTAL]
        return countries

    def _values(self) -> dict[tuple[str, str, str, str], Decimal]:
        """Persons by country, sex, year and month; sums hold, and hundreds in thousands."""
        random = self.plan.random
        values: dict[tuple[str, str, str, str], Decimal] = {}
        for year, month in product(self.years, self.months):
            totals = {"M": Decimal(0), "F": Decimal(0), "T": Decimal(0)}
            for number, country in enumerate(self.plan.countries):
                pair = {sex: Decimal(random.randint(11, 4000)) for sex in "MF"}
                if self.thousands:
                    pair = {sex: value * 100 for sex, value in pair.items()}
                if self.row["marks"] in {"dash", "dots"} and number == 4:
                    pair = {sex: Decimal(0) for sex in "MF"}
                pair["T"] = pair["M"] + pair["F"]
                for sex, value in pair.items():
                    values[country, sex, year, month] = value
                    totals[sex] += value
            for sex, value in totals.items():
                values[TOTAL, sex, year, month] = value
        return values

    def write(self) -> None:
        """Write the table and what is known of it."""
        body = self._headings()
        bottom = self._body(body)
        self._notes(bottom + 2)
        self._title()

    # -- the parts -------------------------------------------------------------------------

    @property
    def row_names(self) -> list[str]:
        """Dimensions of the label columns, the outer first."""
        layout, place = self.row["layout"], self.row["period_place"]
        names = []
        if layout in WITH_COUNTRY_ROWS:
            names.append("country")
        if layout == "months":
            names.append("month")
        if layout in {"sexes_column", "tidy", "months"}:
            names.append("sex")
        if place == "column":
            names.append("year")
        return names[:: STEP[self.row["order"]]]

    @property
    def header_names(self) -> list[str]:
        """Dimensions of the header, the outer first."""
        names = []
        if self.row["period_place"] == "header":
            names.append("year")
        if self.row["layout"] == "sexes_columns":
            names.append("sex")
        if self.row["layout"] in {"transposed", "months"}:
            names.append("country")
        return names[:: STEP[self.row["order"]]]

    @property
    def block_names(self) -> list[str]:
        """Dimensions that rows of one word head."""
        names = []
        if self.row["period_place"] == "row":
            names.append("year")
        if self.row["layout"] == "sexes_rows":
            names.append("sex")
        return names

    def members(self, name: str) -> list[str]:
        """Members of a dimension."""
        members = {
            "country": self.countries,
            "sex": self.sexes,
            "year": self.years,
            "month": self.months,
        }
        return members[name]

    def keys(self, names: Sequence[str]) -> list[Key]:
        """Combinations of the members of dimensions."""
        members = [self.members(name) for name in names]
        return [dict(zip(names, values, strict=True)) for values in product(*members)]

    def text(self, name: str, member: str) -> str:
        """Label of a member."""
        words = self.plan.words
        if name == "country":
            return self.plan.label(member) + self._footnote(member)
        if name == "sex":
            return {"M": words.men, "F": words.women, "T": words.both}[member]
        if name == "month":
            return month_names(self.row["language"])[int(member) - 1]
        return self.plan.period(int(member))

    def _footnote(self, member: str) -> str:
        is_marked = self.row["marks"] == "footnote" and member == self.plan.with_footnote
        return " 1/" if is_marked else ""

    def heading(self, name: str) -> str:
        """Heading of a label column."""
        words = self.plan.words
        headings = {
            "country": self.plan.heading,
            "sex": words.sex,
            "year": words.year,
            "month": words.year,
            "number": "No.",
            "code": "ISO",
        }
        return headings[name]

    @property
    def label_columns(self) -> list[str]:
        """Label columns with the column of codes or numbers."""
        names = list(self.row_names)
        if self.row["codes"] == "none":
            return names
        name = "number" if self.row["codes"] == "numbering" else "code"
        first = name == "number" or self.row["order"] == "reversed"
        names.insert(0 if first else names.index("country") + 1, name)
        return names

    @property
    def leaves(self) -> list[tuple[Key, bool]]:
        """Columns of figures: key, and whether it is the percent."""
        keys = self.keys(self.header_names)
        kinds = [False, True] if self.row["percents"] == "column" else [False]
        return list(product(keys, kinds))

    def put(self, line: int, column: int, text: str | Decimal) -> None:
        """Write a cell, by line and column of the block from 0."""
        if isinstance(text, str):
            text = in_digits(text, self.row["numerals"])
        self.sheet.cells[self.top + line, self.left + column] = text

    def know(self, line: int, column: int, known: Known) -> None:
        """Keep what a cell says."""
        self.sheet.known[self.top + line, self.left + column] = known

    def merge(self, line: int, column: int, last_line: int, last_column: int) -> None:
        """Merge cells of the block."""
        if (line, column) != (last_line, last_column):
            top, left = self.top, self.left
            place = (top + line, left + column, top + last_line, left + last_column)
            self.sheet.merged.append(place)

    @property
    def unit(self) -> str:
        """Unit in brackets."""
        return f" ({self.plan.unit(self.thousands)})"

    def _title(self) -> None:
        """Title and unit above the header."""
        title = self.plan.title
        if self.row["tables"] != "one":
            title = f"{self.second + 1}. {title}"
        if self.row["period_place"] == "title":
            title += f", {self.plan.period(int(self.years[0]))}"
        place = self.row["unit_place"]
        if place == "title":
            title += self.unit
        self.put(0, 0, title)
        if place == "beneath":
            self.put(1, 0, f"{self.plan.words.unit}: {self.plan.unit(self.thousands)}")
        if place == "right":
            last = len(self.label_columns) + len(self.leaves) - 1
            self.put(0, max(last, 1), self.unit.strip())

    def _spans(self) -> list[str]:
        """Words above all columns of figures."""
        words = self.plan.words
        number = words.number
        if self.row["unit_place"] == "header":
            number += self.unit
        dimensions = [self.heading(name) for name in self.header_names]
        upper = [[], [number], [number, (dimensions or [words.number])[0]]]
        spans = upper[int(self.row["depth"])] if len(self.leaves) > 1 else []
        if self.row["unit_place"] == "header" and not spans and dimensions:
            spans = [number]
        return spans

    def _headings(self) -> int:
        """Write the header; return the first line of figures."""
        first = 2 if self.row["unit_place"] == "beneath" else 1
        columns, leaves = self.label_columns, self.leaves
        line, start = first, len(columns)
        for span in self._spans():
            self.put(line, start, span)
            self.merge(line, start, line, start + len(leaves) - 1)
            line += 1
        for depth, name in enumerate(self.header_names):
            self._header_row(line, start, depth, name)
            line += 1
        if self.row["percents"] == "column" or not self.header_names:
            words = self.plan.words
            number = words.number
            if self.row["unit_place"] == "header" and line == first:
                number += self.unit
            for position, (_, is_percent) in enumerate(leaves):
                self.put(line, start + position, "%" if is_percent else number)
            line += 1
        for position, name in enumerate(columns):
            heading = self.heading(name)
            corner = "country" if "country" in columns else columns[0]
            if self.row["unit_place"] == "corner" and name == corner:
                heading += self.unit
            self.put(first, position, heading)
            self.merge(first, position, line - 1, position)
        return line

    def _header_row(self, line: int, start: int, depth: int, name: str) -> None:
        """Write the labels of one dimension of the header, each once for those beneath it."""
        upper = self.header_names[: depth + 1]
        before, begin = None, 0
        leaves = self.leaves
        for position, (key, _) in enumerate(leaves):
            group = [key[one] for one in upper]
            if group != before:
                if before is not None:
                    self.merge(line, start + begin, line, start + position - 1)
                self.put(line, start + position, self.text(name, key[name]))
                before, begin = group, position
        self.merge(line, start + begin, line, start + len(leaves) - 1)

    def _body(self, line: int) -> int:
        """Write the rows; return the last line."""
        columns = self.label_columns
        shown: list[str] = []
        for block in self.keys(self.block_names):
            for depth, name in enumerate(self.block_names):
                heads = [block[one] for one in self.block_names[: depth + 1]]
                if shown[: depth + 1] != heads:
                    place = columns.index("country") if "country" in columns else 0
                    self.put(line, place, self.text(name, block[name]))
                    line += 1
            shown = [block[one] for one in self.block_names]
            line = self._rows(line, block)
        return line - 1

    def _rows(self, line: int, block: Key) -> int:
        """Write the rows of one block; return the line after them."""
        above: list[str] = []
        for key in self.keys(self.row_names):
            labels = [key[name] for name in self.row_names]
            for position, name in enumerate(self.label_columns):
                self._label(line, position, name, key, above)
            for position, (head, is_percent) in enumerate(self.leaves):
                place = len(self.label_columns) + position
                self._figure(line, place, {**block, **key, **head}, is_percent)
            above = labels
            line += 1
        return line

    def _label(self, line: int, column: int, name: str, key: Key, above: list[str]) -> None:
        """Write a label, a code or the number of a row; not again where it is above."""
        if self._is_repeated(name, key, above):
            return
        if name in key:
            self.put(line, column, self.text(name, key[name]))
            return
        self._code(line, column, name, key["country"])

    def _is_repeated(self, name: str, key: Key, above: list[str]) -> bool:
        """Whether a label of a group is that of the row above, and is printed once."""
        names = self.row_names
        if self.row["groups"] != "once" or name not in key or name == names[-1]:
            return False
        depth = names.index(name) + 1
        return above[:depth] == [key[one] for one in names[:depth]]

    def _code(self, line: int, column: int, name: str, country: str) -> None:
        if country == TOTAL:
            return
        text: str | Decimal = country
        if name == "number":
            text = Decimal(self.plan.countries.index(country) + 1)
        elif self.row["codes"] == "digits":
            text = COUNTRIES.get(country, "484")
        self.put(line, column, text)
        self.know(line, column, Known("code"))

    def _figure(self, line: int, column: int, key: Key, is_percent: bool) -> None:
        """Write a figure and keep what it says."""
        country, sex = key["country"], key.get("sex", "T")
        year, month = key.get("year", self.years[0]), key.get("month", "")
        value = self.values[country, sex, year, month]
        periods = self.plan.periods(int(year))
        if month:
            periods = frozenset({f"{year}-{int(month):02d}", f"{year}-M{int(month):02d}"})
        total = self.values[TOTAL, sex, year, month]
        percent = (100 * value / total).quantize(Decimal("0.1"))
        if is_percent:
            text = self.plan.printed(percent, False)
            self.put(line, column, text)
            self.know(line, column, Known("percent", country, sex, periods))
            return
        kind, text = "figure", self.plan.printed(value, self.thousands)
        place = self.plan.countries.index(country) if country != TOTAL else -1
        marks = {"dash": "-", "dots": ".."}
        if self.row["marks"] in marks and place == 4:
            kind, text = "mark", marks[self.row["marks"]]
        elif self.row["percents"] == "cell":
            text = f"{self._shown(text)} ({self.plan.separated(percent)}%)"
        elif self.row["marks"] == "flag" and place in {1, 6}:
            text = f"{self._shown(text)}p"
        self.put(line, column, text)
        self.know(line, column, Known(kind, country, sex, periods, value))

    def _shown(self, text: str | Decimal) -> str:
        return text if isinstance(text, str) else str(text)

    def _notes(self, line: int) -> None:
        """Write what explains the marks."""
        words = self.plan.words
        notes = {
            "footnote": f"1/ {words.note}",
            "flag": f"p = {words.provisional}",
            "dash": f"- = {words.nil}",
        }
        if self.row["marks"] in notes:
            self.put(line, 0, notes[self.row["marks"]])


def _xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Workbook of sheets."""
    book = Workbook()
    for number, sheet in enumerate(sheets):
        page = book.active if number == 0 else book.create_sheet()
        page.title = sheet.name
        for (row, column), text in sheet.cells.items():
            value = text if isinstance(text, str) else _number(text)
            page.cell(row, column, value)
        for top, left, bottom, right in sheet.merged:
            page.merge_cells(None, top, left, bottom, right)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)


def _csv(sheet: Sheet, file: str) -> bytes:
    """Text of a sheet."""
    stream = StringIO()
    writer = csv.writer(stream, delimiter=";" if file == "semicolon" else ",")
    last_row, last_column = sheet.last
    for row in range(1, last_row + 1):
        texts = [sheet.cells.get((row, column), "") for column in range(1, last_column + 1)]
        writer.writerow([str(text) for text in texts])
    return stream.getvalue().encode("utf-8")
