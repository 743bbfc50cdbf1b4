"""Topics of a report: which dataflows tell of each, and how their figures are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ilms_sdmx.analysis.comparison.areas import names
from ilms_sdmx.outputs.reports.analytical.evidence import (
    BOTH,
    MEN,
    WOMEN,
    Evidence,
    HeldFigure,
    by_source,
    day_of,
    is_year,
)
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.constraints import version


@dataclass(frozen=True, slots=True)
class Topic:
    """What a part of a report is about.

    Parameters
    ----------
    id
        Key of its words.
    ids
        Dataflows that tell of it, the one that is asked first.
    table
        Table of the questionnaire.
    named
        Key of the sentence that names its largest groups.
    """

    id: str
    ids: tuple[str, ...]
    table: str
    named: str


#: Topics by chapter, in the order of the report.
CHAPTERS: dict[str, tuple[Topic, ...]] = {
    "foreign": (
        Topic("employed", ("EMP_MFRC_SEX_CCT_NB", "EMP_MFRB_SEX_CBR_NB"), "MST_8", "came-from"),
        Topic(
            "population", ("POP_MFRC_SEX_CCT_NB", "POP_MFRB_SEX_CBR_NB"), "MST_3", "came-from"
        ),
        Topic("age", ("EMP_TEMP_SEX_AGE_CCT_NB", "EMP_TEMP_SEX_AGE_CBR_NB"), "MST_4", "ages"),
        Topic(
            "education",
            ("POP_XWAP_SEX_EDU_CCT_NB", "POP_XWAP_SEX_EDU_CBR_NB"),
            "MST_2",
            "common",
        ),
        Topic(
            "activity",
            ("EMP_TEMP_SEX_ECO_CCT_NB", "EMP_TEMP_SEX_ECO_CBR_NB"),
            "MST_5",
            "worked",
        ),
        Topic(
            "occupation",
            ("EMP_TEMP_SEX_OCU_CCT_NB", "EMP_TEMP_SEX_OCU_CBR_NB"),
            "MST_6",
            "common",
        ),
        Topic(
            "status", ("EMP_TEMP_SEX_STE_CCT_NB", "EMP_TEMP_SEX_STE_CBR_NB"), "MST_7", "common"
        ),
    ),
    "inflow": (
        Topic("arrivals", ("POP_MFLC_SEX_CCT_NB", "POP_MFLB_SEX_CBR_NB"), "MFL_1", "came-from"),
        Topic(
            "inflow-activity",
            ("EMP_MFLC_SEX_ECO_NB", "EMP_MFLB_SEX_ECO_NB"),
            "MFL_3",
            "came-to-work",
        ),
        Topic(
            "inflow-occupation",
            ("EMP_MFLC_SEX_OCU_NB", "EMP_MFLB_SEX_OCU_NB"),
            "MFL_4",
            "common",
        ),
    ),
    "abroad": (
        Topic("abroad", ("POP_MNAS_SEX_CRS_NB",), "MNA_1", "were-in"),
        Topic("outflow-work", ("EMP_MNAO_SEX_CDS_NB",), "MNA_4", "went-to"),
        Topic("outflow", ("POP_MNAO_SEX_CDS_NB",), "MNA_3", "went-to"),
        Topic("outflow-education", ("EMP_MNAO_SEX_EDU_NB",), "MNA_5", "common"),
        Topic("outflow-activity", ("EMP_MNAO_SEX_ECO_NB",), "MNA_6", "came-to-work"),
        Topic("outflow-occupation", ("EMP_MNAO_SEX_OCU_NB",), "MNA_7", "common"),
        Topic("returned", ("POP_MNAR_SEX_CPR_NB",), "MNA_2", "came-back"),
    ),
    "earnings": (
        Topic("earnings", ("EAR_EMTA_SEX_CCT_NB", "EAR_EMTA_SEX_CBR_NB"), "MST_10", "common"),
    ),
}
#: Dimensions whose codes are partner countries, where they are the last of a dataflow.
BY_COUNTRY = frozenset({"CBR", "CCT", "CRS", "CPR", "CDS"})
#: Codes of migrants where a dataflow tells them from others.
_MIGRANTS = ("CBR_BIR_FOREIGN", "CCT_CIT_NONCIT")
#: Versions of classifications in the order in which a report takes them.
_VERSIONS = (
    "ECO_AGGREGATE",
    "ECO_SECTOR",
    "ECO_ISIC4",
    "ECO_ISIC3",
    "EDU_AGGREGATE",
    "OCU_SKILL",
    "OCU_ISCO08",
    "AGE_AGGREGATE",
    "STE_AGGREGATE",
)
#: Years that another source may be older and is still told.
_FRESH = 2
#: Codes that overlap others, or say that nothing was said.
_OVERLAPS = ("_NAG", "_TOTAL", "_X", "_YGE15", "_YLT15")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Figures of one source that a report prints of a topic.

    Parameters
    ----------
    total
        Newest total of both sexes; None where there is none.
    women, men
        Those of the same period.
    parts
        Countries or classes of the same period and both sexes, the largest first.
    others
        The rest that is not told apart; None where there is none.
    history
        Totals of years, of the source with most of them, in order of time.
    elsewhere
        Newest total of each other source that is not more than two years older.
    """

    total: HeldFigure | None
    women: HeldFigure | None = None
    men: HeldFigure | None = None
    parts: tuple[HeldFigure, ...] = ()
    others: HeldFigure | None = None
    history: tuple[HeldFigure, ...] = ()
    elsewhere: tuple[HeldFigure, ...] = ()


