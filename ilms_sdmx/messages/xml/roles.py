"""Roles: which names of a message are dimensions, measures or attributes, told or inferred."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.messages.xml.layout import ALL
from ilms_sdmx.messages.xml.rows import Chunk, Columns
from ilms_sdmx.messages.xml.watching import Watch

#: Concepts that are attributes wherever they are used: SDMX's cross-domain concepts, ECB's and
#: ILO's.
_ATTRIBUTE = re.compile(
    r"(OBS|CONF|TITLE|COMMENT|NOTE|SOURCE|EMBARGO|COMPILATION|COVERAGE|BREAK|PUBL|DOM_SER|UNIT"
    r"|COLL|BASE)"
    r"(_.*|ECTION.*|S)?"
    r"|.*_(NOTE|COMMENT|STATUS|CONF|COMPL|NSI|TEXT|BOUND|BREAK|PRE_BREAK|SOURCE)"
    r"|DECIMALS|TIME_FORMAT|TIME_PER_COLLECT|AVAILABILITY|METHODOLOGY|LAST_UPDATE|DATA_PROVIDER"
    r"|REPORTING_YEAR_START_DAY|NAT_TITLE|CONTACT|FLAGS?|VALUATION|PREF_SCALE|REF_YEAR_PRICE"
    r"|CUST_BREAKDOWN.*"
)

#: Rows beyond those of the last look, as a factor, after which keys are looked at again.
_MORE = 4


class Roles:
    """Names of one data set with the level at which they were met.

    Parameters
    ----------
    levels
        What a generic message tells about its names; empty for structure-specific ones.
    at_observation
        Dimension that varies inside a series.
    several
        Whether there may be several measures of any name (SDMX 3.0 and later).
    """

    def __init__(
        self, levels: dict[str, str], at_observation: str, *, several: bool = False
    ) -> None:
        self.composite: set[str] = set()
        #: Components of the structure, None where they are not known.
        self.given: Components | None = None
        self._levels = levels
        self._at = at_observation
        self._several = several
        self._series: dict[str, bool] = {}
        self._observation: dict[str, bool] = {}
        self._dataset: list[str] = []
        self._groups: dict[str, dict[str, None]] = {}
        self._partial: list[tuple[str, ...]] = []
        self._watch = Watch()
        #: Names that no row lacks, but that are attributes elsewhere.
        self._doubtful: set[str] = set()
        #: Those that turned out to be dimensions, with what shows it.
        self._promoted: dict[str, str] = {}
        self._repeated = 0
        #: Rows of the watch when this was last looked at.
        self._settled = 0

    def chunk(self, chunk: Chunk) -> None:
        """Take the names of some rows; a name that is ever absent is no dimension."""
        if not chunk.count:
            return
        _note(self._series, _always_present(chunk.series))
        _note(self._observation, _always_present(chunk.observations))
        if self.inferred:
            self._watch_keys(chunk)

    def _watch_keys(self, chunk: Chunk) -> None:
        """Watch the keys of a chunk where names alone leave a doubt."""
        watched = chunk.observations if self._at == ALL else chunk.series
        self._doubtful &= set(watched)
        present = {}
        for name in self._present():
            if name in watched:
                present[name] = watched[name]
                if name != self._at and _ATTRIBUTE.fullmatch(name):
                    self._doubtful.add(name)
        if self._doubtful or self._watch.rows:
            self._watch.add(present)

    def settle(self, *, last: bool) -> None:
        """Take doubtful names as dimensions that tell keys or groups apart."""
        is_time = last or self._watch.rows >= _MORE * self._settled
        if not self.inferred or not is_time:
            return
        self._settled = self._watch.rows
        known = [name for name in self._present() if name not in self._doubtful]
        doubtful = [name for name in self._present() if name in self._doubtful]
        for names_of_group in self._groups.values():
            for name in doubtful:
                if name in names_of_group:
                    self._promoted[name] = "group"
        known += self._promoted
        for name in self._watch.telling(known, doubtful):
            self._promoted.setdefault(name, "key")
        self._repeated = self._watch.repeated([*known, *self._promoted], doubtful)

    def series(self, names: Iterable[str]) -> None:
        """Take the names of a series without observations."""
        _note(self._series, dict.fromkeys(names, True))

    def dataset(self, names: Iterable[str]) -> None:
        """Take the names of attributes of the data set, but for those in a namespace."""
        for name in names:
            if "}" not in name and name not in self._dataset:
                self._dataset.append(name)

    def group(self, name: str, names: Iterable[str]) -> None:
        """Take the names on a group of some name."""
        self._groups.setdefault(name, {}).update(dict.fromkeys(names))

    def partial(self, names: Iterable[str]) -> None:
        """Take the names of a partial key and its attributes."""
        names_of_key = tuple(names)
        if names_of_key not in self._partial:
            self._partial.append(names_of_key)

    @property
    def inferred(self) -> bool:
        """Whether roles had to be inferred from what the rows look like."""
        return self.given is None and not self._levels

    def components(self) -> Components:
        """Roles as far as they are known."""
        if self.given is not None:
            return self._completed(self.given)
        dimensions = self._dimensions()
        measures = self._measures(dimensions)
        groups = {}
        for name, names in self._groups.items():
            groups[name] = _among(dimensions, names)
        attributes = self._attributes(dimensions, groups)
        for name in measures:
            attributes.pop(name, None)
        used_groups = {}
        for name, key in groups.items():
            if key in attributes.values():
                used_groups[name] = key
        return Components(
            dimensions,
            measures,
            attributes,
            composite=frozenset(self.composite),
            groups=used_groups,
        )

    def _attributes(
        self, dimensions: tuple[str, ...], groups: dict[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Attributes with the dimensions each is attached to, as the message shows them."""
        attributes: dict[str, tuple[str, ...]] = dict.fromkeys(self._dataset, ())
        for group, names in self._groups.items():
            for name in names:
                if name not in dimensions:
                    attributes[name] = groups[group]
        met: list[tuple[Iterable[str], tuple[str, ...]]] = []
        for names_of_key in self._partial:
            met.append((names_of_key, _among(dimensions, names_of_key)))
        met.append((self._series, _among(dimensions, self._series)))
        met.append((self._observation, OBSERVATION))
        for met_names, attachment in met:
            for name in met_names:
                # What the data set has for all may also be nearer, with another value.
                if name not in dimensions and not attributes.get(name):
                    attributes[name] = attachment
        return attributes

    def _measures(self, dimensions: tuple[str, ...]) -> tuple[str, ...]:
        """Measures: `OBS_VALUE`, or what else observations of SDMX 3.x have."""
        if not self._several or not self._observation or "OBS_VALUE" in self._observation:
            return ("OBS_VALUE",)
        measures = []
        for name in self._observation:
            if name not in dimensions and not _ATTRIBUTE.fullmatch(name):
                measures.append(name)
        return tuple(measures) or ("OBS_VALUE",)

    def _dimensions(self) -> tuple[str, ...]:
        """Dimensions, TIME_PERIOD last: those told by the message, else those that may be."""
        names = self._told_dimensions() if self._levels else self._possible_dimensions()
        at = self._at
        if at not in ("", ALL) and at in self._observation and at not in names:
            names.append(at)
        if "TIME_PERIOD" in names:
            names.remove("TIME_PERIOD")
            names.append("TIME_PERIOD")
        return tuple(names)

    def _told_dimensions(self) -> list[str]:
        """Dimensions of a generic message; those met in keys of groups only come last."""
        names = []
        names_of_groups = []
        for name, level in self._levels.items():
            if level == "dimension":
                names.append(name)
            elif level == "key of a group":
                names_of_groups.append(name)
        return names + names_of_groups

    def _possible_dimensions(self) -> list[str]:
        """Names that no row lacks and that are not known as attributes."""
        names = []
        for name in self._present():
            is_certain = name == self._at or name in self._promoted
            if is_certain or not _ATTRIBUTE.fullmatch(name):
                names.append(name)
        return names

    def _on_observation(self) -> list[str]:
        """Names on observations that may be dimensions."""
        return _before_value(self._observation, self._at, several=self._several)

    def _present(self) -> list[str]:
        """Names that no row lacks, where a dimension can be."""
        present = [*_always(self._series), *self._on_observation()]
        return list(dict.fromkeys(present))

    def _completed(self, given: Components) -> Components:
        """Components of the structure, and after them what else the message has."""
        composite = given.composite | self.composite
        unknown_names = self.unknown()
        if not unknown_names and composite == given.composite:
            return given
        attributes = {**given.attributes, **dict.fromkeys(unknown_names, OBSERVATION)}
        return replace(given, attributes=attributes, composite=composite)

    def unknown(self) -> list[str]:
        """Names that the structure does not have."""
        if self.given is None:
            return []
        names = dict.fromkeys([*self._series, *self._observation, *self._dataset])
        for names_of_group in self._groups.values():
            names |= names_of_group
        for names_of_key in self._partial:
            names |= dict.fromkeys(names_of_key)
        for name in self.given.columns:
            names.pop(name, None)
        return list(names)

    def _lacking(self) -> list[str]:
        """Dimensions of the structure that no observation has."""
        if self.given is None or not self._observation:
            return []
        lacking = []
        for name in self.given.dimensions:
            if name not in self._series and name not in self._observation:
                lacking.append(name)
        return lacking

    def find_assumptions(self, dataflow: str) -> list[Finding]:
        """Findings of what had to be inferred, and of what the structure does not have."""
        place = Place(dataflow=dataflow)
        findings = []
        for name in self.unknown():
            findings.append(find("unknown-component", place, case="message", component=name))
        for name in self._lacking():
            findings.append(find("empty-dimension", place, case="message", component=name))
        if self.inferred and (self._series or self._observation):
            findings.append(_find_inferred(self.components(), place))
        for name, reason in self._promoted.items():
            findings.append(find("inferred-key", place, case=reason, component=name))
        if self._repeated:
            names = ", ".join(sorted(self._doubtful.difference(self._promoted)))
            count = self._repeated
            findings.append(
                find("inferred-key", place, case="repeated", count=count, attributes=names)
            )
        return findings


