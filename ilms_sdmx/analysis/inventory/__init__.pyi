from .catalogue import SourceEntry as SourceEntry
from .catalogue import source_entries as source_entries
from .catalogue import source_inventory as source_inventory
from .coverage import Coverage as Coverage
from .coverage import coverage as coverage
from .metadata import write_source_metadata as write_source_metadata
