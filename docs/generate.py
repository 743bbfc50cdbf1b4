"""Pages of the reference that are made from the code: run `python docs/generate.py` after changing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click

import ilms_sdmx
from ilms_sdmx.cli import cli
from ilms_sdmx.findings import Rule, Severity, rules
from ilms_sdmx.findings.catalogue import COMMON, GROUPS
from ilms_sdmx.mapping.file.keys import KEYS
from ilms_sdmx.microdata.mapping import keys as of_records
from ilms_sdmx.microdata.roles import roles
from ilms_sdmx.structures import facts

REFERENCE = Path(__file__).parent / "reference"
#: Examples of rules: fenced tables that are found, and that are not, as the tests run them.
EXAMPLES = Path(__file__).parent / "examples"


def commands() -> str:
    """Page of every command with its help, as the terminal shows it at 100 columns."""
    parts = ["# Commands", "", "Made from `--help` by `python docs/generate.py`.", ""]
    for title, text in _helps(cli, "ilms-sdmx"):
        parts += [f"## `{title}`", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(parts)


def _helps(command: click.Command, title: str) -> list[tuple[str, str]]:
    context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
    found = [(title, command.get_help(context))]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                found += _helps(child, f"{title} {name}")
    return found


#: Part of the library to its heading on the page of names; what is in none comes last.
PARTS = {
    "conversion": "Converting tables",
    "drafting": "Drafting mappings",
    "mapping": "Mappings",
    "tables": "Reading tables",
    "labels": "Labels",
    "datasets": "Data sets",
    "messages": "Messages",
    "validation": "Validation",
    "findings": "Findings",
    "analysis.comparison": "Comparison",
    "outputs.reports": "Reports",
    "outputs.questionnaire": "The questionnaire",
    "outputs.exchange": "Packages for receivers",
    "analysis.estimates": "Estimates",
    "analysis.inventory": "The inventory of sources",
    "sources": "Sources",
    "downloads": "Downloads",
    "records": "Records",
    "structures": "Structures",
    "errors": "Errors",
}


def api() -> str:
    """Page of every public name by part; Sphinx makes a page of each, from its docstring."""
    parts = ["# Python names", "", API, ""]
    by_part: dict[str, list[str]] = {}
    for name in sorted(ilms_sdmx.__all__, key=str.lower):
        module = getattr(getattr(ilms_sdmx, name), "__module__", "")
        by_part.setdefault(_part_of(module), []).append(name)
    for part, heading in [*PARTS.items(), ("", "Other names")]:
        names = by_part.get(part, [])
        documented = [name for name in names if name != "__version__"]
        if not documented:
            continue
        parts += [f"## {heading}", "", "```{eval-rst}", ".. currentmodule:: ilms_sdmx", ""]
        parts += [".. autosummary::", "   :toctree: api", "   :nosignatures:", ""]
        parts += [f"   {name}" for name in documented]
        parts += ["```", ""]
    return "\n".join(parts)


def _part_of(module: str) -> str:
    """Part of the library in which a module is; empty where it has no heading."""
    inside = module.removeprefix("ilms_sdmx.")
    for part in PARTS:
        if inside == part or inside.startswith(f"{part}."):
            return part
    return ""


API = """\
All are imported from the root: `from ilms_sdmx import ...`. The site (`python docs/build.py`) has a page for each, with its
signature, parameters, errors, members and an example that the tests run; in Python `help(name)` shows the same.
`__version__` is the version of the package."""


def dataflows() -> str:
    """Page of every dataflow, table and codelist, from `dsd/`."""
    parts = [
        "# Dataflows and codelists",
        "",
        "Made from `dsd/` by `python docs/generate.py`.",
        "",
    ]
    parts += [
        "What the columns mean is on the page on [structures](structures.md). *Versions* are the versions of"
    ]
    parts += [
        "classifications that may carry data, those that the questionnaire asks in bold.",
        "",
    ]
    for module in facts.rows("modules.csv"):
        flows = [row for row in facts.rows("dataflows.csv") if row["module"] == module["id"]]
        parts += [f"## {module['id']}: {module['en']}, {len(flows)} dataflows", ""]
        parts += [
            "| dataflow | table | old id | title | versions | unit |",
            "|---|---|---|---|---|---|",
        ]
        parts += [_flow(row) for row in flows] + [""]
    parts += [
        "## Codelists",
        "",
        "| codelist | codes | evidence | incomplete |",
        "|---|---|---|---|",
    ]
    for row in facts.rows("codelists.csv"):
        size = len(facts.rows(f"codelists/{row['id']}.csv"))
        state = "verified" if facts.verified(row["source"]) else "inferred"
        parts.append(
            f"| {row['id']} | {size} | {state}: {row['source']} | {row['incomplete']} |"
        )
    parts += ["", "## Evidence", "", "| id | verified | date | what |", "|---|---|---|---|"]
    parts += [
        f"| {r['id']} | {r['verified']} | {r['date']} | {r['what']} |"
        for r in facts.rows("evidence.csv")
    ]
    return "\n".join([*parts, ""])


def _flow(row: facts.Row) -> str:
    asked = row["questionnaire"].split()
    versions = " ".join(
        f"**{name}**" if name in asked else name for name in row["versions"].split()
    )
    unit = (
        f"{row['unit_measure']} × 10^{row['unit_mult']}"
        if row["unit_measure"]
        else "by currency"
    )
    return (
        " | ".join((f"| DF_{row['id']}", row["table"], row["old"], row["en"], versions, unit))
        + " |"
    )


def mapping_file() -> str:
    """Page of every key of the mapping file."""
    parts = ["# Mapping file", "", "Made from the code by `python docs/generate.py`.", ""]
    parts += [MAPPING_FILE, ""]
    for section, keys in KEYS.items():
        parts += [f"## {section}", "", "| key | meaning |", "|---|---|"]
        for key, meaning in keys.items():
            name, needed = key.rstrip("*"), " (required)" if key.endswith("*") else ""
            parts.append(f"| `{name}`{needed} | {meaning.replace('|', '/')} |")
        parts.append("")
    return "\n".join(parts)


MAPPING_FILE = """\
YAML, in which every value is text as it is written: `NO` is a heading and not false, `1.10` keeps its zero.
A key that does not exist, a value that cannot be, a name used twice: each is an error with file, line
and the nearest key.

