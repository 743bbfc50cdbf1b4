from .answers import Limits as Limits
from .application import Access as Access
from .application import application as application
from .requests import parse_request as parse_request
