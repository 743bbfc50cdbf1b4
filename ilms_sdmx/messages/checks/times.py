"""Time in data that are written: FREQ and TIME_PERIOD must not contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.errors import ValidationError
from ilms_sdmx.findings import Finding, Place, Report, find, phrase
from ilms_sdmx.messages import pool
from ilms_sdmx.structures.frequencies import contradicts

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset


def refuse_contradictions(dataset: Dataset) -> Dataset:
    """Data set as it is, where every period is one that a series of its frequency can hold.

    Raises
    ------
    ValidationError
        A period is none of its frequency: A with `2021-01-01/P5M`.
    """
    findings = find_contradictions(dataset)
    if findings:
        first = findings[0].message
        raise ValidationError(f"{first} Nothing is written.", Report.of(findings))
    return dataset


def find_contradictions(dataset: Dataset) -> list[Finding]:
    """Findings of periods that no series of their frequency can hold, one for each pair."""
    import numpy as np

    observations = dataset.observations
    if not {"FREQ", "TIME_PERIOD"} <= set(observations.columns) or not len(observations):
        return []
    of_frequency, frequencies = pool.distinct(observations["FREQ"])
    of_period, periods = pool.distinct(observations["TIME_PERIOD"])
    is_known = (of_frequency >= 0) & (of_period >= 0)
    pairs = of_frequency[is_known].astype("int64") * len(periods) + of_period[is_known]
    frequency_texts = frequencies.to_pylist()
    period_texts = periods.to_pylist()
    findings = []
    for pair in np.flatnonzero(np.bincount(pairs)).tolist():
        frequency = frequency_texts[pair // len(periods)]
        period = period_texts[pair % len(periods)]
        if contradicts(frequency, period, dataset.dataflow):
            findings.append(_contradiction(frequency, period, dataset.dataflow))
    return findings


def _contradiction(frequency: str, period: str, dataflow: str) -> Finding:
    return find(
        "time-format",
        Place(dataflow=dataflow),
        component="TIME_PERIOD",
        read=period,
        expected=phrase("of-frequency", frequency=frequency),
    )