def _find_inferred(components: Components, place: Place) -> Finding:
    """Make the finding that says which roles were inferred."""
    dimensions = ", ".join(components.dimensions)
    if not dimensions:
        return find("inferred-components", place, case="none")
    if not components.attributes:
        return find("inferred-components", place, case="dimensions", dimensions=dimensions)
    attributes = ", ".join(components.attributes)
    return find("inferred-components", place, dimensions=dimensions, attributes=attributes)


def _note(known: dict[str, bool], met: dict[str, bool]) -> None:
    """Take for each name whether it was always present, before and now."""
    first = not known
    for name in known:
        if name not in met:
            known[name] = False
    for name, always in met.items():
        known[name] = known.get(name, first) and always


def _always_present(columns: Columns) -> dict[str, bool]:
    """Columns with whether every row has a value."""
    return {name: not array.null_count for name, array in columns.items()}


def _among(dimensions: tuple[str, ...], names: Iterable[str]) -> tuple[str, ...]:
    """Dimensions that are among some names."""
    present = set(names)
    return tuple(filter(present.__contains__, dimensions))


def _always(names: dict[str, bool]) -> list[str]:
    """Names that were always present."""
    return [name for name, always in names.items() if always]


def _before_value(names: dict[str, bool], at: str, *, several: bool) -> list[str]:
    """Names on observations that may be dimensions; inside series only one varies."""
    if at != ALL:
        return [at] if at in names else []
    order = list(names)
    # Where the value comes before the period, its place says nothing.
    if "OBS_VALUE" in names and "TIME_PERIOD" in order[: order.index("OBS_VALUE")]:
        order = order[: order.index("OBS_VALUE")]
    elif several and "OBS_VALUE" not in names and "TIME_PERIOD" in names:
        order = order[: order.index("TIME_PERIOD") + 1]
    possible = []
    for name in order:
        if names[name] and name != "OBS_VALUE":
            possible.append(name)
    return possible
