from .converting import convert as convert
from .result.conversions import Conversion as Conversion
from .result.writing import write_conversion as write_conversion
from .shipped import copy_example as copy_example
from .shipped import example as example
from .shipped import examples as examples
