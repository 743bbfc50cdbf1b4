"""Every key of the mapping file with its meaning.

What reading allows, what the reference page documents.
"""

from __future__ import annotations

#: Section to key to meaning, in the order in which a person writes them. Keys with `*` are
#: required.
KEYS: dict[str, dict[str, str]] = {
    "mapping": {
        "mapping*": (
            "Version of this format: `2`; files of version `1` are still read, with a warning."
        ),
        "title": "What the table is, for people.",
        "source": "Where the table comes from (see source).",
        "header": "Header of the message (see header).",
        "conventions": "How the source writes numbers, periods and marks (see conventions).",
        "headings": (
            "Headings in titles and sheet names; a table's own go first (list, see heading)."
        ),
        "tables*": "The tables of the workbook (list, see table).",
        "notes": (
            "Texts outside the tables that are notes, sources and page marks (list of "
            "patterns)."
        ),
        "ignore": "Texts outside the tables that are left out on purpose (list, see ignored).",
        "corrections": (
            "Printed texts that a person has read for the machine (list, see correction)."
        ),
        "claims": (
            "Figures that the same source states elsewhere, to compare (list, see claim)."
        ),
        "codes": "Code maps by name (see codes).",
        "answers": (
            "Filled lists of open questions next to the mapping (`.xlsx` or `.csv`, one or a "
            "list)."
        ),
        "datasets*": "What is written (list, see dataset).",
    },
    "source": {
        "title": "Title of the publication.",
        "publisher": "Office that published it.",
        "address": "Web address.",
        "licence": "Licence of the figures.",
        "retrieved": "Date of the copy.",
        "area": "The country, by a code of ISO 3166 or its name: its fiscal years are known.",
    },
    "header": {
        "sender": "Id of the sending organisation.",
        "receiver": "Id of the receiver.",
        "id": "Id of the message; made of the data set where absent.",
        "test": "Whether the message is a test.",
    },
    "conventions": {
        "decimal": (
            "Character before the fraction, `.` or `,`; the columns must show it where absent."
        ),
        "group": "Character between thousands: `,`, `.`, a space, an apostrophe.",
        "numbers": (
            "Further forms of numbers: `leading_zeros` (`007`), `blanks` (`330, 040`), "
            "`lakhs` (`1,65,355`), `signs` of numbers below zero (`142-`, `▲91`)."
        ),
        "brackets": "What `(123)` alone means: `negative` or `plain`.",
        "markers": (
            "Signs in place of figures: sign to `zero` or the SDMX status of a missing value."
        ),
        "languages": "Languages of the labels, as `[th, en]`.",
        "fiscal": "Whether years are fiscal years of the country.",
        "short_years": "What a two-digit year counts: `buddhist` or `common`.",
        "numbering": "Whether labels begin with numbers of no meaning (`1.`, `iv.`).",
        "footnotes": (
            "Regular expression of footnote marks inside labels and after figures (`\\d/`)."
        ),
        "flags": (
            "Marks at figures and labels that say a status: mark to SDMX observation status "
            "(`p: P`)."
        ),
        "hidden": (
            "Whether hidden rows, columns and sheets are read: `read` or `ignore`; asked "
            "where absent."
        ),
        "encoding": (
            "Encoding of a text file that does not tell it: `cp874`, `cp1252`, `tcvn3`."
        ),
        "delimiter": "Character between the columns of a text file where several would do.",
    },
    "heading": {
        "name*": "Name by which rules and data sets call the heading.",
        "text": (
            "Regular expression looked for in the cells of the sheet; its group is the label."
        ),
        "sheet": (
            "Regular expression looked for in the name of the sheet; its group is the label."
        ),
        "file": (
            "Regular expression looked for in the name of the file; its group is the label."
        ),
        "cell": (
            "Address of the cell with the label, where no words tell; `text` takes a part of "
            "it."
        ),
    },
    "table": {
        "name*": "Name of the table.",
        "sheets": "Sheets on which it is (patterns); all where absent.",
        "begin": (
            "Text of the cell where the table begins: its title or the corner of its header "
            "(pattern)."
        ),
        "end": "Text of the first cell below that no longer belongs to it (pattern).",
        "read": (
            "What the mapping was made from; the next edition must say it again (see read)."
        ),
        "figures": (
            "Addresses of the figures where no words tell: `C6:F20`, or `C6:F` to the last row."
        ),
        "optional": "Whether sheets without the table are fine.",
        "title": (
            "Whether `begin` is a title above the header rather than a cell of the header."
        ),
        "header": "Number of header rows, blank ones not counted; 1 where absent.",
        "rows*": "Columns of labels, from the left (list, see rows).",
        "columns": (
            "Names of the header rows from the top (list; `~` for none, `{name, row}` by "
            "address)."
        ),
        "fill_columns": (
            "Header rows in which a blank cell repeats the one to its left (list of names)."
        ),
        "column_labels": "Labels of the columns where there is no header.",
        "beside": (
            "Cells next to each figure that say something of it, as a flag (list, see beside)."
        ),
        "blocks": "Rows that head the rows below them (see blocks).",
        "labels": (
            "Rows of words between the figures that are headings or units (list of patterns)."
        ),
        "set": "Headings that are the same in the whole table (heading to label).",
        "cells": "Cells that hold several figures (list, see cells).",
        "rules": (
            "What rows and columns are (list, see rule; of two that set a thing, the first "
            "wins)."
        ),
        "checks": "Sums to check (list, see check).",
        "multiplier": (
            "Power of ten of the figures: 3 where they are thousands, 6 where millions, 0 "
            "where persons."
        ),
        "status": "SDMX observation status of all figures of the table.",
        "rounding": "Unit to which figures are rounded; exact counts where absent.",
        "decimal": "As under conventions, for this table.",
        "group": "As under conventions, for this table.",
        "markers": "As under conventions, for this table.",
        "flags": "As under conventions, for this table.",
        "note": "Note of all figures of the table.",
    },
    "read": {
        "texts": (
            "Texts above the table, whole, with places in braces: `Workers, {period: year}`; "
            "`{number}` is any figure, `{any}` words that name no period or unit (list)."
        ),
        "labels": "Labels of headings that nothing else reads (heading to a list of labels).",
        "sheet": "Name of the sheet, where it says a period: `{period: year}`.",
        "file": "Name of the file, where it says a period: `workers_{period: year}.xlsx`.",
    },
    "rows": {
        "name*": "Name of the heading.",
        "header": (
            "Text of the header above the labels (pattern); the next free column where absent."
        ),
        "column": "Letters of the column, where no words tell.",
        "indent": "Whether indents make a hierarchy: adds `<name>.level` and `<name>.parent`.",
        "wrap": (
            "Where a label that fills several rows has its figures: `last` row, `first` row, "
            "or `near`."
        ),
        "wrapped": "Only labels that begin like this fill several rows (pattern).",
        "fill": "Whether a blank label repeats the one above it.",
        "spread": (
            "Number of columns over which the labels are spread; of several in a row the last "
            "counts."
        ),
        "groups": "Labels that head the rows below them, with figures of their own (patterns).",
        "in_groups": (
            "Labels that come again in each group: `Other` below `Asia` is read as "
            "`Asia > Other` (patterns)."
        ),
    },
    "beside": {
        "name*": "Name of the heading.",
        "right*": "Number of columns from the figure to the right.",
    },
    "blocks": {
        "name*": "Name of the heading.",
        "text*": "Text of a heading row (pattern).",
        "figures": (
            "Label of a heading row with figures of its own: `total` where `Japan` is above "
            "its men and women."
        ),
    },
    "cells": {
        "text*": "Regular expression with one group for each figure.",
        "parts*": (
            "Headings of each figure (list of heading to label); `bucket` names its bucket."
        ),
    },
    "rule": {
        "where*": (
            "Headings and their labels (patterns, one or a list, or `except:`) that the "
            "figure must have."
        ),
        "bucket": (
            "Bucket: observation, total, of_which, percent, ratio, rate, other_measure, ignore."
        ),
        "why": "Reason, required with `ignore`.",
        "set": "Headings to set for the figure (heading to label).",
        "multiplier": "Power of ten of the figure.",
        "status": "SDMX observation status of the figure.",
        "rounding": "Unit to which the figure is rounded.",
        "note": "Note of the figure; those of several rules and of footnotes are joined.",
        "share": "What the percent is a share of (see share).",
        "change": "What the percent is a change of (see change).",
    },
    "words": {
        "except*": "Labels that are left out; all others are meant (patterns, one or a list).",
    },
    "share": {
        "of": "Headings of the numerator where they differ; `left` for the figure before.",
        "in*": (
            "Headings of the denominator; with several labels their sum; all others as the "
            "numerator."
        ),
    },
    "change": {
        "of*": "Headings of the later figure.",
        "from*": "Headings of the earlier figure.",
    },
    "check": {
        "total": "Headings of the total (heading to pattern).",
        "constant": "Number that the parts add up to, in place of a total.",
        "parts": "Headings of the parts; all observations of the same heading where absent.",
        "tree": (
            "Heading whose indents make the hierarchy: each label is the sum of those below it."
        ),
        "where": "Only figures with these headings.",
        "rows": (
            "Where the parts of each total are: in the rows `below` or `above` it, up to the "
            "next one."
        ),
        "relation": "`equal`, or `at_most` where parts are left out on purpose.",
        "rounding": "Unit of rounding for this check.",
        "why": "Reason for `at_most`.",
    },
    "ignored": {
        "text*": "Text of the cell (pattern).",
        "why*": "Why it is left out.",
        "sheets": "Only on these sheets (patterns).",
        "cells": "Only these cells (address, `A10:F12`, or a list), where no words tell.",
    },
    "correction": {
        "text*": "Printed text of the cell, exactly.",
        "value": "Number that it means; none where it cannot be known.",
        "status": "SDMX observation status.",
        "why*": "Who says so and why.",
        "cell": "Only in this cell, `Sheet!B13`.",
    },
    "claim": {
        "where*": "Headings of the figure that is also stated elsewhere.",
        "printed": "Number as printed elsewhere.",
        "text": "Regular expression with one group, looked for in the cells of the workbook.",
        "source": "Where it is stated.",
    },
    "codes": {
        "codelist": "Codelist of the codes, `CL_CDS`.",
        "prefix": "Beginning of the codes that labels may match: `CDS_DES_`.",
        "classification": "Classification of the labels with its version, `TSIC 2009`.",
        "revision": (
            "International revision on which it is built, where that is not known: `ISIC4`."
        ),
        "correspondence": (
            "Table that leads to codes of another revision; every label then has a line."
        ),
        "match": (
            "Whether labels without a line are matched with names and aliases of the codelist."
        ),
        "file": (
            "File next to the mapping: CSV or workbook (source, code, ...), or SDMX structures."
        ),
        "values": (
            "Label to code; `~` where the data set has no place for the label, `''` for no "
            "code."
        ),
        "names": "Code to name, for a codelist built from the table.",
    },
    "dataset": {
        "name": "Name of the data set; its dataflow where absent.",
        "dataflow*": "Dataflow, `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)`; the office's own is built.",
        "title": "Name of an own dataflow.",
        "structure": "Structure message of an own DSD, next to the mapping.",
        "tables": "Tables it takes; all where absent.",
        "where": "Only figures with these headings.",
        "take": "Buckets it takes: observation, total, of_which where absent.",
        "components*": "Component to value, heading or code map (see component).",
        "concept": "Whom it counts (see concept); written as ILO's notes, read by `compare`.",
    },
    "concept": {
        "scope": (
            "Population: all, working-age, labour-force, employed, employees, unemployed, "
            "outside-labour-force."
        ),
        "ages": "Ages in completed years: `all`, `15+`, `15-64`.",
        "criterion": "By what a person is a migrant: birth, citizenship, mixed.",
        "refugees": "Whether refugees are counted: included, excluded, not-added.",
        "reference_date": "Day or period that a stock refers to: `2020-08-31`.",
    },
    "component": {
        "value": "One value for all.",
        "notes": "Notes by ILO's note type: `{S3: fiscal year, S4: all provinces}`.",
        "from": "Heading, or list of headings, that gives it.",
        "codes": "Code map of the labels; the label itself is taken where absent.",
        "period": "Heading, or list of headings read together, that says the time.",
        "periods": "Labels that a person has decided: label to SDMX period.",
        "year": "Year of labels that name none.",
        "report_as": (
            "`year` reports a day or a fiscal year as its calendar year; `period` as it is."
        ),
        "name": "Name of the concept, for an own dataflow.",
    },
}


def allowed(section: str) -> list[str]:
    """Keys of a section."""
    return [key.rstrip("*") for key in KEYS[section]]


def required(section: str) -> list[str]:
    """Keys that a section must have."""
    return [key.rstrip("*") for key in KEYS[section] if key.endswith("*")]
