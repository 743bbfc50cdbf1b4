"""Reports for people: self-contained HTML pages, annotated workbooks, charts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
