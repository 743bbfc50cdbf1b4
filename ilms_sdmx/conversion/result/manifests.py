"""What goes with the data of a conversion: headers, the manifest, the report as JSON."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import orjson

from ilms_sdmx._files import __version__, content_of, file_name
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.messages.header import Header, Party
from ilms_sdmx.words.languages import language_of


def flow_of(dataset: Dataset) -> str:
    """Id of the dataflow of a data set, without agency and version."""
    return dataset.dataflow.partition(":")[2].partition("(")[0]


def header_of(conversion: Conversion, dataset: Dataset, prepared: str) -> Header:
    """Header of the message of one data set, as the mapping and the data say."""
    named = conversion.mapping.header
    sender = named.get("sender", "Unknown")
    message_id = named.get("id")
    if not message_id:
        message_id = _message_id(sender, dataset, prepared)
    test = named.get("test", "false").lower()
    receivers: tuple[Party, ...] = ()
    if "receiver" in named:
        receivers = (Party(named["receiver"]),)
    first, last = _years(dataset)
    sources = {}
    origin = _origin(conversion)
    if origin:
        area = conversion.mapping.source.get("area", "")
        sources[language_of(origin, area)] = origin
    return Header(
        id=message_id,
        prepared=prepared,
        test=test in ("true", "yes"),
        sender=Party(sender),
        receivers=receivers,
        action="Replace",
        extracted=prepared,
        reporting_begin=first,
        reporting_end=last,
        sources=sources,
    )


def _message_id(sender: str, dataset: Dataset, prepared: str) -> str:
    """Id of a message that the mapping does not name."""
    plain_sender = re.sub(r"[^A-Za-z0-9_-]", "_", sender)
    digits = re.sub(r"\D", "", prepared)
    return f"{plain_sender}_{flow_of(dataset)}_{digits}"


def _years(dataset: Dataset) -> tuple[str, str]:
    """First and last year of a data set; empty where any of its periods is no year."""
    periods = dataset.observations["TIME_PERIOD"].astype("str")
    times = sorted(periods.unique())
    if not times:
        return "", ""
    for time in times:
        is_year = len(time) == 4 and time.isdecimal()
        if not is_year:
            return "", ""
    return times[0], times[-1]


def _origin(conversion: Conversion) -> str:
    """Publisher, title and address of the source, as far as the mapping names them."""
    source = conversion.mapping.source
    texts = []
    for name in ("publisher", "title", "address"):
        if name in source:
            texts.append(source[name])
    return ", ".join(texts)


def output_entry(path: Path, dataset: Dataset, format: str) -> dict[str, Any]:
    """Entry of the manifest for a message."""
    content = content_of(path)
    entry: dict[str, Any] = {"file": file_name(path), "format": format}
    entry["dataflow"] = dataset.dataflow
    entry["observations"] = len(dataset)
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    return entry


def manifest_json(
    conversion: Conversion, prepared: str, outputs: list[dict[str, Any]]
) -> bytes:
    """Record of what was made of what: equal inputs and time give an equal manifest."""
    workbook = conversion.workbook
    mapping = conversion.mapping
    has_value = conversion.provenance["value"] != ""
    finding_counts = sorted(conversion.report.counts.items())
    content: dict[str, Any] = {"tool": "ilms_sdmx", "version": __version__}
    content["prepared"] = prepared
    content["source"] = {
        "file": workbook.name,
        "format": workbook.format,
        "sha256": workbook.sha256,
    }
    content["mapping"] = {"file": mapping.name, "sha256": mapping.sha256}
    content["classifications"] = _classifications(conversion)
    content["outputs"] = outputs
    content["cells"] = conversion.counts
    content["not_written"] = conversion.not_written
    content["checked"] = conversion.checked
    content["figures"] = int(has_value.sum())
    content["figures_touched_by_a_check"] = conversion.covered
    content["findings"] = dict(finding_counts)
    content["summary"] = conversion.summary()
    return _dump(content)


def _classifications(conversion: Conversion) -> dict[str, dict[str, str]]:
    """Classifications of the code maps, and the tables that lead to those of the codes."""
    named = {}
    for name, codes in conversion.mapping.codes.items():
        if codes.classification:
            named[name] = {
                "classification": codes.classification,
                "correspondence": codes.correspondence,
            }
    return named


def report_json(conversion: Conversion) -> bytes:
    """Report as JSON: the summary, the counts and every finding with its place."""
    content: dict[str, Any] = {"summary": conversion.summary()}
    content["cells"] = conversion.counts
    content["not_written"] = conversion.not_written
    findings = conversion.report.frame().fillna("")
    content["findings"] = findings.to_dict("records")
    return _dump(content)


def _dump(content: Any) -> bytes:
    """JSON that people can read."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"
