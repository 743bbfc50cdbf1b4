"""Data sets to and from sdmx1: everything that its data sets and messages can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, overload

from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Report, find
from ilms_sdmx.messages.header import Header, Party
from ilms_sdmx.messages.intake import only_dataset
from ilms_sdmx.messages.message import Message, Note

if TYPE_CHECKING:
    import pandas as pd
    from sdmx.message import DataMessage
    from sdmx.model.common import BaseDataSet

Texts = dict[str, str]


@overload
def from_sdmx1(data: BaseDataSet, components: Components | None = None) -> Dataset: ...
@overload
def from_sdmx1(data: DataMessage, components: Components | None = None) -> Message: ...
def from_sdmx1(
    data: BaseDataSet | DataMessage, components: Components | None = None
) -> Dataset | Message:
    """Make a data set of one that sdmx1 has read, or a message of its message.

    All attributes come with each observation; those of series and groups without observations
    are `attached`. `components` default to those of the data set's structure; where sdmx1 had
    none, the roles are those that the data set shows. Values are taken as sdmx1 holds them:
    read with their text (`dtype=None` has no part in it) they keep their lexical form.
    """
    if not hasattr(data, "obs"):
        return _message(data, components)
    return _dataset(data, components)


def _message(message: Any, components: Components | None) -> Message:
    """Message of sdmx1's, with its header and footer."""
    datasets = []
    report = Report()
    if any(data.annotations for data in message.data):
        report = Report.of([find("annotations-left-out")])
    for number, data in enumerate(message.data):
        dataset = replace(_dataset(data, components), number=number)
        dataflow = dataset.dataflow or _short(message.dataflow)
        datasets.append(replace(dataset, dataflow=dataflow))
    return Message(
        _header(message.header),
        tuple(datasets),
        footer=_notes(message.footer),
        report=report,
    )


def _header(header: Any) -> Header:
    """Header of sdmx1's: who sends it to whom, and its times."""
    receivers: tuple[Party, ...] = ()
    if header.receiver is not None:
        receivers = (_party(header.receiver),)
    sender = Party("Unknown") if header.sender is None else _party(header.sender)
    return Header(
        id=header.id or "",
        prepared=_time(header.prepared),
        test=bool(header.test),
        sender=sender,
        receivers=receivers,
        extracted=_time(header.extracted),
        reporting_begin=_time(header.reporting_begin),
        reporting_end=_time(header.reporting_end),
        sources=dict(header.source.localizations),
    )


def _party(agency: Any) -> Party:
    return Party(agency.id, dict(agency.name.localizations))


def _time(moment: Any) -> str:
    """Moment in its lexical form, empty where there is none."""
    if moment is None:
        return ""
    return str(moment.isoformat()) if hasattr(moment, "isoformat") else str(moment)


def _notes(footer: Any) -> tuple[Note, ...]:
    """Notes of a footer; sdmx1 keeps one, with several texts."""
    if footer is None:
        return ()
    texts = chain.from_iterable(text.localizations.items() for text in footer.text)
    code = "" if footer.code is None else str(footer.code)
    return (Note(code, (footer.severity or "").title(), tuple(texts)),)


def _dataset(data: Any, components: Components | None) -> Dataset:
    """Data set of sdmx1's."""
    import pandas as pd

    structure = data.structured_by
    held = _Held.of(data)
    roles = components or held.components(structure)
    rows = list(_rows(held, roles))
    frame = pd.DataFrame(rows, columns=roles.columns, dtype="string")
    action = getattr(data.action, "name", None) or "Replace"
    about = {"validFrom": str(data.valid_from)} if data.valid_from else {}
    dataset = Dataset(frame, roles, _short(data.described_by), _short(structure))
    attached = _attached(held, roles)
    return replace(dataset, action=action.title(), attached=attached, about=about)


@dataclass
class _Row:
    """Texts of one observation: its key, its measure, and its attributes by level."""

    key: Texts
    measure: str
    value: str | None
    on_observation: Texts
    on_series: Texts
    on_groups: list[tuple[Texts, Texts]]


