from .application import Access as Access
from .application import application as application
from .replies import Limits as Limits
from .requests import parse_request as parse_request
