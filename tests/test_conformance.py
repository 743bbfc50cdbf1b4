"""The rules of the standard that catch most implementations, and the deviations of live services.

Rule 2, on validity, is held by `test_xml_validity`. Rules 12 and 20 are not ours to break: we ask by key and
period only, and neither serve nor resolve codelists that extend others.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ilms_sdmx import Client, Components, Dataset, MessageError, Patience
from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.errors import NotFoundError, ResponseError
from ilms_sdmx.messages import Header, Message, Party, read, write
from ilms_sdmx.messages.dispatch import WRITERS
from ilms_sdmx.sources.sdmx_rest import fetch_sdmx
from tests.services.server import LocalService, Reply

SPECIMENS = Path(__file__).parent / "specimens" / "messages"
COMPONENTS = Components(
    ("REF_AREA", "SEX", "TIME_PERIOD"),
    attributes={"TITLE": ("REF_AREA", "SEX"), "NOTE": ("REF_AREA",), "OBS_STATUS": OBSERVATION},
    groups={"Area": ("REF_AREA",)},
)
MESSAGE_NS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
SS_NS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific"
GENERIC_NS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic"
COMMON_NS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"


def dataset(**columns: Any) -> Dataset:
    rows: dict[str, Any] = {
        "REF_AREA": ["PHL", "PHL", "THA"],
        "SEX": ["M", "M", "F"],
        "TIME_PERIOD": ["2023", "2024", "2023"],
        "OBS_VALUE": ["1.10", "2", "3"],
        "TITLE": ["one", "one", "two"],
        "NOTE": ["n", "n", None],
        "OBS_STATUS": ["A", None, "U"],
    }
    return Dataset(
        pd.DataFrame({**rows, **columns}), COMPONENTS, "ILO:DF_X(1.0)", action="Append"
    )


def written(data: Any, format: str, **options: Any) -> str:
    target = io.BytesIO()
    write(data, target, format, **options)
    return target.getvalue().decode()


def values(message: Message, name: str = "OBS_VALUE", number: int = 0) -> list[str | None]:
    column = message.datasets[number].observations[name].astype(object)
    return column.where(column.notna(), None).tolist()


def structure_specific(
    body: str,
    *,
    attributes: str = 'ss:structureRef="S"',
    head: str = "",
    tag: str = "m:DataSet",
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<m:StructureSpecificData xmlns:m="{MESSAGE_NS}" xmlns:ss="{SS_NS}" xmlns:c="{COMMON_NS}"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:u="urn:u">
<m:Header>{head or HEAD}</m:Header>
<{tag} {attributes} xsi:type="u:DataSetType">{body}</{tag}>
</m:StructureSpecificData>""".encode()


REFERENCE = (
    '<m:Structure structureID="S" namespace="urn:u" dimensionAtObservation="TIME_PERIOD">'
    '<c:StructureUsage><Ref agencyID="ILO" id="DF_X" version="1.0"/></c:StructureUsage></m:Structure>'
)
HEAD = f'<m:ID>I</m:ID><m:Test>false</m:Test><m:Prepared>2026-01-31</m:Prepared><m:Sender id="ILO"/>{REFERENCE}'
SERIES = '<Series REF_AREA="PHL"><Obs TIME_PERIOD="2023" OBS_VALUE="1.10"/></Series>'


class TestRule01QualifiedAttributes:
    @pytest.mark.parametrize("prefix", ["", "ss:"])
    def test_read_either_way(self, prefix: str) -> None:
        text = structure_specific(
            SERIES, attributes=f'{prefix}structureRef="S" {prefix}action="Replace"'
        )
        message = read(text)
        assert (message.datasets[0].action, message.datasets[0].dataflow) == (
            "Replace",
            "ILO:DF_X(1.0)",
        )

    def test_written_the_right_way(self) -> None:
        assert re.search(r"<\w+:DataSet [^>]*\bss:action=", written(dataset(), "sdmx-ml-2.1"))
        generic = re.search(r"<\w+:DataSet [^>]*>", written(dataset(), "sdmx-ml-2.1-generic"))
        assert generic
        assert re.search(r"(?<!:)action=", generic[0])
        assert ":action=" not in generic[0]