@dataclass
class _Held:
    """What a data set of sdmx1 holds, as texts.

    Parameters
    ----------
    rows
        Observations.
    dataset
        Attributes of the data set.
    alone
        Keys and attributes of series and groups without observations.
    """

    rows: list[_Row] = field(default_factory=list)
    dataset: Texts = field(default_factory=dict)
    alone: list[tuple[Texts, Texts]] = field(default_factory=list)

    @classmethod
    def of(cls, data: Any) -> _Held:
        """What a data set holds."""
        held = cls(dataset=_texts(getattr(data, "attrib", {})))
        for observation in data.obs:
            held.rows.append(_row(observation))
        for key, observations in chain(data.series.items(), data.group.items()):
            if not observations:
                held.alone.append((_texts(key.values), _texts(key.attrib)))
        return held

    def components(self, structure: Any) -> Components:
        """Roles of the structure, with what else there is; without one those that are shown."""
        if structure is None or not _is_described(structure):
            return self._shown()
        roles = Components.of(structure)
        attributes = dict(roles.attributes)
        for name, attachment in self._shown().attributes.items():
            if name not in roles.columns:
                attributes[name] = attachment
        return replace(roles, attributes=attributes)

    def _shown(self) -> Components:
        """Roles as the data set shows them."""
        dimensions = dict.fromkeys(chain.from_iterable(row.key for row in self.rows))
        for key, _ in self.alone:
            dimensions |= dict.fromkeys(key)
        if "TIME_PERIOD" in dimensions:
            dimensions["TIME_PERIOD"] = dimensions.pop("TIME_PERIOD")
        measures = dict.fromkeys(row.measure for row in self.rows)
        attributes: dict[str, tuple[str, ...]] = dict.fromkeys(self.dataset, ())
        for attachment, names in self._attributes_by_key():
            for name in names:
                attributes.setdefault(name, attachment)
        return Components(tuple(dimensions), tuple(measures) or ("OBS_VALUE",), attributes)

    def _attributes_by_key(self) -> Iterator[tuple[tuple[str, ...], Iterable[str]]]:
        """Attachments with the names of attributes met there."""
        for key, attributes in self.alone:
            yield tuple(key), attributes
        for row in self.rows:
            for key, attributes in row.on_groups:
                yield tuple(key), attributes
            series = tuple(name for name in row.key if name != "TIME_PERIOD")
            yield series, row.on_series
            yield OBSERVATION, row.on_observation


def _is_described(structure: Any) -> bool:
    """Whether a structure says its roles.

    Sdmx1 makes one of mere names where it was given none.
    """
    attributes = structure.attributes.components
    relations = [attribute.related_to for attribute in attributes]
    return bool(structure.measures.components) and None not in relations


def _row(observation: Any) -> _Row:
    """Texts of an observation."""
    series = observation.series_key
    groups = set(observation.group_keys) | set(getattr(series, "group_keys", ()))
    on_groups = []
    for group in groups:
        on_groups.append((_texts(group.values), _texts(group.attrib)))
    measure = getattr(observation.value_for, "id", None) or "OBS_VALUE"
    value = observation.value
    return _Row(
        _texts(observation.key.values),
        measure,
        None if value is None else _text(value),
        _texts(observation.attached_attribute),
        _texts(getattr(series, "attrib", {})),
        on_groups,
    )


def _rows(held: _Held, roles: Components) -> Iterator[dict[str, str | None]]:
    """Rows of a frame: observations of one key with different measures are one row."""
    rows: dict[tuple[str | None, ...], list[dict[str, str | None]]] = {}
    for row in held.rows:
        cells = _cells(row, held.dataset)
        measure = row.measure if row.measure in roles.measures else roles.measures[0]
        rows_of_key = rows.setdefault(tuple(map(row.key.get, roles.dimensions)), [])
        if rows_of_key and measure not in rows_of_key[-1]:
            cells = {**cells, **rows_of_key.pop()}
        rows_of_key.append({**cells, measure: row.value})
    for rows_of_key in rows.values():
        yield from rows_of_key


