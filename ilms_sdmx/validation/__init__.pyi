from .engine import validate as validate
from .exceptions import Accepted as Accepted
from .exceptions import read_exceptions as read_exceptions
from .result import Validation as Validation
