"""UN DESA International Migrant Stock: workbooks of 2019, 2020, 2024 or the user's."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import BROWSER, Service
from ilms_sdmx.errors import NotFoundError, TableError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    FixedValueMap,
    ImplicitComponentMap,
)
from ilms_sdmx.periods import year_written
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import Flow, harmonise, origin_of, record_of
from ilms_sdmx.sources.undesa_workbook import Sheet, figures, read_sheet
from ilms_sdmx.tables.table import Origin, Table

if TYPE_CHECKING:
    import pandas as pd

#: www.un.org answers 403 to clients that do not look like a browser.
SERVICE = Service(
    "UN DESA IMS",
    "https://www.un.org/development/desa/pd/sites/www.un.org.development.desa.pd/files",
    licence="CC BY 3.0 IGO",
    fresh=timedelta(days=30),
    pace=5.0,
    timeout=(15.0, 120.0),
    headers={"User-Agent": BROWSER},
)
_WORLD = "900"
#: Years that bound a search without an end of its own.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def editions() -> dict[tuple[str, str], str]:
    """File name by edition and kind of table (`destination`, `origin`, `bilateral`, `age`)."""
    files = {}
    for row in codemaps.rows("undesa", "editions"):
        files[row["edition"], row["by"]] = row["file"]
    return files


def fetch_undesa_stock(
    client: Client,
    *,
    edition: str = "2024",
    by: str = "bilateral",
    destination: Iterable[str] = (),
    origin: Iterable[str] = (),
    start: str = "",
    end: str = "",
    sex: Iterable[str] = (),
    file: str | Path | None = None,
    base_url: str = "",
) -> Harmonised:
    """Migrant stock of UN DESA in our dataflows by birth and by citizenship.

    Parameters
    ----------
    edition, by
        Which workbook: 2019, 2020 or 2024; `destination`, `origin`, `bilateral` or `age`.
    destination, origin
        Areas, as LocID (`764`) or ILO code (`THA`); none for all. Aggregates only as LocID.
    start, end
        Years, both included.
    sex
        `both`, `male`, `female`; none for all.
    file
        A workbook that the user has: nothing is downloaded, and its own text says its edition
        and kind.

    Returns
    -------
    Harmonised
        Persons (UNIT_MULT 0), 1 July of the year. By age: POP_XWAP_SEX_AGE_CBR_NB and
        ..._CCT_NB, whose records say that all ages are counted. Destinations counted by both
        criteria, imputed ones and aggregates are with those by birth, as UN DESA defines
        them; their records say `mixed` or `imputed`.

    Raises
    ------
    NotFoundError
        There is no such table.
    TableError
        The file is no workbook of the International Migrant Stock.
    """
    wanted = {"areas": _locids(destination), "partners": _locids(origin)}
    wanted["years"] = _years(start, end)
    sexes = codemaps.listed(sex)
    wanted["sexes"] = frozenset(sexes)
    if file is None:
        sheets, source = _download(client, str(edition), by, base_url)
    else:
        sheets, source = _own_file(Path(file))
    table = _table(sheets, source, wanted)
    kind = sheets[0].kind
    return harmonise_undesa_stock(table, kind)


def _years(start: str | int, end: str | int) -> frozenset[str]:
    """Years from first to last; none for all."""
    first = year_written(codemaps.period(start))
    last = year_written(codemaps.period(end))
    if not first and not last:
        return frozenset()
    first_year = first or _FIRST_YEAR
    last_year = last or _LAST_YEAR
    years = range(first_year, last_year + 1)
    return frozenset(map(str, years))


def _locids(areas: str | int | Iterable[str | int]) -> frozenset[str]:
    """Numbers of UN DESA: those of aggregates have no ILO code."""
    numbers = set()
    for code in codemaps.listed(areas):
        numbers.add(code if code.isdigit() else codemaps.in_system(code, "locid"))
    return frozenset(numbers)


def read_undesa_stock(file: str | Path) -> Table:
    """Figures of a workbook of the International Migrant Stock as they are.

    Raises
    ------
    TableError
        No such workbook, or one of another kind.
    """
    sheets, source = _own_file(Path(file))
    return _table(sheets, source, {})


def _download(
    client: Client, edition: str, by: str, base_url: str
) -> tuple[list[Sheet], Origin]:
    """Sheets of the workbook of an edition and kind, and where it is from."""
    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    row = _edition_row(edition, by)
    if row is None:
        tables = [f"{year} by {kind}" for year, kind in editions()]
        known = ", ".join(tables)
        message = f"there is no table {edition} by {by}; there are {known}"
        raise NotFoundError(message, service.base)
    file = row["file"]
    names = row["sheets"].split("|")

    def read_sheets(answer: Download) -> list[Sheet]:
        content = answer.content
        return [read_sheet(content, name, file=file) for name in names]

    download, sheets = client.read(read_sheets, service, file, kind="xlsx")
    printed_edition = sheets[0].edition
    return sheets, origin_of(download, printed_edition or edition)


def _edition_row(edition: str, by: str) -> dict[str, str] | None:
    """Line of `dsd/maps/undesa/editions.csv` for a table; None where there is no such table."""
    for row in codemaps.rows("undesa", "editions"):
        if row["edition"] == edition and row["by"] == by:
            return row
    return None


def _own_file(path: Path) -> tuple[list[Sheet], Origin]:
    """Sheets of a file of the user's, and where they came from."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    first = read_sheet(content, file=path.name)
    if not first.edition:
        raise TableError(
            f"expected POP/DB/MIG/Stock/Rev.<year> above the table of {path.name}, found none"
        )
    sheets = [first]
    if _is_wide(first):
        for name in ("Table 2", "Table 3"):
            sheets.append(read_sheet(content, name, file=path.name))
    digest = hashlib.sha256(content).hexdigest()
    return sheets, Origin(SERVICE.source, path.name, first.edition, "", digest, SERVICE.licence)


