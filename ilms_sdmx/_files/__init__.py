"""Files: how one is written whole or not at all, and which ones the package brings."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
