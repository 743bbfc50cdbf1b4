"""Handler: what the elements of a data set mean, structure-specific and generic, of every version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeAlias

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.values import Value, pack
from ilms_sdmx.messages.xml.names import XML, XSI
from ilms_sdmx.messages.xml.rows import Pairs, Sink

Action: TypeAlias = Callable[[Pairs], None]
#: Deepest nesting below a data set; the standard needs eight.
_DEEPEST = 100
#: Most text in the values of one observation, series or group.
_LONGEST = 1 << 24
_LANGUAGE = f"{XML}}}lang"
_TYPE = f"{XSI}}}type"
#: Before a packed value until its column is known to be composite; XML cannot hold this character.
PACKED = "\x01"
#: Elements of a generic message that hold values, and the level of what they hold; None keeps the level.
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
        Dimension of a generic `ObsDimension` without id, and of `xsi:type` where measures are explicit.
    explicit
        Whether observations are named after their measure concept.
    old
        Whether this is SDMX-ML 2.0, where a group is an element of the group's name.
    levels
        Roles that a generic message tells, filled as they are met: component id to `dimension`, `series`,
        `observation`, `dataset` or `group`.
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
        self.sink, self.levels = sink, levels
        self.skipped: Counter[str] = Counter()
        self.composite: set[str] = set()
        self.dataset: dict[str, str] = {}
        self.key_family = ""
        self._at, self._explicit, self._generic, self._old = (
            at_observation,
            explicit,
            generic,
            old,
        )
        self._starts: dict[str, Action] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self._skip = 0
        self._pairs: Pairs = []
        self._key: Pairs = []
        self._group = ""
        self._owner = "dataset"
        self._holder = ""
        self._comp, self._values = "", list[Value | None]()
        self._texts: dict[str, str] = {}
        self._language = ""
        self._text: list[str] = []
        self._length = 0
        self.listen: Callable[[bool], None] = lambda _: None

    def start(self, name: str, attributes: Pairs) -> None:
        """Handle the start of an element."""
        if self._skip:
            self._skip += 1
            if self._skip > _DEEPEST:
                raise MessageError(f"elements nested more than {_DEEPEST} deep")
            return
        action = self._starts.get(name)
        if action is None:
            action = self._starts[name] = self._meaning(name, "_start")
            self._ends[name] = self._meaning(name, "_end")
        action(attributes)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        if self._skip:
            self._skip -= 1
            return
        end = self._ends.get(name)
        if end is None:  # its start was read by another parser
            end = self._ends[name] = self._meaning(name, "_end")
        end()

    def resume(self, *, inside: bool) -> None:
        """Go on after the start tags of the data set and perhaps a series, which another parser has read."""
        self._skip, self._owner = 0, "series" if inside else "dataset"

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
    def skipping(self) -> bool:
        """Whether inside an element that is passed over."""
        return self._skip > 0

    def _meaning(self, name: str, moment: str) -> Any:
        local = name.rpartition("}")[2]
        kind = "_generic" if self._generic else "_specific"
        own = getattr(self, f"{kind}{moment}_{local.lower()}", None) or getattr(
            self, f"_any{moment}_{local.lower()}", None
        )
        if own is not None:
            return own
        if local in _HOLDERS and self._generic:
            return self._hold(local) if moment == "_start" else self._release
        if self._old and not self._generic and local not in _IGNORED:
            return self._named_group(local) if moment == "_start" else self._any_end_group
        return self._skipping(local) if moment == "_start" else self._ignore

    def _skipping(self, local: str) -> Action:
        def skip(_: Pairs) -> None:
            self._skip = 1
            self.skipped[local] += 1

        return skip

    def _ignore(self) -> None:
        """Nothing ends."""

    # Series, observations and groups, wherever they stand. ------------------------------------------------

    def _any_start_series(self, attributes: Pairs) -> None:
        if self._owner not in ("dataset", "group"):
            raise MessageError(f"a Series inside a {self._owner}")
        self._any_end_group()  # in SDMX-ML 2.0 series may stand inside their group
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
        self._before, self._owner = self._owner, "observation"
        if self._generic:
            self._pairs = []
            return
        self._pairs = attributes
        if self._explicit and _TYPE in attributes:
            measure = attributes[attributes.index(_TYPE) + 1]
            self._pairs = [self._at, measure.rpartition(":")[2], *attributes]

    def _any_end_obs(self) -> None:
        self.sink.observation(self._pairs)
        self._owner = self._before

    def _any_start_group(self, attributes: Pairs) -> None:
        types = dict(zip(attributes[::2], attributes[1::2], strict=True))
        unqualified = (
            _TYPE not in types
        )  # else `type` is a component that happens to be called so
        self._group = (types.get("type", "") if unqualified else types[_TYPE]).rpartition(":")[
            2
        ]
        self._owner, self._key = "group", []
        self._pairs = _without(attributes, "type") if unqualified else attributes
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

    # Structure-specific only. ------------------------------------------------------------------------------

    def _specific_start_atts(self, attributes: Pairs) -> None:
        self._owner, self._pairs = "partial", attributes

    def _specific_end_atts(self) -> None:
        self.sink.partial.append(self._pairs)
        self._owner = "dataset"

    def _specific_start_comp(self, attributes: Pairs) -> None:
        self._length = 0
        self._comp = dict(zip(attributes[::2], attributes[1::2], strict=True)).get("id", "")
        self._values = []

    def _specific_end_comp(self) -> None:
        self.composite.add(self._comp)
        pair = [self._comp, PACKED + pack(self._values)]
        if self._owner == "series":
            self.sink.series_values(pair)
        else:
            self._pairs = [*self._pairs, *pair]

    def _specific_start_value(self, _: Pairs) -> None:
        self._texts, self._text = {}, []
        self.listen(True)

    def _specific_end_value(self) -> None:
        self._values.append(dict(self._texts) if self._texts else "".join(self._text))
        self.listen(False)

    def _specific_start_text(self, attributes: Pairs) -> None:
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        self._language, self._text = given.get(_LANGUAGE, "en"), []

    def _specific_end_text(self) -> None:
        self._texts[self._language] = "".join(self._text)
        self._text = []

    # Generic only. -----------------------------------------------------------------------------------------

    def _hold(self, local: str) -> Action:
        level = _HOLDERS[local]

        def start(_: Pairs) -> None:
            self._holder = level or self._owner

        return start

    def _release(self) -> None:
        self._holder = ""

    def _generic_start_value(self, attributes: Pairs) -> None:
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        name = given.get("id") or given.get("concept", "")
        in_group = self._owner == "group" and self._holder == "dimension"
        level = "key of a group" if in_group else self._holder
        if level == "dimension" and self.levels.get(name) == "key of a group":
            del self.levels[name]  # the order of dimensions is that of series and observations
        self.levels.setdefault(name, level)
        self._put(name, given.get("value", ""))

    def _put(self, name: str, value: str) -> None:
        if self._owner == "series":
            self.sink.series_values([name, value])
        elif self._owner == "dataset":
            self.dataset[name] = value
        elif self._owner == "group" and self._holder == "dimension":
            self._key += [name, value]
        else:
            self._pairs += [name, value]

    def _generic_start_obsdimension(self, attributes: Pairs) -> None:
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        name = given.get("id", self._at or "TIME_PERIOD")
        self.levels.setdefault(name, "dimension")
        self._pairs += [name, given.get("value", "")]

    def _generic_start_obsvalue(self, attributes: Pairs) -> None:
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        if "value" in given:
            self._pairs += ["OBS_VALUE", given["value"]]

    def _generic_start_time(self, _: Pairs) -> None:
        self._length = 0
        self._text = []
        self.listen(True)

    def _generic_end_time(self) -> None:
        self.levels.setdefault("TIME_PERIOD", "dimension")
        self._pairs += ["TIME_PERIOD", "".join(self._text).strip()]
        self.listen(False)

    def _generic_start_keyfamilyref(self, _: Pairs) -> None:
        self._text = []
        self.listen(True)

    def _generic_end_keyfamilyref(self) -> None:
        self.key_family = "".join(self._text).strip()
        self.listen(False)


_IGNORED = frozenset({"Annotations", "DataProvider", "Metadata"})  # no groups of 2.0


def _without(pairs: Pairs, name: str) -> Pairs:
    return [
        part
        for n, v in zip(pairs[::2], pairs[1::2], strict=True)
        if n != name
        for part in (n, v)
    ]
