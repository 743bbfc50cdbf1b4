"""Data sets: what they are, what a verb takes, and what changed between two of them."""

from ilms_sdmx.datasets.model import (
    NOUNS,
    OBSERVATION,
    Components,
    Dataset,
    Source,
    arrow_table,
    datasets_of,
    datasets_table,
    is_source,
)

__all__ = [
    "NOUNS",
    "OBSERVATION",
    "Components",
    "Dataset",
    "Source",
    "arrow_table",
    "datasets_of",
    "datasets_table",
    "is_source",
]
