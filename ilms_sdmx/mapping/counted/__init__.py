"""What a data set counts, and in which unit, as its dataflow and its notes say it."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
