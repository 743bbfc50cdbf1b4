from .files.reading import read_microdata as read_microdata
from .files.variables import Microdata as Microdata
from .files.variables import Variable as Variable
from .inspection import Inspection as Inspection
from .inspection import VariableSummary as VariableSummary
from .inspection import inspect_microdata as inspect_microdata
from .roles import Proposal as Proposal
