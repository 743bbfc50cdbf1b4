"""Buckets: where each figure of a source ends, exactly one for each."""

from __future__ import annotations

from enum import StrEnum


class Bucket(StrEnum):
    """Where a non-empty cell ends; every cell ends in exactly one.

    Parameters
    ----------
    OBSERVATION
        Figure that is written as an observation.
    TOTAL
        Figure that others add up to: compared with their sum, and written where a code means
        it.
    OF_WHICH
        Figure that is a part of another one next to it, and is not added to it.
    PERCENT
        Share or change, recomputed from the counts where the mapping says of what.
    RATIO, RATE
        Figure that is no count and cannot be added up.
    OTHER_MEASURE
        Figure of another measure than the table's.
    MISSING
        Mark in place of a figure, such as `-` or `n.a.`.
    IGNORE
        Figure that the mapping leaves out on purpose, with the reason.
    LABEL, NOTE
        Words that head figures, and words about them.
    FINDING
        Cell that nothing explains, named by a finding.
    """

    OBSERVATION = "observation"
    TOTAL = "total"
    OF_WHICH = "of_which"
    PERCENT = "percent"
    RATIO = "ratio"
    RATE = "rate"
    OTHER_MEASURE = "other_measure"
    MISSING = "missing"
    IGNORE = "ignore"
    LABEL = "label"
    NOTE = "note"
    FINDING = "finding"


#: Buckets that no rule may name: what is read of a cell decides them.
_DECIDED = (Bucket.MISSING, Bucket.LABEL, Bucket.NOTE, Bucket.FINDING)
#: Buckets of figures that a rule may name.
ROLES = tuple(bucket.value for bucket in Bucket if bucket not in _DECIDED)
#: Buckets that a data set takes where its mapping names none.
TAKEN = (Bucket.OBSERVATION.value, Bucket.TOTAL.value, Bucket.OF_WHICH.value)
