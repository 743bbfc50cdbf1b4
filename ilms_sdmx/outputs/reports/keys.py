"""Keys of figures in words: names of codes, and periods as a person writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ilms_sdmx import structures
from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings.languages import ENGLISH
from ilms_sdmx.periods.spoken import spoken

#: Dimensions that a person does not name: how often, and what the data set is about.
_UNNAMED = frozenset({"FREQ", "MEASURE"})
#: Languages in which ILO names its codes.
_NAMED_IN = ("en", "fr", "es")
#: Codes joined to a key, and single codes of ILO's lists.
_CODES = re.compile(r"\b[A-Z][A-Z0-9_]*(?:\.[A-Z0-9][\w/:-]*)+|\b[A-Z][A-Z0-9]*_[A-Z0-9_-]+\b")


def key_in_words(dataflow: str, key: Mapping[str, str], language: str = ENGLISH) -> str:
    """Key of a figure in words: `Cambodia, 2019; Sex: Male; Residence: Thailand`.

    Codes of lists that we do not have stay as they are; nothing for no key. Names are in the
    language where ILO has them in it, else in English.

    Examples
    --------
    >>> from ilms_sdmx.outputs.reports.keys import key_in_words
    >>> key = {"REF_AREA": "KHM", "FREQ": "A", "SEX": "SEX_M", "TIME_PERIOD": "2019-10-01/P1Y"}
    >>> key_in_words("ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)", key)
    'Cambodia, October 2019 to September 2020; Sex: Male'
    """
    first = []
    others = []
    for dimension, code in key.items():
        if dimension in _UNNAMED or not code:
            continue
        if dimension == "TIME_PERIOD":
            first.append(spoken(code) if language == ENGLISH else code)
            continue
        label = _names(dataflow, dimension, language).get(code, code)
        if dimension == "REF_AREA":
            first.insert(0, label)
        else:
            others.append(f"{_title(dataflow, dimension)}: {label}")
    return "; ".join(filter(None, [", ".join(first), *others]))


def with_names(
    text: str, dataflow: str, key: Mapping[str, str], language: str = ENGLISH
) -> str:
    """Text of a finding in which keys and codes have their names.

    Parameters
    ----------
    text
        What a finding says.
    dataflow, key
        Of the place of the finding: keys in the text have the same dimensions.

    Examples
    --------
    >>> from ilms_sdmx.outputs.reports.keys import with_names
    >>> key = {"REF_AREA": "KHM", "SEX": "SEX_M", "CRS": "CRS_RES_THA", "TIME_PERIOD": "2019"}
    >>> flow = "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"
    >>> with_names("KHM.SEX_M.CRS_RES_THA.2019 (8.5)", flow, key)
    'Cambodia, 2019; Sex: Male; Country of residence: Thailand (8.5)'
    >>> with_names("Correct CRS_RES_LAO.", flow, key)
    "Correct CRS_RES_LAO (Lao People's Dem. Rep.)."
    """
    if not key:
        return text

    def named(match: re.Match[str]) -> str:
        codes = match[0].split(".")
        if len(codes) == len(key):
            return key_in_words(dataflow, dict(zip(key, codes, strict=True)), language)
        return _with_name(match[0], dataflow, key, language)

    return _CODES.sub(named, text)


def _with_name(code: str, dataflow: str, key: Mapping[str, str], language: str) -> str:
    """Code with its name, where a dimension of the key has it."""
    for dimension in key:
        name = ""
        if dimension not in _UNNAMED:
            name = _names(dataflow, dimension, language).get(code, "")
        if name:
            return f"{code} ({name})"
    return code


@cache
def _names(dataflow: str, dimension: str, language: str) -> dict[str, str]:
    """Names of the codes of a dimension of a dataflow; none where we do not know its list."""
    codelist = _codelist(dataflow, dimension)
    if not codelist:
        return {}
    table = structures.codes(codelist, language if language in _NAMED_IN else ENGLISH)
    return dict(zip(table["code"], table["name"], strict=True))


@cache
def _codelist(dataflow: str, dimension: str) -> str:
    try:
        component = structures.dataflow(dataflow).structure.dimensions.get(dimension)
    except (StructureError, KeyError):
        return ""
    represented = component.local_representation
    if represented is None or represented.enumerated is None:
        return ""
    return str(represented.enumerated.id)


@cache
def _title(dataflow: str, dimension: str) -> str:
    """English name of a dimension, its id where we do not know it."""
    try:
        component = structures.dataflow(dataflow).structure.dimensions.get(dimension)
    except (StructureError, KeyError):
        return dimension
    concept = component.concept_identity
    return str(concept.name) if concept is not None and str(concept.name) else dimension
