"""The page: from a workbook to questions, answers, results; uploads and children with limits."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from ilms_sdmx import example
from ilms_sdmx.cli import run
from ilms_sdmx.errors import TableError
from ilms_sdmx.outputs.web import Office, Visitors, page_application
from ilms_sdmx.outputs.web.desk_pages import inside, window_of
from ilms_sdmx.outputs.web.projects import Projects, safe_name
from ilms_sdmx.outputs.web.workers import TaskError, Worker
from ilms_sdmx.tables.xlsx.appearance import appearances

HOST = "127.0.0.1:5000"


class Page:
    """A visitor with the cookie, in one loop with the application."""

    def __init__(self, office: Office, loop: asyncio.AbstractEventLoop) -> None:
        self.office = office
        self.loop = loop
        visitors = office.visitors
        transport = httpx.ASGITransport(page_application(office))
        self.client = httpx.AsyncClient(
            transport=transport,
            base_url=f"http://{HOST}",
            headers={"origin": f"http://{HOST}", "x-token": visitors.token},
            cookies={visitors.cookie: visitors.secret},
            timeout=300,
        )

    def get(self, address: str, **more: Any) -> Any:
        return self.loop.run_until_complete(self.client.get(address, **more))

    def post(self, address: str, value: Any = None, **more: Any) -> Any:
        body = value if isinstance(value, bytes) else json.dumps(value or {}).encode()
        return self.loop.run_until_complete(self.client.post(address, content=body, **more))

    def ended(self, job: Any) -> dict[str, Any]:
        """Job at its end."""
        told: dict[str, Any] = job.json()
        while not told["ended"]:
            self.loop.run_until_complete(asyncio.sleep(0.05))
            told = self.get(f"/jobs/{told['id']}").json()
        return told

    def upload(self, name: str, content: bytes, **headers: str) -> dict[str, Any]:
        sent = {"x-name": quote(name), **headers}
        return self.ended(self.post("/upload", content, headers=sent))

    def view(self, address: str) -> dict[str, Any]:
        """Sheets and questions of the state that there is now."""
        told = self.ended(self.post(f"{address}/do/view"))
        assert told["error"] == ""
        project = self.office.projects.get(address.rpartition("/")[2])
        assert project is not None
        path = project.view(told["result"]["state"]).with_suffix(".en.json")
        seen: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return seen


@contextmanager
def page_of(office: Office) -> Iterator[Page]:
    loop = asyncio.new_event_loop()
    page = Page(office, loop)
    try:
        yield page
    finally:
        loop.run_until_complete(page.client.aclose())
        processes = [office.workers.short._process, office.workers.long._process]
        office.workers.kill()
        for process in processes:
            if process is not None:
                loop.run_until_complete(process.wait())
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()


def office_in(folder: Path, **more: Any) -> Office:
    visitors = Visitors(frozenset({HOST}))
    return Office(folder / "projects", folder / "database", visitors, **more)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with page_of(office_in(tmp_path)) as opened:
        yield opened


def test_from_a_workbook_to_a_package(page: Page) -> None:
    workbook, _ = example("vnm-outflow")
    begun = page.upload(workbook.name, workbook.read_bytes())
    assert begun["error"] == ""
    address = begun["result"]["address"]
    home = page.get(address)
    assert home.status_code == 200
    seen = page.view(address)
    sheet = page.get(f"{address}/sheet?state={seen['state']}&sheet=0")
    assert 'role="grid"' in sheet.text
    assert sheet.text.count('role="gridcell"') > 15
    side = page.get(f"{address}/side?state={seen['state']}").text
    assert "Which country are the figures of?" in side
    while questions := page.view(address)["questions"]:
        first = questions[0]
        answer = {"line": first["line"], "action": "keep", "value": ""}
        if first["kind"] == "area":
            answer |= {"action": "set", "value": "VNM"}
        done = page.post(f"{address}/answer", answer)
        assert done.status_code == 200, done.text
    produced = page.ended(page.post(f"{address}/do/produce"))
    assert produced["error"] == ""
    result = produced["result"]["result"]
    assert result["is_written"]
    assert result["exit_code"] < 2
    assert "The data set is written." in produced["result"]["html"]
    name = next(name for name in result["files"] if name.endswith(".xml"))
    file = page.get(f"{address}/files/{name}")
    assert file.headers["content-disposition"].startswith("attachment")
    assert b"SEX_T" in file.content
    added = page.ended(page.post(f"{address}/do/add"))
    assert added["error"] == ""
    assert added["result"]["result"]["added"] > 0
    form = page.ended(
        page.post(f"{address}/do/questionnaire", {"area": "VNM", "period": "2019"})
    )
    assert form["error"] == ""
    made = page.ended(
        page.post(f"{address}/do/package", {"sender": "VN_DOLAB", "receiver": "ilo"})
    )
    assert made["error"] == ""
    archive = zipfile.ZipFile(io.BytesIO(page.get(f"{address}/all.zip").content))
    assert "mapping.yaml" in archive.namelist()
    assert any(name.startswith("results/package-ilo/") for name in archive.namelist())
    service = page.get("/sdmx/v2/structure/dataflow/*/*/*")
    assert service.status_code == 200
    assert "DF_EMP_MNAO_SEX_CDS_NB" in service.text


def test_a_second_window_is_told_what_the_first_has_changed(page: Page) -> None:
    workbook, _ = example("khm-abroad")
    address = page.upload(workbook.name, workbook.read_bytes())["result"]["address"]
    seen = page.view(address)
    area = seen["questions"][0]
    answer = {"line": area["line"], "action": "set", "value": "KHM", "state": seen["state"]}
    assert page.post(f"{address}/answer", answer).status_code == 200
    late = page.post(f"{address}/answer", {**answer, "value": "THA"})
    assert late.status_code == 409
    assert any("KHM" in line for line in late.json()["difference"])
    undone = page.post(f"{address}/undo", {"state": seen["state"]})
    assert undone.status_code == 409
    assert page.post(f"{address}/undo", {}).status_code == 200
    assert page.post(f"{address}/undo", {}).status_code == 422
    assert page.post(f"{address}/undo", {"to": 2}).json()["state"] == 4
    assert "REF_AREA: KHM" in page.get(f"{address}/mapping").text
    states = page.get(f"{address}/states").text
    assert states.count("<tr>") == 5


def test_what_is_no_answer_changes_nothing(page: Page) -> None:
    workbook, _ = example("khm-abroad")
    address = page.upload(workbook.name, workbook.read_bytes())["result"]["address"]
    before = page.get(f"{address}/mapping").content
    for value in ({}, {"line": "x"}, {"line": 7, "action": "set", "value": "??"}, [1], "x"):
        assert page.post(f"{address}/answer", value).status_code == 422
    for value in ({}, {"sheet": "x", "cell": "A1"}, {"of": "x", "cell": 3}):
        assert page.post(f"{address}/mark", value).status_code == 422
    assert page.post(f"{address}/write", {"text": "mapping: 2"}).status_code == 422
    assert page.post(f"{address}/do/nothing").status_code == 404
    assert page.get(f"{address}/mapping").content == before


def test_the_next_edition_begins_with_the_answers_of_the_last_one(page: Page) -> None:
    rows = ["Workers sent abroad in 2020,", "Country,Workers", "Japan,10", "Malaysia,20"]
    first = page.upload("sent 2020.csv", "\n".join([*rows, "Total,30"]).encode())
    address = first["result"]["address"]
    area = page.view(address)["questions"][0]
    answer = {"line": area["line"], "action": "set", "value": "KHM"}
    page.post(f"{address}/answer", answer)
    again = page.upload("sent 2020.csv", "\n".join([*rows, "Total,30"]).encode())
    assert again["result"]["address"] == address
    text = "\n".join([*rows, "Brunei,5", "Total,35"]).replace("2020", "2021")
    later = page.upload("sent 2021.csv", text.encode())["result"]["address"]
    assert later != address
    seen = page.view(later)
    assert "area" not in [question["kind"] for question in seen["questions"]]
    side = page.get(f"{later}/side?state={seen['state']}").text
    assert "The answers of sent 2020.csv are used." in side


@pytest.mark.parametrize(
    "address",
    [
        "/p/../../etc/passwd",
        "/p/0123456789abcdef",
        "/p/0123456789ABCDEF/mapping",
        "/p/%2e%2e/mapping",
        "/static/../guard.py",
        "/static/..%2fguard.py",
        "/static/nothing.js",
        "/jobs/x",
    ],
)
def test_an_address_leads_nowhere_else(page: Page, address: str) -> None:
    assert page.get(address).status_code == 404


def test_a_name_of_a_result_leads_out_of_no_folder(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "results" / "a.csv").write_text("x")
    (tmp_path / "results" / "link").symlink_to(tmp_path / "secret")
    folder = tmp_path / "results"
    assert inside(folder, "a.csv") == folder / "a.csv"
    names = [
        "../secret",
        "/etc/passwd",
        "..\\secret",
        "C:secret",
        "link",
        "\\\\host\\share",
        "",
    ]
    for name in [*names, "a.csv/../../secret", "b.csv", "a\0.csv"]:
        assert inside(folder, name) is None


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..\\..\\x.xlsx", "x.xlsx"),
        ("\\\\evil\\share\\x.xlsx", "x.xlsx"),
        ("../../x.csv", "x.csv"),
        ("CON.xlsx", "_CON.xlsx"),
        ("lpt1.csv", "_lpt1.csv"),
        ("a<b>:c|d?.xls", "a_b__c_d_.xls"),
        (".xlsx.xlsx", "xlsx.xlsx"),
        ("ตาราง 2.18.xlsx", "ตาราง 2.18.xlsx"),
        ("x" * 500 + ".csv", "x" * 100 + ".csv"),
    ],
)
def test_names_of_uploads_are_our_own(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", "x", "x.exe", "x.xlsx.lnk", "...", "/", "x.yaml"])
def test_what_is_no_workbook_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(TableError, match="expected a workbook"):
        safe_name(name)


def test_a_file_that_is_no_workbook_is_said_to_be_none(page: Page) -> None:
    told = page.upload("x.xlsx", b"\x00" * 100)
    assert told["error"]
    assert told["kind"] == "TableError"
    assert page.upload("y.xlsx", b"PK\x03\x04 broken")["kind"] == "TableError"
    assert page.post("/upload", b"x", headers={"x-name": "x.exe"}).status_code == 422


def test_text_of_a_workbook_is_never_markup(page: Page) -> None:
    evil = "<script>alert(1)</script>"
    text = f"Workers abroad 2020,\nCountry,Workers\n{evil},10\nJapan,5\nTotal,15\n"
    address = page.upload(f"{evil}.csv", text.encode())["result"]["address"]
    seen = page.view(address)
    pages = [page.get("/"), page.get(address)]
    pages += [page.get(f"{address}/{name}?state={seen['state']}") for name in ("sheet", "side")]
    for each in pages:
        assert "<script>alert" not in each.text
    assert "&lt;script&gt;alert" in pages[2].text


def worked(worker: Worker, *tasks: tuple[str, dict[str, Any]]) -> list[Any]:
    """Results of tasks, or the kinds of their errors, one after another in one loop."""

    async def work() -> list[Any]:
        results: list[Any] = []
        for name, arguments in tasks:
            try:
                results.append(await worker.run(name, arguments))
            except TaskError as error:
                results.append(error.kind)
        process = worker._process
        worker.kill()
        if process is not None:
            await process.wait()
        await asyncio.sleep(0.05)
        return results

    return asyncio.run(work())


SEARCH = ("search", {"codelist": "CL_CDS", "prefix": "CDS_DES_", "typed": "japan"})


def bomb(folder: Path, rows: int, columns: int) -> dict[str, str]:
    """Workbook of so many cells in a small file."""
    cells = "<c><v>1</v></c>" * columns
    sheet = "".join(f"<row>{cells}</row>" for _ in range(rows))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = "http://schemas.openxmlformats.org/package/2006"
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{kinds}/content-types"><Default Extension="xml" '
            'ContentType="application/xml"/></Types>',
        )
    return {"workbook": str(path), "mapping": str(folder / "m.yaml"), "area": ""}


def test_a_task_that_takes_too_long_is_stopped_and_the_next_one_works(tmp_path: Path) -> None:
    arguments = bomb(tmp_path, 20_000, 50)
    results = worked(Worker(seconds=4.0), ("begin", arguments))
    assert results[0] in ("slow", "TableError", "memory")
    assert not (tmp_path / "m.yaml").exists()
    found = worked(Worker(), ("begin", {**arguments, "workbook": "none.xlsx"}), SEARCH)
    assert found[0] == "TableError"
    assert found[1][0]["value"] == "CDS_DES_JPN"


def test_a_task_that_needs_too_much_memory_ends_in_a_sentence(tmp_path: Path) -> None:
    arguments = bomb(tmp_path, 60_000, 66)
    (kind,) = worked(Worker(memory=350_000_000, seconds=120), ("begin", arguments))
    assert kind in ("memory", "crash", "TableError")


def test_a_child_that_dies_is_told_and_the_next_one_begins() -> None:
    worker = Worker()

    async def work() -> tuple[str, Any]:
        await worker.start()
        process = worker._process
        assert process is not None
        running = asyncio.create_task(worker.run(*SEARCH))
        await asyncio.sleep(0.05)
        process.kill()
        try:
            await running
        except TaskError as error:
            kind = error.kind
        after = await worker.run(*SEARCH)
        process = worker._process
        worker.kill()
        if process is not None:
            await process.wait()
        await asyncio.sleep(0.05)
        return kind, after

    kind, after = asyncio.run(work())
    assert kind == "crash"
    assert after[0]["name"] == "Japan"


def test_a_job_can_be_cancelled(page: Page) -> None:
    workbook, _ = example("khm-abroad")
    job = page.post("/upload", workbook.read_bytes(), headers={"x-name": workbook.name})
    told = job.json()
    page.loop.run_until_complete(asyncio.sleep(0.2))
    assert page.post(f"/jobs/{told['id']}/cancel").status_code == 200
    ended = page.ended(job)
    assert ended["kind"] == "cancelled"
    again = page.upload(workbook.name, workbook.read_bytes())
    assert again["error"] == ""


def test_nothing_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    rows = b"Workers sent abroad in 2020,\nCountry,Workers\nJapan,10\nMalaysia,20\nTotal,30\n"
    with page_of(office_in(tmp_path)) as page:
        address = page.upload("sent.csv", rows)["result"]["address"]
        line = page.view(address)["questions"][0]["line"]
        page.post(f"{address}/answer", {"line": line, "action": "set", "value": "KHM"})
        before = page.get(f"{address}/mapping").content
    with page_of(office_in(tmp_path)) as page:
        assert address in page.get("/").text
        assert page.get(f"{address}/mapping").content == before
        assert page.post(f"{address}/undo", {}).status_code == 200


def test_a_sheet_is_drawn_by_windows_with_its_merges() -> None:
    cells = []
    for row in range(1, 1001):
        cells += [{"row": row, "column": column, "cell": "x"} for column in range(1, 101)]
    sheet = {
        "rows": 1000,
        "columns": 100,
        "cells": cells,
        "merges": [[1, 1, 2, 3], [39, 1, 43, 1]],
    }
    first = window_of(sheet, 0)
    assert first["rows"][0][1][0][2] == (2, 3)
    assert len(first["rows"][1][1]) == 97
    assert first["next_row"] == 41
    second = window_of(sheet, 41)
    assert second["rows"][0][1][0][2] == (3, 1)
    seen = first["rows"] + second["rows"]
    assert [number for number, _ in seen] == list(range(1, 81))
    last = window_of(sheet, 961)
    assert last["next_row"] == 0
    wide = window_of({**sheet, "columns": 3000}, 0)
    assert wide["left_out"] == 2800


def test_widths_and_direction_of_sheets_are_read(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Kanan & kiri"
    book.active.sheet_view.rightToLeft = True
    book.active.column_dimensions["B"].width = 33
    book.active["A1"] = "x"
    book.create_sheet("other")["A1"] = "y"
    path = tmp_path / "x.xlsx"
    book.save(path)
    looks = appearances(path)
    assert looks["Kanan & kiri"].is_right_to_left
    assert looks["Kanan & kiri"].widths[2] == 33
    assert not looks["other"].is_right_to_left
    path.write_bytes(b"x")
    assert appearances(path) == {}


def test_pages_are_in_the_language_that_is_chosen(page: Page) -> None:
    french = page.get("/", headers={"accept-language": "fr-FR,fr;q=0.9,en;q=0.5"}).text
    assert "Déposez un classeur ici" in french
    assert '<html lang="fr"' in french
    chosen = page.post("/language/es")
    assert "ilms-language=es" in chosen.headers["set-cookie"]
    assert page.post("/language/xx").status_code == 404


def test_the_page_asks_for_nothing_elsewhere_and_has_no_script_of_its_own(page: Page) -> None:
    for address in ("/", "/enter"):
        text = page.get(address).text
        assert re.findall(r"<script(?![^>]*src=)", text) == []
        assert re.findall(r'style="', text) == []
        assert re.findall(r'(?:src|href)="(?!/|#|data:,)', text) == []
    for name in ("shared.js", "home.js", "desk.js", "enter.js", "page.css"):
        file = page.get(f"/static/{name}")
        assert file.status_code == 200
        assert "http" not in file.text.replace("http-equiv", "")
        assert not re.search(r"\beval\(|new Function|\bonclick", file.text)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "--allowed-host"),
        (["--allowed-host", "x"], "--proxy"),
        (["--allowed-host", "x", "--proxy", "10.0.0.1"], "--user-header"),
        (["--allowed-host", "x", "--proxy", "1.1.1.1", "--user-header", "X-U"], "--audit"),
    ],
)
def test_a_server_for_others_does_not_start_without_knowing_them(
    more: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ui", "--host", "0.0.0.0", *more]) == 3
    assert words in capsys.readouterr().err


def test_who_changes_what_is_written_without_any_value(tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    with page_of(office_in(tmp_path, audit=audit)) as page:
        rows = b"Workers sent abroad in 2020,\nCountry,Workers\nJapan,4711\nMalaysia,1\n"
        page.upload("sent.csv", rows)
    line = json.loads(audit.read_text("utf-8").splitlines()[0])
    assert line["what"] == "begin"
    assert "4711" not in audit.read_text("utf-8")


def test_projects_are_removed_whole(tmp_path: Path) -> None:
    projects = Projects(tmp_path)
    project = projects.begin("a.csv", b"x")
    assert [each.id for each in projects.all()] == [project.id]
    projects.remove(project)
    assert projects.all() == []
    assert list(tmp_path.iterdir()) == []
