from .adding import Added as Added
from .database import Database as Database
from .manifest import Vintage as Vintage
