"""A desk: one workbook, its mapping file, what is open in it, and every state that it had."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
