"""What validation finds of known faults: found, right cause, false; beside other validators.

    PYTHONPATH=. python benchmarks/validation_truth.py [FOLDER OF PUBLISHED TABLES]

Twenty kinds of fault, as they happen when a table is typed, pasted or exported, are put one at a
time into tables that add up: made ones, and the published figures shipped with the package. A
folder adds CSV files with the columns of ILOSTAT's ILMS files. A fault is found where a finding
of at least a warning is there that was not there before. The cause is right where it names a
cell or row that was changed, and wrong where it states another as a fact. Frictionless and
pandera check the same tables with all that their schemas can say, where they are installed
(`pip install 'ilms_sdmx[peers]'`).
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ilms_sdmx import Components, Dataset, Finding, Validation, validate
from ilms_sdmx.analysis.comparison.snapshots import ilostat

Frame = pd.DataFrame
#: Kinds of which the right cell must be named most often.
NAMED = (
    "men and women swapped",
    "two codes swapped",
    "total and part swapped",
    "ten times",
    "a hundred times",
    "a thousand times",
    "a tenth",
    "wrong total",
    "column shifted, last lost",
    "column turned",
    "row left out",
    "row pasted over another",
    "row of another year",
)


@dataclass(frozen=True)
class Table:
    """One table of an area: its data set and the dimension of its classes."""

    name: str
    data: Dataset
    dimension: str


@dataclass(frozen=True)
class Fault:
    """A table with a fault, and the keys of what was changed."""

    frame: Frame
    keys: tuple[tuple[str, ...], ...]


def block(frame: Frame, dimension: str) -> list[int]:
    """Rows of one period that is neither the first nor the last, in random choice."""
    periods = sorted(frame["TIME_PERIOD"].unique())
    inner = periods[1:-1] or periods
    sizes = frame["TIME_PERIOD"].value_counts()
    period = max(inner, key=lambda text: (sizes[text], random.random()))
    return list(frame.index[frame["TIME_PERIOD"] == period])


def cells(frame: Frame, table: Table) -> list[int]:
    """Cells of one period with a figure of at least two digits."""
    rows = block(frame, table.dimension)
    chosen = [row for row in rows if float(frame.loc[row, "OBS_VALUE"]) >= 1]
    random.shuffle(chosen)
    return chosen


def key(frame: Frame, row: int) -> tuple[str, ...]:
    return tuple(str(text) for text in frame.loc[row].iloc[:-1])


def is_total(code: str) -> bool:
    return code.endswith(("_TOTAL", "SEX_T"))


def changed(frame: Frame, values: dict[int, str]) -> Fault | None:
    """Fault of some cells with other texts; None where nothing changes."""
    different = {
        row: text for row, text in values.items() if frame.loc[row, "OBS_VALUE"] != text
    }
    if not different:
        return None
    faulty = frame.copy()
    for row, text in different.items():
        faulty.loc[row, "OBS_VALUE"] = text
    return Fault(faulty, tuple(key(frame, row) for row in different))


def like(text: str, value: float) -> str:
    """Number with the decimals of a text."""
    decimals = len(text.partition(".")[2])
    return f"{value:.{decimals}f}"


def multiplied(factor: float) -> Callable[[Frame, Table], Fault | None]:
    def fault(frame: Frame, table: Table) -> Fault | None:
        for row in cells(frame, table):
            text = frame.loc[row, "OBS_VALUE"]
            return changed(frame, {row: f"{float(text) * factor:.10g}"})
        return None

    return fault


def pairs(frame: Frame, table: Table, varying: str) -> Iterator[tuple[int, int]]:
    """Pairs of cells of one period that differ in one dimension alone, totals left out."""
    rows = [row for row in cells(frame, table) if not is_total(frame.loc[row, varying])]
    others = [name for name in frame.columns[:-1] if name != varying]
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            if (frame.loc[one, others] == frame.loc[other, others]).all():
                yield one, other


def swapped(varying: str) -> Callable[[Frame, Table], Fault | None]:
    def fault(frame: Frame, table: Table) -> Fault | None:
        name = varying or table.dimension
        for one, other in pairs(frame, table, name):
            texts = (frame.loc[other, "OBS_VALUE"], frame.loc[one, "OBS_VALUE"])
            return changed(frame, {one: texts[0], other: texts[1]})
        return None

    return fault


def total_and_part(frame: Frame, table: Table) -> Fault | None:
    rows = cells(frame, table)
    for one in rows:
        for other in rows:
            same_sex = frame.loc[one, "SEX"] == frame.loc[other, "SEX"]
            first, second = frame.loc[one, table.dimension], frame.loc[other, table.dimension]
            if same_sex and is_total(first) and not is_total(second):
                texts = (frame.loc[other, "OBS_VALUE"], frame.loc[one, "OBS_VALUE"])
                return changed(frame, {one: texts[0], other: texts[1]})
    return None


def digits(frame: Frame, table: Table) -> Fault | None:
    for row in cells(frame, table):
        text = frame.loc[row, "OBS_VALUE"]
        for place in range(len(text) - 1):
            pair = text[place : place + 2]
            if pair.isdigit() and pair[0] != pair[1] and pair[1] != "0":
                return changed(frame, {row: text[:place] + pair[::-1] + text[place + 2 :]})
    return None


def wrong(total: bool) -> Callable[[Frame, Table], Fault | None]:
    def fault(frame: Frame, table: Table) -> Fault | None:
        for row in cells(frame, table):
            both = frame.loc[row, "SEX"], frame.loc[row, table.dimension]
            if any(map(is_total, both)) == total:
                text = frame.loc[row, "OBS_VALUE"]
                return changed(frame, {row: like(text, float(text) * 1.37)})
        return None

    return fault


def column(frame: Frame, table: Table) -> list[int]:
    """Cells of one sex in one period, in the order of the rows."""
    rows = block(frame, table.dimension)
    sexes = [sex for sex in frame.loc[rows, "SEX"].unique() if not is_total(sex)]
    if not sexes:
        return []
    sex = random.choice(sorted(sexes))
    return [row for row in rows if frame.loc[row, "SEX"] == sex]


def shifted(turned: bool) -> Callable[[Frame, Table], Fault | None]:
    def fault(frame: Frame, table: Table) -> Fault | None:
        rows = column(frame, table)
        if len(rows) < 5:
            return None
        texts = [frame.loc[row, "OBS_VALUE"] for row in rows]
        first = texts[-1] if turned else texts[0]
        moved = [first, *texts[:-1]]
        return changed(frame, dict(zip(rows, moved, strict=True)))

    return fault


def lines(frame: Frame, table: Table) -> list[list[int]]:
    """Cells of every sex of one code in one period, for codes that are no totals."""
    by_code: dict[str, list[int]] = defaultdict(list)
    for row in block(frame, table.dimension):
        code = frame.loc[row, table.dimension]
        if not is_total(code) and not code.endswith("_X"):
            by_code[code].append(row)
    whole = [rows for rows in by_code.values() if len(rows) == 3]
    random.shuffle(whole)
    return whole


def left_out(frame: Frame, table: Table) -> Fault | None:
    for rows in lines(frame, table):
        if all(float(frame.loc[row, "OBS_VALUE"]) > 0 for row in rows):
            keys = tuple(key(frame, row) for row in rows)
            return Fault(frame.drop(index=rows).reset_index(drop=True), keys)
    return None


def texts_by_sex(frame: Frame, rows: list[int]) -> dict[str, str]:
    return {frame.loc[row, "SEX"]: frame.loc[row, "OBS_VALUE"] for row in rows}


def pasted(frame: Frame, table: Table) -> Fault | None:
    several = lines(frame, table)
    if len(several) < 2:
        return None
    texts = texts_by_sex(frame, several[1])
    return changed(frame, {row: texts[frame.loc[row, "SEX"]] for row in several[0]})


def other_year(frame: Frame, table: Table) -> Fault | None:
    for rows in lines(frame, table):
        code, period = frame.loc[rows[0], [table.dimension, "TIME_PERIOD"]]
        same = frame[(frame[table.dimension] == code) & (frame["TIME_PERIOD"] < period)]
        if len(same) < 3:
            continue
        last = same[same["TIME_PERIOD"] == same["TIME_PERIOD"].max()]
        texts = texts_by_sex(frame, list(last.index))
        if {frame.loc[row, "SEX"] for row in rows} <= set(texts):
            return changed(frame, {row: texts[frame.loc[row, "SEX"]] for row in rows})
    return None


def negative(frame: Frame, table: Table) -> Fault | None:
    for row in cells(frame, table):
        return changed(frame, {row: f"-{frame.loc[row, 'OBS_VALUE']}"})
    return None


def blank(frame: Frame, table: Table) -> Fault | None:
    for row in cells(frame, table):
        return changed(frame, {row: "0"})
    return None


def duplicate(frame: Frame, table: Table) -> Fault | None:
    for row in cells(frame, table):
        again = frame.loc[[row]].copy()
        text = frame.loc[row, "OBS_VALUE"]
        again["OBS_VALUE"] = like(text, float(text) * 1.1 + 1)
        return Fault(pd.concat([frame, again], ignore_index=True), (key(frame, row),))
    return None


def renamed(column: str, text: str) -> Callable[[Frame, Table], Fault | None]:
    def fault(frame: Frame, table: Table) -> Fault | None:
        name = column or table.dimension
        for row in cells(frame, table):
            faulty = frame.copy()
            faulty.loc[row, name] = text
            return Fault(faulty, (key(faulty, row),))
        return None

    return fault


KINDS: dict[str, Callable[[Frame, Table], Fault | None]] = {
    "men and women swapped": swapped("SEX"),
    "two codes swapped": swapped(""),
    "total and part swapped": total_and_part,
    "two digits swapped": digits,
    "ten times": multiplied(10),
    "a hundred times": multiplied(100),
    "a thousand times": multiplied(1000),
    "a tenth": multiplied(0.1),
    "wrong total": wrong(total=True),
    "wrong part": wrong(total=False),
    "column shifted, last lost": shifted(turned=False),
    "column turned": shifted(turned=True),
    "row left out": left_out,
    "row pasted over another": pasted,
    "row of another year": other_year,
    "sign turned": negative,
    "blank read as zero": blank,
    "key twice": duplicate,
    "code of no list": renamed("", "CODE_9"),
    "no such month": renamed("TIME_PERIOD", "2019-13"),
}

#: Made tables: dataflow, classes of its version, and whether the last class is the residual.
MADE = {
    "EMP_MNAO_SEX_CDS_NB": [
        f"CDS_DES_{c}" for c in ("SGP", "MYS", "ARE", "SAU", "KOR", "JPN", "X")
    ],
    "EMP_MFRC_SEX_CCT_NB": [f"CCT_CTZ_{c}" for c in ("MMR", "LAO", "KHM", "VNM", "CHN", "X")],
    "EMP_MNAO_SEX_EDU_NB": [f"EDU_AGGREGATE_{c}" for c in ("LTB", "BAS", "INT", "ADV", "X")],
    "EMP_MNAO_SEX_OCU_NB": [f"OCU_SKILL_{c}" for c in ("L1", "L2", "L3-4", "X")],
    "EMP_MNAO_SEX_ECO_NB": [
        f"ECO_AGGREGATE_{c}" for c in ("AGR", "MAN", "CON", "MEL", "MKT", "PUB", "X")
    ],
}


def made(flow: str, codes: list[str], area: str, seed: int) -> Table:
    """Five years of persons by sex and class that add up, with figures that grow slowly."""
    chance = random.Random(f"{flow} {seed}")
    start = {(sex, code): chance.lognormvariate(9, 1) for sex in "MF" for code in codes}
    rows = []
    first, second, _, dimension, _ = flow.split("_")
    for year in range(2015, 2020):
        figures = {}
        for (sex, code), value in start.items():
            growth = (year - 2015) * chance.uniform(0.02, 0.06)
            figures[sex, code] = round(value * (1 + growth) * chance.uniform(0.96, 1.04))
        total = f"{codes[0].rpartition('_')[0]}_TOTAL"
        for sex in "MF":
            figures[sex, total] = sum(figures[sex, code] for code in codes)
        for code in [*codes, total]:
            figures["T", code] = figures["M", code] + figures["F", code]
        for code in [total, *codes]:
            for sex in "TMF":
                value = f"{figures[sex, code] / 1000:.3f}"
                rows.append(
                    (area, "A", f"{first}_{second}_NB", f"SEX_{sex}", code, str(year), value)
                )
    names = ["REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "TIME_PERIOD"]
    return table(f"{flow} {area}", pd.DataFrame(rows, columns=[*names, "OBS_VALUE"]), flow)


def table(name: str, frame: Frame, flow: str) -> Table:
    dimension = flow.split("_")[-2]
    dimensions = ("REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "TIME_PERIOD")
    ordered = frame[[*dimensions, "OBS_VALUE"]].astype("str").reset_index(drop=True)
    data = Dataset(ordered, Components(dimensions), f"ILO:DF_{flow}(1.0)")
    return Table(name, data, dimension)


def published(folder: Path | None) -> Iterator[Table]:
    """Published figures by dataflow and area: those shipped, and those of a folder."""
    for part in ilostat():
        flow = part.dataset.dataflow.partition(":DF_")[2].partition("(")[0]
        frame = part.dataset.observations.astype("str")
        words = flow.split("_")
        frame = frame.assign(MEASURE=f"{words[0]}_{words[1]}_NB")
        for area, rows in frame.groupby("REF_AREA"):
            yield table(f"{flow} {area}", rows, flow)
    paths = sorted(folder.glob("*.csv")) if folder else []
    for path in paths:
        columns = ["dataflow_2026_inferred", "ref_area", "time", "sex", "classif1", "obs_value"]
        values = pd.read_csv(path, dtype="str", keep_default_na=False)
        for (flow, area), rows in values[columns].groupby(
            ["dataflow_2026_inferred", "ref_area"]
        ):
            words = str(flow).split("_")
            frame = pd.DataFrame(
                {
                    "REF_AREA": area,
                    "FREQ": "A",
                    "MEASURE": f"{words[0]}_{words[1]}_NB",
                    "SEX": rows["sex"],
                    words[-2]: rows["classif1"],
                    "TIME_PERIOD": rows["time"],
                    "OBS_VALUE": rows["obs_value"],
                }
            )
            yield table(
                f"{flow} {area} ({path.stem[:12]})", frame[frame["OBS_VALUE"] != ""], str(flow)
            )


def tables(folder: Path | None) -> list[Table]:
    """Tables that faults are put into: those with enough cells in a middle year."""
    several = [
        made(flow, codes, area, n)
        for flow, codes in MADE.items()
        for n, area in enumerate(("LAO", "VNM", "PHL", "IDN", "MMR"))
    ]
    for candidate in published(folder):
        sizes = candidate.data.observations["TIME_PERIOD"].value_counts()
        if len(sizes) > 2 and sizes.max() >= 9:
            several.append(candidate)
    return several


def told(report: Validation) -> Counter[tuple[str, str]]:
    """Rule and place of the findings of at least a warning."""
    return Counter((f.rule, str(f.place)) for f in report if f.severity.value != "note")


def breaks_a_sum(report: Validation, before: Counter[tuple[str, str]]) -> bool:
    """Whether a sum is broken that was not before: arithmetic can tell the fault."""
    rules = {rule for rule, place in (told(report) - before)}
    return any(rule.endswith(("-sum", "-total")) for rule in rules)


def names_change(finding: Finding, fault: Fault) -> bool:
    """Whether the cause of a finding names a row that was changed."""
    cause = finding.cause
    for changed_key in fault.keys:
        whole = ".".join(changed_key)
        without_sex = ".".join(changed_key[:3] + changed_key[4:])
        code = changed_key[4]
        if whole in cause or without_sex in cause or ("left out" in cause and code in cause):
            return True
        if "column of" in cause and changed_key[3] in cause:
            return True
    return False


@dataclass
class Score:
    """Counts of one kind."""

    faults: int = 0
    arithmetic: int = 0
    found: int = 0
    right: int = 0
    possible: int = 0
    wrong: int = 0
    frictionless: int = 0
    pandera: int = 0


def score(several: Iterable[Table], others: bool = True) -> dict[str, Score]:
    """Scores of all kinds, over every pair of a kind and a table."""
    random.seed(2026)
    scores = {kind: Score() for kind in KINDS}
    validators = _others() if others else {}
    for each in several:
        frame = each.data.observations
        before = told(validate(each.data))
        for kind, make in KINDS.items():
            fault = make(frame, each)
            if fault is None:
                continue
            of_kind = scores[kind]
            of_kind.faults += 1
            data = Dataset(fault.frame, each.data.components, each.data.dataflow)
            report = validate(data)
            of_kind.arithmetic += breaks_a_sum(report, before)
            of_kind.found += bool(told(report) - before)
            _count_causes(of_kind, report, before, fault)
            for name, finds in validators.items():
                setattr(of_kind, name, getattr(of_kind, name) + finds(fault.frame, frame, each))
    return scores


def _count_causes(
    of_kind: Score, report: Validation, before: Counter[tuple[str, str]], fault: Fault
) -> None:
    """Count a right cause once, and each wrong one that is stated as a fact."""
    is_right = is_possible = is_wrong = False
    for finding in report:
        is_new = (finding.rule, str(finding.place)) not in before
        is_sum = finding.rule.endswith(("-sum", "-total"))
        if not finding.cause or not is_new or not is_sum:
            continue
        is_guess = finding.cause.startswith("possible")
        if names_change(finding, fault):
            is_right |= not is_guess
            is_possible |= is_guess
        elif not is_guess:
            is_wrong = True
    of_kind.right += is_right
    of_kind.possible += is_possible and not is_right
    of_kind.wrong += is_wrong


def _others() -> dict[str, Callable[[Frame, Frame, Table], bool]]:
    """Other validators that are installed, each with all that its schema can say of a table."""
    validators: dict[str, Callable[[Frame, Frame, Table], bool]] = {}
    try:
        import pandera.pandas as pandera

        def with_pandera(faulty: Frame, frame: Frame, each: Table) -> bool:
            columns = {}
            for name in frame.columns[:-2]:
                columns[name] = pandera.Column(str, pandera.Check.isin(set(frame[name])))
            columns["TIME_PERIOD"] = pandera.Column(str, pandera.Check.str_matches(r"^\d{4}$"))
            columns["OBS_VALUE"] = pandera.Column(float, pandera.Check.ge(0), coerce=True)
            schema = pandera.DataFrameSchema(columns, unique=list(frame.columns[:-1]))
            try:
                schema.validate(faulty, lazy=True)
            except pandera.errors.SchemaErrors:
                return True
            return False

        validators["pandera"] = with_pandera
    except ImportError:
        pass
    try:
        from frictionless import Resource, Schema

        def with_frictionless(faulty: Frame, frame: Frame, each: Table) -> bool:
            fields = []
            for name in frame.columns[:-2]:
                enum = sorted(set(frame[name]))
                fields.append({"name": name, "type": "string", "constraints": {"enum": enum}})
            year = {"pattern": r"\d{4}"}
            fields.append({"name": "TIME_PERIOD", "type": "string", "constraints": year})
            fields.append(
                {"name": "OBS_VALUE", "type": "number", "constraints": {"minimum": 0}}
            )
            keys = list(frame.columns[:-1])
            schema = Schema.from_descriptor({"fields": fields, "primaryKey": keys})
            rows = [list(faulty.columns), *faulty.to_numpy().tolist()]
            return not Resource(rows, schema=schema).validate().valid

        validators["frictionless"] = with_frictionless
    except ImportError:
        pass
    return validators


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    started = time.perf_counter()
    scores = score(tables(folder))
    heading = (
        "kind",
        "faults",
        "arithm.",
        "found",
        "right",
        "possible",
        "false",
        "frictionl.",
        "pandera",
    )
    print(f"{heading[0]:28}" + "".join(f"{text:>11}" for text in heading[1:]))
    whole = Score()
    for kind, of_kind in scores.items():
        counts = list(vars(of_kind).items())
        print(f"{kind:28}" + "".join(f"{count:11}" for _, count in counts))
        for name, count in counts:
            setattr(whole, name, getattr(whole, name) + count)
    print(f"{'all':28}" + "".join(f"{count:11}" for count in vars(whole).values()))
    named = [scores[kind] for kind in NAMED]
    arithmetic = sum(of_kind.arithmetic for of_kind in named)
    right = sum(of_kind.right + of_kind.possible for of_kind in named)
    print(
        f"right cell named in {100 * right / max(arithmetic, 1):.0f} % of {len(NAMED)} kinds that arithmetic tells"
    )
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
