"""The `codes` section of a draft: label to code, with the open questions as comments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from ilms_sdmx.drafting.sections.text import comment, indented, pattern, question, quoted
from ilms_sdmx.labels.rows import row_kind

#: One digit directly behind a word, as a footnote mark that lost its place: `Other passes2`.
_GLUED = re.compile(r"[^\W\d_]{3,}(\d)$")
#: Most words and letters of a code made of a label.
_MOST_WORDS, _MOST_LETTERS = 5, 40


@dataclass(frozen=True)
class Code:
    """Code of a label.

    Parameters
    ----------
    code
        Code, empty for an open question.
    note
        Words for a comment.
    is_open
        Whether a person chooses among the codes that the note names.
    """

    code: str
    note: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class OfficeLabel:
    """Label that gets a code of the office.

    Parameters
    ----------
    text
        Label; a blank is the total, or a heading that does not apply.
    known
        Code that it has in a list of the ILO, empty for none.
    is_total
        Whether only totals have it.
    """

    text: str
    known: str = ""
    is_total: bool = False

    def code(self, names: Mapping[str, str], fallback: str) -> tuple[str, str]:
        """Code of the label that no other has, and its name."""
        if self.known and self.known not in names:
            return self.known, self.text
        if self.text:
            words = self.known or _text_of_code(self.text)
            return slug(words, names, fallback), self.text
        if self.is_total:
            return "TOTAL", names.get("TOTAL", "Total")
        return "_Z", names.get("_Z", "Not applicable")


@dataclass(frozen=True)
class CodeMap:
    """One code map.

    Parameters
    ----------
    name
        Name in the mapping file.
    codelist, prefix
        Code list, and the beginning of its codes; empty for codes of the office.
    codes
        Label to code.
    names
        Code of the office to its name.
    table, heading
        Table and heading whose labels a map of the office's codes has; else empty.
    """

    name: str
    codelist: str = ""
    prefix: str = ""
    codes: Mapping[str, Code] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    heading: str = ""

    def with_codes(self, codes: Mapping[str, Code]) -> CodeMap:
        """Return the map with more codes; those that it has stay."""
        together = dict(self.codes)
        for label, code in codes.items():
            together.setdefault(label, code)
        return replace(self, codes=together)

    def with_total(self) -> CodeMap:
        """Return the map with a code of the total that has no name."""
        return replace(self, codes={**self.codes, "total": Code("TOTAL")})

    def with_labels(self, labels: Iterable[OfficeLabel]) -> CodeMap:
        """Return the map with codes of the office for labels."""
        names = dict(self.names)
        codes = dict(self.codes)
        for label in labels:
            code, name = label.code(names, self.heading.upper())
            names[code] = name
            codes[label.text] = Code(code, _note(label.text))
        return replace(self, codes=codes, names=names)

    @property
    def with_first_label(self) -> CodeMap:
        """Map with the first label alone, enough to read the tables of a draft."""
        first_label = dict(islice(self.codes.items(), 1))
        return replace(self, codes=first_label, names={})

    @property
    def lines(self) -> list[str]:
        """Lines of the code map."""
        lines = [f"{self.name}:"]
        if self.codelist:
            lines.append(f"  codelist: {self.codelist}")
            lines.append(f"  prefix: {self.prefix}")
        if any(code.code or code.is_open for code in self.codes.values()):
            lines.append("  values:")
        elif not self.codelist and not self.names:
            lines.append("  values: {}")
        for label, code in self.codes.items():
            line = _line(label, code)
            lines.append(f"    {line}")
        if self.names:
            lines.append("  names:")
        for code_of_office, name in self.names.items():
            lines.append(f"    {code_of_office}: {quoted(name)}")
        return indented(lines, 2)


def _line(label: str, code: Code) -> str:
    """Line of a label, a comment where its code is an open question."""
    note = comment(code.note)
    if code.is_open:
        return f"{_key(label)}: ?{question(code.note)}"
    if not code.code:
        return f"# decide: {quoted(label)}:{note[1:]}"
    return f"{_key(label)}: {code.code}{note}"


def _key(label: str) -> str:
    """Label as a key of a code map."""
    key = pattern(label)
    if ": " in key and not key.startswith('"'):
        return quoted(key)
    return key


def _text_of_code(label: str) -> str:
    """Text of which the code of a label is made."""
    kind = row_kind(label)
    if kind.kind == "total" and not kind.rest:
        return "TOTAL"
    return label


def _note(label: str) -> str:
    """Question about a digit behind a word, empty where there is none."""
    match = _GLUED.search(label)
    if match is None:
        return ""
    return f"decide: is the {match.group(1)} behind the word a footnote mark?"


def slug(text: str, taken: Collection[str], fallback: str) -> str:
    """Code made of the Latin words of a label, or of the fallback and a number, if none has it.

    >>> slug("Đài Loan", (), "COUNTRY"), slug("ไต้หวัน", (), "COUNTRY")
    ('DAI_LOAN', 'COUNTRY_1')
    """
    latin_text = _without_accents(text)
    is_latin = re.search(r"[A-Za-z]{2}", latin_text) is not None
    stem = ""
    if is_latin or not any(map(str.isalpha, latin_text)):
        words = re.findall(r"[A-Za-z0-9]+", latin_text)[:_MOST_WORDS]
        stem = "_".join(words).upper()[:_MOST_LETTERS].strip("_")
    code = stem or f"{fallback}_1"
    if code not in taken:
        return code
    return _numbered(stem or fallback, taken)


def _numbered(stem: str, taken: Collection[str]) -> str:
    """Code with the first number that is free, found in few steps among many numbers."""
    free = 2
    while f"{stem}_{free}" in taken:
        free *= 2
    last_taken = free // 2
    while free - last_taken > 1:
        middle = (free + last_taken) // 2
        if f"{stem}_{middle}" in taken:
            last_taken = middle
        else:
            free = middle
    return f"{stem}_{free}"


def _without_accents(text: str) -> str:
    """Text without the marks of its letters."""
    plain_text = text.replace("đ", "d").replace("Đ", "D")
    letters: list[str] = []
    for letter in unicodedata.normalize("NFD", plain_text):
        if not unicodedata.combining(letter):
            letters.append(letter)
    return "".join(letters)


def code_lines(code_maps: Iterable[CodeMap]) -> list[str]:
    """Section `codes` of a draft, no lines for no code maps."""
    lines: list[str] = []
    for code_map in code_maps:
        lines += code_map.lines
    if not lines:
        return []
    return ["codes:", *lines, ""]
