"""Our codelists beside those that ILOSTAT served in May 2026."""

import csv
from pathlib import Path

import pytest
from lxml import etree

from ilms_sdmx import structures
from ilms_sdmx.structures import facts

STRUCTURE = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure}"
COMMON = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RECORDED = [
    id
    for id in structures.codelists()
    if facts.by_id("codelists.csv")[id]["source"] == "sdmx-2026-05"
]

pytestmark = pytest.mark.shared


def annotations(item: etree._Element) -> dict[str, object]:
    """Annotation type to its title or texts."""
    found: dict[str, object] = {}
    for annotation in item.iter(f"{COMMON}Annotation"):
        texts = {
            t.get(LANG): t.text or "" for t in annotation.findall(f"{COMMON}AnnotationText")
        }
        content = annotation.findtext(f"{COMMON}AnnotationTitle") or texts
        if content:
            found[annotation.findtext(f"{COMMON}AnnotationType") or ""] = content
    return found


@pytest.mark.parametrize("id", RECORDED)
def test_a_codelist_is_what_ilostat_served(shared: Path, id: str) -> None:
    """Same codes, order, parents, names and annotations; rows with a source of their own may differ."""
    served = etree.parse(shared / f"data/ilostat/codelists_xml/{id}.xml")
    changed = {row["code"] for row in facts.rows(f"codelists/{id}.csv") if row["source"]}
    ours = structures.codelist(id)
    codes = list(served.iter(f"{STRUCTURE}Code"))
    ids = [code.get("id") for code in codes]
    assert [code.id for code in ours if code.id in ids] == ids
    assert {code.id for code in ours} - set(ids) <= changed
    for code in codes:
        own = ours[code.get("id") or ""]
        parent = code.find(f"{STRUCTURE}Parent/Ref")
        assert own.parent.id == (id if parent is None else parent.get("id"))
        if own.id in changed:
            continue
        names = {name.get(LANG): name.text for name in code.findall(f"{COMMON}Name")}
        assert own.name.localizations == names
        assert {
            a.type: a.title or a.text.localizations for a in own.annotations
        } == annotations(code)


def test_the_concepts_are_what_ilostat_served(shared: Path) -> None:
    served = etree.parse(shared / "data/ilostat/conceptschemes_and_dsd.xml")
    names = {
        (scheme.get("id"), concept.get("id")): {
            n.get(LANG): n.text for n in concept.findall(f"{COMMON}Name")
        }
        for scheme in served.iter(f"{STRUCTURE}ConceptScheme")
        for concept in scheme.iter(f"{STRUCTURE}Concept")
    }
    for row in facts.rows("concepts.csv"):
        if row["source"] == "sdmx-2026-05":
            assert facts.names(row) == names[row["scheme"], row["id"]]


def test_the_attributes_are_those_of_the_recorded_structure(shared: Path) -> None:
    served = etree.parse(shared / "data/ilostat/conceptschemes_and_dsd.xml")
    expected = {
        attribute.get("id"): " ".join(
            ref.get("id") or ""
            for ref in attribute.findall(f"{STRUCTURE}AttributeRelationship/*/Ref")
        )
        for attribute in served.iter(f"{STRUCTURE}Attribute")
    }
    ours = {
        row["id"]: row["attachment"]
        for row in facts.rows("components.csv")
        if row["kind"] == "attribute"
    }
    assert list(ours.items()) == list(expected.items())


def test_the_dataflow_ids_are_those_that_ilostat_listed(shared: Path) -> None:
    listed = set(
        (shared / "data/ilostat/migration_dataflows_2026-08-19.txt").read_text().split()
    )
    ours = {flow.id for flow in structures.dataflows()}
    assert {id for id in listed - ours if "_MIG_" not in id} == set()
    assert ours <= listed


def test_a_recorded_answer_differs_only_in_its_classifications(shared: Path) -> None:
    """The structure that the service made for the IMF: other dimensions, the same attributes."""
    served = (shared / "data/ilostat/conceptschemes_and_dsd.xml").read_bytes()
    report = structures.differences(served, "UNE_DEAP_SEX_AGE_CCT_RT")
    assert set(report.counts) == {"live-key"}


@pytest.mark.parametrize("id", ["CL_STE", "CL_CCT", "CL_AGE", "CL_CUR", "CL_CDS"])
def test_a_recorded_codelist_lacks_nothing_but_names_that_changed(
    shared: Path, id: str
) -> None:
    served = (shared / f"data/ilostat/codelists_xml/{id}.xml").read_bytes()
    structure = (shared / "data/ilostat/conceptschemes_and_dsd.xml").read_bytes()
    root = etree.fromstring(structure)
    root.find(".//{*}Structures").append(etree.fromstring(served).find(".//{*}Codelists"))
    report = structures.differences(etree.tostring(root), "UNE_DEAP_SEX_AGE_CCT_RT")
    assert set(report.counts) <= {"live-key", "live-name"}
    renamed = {finding.read.split()[1] for finding in report.of_rule("live-name")}
    assert renamed <= {"CCT_CIT_CITIZEN", "CCT_CIT_NONCIT", "CUR_TYPE_PPP"}


def test_the_concordance_pairs_what_labels_and_classifications_pair(shared: Path) -> None:
    with (shared / "data/ilms/ilms_dataflows_2026.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    old = "predecessor_indicator_2019_2026feb(mapping inferred)"
    expected = {row["dsd_id_and_MEASURE_code"]: (row["module"], row[old]) for row in rows}
    ours = {row.new: (row.module, row.old) for row in structures.concordance().itertuples()}
    assert ours == expected
    titles = structures.catalogue().set_index("id")["en"]
    for row in rows:
        if row["label_2019_verbatim"]:
            assert titles[row["dsd_id_and_MEASURE_code"]] == row["label_2019_verbatim"]


def test_the_versions_of_each_dataflow_are_those_of_its_indicator(shared: Path) -> None:
    """Those of the tables of 2019, but for ICSE-18, which came later."""
    with (shared / "data/ilms/ilms_indicators_2019.csv").open(encoding="utf-8") as file:
        indicators = {row["indicator"]: row for row in csv.DictReader(file)}
    checked = 0
    for row in facts.rows("dataflows.csv"):
        known = indicators.get(row["old"])
        if known and known["versions_all"]:
            ours = {version for version in row["versions"].split() if "ICSE18" not in version}
            assert ours | {"SEX"} == set(known["versions_all"].split())
            assert {*row["questionnaire"].split(), "SEX"} == {
                *known["versions_in_xls_questionnaire"].split(),
                "SEX",
            }
            units = [row[name] for name in ("unit_measure", "unit_measure_type", "unit_mult")]
            assert units == [
                known[name] for name in ("unit_measure", "unit_measure_type", "unit_mult")
            ]
            checked += 1
    assert checked > 40
