"""The `codes` section of a draft: label to code, with the open questions as comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ilms_sdmx.drafting.text import comment, pattern, quoted, slug
from ilms_sdmx.labels.rows import row_kind

#: One digit directly behind a word, as a footnote mark that lost its place: `Other passes2`.
_GLUED = re.compile(r"[^\W\d_]{3,}(\d)$")


@dataclass(eq=False)
class CodeMap:
    """Lines of one code map: label to code with a comment; no code is an open question.

    A map of the office's own codes says whose labels it holds: `own`, a table and its heading.
    """

    name: str
    codelist: str = ""
    prefix: str = ""
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    own: tuple[str, str] = ("", "")

    def add_own(self, label: str, known: str = "", *, total: bool = False) -> None:
        """Give a label a code of the office's own; a blank is the total, or a heading that does not apply."""
        if not label:
            code = "TOTAL" if total else "_Z"
            self.names.setdefault(code, "Total" if total else "Not applicable")
        else:
            kind = row_kind(label)
            text = "TOTAL" if kind.kind == "total" and not kind.rest else label
            code = slug(known or text, {*self.names}, self.own[1].upper())
            self.names[code] = label
        glued = _GLUED.search(label)
        why = (
            f"decide: is the {glued.group(1)} behind the word a footnote mark?" if glued else ""
        )
        self.values[label] = (code, why)

    def lines(self) -> list[str]:
        """Lines of the section `codes`."""
        lines = [f"  {self.name}:"]
        if self.codelist:
            lines += [f"    codelist: {self.codelist}", f"    prefix: {self.prefix}"]
        if any(code for code, _ in self.values.values()):
            lines.append("    values:")
        for label, (code, why) in self.values.items():
            if code:
                lines.append(f"      {_key(label)}: {code}{comment(why)}")
            else:
                lines.append(f"      # decide: {quoted(label)}:{comment(why)[1:]}")
        if self.names:
            lines.append("    names:")
            lines += [f"      {code}: {quoted(name)}" for code, name in self.names.items()]
        return lines


def _key(label: str) -> str:
    text = pattern(label)
    return text if text.startswith('"') or ": " not in text else quoted(text)
