"""The database of figures: one folder of Parquet files with every figure's history."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
