"""Matching of 100,000 labels, after the first of each: the same labels come again in every row.

Run as `python -m benchmarks.labels`.
"""

from __future__ import annotations

import time

from ilms_sdmx.labels import match_label
from ilms_sdmx.labels.lines import label_lines

LABELS = 100_000


def main() -> None:
    """Print the seconds of the first match, of each label once and of 100,000 labels."""
    names = [line.label for line in label_lines() if line.kind == "country"]
    start = time.perf_counter()
    match_label("Thailand", "CDS_DES_")
    first = time.perf_counter()
    for name in names:
        match_label(name, "CDS_DES_")
    each = time.perf_counter()
    for number in range(LABELS):
        match_label(names[number % len(names)], "CDS_DES_")
    last = time.perf_counter()
    print(f"first label {first - start:.2f} s")
    print(f"{len(names)} different labels {each - first:.2f} s")
    print(f"{LABELS} labels {last - each:.2f} s")


if __name__ == "__main__":
    main()
