"""Estimates and their errors by the design of a sample: numpy alone, no file and no mapping."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
