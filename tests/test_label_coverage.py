"""The label files know the names of CLDR and the words of each kind, or say what is missing and why."""

import pytest
from click.testing import CliRunner

from ilms_sdmx.cli.labels import labels
from ilms_sdmx.labels import match_label
from ilms_sdmx.labels.coverage import country_names, coverage, unseen_rows

#: Kinds of which every language of the region has all that is expected.
COMPLETE = {"country", "sex", "total", "others", "multiplier", "month", "monthword", "quarter"}


@pytest.mark.parametrize(
    "locale", ["en", "id", "ms", "vi", "th", "lo", "km", "my", "fil", "pt"]
)
def test_every_name_of_cldr_is_its_own_country(locale: str) -> None:
    names = list(country_names(locale))
    assert len(names) > 225
    for area, name in names:
        match = match_label(name, "", languages=(locale,))
        assert match.code == area, match.reason


def test_european_portuguese_has_its_own_names() -> None:
    for area, name in country_names("pt_PT"):
        assert match_label(name, "", languages=("pt",)).code == area


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        ("Congo", "pt", ""),
        ("Congo (Republik)", "ms", "COG"),
        ("Pantai Gading", "id", "CIV"),
        ("Swaziland", "en", "SWZ"),
        ("中華民國", "zh", ""),
        ("Kosovo", "id", "KOS"),
    ],
)
def test_other_names_are_known_or_asked(name: str, language: str, code: str) -> None:
    assert match_label(name, "", languages=(language,)).code == code


def test_kinds_that_are_complete_stay_complete() -> None:
    short = [row for row in coverage() if row.kind in COMPLETE and row.missing]
    assert [(row.language, row.kind, row.missing) for row in short] == []


def test_what_no_native_speaker_has_seen_is_said() -> None:
    assert set(unseen_rows()) == {"lo", "km", "my", "tet"}
    result = CliRunner().invoke(labels, ["check", "--language", "tet", "--missing"])
    assert result.exit_code == 0
    assert "rows that no native speaker has seen" in result.output
    assert "tet\tsex\t3/3\t100%" in result.output


def test_an_unknown_language_is_refused() -> None:
    assert CliRunner().invoke(labels, ["check", "--language", "xx"]).exit_code == 2
