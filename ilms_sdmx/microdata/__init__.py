"""From records of persons to the tables of ILMS: surveys, censuses and registers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
