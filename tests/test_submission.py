"""Packages for receivers: prepared, checked, revised, withdrawn, answered and signed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from ilms_sdmx import (
    Dataset,
    ExchangeError,
    OutputError,
    ValidationError,
    add_receipt,
    apply_revision,
    check_package,
    convert,
    example,
    prepare_package,
    read,
    read_package,
    read_questionnaire,
    submissions_of,
)
from ilms_sdmx.cli import main
from ilms_sdmx.outputs.exchange.receipts import last_accepted
from ilms_sdmx.outputs.exchange.receivers import file_name, receiver, receivers
from tests.test_changes_applied import KEYS, dataset, texts

TIME = "2026-01-31T08:00:00Z"
FIGURES = {key: (f"{number}.5", None, None) for number, key in enumerate(KEYS, start=1)}
LATER = {**FIGURES, KEYS[0]: ("1.75", "P", None)}
del LATER[KEYS[5]]


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(each) for each in arguments])
    return int(stop.value.code or 0)


def one_sided(figures: dict[tuple[str, ...], tuple[str | None, ...]]) -> Dataset:
    """Figures of women alone: nothing has to add up."""
    women = {key: value for key, value in figures.items() if key[0] == "SEX_F"}
    return dataset(women)


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


WOMEN = {key: value for key, value in FIGURES.items() if key[0] == "SEX_F"}
WOMEN_LATER = {**WOMEN, KEYS[6]: ("70.25", "P", None)}
del WOMEN_LATER[KEYS[7]]


@pytest.mark.parametrize("to", list(receivers()))
def test_a_package_reads_back_and_its_changes_lead_to_the_new_state(
    to: str, tmp_path: Path
) -> None:
    first = prepare_package(
        dataset(WOMEN), tmp_path / "one", to=to, sender="PH_CFO", prepared=TIME
    )
    assert not check_package(tmp_path / "one").findings
    assert texts(first.package.datasets()[0]) == texts(dataset(WOMEN))
    second = prepare_package(
        dataset(WOMEN_LATER),
        tmp_path / "two",
        to=to,
        sender="PH_CFO",
        prepared=TIME,
        previous=tmp_path / "one",
    )
    assert not check_package(tmp_path / "two").findings
    assert second.package.previous == first.package.id
    assert second.package.changes == {"added": 0, "changed": 1, "removed": 1}
    assert second.package.tables[0].withdrawn == 1
    if not receiver(to).actions:
        assert [finding.rule for finding in second.report][-1] == "package-withdrawn"
        assert not second.package.changed
        return
    for messages in (second.package.changed, second.package.data):
        sent = [each for path in messages for each in read(path).datasets]
        [held] = apply_revision(first.package.datasets(), sent)
        assert texts(held) == texts(dataset(WOMEN_LATER))


def test_equal_figures_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        prepare_package(dataset(WOMEN), tmp_path / name, sender="PH_CFO", prepared=TIME)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    shuffled = dataset(dict(reversed(WOMEN.items())))
    third = prepare_package(
        shuffled, tmp_path / "three", sender="PH_CFO", prepared="2027-01-01"
    )
    assert third.package.id == read_package(tmp_path / "one").id


@pytest.mark.parametrize("damage", ["changed", "missing", "foreign"])
def test_damage_is_named(damage: str, tmp_path: Path) -> None:
    place = tmp_path / "one"
    made = prepare_package(dataset(WOMEN), place, to="stat", sender="PH_CFO", prepared=TIME)
    [path] = made.package.data
    if damage == "changed":
        path.write_bytes(path.read_bytes().replace(b"7.5", b"8.5"))
    elif damage == "missing":
        path.unlink()
    else:
        (place / "data" / "more.csv").write_text("x")
    [finding] = check_package(place).findings
    assert finding.rule == "package-file"
    assert finding.fix
    assert run("submit", "check", place) == 2


def test_figures_with_errors_are_no_package_and_leave_nothing(tmp_path: Path) -> None:
    wrong = dataset({KEYS[0]: ("1", None, None), KEYS[6]: ("5", None, None)})
    with pytest.raises(ValidationError) as raised:
        prepare_package(wrong, tmp_path / "one", sender="PH_CFO", prepared=TIME)
    assert raised.value.report.errors
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ExchangeError, match="no figure"):
        prepare_package([], tmp_path / "one", sender="PH_CFO", prepared=TIME)


def test_a_folder_that_has_something_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        prepare_package(dataset(WOMEN), tmp_path / "one", sender="PH_CFO", prepared=TIME)
    assert (tmp_path / "one" / "mine.txt").read_text() == "mine"


def test_a_package_for_the_ilo_has_its_questionnaire_and_a_cover(tmp_path: Path) -> None:
    pytest.importorskip("docx")
    conversion = convert(*example("phl-emigrants"))
    made = prepare_package(conversion, tmp_path / "one", sender="PH_CFO", prepared=TIME)
    [workbook] = (tmp_path / "one" / "questionnaire").iterdir()
    [back] = read_questionnaire(workbook).datasets
    [sent] = made.package.datasets()
    newest = sent.observations[sent.observations["TIME_PERIOD"] == "2022"]
    assert len(back) == len(newest) > 10
    cover = (tmp_path / "one" / "cover.html").read_text("utf-8")
    for said in ("PH_CFO", made.package.id, "ILO Department of Statistics", "1981 to 2022"):
        assert said in cover
    from docx import Document

    document = Document(str(tmp_path / "one" / "cover.docx"))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert made.package.id in cells
    provenance = (tmp_path / "one" / "evidence" / "provenance.csv").read_text("utf-8")
    assert len(provenance.splitlines()) == len(sent) + 1


def test_answers_are_kept_and_tell_which_package_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_package(dataset(WOMEN), tmp_path / "p1", sender="PH_CFO", prepared="2026-01-01")
    add_receipt(tmp_path / "p1", "sent", time="2026-01-02", note="by StaRS")
    assert last_accepted(tmp_path, "ilo") is None
    mail = "Received with thanks."
    add_receipt(
        tmp_path / "p1", "accepted", time="2026-01-09", answer=mail.encode(), name="m.txt"
    )
    assert not check_package(tmp_path / "p1").findings
    last = last_accepted(tmp_path, "ilo")
    assert last is not None
    prepare_package(
        dataset(WOMEN_LATER),
        tmp_path / "p2",
        sender="PH_CFO",
        prepared="2026-02-01",
        previous=last.folder,
    )
    [first, second] = submissions_of(tmp_path)
    assert (first.state, second.state) == ("accepted", "prepared")
    assert [receipt.state for receipt in first.receipts] == ["sent", "accepted"]
    assert (tmp_path / "p1.receipts" / "0002-m.txt").read_text() == mail
    assert run("submit", "status", tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].endswith("since p1: 1 changed, 1 removed")
    with pytest.raises(ExchangeError, match="expected a state"):
        add_receipt(tmp_path / "p1", "lost", time="2026-01-02")


def test_a_message_that_is_too_large_comes_in_parts(tmp_path: Path) -> None:
    small = replace(receiver("stat"), limit=600)
    made = prepare_package(
        dataset(WOMEN), tmp_path / "one", to=small, sender="PH_CFO", prepared=TIME
    )
    assert len(made.package.data) > 1
    assert all(path.stat().st_size <= 600 for path in made.package.data)
    sent = [each for path in made.package.data for each in read(path).datasets]
    [held] = apply_revision([], sent)
    assert texts(held) == texts(dataset(WOMEN))


def test_a_signature_is_that_of_the_manifest(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    private, public, other = (tmp_path / name for name in ("key.pem", "pub.pem", "other.pem"))
    for key, opened in ((private, public), (tmp_path / "key2.pem", other)):
        make = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)]
        subprocess.run(make, check=True, capture_output=True)
        show = ["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(opened)]
        subprocess.run(show, check=True, capture_output=True)
    place = tmp_path / "one"
    prepare_package(dataset(WOMEN), place, sender="PH_CFO", prepared=TIME, key=private)
    assert not check_package(place, key=public).findings
    [finding] = check_package(place, key=other).findings
    assert finding.rule == "package-signature"
    (place / "manifest.sig").unlink()
    assert [each.rule for each in check_package(place, key=public)] == ["package-signature"]
    with pytest.raises(ExchangeError, match="no private key"):
        prepare_package(
            dataset(WOMEN), tmp_path / "two", sender="PH_CFO", prepared=TIME, key=public
        )


def test_names_of_files_are_as_the_receiver_wants_them() -> None:
    figures = dataset(WOMEN)
    assert file_name("ILMS_{area}_{period}", figures) == "ILMS_PHL_2023-2024"
    assert file_name(receiver("edamis").pattern, figures, 2) == (
        "ILO_DF_POP_MNAO_SEX_CDS_NB_A_PH_2024_0000_V0002"
    )
    frame = figures.observations.assign(FREQ="Q", TIME_PERIOD="2024-Q3").iloc[:1]
    quarter = replace(figures, observations=frame)
    assert file_name("{frequency}_{year}_{number}", quarter) == "Q_2024_0003"
    with pytest.raises(ExchangeError, match="planet"):
        file_name("{planet}", figures)
    with pytest.raises(ExchangeError, match="ilo, stat"):
        receiver("mars")


def test_the_command_goes_from_a_workbook_to_a_package_and_its_revision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook, mapping = example("tha-work-permits")
    options = ["-m", mapping, "--sender", "TH_DOE", "--to", "stat", "--time", TIME]
    assert run("submit", "prepare", workbook, "-o", tmp_path / "p1", *options) < 2
    assert run("submit", "receipt", tmp_path / "p1", "accepted", "--time", TIME) == 0
    [first, *_] = convert(workbook, mapping).datasets
    assert first.provenance is not None
    cell = first.provenance.iloc[0]
    book = openpyxl.load_workbook(workbook)
    book[cell["sheet"]][cell["cell"]] = 123_456
    book.save(tmp_path / "later.xlsx")
    more = ["--previous", tmp_path / "p1"]
    assert (
        run(
            "submit", "prepare", tmp_path / "later.xlsx", "-o", tmp_path / "p2", *options, *more
        )
        < 2
    )
    package = read_package(tmp_path / "p2")
    assert package.changes["changed"] >= 1
    assert package.changes["added"] == package.changes["removed"] == 0
    assert run("submit", "check", tmp_path / "p2") == 0
    capsys.readouterr()
    assert run("submit", "prepare", workbook, "-o", tmp_path / "p1", *options) == 4


def test_a_dataflow_of_the_office_itself_is_told_and_left_out(tmp_path: Path) -> None:
    conversion = convert(*example("mys-local-foreign"))
    made = prepare_package(conversion, tmp_path / "one", sender="MY_DOSM", prepared=TIME)
    assert [table.dataflow for table in made.package.tables] == [
        "ILO:DF_EMP_TEMP_SEX_ECO_CCT_NB(1.0)"
    ]
    told = [each for each in made.report if each.rule == "package-left-out"]
    assert [each.fields["count"] for each in told] == [16]
