"""Roles: which names of a message are dimensions, measures or attributes, told or inferred."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.messages.xml.layout import ALL
from ilms_sdmx.messages.xml.rows import Chunk

#: Concepts that are attributes wherever they are used: SDMX's cross-domain concepts, ECB's and
#: ILO's.
_ATTRIBUTE = re.compile(
    r"(OBS|CONF|TITLE|COMMENT|NOTE|SOURCE|EMBARGO|COMPILATION|COVERAGE|BREAK|PUBL|DOM_SER|UNIT|COLL|BASE)"
    r"(_.*|ECTION.*|S)?|.*_(NOTE|COMMENT|STATUS|CONF|COMPL|NSI|TEXT|BOUND|BREAK|PRE_BREAK|SOURCE)"
    r"|DECIMALS|TIME_FORMAT|TIME_PER_COLLECT|AVAILABILITY|METHODOLOGY|LAST_UPDATE|DATA_PROVIDER"
    r"|REPORTING_YEAR_START_DAY|NAT_TITLE|CONTACT|FLAGS?|VALUATION|PREF_SCALE|REF_YEAR_PRICE|CUST_BREAKDOWN.*"
)


class Roles:
    """Names of one data set with the level at which they were met.

    Parameters
    ----------
    given
        Components of the structure, None where they are not known.
    levels
        What a generic message tells about its names; empty for structure-specific ones.
    """

    def __init__(
        self, given: Components | None, levels: dict[str, str], at_observation: str
    ) -> None:
        self._given, self._levels, self._at = given, levels, at_observation
        self._series: dict[str, bool] = {}
        self._observation: dict[str, bool] = {}
        self._dataset: list[str] = []
        self._groups: dict[str, dict[str, None]] = {}
        self._partial: list[tuple[str, ...]] = []
        self.composite: set[str] = set()

    def chunk(self, chunk: Chunk) -> None:
        """Take the names of some rows; a name that is ever absent is no dimension."""
        _note(self._series, {n: not a.null_count for n, a in chunk.series.items()})
        _note(self._observation, {n: not a.null_count for n, a in chunk.observations.items()})

    def series(self, names: Iterable[str]) -> None:
        """Take the names of a series without observations."""
        _note(self._series, dict.fromkeys(names, True))

    def dataset(self, names: Iterable[str]) -> None:
        """Take the names of attributes of the data set."""
        self._dataset += [n for n in names if n not in self._dataset]

    def group(self, name: str, names: Iterable[str]) -> None:
        """Take the names on a group of some name."""
        self._groups.setdefault(name, {}).update(dict.fromkeys(names))

    def partial(self, names: Iterable[str]) -> None:
        """Take the names of a partial key and its attributes."""
        if (found := tuple(names)) not in self._partial:
            self._partial.append(found)

    @property
    def inferred(self) -> bool:
        """Whether roles had to be inferred from what the rows look like."""
        return self._given is None and not self._levels

    def components(self) -> Components:
        """Roles as far as they are known."""
        if self._given is not None:
            return self._completed(self._given)
        dimensions = self._dimensions()
        groups = {
            g: tuple(d for d in dimensions if d in names) for g, names in self._groups.items()
        }
        attributes: dict[str, tuple[str, ...]] = dict.fromkeys(self._dataset, ())
        key = tuple(d for d in dimensions if d in self._series)
        for group, names in self._groups.items():
            attributes |= {n: groups[group] for n in names if n not in dimensions}
        for partial in self._partial:
            part = tuple(d for d in dimensions if d in partial)
            attributes |= {
                n: part for n in partial if n not in dimensions and n not in attributes
            }
        attributes |= {
            n: key for n in self._series if n not in dimensions and n not in attributes
        }
        own = [n for n in self._observation if n not in dimensions and n != "OBS_VALUE"]
        attributes |= dict.fromkeys((n for n in own if n not in attributes), OBSERVATION)
        attributes.pop("OBS_VALUE", None)
        kept = {g: dims for g, dims in groups.items() if dims in attributes.values()}
        return Components(
            dimensions,
            ("OBS_VALUE",),
            attributes,
            composite=frozenset(self.composite),
            groups=kept,
        )

    def _dimensions(self) -> tuple[str, ...]:
        if self._levels:
            named = [n for n, level in self._levels.items() if level == "dimension"]
            named += [
                n
                for n, level in self._levels.items()
                if level == "key of a group" and n not in named
            ]
        else:
            always = [*_always(self._series), *_before_value(self._observation, self._at)]
            named = [
                n for n in dict.fromkeys(always) if n == self._at or not _ATTRIBUTE.fullmatch(n)
            ]
        if (
            self._at not in ("", ALL)
            and self._at in self._observation
            and self._at not in named
        ):
            named.append(self._at)
        return tuple(n for n in named if n != "TIME_PERIOD") + ("TIME_PERIOD",) * (
            "TIME_PERIOD" in named
        )

    def _completed(self, given: Components) -> Components:
        """Components of the structure, and after them what the message has besides."""
        composite = given.composite | self.composite
        more = self.unknown()
        if not more and composite == given.composite:
            return given
        attributes = {**given.attributes, **dict.fromkeys(more, OBSERVATION)}
        return Components(
            given.dimensions,
            given.measures,
            attributes,
            composite=composite,
            groups=given.groups,
        )

    def unknown(self) -> list[str]:
        """Names that the structure does not have."""
        if self._given is None:
            return []
        known = set(self._given.columns)
        groups = (n for names in self._groups.values() for n in names)
        partial = (n for names in self._partial for n in names)
        met = dict.fromkeys(
            [*self._series, *self._observation, *self._dataset, *groups, *partial]
        )
        return [n for n in met if n not in known]

    def _lacking(self) -> list[str]:
        """Dimensions of the structure that no observation has, although there are observations."""
        if self._given is None or not self._observation:
            return []
        return [
            d
            for d in self._given.dimensions
            if d not in self._series and d not in self._observation
        ]

    def findings(self, dataflow: str) -> list[Finding]:
        """Say what had to be inferred, and what the structure does not have."""
        place = Place(dataflow=dataflow)
        found = [
            Finding(
                "unknown-component",
                Severity.WARNING,
                f"the message has {name}, which its structure does not: kept as an attribute",
                place,
                component=name,
                fix="check that the structure is the one that the message names",
            )
            for name in self.unknown()
        ]
        found += [
            Finding(
                "empty-dimension",
                Severity.ERROR,
                f"the message has no {name}, which is a dimension of its structure",
                place,
                component=name,
                fix="check that the structure is the one that the message names",
            )
            for name in self._lacking()
        ]
        if self.inferred and (self._series or self._observation):
            known = self.components()
            said = f"dimensions {', '.join(known.dimensions)}; attributes {', '.join(known.attributes)}"
            fix = "pass the data structure as `structure` if this is not right"
            message = f"without a structure roles were inferred: {said}"
            found.append(Finding("inferred-components", Severity.NOTE, message, place, fix=fix))
        return found


def _note(known: dict[str, bool], met: dict[str, bool]) -> None:
    first = not known
    for name in known:
        if name not in met:
            known[name] = False
    for name, always in met.items():
        known[name] = known.get(name, first) and always


def _always(names: dict[str, bool]) -> list[str]:
    return [n for n, always in names.items() if always]


def _before_value(names: dict[str, bool], at: str) -> list[str]:
    """Names of observations that may be dimensions: in series only the one that varies inside them."""
    if at != ALL:
        return [at] if at in names else []
    order = list(names)
    value, time = (
        order.index(n) if n in names else len(order) for n in ("OBS_VALUE", "TIME_PERIOD")
    )
    end = value if time < value else len(order)
    return [n for n in order[:end] if names[n] and n != "OBS_VALUE"]
