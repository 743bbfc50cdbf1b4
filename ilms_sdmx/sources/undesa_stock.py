"""UN DESA International Migrant Stock: workbooks of 2019, 2020 and 2024, downloaded or the user's own."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ilms_sdmx.downloads.client import Client
from ilms_sdmx.downloads.service import BROWSER, Service
from ilms_sdmx.errors import NotFoundError, TableError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.model import ComponentMap, FixedValueMap, ImplicitComponentMap
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


def editions() -> dict[tuple[str, str], str]:
    """File name by edition and kind of table (`destination`, `origin`, `bilateral`, `age`)."""
    return {
        (row["edition"], row["by"]): row["file"] for row in codemaps.rows("undesa", "editions")
    }


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
    """Migrant stock of UN DESA in POP_MFRB_SEX_CBR_NB (by birth) and POP_MFRC_SEX_CCT_NB (by citizenship).

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
        A workbook that the user has: nothing is downloaded, and its own text says its edition and kind.

    Returns
    -------
    Harmonised
        Persons (UNIT_MULT 0), 1 July of the year. By age: POP_XWAP_SEX_AGE_CBR_NB and ..._CCT_NB, whose
        records say that all ages are counted. Destinations counted by both criteria, imputed ones and
        aggregates stand with those by birth, as UN DESA defines them; their records say `mixed` or `imputed`.

    Raises
    ------
    NotFoundError
        There is no such table.
    TableError
        The file is no workbook of the International Migrant Stock.
    """
    wanted = {
        "areas": _locids(destination),
        "partners": _locids(origin),
        "years": _years(start, end),
        "sexes": frozenset(codemaps.listed(sex)),
    }
    if file is not None:
        sheets, source = _own_file(Path(file))
    else:
        sheets, source = _download(client, str(edition), by, base_url)
    table = _table(sheets, source, wanted)
    return harmonise_undesa_stock(table, sheets[0].kind)


def _years(start: str | int, end: str | int) -> frozenset[str]:
    """Years from first to last; none for all."""
    first, last = codemaps.period(start)[:4], codemaps.period(end)[:4]
    if not first and not last:
        return frozenset()
    return frozenset(str(year) for year in range(int(first or 1900), int(last or 2100) + 1))


def _locids(areas: str | int | Iterable[str | int]) -> frozenset[str]:
    """Numbers of UN DESA: those given as numbers may be of aggregates, which have no ILO code."""
    given = codemaps.listed(areas)
    return frozenset(c if c.isdigit() else codemaps.in_system(c, "locid") for c in given)


def read_undesa_stock(file: str | Path) -> Table:
    """Figures of a workbook of the International Migrant Stock as they stand.

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
    from dataclasses import replace

    service = replace(SERVICE, base=base_url) if base_url else SERVICE
    row = next(
        (
            r
            for r in codemaps.rows("undesa", "editions")
            if (r["edition"], r["by"]) == (edition, by)
        ),
        None,
    )
    if row is None:
        known = ", ".join(f"{e} by {b}" for e, b in editions())
        raise NotFoundError(
            f"there is no table {edition} by {by}; there are {known}", service.base
        )
    download = client.get(service, row["file"], kind="xlsx")
    content = download.content
    sheets = [read_sheet(content, name, file=row["file"]) for name in row["sheets"].split("|")]
    return sheets, origin_of(download, sheets[0].edition or edition)


def _own_file(path: Path) -> tuple[list[Sheet], Origin]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    first = read_sheet(content, file=path.name)
    if not first.edition:
        raise TableError(
            f"expected POP/DB/MIG/Stock/Rev.<year> above the table of {path.name}, found none"
        )
    wide = any(value[4] for value in first.layout.columns)
    sheets = [
        first,
        *(read_sheet(content, n, file=path.name) for n in ("Table 2", "Table 3") if wide),
    ]
    digest = hashlib.sha256(content).hexdigest()
    return sheets, Origin(SERVICE.source, path.name, first.edition, "", digest, SERVICE.licence)


