"""The `codes` section of a draft: label to code, with the open questions as comments."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilms_sdmx.conversion.draft_text import comment, pattern, quoted


@dataclass(eq=False)
class CodeMap:
    """Lines of one code map: label to code with a comment; no code is an open question."""

    name: str
    codelist: str = ""
    prefix: str = ""
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

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
