"""Workbooks in .xlsx and .xlsm: the parts of the archive, its styles and strings, its cells."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
