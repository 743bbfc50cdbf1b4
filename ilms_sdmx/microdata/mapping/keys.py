"""Every key of the mapping of records: what reading allows, and what pages show of it."""

from __future__ import annotations

from typing import Any

from ilms_sdmx.mapping.file.schema import Sections

#: Kinds of files of records.
KINDS = ("survey", "census", "permits", "departures", "returns")
#: Section to key to meaning, in the order in which a person writes them. Keys with `*` are
#: required.
KEYS: dict[str, dict[str, str]] = {
    "microdata": {
        "microdata*": "Version of this format: `1`.",
        "title": "What the records are, for people.",
        "kind": (
            "`survey` (default), `census`, or a register with one row a `permits`,"
            " `departures` or `returns`."
        ),
        "area*": "The country, by a code of ISO 3166 or its name.",
        "source": "Where the records come from (see source).",
        "periods*": "SDMX period to its file or files (see period).",
        "years": "Years that are made of quarters or months: `2024: [2024-Q1, 2024-Q2, ...]`.",
        "quarters": (
            "`same` where a sampling unit of one number is one unit in all parts of a year"
            " (default), `apart` where the parts were drawn on their own."
        ),
        "variables*": "Role to its variable (see variable); roles are listed below.",
        "universe": "Who is counted as what (see universe).",
        "design": "How the sample was drawn (see design).",
        "thresholds": "From how many persons a figure is written (see thresholds).",
        "protection": "How the tables are protected before they go out (see protection).",
        "decimals": "Decimals of thousands of persons, rates, earnings and hours; 3 if absent.",
        "controls": "Totals that are known from elsewhere, to compare (list, see control).",
        "tables": "Dataflows to fill; by default all that the roles can.",
        "notes": "Notes by ILO's note type, added to those that follow from the rules.",
    },
    "source": {
        "name": "Name of the survey, census or register.",
        "code": "ILO's code of the source: `BA:510`.",
        "address": "Web address.",
        "licence": "Licence of the records.",
    },
    "period": {
        "file": (
            "File of records, or a folder of them, next to the mapping; or an address in a"
            " cluster, for Spark: `s3a://bucket/census/`, `hdfs://host/census/`."
        ),
        "files": "Files that are parts of one (list).",
        "encoding": "Encoding of texts where the file does not say it.",
        "separator": "Character between the fields of a text.",
        "columns": "CSV with name, start and width of fixed-width fields.",
        "names": "Name of this mapping to the name in this file, where it differs.",
        "factor": "What the weights of this file are multiplied by: `4`, `0.0001`.",
        "day": "Day on which ages, permits and contracts are looked at: `2024-12-31`.",
    },
    "variable": {
        "variable*": "Name in the file; for `person` also a list that identifies one together.",
        "codes": "Value to code, or the name of a CSV with `value` and `code`.",
        "missing": "Values that mean unknown, each listed; they become X within the universe.",
        "version": "Classification of the codes: `ISCED11`, `ISIC4`, `ISCO08`, `ICSE93`, ...",
        "classification": "Classification of the values, such as `PSIC 2009`: no codes needed.",
        "digits": "Digits of the values of a classification, where zeros before them are lost.",
        "weight": "Variable of a weight of its own, for `earnings` and `hours`.",
        "months": "Months after which an arrival is no longer recent, 12 by default.",
    },
    "universe": {
        "persons": "Who is counted at all: all of these must hold (list, see rule).",
        "working_age": "`15+` (default), `15-64`, `16+`.",
        "statuses": "Ordered rules, the first that holds decides (list, see status).",
        "criteria": "Criteria of unemployment: `3` (default) or `2`.",
        "icls": "Conference whose definition of work is followed: `13` (default) or `19`.",
        "concept": "Other definition of the statuses, in words, such as a self-declared one.",
    },
    "rule": {
        "name*": "What the rule says, for the report.",
        "where*": "Condition on variables: `RESIDENT = 1 and not (CONWR in (1, 3))`.",
    },
    "status": {
        "status*": "`employed`, `unemployed`, `outside` or `unknown`.",
        "name": "What the rule says, for the report.",
        "when*": "Condition on variables of the file.",
    },
    "design": {
        "strata": "Variable of the stratum; several are taken together.",
        "psu": "Variable of the primary sampling unit; several are taken together.",
        "fpc": "Variable with the number of units that the stratum has in all.",
        "ssu": "Variable of the unit of the second stage.",
        "fpc2": "Variable with the number of second units that the first unit has in all.",
        "lonely": "Strata of one unit: `adjust`, `average`, `remove`, `certainty`, `fail`.",
        "replicates": "Replicate weights instead of strata and units (see replicates).",
    },
    "replicates": {
        "variables*": "Variables of the weights: a list, or a beginning such as `rw*`.",
        "method*": "`jk1`, `jk2`, `jkn`, `brr`, `fay` or `bootstrap`.",
        "scale": "What the sum of squares is multiplied by, where the method does not say it.",
        "fay": "Fay's factor.",
        "about": "`mean` of the replicates (default) or the `full` estimate.",
    },
    "thresholds": {
        "not_significant": "Below so many persons the status is S, without value; 5.",
        "unreliable": "Below so many persons the status is U; 15.",
        "minimum": (
            "Below so many persons nothing is written without `--allow`; 5. Under `protection`"
            " its own minimum holds."
        ),
    },
    "protection": {
        "minimum": "Least number of persons behind a figure, unweighted: 3 (default), 5, 10.",
        "dominance": (
            "`[n, k]`: no mean of earnings is written where the n largest contributors have"
            " more than k per cent of the amount."
        ),
        "p_percent": (
            "No mean of earnings is written where the second largest contributor can work out"
            " the largest within so many per cent."
        ),
        "group": "`true` to hide also parts that are all of their total.",
        "must": "Figures that are published in any case, parts of keys: `[{SEX: SEX_T}]`.",
        "method": "`suppression` (default), `rounding` or `perturbation`.",
        "base": "Base of rounding: `5` (default) or `3`.",
        "seconds": "Time for the search; 60.",
    },
    "control": {
        "name*": "What the total is, and who publishes it.",
        "period*": "Period.",
        "persons*": "Number of persons.",
        "where": "Condition on variables of the file; all persons counted where absent.",
    },
}
#: Section and key to the section that lies below it, and how.
NESTED: dict[tuple[str, str], tuple[str, str]] = {
    ("microdata", "source"): ("one", "source"),
    ("microdata", "periods"): ("named", "period"),
    ("microdata", "variables"): ("named", "variable"),
    ("microdata", "universe"): ("one", "universe"),
    ("microdata", "design"): ("one", "design"),
    ("microdata", "thresholds"): ("one", "thresholds"),
    ("microdata", "protection"): ("one", "protection"),
    ("microdata", "controls"): ("list", "control"),
    ("universe", "persons"): ("list", "rule"),
    ("universe", "statuses"): ("list", "status"),
    ("design", "replicates"): ("one", "replicates"),
}
#: Sections for which a text alone may be written.
_SHORT = {"period": ["string", "array"], "variable": ["string", "array"]}


def allowed_keys(section: str) -> list[str]:
    """Keys of a section."""
    return [key.rstrip("*") for key in KEYS[section]]


def required_keys(section: str) -> list[str]:
    """Keys that a section must have."""
    return [key.rstrip("*") for key in KEYS[section] if key.endswith("*")]


def microdata_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the mapping of records.

    Examples
    --------
    >>> microdata_schema()["required"]
    ['microdata', 'area', 'periods', 'variables']
    """
    sections = Sections(KEYS, NESTED, _SHORT)
    return sections.schema("microdata", "Mapping of records of ilms_sdmx")