def _cells(row: _Row, of_dataset: Texts) -> dict[str, str | None]:
    """Cells of a row but for its measure; what is nearer to the observation goes before."""
    cells: dict[str, str | None] = dict(of_dataset)
    for _, attributes in row.on_groups:
        cells |= attributes
    return {**cells, **row.on_series, **row.on_observation, **row.key}


def _attached(held: _Held, roles: Components) -> dict[tuple[str, ...], pd.DataFrame]:
    """Attributes of series and groups without observations, as frames by key."""
    import pandas as pd

    rows: dict[tuple[str, ...], list[Texts]] = {}
    for key, attributes in held.alone:
        if key:
            names = tuple(name for name in roles.dimensions if name in key)
            rows.setdefault(names, []).append({**key, **attributes})
    if held.dataset and not held.rows:
        rows[()] = [held.dataset]
    frames = {}
    for names, rows_of_key in rows.items():
        columns = dict.fromkeys([*names, *chain.from_iterable(rows_of_key)])
        frames[names] = pd.DataFrame(rows_of_key, columns=list(columns), dtype="string")
    return frames


def _texts(values: Any) -> Texts:
    """Texts of sdmx1's values by component."""
    texts = {}
    for name, value in values.items():
        texts[name] = _text(value.value)
    return texts


def _text(value: Any) -> str:
    """Text of a value, the id of a code."""
    return str(getattr(value, "id", value))


def _short(artefact: Any) -> str:
    """Short reference of an artefact, empty where there is none."""
    if artefact is None or not artefact.id:
        return ""
    agency = artefact.maintainer.id if artefact.maintainer else ""
    version = artefact.version or "1.0"
    return f"{agency}:{artefact.id}({version})"


def to_sdmx1(data: Any, structure: Any) -> BaseDataSet:
    """Make a data set of sdmx1, each attribute where it is attached.

    `data` is a data set or whatever holds exactly one, a path of a message included.
    `structure` is sdmx1's definition, its dataflow or its structure message, or the id of a
    dataflow that travels with the package. Where there are several measures, each value is an
    observation of its measure. Attributes are on the data set, on series, on named groups or on
    observations; one that differs where it should not is on observations. What series and
    groups without observations report goes to `series` and `group`. (`sdmx.to_xml` of sdmx1
    2.28 writes no data set with groups: write it with `ilms_sdmx.messages.write`.)

    Raises
    ------
    StructureError
        There is no such dataflow, the structure message holds several structures and none
        is that of the data set, or the structure lacks dimensions of the data set.
    """
    from sdmx.model import common, v21, v30

    dataset = only_dataset(data)
    flow, definition = _definition(structure, dataset)
    _refuse_foreign_dimensions(dataset, definition)
    model: Any = v30 if isinstance(definition, v30.DataStructureDefinition) else v21
    made: BaseDataSet = model.DataSet(structured_by=definition, described_by=flow)
    made.valid_from = dataset.about.get("validFrom")
    # SDMX 2.1 calls a merge append, and sdmx1 has no other name for it.
    action = dataset.action.lower().replace("merge", "append")
    made.action = common.ActionType[action]
    levels = _Levels.of(dataset, of_dataset=hasattr(made, "attrib"))
    making = _Making(model, definition, dataset.components, levels, made)
    for row in _records(dataset.observations):
        making.add(row)
    for key, frame in dataset.attached.items():
        for row in _records(frame):
            making.attach(key, row)
    return made


def _refuse_foreign_dimensions(dataset: Dataset, definition: Any) -> None:
    """Fail where a data set has dimensions that its structure does not have."""
    known = [component.id for component in definition.dimensions.components]
    foreign = [name for name in dataset.components.dimensions if name not in known]
    if foreign:
        raise StructureError(
            f"expected the dimensions {', '.join(known)} of {definition.id}, "
            f"found {', '.join(foreign)}: give the structure of the data set"
        )