def choose(topic: Topic, area: str, evidence: Evidence) -> Chosen | None:
    """Figures of a topic: newest total of the newest source, its parts, and its history.

    None where no figure is known.
    """
    figures = [each for each in evidence.figures(topic.ids, area) if concerns_migrants(each)]
    sources = by_source(figures)
    if not sources:
        return None
    totals = {source: _totals(rows) for source, rows in sources.items()}
    history = max(totals.values(), key=lambda rows: len(_years(rows)))
    with_total = {source: rows for source, rows in totals.items() if rows}
    if not with_total:
        rows = max(sources.values(), key=len)
        return Chosen(None, parts=_parts(rows, rows[-1].period))
    source = max(with_total, key=lambda each: _freshness(with_total[each][-1], each[1]))
    total = with_total[source][-1]
    rows = sources[source]
    elsewhere = []
    for other, others in with_total.items():
        if other[1] != source[1] and total.year - others[-1].year <= _FRESH:
            elsewhere.append(others[-1])
    return Chosen(
        total,
        women=_same(rows, total, WOMEN),
        men=_same(rows, total, MEN),
        parts=_newest_parts(rows, total.period),
        others=_others(rows, total.period),
        history=tuple(_years(history)),
        elsewhere=tuple(elsewhere),
    )


def concerns_migrants(figure: HeldFigure) -> bool:
    """Whether a figure is of migrants, where its dataflow has others too."""
    parts = figure.code.split("|")
    if len(parts) == 1:
        return version(parts[0]) not in ("CBR_BIR", "CCT_CIT") or parts[0] in _MIGRANTS
    return parts[-1] in _MIGRANTS


def class_of(figure: HeldFigure) -> str:
    """Code of the country or class of a figure."""
    return figure.code.split("|")[0]


def is_country(figure: HeldFigure) -> bool:
    """Whether a figure is by partner country, and not by class."""
    return figure.dataflow.split("_")[-2] in BY_COUNTRY and "|" not in figure.code


def is_total(figure: HeldFigure) -> bool:
    """Whether a figure is of all countries or classes."""
    code = class_of(figure)
    return code.endswith(("_TOTAL", "_YGE15")) or code in _MIGRANTS


def name_of_class(figure: HeldFigure) -> str:
    """Name of the country, or of the class as ILO's lists have it."""
    code = class_of(figure)
    area = code.rpartition("_")[2]
    if is_country(figure) and area in names():
        return area_name(area)
    list_id = f"codelists/CL_{code.partition('_')[0]}.csv"
    row = facts.by_id(list_id, "code").get(code, {})
    return row.get("en") or code


def _totals(rows: Sequence[HeldFigure]) -> list[HeldFigure]:
    """Totals of both sexes in order of time, one a period."""
    by_period: dict[str, HeldFigure] = {}
    for figure in rows:
        if figure.sex == BOTH and is_total(figure):
            by_period.setdefault(figure.period, figure)
    return list(by_period.values())


def _years(rows: Sequence[HeldFigure]) -> list[HeldFigure]:
    return [figure for figure in rows if is_year(figure)]


def _freshness(figure: HeldFigure, source: str) -> tuple[int, bool]:
    """The newest day first; of one day, an office before ILOSTAT."""
    return day_of(figure.period), source != "ILOSTAT"


def _same(rows: Sequence[HeldFigure], total: HeldFigure, sex: str) -> HeldFigure | None:
    for figure in rows:
        if (figure.sex, figure.code, figure.period) == (sex, total.code, total.period):
            return figure
    return None


def _newest_parts(rows: Sequence[HeldFigure], period: str) -> tuple[HeldFigure, ...]:
    """Parts of the period of the total, else of the newest year that has some."""
    parts = _parts(rows, period)
    if parts:
        return parts
    for figure in reversed(rows):
        parts = _parts(rows, figure.period)
        if len(parts) > 1:
            return parts
    return ()


def _parts(rows: Sequence[HeldFigure], period: str) -> tuple[HeldFigure, ...]:
    """Countries, or classes of the first version that is there, the largest first."""
    by_version: dict[str, list[HeldFigure]] = {}
    for figure in rows:
        is_asked = figure.period == period and figure.sex == BOTH
        if is_asked and not class_of(figure).endswith(_OVERLAPS) and not is_total(figure):
            by_version.setdefault(version(class_of(figure)), []).append(figure)
    if not by_version:
        return ()
    order = [name for name in _VERSIONS if name in by_version]
    chosen = by_version[order[0]] if order else max(by_version.values(), key=len)
    return tuple(sorted(chosen, key=lambda each: (-each.value, each.code)))


def _others(rows: Sequence[HeldFigure], period: str) -> HeldFigure | None:
    for figure in rows:
        is_asked = figure.period == period and figure.sex == BOTH
        if is_asked and class_of(figure).endswith("_X"):
            return figure
    return None


def total_of(parts: Sequence[HeldFigure], rows: Sequence[HeldFigure]) -> HeldFigure | None:
    """Total of the classification version and period of some parts."""
    if not parts:
        return None
    first = parts[0]
    prefix = version(class_of(first))
    for figure in rows:
        same = (figure.source, figure.period, figure.sex) == (
            first.source,
            first.period,
            first.sex,
        )
        if same and is_total(figure) and version(class_of(figure)) == prefix:
            return figure
    return None
