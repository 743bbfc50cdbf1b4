"""Text made comparable, under its old name until every module asks `ilms_sdmx.words.text`."""

from ilms_sdmx.words.text import clean, folded, recompose, western_digits

__all__ = ["clean", "folded", "recompose", "western_digits"]
