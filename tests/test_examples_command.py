"""The command `ilms-sdmx examples`: files that a reader of the how-tos has."""

from pathlib import Path

import pytest

from ilms_sdmx import convert, copy_example, example, examples
from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError, OutputError


def test_every_example_is_listed_with_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["examples", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == examples()
    assert "Thai workers abroad" in lines[examples().index("tha-abroad")]


def test_a_copy_converts_as_the_example_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["examples", "copy", "tha-abroad"]) == 0
    table, mapping = sorted(map(Path, capsys.readouterr().out.split()), reverse=True)
    assert mapping == Path("tha-abroad/mapping.yaml")
    ours = convert(table, mapping)
    shipped = convert(*example("tha-abroad"))
    assert ours.summary() == shipped.summary()


@pytest.mark.parametrize("name", examples())
def test_every_file_of_every_example_is_copied(name: str, tmp_path: Path) -> None:
    copies = copy_example(name, tmp_path / "in" / "here")
    folder = example(name)[1].parent
    assert {path.name for path in copies} == {path.name for path in folder.iterdir()}
    for path in copies:
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_what_a_person_changed_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "mine")
    assert run(["examples", "copy", "mmr-outflow", folder]) == 0
    assert run(["examples", "copy", "mmr-outflow", folder]) == 0
    mapping = tmp_path / "mine" / "mapping.yaml"
    table = tmp_path / "mine" / "MMR_outflow.xlsx"
    table.unlink()
    mapping.write_text("mine", encoding="utf-8")
    assert run(["examples", "copy", "mmr-outflow", folder]) == 4
    error = capsys.readouterr().err
    assert "mapping.yaml is there with other content" in error
    assert "--force" in error
    assert mapping.read_text(encoding="utf-8") == "mine"
    assert not table.exists()
    assert run(["examples", "copy", "mmr-outflow", folder, "--force"]) == 0
    assert mapping.read_text(encoding="utf-8") != "mine"
    assert table.exists()


def test_a_folder_where_a_file_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").mkdir()
    with pytest.raises(OutputError, match=r"mapping\.yaml"):
        copy_example("phl-sof", tmp_path)


def test_an_unknown_example_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MappingError, match="tha-abroad"):
        copy_example("tha-abraod", Path("nowhere"))
    assert run(["examples", "copy", "thai"]) == 3
    assert "phl-emigrants" in capsys.readouterr().err
    assert not Path("nowhere").exists()