def _table(sheets: list[Sheet], origin: Origin, wanted: dict[str, frozenset[str]]) -> Table:
    import pandas as pd

    frames = [figures(sheet, **({} if _wide(sheet) else wanted)) for sheet in sheets]
    found = (
        frames[0] if len(frames) == 1 else _recategorised(pd.concat(frames, ignore_index=True))
    )
    if _wide(sheets[0]):
        found = _select(_named_origins(found), wanted)
    return Table(found, origin)


def _recategorised(found: pd.DataFrame) -> pd.DataFrame:
    """Frame whose label columns are categorical again after frames with other labels were joined."""
    labels = [c for c in found.columns if c not in ("text", "cell")]
    return found.astype(dict.fromkeys(labels, "str")).astype(dict.fromkeys(labels, "category"))


def _wide(sheet: Sheet) -> bool:
    return any(value[4] for value in sheet.layout.columns)


def _named_origins(found: pd.DataFrame) -> pd.DataFrame:
    """Origins by code: the workbook of 2019 names them as it names its destinations."""
    names = found["area_name"].astype("str").str.rstrip("* ")
    known = dict(zip(names, found["area"].astype("str"), strict=True)) | {"Total": _WORLD}
    labels = found["origin"].astype("str").str.rstrip("* ")
    return found.assign(
        partner=labels.map(known).fillna(labels).astype("category"), partner_name=labels
    )


def _select(found: pd.DataFrame, wanted: dict[str, frozenset[str]]) -> pd.DataFrame:
    columns = {"areas": "area", "partners": "partner", "years": "year", "sexes": "sex"}
    for name, codes in wanted.items():
        if codes:
            found = found[found[columns[name]].isin(codes)]
    return found.reset_index(drop=True)


def harmonise_undesa_stock(table: Table, kind: str) -> Harmonised:
    """Figures of the International Migrant Stock in our structures; see `fetch_undesa_stock`."""
    import pandas as pd

    frame = _with_roles(table.figures, kind)
    types = {row["source"]: row for row in codemaps.rows("undesa", "data_type")}
    letters = frame["data_type"]
    known = letters.cat.categories
    for name in ("criterion", "refugees", "method"):
        meanings = [
            types.get(c, {}).get(name) or ("unknown" if name != "method" else "") for c in known
        ]
        frame[name] = _recode(letters, meanings)
    frame["refugees"] = _with_exceptions(frame)
    citizenship = frame["criterion"] == "citizenship"
    suffix = "age" if kind == "age" else "all"
    frame["flow"] = pd.Categorical.from_codes(
        citizenship.to_numpy().astype("int8"),
        pd.Index([f"birth-{suffix}", f"citizenship-{suffix}"]),
    )
    coded = frame["area"] != ""
    if not coded.all():
        frame["flow"] = frame["flow"].where(coded)
        frame["reason"] = (~coded).map({True: "a heading without a code", False: ""})
    record = record_of(
        table.origin,
        scope="all",
        ages="all",
        unit="persons",
        table=f"by {kind}",
        criterion="unknown",
    )
    return harmonise(
        frame, _flows(kind), table.origin, record, _findings(frame, known, types, table.origin)
    )


