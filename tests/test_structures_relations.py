"""Aggregation rules, identities, crosswalk, ASEAN and code maps, held against published figures."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import structures
from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts

RULES = structures.aggregations()

#: Figures of ILOSTAT (CC BY 4.0, February 2026), thousands of persons, both sexes.
PUBLISHED = {
    "Thailand 2024, inflow of employed non-citizens by activity": {
        "ECO_SECTOR_TOTAL": "669.228",
        "ECO_SECTOR_AGR": "79.056",
        "ECO_SECTOR_IND": "335.526",
        "ECO_SECTOR_SER": "254.609",
        "ECO_SECTOR_X": "0.037",
        "ECO_SECTOR_NAG": "590.172",
    },
    "Philippines 2022, the same, nothing unclassified": {
        "ECO_SECTOR_TOTAL": "62.349",
        "ECO_SECTOR_AGR": "0.09",
        "ECO_SECTOR_IND": "7.648",
        "ECO_SECTOR_SER": "54.611",
        "ECO_SECTOR_NAG": "62.259",
    },
    "Indonesia 2018, outflow for employment by education": {
        "EDU_AGGREGATE_TOTAL": "283.64",
        "EDU_AGGREGATE_LTB": "0.695",
        "EDU_AGGREGATE_BAS": "154.518",
        "EDU_AGGREGATE_INT": "80.28",
        "EDU_AGGREGATE_ADV": "4.327",
        "EDU_AGGREGATE_X": "43.82",
    },
    "Kyrgyzstan 2017, the same by ISCED and by its aggregate": {
        "EDU_AGGREGATE_BAS": "26.273",
        "EDU_ISCED11_1": "2.72",
        "EDU_ISCED11_2": "23.553",
        "EDU_AGGREGATE_INT": "189.575",
        "EDU_ISCED11_3": "157.498",
        "EDU_ISCED11_4": "32.077",
    },
}


#: Total, version and relation of each rule that adds up, to its parts and those that it cannot miss.
SUMS = {
    key: (set(parts["part"]), set(parts.loc[parts["optional"] == "N", "part"]))
    for key, parts in RULES[RULES["relation"].isin(["sum", "nag"])].groupby(
        ["total", "version", "relation"]
    )
}


def outcomes(figures: dict[str, Decimal], tolerance: Decimal) -> dict[tuple[str, ...], bool]:
    """Whether each rule holds that the figures decide."""
    found = {}
    for key, (parts, needed) in SUMS.items():
        if key[0] in figures and needed and needed <= set(figures):
            summed = sum((figures[part] for part in parts & set(figures)), Decimal())
            found[key] = abs(summed - figures[key[0]]) <= tolerance
    return found


@pytest.mark.parametrize("table", PUBLISHED)
def test_rules_hold_on_published_figures(table: str) -> None:
    figures = {code: Decimal(figure) for code, figure in PUBLISHED[table].items()}
    decided = outcomes(figures, Decimal("0.001"))
    assert decided
    assert all(decided.values())


@pytest.mark.parametrize("code", ["ECO_SECTOR_IND", "ECO_SECTOR_NAG", "ECO_SECTOR_X"])
def test_rules_see_a_wrong_figure(code: str) -> None:
    figures = {code: Decimal(figure) for code, figure in next(iter(PUBLISHED.values())).items()}
    figures[code] += 1
    assert not all(outcomes(figures, Decimal("0.001")).values())


def test_countries_and_the_group_none_of_whose_members_is_listed_add_up() -> None:
    """Thailand 2024, nationals abroad: the United States and Canada are reported together."""
    listed = {
        "JPN": "91.6",
        "KOR": "176.55",
        "MYS": "152.285",
        "TWN": "99.606",
        "USACAN": "524.741",
    }
    rules = RULES[RULES["total"] == "CRS_RES_TOTAL"].set_index("part")["relation"]
    assert {rules[f"CRS_RES_{area}"] for area in listed} == {"sum", "overlap"}
    members = RULES.loc[RULES["total"] == "CRS_RES_USACAN", "part"].tolist()
    assert members == ["CRS_RES_USA", "CRS_RES_CAN"]
    assert sum(map(Decimal, listed.values())) == Decimal("1044.782")


@pytest.mark.shared
def test_rules_hold_in_nearly_all_published_tables(shared: Path) -> None:
    """The published tables have a few known errors; a wrong rule would break in all of them."""
    files = sorted((shared / "data/ilms/tables").glob("*.csv"))
    table = pd.concat(pd.read_csv(file, dtype=str, keep_default_na=False) for file in files)
    held: dict[tuple[str, ...], list[bool]] = {}
    for _, group in table.groupby(["indicator", "ref_area", "sex", "time"]):
        figures = dict(zip(group["classif1"], map(Decimal, group["obs_value"]), strict=True))
        for key, holds in outcomes(figures, Decimal("0.005")).items():
            held.setdefault(key, []).append(holds)
    assert {"ECO_SECTOR", "EDU_AGGREGATE", "ECO_ISIC4"} <= {version for _, version, _ in held}
    for key, results in held.items():
        assert sum(results) >= 0.6 * len(results), key
    assert sum(map(sum, held.values())) >= 0.9 * sum(map(len, held.values()))


def test_rules_name_known_codes_and_each_rule_stands_once() -> None:
    for codelist, rules in RULES.groupby("codelist"):
        known = set(structures.codes(codelist)["code"])
        assert set(rules["total"]) | set(rules["part"]) <= known
    assert not RULES.duplicated(["codelist", "version", "total", "part", "relation"]).any()
    assert set(RULES["relation"]) == {"sum", "nag", "overlap", "member"}
    assert (RULES["total"] != RULES["part"]).all()


@pytest.mark.parametrize("flow", structures.dataflows(), ids=lambda flow: flow.id)
def test_every_code_that_may_carry_data_is_a_total_or_in_one(flow) -> None:
    """Only currencies do not add up, and lists whose codes are unknown say nothing."""
    ruled = set(RULES["total"]) | set(RULES["part"])
    for dimension, codes in structures.allowed(flow.id).items():
        if dimension not in {"REF_AREA", "FREQ", "MEASURE", "CUR"}:
            assert codes <= ruled


def test_parts_and_totals_are_ordered_by_size() -> None:
    """No code is, through any chain of rules, a part of itself; totals of two versions may be equal."""
    equal = RULES.groupby(["total", "version", "relation"])["part"].transform("size") == 1
    graph = RULES[~equal].groupby("total")["part"].agg(set).to_dict()

    def below(code: str, seen: frozenset[str]) -> None:
        assert code not in seen, f"{code} is part of itself"
        for part in graph.get(code, ()):
            below(part, seen | {code})

    for total in graph:
        below(total, frozenset())


def test_identities_name_dataflows_and_codes_that_may_carry_data() -> None:
    table = structures.identities()
    for identity, terms in table.groupby("identity"):
        sides = sorted(terms["side"])
        expected = {
            "sum": ["part", "part", "total"],
            "equal": ["part", "total"],
            "at_most": ["part", "total"],
            "ratio": ["denominator", "numerator", "total"],
        }
        assert sides == expected[terms["relation"].iloc[0]], identity
        for term in terms.itertuples():
            allowed = structures.allowed(term.dataflow)
            for condition in term.where.split():
                dimension, code = condition.split("=")
                assert code in allowed[dimension], identity
    assert (
        len(table[table["identity"].str.fullmatch(r"labour-force-(AGE|EDU)-(CBR|CCT)")])
        == 3 * 4
    )


def test_rates_do_not_add_up() -> None:
    table = structures.catalogue()
    additive = {id for id in table["id"] if structures.additive(id)}
    assert {id.rsplit("_", 1)[1] for id in additive} == {"NB"}
    assert "EAR_EMTA_SEX_CBR_NB" not in additive
    assert "HOW_XEES_SEX_CCT_NB" not in additive
    assert len(additive) == (table["unit_measure"] == "PS").sum()


CROSSWALK = structures.crosswalk()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "KOS",
            {
                "iso3": "",
                "m49": "",
                "locid": "412",
                "worldbank": "XKX",
                "oecd": "XKV",
                "eurostat": "XK",
            },
        ),
        (
            "CHA",
            {
                "iso3": "",
                "m49": "830",
                "locid": "830",
                "worldbank": "CHI",
                "oecd": "",
                "kind": "combined",
            },
        ),
        (
            "TWN",
            {
                "iso2": "TW",
                "m49": "158",
                "locid": "158",
                "worldbank": "",
                "oecd": "TWN",
                "eurostat": "TW",
            },
        ),
        ("HKG", {"iso2": "HK", "m49": "344", "locid": "344", "worldbank": "HKG"}),
        ("MAC", {"iso2": "MO", "m49": "446", "locid": "446", "worldbank": "MAC"}),
        ("PSE", {"iso2": "PS", "m49": "275", "locid": "275", "worldbank": "PSE"}),
        ("SSD", {"m49": "728", "locid": "728", "valid_from": "2011-07-09"}),
        ("SDN", {"m49": "729", "locid": "729", "valid_from": "2011-07-09"}),
        ("ANT", {"m49": "530", "kind": "former", "valid_to": "2010-10-09"}),
        ("SCG", {"iso2": "CS", "m49": "891", "kind": "former"}),
        ("YE1", {"iso2": "", "iso3": "", "m49": "886", "kind": "former"}),
        ("GRC", {"iso2": "GR", "eurostat": "EL"}),
        ("GBR", {"iso2": "GB", "eurostat": "UK"}),
        ("NAM", {"iso2": "NA", "eurostat": "NA"}),
        (
            "X01",
            {"m49": "001", "locid": "900", "worldbank": "WLD", "oecd": "W", "kind": "world"},
        ),
        ("X54", {"m49": "035", "kind": "region"}),
        ("TLS", {"m49": "626", "iso2": "TL"}),
        ("BRN", {"m49": "096", "locid": "96"}),
    ],
)
def test_the_hard_rows_of_the_crosswalk(code: str, expected: dict[str, str]) -> None:
    row = CROSSWALK.set_index("code").loc[code]
    assert row[list(expected)].to_dict() == expected


@pytest.mark.parametrize("system", list(CROSSWALK.columns[1:8]))
def test_a_code_of_another_system_is_one_area(system: str) -> None:
    codes = CROSSWALK.loc[CROSSWALK[system] != "", system]
    assert codes.is_unique


@pytest.mark.parametrize(
    ("group", "parts"),
    [("A", "11 12 19"), ("B", "21 22 29"), ("C", "30"), ("D", "41 42 43 44 49"), ("E", "51")],
)
def test_groups_of_authority_have_the_parts_of_the_resolution(group: str, parts: str) -> None:
    table = structures.aggregations()
    rows = table[table["total"] == f"STE_ICSE18A_{group}"]
    assert set(rows["part"]) == {f"STE_ICSE18_{part}" for part in parts.split()}
    names = structures.codes("CL_STE").set_index("code")["name"]
    assert names[f"STE_ICSE18A_{group}"]


def test_the_crosswalk_covers_every_area_and_partner_once() -> None:
    codes = CROSSWALK.loc[CROSSWALK["code"] != "", "code"]
    assert codes.is_unique
    areas = set(structures.codes("CL_AREA")["code"]) - {"_Z"}
    partners = {
        code.split("_", 2)[2]
        for id, prefix in [
            ("CBR", "BRT"),
            ("CCT", "CTZ"),
            ("CRS", "RES"),
            ("CPR", "PRV"),
            ("CDS", "DES"),
        ]
        for code in structures.codes(id)["code"]
        if code.startswith(f"{id}_{prefix}_")
    }
    assert set(codes) == areas | (partners - {"TOTAL"})
    assert "2003" in CROSSWALK.query("kind == 'residual'")["locid"].tolist()


def test_codes_of_others_name_one_country() -> None:
    countries = CROSSWALK[CROSSWALK["kind"].isin(["country", "combined"])]
    for column in ("iso2", "iso3", "m49", "locid", "worldbank", "oecd", "eurostat"):
        assert countries.loc[countries[column] != "", column].is_unique, column
    both = countries[(countries["locid"] != "") & (countries["m49"] != "")]
    assert (both["locid"].astype(int) == both["m49"].astype(int)).all()


def test_countries_agree_with_the_annotations_of_the_area_list() -> None:
    """The exceptions are those that the notes explain."""
    rows = CROSSWALK.set_index("code")
    differ = {
        row["code"]
        for row in facts.rows("codelists/CL_AREA.csv")
        if row["code"] in rows.index
        and rows.loc[row["code"], ["iso2", "m49"]].tolist() != [row["iso2"], row["m49"]]
    }
    assert differ == {"KOS", "CHA", "X54"}
    assert (rows.loc[sorted(differ), "note"] != "").all()


@pytest.mark.parametrize(
    ("at", "count", "last"),
    [
        ("1967-08-07", 0, None),
        ("1967-08-08", 5, "THA"),
        ("1999-04-30", 10, "KHM"),
        ("2025-10-25", 10, "KHM"),
        ("2025-10-26", 11, "TLS"),
        (date(2026, 11, 21), 11, "TLS"),
    ],
)
def test_asean_is_dated(at: str | date, count: int, last: str | None) -> None:
    members = structures.asean(at)
    assert len(members) == count
    assert (members[-1] if members else None) == last


def test_a_day_that_is_none_is_a_structure_error() -> None:
    with pytest.raises(StructureError, match="2025-13-01"):
        structures.asean("2025-13-01")


@pytest.mark.parametrize("name", ["OBS_STATUS", "FREQ", "SEX", "UNIT_MULT"])
def test_code_maps_take_every_code_of_ilo(name: str) -> None:
    table = structures.code_map(name)
    assert table["source"].tolist() == structures.codes(f"CL_{name}")["code"].tolist()
    assert (table["target"] != "").all()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("OBS_STATUS", "SDMX_CL_OBS_STATUS_2.2.csv"),
        ("FREQ", "SDMX_CL_FREQ_2.1.csv"),
        ("SEX", "SDMX_CL_SEX_2.1.csv"),
        ("UNIT_MULT", "SDMX_CL_UNIT_MULT_1.1.csv"),
    ],
)
def test_targets_are_codes_of_sdmx(shared: Path, name: str, file: str) -> None:
    table = pd.read_csv(shared / "data/sdmx-codelists" / file, dtype=str, keep_default_na=False)
    assert set(structures.code_map(name)["target"]) <= set(table["id"])


def test_letters_that_collide_are_not_copied() -> None:
    table = structures.obs_status_map().set_index("source")["target"]
    assert not any(table[letter] == letter for letter in "ALMNRSX")


def test_an_unknown_map_names_the_known_ones() -> None:
    with pytest.raises(StructureError, match="OBS_STATUS"):
        structures.code_map("STATUS")
