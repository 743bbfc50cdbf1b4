"""Rules that `validate` applies, from the catalogue of findings."""

from __future__ import annotations

from ilms_sdmx.findings.catalogue import VALIDATED, rules

#: Rule id to rule, in the order in which reports list them.
RULES = rules().of_groups(VALIDATED)