def _with_roles(found: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Figures with area and partner whatever the table is by, and the fields of their records."""
    import pandas as pd

    frame = found.copy(deep=False)
    if kind == "origin":
        frame["partner"], frame["area"] = frame["area"], _constant(frame, _WORLD)
    elif "partner" not in frame:
        frame["partner"] = _constant(frame, _WORLD)
    if "data_type" not in frame:
        frame["data_type"] = _constant(frame, "")
    frame["published_area"], frame["published_partner"] = frame["area"], frame["partner"]
    frame["reference_date"] = frame["year"].cat.rename_categories(lambda year: f"{year}-07-01")
    if "age" in frame:
        frame["ages"] = frame["age"].cat.rename_categories(
            lambda a: "all" if a == "Total" else a
        )
    status = pd.Series(pd.NA, index=frame.index, dtype="str")
    status = status.mask(frame["text"].isna(), "N").mask(frame["symbol"] == "~", "C")
    frame["status"] = status.mask(
        frame["data_type"].isin(["I", "I R"]) & status.isna(), "I"
    ).astype("category")
    return frame


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
    """Refugees as the letters say, but where a note says that those in the area are left out on purpose."""
    refugees: pd.Series[str] = frame["refugees"]
    for row in codemaps.rows("undesa", "refugees"):
        said = (frame["area"] == row["source"]) & (refugees == "not-added")
        if said.any():
            known = refugees.cat.categories
            refugees = refugees.cat.set_categories(known.union([row["target"]])).mask(
                said, row["target"]
            )
    return refugees


def _flows(kind: str) -> list[Flow]:
    common = (
        FixedValueMap("FREQ", "A"),
        ComponentMap("area", "REF_AREA", codemaps.areas("locid", own="undesa/aggregate")),
        ComponentMap("sex", "SEX", codemaps.codes("undesa", "sex", "CL_SEX")),
        ImplicitComponentMap("year", "TIME_PERIOD"),
        ImplicitComponentMap("status", "OBS_STATUS"),
        FixedValueMap("SOURCE", "UN DESA - International Migrant Stock"),
    )
    if kind == "age":
        age = ComponentMap("age", "AGE", codemaps.codes("undesa", "age", "CL_AGE"))
        born, foreign = (
            FixedValueMap("CBR", "CBR_BIR_FOREIGN"),
            FixedValueMap("CCT", "CCT_CIT_NONCIT"),
        )
        return [
            Flow("birth-age", "POP_XWAP_SEX_AGE_CBR_NB", (*common, age, born)),
            Flow("citizenship-age", "POP_XWAP_SEX_AGE_CCT_NB", (*common, age, foreign)),
        ]
    own = "undesa/partner undesa/aggregate"
    born_in = codemaps.areas("locid", "CL_CBR", "CBR_BRT_", own)
    citizens = codemaps.areas("locid", "CL_CCT", "CCT_CTZ_", own)
    return [
        Flow(
            "birth-all",
            "POP_MFRB_SEX_CBR_NB",
            (*common, ComponentMap("partner", "CBR", born_in)),
        ),
        Flow(
            "citizenship-all",
            "POP_MFRC_SEX_CCT_NB",
            (*common, ComponentMap("partner", "CCT", citizens)),
        ),
    ]


def _findings(
    frame: pd.DataFrame,
    letters: Iterable[str],
    types: dict[str, dict[str, str]],
    origin: Origin,
) -> list[Finding]:
    place = Place(file=origin.address)
    found = [find("unknown-data-type", place, read=c) for c in letters if c not in types]
    keys = [c for c in ("area", "partner", "sex", "year", "age") if c in frame]
    numbers = frame[keys].apply(lambda column: column.cat.codes)
    twice = numbers.duplicated(keep=False) & (frame["area"] != "")
    if twice.any():
        found.append(_duplicates(frame[twice], keys, place))
    return found


def _duplicates(rows: pd.DataFrame, keys: list[str], place: Place) -> Finding:
    """Report keys that the source itself uses twice (927 in the edition of 2020)."""
    values = rows.groupby(keys, observed=True)["text"].nunique(dropna=False)
    pairs = rows[["area", "partner"]].drop_duplicates().astype("str")
    codes = _reused(set(zip(pairs["area"], pairs["partner"], strict=True)))
    apart = int((values > 1).sum())
    return find(
        "source-duplicate-key",
        place,
        keys=len(values),
        pairs=len(pairs),
        codes=", ".join(codes[:6]),
        equal=len(values) - apart,
        apart=apart,
    )


def _reused(pairs: set[tuple[str, str]]) -> list[str]:
    """Fewest codes, the most frequent first, of which at least one stands in each pair.

    A code that the source uses twice stands in every repeated pair, as destination or as origin.
    """
    found = []
    while pairs:
        counts = Counter(code for pair in pairs for code in set(pair))
        # Codes from 900 on are of groups, the ones that were given twice.
        code = min(counts, key=lambda c: (-counts[c], c == _WORLD, len(c) < 3 or c < "900", c))
        found.append(code)
        pairs = {pair for pair in pairs if code not in pair}
    return found