class TestRule03OrderOfTheHeader:
    def test_written_in_the_fixed_order(self) -> None:
        header = Header(
            id="I",
            prepared="2026-01-31",
            test=True,
            sender=Party("PSA"),
            receivers=(Party("ILO"),),
            names={"en": "N"},
        )
        text = written(dataset(), "sdmx-ml-2.1", header=header)
        order = ["ID", "Test", "Prepared", "Sender", "Receiver", "Name", "Structure"]
        places = [re.search(rf"<\w+:{name}[ >]", text) for name in order]
        assert all(places)
        starts = [p.start() for p in places if p]
        assert starts == sorted(starts)

    def test_read_in_any_order(self) -> None:
        """Eurostat sends the structure first."""
        head = f'{REFERENCE}<m:Sender id="ESTAT"/><m:Prepared>2026-01-31</m:Prepared><m:ID>I</m:ID>'
        header = read(structure_specific(SERIES, head=head)).header
        assert (header.id, header.sender.id, header.prepared) == ("I", "ESTAT", "2026-01-31")


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_rule_04_numbers_keep_their_lexical_form(format: str) -> None:
    numbers = ["1.10", "12345678901234567", "NaN"]
    assert (
        values(read(written(dataset(OBS_VALUE=numbers), format).encode(), COMPONENTS))
        == numbers
    )


class TestRule05MissingValues:
    @pytest.mark.parametrize("format", sorted(WRITERS))
    def test_absent_empty_nan_and_not_available_stay_apart(self, format: str) -> None:
        data = dataset(OBS_VALUE=["NaN", None, ""], OBS_STATUS=["#N/A", None, ""])
        message = read(written(data, format).encode(), COMPONENTS)
        assert values(message) == ["NaN", None, ""]
        assert values(message, "OBS_STATUS") == ["#N/A", None, ""]

    def test_a_dimension_switched_off_is_its_tilde(self) -> None:
        text = b"STRUCTURE,STRUCTURE_ID,ACTION,D,TIME_PERIOD,OBS_VALUE,A\ndataflow,X:F(1.0),M,~,2023,,x\n"
        assert values(read(text), "D") == ["~"]


class TestRule06AbsentAction:
    def test_merge_in_csv_2(self) -> None:
        assert (
            read(b"STRUCTURE,STRUCTURE_ID,D,OBS_VALUE\ndataflow,X:F(1.0),a,1\n")
            .datasets[0]
            .action
            == "Merge"
        )

    def test_merge_in_json_2_1(self) -> None:
        tree = json.loads(written(dataset(), "sdmx-json-2.1"))
        del tree["data"]["dataSets"][0]["action"]
        assert read(json.dumps(tree).encode()).datasets[0].action == "Merge"

    @pytest.mark.parametrize(
        "format", ["sdmx-csv-2.0", "sdmx-json-2.0", "sdmx-ml-2.1", "sdmx-ml-3.0"]
    )
    def test_before_3_1_append_is_the_name_of_merge(self, format: str) -> None:
        text = written(replace(dataset(), action="Merge"), format)
        assert read(text.encode(), COMPONENTS).datasets[0].action == "Append"

    @pytest.mark.parametrize("format", ["sdmx-csv-2.1", "sdmx-json-2.1", "sdmx-ml-3.1"])
    def test_from_3_1_merge_is_merge(self, format: str) -> None:
        text = written(replace(dataset(), action="Merge"), format)
        assert read(text.encode(), COMPONENTS).datasets[0].action == "Merge"


def test_rule_07_replace_is_not_turned_into_anything_else() -> None:
    for format in sorted(WRITERS):
        if format != "sdmx-csv-1.0":
            text = written(replace(dataset(), action="Replace"), format)
            assert read(text.encode(), COMPONENTS).datasets[0].action == "Replace", format


@pytest.mark.parametrize("format", [f for f in sorted(WRITERS) if f != "sdmx-csv-1.0"])
def test_rule_08_data_sets_stay_in_document_order(format: str) -> None:
    parts = [replace(dataset(), action=action) for action in ("Replace", "Append", "Replace")]
    assert [d.action for d in read(written(parts, format).encode(), COMPONENTS)] == [
        "Replace",
        "Append",
        "Replace",
    ]


