from .disclosures import find_disclosures as find_disclosures
from .protecting import protect as protect
from .result import Protection as Protection
from .rules import ProtectionRules as ProtectionRules
