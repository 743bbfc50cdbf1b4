"""Tables as they came in: files read into cells, numbers, markers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
