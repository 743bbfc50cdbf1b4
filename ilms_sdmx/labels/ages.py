"""Age bands in the region's languages."""

from __future__ import annotations

import re

from ilms_sdmx.tables.text import folded

_YEARS = r"(?:years?(?: old)?|yrs?\.?|tahun|tuổi|ปี|ปีบริบูรณ์|ປີ|ឆ្នាំ|နှစ်|anos|taon|tinan)?"
_OVER = (
    r"(?:\+|and over|and above|and older|and more|or over|or above|or older|or more|over|above|"
    r"ke atas|dan ke atas|dan lebih|"
    r"atau lebih|trở lên|ขึ้นไป|และมากกว่า|ຂຶ້ນໄປ|ឡើងទៅ|ឡើង|နှင့်အထက်|e mais|ou mais|pataas)"
)
_UNDER = (
    r"(?:under|below|less than|younger than|<|dưới|ต่ำกว่า|น้อยกว่า|di bawah|bawah|"
    r"kurang dari|ຕ່ຳກວ່າ|ក្រោម|menos de)"
)
_AGE = r"(?:aged?|umur|usia|อายุ|ອາຍຸ|អាយុ|အသက်|tuổi|nhóm tuổi|idade)?"
_BAND = re.compile(
    rf"{_AGE} ?(\d{{1,2}}) ?{_YEARS} ?(?:-|to|sampai|hingga|đến|ถึง|ຫາ|ដល់) ?(\d{{1,2}}) ?{_YEARS}"
)
_FROM = re.compile(rf"{_AGE} ?(?:≥ ?|>= ?)?(\d{{1,2}}) ?{_YEARS} ?{_OVER}?")
_UP_TO = re.compile(rf"{_AGE} ?{_UNDER} ?(\d{{1,2}}) ?{_YEARS}")


def age_suffix(label: str) -> str:
    """End of the code of an age band, empty for what is none.

    >>> [age_suffix(t) for t in ("15-24", "65+", "60 ปีขึ้นไป", "dưới 15 tuổi", "Total")]
    ['Y15-24', 'YGE65', 'YGE60', 'YLT15', '']
    """
    text = (
        folded(label)
        .replace("years of age", "years")
        .replace(" & ", " and ")
        .removeprefix("từ ")
    )
    if (band := _BAND.fullmatch(text)) and int(band[1]) <= int(band[2]):
        return f"Y{int(band[1]):02d}-{int(band[2]):02d}"
    if under := _UP_TO.fullmatch(text):
        return f"YLT{int(under[1]):02d}"
    if (start := _FROM.fullmatch(text)) and not re.fullmatch(rf".*\d ?{_YEARS}", text):
        return f"YGE{int(start[1]):02d}"
    return f"YGE{int(start[1]):02d}" if start and re.search("[≥>]", text) else ""
