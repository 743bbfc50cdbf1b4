"""Text in fonts and encodings from before Unicode: converted where certain, else refused."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
