"""Modelled estimates of migrants in the labour force: made, read, and kept apart."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
