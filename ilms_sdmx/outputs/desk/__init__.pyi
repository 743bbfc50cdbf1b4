from .desks import Desk as Desk
from .history import State as State
from .marking import Mark as Mark
from .questions import AskedQuestion as AskedQuestion
from .questions import Choice as Choice
from .sheets import CellRole as CellRole
from .sheets import SheetRoles as SheetRoles
