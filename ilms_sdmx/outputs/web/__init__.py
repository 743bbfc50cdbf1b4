"""The page: a local server by which a person works on workbooks and looks at the database."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
