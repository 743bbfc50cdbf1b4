"""Data sets to and from sdmx1: everything that its data sets and messages can hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, overload

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Report, find
from ilms_sdmx.messages.bridges.held import HeldData, attached_of, rows_of
from ilms_sdmx.messages.bridges.making import Levels, Making, records_of
from ilms_sdmx.messages.header import Header, Party
from ilms_sdmx.messages.intake import only_dataset
from ilms_sdmx.messages.message import Message, Note

if TYPE_CHECKING:
    from sdmx.message import DataMessage
    from sdmx.model.common import BaseDataSet


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
    held = HeldData.of(data)
    roles = components or held.components(structure)
    rows = list(rows_of(held, roles))
    frame = pd.DataFrame(rows, columns=roles.columns, dtype="string")
    action = getattr(data.action, "name", None) or "Replace"
    about = {"validFrom": str(data.valid_from)} if data.valid_from else {}
    dataset = Dataset(frame, roles, _short(data.described_by), _short(structure))
    attached = attached_of(held, roles)
    return replace(dataset, action=action.title(), attached=attached, about=about)


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
    levels = Levels.of(dataset, of_dataset=hasattr(made, "attrib"))
    making = Making(model, definition, dataset.components, levels, made)
    for row in records_of(dataset.observations):
        making.add(row)
    for key, frame in dataset.attached.items():
        for row in records_of(frame):
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
