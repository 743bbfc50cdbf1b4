"""The structures of ILMS as sdmx1 objects and as frames, read from `dsd/` when first asked for.

Examples
--------
>>> from ilms_sdmx import structures
>>> structures.dataflow("MST_NCTE_SEX_CCT_NB").id
'DF_EMP_MFRC_SEX_CCT_NB'
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
