"""Validation: rules over data sets, each finding with its key and cell."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
