"""Protected releases: figures hidden in linked tables, what they cost, and how long it takes.

    python -m benchmarks.protection [--seconds S]

Tables of three dimensions with all margins, made from their number alone. Printed are the figures, those of the
rule (fewer than 5 persons), all that are hidden, what any protection hides at least, the CPU seconds, and how
many figures of the rule the attacker's programme then finds too well known, which must be 0.
"""

import argparse
import time

import numpy as np

from ilms_sdmx.analysis.protection.attack import Attacker
from ilms_sdmx.analysis.protection.release import Equations, Release
from ilms_sdmx.analysis.protection.rules import ProtectionRules, find_primary
from ilms_sdmx.analysis.protection.suppression import suppress

#: Sides of a table, and the mean of its figures.
SHAPES = (((9, 9, 9), 12), ((20, 20, 22), 60))
MINIMUM = 5
DUST = 1e-5


def cube(shape: tuple[int, ...], mean: float, seed: int) -> Release:
    """Release of one table with all its margins; many figures are small, as in real ones."""
    random = np.random.default_rng(seed)
    inner = random.negative_binomial(0.6, 0.6 / (0.6 + mean), size=shape).astype(float)
    for axis in range(len(shape)):
        inner = np.concatenate([inner, inner.sum(axis=axis, keepdims=True)], axis=axis)
    numbers = np.arange(inner.size).reshape(inner.shape)
    lines = []
    for axis, side in enumerate(inner.shape):
        lines += np.moveaxis(numbers, axis, -1).reshape(-1, side).tolist()
    equation = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    sign = np.concatenate([[-1.0] * (len(line) - 1) + [1.0] for line in lines])
    figure = np.concatenate(lines)
    equations = Equations(equation, figure, sign, np.zeros(len(lines), dtype=bool))
    value = inner.ravel()
    count = len(value)
    nothing = np.array([], dtype=np.int64)
    return Release(
        (),
        np.arange(count, dtype=np.uint64),
        nothing,
        nothing,
        nothing,
        value,
        np.ones(count),
        np.zeros(count, dtype=bool),
        value.copy(),
        equations,
        nothing,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=280.0)
    seconds = parser.parse_args().seconds
    print("figures  of the rule  hidden  at least  gap   CPU s  too well known")
    for shape, mean in SHAPES:
        release = cube(shape, mean, 1)
        primary = find_primary(release, ProtectionRules(minimum=MINIMUM))
        start = time.process_time()
        found = suppress(release, primary, np.zeros(len(release), dtype=bool), seconds)
        spent = time.process_time() - start
        attacker = Attacker(release, ~found.hidden)
        known = 0
        for figure in primary.figures.tolist():
            interval = attacker.interval(figure)
            is_wide = interval is not None and interval.lower <= DUST
            if not is_wide or interval is None or interval.upper < MINIMUM - DUST:
                known += 1
        print(
            f"{len(release):7,}  {len(primary.figures):11,}  {int(found.hidden.sum()):6,}"
            f"  {found.least:8,.0f}  {found.gap:4.0%}  {spent:5.1f}  {known:14,}"
        )


if __name__ == "__main__":
    main()