**Patterns** can be used wherever words of a cell are meant. Plain words must be the whole text of the cell;
case, blanks, dotted leaders and the forms of Unicode make no difference. `*` is anything, and
`/.../` is a regular expression found anywhere in the text. `except:` in the place of the words of a heading
means all labels but these: `where: {country: {except: [Total, Unknown]}}`. A regular expression is written as
in Python, for letters and digits of every script, and is matched by RE2 in a time that grows only with the
text: look-ahead, look-behind and references to groups are errors that name the line. `^(?!words)`, that a
text must not begin with words, is still read; `except: words*` says the same.

**Addresses** are for tables of which no words tell where they lie: `figures` in place of `begin`, `column`
of `rows`, `{name, row}` of `columns`, `cell` of a heading, `cells` of what is ignored. A row inserted in the
source breaks them; words it does not.

**Headings** are what a figure is under: the labels next to its row (`rows`), above its column
(`columns`, or `column` where the header rows have no names), in a block heading, in the title or the
name of the sheet (`headings`), or the same for a whole table (`set`). Rules, checks and data sets call
them by name; every figure has `table`, `sheet` and `footnote` (marks in raised type at the figure or its
labels) besides.

**Buckets** say what a figure is: `observation`, `total`, `of_which`, `percent`, `ratio`, `rate`,
`other_measure`, `ignore`. See [how every cell is accounted for](../explanation/accounting.md).

**Code maps** give codes for labels. A line is `label: code`, `label: ~` where the data set has no place
for it, `'/expression/': code` where the expression must match the whole label and `*` is a plain sign, or
`first | second: code` for the labels of several headings together.
The same as CSV has the columns `source,code,name,valid_from,valid_to,note`.

