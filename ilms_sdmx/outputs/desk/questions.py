"""Open questions of a mapping: what is asked, the answers to choose from, and the cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.undecided import SKIP, Waiting
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.mapping.buckets import ROLES
from ilms_sdmx.mapping.document import MappingDocument, OpenQuestion, Path
from ilms_sdmx.mapping.file.tables import ZERO
from ilms_sdmx.mapping.model import FixedValueMap, RepresentationMap
from ilms_sdmx.outputs.desk.editing import MappingText, label_of_waiting_line
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures import flows
from ilms_sdmx.structures.countries import asean
from ilms_sdmx.structures.lists import codes
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.words.text import folded

#: Sheet and address of a cell.
Place = tuple[str, str]
#: What an answer does: it leaves a proposal as it is, writes a value, or takes the line out.
KEEP, SET, DROP = "keep", "set", "drop"
#: Kinds of questions, by which they are worded.
AREA, CODE, MARK, ROLE, PERIOD, FLOW, NUMBERS, OTHER = (
    "area",
    "code",
    "mark",
    "role",
    "period",
    "flow",
    "numbers",
    "other",
)
#: What a label has that the data set has no place for.
NO_PLACE = "~"
#: Meanings of a mark in place of a figure that are offered; all others may be typed.
_MEANINGS = (ZERO, "M", "O", "N", "L", "Q")
#: Readings of separators: before the fraction, between thousands.
READINGS = ((".", ","), (",", "."), (".", " "), (",", " "))
#: Most cells that a question lists.
MOST_CELLS = 400
_COUNTRY = ("source", "area")
_QUOTED = re.compile(r"'((?:[^']|'(?=\w))+)'")
_TOKEN = re.compile(r"[\w/:-]+")
_CODE = re.compile(r"\b[A-Z]{2,4}_[A-Z0-9_]+\b")
_FLOW = re.compile(r"(?P<agency>\w+):(?P<id>\w+)\((?P<version>[\d.]+)\)")


@dataclass(frozen=True)
class Choice:
    """An answer to choose.

    Parameters
    ----------
    action
        `keep` leaves what the mapping proposes, `set` writes `value`, `drop` takes it out.
    value
        Value that is written.
    name
        Name of a code, or other words for people; empty where the value says it.
    reason
        Why it is offered.
    """

    action: str
    value: str = ""
    name: str = ""
    reason: str = ""


@dataclass(frozen=True)
class AskedQuestion:
    """An open question for a person.

    Parameters
    ----------
    line
        Line of the mapping file.
    kind
        What is asked for: `area`, `code`, `mark`, `role`, `period`, `flow`, `numbers` or
        `other`.
    about
        Label, mark or key that it is about.
    evidence
        What the mapping says next to it.
    read
        What the mapping proposes, empty for nothing.
    choices
        Answers to choose from, the likeliest first.
    codelist, prefix
        Codelist in which an answer can be looked for, and how its codes begin.
    is_free
        Whether any other value may be typed.
    cells
        Sheet and address of the cells that it is about, at most `MOST_CELLS`.
    figures
        Number of figures that wait for it.
    alike
        Lines of the questions that the same answer answers.
    similar
        Lines of the questions with the same words, which may have the same answer.
    """

    line: int
    kind: str
    about: str
    evidence: str
    read: str
    choices: tuple[Choice, ...]
    codelist: str = ""
    prefix: str = ""
    is_free: bool = False
    cells: tuple[Place, ...] = ()
    figures: int = 0
    alike: tuple[int, ...] = ()
    similar: tuple[int, ...] = ()


def ask(
    file: MappingText,
    mapping: MappingDocument,
    workbook: Workbook | None = None,
    figures: Figures | None = None,
) -> tuple[AskedQuestion, ...]:
    """Open questions of a mapping file, in order; those that one answer settles are one.

    Parameters
    ----------
    file, mapping
        Text of the file, and what it says.
    workbook, figures
        Workbook and its figures, by which questions point at cells.
    """
    waiting: Mapping[int, Iterable[bool]] = {}
    if figures is not None and len(figures):
        waiting = Waiting.of(mapping, SKIP).with_figures(figures).figures
    places = _Places(workbook, figures, waiting)
    asked = []
    for question in mapping.questions:
        asked.append(_Asker(file, mapping, question).question(places))
    return tuple(_joined(asked))


def _joined(asked: Sequence[AskedQuestion]) -> Iterator[AskedQuestion]:
    """Questions of which those about the country of the figures are one."""
    about_area = [question for question in asked if question.kind == AREA]
    for question in asked:
        if question.kind != AREA:
            lines = tuple(other.line for other in asked if _is_similar(question, other))
            yield replace(question, similar=lines)
        elif question is about_area[0]:
            lines = tuple(other.line for other in about_area[1:])
            waiting = max(other.figures for other in about_area)
            yield replace(question, alike=lines, figures=waiting)


def _is_similar(question: AskedQuestion, other: AskedQuestion) -> bool:
    """Whether another question is asked in the same words."""
    if question.line == other.line or question.kind in (CODE, FLOW):
        return False
    own = question.kind, question.evidence, question.read
    return bool(question.evidence) and own == (other.kind, other.evidence, other.read)


class _Places:
    """Cells of a workbook by what they say, and by the question that they wait for."""

    def __init__(
        self,
        workbook: Workbook | None,
        figures: Figures | None,
        waiting: Mapping[int, Iterable[bool]],
    ) -> None:
        self._figures = figures
        self._waiting = waiting
        self._by_text: dict[str, list[Place]] = {}
        for sheet in workbook or ():
            for cell in sheet:
                if isinstance(cell.value, str):
                    words = folded(cell.text)
                    self._by_text.setdefault(words, []).append((sheet.name, cell.address))

    def of_text(self, text: str) -> list[Place]:
        """Cells that say a text."""
        return self._by_text.get(folded(text), [])

    def of_line(self, line: int) -> list[Place]:
        """Cells of the figures that wait for the question on a line."""
        if self._figures is None or line not in self._waiting:
            return []
        frame = self._figures.frame[self._waiting[line]]
        return list(zip(frame["sheet"], frame["cell"], strict=True))


class _Asker:
    """Wording of one open question."""

    def __init__(
        self, file: MappingText, mapping: MappingDocument, question: OpenQuestion
    ) -> None:
        self.file = file
        self.mapping = mapping
        self.open = question
        self.path: Path = question.paths[0]
        self.label = label_of_waiting_line(question.text)
        node = file.node(self.path) if not self.label else None
        value = getattr(node, "value", "")
        is_scalar = isinstance(value, str) and value != "?"
        self.read = value if is_scalar and not _is_comment(question) else ""

    def question(self, places: _Places) -> AskedQuestion:
        """The question, with its choices and cells."""
        made = self._by_kind()
        waiting = places.of_line(self.open.line)
        cells: dict[Place, None] = {}
        for text in (made.about, *_QUOTED.findall(made.evidence)):
            cells |= dict.fromkeys(places.of_text(text))
        cells |= dict.fromkeys(waiting)
        listed = tuple(cells)[:MOST_CELLS]
        return replace(made, cells=listed, figures=len(waiting))

    def _by_kind(self) -> AskedQuestion:
        path = self.path
        if path == _COUNTRY or path[-1:] == ("REF_AREA",):
            return self._asked(AREA, path[-1], area_choices(), codelist="CL_AREA")
        if self.label or (path[:1] == ("codes",) and path[2:3] == ("values",) and path[3:]):
            return self._code()
        if path[:2] in (("conventions", "markers"), ("conventions", "flags")) and path[2:]:
            meanings = [Choice(SET, meaning, meaning) for meaning in _MEANINGS]
            return self._asked(MARK, path[2], self._kept(meanings), is_free=True)
        if path[-1:] == ("bucket",):
            roles = [Choice(SET, role, role) for role in ROLES if role != "ignore"]
            return self._asked(ROLE, self._labels_of_rule(), self._kept(roles))
        if path[:1] == ("datasets",) and (path[2:] in ((), ("dataflow",))):
            return self._flow()
        if path[:1] == ("conventions",) and (path[-1] == "decimal" or path == ("conventions",)):
            return self._numbers()
        if _is_period(path):
            return self._asked(PERIOD, path[-1], self._kept(self._periods()), is_free=True)
        return self._other()

    def _asked(
        self,
        kind: str,
        about: str | int,
        choices: Iterable[Choice],
        codelist: str = "",
        prefix: str = "",
        *,
        is_free: bool = False,
    ) -> AskedQuestion:
        evidence = self.open.asked
        if self.label:
            evidence = evidence.partition(": #")[2].strip()
        return AskedQuestion(
            self.open.line,
            kind,
            str(about),
            evidence,
            self.read,
            tuple(choices),
            codelist,
            prefix,
            is_free,
        )

    def _kept(self, others: Iterable[Choice]) -> Iterator[Choice]:
        """What is proposed, before all else that may be chosen."""
        if self.read:
            yield Choice(KEEP, self.read)
        for choice in others:
            if choice.value != self.read:
                yield choice

    def _code(self) -> AskedQuestion:
        """Question for the code of a label."""
        label = self.label or str(self.path[3])
        code_map = self.mapping.codes.get(str(self.path[1]))
        if code_map is None:
            return self._other()
        choices = list(self._kept(_candidates(label, code_map, self.open.asked)))
        choices.append(Choice(SET, NO_PLACE))
        codelist, prefix = code_map.codelist, code_map.prefix
        is_own = not codelist
        return self._asked(CODE, label, choices, codelist, prefix, is_free=is_own)

    def _labels_of_rule(self) -> str:
        """Labels that a rule is about."""
        node = self.file.node((*self.path[:4], "where"))
        if node is None:
            return str(self.path[1])
        labels = [str(getattr(value, "value", "")) for _, value in node.value]
        return ", ".join(label for label in labels if label)

    def _flow(self) -> AskedQuestion:
        """Question which dataflow the figures are of."""
        number = int(self.path[1])
        self.read = self.mapping.datasets[number].dataflow
        choices = list(self._kept(self._flows(number)))
        if len(self.mapping.datasets) > 1:
            choices.append(Choice(DROP))
        match = _FLOW.fullmatch(self.read)
        id = match["id"].removeprefix("DF_") if match else ""
        return self._asked(FLOW, _dataflow_names().get(id, self.read), choices)

    def _flows(self, number: int) -> Iterator[Choice]:
        """Dataflows with the components of a data set."""
        dataset = self.mapping.datasets[number]
        match = _FLOW.fullmatch(dataset.dataflow)
        names = {component.target for component in dataset.components}
        if match is None or match["agency"] != "ILO":
            return
        for id, name in _dataflow_names().items():
            dimensions = set(flows.dimensions(id))
            if dimensions <= names and _is_like(names - dimensions):
                yield Choice(SET, f"ILO:DF_{id}(1.0)", name)

    def _numbers(self) -> AskedQuestion:
        """Question how numbers are written."""
        choices = []
        if self.read:
            choices.append(Choice(KEEP, self.read))
        for decimal, group in READINGS:
            example = f"1{group}234{decimal}5"
            choices.append(Choice(SET, f"{decimal}{group}", example))
        return self._asked(NUMBERS, "decimal", choices)

    def _periods(self) -> Iterator[Choice]:
        """Periods that the evidence names."""
        met = dict.fromkeys(_TOKEN.findall(self.open.asked))
        for text in met:
            period = parse_period(text)
            if period is not None:
                yield Choice(SET, period.text)

    def _other(self) -> AskedQuestion:
        """Question that a person can confirm, or whose line he can take out."""
        key = self.path[-1] if self.path else ""
        about = self._labels_of_rule() if "rules" in self.path else str(key)
        choices = []
        if not self.open.is_open:
            choices.append(Choice(KEEP, self.read))
        if self.path and self.path[0] == "tables" and self.path[2:] and not self.label:
            choices.append(Choice(DROP))
        return self._asked(OTHER, about, choices, is_free=self.open.is_open)


def _is_comment(question: OpenQuestion) -> bool:
    return question.text.startswith("#")


def _is_period(path: Path) -> bool:
    """Whether a path leads to a period, or to what gives it."""
    if "periods" in path:
        return True
    return path[-2:] == ("set", "period")


def _is_like(others: Iterable[str]) -> bool:
    """Whether components besides the dimensions are attributes."""
    attributes = {"OBS_STATUS", "UNIT_MEASURE_TYPE", *flows.attributes()}
    return set(others) <= attributes


@cache
def _dataflow_names() -> dict[str, str]:
    """Id of each dataflow to its name."""
    frame = flows.catalogue()
    return dict(zip(frame["id"], frame["en"], strict=True))


@cache
def area_choices() -> tuple[Choice, ...]:
    """States of ASEAN to choose from."""
    names = names_of_codes("CL_AREA")
    choices = [Choice(SET, code, names.get(code, code)) for code in asean()]
    choices.sort(key=lambda choice: choice.name)
    return tuple(choices)


@cache
def names_of_codes(codelist: str) -> dict[str, str]:
    """Code to name of a codelist, in its order.

    Examples
    --------
    >>> names_of_codes("CL_SEX")["SEX_F"]
    'Female'
    """
    frame = codes(codelist)
    return dict(zip(frame["code"], frame["name"], strict=True))


def _candidates(label: str, code_map: RepresentationMap, asked: str) -> Iterator[Choice]:
    """Codes that a label may mean."""
    if not code_map.codelist:
        return
    names = names_of_codes(code_map.codelist)
    met: dict[str, str] = {}
    for code in _CODE.findall(asked):
        if code in names:
            met.setdefault(code, "")
    match = match_label(label, code_map.prefix, languages=tuple(code_map.languages))
    for candidate in match.candidates:
        if candidate.code in names:
            met.setdefault(candidate.code, candidate.label)
    for code, alias in met.items():
        yield Choice(SET, code, names[code], alias)


def search_codes(codelist: str, prefix: str, typed: str, count: int = 20) -> list[Choice]:
    """Codes of a codelist whose code or name has the typed words; those that begin so first.

    Examples
    --------
    >>> [choice.value for choice in search_codes("CL_CDS", "CDS_DES_", "viet")]
    ['CDS_DES_VNM']
    """
    words = folded(typed)
    begin: list[Choice] = []
    within: list[Choice] = []
    for code, name in names_of_codes(codelist).items():
        if not code.startswith(prefix):
            continue
        texts = (folded(name), folded(code.removeprefix(prefix)))
        choice = Choice(SET, code, name)
        if any(text.startswith(words) for text in texts):
            begin.append(choice)
        elif any(words in text for text in texts):
            within.append(choice)
    if words and not begin and not within and prefix:
        known = match_label(typed, prefix).code
        if known:
            within.append(Choice(SET, known, names_of_codes(codelist).get(known, "")))
    return [*begin, *within][:count]


def measure_of(dataflow: str) -> str:
    """Code of the measure of a dataflow of the ILO, empty for another one."""
    match = _FLOW.fullmatch(dataflow)
    if match is None or match["agency"] != "ILO":
        return ""
    return flows.measure(match["id"].removeprefix("DF_"))


def has_fixed_measure(mapping: MappingDocument, number: int) -> bool:
    """Whether a data set names its measure."""
    components = mapping.datasets[number].components
    return any(
        isinstance(component, FixedValueMap) and component.target == "MEASURE"
        for component in components
    )
