"""Structure maps in the words of SDMX 3.0.

How headings of a table become components of a dataflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MappedValue:
    """One line of a representation map.

    Parameters
    ----------
    source
        Labels as printed, one for each source heading.
    regex
        Whether they are regular expressions that must match the whole label.
    code
        Code of the target; None where the label is known but the dataflow has no place for it.
    valid_from, valid_to
        Period bounds (`2017`) within which the line holds, empty for always.
    name
        Name of the code where the codelist is built from the table's labels.
    note
        What a person wrote next to the line.
    line
        Line of the mapping file, 0 where it comes from another file.
    is_open
        Whether nobody has decided the code yet; it is None then.
    """

    source: tuple[str, ...]
    code: str | None
    regex: bool = False
    valid_from: str = ""
    valid_to: str = ""
    name: str = ""
    note: str = ""
    line: int = field(default=0, compare=False)
    is_open: bool = False


@dataclass(frozen=True)
class RepresentationMap:
    """Labels to codes.

    Parameters
    ----------
    id
        Name of the code map.
    values
        Lines in the order in which they are tried; exact ones before regular expressions.
    codelist
        Id of the codelist of the target (`CL_CDS`), empty where there is none.
    prefix
        Beginning of the codes that matching by label may give (`CDS_DES_`): one codelist holds
        many versions.
    match
        Whether labels without a line are matched with the names of the codelist, exactly, by
        known alias or after normalisation. Likeness is never applied.
    languages
        Languages in which names and aliases are tried.
    file
        File of the lines next to the mapping, empty where they are in the mapping itself.
    classification
        Classification of the labels with its version (`TSIC 2009`), empty where the mapping
        names none.
    correspondence
        Table that leads from its revision to that of the codes, where they are of another.
    """

    id: str
    values: tuple[MappedValue, ...] = ()
    codelist: str = ""
    prefix: str = ""
    match: bool = False
    languages: tuple[str, ...] = ("en",)
    file: str = ""
    classification: str = ""
    correspondence: str = ""


@dataclass(frozen=True, slots=True)
class FixedValueMap:
    """A component that has one value in the whole table.

    Parameters
    ----------
    target
        Component.
    value
        Its value, a code or a text.
    """

    target: str
    value: str


@dataclass(frozen=True, slots=True)
class ImplicitComponentMap:
    """A component that takes the text of a heading as it is.

    Parameters
    ----------
    source
        Heading.
    target
        Component.
    """

    source: str
    target: str


@dataclass(frozen=True)
class ComponentMap:
    """A component whose codes mean the labels of one heading.

    Parameters
    ----------
    source
        Heading.
    target
        Component.
    representation
        Code map of the labels.
    """

    source: str
    target: str
    representation: RepresentationMap


@dataclass(frozen=True)
class MultiComponentMap:
    """A component whose codes mean the labels of several headings together.

    Parameters
    ----------
    sources
        Headings.
    target
        Component.
    representation
        Code map of the labels, one for each heading.
    """

    sources: tuple[str, ...]
    target: str
    representation: RepresentationMap


@dataclass(frozen=True)
class DatePatternMap:
    """The time dimension, read from headings.

    Parameters
    ----------
    sources
        Headings whose texts are read together, in order (`January`, `2018`).
    target
        Component of the time.
    periods
        Labels that a person has decided, as SDMX periods; `?` with the number of its line where
        it is an open question.
    options
        Further arguments of the reader of periods: era, fiscal year, language.
    """

    sources: tuple[str, ...]
    target: str = "TIME_PERIOD"
    periods: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


ComponentMaps = (
    FixedValueMap | ImplicitComponentMap | ComponentMap | MultiComponentMap | DatePatternMap
)


def sources_of(component: ComponentMaps) -> tuple[str, ...]:
    """Headings that a component is filled from, none for a value that is the same for all."""
    if isinstance(component, MultiComponentMap | DatePatternMap):
        return component.sources
    if isinstance(component, FixedValueMap):
        return ()
    return (component.source,)


@dataclass(frozen=True)
class StructureMap:
    """How figures of a table become observations of a dataflow.

    Parameters
    ----------
    id
        Name of the map.
    target
        Dataflow, `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)`.
    components
        One map for each component that is filled; a component without one is absent.
    value
        Column of the figures that holds the value, a plain decimal text.
    source_multiplier, target_multiplier
        Powers of ten: a figure printed in persons (0) written in thousands (3) is divided by
        1000, exactly. A column `multiplier` in the figures, where there is one, takes the place
        of `source_multiplier`; a target of None is the UNIT_MULT of each observation.
    """

    id: str
    target: str
    components: tuple[ComponentMaps, ...]
    value: str = "text"
    source_multiplier: int = 0
    target_multiplier: int | None = 0

    @property
    def targets(self) -> tuple[str, ...]:
        """Components that are filled."""
        return tuple(component.target for component in self.components)
