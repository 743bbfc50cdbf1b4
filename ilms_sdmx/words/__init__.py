"""Words of the region's languages: what a table says in words, read from one list."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
