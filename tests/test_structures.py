"""Dataflows, structures and codelists as a user asks for them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import structures
from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts

FLOWS = structures.dataflows()


def test_there_are_84_dataflows_in_three_modules() -> None:
    assert len(FLOWS) == 84
    assert structures.catalogue()["module"].value_counts().to_dict() == {
        "MST": 69,
        "MFL": 8,
        "MNA": 7,
    }


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_a_dataflow_has_a_complete_structure(flow) -> None:
    dsd = flow.structure
    assert flow.id == f"DF_{dsd.id}"
    assert {str(flow.maintainer.id), str(dsd.maintainer.id)} == {"ILO"}
    assert {str(flow.version), str(dsd.version)} == {"1.0"}
    ids = [dimension.id for dimension in dsd.dimensions.components]
    assert ids[:4] == ["REF_AREA", "FREQ", "MEASURE", "SEX"]
    assert ids[-1] == "TIME_PERIOD"
    assert [d.order for d in dsd.dimensions.components] == list(range(1, len(ids) + 1))
    assert dsd.id.split("_")[2:-1] == ids[3:-1], "classifications stand in the order of the id"
    for component in [*dsd.dimensions.components[:-1], dsd.attributes.get("OBS_STATUS")]:
        enumeration = component.local_representation.enumerated
        assert len(enumeration) > 0 or enumeration.id in structures.incomplete()
        assert component.concept_identity.core_representation.enumerated is enumeration


def test_attributes_are_attached_as_ilostat_attaches_them() -> None:
    attributes = structures.dataflow("UNE_DEAP_SEX_AGE_CCT_RT").structure.attributes
    related = {
        a.id: [d.id for d in getattr(a.related_to, "dimensions", [])]
        for a in attributes.components
    }
    by_observation = {"OBS_STATUS", "NOTE_CLASSIF", "DECIMALS", "UPPER_BOUND", "LOWER_BOUND"}
    assert {id for id, dimensions in related.items() if not dimensions} == by_observation
    assert related["UNIT_MULT"] == ["MEASURE"]
    assert related["SOURCE"] == ["REF_AREA", "MEASURE", "TIME_PERIOD"]


@pytest.mark.parametrize(
    ("asked", "generation"),
    [
        ("EMP_MFRC_SEX_CCT_NB", "current"),
        ("DF_EMP_MFRC_SEX_CCT_NB", "current"),
        ("ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)", "current"),
        ("ILO,DF_EMP_MFRC_SEX_CCT_NB,1.0", "current"),
        (
            "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)",
            "current",
        ),
        ("emp_mfrc_sex_cct_nb", "current"),
        ("EMP_MFRC_SEX_CCT_NB_A", "current"),
        ("MST_NCTE_SEX_CCT_NB", "old"),
        ("DF_MST_NCTE_SEX_CCT_NB", "old"),
    ],
)
def test_old_and_new_ids_answer_alike(asked: str, generation: str) -> None:
    assert structures.dataflow(asked) is structures.dataflow("EMP_MFRC_SEX_CCT_NB")
    assert structures.resolve(asked) == ("EMP_MFRC_SEX_CCT_NB", asked, generation)


@pytest.mark.parametrize(
    ("ask", "id"),
    [
        (structures.dataflow, "EMP_MFRC_SEX_CCT_XX"),
        (structures.codelist, "CL_SEXES"),
        (structures.allowed, "POP_MNAS_SEX_NB"),
        (structures.codes, ""),
        (structures.constraint, "ESTAT:DF_EMP_MFRC_SEX_CCT_NB(1.0)"),
        (structures.constraint, "ILO:DF_EMP_MFRC_SEX_CCT_NB(2.0)"),
    ],
)
def test_an_unknown_id_is_a_structure_error(ask, id: str) -> None:
    with pytest.raises(StructureError) as raised:
        ask(id)
    assert ("nearest are" in str(raised.value)) == (":" not in id and id != "")


@given(
    st.sampled_from(structures.catalogue()["id"].tolist()),
    st.sampled_from(
        ["{}", "DF_{}", "ILO:DF_{}(1.0)", "ILO,DF_{}", "{}_A", " df_{} ", "ILO:DF_{}(latest)"]
    ),
)
def test_every_form_of_every_id_answers(id: str, form: str) -> None:
    assert structures.resolve(form.format(id)).id == id


@given(st.text())
def test_any_other_text_is_a_structure_error(text: str) -> None:
    for ask in (structures.resolve, structures.codelist, structures.asean):
        with pytest.raises(StructureError):
            ask(text)


def test_the_error_names_the_three_nearest() -> None:
    with pytest.raises(
        StructureError, match="EMP_MFRC_SEX_CCT_NB, POP_MFRC_SEX_CCT_NB, POP_MFLC_SEX_CCT_NB"
    ):
        structures.dataflow("EMP_MFRC_SEX_CCT_NX")


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("MNA_OEMP_COU_NB", "Use DF_EMP_MNAO_SEX_CDS_NB."),
        ("DF_MST_TPOP_COU_NB", "Use DF_POP_MFRB_SEX_CBR_NB or DF_POP_MFRC_SEX_CCT_NB."),
        ("MST_EARB_SEX_CBR_NB", "Nothing has taken its place."),
    ],
)
def test_a_retired_indicator_is_never_taken_for_another(id: str, words: str) -> None:
    """Figures of the first questionnaire mix criteria: a person says which dataflow takes them."""
    with pytest.raises(StructureError, match="retired") as raised:
        structures.dataflow(id)
    assert words in str(raised.value)


def test_the_concordance_is_one_to_one() -> None:
    pairs = structures.concordance()
    old = pairs.loc[pairs["old"] != "", "old"]
    assert old.is_unique
    assert pairs["new"].is_unique
    assert not set(old) & set(pairs["new"])
    assert old.str.startswith(("MST_", "MFL_", "MNA_")).all()
    assert (old.str[:3] == pairs.loc[old.index, "module"]).all()
    assert len(old) == 84 - 15, "the additions since 2019 that replace nothing"


def test_codes_speak_three_languages() -> None:
    assert structures.codes("CL_SEX", "es")["name"].tolist()[:3] == [
        "Total",
        "Hombres",
        "Mujeres",
    ]
    with pytest.raises(StructureError, match="en, fr, es"):
        structures.codes("CL_SEX", "th")


@pytest.mark.parametrize("id", structures.codelists())
def test_codelists_are_trees_of_named_codes(id: str) -> None:
    table = structures.codes(id)
    assert table["code"].is_unique
    assert (table["name"] != "").all()
    assert set(table["parent"]) - {""} <= set(table["code"])
    assert set(table["is_total"]) <= {"Y", "N", ""}
    listed = structures.codelist(id)
    assert [code.id for code in listed] == table["code"].tolist()
    assert all(code in code.parent.child for code in listed if code.parent is not listed)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_only_codes_that_may_carry_data_are_allowed(flow) -> None:
    allowed = structures.allowed(flow.id)
    headings = {
        code.id
        for id in structures.codelists()
        for code in structures.codelist(id)
        if code.child
    }
    coded = [d for d in flow.structure.dimensions.components if d.id != "TIME_PERIOD"]
    assert list(allowed) == [d.id for d in coded if d.id not in {"IND", "SKN", "SKS"}]
    for dimension in coded:
        codes = allowed.get(dimension.id, frozenset())
        assert codes <= set(dimension.local_representation.enumerated.items)
        assert not codes & headings


@pytest.mark.parametrize(
    ("id", "dimension", "inside", "outside"),
    [
        ("EMP_TEMP_SEX_AGE_CBR_NB", "CBR", "CBR_BIR_NATIVE", "CBR_BRT_MMR"),
        ("EMP_MFRB_SEX_CBR_NB", "CBR", "CBR_BRT_MMR", "CBR_BIR_NATIVE"),
        ("UNE_DEAP_SEX_AGE_CCT_RT", "CCT", "CCT_CIT_NONCIT", "CCT_CTZ_THA"),
        ("POP_MFLC_SEX_CCT_NB", "CCT", "CCT_CTZ_THA", "CCT_CIT_CITIZEN"),
        ("EMP_TEMP_SEX_ECO_CBR_NB", "ECO", "ECO_ISIC4_A", "ECO_ISIC2_1"),
        ("EMP_MNAO_SEX_ECO_NB", "ECO", "ECO_ISIC2_1", "ECO_ISIC4"),
        ("EMP_TEMP_SEX_AGE_CCT_NB", "AGE", "AGE_AGGREGATE_YGE75", "AGE_5YRBANDS_Y15-19"),
        ("EMP_MFRC_SEX_CCT_NB", "REF_AREA", "TLS", "X54"),
        ("EMP_MFRC_SEX_CCT_NB", "MEASURE", "EMP_MFRC_NB", "POP_MFRC_NB"),
        ("EMP_MFRC_SEX_CCT_NB", "SEX", "SEX_O", "_Z"),
    ],
)
def test_the_constraint_cuts_the_common_lists(
    id: str, dimension: str, inside: str, outside: str
) -> None:
    codes = structures.allowed(id)[dimension]
    assert inside in codes
    assert outside not in codes
    region = structures.constraint(id).data_content_region[0]
    member = next(m for component, m in region.member.items() if component.id == dimension)
    assert {value.value for value in member.values} == codes


def test_the_form_asks_less_than_may_be_published() -> None:
    published = structures.allowed("EMP_MNAO_SEX_ECO_NB")
    asked = structures.allowed("MNA_OEMP_SEX_ECO_NB", form=True)
    assert {code.rsplit("_", 1)[0] for code in asked["ECO"]} == {"ECO_SECTOR", "ECO_AGGREGATE"}
    assert {code.rsplit("_", 1)[0] for code in published["ECO"]} > {
        "ECO_ISIC4",
        "ECO_ISIC3",
        "ECO_ISIC2",
    }
    assert asked["SEX"] == published["SEX"]
    with pytest.raises(StructureError, match="does not ask DF_UNE_DEAP_SEX_AGE_CCT_RT"):
        structures.allowed("UNE_DEAP_SEX_AGE_CCT_RT", form=True)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_the_form_asks_a_part_of_what_may_carry_data(flow) -> None:
    row = structures.catalogue().set_index("id").loc[flow.structure.id]
    if row["table"]:
        asked, published = structures.allowed(flow.id, form=True), structures.allowed(flow.id)
        assert list(asked) == list(published)
        assert all(asked[dimension] <= codes for dimension, codes in published.items())
    else:
        assert row["questionnaire"] == ""


def test_a_dataflow_and_its_codelists_load_in_half_a_second_beyond_sdmx1() -> None:
    program = (
        "import sdmx, time; start = time.process_time(); from ilms_sdmx import structures;"
        "structures.dataflow('MST_NCTE_SEX_CCT_NB'); print(time.process_time() - start)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    assert float(answer.stdout) < 0.5


def test_importing_structures_imports_neither_sdmx1_nor_pandas() -> None:
    program = "import sys; from ilms_sdmx import structures; print({'sdmx', 'pandas'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    assert answer.stdout.strip() == "set()"


def test_our_own_dataflow_of_indicators_stands_beside_those_of_ilo() -> None:
    flow = structures.dataflow("ILMS_SDMX:DF_INDICATORS(1.0)")
    assert structures.dataflow("DF_INDICATORS") is flow
    assert (str(flow.maintainer), flow.id, flow.structure.id) == (
        "ILMS_SDMX",
        "DF_INDICATORS",
        "INDICATORS",
    )
    assert flow.id not in {f.id for f in structures.dataflows()}
    with pytest.raises(StructureError):
        structures.dataflow("ILO:DF_INDICATORS(1.0)")
    measure = flow.structure.dimensions.get("MEASURE").local_representation.enumerated
    used = {row["measure"] for row in facts.rows("maps/indicators.csv") if row["measure"]}
    assert set(measure.items) == used
