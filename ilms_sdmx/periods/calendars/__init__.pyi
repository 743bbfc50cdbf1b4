from .buddhist import BUDDHIST as BUDDHIST
from .calendar import Calendar as Calendar
from .calendar import CalendarYear as CalendarYear
from .calendar import YearLabel as YearLabel
from .eras import ERAS as ERAS
from .eras import common_year as common_year
from .fiscal import FISCAL as FISCAL
from .gregorian import GREGORIAN as GREGORIAN
