"""Labels to codes, exact or after normalisation, with evidence and candidates."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
