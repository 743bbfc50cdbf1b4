"""Figures of an answer are checked whatever the source: numbers, codes and keys, the rest kept apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ilms_sdmx import Harmonised
from tests.services.server import Reply
from tests.test_believing import CASES, Misbehaving, _client, services

__all__ = ["services"]
CSV = [source for source, case in CASES.items() if case.form == "csv"]


def _edited(
    edit: Callable[[list[str], list[str]], list[list[str]]],
) -> Callable[[bytes], Reply]:
    """Answer whose second line is replaced by the lines that an edit makes of it."""

    def spoil(body: bytes) -> Reply:
        lines = body.decode("utf-8-sig").splitlines()
        names = [name.strip('"').upper() for name in lines[0].split(",")]
        made = [",".join(cells) for cells in edit(names, lines[1].split(","))]
        return Reply("\n".join([lines[0], *made, *lines[2:]]) + "\n")

    return spoil


def _with(names: list[str], cells: list[str], **changed: str) -> list[str]:
    edited = list(cells)
    for name, value in changed.items():
        edited[names.index(name)] = value
    return edited


def _fetched(
    services: Misbehaving,
    folder: Path,
    source: str,
    edit: Callable[[list[str], list[str]], list[list[str]]],
) -> tuple[Harmonised, Harmonised]:
    case = CASES[source]
    good = case.fetch(source, _client(folder / "good"), services.server)
    services.spoil(case, _edited(edit))
    return good, case.fetch(source, _client(folder / "bad"), services.server)


@pytest.mark.parametrize("source", CSV)
@pytest.mark.parametrize(
    "text", ["NaN", "n.a.", "<5", '"1,234"', "1e999", "0x1F", "١٢", "-", "Infinity", "12 000"]
)
def test_words_for_values_are_kept_apart_and_said(
    services: Misbehaving, tmp_path: Path, source: str, text: str
) -> None:
    good, bad = _fetched(
        services, tmp_path, source, lambda names, cells: [_with(names, cells, OBS_VALUE=text)]
    )
    assert len(bad) == len(good) - 1
    assert text.strip('"') in bad.rest["text"].tolist()
    (finding,) = bad.report.of_rule("malformed-number")
    assert finding.read == text.strip('"')
    assert bad.report.exit_code == 1


@pytest.mark.parametrize("source", ["ilostat", "sdmx", "oecd"])
def test_a_key_with_two_values_has_none(
    services: Misbehaving, tmp_path: Path, source: str
) -> None:
    good, bad = _fetched(
        services,
        tmp_path,
        source,
        lambda names, cells: [cells, _with(names, cells, OBS_VALUE="77")],
    )
    assert len(bad) == len(good) - 1
    assert len(bad.report.of_rule("conflicting-observations")) == 1
    assert bad.report.exit_code == 1


@pytest.mark.parametrize("source", ["ilostat", "sdmx", "oecd"])
def test_a_row_told_twice_is_written_once(
    services: Misbehaving, tmp_path: Path, source: str
) -> None:
    good, bad = _fetched(services, tmp_path, source, lambda _, cells: [cells, cells])
    assert len(bad) == len(good)
    assert len(bad.report.of_rule("repeated-observation")) == 1


@pytest.mark.parametrize("source", ["ilostat", "ilostat-bulk"])
def test_codes_of_no_list_are_kept_apart_and_said(
    services: Misbehaving, tmp_path: Path, source: str
) -> None:
    good, bad = _fetched(
        services, tmp_path, source, lambda names, cells: [_with(names, cells, REF_AREA="ZZZ")]
    )
    assert len(bad) == len(good) - 1
    assert bad.rest["reason"].tolist() == ["a code that its list does not have"]
    assert [f.read for f in bad.report.of_rule("unknown-label")] == ["ZZZ"]


def test_columns_in_another_order_are_read_by_name(
    services: Misbehaving, tmp_path: Path
) -> None:
    # Without its structure a message of any service has nothing but the order of its columns.
    for source in ("ilostat", "ilostat-bulk", "oecd"):
        case = CASES[source]
        good = case.fetch(source, _client(tmp_path / "good"), services.server)

        def turn(body: bytes) -> Reply:
            lines = body.decode("utf-8-sig").splitlines()
            turned = [",".join(_turned(line.split(","))) for line in lines]
            return Reply("\n".join(turned) + "\n")

        services.spoil(case, turn)
        again = case.fetch(source, _client(tmp_path / "turned"), services.server)
        assert again.dataset.observations.equals(good.dataset.observations)


def _turned(cells: list[str]) -> list[str]:
    return [cells[0], *reversed(cells[1:])]


def test_a_dictionary_that_fails_leaves_the_figures(
    services: Misbehaving, tmp_path: Path
) -> None:
    case = CASES["ilostat-bulk"]
    services.server.routes.insert(0, ("/metadata/dic", lambda _: Reply("down", 503)))
    got = case.fetch("ilostat-bulk", _client(tmp_path), services.server)
    assert set(got.dataset.observations["SOURCE"]) == {"FX:1"}
    assert {f.message.split()[7] for f in got.report.of_rule("dictionary-missing")} == {
        "source",
        "note_source",
    }
    assert got.report.exit_code == 1


def test_an_old_copy_is_said_to_be_old_offline(services: Misbehaving, tmp_path: Path) -> None:
    case = CASES["unsdg"]
    case.fetch("unsdg", _client(tmp_path), services.server)
    soon = case.fetch("unsdg", _client(tmp_path, offline=True), services.server)
    assert not soon.report.of_rule("older-copy")
    late = datetime.now(UTC) + timedelta(days=40)
    away = _client(tmp_path, offline=True, clock=lambda: late)
    (note,) = case.fetch("unsdg", away, services.server).report.of_rule("older-copy")
    assert f"{datetime.now(UTC):%Y-%m}" in note.message