class TestRule09GroupAttributes:
    def test_sent_in_a_group_not_on_the_series(self) -> None:
        text = written(dataset(), "sdmx-ml-2.1")
        assert re.search(r'<Group [^>]*NOTE="n"', text)
        assert not re.search(r"<Series [^>]*NOTE=", text)

    def test_series_attributes_move_to_the_observation_where_their_dimension_varies(
        self,
    ) -> None:
        text = written(dataset(), "sdmx-ml-2.1", layout="REF_AREA")
        assert re.search(r'<Obs [^>]*TITLE="one"', text)
        assert not re.search(r"<Series [^>]*TITLE=", text)

    @pytest.mark.parametrize("format", sorted(WRITERS))
    @pytest.mark.parametrize("layout", ["series", "flat"])
    def test_every_row_has_them_after_reading(self, format: str, layout: str) -> None:
        message = read(written(dataset(), format, layout=layout).encode(), COMPONENTS)
        assert values(message, "NOTE") == ["n", "n", None]
        assert values(message, "TITLE") == ["one", "one", "two"]


class TestRule10DimensionAtObservation:
    def test_time_is_the_default(self) -> None:
        assert 'dimensionAtObservation="TIME_PERIOD"' in written(dataset(), "sdmx-ml-2.1")
        assert (
            read(written(dataset(), "sdmx-json-2.0").encode())
            .header.structures[0]
            .dimension_at_observation
            == "TIME_PERIOD"
        )

    @pytest.mark.parametrize("format", [f for f in sorted(WRITERS) if "csv" not in f])
    def test_all_dimensions_where_there_is_no_time(self, format: str) -> None:
        components = Components(("REF_AREA", "SEX"))
        frame = pd.DataFrame({"REF_AREA": ["PHL"], "SEX": ["M"], "OBS_VALUE": ["1"]})
        message = read(
            written(Dataset(frame, components, "X:F(1.0)", action="Append"), format).encode(),
            components,
        )
        assert message.header.structures[0].dimension_at_observation == "AllDimensions"


class TestRules11To15Requests:
    """What is asked of a service, over real HTTP, and what its answers mean."""

    BODY = "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nILO:DF_X(1.0),AUS,2023,1\n"

    def ask(self, tmp_path: Path, reply: Reply, key: str, **how: str) -> str:
        """Fetch; gives the address that was asked for, as it was sent."""
        with LocalService() as service:
            service.on(".*", reply)
            client = Client(tmp_path, patience=Patience(attempts=1))
            got = fetch_sdmx(client, service.url, "ILO:DF_X(1.0)", key, **how)  # type: ignore[arg-type]
            return got.origin.address.removeprefix(service.url)

    def test_11_and_13_a_key_of_2_1_keeps_its_dots_and_plus_signs(self, tmp_path: Path) -> None:
        asked = self.ask(tmp_path, Reply(self.BODY), "AUS+NZL.A..", start="2020")
        assert asked == "/data/ILO,DF_X,1.0/AUS+NZL.A..?startPeriod=2020"

    def test_11_and_13_a_key_of_3_0_has_stars_and_its_period_a_plus(
        self, tmp_path: Path
    ) -> None:
        asked = self.ask(
            tmp_path, Reply(self.BODY), "AUS.*", start="2020", end="2024", version="3.0"
        )
        assert asked == "/data/dataflow/ILO/DF_X/1.0/AUS.*?c%5BTIME_PERIOD%5D=ge:2020+le:2024"

    @pytest.mark.parametrize("status", [204, 404])
    def test_14_no_result_is_not_found_whichever_status_says_so(
        self, tmp_path: Path, status: int
    ) -> None:
        body = '<Error code="100">No results</Error>' if status == 404 else ""
        with pytest.raises(NotFoundError):
            self.ask(tmp_path, Reply(body, status), "XXX")

    @pytest.mark.parametrize("status", [406, 501])
    def test_15_what_a_service_does_not_offer_is_an_error(
        self, tmp_path: Path, status: int
    ) -> None:
        with pytest.raises(ResponseError):
            self.ask(tmp_path, Reply("no", status), "XXX")


class TestRule16WhiteSpaceInXml:
    @pytest.mark.parametrize("format", [f for f in sorted(WRITERS) if f.startswith("sdmx-ml")])
    def test_written_as_references_and_never_trimmed(self, format: str) -> None:
        status = [" a\nb\tc\r ", "  ", None]
        text = written(dataset(OBS_STATUS=status), format)
        assert "&#10;" in text
        assert values(read(text.encode(), COMPONENTS), "OBS_STATUS") == status

    def test_literal_ones_are_spaces_as_xml_says(self) -> None:
        body = '<Series REF_AREA="PHL"><Obs TIME_PERIOD="2023" OBS_VALUE="1" NOTE="a\n\tb&#10;c"/></Series>'
        assert values(read(structure_specific(body)), "NOTE") == ["a  b\nc"]


