"""Time: forms of TIME_PERIOD, printed periods, calendars, and how often a series reports."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