**Notes.** A mark in raised type, or at the end of a label where a line of the sheet begins with it
(`1/ Students left out`), brings the text of that line to all figures that bear it: at the figure, its
labels, its block or its title. A mark means the next line below. `note` of a table or a rule says more.
The notes of a figure are written to COMMENT_OBS, OBS_COMMENT or NOTE_CLASSIF, the first that the
structure has at the observation, or wherever a component says `from: note`; they are in the provenance
always. `flags` are marks that say a status: with `flags: {p: P}` the cell `1,234 p` is a provisional
1 234. `notes` under a component writes notes by ILO's note types, `NOTE_SOURCE: {notes: {S3: fiscal
year, T2: '15'}}`.

**Classifications.** Where codes are of a revision of ISIC, ISCO, ISCED or ICSE, `classification` says
from which classification the labels are: `classification: KBLI 2020`. A map from a classification of one
revision to codes of another (KBLI 2025, which is built as ISIC Rev.5, to `ECO_ISIC4_`) is refused unless
`correspondence` names the table that it follows, and every label has a line of its own.

**Components** of a data set are `NAME: value`, `NAME: {from: heading, codes: map}`, `NAME: {from:
heading}` for the label itself (a code where the component has a codelist, text in a dataflow of your own), or
`TIME_PERIOD: {period: heading}`. OBS_STATUS follows from markers,
rules and words such as *about*; UNIT_MULT says in which power of ten values are written, and figures are
scaled to it exactly, each to its own where UNIT_MULT has a code map. Headings outside the tables are looked
for in the title of the table first, above it and in its columns.

A shipped example is `ilms_sdmx/examples/phl-emigrants/mapping.yaml`."""


def microdata_mapping() -> str:
    """Page of every key of the mapping of records, and of the roles."""
    parts = ["# Mapping of records", "", "Made from the code by `python docs/generate.py`.", ""]
    parts += [MICRODATA, ""]
    for section, keys in of_records.KEYS.items():
        parts += [f"## {section}", "", "| key | meaning |", "|---|---|"]
        for key, meaning in keys.items():
            name, needed = key.rstrip("*"), " (required)" if key.endswith("*") else ""
            parts.append(f"| `{name}`{needed} | {meaning.replace('|', '/')} |")
        parts.append("")
    parts += ["## Roles", "", "| role | what it is |", "|---|---|"]
    for role in roles().values():
        if role.id not in ("stratum", "psu"):
            parts.append(f"| `{role.id}` | {role.meaning} |")
    return "\n".join([*parts, ""])


MICRODATA = """\
YAML that says what the variables of records of persons are; `ilms-sdmx tabulate` makes tables of it. A variable may be written as
its name alone (`sex: Q2`) or with its codes (`sex: {variable: Q2, codes: {1: M, 2: F}}`). Values without codes are codes already.
An empty value means unknown; every other value of a variable that decides in which cell a person is counted needs a code or a place
under `missing`: a value without either is an error that names the line to add. Unknown within the universe is X and belongs to the total.

**Conditions** compare variables with numbers or with texts in quotation marks: `=`, `!=`, `<`, `<=`, `>`, `>=`, `in (1, 2)`,
`not in (...)`, `between 15 and 64`, `is missing`, `is present`, joined by `and`, `or`, `not` and brackets; `.a` is a missing code
of Stata. A missing value fulfils no comparison. The names of a mapping are those of its first file: where another file calls a
variable otherwise, `names` of that period says so.

**Countries** are written by their codes of ISO 3166 (`MMR`); the country itself is its own code, `NATIVE` or `CITIZEN`; `FOREIGN` and
`NONCIT` are others that are not named."""


#: Field of a text, with how it is written.
FIELD = re.compile(r"\{(\w+)(?:![rs])?(?::[^}]*)?\}")
#: Heading of each group of rules.
HEADINGS = {
    "structure": "Structure",
    "sums": "Sums",
    "tables": "Tables",
    "plausibility": "Plausibility",
    "time": "Time",
    "disclosure": "Disclosure",
    "protection": "Protecting releases",
    "revision": "Revision",
    "exceptions": "Exceptions",
    "workbooks": "Reading workbooks",
    "mapping": "Applying a mapping",
    "conversion": "Conversion",
    "messages": "Messages",
    "sources": "Sources",
    "questionnaire": "Questionnaire",
    "exchange": "Packages for receivers",
    "comparison": "Comparison",
    "database": "Database",
    "microdata": "Records of persons",
    "dsd": "Structure files",
}
#: What the severity of a rule does.
EFFECTS = {
    Severity.ERROR: "prevents transmission",
    Severity.WARNING: "does not prevent transmission",
    Severity.NOTE: "informs",
}


def rule_page(rule: Rule) -> str:
    """Page of a rule: what must hold, what a finding means, an example, and what to do."""
    parts = [f"# `{rule.id}`", "", rule.title, ""]
    parts += [f"*{rule.severity}: {EFFECTS[rule.severity]}; group {rule.group}*", ""]
    others = {case.severity for case in rule.cases.values()} - {rule.severity}
    for severity in sorted(others):
        parts += [f"Some findings of the rule are of the severity {severity}.", ""]
    parts += ["## What it means", "", rule.means, ""]
    example = EXAMPLES / f"{rule.id}.txt"
    if example.is_file():
        parts += ["## Example", "", example.read_text(encoding="utf-8")]
    parts += ["## What is said", ""]
    parts += [f"* {text}" for text in _texts(rule)]
    parts += ["", "## What to do", "", rule.remedy, ""]
    return "\n".join(parts)


def _texts(rule: Rule) -> list[str]:
    """Texts of the cases of a rule, the usual one first, their fields in italics."""
    named = [name for name in sorted(rule.cases) if name not in COMMON]
    texts = [FIELD.sub(r"*\1*", rule.cases[name].text) for name in named]
    return list(dict.fromkeys(texts))


def rule_index() -> str:
    """Page that lists every rule by its group."""
    parts = ["# Rules", "", "Made from `dsd/findings/` by `python docs/generate.py`.", ""]
    parts += [RULES, ""]
    for group in GROUPS:
        parts += [f"## {HEADINGS[group]}", "", *_table([group], "")]
    return "\n".join(parts)


def conversion_findings() -> str:
    """Page that lists what a conversion finds."""
    parts = ["# What a conversion finds", ""]
    parts += ["Made from `dsd/findings/` by `python docs/generate.py`.", ""]
    parts += _table(["workbooks", "mapping", "conversion"], "rules/")
    return "\n".join(parts)


def _table(groups: Iterable[str], folder: str) -> list[str]:
    """Table of the rules of some groups; their pages are in a folder."""
    lines = ["| rule | severity | what must hold |", "|---|---|---|"]
    for rule in rules().of_groups([*groups]).values():
        page = f"{folder}{rule.id}.md"
        lines.append(f"| [`{rule.id}`]({page}) | {rule.severity} | {rule.title} |")
    return [*lines, ""]


def record_fields() -> str:
    """Page that lists which fields of records a source cannot always fill, and why."""
    parts = ["# What records cannot say", ""]
    parts += ["Made from `dsd/maps/unstated.csv` by `python docs/generate.py`.", ""]
    parts += [UNSTATED, "", "| source | field | why |", "|---|---|---|"]
    for row in facts.rows("maps/unstated.csv"):
        sources = ", ".join(f"`{source}`" for source in row["sources"].split())
        parts.append(f"| {sources} | `{row['field']}` | {row['reason']} |")
    return "\n".join([*parts, ""])


UNSTATED = """\
A field of a `Record` that is empty or `unknown` was not stated by the source. All other fields are filled from its
answer. `ilms_sdmx.sources.stated.unstated_fields(source)` gives the reasons in Python."""

RULES = """\
Every finding names its rule. Ids do not change. An **error** prevents transmission, a **warning** does not, a
**note** informs. The pages of the rules of `validate` hold an example that a test runs: the broken table gives this
finding and no other, the clean one gives none."""


#: Page below `docs/reference/` to the function that makes it.
PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "api.md": api,
    "dataflows.md": dataflows,
    "mapping-file.md": mapping_file,
    "microdata-mapping.md": microdata_mapping,
    "conversion-findings.md": conversion_findings,
    "record-fields.md": record_fields,
    "rules/index.md": rule_index,
}
for listed in rules().values():
    PAGES[f"rules/{listed.id}.md"] = partial(rule_page, listed)


if __name__ == "__main__":
    for page, text in PAGES.items():
        (REFERENCE / page).write_text(text(), encoding="utf-8")
