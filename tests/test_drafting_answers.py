"""How many lines of each draft a person changes until every cell is as the hand-made answer says."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from ilms_sdmx import Conversion, convert, draft_mapping, example
from ilms_sdmx.labels import match_label
from tests.test_conversion_examples import answers, multiplier, status
from tests.test_drafting import EXAMPLES

#: Example to what a person changes in its draft: a line as drafted, and what stands there instead.
CHANGES: dict[str, list[tuple[str, str]]] = {
    "brn-local-foreign": [
        (
            "    column_labels: [value]",
            "    column_labels: [value]\n    rules: [{where: {column: value}, bucket: total}]",
        ),
    ],
    "idn-placement": [],
    "khm-abroad": [
        ("      period: ?  # decide: 2022-02-11", "      period: 2022-02"),
        (
            "    begin: Nationality",
            "    begin: Nationality\n    rules:\n"
            "      - {where: {country: /illegal/}, bucket: total}\n"
            "      - {where: {country: /employers/}, bucket: other_measure}",
        ),
    ],
    "mmr-outflow": [
        (
            "tables:",
            'corrections:\n  - {text: "about 13,768", value: 13768, status: A, why: exact}\ntables:',
        ),
    ],
    "mys-local-foreign": [
        (
            "tables:",
            "corrections:\n"
            "  - {text: '2,508 900', value: 2508900, why: malformed}\n"
            "  - {text: '1,088 900', value: 1088900, why: malformed}\n"
            "  - {text: '1,570 ,00', status: O, why: not readable}\n"
            "tables:",
        ),
        (
            "    column_labels: [value,",
            "    column_labels: [value, value_2, value_3]\n"
            "    rules: [{where: {column: value}, bucket: total}]",
        ),
    ],
    "phl-emigrants": [("  # 2 cells between", '  markers: {"": O}')],
    "phl-sof": [
        ('    "-": "?"', '    "-": O'),
        ("  - dataflow: ?", "  - dataflow: ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)"),
    ],
    "sgp-work-passes": [
        ('        bucket: "?"  # decide: dependants', "        bucket: other_measure"),
        ('        bucket: "?"  # decide: a flow', "        bucket: other_measure"),
        (
            '      - where: {measure: "%"}',
            "      - {where: {category: /^Non-resident population/}, bucket: total, multiplier: 6}\n"
            '      - where: {measure: "%"}',
        ),
        (
            "      - where: {category: Work Permit holders}",
            "      - where: {category: non-domestic workers}",
        ),
        ("        bucket: total  # the rows", "        bucket: of_which"),
    ],
    "tha-abroad": [("      period: ?  # decide: 2023-Q4", "      period: 2024-01")],
    "tha-work-permits": [('    "-": "?"', '    "-": zero')],
    "vnm-outflow": [],
}
#: Buckets of figures that are written; others are only compared with them.
WRITTEN = {"observation", "total", "of_which", "missing"}


def changed(name: str) -> str:
    """Draft of an example with the changes of a person."""
    text = draft_mapping(example(name)[0], area=EXAMPLES[name][0])
    for line, instead in CHANGES[name]:
        found = [one for one in text.splitlines() if one.startswith(line)]
        assert len(found) == 1, (line, found)
        text = "\n".join(instead if one == found[0] else one for one in text.split("\n"))
    return text


def wrong(done: Conversion, name: str) -> list[tuple[str, str, str, str]]:
    """Cells that are not as the answer says: what differs, sheet and cell, made, wanted."""
    made = defaultdict(list)
    for row in done.provenance.to_dict("records"):
        made[row["sheet"], row["cell"]].append(row)
    found: list[tuple[str, str, str, str]] = []
    for place, wanted in answers(name).items():
        got = made[place]
        found += (
            [("rows", "!".join(place), str(len(got)), str(len(wanted)))]
            if len(got) != len(wanted)
            else []
        )
        for one, want in zip(got, wanted, strict=False):
            for what, pair in differences(one, want):
                found.append((*what, "!".join(place), *pair))
    return found


def differences(
    got: dict[str, str], want: dict[str, str]
) -> list[tuple[tuple[str], tuple[str, str]]]:
    """What differs between a cell and its answer."""
    pairs = {"bucket": (got["bucket"], want["bucket"])}
    if want["value"]:
        printed = str(Decimal(want["value_persons"] or want["value"]).normalize())
        value = (
            str(Decimal(got["value"]).scaleb(multiplier(want)).normalize())
            if got["value"]
            else ""
        )
        pairs["value"] = (value, printed)
        if got["OBS_VALUE"]:
            exact = Decimal(got["OBS_VALUE"]).scaleb(int(got["UNIT_MULT"])).normalize()
            pairs["OBS_VALUE"] = (str(exact), printed)
    if want["bucket"] in WRITTEN:
        pairs["period"] = (got["TIME_PERIOD"], want["TIME_PERIOD"])
        pairs["sex"] = (got.get("SEX", "").removeprefix("SEX_"), want["SEX"].removeprefix("_"))
        pairs["status"] = (status(got), want["OBS_STATUS"])
        pairs["partner"] = partner(got, want)
    return [((what,), pair) for what, pair in pairs.items() if pair[0] != pair[1]]


def partner(got: dict[str, str], want: dict[str, str]) -> tuple[str, str]:
    """Partner made, and the one that the printed label surely means; equal where nothing is sure."""
    label = want["DESTINATION"] or want["ORIGIN"]
    certain = match_label(label.removesuffix(" workers"), "").code if label else ""
    codes = [got[c] for c in ("CDS", "CRS", "CCT") if got.get(c)]
    if not certain or not codes or not got["dataflow"].startswith("ILO:"):
        return "", ""
    return codes[0].rpartition("_")[2], certain


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_few_changed_lines_make_the_draft_right(name: str, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(changed(name), encoding="utf-8")
    assert wrong(convert(example(name)[0], mapping), name) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_changes_are_a_few_lines(name: str) -> None:
    assert sum(instead.count("\n") + 1 for _, instead in CHANGES[name]) <= 8
