"""Coverage: how far arithmetic tests each observation, and the share of each table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import Pool
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.result import COLUMNS, TESTS
from ilms_sdmx.validation.rules.means import Means
from ilms_sdmx.validation.rules.tables import ComparedIdentity, Repeats

#: Places in `TESTS`: nothing looks at a figure, a limit holds it, an equation holds it.
_NONE, _BOUND, _EQUAL = range(3)


def tested_rows(coded: Coded, sums: Sequence[Sums], means: Sequence[Means]) -> Array:
    """Place in `TESTS` of each row, by what looks at one table alone.

    A sum whose parts are all there is an equation; one that lacks parts, or a mean, is only a
    limit that a wrong figure may well keep.
    """
    tested = np.full(len(coded), _NONE, dtype=np.int8)
    for compared in means:
        tested[compared.touched] = _BOUND
    for relation in sums:
        tested[relation.touched & (tested == _NONE)] = _BOUND
    for relation in sums:
        is_equation = relation.complete[relation.groups]
        tested[relation.touched & is_equation] = _EQUAL
    return tested


def tested_together(
    pool: Pool, repeats: Repeats, identities: Sequence[ComparedIdentity]
) -> list[Array]:
    """Place in `TESTS` of each row of each table, by what compares tables."""
    bounded = [repeats.entries[:0]]
    equal = [repeats.entries]
    for compared in identities:
        if compared.identity.operator == "<=":
            bounded.extend(compared.columns)
        else:
            equal.extend(compared.columns)
    masks_of_bounded = pool.masks(np.concatenate(bounded))
    masks_of_equal = pool.masks(np.concatenate(equal))
    tested = []
    for is_bounded, is_equal in zip(masks_of_bounded, masks_of_equal, strict=True):
        places = np.where(is_bounded, _BOUND, _NONE).astype(np.int8)
        places[is_equal] = _EQUAL
        tested.append(places)
    return tested


def coverage_of_tables(tables: Sequence[Coded], tested: Sequence[Array]) -> pd.DataFrame:
    """One row a table: observations by how far they are tested, and the share of equations."""
    rows = []
    for table, places in zip(tables, tested, strict=True):
        size = len(table)
        counts = np.bincount(places, minlength=len(TESTS)).tolist()
        share = 0.0
        if size:
            share = 100.0 * counts[_EQUAL] / size
        rows.append((table.name, size, *reversed(counts), round(share, 1)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def with_tests(tables: Sequence[Coded], tested: Sequence[Array]) -> tuple[pd.DataFrame, ...]:
    """Observations of each table with the column `tested`: equation, limit or none."""
    frames = []
    for table, places in zip(tables, tested, strict=True):
        column = pd.Categorical.from_codes(table.as_came(places), pd.Index(TESTS))
        observations = table.dataset.observations
        frames.append(observations.assign(tested=column))
    return tuple(frames)
