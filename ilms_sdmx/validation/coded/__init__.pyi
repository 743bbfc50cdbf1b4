from .columns import Array as Array
from .pool import Pool as Pool
from .table import Coded as Coded
