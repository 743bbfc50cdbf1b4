"""Protected releases: figures that tell about persons are hidden, so that no sum tells them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
