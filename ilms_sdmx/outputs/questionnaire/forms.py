"""What a questionnaire asks: its tables, and the rows, columns and fields of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import StructureError
from ilms_sdmx.labels.areas import area_code
from ilms_sdmx.labels.lines import label_lines
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.constraints import allowed, ordered_codes, version
from ilms_sdmx.structures.countries import is_for_users
from ilms_sdmx.structures.flows import dimensions
from ilms_sdmx.structures.identifiers import resolve
from ilms_sdmx.structures.lists import codes as codes_of_list
from ilms_sdmx.structures.sums import PARTNERS, rules

#: Most codes of a dimension that is in the columns next to sex.
_MOST_COLUMNS = 4
#: Countries that a table of countries asks to choose, as ILO's form does.
PICKS = 5
#: Code of a dimension in a row whose country a person chooses.
PICKED = "?"
VARIANTS = ("birth", "citizenship", "both")
_VARIANT_OF = {"CBR": "birth", "CCT": "citizenship"}
#: Parts that say the same a second time: the form asks each figure once.
_TWICE = frozenset({"overlap"})
_MODULES = ("MST", "MFL", "MNA")


@dataclass(frozen=True)
class FormRow:
    """One row of figures.

    Parameters
    ----------
    codes
        Code by dimension; `?` where a person chooses a country.
    label
        Name in English, empty where a country is chosen.
    local
        Name in the language of the office, empty where none is known.
    group
        Heading above the rows of one version of a classification, empty where there is one.
    """

    codes: Mapping[str, str]
    label: str
    local: str = ""
    group: str = ""

    @property
    def is_picked(self) -> bool:
        """Whether a person chooses the country of the row."""
        return PICKED in self.codes.values()


@dataclass(frozen=True)
class FormColumn:
    """One column of figures: code by dimension, the name of each code, and that of the office.

    Names in the language of the office are empty where none is known.
    """

    codes: Mapping[str, str]
    labels: tuple[str, ...]
    local: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """What is above the column, line by line: the name, and that of the office below."""
        local = self.local or ("",) * len(self.labels)
        pairs = zip(self.labels, local, strict=True)
        return [f"{label}\n{name}" if name else label for label, name in pairs]


@dataclass(frozen=True)
class FormField:
    """One line above the figures, about the whole table.

    Parameters
    ----------
    id
        Name of the field.
    attribute, note
        Attribute that holds it, and ILO's type of note where the attribute holds notes.
    values
        Name of the list that a person chooses from, empty for free text.
    label, help
        What is asked, and how it is answered.
    lines
        Lines of text that its cell shows.
    """

    id: str
    attribute: str
    note: str
    values: str
    label: str
    help: str
    lines: int = 1


@dataclass(frozen=True)
class FormTable:
    """One table of a questionnaire, on a sheet of its own.

    Parameters
    ----------
    sheet
        Name of its sheet, such as `MST 5 birth`.
    dataflow
        Bare id of the dataflow.
    title, title_local
        Title in English, and in French or Spanish where ILO has one.
    fixed
        Code of each dimension that is the same for the whole table.
    rows, columns
        What is in the rows and in the columns.
    fields
        Lines above the figures.
    partner
        Dimension of partner countries, empty for tables without.
    instruction
        How the table is filled in.
    components, structure
        Roles of the columns and identifier of the structure, where the table is of another
        structure than those of ILMS; then `dataflow` is its whole identifier.
    """

    sheet: str
    dataflow: str
    title: str
    title_local: str
    fixed: Mapping[str, str]
    rows: tuple[FormRow, ...]
    columns: tuple[FormColumn, ...]
    fields: tuple[FormField, ...]
    partner: str = ""
    instruction: str = ""
    components: Components | None = None
    structure: str = ""

    @property
    def state(self) -> str:
        """Name of the state, and its code; what is fixed, for another structure."""
        if self.is_foreign:
            return ", ".join(f"{name} {code}" for name, code in self.fixed.items())
        code = self.fixed["REF_AREA"]
        return f"{_name(code, 'REF_AREA')} ({code})"

    @property
    def heading(self) -> str:
        """State and period; everything that is fixed, for another structure."""
        if self.is_foreign:
            return self.state
        return f"{self.state}, {self.fixed['TIME_PERIOD']}"

    @property
    def is_foreign(self) -> bool:
        """Whether the table is of another structure than those of ILMS."""
        return self.components is not None

    @property
    def full_id(self) -> str:
        """Identifier of the dataflow with agency and version."""
        if self.is_foreign:
            return self.dataflow
        return f"ILO:DF_{self.dataflow}({facts.VERSION})"


def form_tables(
    area: str,
    period: str,
    *,
    tables: Iterable[str] = (),
    variant: str = "both",
    language: str = "",
) -> list[FormTable]:
    """Tables that the ILO asks a state to send, in the order of the questionnaire.

    Parameters
    ----------
    area
        The state, by a code or by its name: `THA`, `TH`, `764`, `Thailand`.
    period
        Period that the figures are for, such as `2025`.
    tables
        Numbers of the wanted tables, such as `MST_5` or `MST 5`; all 21 by default.
    variant
        `birth`, `citizenship` or `both`: which of two tables is made where the ILO takes
        either.
    language
        Language of the second name of each row; none by default.

    Raises
    ------
    StructureError
        No such table, variant or state; the message names what there is.

    Examples
    --------
    >>> from ilms_sdmx.outputs.questionnaire import form_tables
    >>> [table.sheet for table in form_tables("THA", "2025", variant="birth")][:3]
    ['MST 1 birth', 'MST 2 birth', 'MST 3 birth']
    >>> len(form_tables("THA", "2025"))
    35
    """
    if variant not in VARIANTS:
        expected = ", ".join(VARIANTS)
        raise StructureError(f"expected a variant among {expected}; found {variant!r}")
    asked = sorted(_asked(), key=_place)
    wanted = [number.replace(" ", "_").upper() for number in tables]
    known = {row["table"] for row in asked}
    for number in wanted:
        if number not in known:
            names = ", ".join(sorted(known, key=_number))
            raise StructureError(f"expected a table among {names}; found {number!r}")
    made = []
    for row in asked:
        is_wanted = not wanted or row["table"] in wanted
        of_row = _variant(row)
        if is_wanted and (variant in ("both", of_row) or not of_row):
            made.append(form_table(row["id"], area, period, language=language))
    return made


def form_table(
    dataflow: str, area: str, period: str, *, frequency: str = "A", language: str = ""
) -> FormTable:
    """One table for any dataflow of ILMS, whether or not the ILO asks it by questionnaire.

    Parameters
    ----------
    dataflow
        Current or old id.
    area, period, frequency
        State, period and frequency of all figures of the table.
    language
        Language of the second name of each row; none by default.

    Raises
    ------
    StructureError
        No such dataflow, or the state is none of its areas.

    Examples
    --------
    >>> from ilms_sdmx.outputs.questionnaire import form_table
    >>> table = form_table("MNA_OEMP_SEX_EDU_NB", "LAO", "2024")
    >>> table.sheet, [row.label for row in table.rows][:2], len(table.columns)
    ('MNA 5', ['Total', 'Less than basic'], 3)
    """
    area = area_code(area)
    id = resolve(dataflow).id
    row = facts.by_id("dataflows.csv")[id]
    is_asked = bool(row["table"])
    codes = allowed(id, form=is_asked)
    if area not in codes["REF_AREA"] and not is_for_users(area):
        count = len(codes["REF_AREA"])
        raise StructureError(
            f"expected a state among the {count} areas of DF_{id}; found {area!r}"
        )
    ordered = {}
    for dimension in dimensions(id)[:-1]:
        ordered[dimension] = _once(dimension, id, codes)
    fixed = {"REF_AREA": area, "FREQ": frequency, "TIME_PERIOD": period}
    for dimension, its_codes in ordered.items():
        if len(its_codes) == 1:
            fixed.setdefault(dimension, its_codes[0])
    free = [dimension for dimension in ordered if dimension not in fixed]
    across, down = _axes(free, ordered)
    partner = _partner(down, ordered)
    return FormTable(
        _sheet(row),
        id,
        row["en"],
        "" if language == "en" else row.get(language) or "",
        fixed,
        tuple(_rows(down, ordered, partner, language)),
        tuple(_columns(across, ordered, language)),
        _fields(id),
        partner,
        _instruction(row, down, partner),
    )


def _asked() -> list[facts.Row]:
    return [row for row in facts.rows("dataflows.csv") if row["table"]]


def _number(table: str) -> tuple[int, int]:
    module, _, number = table.partition("_")
    return _MODULES.index(module), int(number)


def _place(row: facts.Row) -> tuple[tuple[int, int], str]:
    return _number(row["table"]), _variant(row)


def _variant(row: facts.Row) -> str:
    """Whether a table counts by birth or by citizenship, where there are both."""
    if sum(other["table"] == row["table"] for other in _asked()) == 1:
        return ""
    for dimension in row["classifications"].split():
        if dimension in _VARIANT_OF:
            return _VARIANT_OF[dimension]
    # Inflows by education, activity or occupation say it in the measure: MFLB and MFLC.
    return "birth" if "MFLB" in row["id"] else "citizenship"


def _sheet(row: facts.Row) -> str:
    if not row["table"]:
        return str(row["id"])[:31]
    name = row["table"].replace("_", " ")
    return f"{name} {_variant(row)}".strip()


def _once(dimension: str, id: str, codes: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Codes of a dimension in order, without those that repeat what others say."""
    if dimension == "SEX":
        return ("SEX_T", "SEX_M", "SEX_F")
    repeated = _repeated(dimension)
    kept = []
    for code in ordered_codes(id, dimension):
        if code in codes[dimension] and code not in repeated:
            kept.append(code)
    return tuple(kept)


