"""Age bands in the region's languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.words.search import alternation
from ilms_sdmx.words.text import folded

_DIGIT = re.compile(r"\d")
_AT_LEAST = re.compile("[≥>]")


@dataclass(frozen=True, slots=True)
class _Forms:
    """Expressions of the ways to write an age band.

    Parameters
    ----------
    band
        From one age to another: `15-24`, `15 đến 24 tuổi`.
    start
        An age that may begin a band: `60 years`, `60 ปีขึ้นไป`, `≥ 60`.
    alone
        An age with nothing that says *and over*.
    below
        Under an age: `dưới 15 tuổi`.
    """

    band: re.Pattern[str]
    start: re.Pattern[str]
    alone: re.Pattern[str]
    below: re.Pattern[str]


@lru_cache(maxsize=1)
def _forms() -> _Forms:
    """Expressions of age bands, with the words of all languages in them."""
    first = alternation("age_from")
    aged = alternation("aged")
    years = alternation("age_unit")
    through = alternation("through")
    over = alternation("and_over")
    younger = alternation("younger")
    begin = f"(?:{first} )?(?:{aged})?"
    age = rf"(\d{{1,2}}) ?(?:{years})?"
    band = rf"{begin} ?{age} ?(?:-|{through}) ?{age}"
    start = rf"{begin} ?(?:≥ ?|>= ?)?{age} ?(?:{over})?"
    alone = rf".*{age}"
    below = rf"{begin} ?{younger} ?{age}"
    expressions = map(re.compile, (band, start, alone, below))
    return _Forms(*expressions)


def age_suffix(label: str) -> str:
    """End of the code of an age band, empty for what is none.

    >>> [age_suffix(t) for t in ("15-24", "65+", "60 ปีขึ้นไป", "dưới 15 tuổi", "Total")]
    ['Y15-24', 'YGE65', 'YGE60', 'YLT15', '']
    """
    text = folded(label).replace(" & ", " and ")
    if not _DIGIT.search(text):
        return ""
    forms = _forms()
    band = forms.band.fullmatch(text)
    if band:
        first, last = int(band[1]), int(band[2])
        if first <= last:
            return f"Y{first:02d}-{last:02d}"
    below = forms.below.fullmatch(text)
    if below:
        return f"YLT{int(below[1]):02d}"
    start = forms.start.fullmatch(text)
    if start is None:
        return ""
    is_open = forms.alone.fullmatch(text) is None
    if is_open or _AT_LEAST.search(text):
        return f"YGE{int(start[1]):02d}"
    return ""
