"""Exchange with those who receive figures: revisions, submissions, publication, sending."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
