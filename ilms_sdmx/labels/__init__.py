"""Labels to codes: exact, by alias or after normalisation, with the evidence; likeness is only
suggested.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
