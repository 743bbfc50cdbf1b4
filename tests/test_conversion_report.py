"""Conversion reports and annotated copies: every cell is drawn, coloured and linked both ways."""

import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ilms_sdmx import TableError
from ilms_sdmx.cli import run
from ilms_sdmx.conversion import Conversion, convert, example, examples
from ilms_sdmx.outputs.reports.annotations import COLOURS, annotate
from ilms_sdmx.outputs.reports.conversion import conversion_json, conversion_page

HOSTILE = '=HYPERLINK("http://evil","x")<script>alert(1)</script>'


@pytest.fixture(scope="module")
def malaysia() -> Conversion:
    """A table with known errors."""
    return convert(*example("mys-local-foreign"))


@pytest.fixture(scope="module")
def thailand() -> Conversion:
    return convert(*example("tha-work-permits"))


def hostile(tmp_path: Path) -> tuple[Path, Path]:
    """Vietnamese table with a label that tries to be markup and a formula."""
    source, mapping = example("vnm-outflow")
    book = openpyxl.load_workbook(source)
    cell = book.worksheets[0]["A20"]
    cell.value = HOSTILE
    cell.data_type = "s"
    path = tmp_path / source.name
    book.save(path)
    return path, mapping


@pytest.mark.parametrize("name", examples())
def test_every_cell_of_every_example_is_drawn_with_its_bucket(name: str) -> None:
    conversion = convert(*example(name))
    html = conversion_page(conversion)
    numbers = {sheet.name: n for n, sheet in enumerate(conversion.workbook, 1)}
    drawn = dict(re.findall(r'<td id="cell-(\d+-[A-Z]+\d+)" class="([a-z_]+)', html))
    first = conversion.provenance.drop_duplicates(["sheet", "cell"])
    expected = {
        f"{numbers[s]}-{c}": b
        for s, c, b in zip(first["sheet"], first["cell"], first["bucket"], strict=True)
    }
    assert {k: v for k, v in expected.items() if k not in drawn} == {}
    assert {k: drawn[k] for k in expected} == expected


def test_links_lead_from_finding_to_cell_and_from_cell_to_finding_and_observation(
    malaysia: Conversion,
) -> None:
    html = conversion_page(malaysia)
    finding = next(f for f in malaysia.report if f.place.cell)
    number = malaysia.report.findings.index(finding) + 1
    cell = f"cell-1-{finding.place.cell}"
    row = re.search(rf'<tr id="finding-{number}">.*?</tr>', html, re.S)
    assert row
    assert f'href="#{cell}"' in row[0]
    drawn = re.search(rf'<td id="{cell}".*?</td>', html, re.S)
    assert drawn
    assert f'href="#finding-{number}"' in drawn[0]
    first = re.search(r'<tr id="observation-0">.*?href="#(cell-[^"]*)"', html, re.S)
    assert first
    assert f'id="{first[1]}"' in html


def test_ids_are_unique_and_links_have_targets(
    malaysia: Conversion, thailand: Conversion
) -> None:
    for conversion in (malaysia, thailand):
        html = conversion_page(conversion)
        ids = re.findall(r'\sid="([^"]*)"', html)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]*)"', html)) <= set(ids)


def test_card_of_a_cell_says_its_observation(thailand: Conversion) -> None:
    html = conversion_page(thailand)
    card = re.search(r'<td id="cell-1-B10".*?data-card="([^"]*)"', html, re.S)
    assert card
    assert "Total (checked)" in card[1]
    assert "= 2062.807" in card[1]


def test_merged_cells_span_as_they_do_in_the_workbook(thailand: Conversion) -> None:
    merge = next(m for m in thailand.workbook.sheets[0].merges if m.right > m.left)
    html = conversion_page(thailand)
    cell = re.search(rf'<td id="cell-1-{str(merge).split(":")[0]}"[^>]*colspan="(\d+)"', html)
    assert cell
    assert int(cell[1]) == merge.right - merge.left + 1


def test_hostile_label_is_text_in_page_and_copy(tmp_path: Path) -> None:
    source, mapping = hostile(tmp_path)
    conversion = convert(source, mapping)
    html = conversion_page(conversion)
    assert "<script>alert(1)" not in html
    for given in (source, None):
        target = tmp_path / "copy.xlsx"
        annotate(conversion, target, given)
        cells = [
            c
            for page in openpyxl.load_workbook(target)
            for row in page.iter_rows()
            for c in row
        ]
        assert [c.coordinate for c in cells if c.data_type == "f"] == []
        assert any(c.value == HOSTILE for c in cells)


