"""Labels that come again in each group of rows, and rows that lack a cell."""

import pytest

from ilms_sdmx import Conversion, convert, draft_mapping
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted

TABLE = """Pekerja asing menurut negara;;
Negara;2019;2020
Asia;320;350
Jepang;150;160
Nepal;90;95
Lainnya;80;95
Eropa;70;76
Portugal;25;26
Lainnya;45;50
Jumlah;390;426
"""


def drafted(table: str, area: str = "IDN") -> tuple[str, Conversion]:
    """Draft of a table, and what it makes of the table when every proposal is accepted."""
    text = draft_mapping(table.encode(), area=area)
    return text, convert(table.encode(), parse_mapping(accepted(text)))


def test_a_residual_of_each_group_is_asked_with_its_group() -> None:
    text, done = drafted(TABLE)
    assert "groups: [Asia, Eropa, Jumlah]" in text
    assert [finding.read for finding in done.report.errors] == [
        "Asia > Lainnya",
        "Eropa > Lainnya",
    ]
    assert "total-differs" not in done.report.counts
    assert text.count("2 of 2 sums agree") == 3


def test_answers_for_each_group_are_written_apart() -> None:
    text, _ = drafted(TABLE)
    codes = {"Asia > Lainnya": "CCT_CTZ_X", "Eropa > Lainnya": "~"}
    lines = []
    for line in accepted(text).splitlines():
        if "CCT_CTZ_JPN" in line:
            lines += [f'      "{label}": {code}' for label, code in codes.items()]
        lines.append(line)
    done = convert(TABLE.encode(), parse_mapping("\n".join(lines)))
    frame = done.datasets[0].observations
    of_rest = frame[frame["CCT"] == "CCT_CTZ_X"]["OBS_VALUE"].astype(str)
    assert sorted(of_rest) == ["0.080", "0.095"]


def test_in_a_dataflow_of_the_office_each_group_has_a_code_of_its_own() -> None:
    table = TABLE.replace("Pekerja asing", "Pekerja").replace("Negara", "Lapangan usaha")
    for country, trade in {"Asia": "Pabrik", "Jepang": "Kapas", "Nepal": "Baja"}.items():
        table = table.replace(country, trade)
    table = table.replace("Eropa", "Jasa").replace("Portugal", "Salon")
    _, done = drafted(table)
    values = done.datasets[-1].observations["OBS_VALUE"].astype(str)
    assert {"80", "95", "45", "50"} <= set(values)
    assert not done.report.of_rule("conflicting-observations")


@pytest.mark.parametrize(("old", "new"), [("Asia;320", "Asia;321"), ("Asia;320;350\n", "")])
def test_groups_that_no_sum_proves_are_not_made_up(old: str, new: str) -> None:
    text, done = drafted(TABLE.replace(old, new))
    assert "in_groups" not in text
    assert "conflicting-observations" in done.report.counts
    named = {f.place.cell for f in done.report.of_rule("conflicting-observations")}
    assert len(named) == 2


def test_a_row_that_lacks_a_cell_is_told_alone() -> None:
    table = """Year,Citizenship,Region,Sex,Workers
2018,Brunei,East,Female,131
2018,Brunei,East,Male,142
2018,Fiji,Female,9
2018,Brunei,West,Female,77
2018,Brunei,West,Male,91
"""
    text, done = drafted(table, "MYS")
    assert "wrap" not in text
    assert {f.place.cell[1:] for f in done.report if f.severity == "error"} == {"4"}
    written = done.provenance[done.provenance["OBS_VALUE"] != ""]
    assert sorted(written["value"]) == ["131", "142", "77", "91"]


SEXES = """Foreign workers by nationality;;
Nationality;2018;2019
Japan;208;221
{men};131;139
{women};77;82
Nepal;48;61
{men};31;39
{women};17;22
"""


@pytest.mark.parametrize(
    ("men", "women"), [("Men", "Women"), ("Nam", "Nữ"), ("ชาย", "หญิง"), ("Lelaki", "Perempuan")]
)
def test_men_and_women_below_their_country_have_it(men: str, women: str) -> None:
    text, done = drafted(SEXES.format(men=men, women=women), "MYS")
    assert "figures: total" in text
    assert done.exit_code == 0
    frame = done.datasets[0].observations
    keys = frame[["SEX", "CCT", "TIME_PERIOD", "OBS_VALUE"]].astype(str)
    found = set(keys.itertuples(index=False, name=None))
    assert ("SEX_F", "CCT_CTZ_NPL", "2019", "0.022") in found
    assert ("SEX_T", "CCT_CTZ_JPN", "2018", "0.208") in found
    assert len(found) == 12


def test_another_country_in_the_next_edition_stops() -> None:
    table = SEXES.format(men="Men", women="Women")
    mapping = parse_mapping(accepted(drafted(table, "MYS")[0]))
    assert convert(table.replace("2018", "2020").encode(), mapping).exit_code == 0
    done = convert(table.replace("Nepal", "Oman").encode(), mapping)
    assert done.exit_code == 2
    assert "Oman" in {finding.read for finding in done.report.errors}


def test_a_sum_that_does_not_come_out_heads_nothing() -> None:
    text, done = drafted(
        SEXES.format(men="Men", women="Women").replace("48;61", "49;61"), "MYS"
    )
    assert "figures: total" not in text
    assert done.exit_code >= 2


def test_a_group_of_few_persons_is_a_total_where_its_residual_proves_the_groups() -> None:
    table = """Pekerja asing menurut negara;
Negara;2019
Asia;320
Jepang;150
Nepal;90
Lainnya;80
Eropa;40
Portugal;25
Lainnya;15
Jumlah;360
"""
    text, done = drafted(table)
    assert "total: {country: Eropa}" in text
    assert "0 of" not in text
    assert "total-differs" not in done.report.counts