def _table(sheets: list[Sheet], origin: Origin, wanted: dict[str, frozenset[str]]) -> Table:
    """Figures of all sheets as one table.

    Origins by name are looked up before they are chosen.
    """
    import pandas as pd

    frames = []
    for sheet in sheets:
        chosen = {} if _is_wide(sheet) else wanted
        frames.append(figures(sheet, **chosen))
    together = frames[0]
    if len(frames) > 1:
        together = _recategorised(pd.concat(frames, ignore_index=True))
    if _is_wide(sheets[0]):
        together = _select(_named_origins(together), wanted)
    return Table(together, origin)


def _recategorised(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame whose label columns are categorical again after a join."""
    labels = [column for column in frame.columns if column not in ("text", "cell")]
    as_text = dict.fromkeys(labels, "str")
    as_categories = dict.fromkeys(labels, "category")
    texts = frame.astype(as_text)
    return texts.astype(as_categories)


def _is_wide(sheet: Sheet) -> bool:
    """Whether origins are columns, by name: tables of 2019."""
    return any(column.origin for column in sheet.layout.columns)


def _named_origins(frame: pd.DataFrame) -> pd.DataFrame:
    """Origins by code: the workbook of 2019 names them as it names its destinations."""
    names = frame["area_name"].astype("str").str.rstrip("* ")
    areas = frame["area"].astype("str")
    codes = dict(zip(names, areas, strict=True))
    codes["Total"] = _WORLD
    labels = frame["origin"].astype("str").str.rstrip("* ")
    known = labels.map(codes)
    partners = known.fillna(labels).astype("category")
    return frame.assign(partner=partners, partner_name=labels)


def _select(found: pd.DataFrame, wanted: dict[str, frozenset[str]]) -> pd.DataFrame:
    columns = {"areas": "area", "partners": "partner", "years": "year", "sexes": "sex"}
    for name, codes in wanted.items():
        if codes:
            found = found[found[columns[name]].isin(codes)]
    return found.reset_index(drop=True)


def harmonise_undesa_stock(table: Table, kind: str) -> Harmonised:
    """Figures of the International Migrant Stock in our structures.

    See `fetch_undesa_stock`.
    """
    origin = table.origin
    frame = _with_roles(table.figures, kind)
    types = {row["source"]: row for row in codemaps.rows("undesa", "data_type")}
    letters = frame["data_type"]
    for name in ("criterion", "refugees", "method"):
        unknown = "" if name == "method" else "unknown"
        meanings = _meanings(letters, types, name, unknown)
        frame[name] = _recode(letters, meanings)
    frame["refugees"] = _with_exceptions(frame)
    ages = "age" if kind == "age" else "all"
    frame["flow"] = _flow_names(frame, ages)
    has_code = frame["area"] != ""
    if not has_code.all():
        frame["flow"] = frame["flow"].where(has_code)
        frame["reason"] = has_code.map({True: "", False: "a heading without a code"})
    record = record_of(
        origin,
        scope="all",
        ages="all",
        unit="persons",
        table=f"by {kind}",
        criterion="unknown",
    )
    findings = _findings(frame, letters.cat.categories, types, origin)
    flows = _flows(kind)
    return harmonise(frame, flows, origin, record, findings)


def _meanings(
    letters: pd.Series[str], types: dict[str, dict[str, str]], name: str, unknown: str
) -> list[str]:
    """What each category of the letters of a data type says of one field of the record."""
    meanings = []
    for category in letters.cat.categories:
        row = types.get(category, {})
        meanings.append(row.get(name) or unknown)
    return meanings


def _flow_names(frame: pd.DataFrame, suffix: str) -> pd.Categorical[str]:
    """Flow of each figure: those by citizenship go to one, all others to that by birth."""
    import pandas as pd

    by_citizenship = (frame["criterion"] == "citizenship").to_numpy()
    names = pd.Index([f"birth-{suffix}", f"citizenship-{suffix}"])
    return pd.Categorical.from_codes(by_citizenship.astype("int8"), names)


def _with_roles(figures: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Figures with area and partner whatever the table is by, and their record fields."""
    frame = figures.copy(deep=False)
    if kind == "origin":
        frame["partner"] = frame["area"]
        frame["area"] = _constant(frame, _WORLD)
    elif "partner" not in frame:
        frame["partner"] = _constant(frame, _WORLD)
    if "data_type" not in frame:
        frame["data_type"] = _constant(frame, "")
    frame["published_area"] = frame["area"]
    frame["published_partner"] = frame["partner"]
    frame["reference_date"] = frame["year"].cat.rename_categories(_mid_year)
    if "age" in frame:
        frame["ages"] = frame["age"].cat.rename_categories({"Total": "all"})
    frame["status"] = _statuses(frame)
    return frame


def _mid_year(year: str) -> str:
    return f"{year}-07-01"


def _statuses(frame: pd.DataFrame) -> pd.Series[Any]:
    """Status of each figure: N where there is none, C for a tilde, I where it is imputed."""
    import pandas as pd

    is_imputed = frame["data_type"].isin(["I", "I R"])
    status = pd.Series(pd.NA, index=frame.index, dtype="str")
    status = status.mask(is_imputed, "I")
    status = status.mask(frame["text"].isna(), "N")
    status = status.mask(frame["symbol"] == "~", "C")
    return status.astype("category")


def _constant(frame: pd.DataFrame, value: str) -> pd.Categorical[str]:
    import numpy as np
    import pandas as pd

    return pd.Categorical.from_codes(np.zeros(len(frame), "int8"), pd.Index([value]))


def _recode(column: pd.Series[str], meanings: list[str]) -> pd.Categorical[str]:
    import numpy as np
    import pandas as pd

    codes, names = pd.factorize(np.array(meanings, dtype=object))
    return pd.Categorical.from_codes(codes[column.cat.codes.to_numpy()], pd.Index(names))


def _with_exceptions(frame: pd.DataFrame) -> pd.Series[str]:
    """Refugees as the letters say, but where a note leaves out those in the area."""
    refugees: pd.Series[str] = frame["refugees"]
    for row in codemaps.rows("undesa", "refugees"):
        is_exception = (frame["area"] == row["source"]) & (refugees == "not-added")
        if is_exception.any():
            meanings = refugees.cat.categories.union([row["target"]])
            widened = refugees.cat.set_categories(meanings)
            refugees = widened.mask(is_exception, row["target"])
    return refugees


def _flows(kind: str) -> list[Flow]:
    """Flows of a table: by birth and by citizenship."""
    destinations = codemaps.areas("locid", own="undesa/aggregate")
    sexes = codemaps.codes("undesa", "sex", "CL_SEX")
    frequency = FixedValueMap("FREQ", "A")
    area = ComponentMap("area", "REF_AREA", destinations)
    sex = ComponentMap("sex", "SEX", sexes)
    year = ImplicitComponentMap("year", "TIME_PERIOD")
    status = ImplicitComponentMap("status", "OBS_STATUS")
    source = FixedValueMap("SOURCE", "UN DESA - International Migrant Stock")
    common = (frequency, area, sex, year, status, source)
    if kind == "age":
        return _flows_by_age(common)
    files = "undesa/partner undesa/aggregate"
    births = codemaps.areas("locid", "CL_CBR", "CBR_BRT_", files)
    citizenships = codemaps.areas("locid", "CL_CCT", "CCT_CTZ_", files)
    by_birth = (*common, ComponentMap("partner", "CBR", births))
    by_citizenship = (*common, ComponentMap("partner", "CCT", citizenships))
    birth = Flow("birth-all", "POP_MFRB_SEX_CBR_NB", by_birth)
    citizenship = Flow("citizenship-all", "POP_MFRC_SEX_CCT_NB", by_citizenship)
    return [birth, citizenship]


def _flows_by_age(common: tuple[ComponentMaps, ...]) -> list[Flow]:
    """Flows of the table by age, which has no partners."""
    codes = codemaps.codes("undesa", "age", "CL_AGE")
    age = ComponentMap("age", "AGE", codes)
    born = (*common, age, FixedValueMap("CBR", "CBR_BIR_FOREIGN"))
    foreign = (*common, age, FixedValueMap("CCT", "CCT_CIT_NONCIT"))
    birth = Flow("birth-age", "POP_XWAP_SEX_AGE_CBR_NB", born)
    citizenship = Flow("citizenship-age", "POP_XWAP_SEX_AGE_CCT_NB", foreign)
    return [birth, citizenship]


def _findings(
    frame: pd.DataFrame,
    letters: Iterable[str],
    types: dict[str, dict[str, str]],
    origin: Origin,
) -> list[Finding]:
    """Findings of letters that we do not know, and of keys that are there twice."""
    place = Place(file=origin.address)
    findings = []
    for letter in letters:
        if letter not in types:
            finding = find("unknown-data-type", place, read=letter)
            findings.append(finding)
    keys = [name for name in ("area", "partner", "sex", "year", "age") if name in frame]
    numbers = frame[keys].apply(lambda column: column.cat.codes)
    has_area = frame["area"] != ""
    is_repeated = numbers.duplicated(keep=False) & has_area
    if is_repeated.any():
        finding = _duplicates(frame[is_repeated], keys, place)
        findings.append(finding)
    return findings


def _duplicates(rows: pd.DataFrame, keys: list[str], place: Place) -> Finding:
    """Report keys that the source itself uses twice (927 in the edition of 2020)."""
    groups = rows.groupby(keys, observed=True)
    values = groups["text"].nunique(dropna=False)
    pairs = rows[["area", "partner"]].drop_duplicates().astype("str")
    areas_of_partners = zip(pairs["area"], pairs["partner"], strict=True)
    codes = _reused(set(areas_of_partners))
    count = len(values)
    apart = int((values > 1).sum())
    shown = ", ".join(codes[:6])
    equal = count - apart
    return find(
        "source-duplicate-key",
        place,
        keys=count,
        pairs=len(pairs),
        codes=shown,
        equal=equal,
        apart=apart,
    )


def _reused(pairs: set[tuple[str, str]]) -> list[str]:
    """Fewest codes, the most frequent first, of which at least one is in each pair.

    A code that the source uses twice is in every repeated pair, as destination or as origin.
    """
    codes = []
    while pairs:
        counts: Counter[str] = Counter()
        for pair in pairs:
            counts.update(set(pair))
        code = min(counts, key=lambda candidate: _rank(candidate, counts[candidate]))
        codes.append(code)
        pairs = {pair for pair in pairs if code not in pair}
    return codes


def _rank(code: str, count: int) -> tuple[int, bool, bool, str]:
    """Order of the codes that may be used twice.

    Codes from 900 on are of groups, those given twice.
    """
    is_country = len(code) < 3 or code < "900"
    return -count, code == _WORLD, is_country, code
