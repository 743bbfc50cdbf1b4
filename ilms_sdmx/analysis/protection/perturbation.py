"""Perturbation: a little noise on every figure, the same wherever the figure is printed."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

import numpy as np

from ilms_sdmx.analysis.protection.release import Release
from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.validation.coded.columns import Array

#: Steps in which the tilt that takes the mean of the noise to zero is searched.
_STEPS = 80
_MOST_TILT = 50.0
_SHORTEST_SECRET = 8


def perturbed(release: Release, secret: str, most: int = 5, variance: float = 4.0) -> Array:
    """Figures with noise that depends on the figure and a secret alone.

    A figure has the same noise in every table and every vintage as long as it and its value are
    the same, so that asking again tells nothing. The noise of a figure has the mean 0, is at
    most `most`, never makes a figure negative, and leaves 0 as it is. Sums do not hold exactly
    afterwards: every figure is drawn for itself.

    Parameters
    ----------
    release
        Figures in whole persons.
    secret
        Text of at least 8 characters that nobody outside the office has. It is written nowhere.
    most
        Greatest noise.
    variance
        Variance of the noise of figures that are larger than `most`.

    Returns
    -------
    Array
        Figures with noise; NaN where the release has none.

    Raises
    ------
    ProtectionError
        The secret is too short, or the noise has no spread.
    """
    if len(secret) < _SHORTEST_SECRET:
        raise ProtectionError(
            f"expected a secret of at least {_SHORTEST_SECRET} characters, found {len(secret)}"
        )
    if most < 1 or variance <= 0:
        raise ProtectionError(
            f"expected noise of at least 1 with some variance, found {most} and {variance:g}"
        )
    result = release.value.copy()
    key = secret.encode()
    for figure in np.flatnonzero(np.isfinite(release.value)).tolist():
        value = release.value[figure]
        draw = _draw(key, int(release.identity[figure]), float(value))
        result[figure] = value + _noise(min(int(value), most), most, variance, draw)
    return result


def _draw(key: bytes, identity: int, value: float) -> float:
    """Number from 0 to 1 that only the figure, its value and the secret decide."""
    text = f"{identity}:{value!r}"
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _noise(value: int, most: int, variance: float, draw: float) -> int:
    """Noise of a value; those above `most` have one distribution."""
    if value == 0:
        return 0
    noises, cumulated = _distribution(value, most, variance)
    place = int(np.searchsorted(cumulated, draw, side="right"))
    return int(noises[min(place, len(noises) - 1)])


@lru_cache(maxsize=1000)
def _distribution(value: int, most: int, variance: float) -> tuple[Array, Array]:
    """Noises of a value, and the cumulated share of each: as normal as the limits allow.

    Near zero the noise can go less far down than up, so its shares are tilted until their mean
    is 0.
    """
    noises = np.arange(-min(value, most), most + 1)
    low, high = -_MOST_TILT, _MOST_TILT
    for _ in range(_STEPS):
        tilt = (low + high) / 2
        if _shares(noises, tilt, variance) @ noises > 0:
            high = tilt
        else:
            low = tilt
    shares = _shares(noises, (low + high) / 2, variance)
    return noises, np.cumsum(shares)


def _shares(noises: Array, tilt: float, variance: float) -> Array:
    exponents = tilt * noises - noises**2 / (2 * variance)
    weights = np.exp(exponents - exponents.max())
    shares: Array = weights / weights.sum()
    return shares