@dataclass(frozen=True)
class _Levels:
    """Attributes by the level at which a data set has one value of each.

    Parameters
    ----------
    whole
        Those of the data set.
    series
        Those of series.
    groups
        Names of groups to their attributes.
    observation
        All others.
    dimensions
        Dimensions of a series key, empty where there are no series.
    """

    whole: tuple[str, ...]
    series: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    observation: tuple[str, ...]
    dimensions: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset, *, of_dataset: bool) -> _Levels:
        """Levels of the attributes of a data set, as their attachments and values allow.

        Sdmx1's data sets of SDMX 3.0 have no attributes: `of_dataset` says whether they have.
        """
        components = dataset.components
        above: tuple[str, ...] = ()
        if "TIME_PERIOD" in components.dimensions:
            above = tuple(name for name in components.dimensions if name != "TIME_PERIOD")
        names_of_groups = {key: name for name, key in components.groups.items()}
        whole: list[str] = []
        series: list[str] = []
        observation: list[str] = []
        groups: dict[str, tuple[str, ...]] = {}
        for name, attachment in components.attributes.items():
            if not _is_constant(dataset.observations, name, attachment):
                observation.append(name)
            elif attachment in names_of_groups:
                group = names_of_groups[attachment]
                groups[group] = (*groups.get(group, ()), name)
            elif not attachment and of_dataset:
                whole.append(name)
            elif attachment and above and set(attachment) <= set(above):
                series.append(name)
            else:
                observation.append(name)
        return cls(tuple(whole), tuple(series), groups, tuple(observation), above)


def _is_constant(frame: pd.DataFrame, name: str, key: tuple[str, ...]) -> bool:
    """Whether an attribute has one value for each key, which may be absent."""
    if name not in frame or not set(key) <= set(frame.columns):
        return False
    distinct = frame[[*key, name]].drop_duplicates()
    if not key:
        return len(distinct) <= 1
    return not distinct.duplicated(list(key)).any()


def _definition(structure: Any, dataset: Dataset) -> tuple[Any, Any]:
    """Dataflow (None where none was given) and data structure definition of sdmx1."""
    if isinstance(structure, str):
        from ilms_sdmx import structures

        flow = structures.dataflow(structure)
        return flow, flow.structure
    if hasattr(structure, "dimensions"):
        return None, structure
    if not hasattr(structure, "dataflow"):
        return structure, structure.structure
    named = structure.dataflow.get(_bare(dataset.dataflow))
    if named is not None:
        return named, named.structure
    definitions = structure.structure
    own_definition = definitions.get(_bare(dataset.structure))
    if own_definition is None and len(definitions) == 1:
        (own_definition,) = definitions.values()
    if own_definition is None:
        refers = dataset.dataflow or dataset.structure or "no structure"
        held = ", ".join(definitions) or "none"
        raise StructureError(f"the data refer to {refers}; the structure message holds {held}")
    return None, own_definition


def _bare(identity: str) -> str:
    """Id without agency and version."""
    return identity.partition(":")[2].partition("(")[0]


def _records(frame: pd.DataFrame) -> list[dict[str, str | None]]:
    """Rows with None where a cell is absent."""
    cells = frame.astype("object").where(frame.notna(), None)
    records: list[Any] = cells.to_dict("records")
    return records


