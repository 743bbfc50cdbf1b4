"""Structure messages of SDMX-ML 2.0 to 3.1 and SDMX-JSON, and sdmx1's objects, as definitions.

Examples
--------
>>> from ilms_sdmx import structures
>>> from ilms_sdmx.structures.reading import read_structures
>>> message = read_structures(structures.to_bytes(dataflow="EMP_TEMP_SEX_STE_CCT_NB"))
>>> message.definition("ILO:DF_EMP_TEMP_SEX_STE_CCT_NB(1.0)").dimensions
('REF_AREA', 'FREQ', 'MEASURE', 'SEX', 'STE', 'CCT', 'TIME_PERIOD')
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
