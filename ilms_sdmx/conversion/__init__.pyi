from .converting import convert as convert
from .result import Conversion as Conversion
from .shipped import example as example
from .shipped import examples as examples
from .writing import write_conversion as write_conversion
