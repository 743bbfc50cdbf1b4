"""Mapping files proposed to a person, from workbooks and the mappings of other software."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
