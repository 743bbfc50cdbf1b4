"""Legacy fonts and encodings of the region.

Converted where that is certain, refused loudly where not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

#: TCVN3 (ABC): bytes of Latin-1 to the letters that fonts such as .VnTime show.
TCVN3 = dict(
    zip(
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§",
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)

#: VNI: a letter and the mark typed after it, or a letter of its own.
_VNI_MARKS = {
    "a": ("ùøûõïêéèúüëâáàåãä", "áàảãạăắằẳẵặâấầẩẫậ"),
    "e": ("ùøûõïâáàåãä", "éèẻẽẹêếềểễệ"),
    "o": ("ùøûõïâáàåãä", "óòỏõọôốồổỗộ"),
    "u": ("ùøûõï", "úùủũụ"),
    "y": ("ùøûõ", "ýỳỷỹ"),
    "ô": ("ùøûõï", "ớờởỡợ"),
    "ö": ("ùøûõï", "ứừửữự"),
}
_VNI_SINGLE = dict(zip("íìæóòôöîñ", "íìỉĩịơưỵđ", strict=True))
VNI = {
    base + m: v
    for base, (marks, vowels) in _VNI_MARKS.items()
    for m, v in zip(marks, vowels, strict=True)
}
VNI |= {pair.upper(): letter.upper() for pair, letter in VNI.items()}
VNI |= {
    pair[0].upper() + pair[1]: letter.upper()
    for pair, letter in VNI.items()
    if pair[0].islower()
}
VNI |= _VNI_SINGLE | {k.upper(): v.upper() for k, v in _VNI_SINGLE.items()}
_VNI_TOKEN = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))

#: VISCII (RFC 1456): six control characters and the upper half.
VISCII = dict(zip("\x02\x05\x06\x14\x19\x1e", "ẲẴẪỶỸỴ", strict=True)) | dict(
    zip(
        map(chr, range(0x80, 0x100)),
        "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
        "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
        strict=True,
    )
)

_TCVN3_TABLE, _VISCII_TABLE = str.maketrans(TCVN3), str.maketrans(VISCII)
_BEYOND_LATIN_1 = re.compile("[^\x00-\xff]")


@dataclass(frozen=True, slots=True)
class LegacyFont:
    """What a font name says about the text in it.

    Parameters
    ----------
    scheme
        `tcvn3`, `vni`, `zawgyi`, `khmer` or `lao`.
    converts
        Whether conversion to Unicode is certain.
    upper
        Whether the font shows capital letters only (`.VnTimeH`).
    """

    scheme: str
    converts: bool
    upper: bool = False


_FONTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^\.vn|^tcvn-?3?"), "tcvn3"),
    (re.compile(r"^vni[- ]"), "vni"),
    (re.compile(r"zawgyi|^myanmar1$|^winmyanmar|^win---?innwa|^win innwa"), "zawgyi"),
    (re.compile(r"^limon|^abc-text|^abc zero"), "khmer"),
    (
        re.compile(
            r"^saysettha lao|^alice[_ ]?\d|^alice$|^sengchanh|^xayawath|^lao ?ls|^saysettha ls"
        ),
        "lao",
    ),
)


@lru_cache(maxsize=1024)
def legacy_font(name: str) -> LegacyFont | None:
    """Scheme of a font by its name, None for fonts of Unicode text.

    >>> legacy_font("TH Sarabun New") is None
    True
    >>> legacy_font(".VnTimeH").upper, legacy_font("Zawgyi-One").converts
    (True, False)
    """
    plain = name.strip().casefold()
    for pattern, scheme in _FONTS:
        if not pattern.search(plain):
            continue
        converts = scheme in {"tcvn3", "vni"}
        is_upper = scheme == "tcvn3" and plain.endswith("h")
        return LegacyFont(scheme, converts, is_upper)
    return None


def convert(text: str, font: LegacyFont) -> str:
    """Text of a convertible font in Unicode.

    Text that already has letters beyond Latin-1 is left as it is.

    >>> convert("NhËt B¶n", LegacyFont("tcvn3", True))
    'Nhật Bản'
    >>> convert("Nhaät Baûn", LegacyFont("vni", True))
    'Nhật Bản'
    """
    if not font.converts or _BEYOND_LATIN_1.search(text):
        return text
    if font.scheme == "vni":
        return _from_vni(text)
    shown = text.translate(_TCVN3_TABLE)
    if font.upper:
        return shown.upper()
    return shown


def _from_vni(text: str) -> str:
    return _VNI_TOKEN.sub(lambda token: VNI[token.group()], text)


def decode_legacy(data: bytes, scheme: str) -> str | None:
    """Text of a file whose encoding was declared as one that Python lacks.

    None for other names.
    """
    plain = scheme.casefold().replace("_", "-")
    text = data.decode("latin-1")
    if plain in {"tcvn3", "tcvn-3", "abc"}:
        return text.translate(_TCVN3_TABLE)
    if plain == "vni":
        return _from_vni(text)
    if plain == "viscii":
        return text.translate(_VISCII_TABLE)
    return None
