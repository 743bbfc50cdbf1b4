from .characters import LegacyFont as LegacyFont
from .characters import convert as convert
from .characters import decode_legacy as decode_legacy
from .characters import legacy_font as legacy_font
from .encodings import decode as decode
from .fonts import convert_fonts as convert_fonts
from .garbled import Garbled as Garbled
from .garbled import garbled as garbled