@dataclass(frozen=True)
class _Making:
    """Maker of observations of sdmx1.

    Parameters
    ----------
    model
        Module of the information model: 2.1 or 3.0.
    structure
        sdmx1's definition.
    components
        Roles of the columns.
    levels
        Where their attributes go.
    made
        Data set that is being made.
    """

    model: Any
    structure: Any
    components: Components
    levels: _Levels
    made: Any
    _series: dict[tuple[str | None, ...], Any] = field(default_factory=dict)
    _groups: dict[tuple[str | None, ...], Any] = field(default_factory=dict)

    def add(self, row: dict[str, str | None]) -> None:
        """Add the observations of a row: one for each measure that has a value."""
        if self.levels.whole:
            self.made.attrib.update(self._attributes(self.levels.whole, row))
        series = self._series_of(row)
        groups = [self._group_of(name, row) for name in self.levels.groups]
        observations = list(self._observations(row, series))
        self.made.obs.extend(observations)
        if series is not None:
            series.group_keys.update(groups)
            self.made.series[series].extend(observations)
        for group in groups:
            self.made.group[group].extend(observations)
        for observation in observations:
            observation.group_keys.update(groups)

    def _observations(self, row: dict[str, str | None], series: Any) -> Iterator[Any]:
        """Observations of a row, at least one."""
        measures = self.components.measures
        filled = [name for name in measures if row[name] is not None]
        names = self.components.dimensions
        if series is not None:
            names = ("TIME_PERIOD",)
        for number, measure in enumerate(filled or measures[:1]):
            attributes = {}
            if not number:
                attributes = self._attributes(self.levels.observation, row)
            yield self.model.Observation(
                dimension=self._key(names, row),
                series_key=series,
                value=row[measure],
                value_for=self._measure(measure),
                attached_attribute=attributes,
            )

    def _series_of(self, row: dict[str, str | None]) -> Any:
        """Series of a row, None where there are none."""
        from sdmx.model import common

        names = self.levels.dimensions
        if not names:
            return None
        values = tuple(map(row.get, names))
        if values not in self._series:
            made_key = self._key(names, row, common.SeriesKey)
            made_key.attrib.update(self._attributes(self.levels.series, row))
            self.made.series[made_key] = []
            self._series[values] = made_key
        return self._series[values]

    def _group_of(self, name: str, row: dict[str, str | None]) -> Any:
        """Key of a named group to which a row belongs."""
        names = self.components.groups[name]
        values = (name, *map(row.get, names))
        if values not in self._groups:
            made_key = self._group_key(names, row, name)
            made_key.attrib.update(self._attributes(self.levels.groups[name], row))
            self.made.group[made_key] = []
            self._groups[values] = made_key
        return self._groups[values]

    def _group_key(self, names: Iterable[str], row: dict[str, str | None], group: str) -> Any:
        """Key of a group, with the group of the structure that it is one of."""
        from sdmx.model import common

        made_key = self._key(names, row, common.GroupKey)
        if group:
            made_key.id = group
            made_key.described_by = self.structure.group_dimensions.get(group)
        return made_key

    def attach(self, key: tuple[str, ...], row: dict[str, str | None]) -> None:
        """Put attributes without observations on a series, a group or the data set."""
        from sdmx.model import common

        attributes = self._attributes(self.components.attributes, row)
        if not key:
            self.made.attrib.update(attributes)
            return
        if key == self.levels.dimensions:
            made_key = self._key(key, row, common.SeriesKey)
            self.made.series[made_key] = []
        else:
            groups = {names: name for name, names in self.components.groups.items()}
            made_key = self._group_key(key, row, groups.get(key, ""))
            self.made.group[made_key] = []
        made_key.attrib.update(attributes)

    def _key(self, names: Iterable[str], row: dict[str, str | None], kind: Any = None) -> Any:
        """Key of the dimensions that have a value."""
        from sdmx.model import common

        codes = {}
        for name in names:
            if row[name] is not None:
                codes[name] = row[name]
        return self.structure.make_key(kind or common.Key, codes)

    def _measure(self, name: str) -> Any:
        """Measure of the structure, or a bare one of that name."""
        for measure in self.structure.measures.components:
            if measure.id == name:
                return measure
        is_old = self.model.__name__.endswith("v21")
        return self.model.PrimaryMeasure(id=name) if is_old else self.model.Measure(id=name)

    def _attributes(self, names: Iterable[str], row: dict[str, str | None]) -> dict[str, Any]:
        """Values of some attributes, those that the row has."""
        from sdmx.model import common

        attributes = {}
        for name in names:
            text = row.get(name)
            if text is not None:
                attribute = self.structure.attributes.get(name)
                attributes[name] = common.AttributeValue(value=text, value_for=attribute)
        return attributes
