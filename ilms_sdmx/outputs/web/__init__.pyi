from .application import page_application as page_application
from .guard import Guard as Guard
from .guard import Visitors as Visitors
from .office import Office as Office
