"""Small messages of every version and of services that deviate, and what is in them."""

from pathlib import Path

import pytest

from ilms_sdmx import Components, Dataset
from ilms_sdmx.messages import Message, read
from tests.generated import cells

FOLDER = Path(__file__).parent / "specimens" / "messages"


def specimen(name: str, structure: Components | None = None) -> tuple[Message, Dataset]:
    message = read(FOLDER / f"{name}.xml", structure)
    (dataset,) = message
    return message, dataset


@pytest.mark.parametrize("kind", ["compact", "generic"])
def test_sdmx_2_0(kind: str) -> None:
    message, dataset = specimen(f"{kind}-2.0")
    assert message.format == f"sdmx-ml-2.0-{kind}"
    assert message.header.sender.id == "PSA"
    assert dataset.components.dimensions == ("FREQ", "REF_AREA", "SEX", "TIME_PERIOD")
    shown = cells(dataset)
    assert shown["TIME_PERIOD"] == ["2007", "2008"]
    assert shown["OBS_VALUE"] == ["1.10", "NaN"]
    assert shown["OBS_STATUS"] == ["A", "M"]
    assert shown["COLLECTION"] == ["B", "B"]
    assert shown["TITLE"] == ["Women of the Philippines"] * 2
    assert dataset.components.attributes["TITLE"] == ("REF_AREA", "SEX")


def test_sdmx_2_0_names_action_and_structure() -> None:
    assert specimen("compact-2.0")[1].action == "Append"
    assert specimen("compact-2.0")[1].structure == "ILO:MIG(1.0)"
    assert specimen("generic-2.0")[1].structure == "MIG"


def test_deviations_of_live_services() -> None:
    message, dataset = specimen("deviating-2.1")
    assert (message.header.id, message.header.test) == ("DEV", True)
    assert (dataset.structure, dataset.action) == ("ESTAT:MIG(1.0)", "Append")
    shown = cells(dataset)
    assert shown["geo"] == ["LA", "LA"]
    assert shown["OBS_VALUE"] == ["1", "2"]
    assert shown["OBS_FLAG"] == ["p", None]
    assert shown["REPORTING_YEAR_START_DAY"] == ["--07-01"] * 2
    assert "rest.zip" in message.footer[0].by_language["en"]


def test_structure_that_does_not_fit_is_reported() -> None:
    components = Components(("freq", "geo", "sex", "TIME_PERIOD"))
    message, dataset = specimen("deviating-2.1", components)
    assert [(f.rule, f.component) for f in message.report] == [
        ("unknown-component", "OBS_FLAG"),
        ("unknown-component", "REPORTING_YEAR_START_DAY"),
        ("empty-dimension", "sex"),
    ]
    assert cells(dataset)["OBS_FLAG"] == ["p", None]


def test_explicit_measures() -> None:
    message, dataset = specimen("explicit-2.1")
    assert message.header.structures[0].explicit_measures
    assert dataset.components.dimensions == ("REF_AREA", "MEASURE", "TIME_PERIOD")
    assert cells(dataset)["MEASURE"] == ["STOCK", "FLOW"]


def test_attributes_of_partial_keys_and_several_languages() -> None:
    components = Components(
        ("REF_AREA", "TIME_PERIOD"),
        ("OBS_VALUE",),
        {
            "UNIT_MEASURE": (),
            "SOURCE": ("REF_AREA",),
            "UNIT_MULT": ("REF_AREA",),
            "NOTE": ("OBS_VALUE",),
        },
        composite=frozenset({"SOURCE", "NOTE"}),
    )
    for structure in (None, components):
        message, dataset = specimen("atts-3.1", structure)
        assert (message.format, dataset.dataflow, dataset.action) == (
            "sdmx-ml-3.1",
            "ILO:MIG(1.0.0)",
            "Merge",
        )
        shown = cells(dataset)
        assert shown["OBS_VALUE"] == ["10", "#N/A"]
        assert shown["UNIT_MEASURE"] == ["PS", "PS"]
        assert shown["NOTE"] == ['{"en":"one & all","fr":"tous"}', None]
        assert shown["SOURCE"] == ['["LFS","Census"]', None]
        (rest,) = dataset.attached.values()
        assert rest.dropna(axis=1).to_dict("records") == [{"REF_AREA": "VNM", "UNIT_MULT": "3"}]