@pytest.mark.parametrize("name", ["mys-local-foreign", "tha-work-permits", "phl-emigrants"])
def test_copy_has_the_colour_of_each_bucket_and_comments_on_findings(
    name: str, tmp_path: Path
) -> None:
    source, mapping = example(name)
    conversion = convert(source, mapping)
    target = tmp_path / "copy.xlsx"
    annotate(conversion, target, source)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames[0] == "ilms-sdmx"
    wrong = {(f.place.sheet, f.place.cell): f for f in conversion.report if f.place.cell}
    first = conversion.provenance.drop_duplicates(["sheet", "cell"])
    for row in first.to_dict("records"):
        cell = book[book.sheetnames[1]][row["cell"]]
        key = row["sheet"], row["cell"]
        colour = "FFD3D0" if key in wrong else COLOURS[row["bucket"]]
        assert cell.fill.fgColor.rgb == f"00{colour}"
        if key in wrong:
            assert wrong[key].message in cell.comment.text


def test_copy_keeps_values_of_the_workbook(tmp_path: Path) -> None:
    source, mapping = example("mys-local-foreign")
    target = tmp_path / "copy.xlsx"
    annotate(convert(source, mapping), target, source)
    before, after = openpyxl.load_workbook(source), openpyxl.load_workbook(target)
    for page in before:
        for row in page.iter_rows():
            for cell in row:
                assert after[page.title][cell.coordinate].value == cell.value


def test_copy_of_another_workbook_is_refused(malaysia: Conversion, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="as it was converted"):
        annotate(malaysia, tmp_path / "copy.xlsx", example("tha-work-permits")[0])
    assert not (tmp_path / "copy.xlsx").exists()


def test_json_has_a_row_for_every_cell(thailand: Conversion) -> None:
    import json

    content = json.loads(conversion_json(thailand))
    assert len(content["provenance"]) == len(thailand.provenance)
    assert content["summary"] == thailand.summary()


@pytest.mark.browser
def test_browser_shows_what_a_cell_became_on_hover_and_focus(
    thailand: Conversion, browser: Any
) -> None:
    script = """
      const cell = document.getElementById("cell-1-B10");
      const card = document.querySelector(".card");
      cell.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
      const hover = [card.hidden, card.textContent];
      document.querySelector("h1").dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
      const away = card.hidden;
      cell.querySelector("a").focus();
      const focus = [card.hidden, card.textContent];
      return { hover, away, focus, font: getComputedStyle(cell).fontFamily };
    """
    seen = browser.visit(conversion_page(thailand), script)
    result = seen.result()
    assert seen.requests == []
    assert seen.console == []
    assert result["hover"][0] is False
    assert "2062807" in result["hover"][1]
    assert result["away"] is True
    assert result["focus"] == result["hover"]
    assert "Noto Sans Thai" in result["font"]


def test_command_writes_report_and_copy_although_there_are_errors(
    tmp_path: Path, capsys: Any
) -> None:
    source, mapping = example("mys-local-foreign")
    report, copy = tmp_path / "report.html", tmp_path / "copy.xlsx"
    arguments = [
        "convert",
        str(source),
        str(mapping),
        "-o",
        str(tmp_path),
        "--report",
        str(report),
        "--annotate",
        str(copy),
    ]
    assert run(arguments) == 1
    assert "The source table as it is" in report.read_text("utf-8")
    assert openpyxl.load_workbook(copy).sheetnames[0] == "ilms-sdmx"
    assert f"wrote {report}" in capsys.readouterr().out


def test_every_figure_that_is_not_written_is_drawn_as_wrong_and_said(tmp_path: Path) -> None:
    """A finding names one cell; the figures that go with it are no less unwritten."""
    workbook, mapping = example("phl-emigrants")
    done = convert(workbook.read_bytes().replace(b"CANADA", b"ATLANTIS", 1), mapping)
    page = conversion_page(done)
    drawn = dict(re.findall(r'<td id="cell-1-([A-Z]+\d+)" class="([a-z_ ]+)"', page))
    assert {c for c, style in drawn.items() if "wrong" in style} >= {c for _, c in done.refused}
    assert len(done.refused) == 42
    assert page.count("Not written: no data set could take it") == 42
    assert json.loads(conversion_json(done))["not_written"] == {"observation": 42}
    annotate(done, tmp_path / "copy.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx").worksheets[1]
    red = {cell for _, cell in done.refused if sheet[cell].fill.fgColor.rgb == "00FFD3D0"}
    assert red == {cell for _, cell in done.refused}
