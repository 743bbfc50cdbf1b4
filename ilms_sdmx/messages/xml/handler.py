"""Handler: what the elements of a data set mean, in every version of SDMX-ML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any, TypeAlias

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.values import Value, pack
from ilms_sdmx.messages.xml.names import XML, XSI
from ilms_sdmx.messages.xml.rows import Pairs, Sink, by_name

Action: TypeAlias = Callable[[Pairs], None]
#: Deepest nesting below a data set; the standard needs eight.
_DEEPEST = 100
#: Most text in the values of one observation, series or group.
_LONGEST = 1 << 24
_LANGUAGE = f"{XML}}}lang"
_TYPE = f"{XSI}}}type"
#: Before a packed value until its column is known to be composite; XML cannot hold this
#: character.
PACKED = "\x01"
#: Elements of a generic message that hold values, and the level of what they hold; None keeps
#: the level.
_HOLDERS = {
    "SeriesKey": "dimension",
    "ObsKey": "dimension",
    "GroupKey": "dimension",
    "Attributes": "",
}


class Handler:
    """Translate the elements inside one data set into calls of a sink.

    Parameters
    ----------
    sink
        Where observations, series and groups go.
    at_observation
        Dimension of a generic `ObsDimension` without id, and of `xsi:type` where measures are
        explicit.
    explicit
        Whether observations are named after their measure concept.
    old
        Whether this is SDMX-ML 2.0, where a group is an element of the group's name.
    levels
        Roles that a generic message tells, filled as they are met: component id to `dimension`,
        `series`, `observation`, `dataset` or `group`.
    """

    def __init__(
        self,
        sink: Sink,
        at_observation: str,
        levels: dict[str, str],
        *,
        generic: bool,
        explicit: bool = False,
        old: bool = False,
    ) -> None:
        self.sink = sink
        self.levels = levels
        self.skipped: Counter[str] = Counter()
        self.composite: set[str] = set()
        self.dataset: dict[str, str] = {}
        self.key_family = ""
        self.listen: Callable[[bool], None] = lambda _: None
        self._at = at_observation
        self._explicit = explicit
        self._generic = generic
        self._old = old
        self._starts: dict[str, Action] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self._skip = 0
        self._depth = 0
        self._pairs: Pairs = []
        self._key: Pairs = []
        self._group = ""
        self._owner = "dataset"
        self._holder = ""
        self._comp = ""
        self._values: list[Value | None] = []
        self._texts: dict[str, str] = {}
        self._language = ""
        self._text: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: Pairs) -> None:
        """Handle the start of an element."""
        if self._skip:
            self._skip += 1
            if self._skip > _DEEPEST:
                raise MessageError(f"elements nested more than {_DEEPEST} deep")
            return
        self._depth += 1
        action = self._starts.get(name)
        if action is None:
            action = self._start_of(name)
            self._starts[name] = action
            self._ends[name] = self._end_of(name)
        action(attributes)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        if self._skip > 1:
            self._skip -= 1
            return
        self._depth -= 1
        if self._skip:
            self._skip = 0
            return
        end = self._ends.get(name)
        if end is None:
            # Another parser has read the start of this element.
            end = self._end_of(name)
            self._ends[name] = end
        end()

    def resume(self, *, inside: bool) -> None:
        """Go on after start tags that another parser has read.

        They are those of the data set and, where `inside`, of a series.
        """
        self._skip = 0
        self._depth = int(inside)
        self._owner = "series" if inside else "dataset"

    def text(self, data: str) -> None:
        """Handle text; asked for by `listen` only."""
        self._text.append(data)
        self._length += len(data)
        if self._length > _LONGEST:
            raise MessageError(f"values of one element are over {_LONGEST >> 20} MB")

    def ends_with(self, name: str, end: Callable[[], None]) -> None:
        """Call something at the end of an element, that of the data set itself."""
        self._ends[name] = end

    @property
    def between_records(self) -> bool:
        """Whether a record may begin: directly in the data set or in a series of it."""
        return self._owner in ("dataset", "series") and self._depth == (self._owner == "series")

    @property
    def skipping(self) -> bool:
        """Whether inside an element that is passed over."""
        return self._skip > 0

    def _start_of(self, name: str) -> Action:
        """Meaning of the start of an element means."""
        local = name.rpartition("}")[2]
        action: Action | None = self._method("start", local)
        if action is not None:
            return action
        if self._generic and local in _HOLDERS:
            return self._hold(local)
        if self._names_group(local):
            return self._named_group(local)
        return self._skipping(local)

    def _end_of(self, name: str) -> Callable[[], None]:
        """Meaning of the end of an element means."""
        local = name.rpartition("}")[2]
        action: Callable[[], None] | None = self._method("end", local)
        if action is not None:
            return action
        if self._generic and local in _HOLDERS:
            return self._release
        if self._names_group(local):
            return self._any_end_group
        return self._ignore

    def _method(self, moment: str, local: str) -> Any:
        """Own method for an element: of the kind of message first, then of any kind."""
        kind = "generic" if self._generic else "specific"
        ending = f"{moment}_{local.lower()}"
        of_any_kind = getattr(self, f"_any_{ending}", None)
        return getattr(self, f"_{kind}_{ending}", of_any_kind)

    def _names_group(self, local: str) -> bool:
        """Whether an element without a method is a group of SDMX-ML 2.0."""
        return self._old and not self._generic and local not in _IGNORED

    def _skipping(self, local: str) -> Action:
        def skip(_: Pairs) -> None:
            self._skip = 1
            self.skipped[local] += 1

        return skip

    def _ignore(self) -> None:
        """Nothing ends."""

    # Series, observations and groups, in every kind of message. -------------------------------

    def _any_start_series(self, attributes: Pairs) -> None:
        if self._owner not in ("dataset", "group"):
            raise MessageError(f"a Series inside a {self._owner}")
        self._refuse_inside("a Series")
        self._any_end_group()  # in SDMX-ML 2.0 series may be inside their group
        self.sink.open_series()
        self._owner = "series"
        if attributes and not self._generic:
            self.sink.series_values(attributes)

    def _any_end_series(self) -> None:
        self.sink.close_series()
        self._owner = "dataset"

    def _any_start_obs(self, attributes: Pairs) -> None:
        if self._owner == "observation":
            raise MessageError("an Obs inside an Obs")
        self._refuse_inside("an Obs")
        self._before = self._owner
        self._owner = "observation"
        if self._generic:
            self._pairs = []
            return
        self._pairs = attributes
        if self._explicit and _TYPE in attributes:
            measure = attributes[attributes.index(_TYPE) + 1]
            code = measure.rpartition(":")[2]
            self._pairs = [self._at, code, *attributes]

    def _any_end_obs(self) -> None:
        self.sink.observation(self._pairs)
        self._owner = self._before

    def _any_start_group(self, attributes: Pairs) -> None:
        self._refuse_inside("a Group")
        self._owner = "group"
        self._key = []
        self._pairs = attributes
        values = by_name(attributes)
        group_type = values.get(_TYPE)
        if group_type is None:
            # Next to `xsi:type` a `type` is a component of that name; alone it is the group's.
            group_type = values.pop("type", "")
            self._pairs = list(chain.from_iterable(values.items()))
        self._group = group_type.rpartition(":")[2]
        if self._generic:
            self._pairs = []

    def _named_group(self, local: str) -> Action:
        def start(attributes: Pairs) -> None:
            self._any_start_group(attributes)
            self._group = local

        return start

    def _any_end_group(self) -> None:
        if self._owner == "group" and (self._pairs or self._key):
            self.sink.groups.append((self._group, self._key, self._pairs))
        self._owner = "dataset"

    def _refuse_inside(self, record: str) -> None:
        """Refuse a record among the values of another one."""
        if self._holder:
            raise MessageError(f"{record} among the values of another element")

    # Structure-specific only. -----------------------------------------------------------------

    def _specific_start_atts(self, attributes: Pairs) -> None:
        self._owner = "partial"
        self._pairs = attributes

    def _specific_end_atts(self) -> None:
        self.sink.partial.append(self._pairs)
        self._owner = "dataset"

    def _specific_start_comp(self, attributes: Pairs) -> None:
        self._length = 0
        self._holder = "component"
        self._comp = by_name(attributes).get("id", "")
        self._values = []

    def _specific_end_comp(self) -> None:
        self._holder = ""
        self.composite.add(self._comp)
        pair = [self._comp, PACKED + pack(self._values)]
        if self._owner == "series":
            self.sink.series_values(pair)
        else:
            self._pairs = [*self._pairs, *pair]

    def _specific_start_value(self, _: Pairs) -> None:
        self._texts = {}
        self._text = []
        self.listen(True)

    def _specific_end_value(self) -> None:
        value = dict(self._texts) or "".join(self._text)
        self._values.append(value)
        self.listen(False)

    def _specific_start_text(self, attributes: Pairs) -> None:
        self._language = by_name(attributes).get(_LANGUAGE, "en")
        self._text = []

    def _specific_end_text(self) -> None:
        self._texts[self._language] = "".join(self._text)
        self._text = []

    #: Text with markup: its elements are passed over, which is told, and their texts kept.
    _specific_start_structuredtext = _specific_start_text
    _specific_end_structuredtext = _specific_end_text

    # Generic only. ----------------------------------------------------------------------------

    def _hold(self, local: str) -> Action:
        level = _HOLDERS[local]

        def start(_: Pairs) -> None:
            self._holder = level or self._owner

        return start

    def _release(self) -> None:
        self._holder = ""

    def _generic_start_value(self, attributes: Pairs) -> None:
        values = by_name(attributes)
        name = values.get("id") or values.get("concept", "")
        level = self._holder
        if level == "dimension":
            level = self._level_of_dimension(name)
        self.levels.setdefault(name, level)
        self._put(name, values.get("value", ""))

    def _level_of_dimension(self, name: str) -> str:
        """Level of a name in a key; series and observations give the order of dimensions."""
        if self._owner == "group":
            return "key of a group"
        if self.levels.get(name) == "key of a group":
            del self.levels[name]
        return "dimension"

    def _put(self, name: str, value: str) -> None:
        if self._owner == "series":
            self.sink.series_values([name, value])
        elif self._owner == "dataset":
            self.dataset[name] = value
        elif self._owner == "group" and self._holder == "dimension":
            self._key += [name, value]
        else:
            self._pairs += [name, value]

    def _refuse_outside(self, element: str) -> None:
        """Refuse an element that belongs into an observation anywhere else."""
        if self._owner != "observation":
            raise MessageError(f"{element} outside an Obs")

    def _generic_start_obsdimension(self, attributes: Pairs) -> None:
        self._refuse_outside("ObsDimension")
        values = by_name(attributes)
        name = values.get("id", self._at or "TIME_PERIOD")
        self.levels.setdefault(name, "dimension")
        self._pairs += [name, values.get("value", "")]

    def _generic_start_obsvalue(self, attributes: Pairs) -> None:
        self._refuse_outside("ObsValue")
        value = by_name(attributes).get("value")
        if value is not None:
            self._pairs += ["OBS_VALUE", value]

    def _generic_start_time(self, _: Pairs) -> None:
        self._refuse_outside("Time")
        self._length = 0
        self._text = []
        self.listen(True)

    def _generic_end_time(self) -> None:
        period = "".join(self._text).strip()
        self.levels.setdefault("TIME_PERIOD", "dimension")
        self._pairs += ["TIME_PERIOD", period]
        self.listen(False)

    def _generic_start_keyfamilyref(self, _: Pairs) -> None:
        self._text = []
        self.listen(True)

    def _generic_end_keyfamilyref(self) -> None:
        self.key_family = "".join(self._text).strip()
        self.listen(False)


_IGNORED = frozenset({"Annotations", "DataProvider", "Metadata"})  # no groups of 2.0