@cache
def _repeated(dimension: str) -> frozenset[str]:
    list_id = f"CL_{dimension}"
    if list_id in PARTNERS:
        return frozenset()
    return frozenset(
        rule.part for rule in rules() if rule.codelist == list_id and rule.relation in _TWICE
    )


def _axes(free: list[str], codes: Mapping[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Dimensions in the columns and in the rows."""
    across = [dimension for dimension in free if dimension == "SEX"]
    down = [dimension for dimension in free if dimension != "SEX"]
    last = down[-1] if len(down) > 1 else ""
    if last in _VARIANT_OF and len(codes[last]) <= _MOST_COLUMNS:
        across.append(last)
        down.remove(last)
    return across, down


def _partner(down: list[str], codes: Mapping[str, tuple[str, ...]]) -> str:
    for dimension in down:
        prefix = PARTNERS.get(f"CL_{dimension}", "")
        if prefix and codes[dimension][0].startswith(prefix) and len(down) == 1:
            return dimension
    return ""


def _rows(
    down: list[str], codes: Mapping[str, tuple[str, ...]], partner: str, language: str
) -> Iterable[FormRow]:
    if partner:
        yield from _rows_of_countries(partner, codes[partner], language)
        return
    ordered = [_largest_first(codes[dimension]) for dimension in down]
    versions = {version(code) for code in ordered[-1]}
    for combination in product(*ordered):
        by_dimension = dict(zip(down, combination, strict=True))
        labels = [_name(code, dimension) for dimension, code in by_dimension.items()]
        name = _local_names_of(combination, language)
        group = ""
        if len(versions) > 1:
            group = _name(version(combination[-1]), down[-1])
        yield FormRow(by_dimension, ", ".join(labels), name, group)


def _local_names_of(codes: tuple[str, ...], language: str) -> str:
    """Names of codes in a language of the region; empty where one has none."""
    names = [local_name(code, language) for code in codes]
    return ", ".join(names) if all(names) else ""


def _largest_first(codes: tuple[str, ...]) -> list[str]:
    """Codes with the version first that has most of them: it is the one that is asked."""
    sizes = Counter(version(code) for code in codes)
    return sorted(codes, key=lambda code: -sizes[version(code)])


def _rows_of_countries(
    partner: str, codes: tuple[str, ...], language: str
) -> Iterable[FormRow]:
    """The total, the countries to choose, the others, then every country."""
    prefix = PARTNERS[f"CL_{partner}"]
    total, others = f"{prefix}_TOTAL", f"{prefix}_X"
    yield FormRow({partner: total}, "Total", local_name(total, language))
    for _ in range(PICKS):
        yield FormRow({partner: PICKED}, "")
    yield FormRow({partner: others}, "Other countries", local_name(others, language))
    listed = [code for code in codes if code not in (total, others)]
    for code in sorted(listed, key=lambda code: _name(code, partner)):
        yield FormRow({partner: code}, _name(code, partner), local_name(code, language))


def _columns(
    across: list[str], codes: Mapping[str, tuple[str, ...]], language: str
) -> Iterable[FormColumn]:
    for combination in product(*(codes[dimension] for dimension in across)):
        by_dimension = dict(zip(across, combination, strict=True))
        names = [_name(code, dimension) for dimension, code in by_dimension.items()]
        local = [local_name(code, language) for code in combination]
        yield FormColumn(by_dimension, tuple(names), tuple(local))


def _name(code: str, dimension: str) -> str:
    list_id = facts.by_id("concepts.csv")[dimension]["codelist"]
    return _names(list_id).get(code, code)


@cache
def _names(list_id: str) -> dict[str, str]:
    frame = codes_of_list(list_id)
    names = dict(zip(frame["code"], frame["name"], strict=True))
    return {str(code): str(name) for code, name in names.items() if name}


def local_name(code: str, language: str) -> str:
    """Name of a code in a language of the region; empty where the labels have none."""
    if language in ("", "en"):
        return ""
    if language in facts.LANGUAGES:
        return _listed_names(language).get(code, "")
    known = _local_names(language)
    last = code.rpartition("_")[2]
    forms = [code]
    if last == "TOTAL" or code == "SEX_T":
        forms.append("TOTAL")
    elif code.startswith(tuple(PARTNERS.values())):
        forms.append(last)
    for form in forms:
        if form in known:
            return known[form]
    return ""


@cache
def _listed_names(language: str) -> dict[str, str]:
    """Name of each code in a language in which ILO has names."""
    names = {}
    for row in facts.rows("codelists.csv"):
        for code in facts.rows(f"codelists/{row['id']}.csv"):
            names[code["code"]] = code[language]
    return names


@cache
def _local_names(language: str) -> dict[str, str]:
    """First label of each code in a language: the label files list the usual name first."""
    names: dict[str, str] = {}
    for line in label_lines():
        if line.language != language:
            continue
        if line.kind == "residual":
            names.setdefault("X", line.label)
        elif line.kind not in ("ambiguous", "nationality"):
            names.setdefault(line.code, line.label)
    return names


@cache
def _fields(id: str) -> tuple[FormField, ...]:
    """Lines above the figures; tables of earnings have some more."""
    is_of_earnings = id.startswith("EAR_")
    fields = []
    for row in facts.rows("questionnaire/fields.csv"):
        if row["tables"] == "all" or is_of_earnings:
            fields.append(
                FormField(
                    row["id"],
                    row["attribute"],
                    row["note"],
                    row["list"],
                    row["en"],
                    row["help"],
                    int(row["lines"]),
                )
            )
    return tuple(fields)


def _instruction(row: facts.Row, down: list[str], partner: str) -> str:
    wanted = "EARNINGS" if row["id"].startswith("EAR_") else (partner or down[0])
    for entry in facts.rows("questionnaire/instructions.csv"):
        fits = entry["module"] in ("", row["module"])
        if entry["classification"] == wanted and fits:
            return str(entry["en"])
    return ""
