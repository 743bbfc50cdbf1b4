"""Conversion: a national workbook to data sets and a report, every cell accounted for."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
