"""Errors by replicate weights, as surveys ship them instead of their design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MappingError

if TYPE_CHECKING:
    from ilms_sdmx.microdata.estimation.design import Numbers

#: Methods, and by what the sum of squares is multiplied.
METHODS = ("jk1", "jk2", "jkn", "brr", "fay", "bootstrap")


@dataclass(frozen=True)
class Replicates:
    """How replicate weights were made.

    Parameters
    ----------
    method
        `jk1` (one group left out at a time), `jk2` and `jkn` (by strata; `jkn` needs a scale),
        `brr`, `fay` (with `fay`), `bootstrap`.
    scale
        What the sum of squares is multiplied by; by default what the method says: (R - 1) / R
        for `jk1`, 1 for `jk2`, 1 / R for `brr`, 1 / (R (1 - fay)^2) for `fay`, 1 / (R - 1) for
        `bootstrap`.
    fay
        Fay's factor, from 0 to below 1.
    about_mean
        Whether squares are about the mean of the replicates, as in R and Stata, and not about
        the full estimate.
    """

    method: str = "jk1"
    scale: float = 0.0
    fay: float = 0.0
    about_mean: bool = True

    def variance(self, full: Any, replicates: Any) -> Numbers:
        """Variance of estimates: `full` of the full weights, `replicates` a column each.

        Examples
        --------
        >>> Replicates("jk1").variance([10.0], [[9.0, 11.0, 10.0]])
        array([1.33333333])
        """
        import numpy as np

        estimate = np.asarray(full, dtype="float64")
        others = np.asarray(replicates, dtype="float64")
        centre = others.mean(axis=-1) if self.about_mean else estimate
        differences = others - centre[..., np.newaxis]
        squares: Numbers = (differences * differences).sum(axis=-1)
        return squares * self._scale(others.shape[-1])

    def _scale(self, count: int) -> float:
        if self.scale:
            return self.scale
        known = {
            "jk1": (count - 1) / count,
            "jk2": 1.0,
            "brr": 1 / count,
            "fay": 1 / (count * (1 - self.fay) ** 2),
            "bootstrap": 1 / max(count - 1, 1),
        }
        if self.method not in known:
            listed = ", ".join(METHODS)
            raise MappingError(
                f"expected one of {listed}, and a scale for jkn, found {self.method!r}."
            )
        return known[self.method]