class TestRule17Csv:
    def test_spaces_belong_to_the_field(self) -> None:
        assert values(read(b"DATAFLOW,D,OBS_VALUE,A\nX:F(1.0), a ,1,  \n"), "A") == ["  "]

    @pytest.mark.parametrize(
        "first", ["DATAFLOW", "STRUCTURE[|];STRUCTURE_ID", '"STRUCTURE[|]";"STRUCTURE_ID"']
    )
    def test_the_separator_stands_behind_the_first_term(self, first: str) -> None:
        row = "X:F(1.0)" if first == "DATAFLOW" else "dataflow;X:F(1.0)"
        message = read(f"{first};D;OBS_VALUE;A\n{row};a;1;x,y\n".encode())
        assert values(message, "A") == ["x,y"]


class TestRule18References:
    def test_urns_with_a_version_in_3(self) -> None:
        text = written(dataset(), "sdmx-ml-3.0")
        assert "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ILO:DF_X(1.0)" in text
        assert "<Ref " not in text

    @pytest.mark.parametrize(
        "inner",
        [
            '<Ref agencyID="ILO" id="DF_X" version="1.0"/>',
            "<URN>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ILO:DF_X(1.0)</URN>",
        ],
    )
    def test_either_in_2_1(self, inner: str) -> None:
        head = HEAD.replace('<Ref agencyID="ILO" id="DF_X" version="1.0"/>', inner)
        assert (
            read(structure_specific(SERIES, head=head)).datasets[0].dataflow == "ILO:DF_X(1.0)"
        )


@pytest.mark.parametrize("version", ["1.0", "1.6.0", "2.0.0-draft"])
@pytest.mark.parametrize("format", sorted(WRITERS))
def test_rule_19_versions_old_and_semantic(format: str, version: str) -> None:
    data = replace(dataset(), dataflow=f"ILO:DF_X({version})")
    assert (
        read(written(data, format).encode(), COMPONENTS).datasets[0].dataflow == data.dataflow
    )


