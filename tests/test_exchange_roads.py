"""Whole roads: from an office's workbook through database, form and package to each receiver, and back."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import sdmx

from ilms_sdmx import (
    Dataset,
    add_receipt,
    apply_revision,
    check_package,
    convert,
    example,
    fill_questionnaire,
    form_table,
    prepare_package,
    read,
    read_questionnaire,
    revise,
    version_of,
    write_questionnaire,
)
from ilms_sdmx.database import Database
from ilms_sdmx.downloads.secret import Secret
from ilms_sdmx.downloads.uploading import Login
from ilms_sdmx.outputs.exchange import Target, send_package
from ilms_sdmx.outputs.exchange.receipts import last_accepted
from ilms_sdmx.outputs.exchange.sending import Waiting
from ilms_sdmx.outputs.questionnaire.layouts import is_of_ilms
from ilms_sdmx.outputs.questionnaire.stored import figures_of_database
from ilms_sdmx.structures.identifiers import resolve
from tests.services.receivers import TOKEN, Registry, StatSuite

QUICK = Waiting(pause=0.0, patience=0.0)


def keyed(datasets: list[Dataset]) -> list[tuple[str, ...]]:
    """What some data sets hold, in order."""
    rows = []
    for dataset in datasets:
        frame = dataset.observations.astype("object")
        for row in frame.to_dict("records"):
            held = sorted((str(k), str(v)) for k, v in row.items() if not pd.isna(v))
            rows.append((dataset.dataflow, str(held)))
    return sorted(rows)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("phl-emigrants", marks=pytest.mark.slow),
        pytest.param("phl-sof", marks=pytest.mark.slow),
        "tha-work-permits",
        pytest.param("mys-local-foreign", marks=pytest.mark.slow),
    ],
)
def test_from_the_workbook_to_every_receiver_and_its_revision(
    name: str, tmp_path: Path, stat: StatSuite, registry: Registry
) -> None:
    database = Database(tmp_path / "db")
    database.add(convert(*example(name)), "office", at="2026-01-01", source="office")
    held = version_of("db:office", database=tmp_path / "db")
    figures = [dataset for dataset in held if is_of_ilms(dataset.dataflow)]

    first = figures[0]
    last = first.observations.iloc[-1]
    area, period = str(last["REF_AREA"]), str(last["TIME_PERIOD"])
    frequency = str(last["FREQ"])
    table = form_table(resolve(first.dataflow).id, area, period, frequency=frequency)
    form = io.BytesIO()
    write_questionnaire([table], form)
    data = figures_of_database(form.getvalue(), tmp_path / "db")
    back = read_questionnaire(fill_questionnaire(form.getvalue(), data).content)
    assert keyed(list(back.datasets)) == keyed(data)

    targets = {
        "stat": Target("stat", f"{stat.url}/3", f"{stat.url}/rest", "d", secret=Secret(TOKEN)),
        "fmr": Target("fmr", registry.url, secret=Login("office", "word")),
        "ilo": None,
    }
    changed = first.observations.copy()
    for column in changed.columns:
        changed[column] = changed[column].astype("string")
    changed.loc[changed.index[0], "OBS_STATUS"] = "P"
    corrected = [replace(first, observations=changed), *figures[1:]]
    withdrawn = [replace(first, observations=changed.iloc[:-1]), *figures[1:]]
    for to, target in targets.items():
        place = tmp_path / to
        states = [figures, corrected, withdrawn]
        for number, state in enumerate(states, start=1):
            previous = last_accepted(place, to) if number > 1 else None
            made = prepare_package(
                state,
                place / f"p{number}",
                to=to,
                sender="OFFICE",
                prepared=f"2026-0{number}-01",
                previous=previous.folder if previous else None,
            )
            assert not check_package(place / f"p{number}").findings
            if target is not None:
                assert not send_package(place / f"p{number}", target, waiting=QUICK).errors
            add_receipt(place / f"p{number}", "accepted", time=f"2026-0{number}-09")
            if previous is None:
                continue
            told = [1, 0] if number == 2 else [0, 1]
            assert [made.package.changes["changed"], made.package.changes["removed"]] == told
            sent = [each for path in made.package.changed for each in read(path).datasets]
            assert sum(map(len, sent)) == 1
            before = states[number - 2]
            assert keyed(apply_revision(before, sent)) == keyed(apply_revision(state, []))
            assert len(revise(before, state)) == 1
    kept = [each for what, c in stat.taken if what == "import" for each in read(c).datasets]
    assert keyed(apply_revision([], kept)) == keyed(apply_revision(withdrawn, []))


def test_other_programs_read_the_structures_of_a_package(tmp_path: Path) -> None:
    made = prepare_package(
        convert(*example("phl-emigrants")),
        tmp_path / "p",
        to="fmr",
        sender="O",
        prepared="2026-01-01",
    )
    [path] = made.package.structures
    message = sdmx.read_sdmx(io.BytesIO(path.read_bytes()))
    assert "DF_POP_MNAO_SEX_CDS_NB" in message.dataflow
    pysdmx = pytest.importorskip("pysdmx.io")
    read_back = pysdmx.read_sdmx(path)
    flows = [flow.id for flow in read_back.get_dataflows()]
    assert flows == ["DF_POP_MNAO_SEX_CDS_NB"]
