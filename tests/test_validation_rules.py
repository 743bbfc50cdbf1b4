"""Pages of the rules: the broken table of each gives its finding and no other, the clean one none."""

import datetime
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Severity, Validation, rules, validate
from ilms_sdmx.findings.catalogue import VALIDATED

#: Rules that `validate` applies, each of which has an example.
RULES = rules().of_groups(VALIDATED)
PAGES = Path(__file__).parents[1] / "docs" / "reference" / "rules"
TODAY = datetime.date(2026, 11, 21)
FENCE = re.compile(r"^```(\w+) ([\w ]+)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def blocks(rule: str, kind: str, role: str) -> list[str]:
    """Texts of a page's fenced blocks of one kind and role."""
    found = FENCE.findall((PAGES / f"{rule}.md").read_text(encoding="utf-8"))
    return [text for k, r, text in found if k == kind and r == role]


def dataset(text: str) -> Dataset:
    """Data set of an SDMX-CSV 1.0 text; what follows the figure is an attribute."""
    table = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    columns = list(table.columns[1:])
    figure = columns.index("OBS_VALUE")
    attributes = {"SOURCE": ("REF_AREA", "MEASURE", "TIME_PERIOD")}
    parts = Components(
        tuple(columns[:figure]),
        attributes={c: attributes.get(c, ("OBS_VALUE",)) for c in columns[figure + 1 :]},
    )
    return Dataset(table[columns], parts, table["DATAFLOW"][0])


def check(rule: str, role: str, path: Path) -> Validation:
    """Validation of the tables of one role, with what else the page gives."""
    data: list[object] = [dataset(text) for text in blocks(rule, "csv", role)]
    data += [text.encode() for text in blocks(rule, "xml", role)]
    structure = [text.encode() for text in blocks(rule, "xml", "structure")]
    previous = [dataset(text) for text in blocks(rule, "csv", "previous")]
    texts = blocks(rule, "yaml", "exceptions") + blocks(rule, "yaml", f"exceptions {role}")
    for text in texts:
        path.write_text(text, encoding="utf-8")
    return validate(
        data,
        structure=structure[0] if structure else None,
        previous=previous or None,
        exceptions=path if texts else (),
        today=TODAY,
    )


@pytest.mark.parametrize("rule", RULES)
def test_broken_table_gives_exactly_this_finding(rule: str, tmp_path: Path) -> None:
    report = check(rule, "broken", tmp_path / "exceptions.yaml")
    assert set(report.counts) == {rule}, "\n".join(map(str, report))
    assert {f.severity for f in report} == {rules()[rule].severity}
    assert all(f.fix or f.severity is Severity.NOTE for f in report)
    assert all(str(f.place) for f in report)


@pytest.mark.parametrize("rule", RULES)
def test_clean_table_gives_no_finding(rule: str, tmp_path: Path) -> None:
    report = check(rule, "clean", tmp_path / "exceptions.yaml")
    assert not len(report), "\n".join(map(str, report))


@pytest.mark.parametrize("rule", RULES)
def test_page_says_what_the_catalogue_says(rule: str) -> None:
    page = (PAGES / f"{rule}.md").read_text(encoding="utf-8")
    assert page.startswith(
        f"# `{rule}`\n\n{rules()[rule].title}\n\n*{rules()[rule].severity}: "
    )
    assert all(
        f"\n## {heading}\n" in page for heading in ("What it means", "Example", "What to do")
    )


def test_every_page_is_a_rule_and_the_index_lists_all() -> None:
    assert {p.stem for p in PAGES.glob("*.md")} == {*rules(), "index"}
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    for rule in rules().values():
        assert f"| [`{rule.id}`]({rule.id}.md) | {rule.severity} | {rule.title} |" in index