class TestLiveServices:
    def test_ilostat_repeats_series_keys(self) -> None:
        """A parser that builds objects keeps 9 of the 18 figures of the first area."""
        path = SPECIMENS / "ilostat-repeated-series.json"
        message = read(path)
        kept = json.loads(path.read_text(encoding="utf-8"))["data"]["dataSets"][0]["series"]
        assert len(kept) == 10
        frame = message.datasets[0].observations
        assert len(frame) == 19
        assert frame["OBS_VALUE"].tolist()[:10] == [
            *(
                "14.85",
                "14.907",
                "10.962",
                "14.598",
                "14.741",
                "6.679",
                "15.089",
                "15.064",
                "17.267",
            ),
            "9.579",
        ]
        assert not frame.duplicated(list(message.datasets[0].components.dimensions)).any()
        last = frame.iloc[-1]
        assert (pd.isna(last["OBS_VALUE"]), last["OBS_STATUS"], last["SOURCE"]) == (
            True,
            "U",
            "HS - Household survey",
        )
        assert frame["UNIT_MULT"].isna().all(), (
            "declared in the structure, null in every series"
        )
        assert frame["TIME_PERIOD"].astype(str).unique().tolist() == ["2019", "2014"], (
            "order of appearance"
        )

    def test_ilostat_csv(self) -> None:
        """Rows by area, then period: not grouped by series; no version in the content type; empty cells."""
        text = (
            "DATAFLOW,REF_AREA,FREQ,MEASURE,SEX,AGE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE_TYPE,UNIT_MEASURE,"
            "UNIT_MULT,SOURCE,NOTE_SOURCE,NOTE_INDICATOR,NOTE_CLASSIF,DECIMALS,UPPER_BOUND,LOWER_BOUND\r\n"
            "ILO:DF_UNE_DEAP_SEX_AGE_RT(1.0),KOS,A,UNE_DEAP_RT,SEX_M,AGE_YTHADULT_YGE15,2022,,U,RT,PT,0,"
            '"PC - Recensements de Population",R1:3513 | S9:1,,,1,,\r\n'
            "ILO:DF_UNE_DEAP_SEX_AGE_RT(1.0),KOS,A,UNE_DEAP_RT,SEX_F,AGE_YTHADULT_YGE15,2022,12.60,,RT,PT,0,,,,,1,,\r\n"
        )
        for start in ("", "\ufeff"):
            message = read((start + text).encode())
            assert message.datasets[0].components.dimensions == (
                *("REF_AREA", "FREQ", "MEASURE", "SEX", "AGE"),
                "TIME_PERIOD",
            )
            assert values(message) == [None, "12.60"]
            assert values(message, "NOTE_SOURCE") == ["R1:3513 | S9:1", None]

    def test_oecd_writes_the_structure_in_capitals_and_names_in_columns(self) -> None:
        text = (
            b"STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,TIME_PERIOD,Time period,"
            b"OBS_VALUE,Observation value,OBS_STATUS,Observation status\r\n"
            b'DATAFLOW,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),"Migration, all",I,AUS,Australia,2022,,'
            b"12.50,,A,Normal value\r\n"
        )
        message = read(text)
        assert message.datasets[0].dataflow == "OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0)"
        assert message.datasets[0].components.columns == [
            "REF_AREA",
            "TIME_PERIOD",
            "OBS_VALUE",
            "OBS_STATUS",
        ]
        assert values(message) == ["12.50"]

    def test_eurostat_csv_has_a_column_that_is_no_component(self) -> None:
        text = (
            b"DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\r\n"
            b"ESTAT:MIGR_IMM1CTZ(1.0),19/11/26 23:00:00,A,NR,AT,2023,10,p\r\n"
        )
        components = read(text).datasets[0].components
        assert components.dimensions == ("freq", "unit", "geo", "TIME_PERIOD")
        assert set(components.attributes) == {"LAST UPDATE", "OBS_FLAG"}

    def test_eurostat_puts_the_data_set_in_the_namespace_of_the_structure(self) -> None:
        message = read(structure_specific(SERIES, tag="u:DataSet"))
        assert values(message) == ["1.10"]

    def test_a_footer_that_points_elsewhere_is_told(self) -> None:
        footer = (
            '<f:Footer xmlns:f="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message/footer">'
            '<f:Message code="413" severity="Information"><c:Text xml:lang="en">https://x/y.zip</c:Text></f:Message>'
            "</f:Footer></m:StructureSpecificData>"
        )
        text = structure_specific("").replace(b"</m:StructureSpecificData>", footer.encode())
        message = read(text)
        assert [len(d) for d in message] == [0]
        assert (message.footer[0].code, message.footer[0].texts) == (
            "413",
            (("en", "https://x/y.zip"),),
        )

    @pytest.mark.parametrize(
        "page",
        [
            b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>",
            b"\n<html><body>Server Error</body></html>",
        ],
    )
    def test_an_html_page_is_named_as_one(self, page: bytes) -> None:
        with pytest.raises(MessageError, match="HTML page"):
            read(page)

    @pytest.mark.parametrize(
        "body",
        [
            b"No data is found. Please adjust your query parameters and try again.",
            b"ORA-00936: missing expression\nhttps://docs.oracle.com/error-help/db/ora-00936/",
            b"",
            b'{"error": "deprecated or invalid dataset id=FOO_BAR_A","documentation": "check"}',
        ],
    )
    def test_bodies_of_errors_are_no_data(self, body: bytes) -> None:
        with pytest.raises(MessageError):
            read(body)

    def test_json_before_version_1(self) -> None:
        text = {
            "header": {"id": "I", "prepared": "2012-11-29T08:40:26Z", "sender": {"id": "ECB"}},
            "structure": {
                "links": [
                    {"href": "https://x/service/dataflow/ECB/EXR/1.0", "rel": "dataflow"}
                ],
                "dimensions": {
                    "series": [
                        {
                            "id": "CURRENCY",
                            "keyPosition": 0,
                            "values": [{"id": "NZD", "name": "x"}],
                        }
                    ],
                    "observation": [
                        {"id": "TIME_PERIOD", "values": [{"id": "2013-01-18", "name": "x"}]}
                    ],
                },
            },
            "dataSets": [
                {"action": "Information", "series": {"0": {"observations": {"0": ["@"]}}}}
            ],
        }
        message = read(json.dumps(text).replace('"@"', "40.3000").encode())
        assert (message.header.sender.id, message.datasets[0].dataflow) == (
            "ECB",
            "ECB:EXR(1.0)",
        )
        assert values(message) == ["40.3000"]
