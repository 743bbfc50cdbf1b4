from .revisions import Revision as Revision
from .revisions import revise as revise
from .versions import version_of as version_of
